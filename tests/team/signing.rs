//! Several admins: a draft goes from one to the other, and counts when enough signed.

use crate::home::{Home, Place, Relay, TEAM};

/// dora and eli, both of whom must sign; each on their own machine; and bob.
fn two_admins(place: &Place) -> (Home, Home, Home) {
    let (dora, eli, bob) = (place.home("dora"), place.home("eli"), place.home("bob"));
    let words = dora.found(&[]);
    dora.change(&["add", "eli", "--key", &eli.key()]);
    dora.change(&["add", "bob", "--key", &bob.key()]);
    dora.team(&["admin", "add", "eli", "--threshold", "2", "--yes"]).good();
    // A new admin signs the version that makes them one.
    let text = dora.team(&["sign", "--yes"]).good().says("1 of the 2 admins of version 4").last();
    for home in [&eli, &bob] {
        let chain = dora.team(&["export"]).good().out;
        std::fs::write(home.file("chain"), chain).expect("written");
        home.team(&["join", "chain", "--root", &words]).good();
    }
    eli.team(&["sign", &text, "--yes"]).good().says("version 4 is the team's roster now");
    give(&eli, &[&dora, &bob]);
    (dora, eli, bob)
}

fn give(from: &Home, to: &[&Home]) {
    let chain = from.team(&["export"]).good().out;
    for home in to {
        home.fed(&["team", "update", "-"], chain.as_bytes()).good();
    }
}

#[test]
fn a_draft_goes_between_admins_as_text_or_file() {
    let place = Place::new("signing");
    let (dora, eli, bob) = two_admins(&place);
    dora.team(&["group", "add", "bob", "sre", "--yes"]).good();
    let text = dora.team(&["sign", "--yes"]).good().last();
    assert!(text.starts_with("guard-roster1:"), "{text}");
    assert_eq!(dora.version(), 4);
    // One signature again is one signature.
    dora.team(&["sign", "--yes"]).good().says("1 of the 2");
    // bob is no admin.
    bob.team(&["sign", &text, "--yes"]).bad(77, "may not sign rosters");
    // A chat broke the lines.
    let broken = format!("{}\n  {}\n", &text[..40], &text[40..]);
    eli.fed(&["team", "diff", "-"], broken.as_bytes()).good().says("puts bob into sre").says("1 of the 2");
    eli.team(&["sign", &text]).bad(64, "no terminal");
    assert_eq!(eli.version(), 4);
    dora.team(&["draft", "draft.json"]).good();
    std::fs::copy(dora.file("draft.json"), eli.file("draft.json")).expect("copied");
    eli.team(&["sign", "draft.json", "--yes"]).good().says("version 5 is the team's roster now");
    give(&eli, &[&dora, &bob]);
    assert_eq!(dora.version(), 5);
    // The draft at home has become that version.
    dora.team(&["sign", "--yes"]).bad(64, "there is no draft");
}

#[test]
fn signatures_over_another_draft_do_not_count() {
    let place = Place::new("other");
    let (dora, eli, _bob) = two_admins(&place);
    dora.team(&["group", "add", "bob", "sre", "--yes"]).good();
    let first = dora.team(&["sign", "--yes"]).good().last();
    // Changed after dora signed: her signature is gone.
    dora.team(&["group", "add", "bob", "db", "--yes"]).good().says("must sign again");
    dora.team(&["diff"]).good().says("signed by 0 of the 2");
    // eli has signed the first; it is complete, and what dora has now follows nothing.
    eli.team(&["sign", &first, "--yes"]).good().says("version 5");
    give(&eli, &[&dora]);
    dora.team(&["sign", "--yes"]).bad(77, "does not follow");
    dora.team(&["group", "add", "bob", "web", "--yes"]).bad(65, "guard team discard");
}

#[test]
fn a_draft_with_a_changed_byte_is_refused() {
    let place = Place::new("tampered");
    let (dora, eli, _bob) = two_admins(&place);
    dora.team(&["group", "add", "bob", "sre", "--yes"]).good();
    dora.team(&["sign", "--yes"]).good();
    dora.team(&["draft", "draft.json"]).good();
    let draft = std::fs::read(dora.file("draft.json")).expect("there");
    let file: serde_json::Value = serde_json::from_slice(&draft).expect("json");
    // Another group under dora's signature: hers does not count, and eli's alone is not enough.
    let payload = guard::keys::decode_bytes(file["payload"].as_str().expect("payload")).expect("base64");
    let forged = String::from_utf8(payload).expect("text").replace("\"sre\"", "\"srf\"");
    let mut other = file.clone();
    other["payload"] = guard::keys::encode(forged.as_bytes()).into();
    std::fs::write(eli.file("forged"), other.to_string()).expect("written");
    eli.team(&["diff", "forged"]).good().says("puts bob into srf").says("signed by 0 of the 2");
    eli.team(&["sign", "forged", "--yes"]).good().says("signed by 1 of the 2");
    assert_eq!(eli.version(), 4);
    for bad in [&draft[..draft.len() - 3], b"{}", b"", b"guard-roster1:AAAA"] {
        eli.fed(&["team", "sign", "-", "--yes"], bad).bad(65, "no draft of a roster");
    }
}

#[test]
fn admins_change_with_the_signatures_of_both_sides() {
    let place = Place::new("rotation");
    let (dora, eli, bob) = two_admins(&place);
    // eli goes, bob comes: dora and eli must sign as the old admins, dora and bob as the new.
    dora.team(&["admin", "add", "bob", "--yes"]).good();
    dora.team(&["admin", "remove", "eli", "--yes"]).good();
    let text = dora.team(&["sign", "--yes"]).good().says("of version 4").last();
    let text = bob.team(&["sign", &text, "--yes"]).good().says("1 of the 2 admins of version 4").last();
    eli.team(&["sign", &text, "--yes"]).good().says("version 5 is the team's roster now");
    give(&eli, &[&dora, &bob]);
    dora.team(&["group", "add", "bob", "sre", "--yes"]).good();
    let text = dora.team(&["sign", "--yes"]).good().last();
    eli.team(&["sign", &text, "--yes"]).bad(77, "may not sign rosters");
    bob.team(&["sign", &text, "--yes"]).good().says("version 6");
}

#[test]
fn two_admins_sign_at_once_and_the_relay_takes_one() {
    let place = Place::new("race");
    let (dora, eli, _bob) = two_admins(&place);
    dora.team(&["admin", "threshold", "1", "--yes"]).good();
    let text = dora.team(&["sign", "--yes"]).good().last();
    eli.team(&["sign", &text, "--yes"]).good();
    give(&eli, &[&dora]);
    let relay = Relay::start(&place, &dora.file(&format!("{TEAM}.roster.json")));
    for admin in [&dora, &eli] {
        admin.team(&["way", &relay.url]).good();
        admin.team(&["update"]).good();
    }
    dora.change(&["group", "add", "bob", "sre"]).says("the relay has it");
    eli.change(&["group", "add", "bob", "db"]).says("does not have it yet");
    // eli's version 6 and the team's are two: nothing goes on silently.
    eli.team(&["update"]).bad(77, "follows another roster");
    dora.change(&["group", "add", "bob", "web"]);
    eli.team(&["update"]).bad(77, "follows another roster");
}
