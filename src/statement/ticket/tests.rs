//! What a ticket covers, and what it must not.

use super::super::world::{NOW, World, needs, request};
use super::super::{Decision, Question, Severity, Surface, Verdict, Void, canonical, verify};
use super::*;

fn hole(name: &str, kind: HoleKind) -> Hole {
    Hole { hole: name.to_owned(), kind, prefix: None, suffix: None, of: Vec::new(), max: None }
}

fn words(words: &[&str]) -> Vec<Foreign> {
    words.iter().map(|w| Foreign::from(*w)).collect()
}

fn oidc() -> Oidc {
    Oidc { iss: "https://issuer.example".to_owned(), sub: "repo:acme/infra:environment:prod".to_owned() }
}

fn ticket(world: &World) -> Ticket {
    let request = request("alice", &world.alice.kid(), world.roster.reference());
    let exact = |text: &str| Word::Exact(Foreign::from(text));
    Ticket {
        v: 1,
        id: "01JD0000000000000000000001".to_owned(),
        nonce: Bytes32([1; 32]),
        team: request.team,
        roster: request.roster,
        person: "alice".to_owned(),
        key: world.alice.kid(),
        iat: NOW,
        policy: request.policy,
        argv: vec![
            exact("helm"),
            exact("upgrade"),
            exact("web"),
            exact("--set"),
            Word::Hole(Hole { prefix: Some("image.tag=".to_owned()), ..hole("tag", HoleKind::Version) }),
        ],
        target: request.target,
        commit: Some("a".repeat(40)),
        plan: None,
        workload: oidc(),
        run: None,
        not_before: NOW,
        not_after: NOW + 3600,
        max: 2,
        reason: None,
    }
}

fn attempt<'a>(argv: &'a [Foreign], target: &'a Target, workload: &'a Oidc, commit: &'a str) -> Attempt<'a> {
    Attempt {
        argv,
        target,
        commit: Some(commit),
        plan: None,
        workload: Some(workload),
        run: None,
        now: NOW,
        used: 0,
    }
}

#[test]
fn a_ticket_covers_its_shape_and_nothing_else() {
    let world = World::new();
    let ticket = ticket(&world);
    let (target, workload, commit) = (ticket.target.clone(), oidc(), "a".repeat(40));
    let good = words(&["helm", "upgrade", "web", "--set", "image.tag=v1.2.3"]);
    let base = attempt(&good, &target, &workload, &commit);
    let values = covers(&ticket, &base).expect("covered");
    assert_eq!(values.get("tag").map(String::as_str), Some("v1.2.3"));
    for line in [
        "helm upgrade web --set image.tag=v1.2.3 --force",
        "helm upgrade web --set",
        "helm upgrade db --set image.tag=v1.2.3",
        "helm upgrade web --set image.tag=",
        "helm upgrade web --set image.tag=-1.2",
        "helm upgrade web --set image.tag=v1.2.3,replicas=0",
        "helm upgrade web --set other.tag=v1.2.3",
    ] {
        let argv = words(&line.split(' ').collect::<Vec<_>>());
        let refused = covers(&ticket, &Attempt { argv: &argv, ..base.clone() });
        assert!(matches!(refused, Err(NotCovered::Word(_))), "{line}: {refused:?}");
    }
    let mut elsewhere = target.clone();
    elsewhere.ident.insert("context".to_owned(), Foreign::from("prod-us"));
    let mut unknown = target.clone();
    unknown.unknown.insert("server".to_owned(), Foreign::from("no kubeconfig"));
    let other = Oidc { sub: "repo:evil/infra".to_owned(), ..oidc() };
    for (changed, why) in [
        (Attempt { target: &elsewhere, ..base.clone() }, NotCovered::Target("context".to_owned())),
        (Attempt { target: &unknown, ..base.clone() }, NotCovered::UnknownTarget("server".to_owned())),
        (Attempt { commit: Some("b"), ..base.clone() }, NotCovered::Commit),
        (Attempt { workload: Some(&other), ..base.clone() }, NotCovered::Workload),
        (Attempt { workload: None, ..base.clone() }, NotCovered::Workload),
        (Attempt { now: NOW - 5, ..base.clone() }, NotCovered::NotYet { seconds: 5 }),
        (Attempt { now: NOW + 3600, ..base.clone() }, NotCovered::Over),
        (Attempt { used: 2, ..base.clone() }, NotCovered::Used { max: 2 }),
    ] {
        assert_eq!(covers(&ticket, &changed), Err(why));
    }
    let planned = Ticket { plan: Some(Hash([1; 32])), ..ticket.clone() };
    assert_eq!(covers(&planned, &base), Err(NotCovered::Plan));
    assert!(covers(&planned, &Attempt { plan: Some(Hash([1; 32])), ..base.clone() }).is_ok());
    let run = Ticket { run: Some("77".to_owned()), ..ticket };
    assert_eq!(covers(&run, &base), Err(NotCovered::Run));
}

