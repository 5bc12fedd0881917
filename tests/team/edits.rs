//! Every change to a team: shown in words, kept as a draft, signed.

use crate::home::{Home, Place};
use serde_json::Value;

fn founded(place: &Place) -> Home {
    let dora = place.home("dora");
    dora.found(&["--human", "emp-1", "--group", "sre"]);
    dora
}

fn person<'a>(roster: &'a Value, id: &str) -> &'a Value {
    let people = roster["roster"]["persons"].as_array().expect("people");
    people.iter().find(|p| p["id"] == id).unwrap_or(&Value::Null)
}

#[test]
fn each_change_is_said_in_words() {
    let place = Place::new("edits");
    let (dora, bob, spare) = (founded(&place), place.home("bob"), place.home("spare"));
    std::fs::write(dora.file("bob.pub"), format!("{} bob@laptop\n", bob.key())).expect("written");
    let add = ["add", "bob", "--key", "bob.pub", "--group", "sre", "--human", "emp-2", "--name", "Bob K."];
    let edits: &[(&[&str], &[&str])] = &[
        (
            &add,
            &["adds bob (Bob K.), human emp-2, in sre", "gives bob the key SHA256:", "may approve, request"],
        ),
        (&["group", "add", "bob", "leads"], &["puts bob into leads"]),
        (&["group", "remove", "bob", "sre"], &["takes bob out of sre"]),
        (
            &["key", "add", "bob", &spare.key(), "--use", "approve", "--until", "2030-01-01"],
            &["gives bob the key", "may approve, until 2030-01-01 00:00"],
        ),
        (&["admin", "add", "bob", "--threshold", "1"], &["admins: dora, bob; 1 of them must sign"]),
        (&["admin", "remove", "bob"], &["admins: dora; 1 of them must sign"]),
        (
            &["schedule", "add", "oncall", "bob", "--from", "2029-01-01T08:00", "--to", "2029-01-08T08:00Z"],
            &["shift: oncall: bob from 2029-01-01 08:00 to 2029-01-08 08:00"],
        ),
        (&["surface", "critical", "native,paste"], &["surfaces: critical: native, paste"]),
        (&["surface", "critical", "default"], &["no more surfaces: critical: native, paste"]),
        (&["schedule", "remove", "oncall", "bob"], &["no more shift: oncall: bob"]),
        (
            &["key", "revoke", "bob", &spare.kid()[..12], "--why", "lost"],
            &["takes the key", "revocation: ", "lost"],
        ),
        (
            &["add", "ci", "--issuer", "https://ci.example", "--subject", "repo:acme/infra"],
            &["adds the workload ci, repo:acme/infra of https://ci.example"],
        ),
        (&["renew", "--days", "7"], &["counts until "]),
        (&["remove", "bob"], &["removes bob, with 1 keys"]),
    ];
    for (edit, words) in edits {
        let said = dora.team(&[edit, &["--yes"][..]].concat()).good();
        words.iter().for_each(|word| assert!(said.out.contains(word), "{word}: {said:?}"));
        // Nothing counts before it is signed.
        let version = dora.version();
        dora.team(&["sign", "--yes"]).good();
        assert_eq!(dora.version(), version + 1);
    }
    let end = dora.json();
    assert_eq!(person(&end, "bob"), &Value::Null);
    assert_eq!(person(&end, "ci")["kind"], "workload");
    let (iat, exp) =
        (end["roster"]["iat"].as_u64().expect("iat"), end["roster"]["exp"].as_u64().expect("exp"));
    assert_eq!(exp - iat, 7 * 86_400);
}

#[test]
fn what_may_not_be_is_not_kept() {
    let place = Place::new("unkept");
    let (dora, bob) = (founded(&place), place.home("bob"));
    let key = bob.key();
    dora.change(&["add", "bob", "--key", &key]);
    for (edit, words) in [
        (&["add", "bob", "--key", "ssh-ed25519 AAAA"][..], "this is no key"),
        (&["add", "eve"], "a person needs a key"),
        (&["add", "eve", "--key", &key], "bob's"),
        (&["add", "bob", "--key", &place.home("x").key()], "bob is in the roster already"),
        (&["add", "eve", "--key", &place.home("y").key(), "--human", "emp-1"], "one person, one entry"),
        (&["add", "eve", "--key", "no-such-file"], "cannot be read"),
        (&["group", "remove", "bob", "web"], "is not in the group web"),
        (&["group", "add", "eve", "web"], "eve is not in the roster"),
        (&["group", "add", "bob", "We B"], "lower-case"),
        (&["admin", "remove", "dora"], "the admins' threshold"),
        (&["admin", "threshold", "2"], "the admins' threshold"),
        (&["remove", "dora"], "the admins' threshold"),
        (&["key", "revoke", "bob", "SHA256:nothing"], "has no key"),
        (&["key", "revoke", "dora", &dora.kid()], "is an admin without"),
        (
            &["schedule", "add", "oncall", "bob", "--from", "2029-01-02", "--to", "2029-01-01"],
            "before it begins",
        ),
        (&["schedule", "remove", "oncall", "bob"], "no such shift"),
        (&["surface", "low", "native,default"], "stands alone"),
    ] {
        dora.team(&[edit, &["--yes"]].concat()).bad(64, words);
    }
    std::fs::write(dora.file("private"), "-----BEGIN OPENSSH PRIVATE KEY-----\n").expect("written");
    dora.team(&["add", "eve", "--key", "private", "--yes"]).bad(64, "is a private key");
    dora.team(&["diff"]).bad(64, "there is no draft");
    // Without a yes nothing is kept.
    dora.team(&["group", "add", "bob", "sre"]).bad(64, "no terminal");
    dora.team(&["diff"]).bad(64, "there is no draft");
}

#[test]
fn a_revoked_key_never_comes_back() {
    let place = Place::new("revoked");
    let (dora, bob, spare) = (founded(&place), place.home("bob"), place.home("spare"));
    dora.change(&["add", "bob", "--key", &bob.key()]);
    dora.change(&["key", "add", "bob", &spare.key()]);
    dora.change(&["key", "revoke", "bob", &bob.kid(), "--why", "stolen"]);
    dora.team(&["key", "add", "bob", &bob.key(), "--yes"]).bad(64, "was revoked");
    dora.team(&["add", "eve", "--key", &bob.key(), "--yes"]).bad(64, "was revoked");
    assert_eq!(dora.json()["roster"]["revoked"][0]["why"], "stolen");
}

#[test]
fn a_draft_grows_until_it_is_signed_or_discarded() {
    let place = Place::new("draft");
    let (dora, bob) = (founded(&place), place.home("bob"));
    dora.team(&["add", "bob", "--key", &bob.key(), "--yes"]).good();
    let both = dora.team(&["group", "add", "bob", "sre", "--yes"]).good();
    both.says("adds bob, in sre");
    dora.team(&["diff"]).good().says("adds bob, in sre").says("version 2: signed by 0 of the 1");
    dora.team(&["show"]).good().says("draft     version 2");
    dora.team(&["discard"]).good();
    dora.team(&["diff"]).bad(64, "there is no draft");
    assert_eq!(dora.version(), 1);
}
