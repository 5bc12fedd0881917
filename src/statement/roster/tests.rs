//! Who may change the team, and what no team may look like.

use super::super::world::{Hand, NOW, TEAM, World, person};
use super::super::{Draft, Envelope};
use super::*;

fn next_file(world: &World, change: impl FnOnce(&mut RosterFile)) -> RosterFile {
    let mut file = world.roster.file().clone();
    (file.version, file.prev) = (2, Some(world.roster.digest()));
    change(&mut file);
    file
}

fn signed(file: &RosterFile, hands: &[&Hand]) -> Envelope {
    let (first, rest) = hands.split_first().expect("somebody signs");
    let mut envelope = first.sign(file, 0);
    for hand in rest {
        let Hand::File(key) = hand else { unreachable!("admins have files here") };
        envelope.add(Draft::of(file).expect("canonical").signature(key));
    }
    envelope
}

#[test]
fn the_first_roster_is_trusted_by_its_words() {
    let world = World::new();
    let envelope = world.signed_roster();
    let root = Roster::root(&envelope).expect("signed by both");
    assert_eq!(root.digest(), world.roster.digest());
    assert!(same_words(&root.digest(), &fingerprint_words(&envelope.digest()).to_uppercase()));
    let read = Envelope::from_bytes(&envelope.to_bytes()).expect("an envelope");
    assert!(chain(root.digest(), &[read]).is_ok());
    assert_eq!(chain(Hash([0; 32]), &[envelope]).err(), Some(NotARoster::OtherRoot));
    let alone = world.dora.sign(world.roster.file(), 0);
    let few = NotARoster::Threshold { version: 1, signed: 1, needed: 2 };
    assert_eq!(Roster::root(&alone).err(), Some(few));
}

#[test]
fn the_next_roster_is_signed_by_the_admins_before_it() {
    let world = World::new();
    let (dora, eli, bob) = (&world.dora, &world.eli, &world.bob);
    let file = next_file(&world, |file| file.persons[1].groups.clear());
    let next = world.roster.next(&signed(&file, &[dora, eli])).expect("signed by both");
    assert!(!next.in_group("bob", "sre", NOW));
    let few = |n: u64| Some(NotARoster::Threshold { version: 1, signed: n, needed: 2 });
    assert_eq!(world.roster.next(&signed(&file, &[dora])).err(), few(1));
    assert_eq!(world.roster.next(&signed(&file, &[dora, bob])).err(), few(1));
    assert_eq!(world.roster.next(&signed(&file, &[bob])).err(), few(0));
    // It can only be followed, not skipped, gone back, or forked.
    let skipped = next_file(&world, |file| file.version = 3);
    assert_eq!(
        world.roster.next(&signed(&skipped, &[dora, eli])).err(),
        Some(NotARoster::Version { have: 1, offered: 3 })
    );
    assert_eq!(
        next.next(&signed(&file, &[dora, eli])).err(),
        Some(NotARoster::Version { have: 2, offered: 2 })
    );
    let forked = next_file(&world, |file| file.prev = Some(Hash([1; 32])));
    assert_eq!(world.roster.next(&signed(&forked, &[dora, eli])).err(), Some(NotARoster::Prev));
    let back = next_file(&world, |file| file.iat -= 1);
    assert_eq!(world.roster.next(&signed(&back, &[dora, eli])).err(), Some(NotARoster::Time));
    let other = next_file(&world, |file| file.team = "other.example".to_owned());
    assert!(world.roster.next(&signed(&other, &[dora, eli])).is_err());
    assert!(chain(world.roster.digest(), &[world.signed_roster(), signed(&file, &[dora, eli])]).is_ok());
}

#[test]
fn new_admins_must_sign_too() {
    let world = World::new();
    let bob = Hand::file(2);
    let file = next_file(&world, |file| {
        file.admins = Admins { threshold: 1, persons: vec!["bob".to_owned()] };
        file.persons[1].keys[0].uses.push(Use::Roster);
    });
    let (dora, eli) = (&world.dora, &world.eli);
    let missing = NotARoster::Threshold { version: 2, signed: 0, needed: 1 };
    assert_eq!(world.roster.next(&signed(&file, &[dora, eli])).err(), Some(missing));
    let missing = NotARoster::Threshold { version: 1, signed: 0, needed: 2 };
    assert_eq!(world.roster.next(&signed(&file, &[&bob])).err(), Some(missing));
    assert!(world.roster.next(&signed(&file, &[dora, eli, &bob])).is_ok());
}

