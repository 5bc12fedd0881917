//! Each way to get an approval that was not given, and each way to lose one that was.

use super::super::approval::{Decision, Limits, Surface};
use super::super::envelope::Envelope;
use super::super::records::Cancel;
use super::super::roster::{MinFlags, Revocation, RosterFile, Schedule, Shift};
use super::super::world::{Hand, NOW, TEAM, UP, UV, World, match_key, needs};
use super::super::{Approval, Hash, NotCanonical, Severity};
use super::*;
use crate::keys::BadSignature;

fn ask(world: &World, request: &Envelope, statements: &[&Envelope], needs: &Needs, now: u64) -> Answer {
    let statements: Vec<Vec<u8>> = statements.iter().map(|e| e.to_bytes()).collect();
    let key = match_key();
    let question = Question {
        subject: request,
        statements: &statements,
        roster: &world.roster,
        needs,
        match_key: Some(&key),
        now,
    };
    verify(&question)
}

struct Scene {
    world: World,
    request: Envelope,
}

impl Scene {
    fn new() -> Scene {
        Scene::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut RosterFile)) -> Scene {
        let world = World::with(change);
        let request = world.alice.sign(&world.request(), 0);
        Scene { world, request }
    }

    fn yes(&self, person: &str, hand: &Hand) -> Approval {
        self.world.approval(&self.request, person, hand)
    }

    fn say(&self, decision: Decision, person: &str, hand: &Hand) -> Envelope {
        let mut said = self.yes(person, hand);
        said.decision = decision;
        hand.sign(&said, UV)
    }

    fn verdict(&self, statements: &[&Envelope], needs: &Needs) -> Verdict {
        ask(&self.world, &self.request, statements, needs, NOW).verdict
    }

    /// Why the only statement does not count.
    fn why(&self, statement: &Envelope, needs: &Needs) -> Why {
        let answer = ask(&self.world, &self.request, &[statement], needs, NOW);
        assert!(matches!(answer.verdict, Verdict::Pending { .. }), "{:?}", answer.verdict);
        assert_eq!(answer.ignored.len(), 1, "{answer:?}");
        answer.ignored[0].why.clone()
    }
}

fn one() -> Needs {
    needs(&[("sre", 1)], Severity::High)
}

fn is_approved(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Approved { .. })
}

#[test]
fn a_teammate_approves() {
    let scene = Scene::new();
    let yes = scene.say(Decision::Approve, "bob", &scene.world.bob);
    let seats = vec![Filled { group: "sre".to_owned(), person: "bob".to_owned() }];
    let approvals = vec![yes.digest()];
    // 120 s after the approval, made 10 s ago, and the tolerance of clocks.
    let start_by = NOW - 10 + 120 + SKEW;
    let approved = Verdict::Approved { seats, approvals, start_by, max: 1 };
    assert_eq!(scene.verdict(&[&yes], &one()), approved);
    let by_page = {
        let mut said = scene.yes("carol", &scene.world.carol_passkey);
        said.surface = Surface::RelayWeb;
        scene.world.carol_passkey.sign(&said, UV)
    };
    assert!(is_approved(&scene.verdict(&[&by_page], &one())));
    assert_eq!(
        scene.verdict(&[], &one()),
        Verdict::Pending { filled: Vec::new(), missing: vec!["sre".to_owned()] }
    );
}

#[test]
fn self_approval_by_another_key_or_group() {
    let second = Hand::file(99);
    let scene = Scene::with(|file| file.persons[0].keys.push(second.line(&[super::Use::Approve])));
    for hand in [&scene.world.alice, &second] {
        let said = scene.say(Decision::Approve, "alice", hand);
        assert_eq!(scene.why(&said, &one()), Why::Requester);
    }
}

#[test]
fn one_person_with_two_keys_fills_one_seat() {
    let scene = Scene::new();
    let by_file = scene.say(Decision::Approve, "bob", &scene.world.bob);
    let by_token = scene.say(Decision::Approve, "bob", &scene.world.bob_token);
    let two = needs(&[("sre-leads", 1), ("sre", 1)], Severity::High);
    let alone = scene.verdict(&[&by_file, &by_token], &two);
    assert!(matches!(&alone, Verdict::Pending { missing, .. } if missing.len() == 1), "{alone:?}");
    let carol = scene.say(Decision::Approve, "carol", &scene.world.carol);
    assert!(is_approved(&scene.verdict(&[&by_file, &by_token, &carol], &two)));
    // Without a lead nobody fills the lead's seat, however many approve.
    let dora = scene.say(Decision::Approve, "dora", &scene.world.dora);
    assert!(!is_approved(&scene.verdict(&[&carol, &dora], &two)));
}

