//! One byte of a bundle changed, thousands of times, in bundles of every kind: it is refused, or the change is reported, or
//! what is proven is the same. Nothing of it may pass in silence.

use super::super::records::ReceiptNeeds;
use super::super::request::Target;
use super::super::roster::{Admins, Oidc, RosterFile};
use super::super::ticket::Word;
use super::super::world::{Dice, Hand, NOW, TEAM, UV, World, match_key, needs};
use super::super::{Bytes32, Decision, Draft, Finding, Foreign, Heard, Keyed, Needs, Severity, Statement};
use super::*;

/// Changed bytes of each bundle.
const CASES: usize = 700;

fn receipt(by: &Hand, person: &str, request: &Envelope, yes: &[&Envelope], needs: &Needs) -> Envelope {
    let receipt = Receipt {
        v: 1,
        team: TEAM.to_owned(),
        request: request.digest(),
        person: person.to_owned(),
        key: by.kid(),
        iat: NOW + 30,
        outcome: Outcome::Started,
        approvals: yes.iter().map(|yes| yes.digest()).collect(),
        needs: ReceiptNeeds::from(needs),
        started: Some(NOW + 20),
        exit: None,
        signal: None,
        duration_ms: None,
        drift: Vec::new(),
        match_key: needs.number.then(|| match_key().reveal()),
        chain: None,
    };
    by.sign(&receipt, 0)
}

/// Two people, a token and a passkey among their keys; one looked, one gave a wrong number, and alice's guard said so.
fn by_two_people(world: &World, decision: Option<Decision>) -> Bundle {
    let request = world.alice.sign(&world.request(), 0);
    let bob = world.bob_token.sign(&world.approval(&request, "bob", &world.bob_token), UV);
    let mut seen = world.approval(&request, "carol", &world.carol_passkey);
    let surface = super::super::Surface::RelayWeb;
    seen.surface = surface;
    let carol = world.carol_passkey.sign(&seen, UV);
    seen.decision = Decision::Viewing;
    let looks = world.carol_passkey.sign(&seen, UV);
    let mut wrong = world.approval(&request, "dora", &world.dora);
    wrong.number = Some(if wrong.number.as_deref() == Some("000") { "001" } else { "000" }.to_owned());
    let wrong = world.dora.sign(&wrong, 0);
    let heard = Heard {
        v: 1,
        team: TEAM.to_owned(),
        request: request.digest(),
        about: wrong.digest(),
        person: "alice".to_owned(),
        key: world.alice.kid(),
        iat: NOW,
        finding: Finding::WrongNumber,
        left: 1,
    };
    let mut statements = vec![looks, wrong, world.alice.sign(&heard, 0), bob.clone(), carol.clone()];
    if let Some(decision) = decision {
        let mut no = world.approval(&request, "dora", &world.dora);
        no.decision = decision;
        statements.push(world.dora.sign(&no, 0));
    }
    let needs = needs(&[("sre", 2)], Severity::High);
    let receipt = receipt(&world.alice, "alice", &request, &[&bob, &carol], &needs);
    Bundle { v: 1, request, ticket: None, statements, rosters: vec![world.signed_roster()], receipt }
}

fn claim(world: &World, subject: &Envelope, nonce: Bytes32, number: u64) -> Envelope {
    let claim = Claim {
        v: 1,
        team: TEAM.to_owned(),
        request: subject.digest(),
        nonce,
        number,
        person: "ci".to_owned(),
        key: world.ci.kid(),
        host_id: Keyed([number as u8; 32]),
        iat: NOW + number,
    };
    world.ci.sign(&claim, 0)
}

fn workload() -> Oidc {
    Oidc { iss: "https://ci.example".to_owned(), sub: "repo:acme/infra".to_owned() }
}

/// A team in which ci is a workload, and one admin is enough, though both sign.
fn team() -> World {
    World::with(|file: &mut RosterFile| {
        file.admins = Admins { threshold: 1, ..file.admins.clone() };
        file.persons.last_mut().expect("ci").oidc = Some(workload());
    })
}

/// The second use of a ticket of three; the thread has the first one's claim, too.
pub(super) fn by_ticket(world: &World) -> Bundle {
    let mut asked = world.request();
    asked.number = None;
    let target = Target { unknown: Default::default(), ..asked.target.clone() };
    let ticket = Ticket {
        v: 1,
        id: "01JD0000000000000000000001".to_owned(),
        nonce: Bytes32([1; 32]),
        team: TEAM.to_owned(),
        roster: world.roster.reference(),
        person: "alice".to_owned(),
        key: world.alice.kid(),
        iat: NOW - 50,
        policy: asked.policy.clone(),
        argv: asked.exec.argv.iter().map(|word: &Foreign| Word::Exact(word.clone())).collect(),
        target,
        commit: None,
        plan: None,
        workload: workload(),
        run: None,
        not_before: NOW - 50,
        not_after: NOW + 3000,
        max: 3,
        reason: None,
    };
    let ticket = world.alice.sign(&ticket, 0);
    let mut yes = world.approval(&ticket, "bob", &world.bob);
    (yes.number, yes.chain) = (None, None);
    let yes = world.bob.sign(&yes, 0);
    asked.requester.person = "ci".to_owned();
    asked.requester.key = world.ci.kid();
    asked.ticket = Some(ticket.digest().to_string());
    let request = world.ci.sign(&asked, 0);
    let nonce = Bytes32([1; 32]);
    let claims = [1, 2].map(|number| claim(world, &ticket, nonce, number));
    let needs = Needs { number: false, ..needs(&[("sre", 1)], Severity::High) };
    let receipt = receipt(&world.ci, "ci", &request, &[&yes], &needs);
    let [first, second] = claims;
    // As older versions kept it, with the ticket among what was said about it.
    let statements = vec![ticket.clone(), yes, first, second];
    let rosters = vec![world.signed_roster()];
    Bundle { v: 1, request, ticket: Some(ticket), statements, rosters, receipt }
}

