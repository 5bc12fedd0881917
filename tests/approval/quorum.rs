//! Tickets that more than one person has to approve: people are counted, not keys and not clicks.

use super::Night;
use super::tickets::{COMMAND, RUN, workload_that};
use guard::keys::{Secret, SigningKey, SshPublicKey};
use guard::statement::approval::{Approval, Decision};
use guard::statement::{Draft, read};
use guard::team::ticket::Found;

fn two(name: &str) -> Night {
    workload_that(name, "\"approval:sre*2\"", &[])
}

#[test]
fn a_ticket_for_two_people_waits_for_the_second() {
    let night = two("quorum");
    let found = night.ticket(&[], COMMAND, |_| {});
    let why = "the ticket still needs 2 approvals by sre (0 of 2)";
    night.refuses(&night.run_with(&found, &[], RUN), 75, why);
    night.says("bob", &found.envelope, Decision::Approve);
    let why = "the ticket still needs an approval by sre (1 of 2: bob)";
    night.refuses(&night.run_with(&found, &[], RUN), 75, why);
    // Twice is not two people.
    night.also(&found, night.team.key("bob"), &night.team.kid("bob"));
    night.refuses(&night.run_with(&found, &[], RUN), 75, why);
    night.says("carol", &found.envelope, Decision::Approve);
    let ran = night.run_with(&found, &[], RUN);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(said.contains("covers it, approved by bob, carol"), "{said}");
    let report = night.bundle().verify(None).expect("proven");
    let people: Vec<&str> = report.seats.iter().map(|seat| seat.person.as_str()).collect();
    assert_eq!(people, ["bob", "carol"]);
}

#[test]
fn who_asked_for_a_ticket_fills_no_seat_of_it() {
    let night = two("quorum-own");
    let found = night.ticket(&[], COMMAND, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    night.says("dora", &found.envelope, Decision::Approve);
    let why = "the ticket still needs an approval by sre (1 of 2: bob)";
    night.refuses(&night.run_with(&found, &[], RUN), 75, why);
}

#[test]
fn one_person_with_two_keys_is_one_person() {
    let mut night = two("quorum-keys");
    // bob's second key, in the next version of the roster.
    let second = SigningKey::new(&Secret::from_bytes([42; 32]));
    let public = SshPublicKey::from_ed25519(second.public());
    let (file, roster) = night.team.next(|file| {
        let bob = file.persons.iter_mut().find(|person| person.id == "bob").expect("bob");
        let mut line = bob.keys[0].clone();
        (line.kid, line.public) = (public.fingerprint(), Some(public.to_line()));
        bob.keys.push(line);
    });
    let dora = night.caller("dora");
    let taken = dora.send("PUT", &dora.at("/roster"), Some(roster.to_bytes()));
    assert!([200, 201].contains(&taken.status), "{taken:?}");
    (night.team.file, night.team.roster) = (file, roster);
    assert_eq!(night.done(&["team", "update"]).status.code(), Some(0));
    let found = night.ticket(&[], COMMAND, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    night.also(&found, &second, &public.fingerprint());
    let why = "the ticket still needs an approval by sre (1 of 2: bob)";
    night.refuses(&night.run_with(&found, &[], RUN), 75, why);
    night.says("carol", &found.envelope, Decision::Approve);
    assert_eq!(night.run_with(&found, &[], RUN).status.code(), Some(0));
}

impl Night {
    /// bob's approval once more, a second later, by a key of his.
    fn also(&self, found: &Found, key: &SigningKey, kid: &str) {
        let said = self.said_by("bob", &found.envelope, Decision::Approve);
        let mut approval = read::<Approval>(said.payload()).expect("an approval");
        (approval.key, approval.iat) = (kid.to_owned(), approval.iat + 1);
        let posted =
            self.caller("bob").say(&found.envelope, &Draft::of(&approval).expect("canonical").sign(key));
        assert_eq!(posted.status, 201, "{posted:?}");
    }
}