#[test]
fn replayed_approval_of_another_request() {
    let scene = Scene::new();
    let mut other = scene.world.request();
    other.nonce = super::super::Bytes32([10; 32]);
    let other = scene.world.alice.sign(&other, 0);
    let yes = scene.world.bob.sign(&scene.world.approval(&other, "bob", &scene.world.bob), 0);
    assert_eq!(scene.why(&yes, &one()), Why::OtherRequest);
}

#[test]
fn signature_of_another_purpose_or_team() {
    let scene = Scene::new();
    let said = scene.yes("bob", &scene.world.bob);
    let Hand::File(key) = &scene.world.bob else { unreachable!("bob has a file") };
    let elsewhere = |namespace: &str| {
        let draft = super::super::Draft::of(&said).expect("canonical");
        let blob = crate::keys::sshsig_sign(key, namespace, &draft.pae());
        let text = String::from_utf8(scene.world.bob.sign(&said, 0).to_bytes()).expect("ASCII");
        let own = crate::keys::encode(&crate::keys::sshsig_sign(key, &draft.namespace(), &draft.pae()));
        Envelope::from_bytes(text.replace(&own, &crate::keys::encode(&blob)).as_bytes()).expect("an envelope")
    };
    assert!(is_approved(&scene.verdict(&[&elsewhere(&format!("guard-approval-v1@{TEAM}"))], &one())));
    for namespace in ["git", "guard-request-v1@sre.acme.example", "guard-approval-v1@other.example"] {
        let why = scene.why(&elsewhere(namespace), &one());
        assert_eq!(why, Why::Signature(BadSignature::Namespace), "{namespace}");
    }
    let mut foreign = said.clone();
    foreign.team = "other.example".to_owned();
    let why = scene.why(&scene.world.bob.sign(&foreign, 0), &one());
    assert_eq!(why, Why::Signature(BadSignature::Namespace));
}

#[test]
fn changed_byte_anywhere_in_an_approval() {
    let scene = Scene::new();
    for (hand, person, surface) in [
        (&scene.world.bob, "bob", Surface::Native),
        (&scene.world.bob_token, "bob", Surface::Native),
        (&scene.world.carol_passkey, "carol", Surface::RelayWeb),
    ] {
        let mut said = scene.yes(person, hand);
        said.surface = surface;
        let bytes = hand.sign(&said, UV).to_bytes();
        let key = match_key();
        let (needs, step) = (one(), if person == "carol" { 7 } else { 1 });
        for at in (0..bytes.len()).step_by(step) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            let statements = [changed];
            let question = Question {
                subject: &scene.request,
                statements: &statements,
                roster: &scene.world.roster,
                needs: &needs,
                match_key: Some(&key),
                now: NOW,
            };
            let answer = verify(&question);
            assert!(matches!(answer.verdict, Verdict::Pending { .. }), "byte {at}");
            assert_eq!(answer.ignored.len(), 1, "byte {at}");
        }
    }
}

#[test]
fn revoked_expired_and_early_keys() {
    let change = |nbf: Option<u64>, exp: Option<u64>| {
        Scene::with(move |file| {
            file.persons[1].keys[0].nbf = nbf;
            file.persons[1].keys[0].exp = exp;
        })
    };
    let why = |scene: &Scene| scene.why(&scene.say(Decision::Approve, "bob", &scene.world.bob), &one());
    // The approval was made at NOW - 10.
    assert_eq!(why(&change(Some(NOW - 9), None)), Why::KeyNotYet);
    assert_eq!(why(&change(None, Some(NOW - 10))), Why::KeyOver);
    // Over now, though not when the approval says it was made: dating back does not help.
    assert_eq!(why(&change(None, Some(NOW))), Why::KeyOver);
    let good = change(Some(NOW - 10), Some(NOW + 1));
    assert!(is_approved(&good.verdict(&[&good.say(Decision::Approve, "bob", &good.world.bob)], &one())));
    let revoked = |from: u64| {
        Scene::with(move |file| {
            let kid = file.persons[1].keys[0].kid.clone();
            file.revoked.push(Revocation { kid, from, why: "lost".to_owned() });
        })
    };
    assert_eq!(why(&revoked(NOW - 1000)), Why::KeyRevoked);
    assert_eq!(why(&revoked(NOW)), Why::KeyRevoked);
    let later = revoked(NOW + 1);
    assert!(is_approved(&later.verdict(&[&later.say(Decision::Approve, "bob", &later.world.bob)], &one())));
}