#[test]
fn holes_take_what_their_type_says() {
    let fits = |kind, value: &str| hole("x", kind).fits(value);
    for (kind, good, bad) in [
        (
            HoleKind::Version,
            &["1.2", "v1.2.3", "1.2.3.4", "1.2.3-rc.1"][..],
            &["1", "1.", "v", "1.2-", "1.2;ls"][..],
        ),
        (HoleKind::Number, &["0", "12"], &["", "01", "-1", "1a", "99999999999999999999"]),
        (HoleKind::Name, &["web-1"], &["-web", "web-", "Web", "a b", ""]),
        (HoleKind::Choice, &[], &["a"]),
        (HoleKind::Digest, &[], &["sha256:00"]),
        (HoleKind::Commit, &[], &["abc"]),
    ] {
        assert!(good.iter().all(|v| fits(kind, v)), "{kind:?}");
        assert!(!bad.iter().any(|v| fits(kind, v)), "{kind:?}");
    }
    let two = [Word::Hole(hole("x", HoleKind::Name)), Word::Hole(hole("x", HoleKind::Name))];
    assert!(fill(&two, &words(&["a", "a"])).is_ok());
    assert_eq!(fill(&two, &words(&["a", "b"])), Err(NotCovered::TwoValues("x".to_owned())));
    let few = Hole { max: Some(3), ..hole("n", HoleKind::Number) };
    assert!(few.fits("3") && !few.fits("4"));
}

#[test]
fn a_ticket_is_approved_like_a_request() {
    let world = World::new();
    let ticket = ticket(&world);
    let bytes = canonical::bytes(&ticket).expect("canonical");
    assert_eq!(canonical::parse::<Ticket>(&bytes), Ok(ticket.clone()));
    let subject = world.alice.sign(&ticket, 0);
    let mut said = world.approval(&subject, "bob", &world.bob);
    (said.chain, said.number, said.exp) = (None, None, NOW + 3600);
    assert_eq!((said.decision, said.surface), (Decision::Approve, Surface::Native));
    let statements = [world.bob.sign(&said, 0).to_bytes()];
    let numbered = needs(&[("sre", 1)], Severity::High);
    let mut needs = numbered.clone();
    needs.number = false;
    let ask = |now: u64, needs: &super::super::Needs| {
        let (roster, statements) = (&world.roster, &statements[..]);
        verify(&Question { subject: &subject, statements, roster, needs, match_key: None, now }).verdict
    };
    assert!(matches!(ask(NOW + 3000, &needs), Verdict::Approved { max: 2, .. }));
    assert_eq!(ask(NOW + 3600, &needs), Verdict::Lapsed { start_by: NOW + 3600 });
    assert_eq!(ask(NOW, &numbered), Verdict::Void(Void::Number));
    let long = Ticket { not_after: NOW + LONGEST + 1, ..ticket.clone() };
    assert!(long.sound().is_err());
    let program = Ticket { argv: vec![Word::Hole(hole("x", HoleKind::Name))], ..ticket };
    assert!(program.sound().is_err());
}