/// Everything that a report says.
fn meaning(bundle: &Bundle, report: &Report) -> String {
    let digests = |list: &[Envelope]| list.iter().map(Envelope::digest).collect::<Vec<_>>();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        report.request,
        report.receipt,
        report.seats,
        (report.root, report.roster_version),
        report.ticket,
        report.contested,
        report.left_out,
        digests(&bundle.statements),
        digests(&bundle.rosters),
    )
}

fn every_change_is_noticed(name: &str, world: &World, made: &Bundle, seed: u64) {
    let root = Some(world.roster.digest());
    let whole = made.verify(root).unwrap_or_else(|why| panic!("{name}: {why}"));
    assert!(whole.is_intact(), "{name}: {:?}", whole.left_out);
    let (bytes, same) = (made.to_bytes().expect("canonical"), meaning(made, &whole));
    let mut dice = Dice(seed);
    let mut reported = 0;
    for case in 0..CASES {
        let at = dice.roll(bytes.len());
        let mut changed = bytes.clone();
        // A bit, or any other byte: base64 and digits have neighbours further off than a bit.
        changed[at] = match dice.roll(2) {
            0 => bytes[at] ^ (1 << dice.roll(8)),
            _ => bytes[at].wrapping_add(1 + dice.roll(255) as u8),
        };
        let Ok(bundle) = Bundle::from_bytes(&changed) else { continue };
        let Ok(report) = bundle.verify(root) else { continue };
        if report.is_intact() {
            assert_eq!(meaning(&bundle, &report), same, "{name}, case {case}: byte {at} passed in silence");
        } else {
            reported += 1;
            assert!(report.left_out.len() > whole.left_out.len() || report.left_out != whole.left_out);
        }
    }
    assert!(reported > 0, "{name}: no change reached what may be left out");
}

#[test]
fn a_changed_byte_is_refused_reported_or_changes_nothing() {
    let world = World::new();
    every_change_is_noticed("two people", &world, &by_two_people(&world, None), 1);
    every_change_is_noticed("refused after it", &world, &by_two_people(&world, Some(Decision::Deny)), 2);
    every_change_is_noticed("taken back", &world, &by_two_people(&world, Some(Decision::Revoke)), 3);
    let world = team();
    every_change_is_noticed("ticket", &world, &by_ticket(&world), 4);
}

#[test]
fn a_use_is_the_last_that_was_claimed_and_none_where_a_claim_is_broken() {
    let world = team();
    let made = by_ticket(&world);
    let use_of = |bundle: &Bundle| bundle.verify(None).map(|report| report.ticket.expect("a ticket").1);
    assert_eq!(use_of(&made), Ok(Some(2)));
    for broken in [2, 3] {
        let mut changed = made.clone();
        // Another's signature under the same words.
        let claim: Claim = super::super::read(changed.statements[broken].payload()).expect("a claim");
        let draft = Draft::of(&claim).expect("canonical");
        let mut forged = world.alice.sign(&claim, 0).signatures()[0].clone();
        forged.keyid = claim.head().key.to_owned();
        changed.statements[broken] = draft.seal(forged);
        let report = changed.verify(None).expect("approved and claimed by the rest");
        assert_eq!(report.ticket.as_ref().expect("a ticket").1, None);
        assert!(!report.is_intact());
        let said = report.left_out[0].to_string();
        assert!(said.starts_with(&format!("statement {} (claim) does not count: ", broken + 1)), "{said}");
    }
    let none = Bundle { statements: made.statements[..2].to_vec(), ..made };
    assert_eq!(use_of(&none), Err(NotProven::NoClaim));
}

#[test]
fn what_was_said_and_does_not_count_breaks_nothing() {
    let world = World::new();
    let made = by_two_people(&world, None);
    let report = made.verify(None).expect("proven");
    let said: Vec<String> = report.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["statement 2 (approval by dora) does not count: the number is wrong"]);
    assert!(report.is_intact());
    // Genuine, and about something else.
    let mut other = made.clone();
    let mut asked = world.request();
    asked.nonce = Bytes32([77; 32]);
    let another = world.alice.sign(&asked, 0);
    other.statements.push(world.bob.sign(&world.approval(&another, "bob", &world.bob), 0));
    other.statements.push(another);
    let report = other.verify(None).expect("proven");
    assert!(report.is_intact());
    let said: Vec<String> = report.left_out.iter().skip(1).map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "statement 6 (approval by bob) does not count: it is about another request",
            "statement 7 (request by alice) does not count: a request says nothing about this"
        ]
    );
}