#[test]
fn plain_agent_key_for_critical() {
    let scene = Scene::new();
    let critical = needs(&[("sre", 1)], Severity::Critical);
    let plain = scene.say(Decision::Approve, "bob", &scene.world.bob);
    assert_eq!(scene.why(&plain, &critical), Why::NotVerifiedUser);
    let said = scene.yes("bob", &scene.world.bob_token);
    let touched = scene.world.bob_token.sign(&said, UP);
    assert_eq!(scene.why(&touched, &critical), Why::NotVerifiedUser);
    let verified = scene.world.bob_token.sign(&said, UV);
    // The same words signed again with the PIN: whichever comes first.
    assert!(is_approved(&scene.verdict(&[&touched, &verified], &critical)));
    assert!(is_approved(&scene.verdict(&[&verified, &touched], &critical)));
    assert_eq!(scene.why(&scene.world.bob_token.sign(&said, 0), &one()), Why::Flags(MinFlags::Up));
}

#[test]
fn lying_page_that_claims_to_be_native() {
    let scene = Scene::new();
    let said = scene.yes("carol", &scene.world.carol_passkey);
    let lie = scene.world.carol_passkey.sign(&said, UV);
    assert_eq!(scene.why(&lie, &one()), Why::SurfaceClaim);
    // At critical severity the relay's page does not count by itself.
    let mut honest = said;
    honest.surface = Surface::RelayWeb;
    let honest = scene.world.carol_passkey.sign(&honest, UV);
    let critical = needs(&[("sre", 1)], Severity::Critical);
    assert_eq!(scene.why(&honest, &critical), Why::Surface("relay-web"));
    let listed = Scene::with(|file| {
        file.surfaces.insert(Severity::Critical, vec![Surface::Native, Surface::RelayWeb]);
    });
    let mut said = listed.yes("carol", &listed.world.carol_passkey);
    said.surface = Surface::RelayWeb;
    let page = listed.world.carol_passkey.sign(&said, UV);
    assert!(is_approved(&listed.verdict(&[&page], &critical)));
}

#[test]
fn a_refusal_ends_it_in_any_order() {
    let scene = Scene::new();
    let yes = scene.say(Decision::Approve, "bob", &scene.world.bob);
    for decision in [Decision::Deny, Decision::Report] {
        let no = scene.say(decision, "carol", &scene.world.carol);
        for order in [[&yes, &no], [&no, &yes]] {
            let denied = scene.verdict(&order, &one());
            assert!(matches!(denied, Verdict::Denied { .. }), "{denied:?}");
        }
        let two = Needs { deny_quorum: 2, ..one() };
        assert!(is_approved(&scene.verdict(&[&no, &yes, &no], &two)), "one person refuses once");
        let third = scene.say(Decision::Deny, "dora", &scene.world.dora);
        assert!(matches!(scene.verdict(&[&no, &yes, &third], &two), Verdict::Denied { .. }));
    }
    let outsider = scene.say(Decision::Deny, "eli", &scene.world.eli);
    assert_eq!(scene.why(&outsider, &one()), Why::NotEligible);
}