#[test]
fn a_revoked_or_expired_admin_key_does_not_sign() {
    for revoke in [true, false] {
        let world = World::with(|file| {
            if revoke {
                let kid = file.persons[3].keys[0].kid.clone();
                file.revoked.push(Revocation { kid, from: 0, why: "lost".to_owned() });
            } else {
                file.persons[3].keys[0].exp = Some(NOW - 1000);
            }
        });
        let file = next_file(&world, |_| {});
        let few = NotARoster::Threshold { version: 1, signed: 1, needed: 2 };
        assert_eq!(world.roster.next(&signed(&file, &[&world.dora, &world.eli])).err(), Some(few));
    }
}

#[test]
fn no_roster_has_a_human_twice() {
    let world = World::new();
    let wrong = |change: fn(&mut RosterFile)| {
        let mut file = world.roster.file().clone();
        change(&mut file);
        Roster::check(file, Hash([0; 32])).err().unwrap_or_default().join("\n")
    };
    assert_eq!(wrong(|_| {}), "");
    for (change, words) in [
        (
            (|f| f.persons[1].human = f.persons[2].human.clone()) as fn(&mut RosterFile),
            "in the roster already",
        ),
        (|f| f.persons[1].id = "carol".to_owned(), "carol is there twice"),
        (
            |f| {
                let key = f.persons[2].keys[0].clone();
                f.persons[1].keys.push(key);
            },
            "is there twice",
        ),
        (|f| f.persons[1].id = "Bob".to_owned(), "lower-case"),
        (|f| f.persons[5].keys[0].uses.push(Use::Approve), "its keys may only request"),
        (|f| f.exp = f.iat + LONGEST_LIFE + 1, "within 30 days"),
        (|f| f.exp = f.iat, "expire after"),
        (|f| f.admins.threshold = 0, "threshold"),
        (|f| f.admins.threshold = 3, "threshold"),
        (|f| f.admins.persons[0] = "eli".to_owned(), "threshold"),
        (|f| f.admins.persons[0] = "bob".to_owned(), "bob is an admin without"),
        (|f| f.admins.persons[0] = "zoe".to_owned(), "zoe is an admin without"),
        (|f| f.persons[1].keys[0].kid = "SHA256:x".to_owned(), "must be SHA256:"),
        (|f| f.persons[1].keys[0].public = Some("ssh-rsa AAAA".to_owned()), "RSA keys are not accepted"),
        (|f| f.persons[1].keys[0].uses = vec![Use::Decrypt], "does not fit"),
        (|f| f.persons[1].keys[0].uses.clear(), "does not fit"),
        (|f| f.persons[2].keys[1].origins = vec!["http://acme.example".to_owned()], "https"),
        (|f| f.persons[2].keys[1].origins = vec!["http://localhost.evil.example".to_owned()], "https"),
        (|f| f.prev = Some(Hash([0; 32])), "prev"),
        (|f| f.v = 2, "version 2"),
    ] {
        let said = wrong(change);
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn lint_says_what_is_unwise() {
    let world = World::with(|file| {
        file.admins.threshold = 1;
        file.persons[4].human = None;
        file.persons[0].keys[0].exp = Some(NOW + 100);
        let kid = file.persons[2].keys[0].kid.clone();
        file.revoked.push(Revocation { kid, from: NOW, why: "lost".to_owned() });
        let mut fay = person("fay", &["sre"], Vec::new());
        fay.human = Some("emp-fay".to_owned());
        file.persons.push(fay);
    });
    let needs = [("sre".to_owned(), 2), ("db".to_owned(), 1)];
    let words: Vec<String> = lint(&world.roster, &needs, NOW).iter().map(ToString::to_string).collect();
    let all = words.join("\n");
    for expected in [
        "eli has no `human`",
        "one admin alone",
        "policy asks for 1 of db, who are 1",
        "nobody in db has a hardware key",
        "bob's key SHA256:",
        "alice's key SHA256:",
        "is revoked and still listed",
    ] {
        assert!(all.contains(expected), "{expected}: {all}");
    }
    assert!(!all.contains("of sre"), "{all}");
    assert_eq!(world.roster.team(), TEAM);
}
