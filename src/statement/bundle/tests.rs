//! What a bundle proves, and what it does not.

use super::super::records::ReceiptNeeds;
use super::super::world::{NOW, TEAM, World, match_key, needs};
use super::super::{Decision, Severity};
use super::*;

fn bundle(world: &World, change: impl FnOnce(&mut Receipt)) -> Bundle {
    let request = world.alice.sign(&world.request(), 0);
    let yes = world.bob.sign(&world.approval(&request, "bob", &world.bob), 0);
    let mut receipt = Receipt {
        v: 1,
        team: TEAM.to_owned(),
        request: request.digest(),
        person: "alice".to_owned(),
        key: world.alice.kid(),
        iat: NOW + 30,
        outcome: Outcome::Ended,
        approvals: vec![yes.digest()],
        needs: ReceiptNeeds::from(&needs(&[("sre", 1)], Severity::High)),
        started: Some(NOW + 20),
        exit: Some(0),
        signal: None,
        duration_ms: Some(900),
        drift: Vec::new(),
        match_key: Some(match_key().reveal()),
        chain: None,
    };
    change(&mut receipt);
    let receipt = world.alice.sign(&receipt, 0);
    Bundle {
        v: 1,
        request,
        ticket: None,
        statements: vec![yes],
        rosters: vec![world.signed_roster()],
        receipt,
    }
}

#[test]
fn a_bundle_proves_who_approved_what_ran() {
    let world = World::new();
    let made = bundle(&world, |_| {});
    let bytes = made.to_bytes().expect("canonical");
    let read = Bundle::from_bytes(&bytes).expect("a bundle");
    assert_eq!(read, made);
    let report = read.verify(Some(world.roster.digest())).expect("proven");
    assert_eq!(report.seats, [Filled { group: "sre".to_owned(), person: "bob".to_owned() }]);
    assert!(report.ran() && report.contested.is_none());
    assert!(read.verify(None).is_ok_and(|report| report.root == world.roster.digest()));
    let other = read.verify(Some(Hash([0; 32])));
    assert_eq!(other.err(), Some(NotProven::Roster(NotARoster::OtherRoot)));
}

#[test]
fn a_bundle_that_was_tampered_with_proves_nothing() {
    let world = World::new();
    let root = Some(world.roster.digest());
    let proves = |change: fn(&mut Receipt)| bundle(&world, change).verify(root).err();
    assert_eq!(proves(|r| r.request = Hash([0; 32])), Some(NotProven::OtherRequest));
    for change in [
        (|r| r.approvals.clear()) as fn(&mut Receipt),
        |r| r.started = Some(NOW + 10_000),
        |r| r.needs.seats[0].n = 2,
        |r| r.needs.severity = Severity::Critical,
        |r| r.match_key = None,
    ] {
        assert!(matches!(proves(change), Some(NotProven::NotApproved(_))), "{:?}", proves(change));
    }
    let mut forged = bundle(&world, |_| {});
    forged.receipt = world.bob.sign(
        &Receipt {
            person: "bob".to_owned(),
            key: world.bob.kid(),
            ..super::super::read(forged.receipt.payload()).expect("reads")
        },
        0,
    );
    assert_eq!(forged.verify(root).err(), Some(NotProven::OtherPerson));
    let bytes = bundle(&world, |_| {}).to_bytes().expect("canonical");
    for at in (0..bytes.len()).step_by(3) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let proven = Bundle::from_bytes(&changed).and_then(|b| b.verify(root));
        assert!(proven.is_err(), "byte {at}");
    }
}

#[test]
fn an_objection_is_told() {
    let world = World::new();
    let mut made = bundle(&world, |_| {});
    let mut no = world.approval(&made.request, "carol", &world.carol);
    no.decision = Decision::Deny;
    made.statements.push(world.carol.sign(&no, 0));
    let report = made.verify(None).expect("proven");
    assert!(matches!(report.contested, Some(Verdict::Denied { .. })));
}