#[test]
fn a_revoked_approval_stays_revoked() {
    let scene = Scene::new();
    let yes = scene.say(Decision::Approve, "bob", &scene.world.bob);
    let back = scene.say(Decision::Revoke, "bob", &scene.world.bob);
    let carol = scene.say(Decision::Approve, "carol", &scene.world.carol);
    let by = |note: Option<&str>| {
        vec![super::Withdrawal { person: "bob".to_owned(), note: note.map(str::to_owned) }]
    };
    let revoked = Verdict::Revoked { by: by(None) };
    assert_eq!(scene.verdict(&[&yes, &back], &one()), revoked);
    assert_eq!(scene.verdict(&[&back, &carol, &yes], &one()), revoked);
    assert_eq!(scene.why(&back, &one()), Why::NothingToRevoke);
    // The last word says why, in whatever order they come.
    let again = |note: &str, iat: u64| {
        let mut said = scene.yes("bob", &scene.world.bob);
        (said.decision, said.note, said.iat) = (Decision::Revoke, Some(note.to_owned()), iat);
        scene.world.bob.sign(&said, 0)
    };
    let (early, late) = (again("the wrong cluster", NOW - 9), again("the wrong night", NOW - 2));
    let revoked = Verdict::Revoked { by: by(Some("the wrong night")) };
    assert_eq!(scene.verdict(&[&yes, &early, &late], &one()), revoked);
    assert_eq!(scene.verdict(&[&late, &early, &yes], &one()), revoked);
}

#[test]
fn two_wrong_numbers_end_it() {
    let scene = Scene::new();
    let number = |text: &str, iat: u64| {
        let mut said = scene.yes("bob", &scene.world.bob);
        said.number = Some(text.to_owned());
        said.iat = iat;
        scene.world.bob.sign(&said, 0)
    };
    let right = match_key().code(&scene.request.digest(), "bob");
    let wrong = if right == "000" { "001" } else { "000" };
    let first = number(wrong, NOW - 10);
    assert_eq!(scene.why(&first, &one()), Why::WrongNumber);
    assert!(is_approved(&scene.verdict(&[&first, &first, &number(&right, NOW - 5)], &one())), "once is once");
    let ended = scene.verdict(&[&first, &number(wrong, NOW - 9), &number(&right, NOW - 5)], &one());
    assert_eq!(ended, Verdict::Mismatch { by: vec!["bob".to_owned(), "bob".to_owned()] });
    // Bob's number is not Carol's.
    let mut said = scene.yes("carol", &scene.world.carol);
    said.number = Some(right);
    let shared = scene.world.carol.sign(&said, 0);
    assert_eq!(scene.why(&shared, &one()), Why::WrongNumber);
    said.number = None;
    assert_eq!(scene.why(&scene.world.carol.sign(&said, 0), &one()), Why::NoNumber);
}

#[test]
fn who_looks_is_told_and_fills_no_seat() {
    let scene = Scene::new();
    let looks = scene.say(Decision::Viewing, "bob", &scene.world.bob);
    let answer = ask(&scene.world, &scene.request, &[&looks, &looks], &one(), NOW);
    let viewer = Viewer { person: "bob".to_owned(), surface: Surface::Native, since: NOW - 10 };
    assert_eq!(answer.viewers, [viewer]);
    assert!(matches!(answer.verdict, Verdict::Pending { .. }));
}

#[test]
fn only_the_requester_cancels() {
    let scene = Scene::new();
    let cancel = |person: &str, hand: &Hand| {
        let about = scene.request.digest();
        let cancel = Cancel {
            v: 1,
            team: TEAM.to_owned(),
            request: about,
            person: person.to_owned(),
            key: hand.kid(),
            iat: NOW,
            reason: Some("not needed".to_owned()),
        };
        hand.sign(&cancel, 0)
    };
    let yes = scene.say(Decision::Approve, "bob", &scene.world.bob);
    let cancelled = scene.verdict(&[&yes, &cancel("alice", &scene.world.alice)], &one());
    assert_eq!(cancelled, Verdict::Cancelled { reason: Some("not needed".to_owned()) });
    assert_eq!(scene.why(&cancel("bob", &scene.world.bob), &one()), Why::NotTheRequester);
}

#[test]
fn edges_of_time() {
    let scene = Scene::new();
    let made = |iat: u64, exp: u64| {
        let mut said = scene.yes("bob", &scene.world.bob);
        (said.iat, said.exp) = (iat, exp);
        scene.world.bob.sign(&said, 0)
    };
    // The request runs from NOW - 100 to NOW + 500.
    assert_eq!(scene.why(&made(NOW + 121, NOW + 300), &one()), Why::ClockAhead(121));
    assert!(is_approved(&scene.verdict(&[&made(NOW + 120, NOW + 300)], &one())));
    assert_eq!(scene.why(&made(NOW - 221, NOW + 300), &one()), Why::BeforeRequest);
    assert_eq!(scene.why(&made(NOW - 150, NOW - 120), &one()), Why::Over);
    assert!(is_approved(&scene.verdict(&[&made(NOW - 119, NOW - 119 + SKEW)], &one())));
    let yes = made(NOW - 10, NOW + 5000);
    let at = |now: u64| ask(&scene.world, &scene.request, &[&yes], &one(), now).verdict;
    assert!(is_approved(&at(NOW - 10 + 120 + SKEW - 1)));
    assert_eq!(at(NOW - 10 + 120 + SKEW), Verdict::Lapsed { start_by: NOW - 10 + 120 + SKEW });
    let none = |now: u64| ask(&scene.world, &scene.request, &[], &one(), now).verdict;
    assert!(matches!(none(NOW + 499), Verdict::Pending { .. }));
    assert_eq!(none(NOW + 500), Verdict::Expired);
    let late = made(NOW + 500, NOW + 900);
    let answer = ask(&scene.world, &scene.request, &[&late], &one(), NOW + 505);
    assert_eq!((answer.verdict, &answer.ignored[0].why), (Verdict::Expired, &Why::AfterRequest));
}

#[test]
fn limits_only_narrow() {
    let scene = Scene::new();
    let limited = |limits: Limits| {
        let mut said = scene.yes("bob", &scene.world.bob);
        said.limits = Some(limits);
        scene.world.bob.sign(&said, 0)
    };
    let wide = Limits { max: Some(50), not_before: None, not_after: Some(NOW + 90_000) };
    let verdict = scene.verdict(&[&limited(wide)], &one());
    assert!(
        matches!(verdict, Verdict::Approved { max: 1, start_by, .. } if start_by == NOW + 110 + SKEW),
        "{verdict:?}"
    );
    let narrow = Limits { max: Some(1), not_before: None, not_after: Some(NOW + 20) };
    let verdict = scene.verdict(&[&limited(narrow)], &one());
    assert!(matches!(verdict, Verdict::Approved { start_by, .. } if start_by == NOW + 20), "{verdict:?}");
    let later = Limits { max: None, not_before: Some(NOW + 1), not_after: None };
    assert_eq!(scene.why(&limited(later), &one()), Why::NotYet);
}

#[test]
fn what_was_not_read_or_is_of_another_log_or_roster() {
    let scene = Scene::new();
    let why = |change: fn(&mut Approval)| {
        let mut said = scene.yes("bob", &scene.world.bob);
        change(&mut said);
        scene.why(&scene.world.bob.sign(&said, 0), &one())
    };
    assert_eq!(why(|said| said.saw = None), Why::NotRead);
    assert_eq!(why(|said| said.saw.as_mut().expect("there").end = false), Why::NotRead);
    assert_eq!(why(|said| said.saw.as_mut().expect("there").digest = Hash([0; 32])), Why::OtherText);
    assert_eq!(why(|said| said.saw.as_mut().expect("there").render = "x".to_owned()), Why::OtherText);
    assert_eq!(why(|said| said.chain.as_mut().expect("there").seq -= 1), Why::OtherChain);
    assert_eq!(why(|said| said.roster.version = 2), Why::NewerRoster(2));
    assert_eq!(why(|said| said.roster.digest = Hash([0; 32])), Why::ForkedRoster);
    assert_eq!(why(|said| said.v = 2), Why::Version(2));
    assert_eq!(why(|said| said.person = "carol".to_owned()), Why::OtherPerson);
    assert_eq!(why(|said| said.exp = said.iat), Why::Unsound("it ends before it begins"));
    let narrow = Needs { surfaces: vec![Surface::Loopback], ..one() };
    assert_eq!(
        scene.why(&scene.say(Decision::Approve, "bob", &scene.world.bob), &narrow),
        Why::Surface("native")
    );
}

#[test]
fn workloads_never_approve() {
    // A roster that gives a workload a key to approve does not load; its request key does not approve.
    let scene = Scene::new();
    let said = scene.say(Decision::Approve, "ci", &scene.world.ci);
    assert_eq!(scene.why(&said, &one()), Why::KeyUse(super::Use::Approve));
}

#[test]
fn on_call_counts_during_the_shift() {
    let shift = |from: u64, to: u64| {
        Scene::with(move |file| {
            let entries = vec![Shift { person: "eli".to_owned(), from, to }];
            file.schedules.push(Schedule { group: "oncall".to_owned(), entries });
        })
    };
    let oncall = needs(&[("oncall", 1)], Severity::High);
    let verdict =
        |scene: &Scene| scene.verdict(&[&scene.say(Decision::Approve, "eli", &scene.world.eli)], &oncall);
    assert!(is_approved(&verdict(&shift(NOW - 10, NOW))));
    assert!(!is_approved(&verdict(&shift(NOW - 9, NOW + 100))));
    assert!(!is_approved(&verdict(&shift(NOW - 100, NOW - 10))));
    assert_eq!(eligible(&shift(NOW, NOW + 1).world.roster, &oncall, "alice", NOW), ["eli"]);
    assert!(eligible(&shift(NOW, NOW + 1).world.roster, &oncall, "eli", NOW).is_empty());
}

#[test]
fn requirements_never_come_from_the_request() {
    // The request says that one person of any group is enough; the policy says two of sre.
    let scene = Scene::new();
    let yes = scene.say(Decision::Approve, "bob", &scene.world.bob);
    assert!(!is_approved(&scene.verdict(&[&yes], &needs(&[("sre", 2)], Severity::High))));
    for seats in [&[][..], &[("sre", 0)], &[("sre", 65)], &[("sre", u64::MAX), ("db", 1)]] {
        let none = scene.verdict(&[&yes], &needs(seats, Severity::High));
        assert_eq!(none, Verdict::Void(Void::Seats), "{seats:?}");
    }
}

#[test]
fn a_request_that_does_not_count_is_void() {
    let scene = Scene::new();
    let void = |request: &Envelope| match ask(&scene.world, request, &[], &one(), NOW).verdict {
        Verdict::Void(void) => void,
        other => panic!("{other:?}"),
    };
    let changed = |change: fn(&mut super::super::Request)| {
        let mut request = scene.world.request();
        change(&mut request);
        scene.world.alice.sign(&request, 0)
    };
    assert_eq!(void(&changed(|r| r.iat = NOW + 121)), Void::Request(Why::ClockAhead(121)));
    assert_eq!(void(&changed(|r| r.exp = r.iat + 24 * 3600 + 1)), Void::TooLong);
    assert_eq!(void(&changed(|r| r.number = None)), Void::Number);
    assert_eq!(void(&changed(|r| r.roster.version = 9)), Void::RosterOlder { here: 1, request: 9 });
    assert_eq!(void(&changed(|r| r.roster.digest = Hash([0; 32]))), Void::RosterForked);
    assert_eq!(void(&changed(|r| r.exec.argv.clear())), Void::Request(Why::Unsound("it has no command")));
    let own = scene.world.request();
    assert_eq!(void(&scene.world.bob.sign(&own, 0)), Void::Request(Why::OtherPerson));
    let over = ask(&scene.world, &scene.request, &[], &one(), scene.world.roster.expires());
    assert_eq!(over.verdict, Verdict::Void(Void::RosterOver));
}

#[test]
fn garbage_and_duplicates_change_nothing() {
    let scene = Scene::new();
    let yes = scene.say(Decision::Approve, "bob", &scene.world.bob);
    let key = match_key();
    let needs = one();
    let statements = vec![
        Vec::new(),
        b"{}".to_vec(),
        vec![0xff; 1000],
        vec![b' '; super::super::LARGEST + 1],
        scene.request.to_bytes(),
        yes.to_bytes(),
        yes.to_bytes(),
    ];
    let question = Question {
        subject: &scene.request,
        statements: &statements,
        roster: &scene.world.roster,
        needs: &needs,
        match_key: Some(&key),
        now: NOW,
    };
    let answer = verify(&question);
    assert!(is_approved(&answer.verdict));
    assert_eq!(answer.ignored.len(), 6);
    assert_eq!(answer.ignored[3].why, Why::Envelope(NotCanonical::TooLarge(262_145)));
    assert_eq!(answer.ignored[5].why, Why::Duplicate);
}

#[test]
fn who_could_approve_a_critical_command_has_a_key_that_counts() {
    let scene = Scene::new();
    let who = |severity| eligible(&scene.world.roster, &needs(&[("sre", 1)], severity), "alice", NOW);
    assert_eq!(who(Severity::High), ["bob", "carol", "dora"]);
    // Bob has a token, carol a passkey.
    assert_eq!(who(Severity::Critical), ["bob", "carol"]);
}
