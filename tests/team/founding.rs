//! Into a team and out of it: by relay, by file, with the right words and the wrong ones.

use crate::home::{Home, Place, Relay, TEAM};

const WRONG: &str = "babab babab babab babab babab babab";

/// dora's team with bob in it, and a relay that has it.
fn two(place: &Place) -> (Home, Home, String, Relay) {
    let (dora, bob) = (place.home("dora"), place.home("bob"));
    let words = dora.found(&["--group", "sre"]);
    let relay = Relay::start(place, &dora.file(&format!("{TEAM}.roster.json")));
    dora.team(&["way", &relay.url]).good();
    dora.change(&["add", "bob", "--key", &bob.key(), "--group", "sre", "--human", "emp-2"])
        .says("the relay has it");
    (dora, bob, words, relay)
}

#[test]
fn a_team_is_founded_and_joined_over_a_relay() {
    let place = Place::new("founding");
    let (dora, bob, words, relay) = two(&place);
    assert_eq!(dora.json()["words"], words.as_str());
    assert_eq!(words.split(' ').count(), 6);
    // bob's words with other spelling; the relay's chain of two versions.
    let spelled = words.to_uppercase().replace(' ', "-");
    let joined = bob.team(&["join", &relay.url, "--team", TEAM, "--root", &spelled]).good();
    joined.says(&format!("joined {TEAM}, version 2")).says("you are bob there");
    assert_eq!(bob.json()["me"], "bob");
    assert_eq!(bob.json()["roster"], dora.json()["roster"]);
    bob.team(&["show"]).good().says("dora; 1 of them must sign").says("--root");
    // A machine is in one team.
    bob.team(&["join", &relay.url, "--team", TEAM, "--root", &words]).bad(78, "is in the team");
    bob.team(&["create", "other.example", "--me", "bob", "--yes"]).bad(78, "is in the team");
    // What dora changes comes with `update`.
    dora.change(&["group", "add", "bob", "db"]);
    bob.team(&["update"]).good().says("puts bob into db").says("version 3 is here");
    assert_eq!(bob.version(), 3);
    bob.team(&["leave", "--yes"]).good();
    bob.team(&["show"]).bad(78, "in no team");
}

#[test]
fn nobody_joins_with_other_words() {
    let place = Place::new("words");
    let (dora, bob, words, relay) = two(&place);
    bob.team(&["join", &relay.url, "--team", TEAM, "--root", WRONG]).bad(77, "does not have these six words");
    let five = words.rsplit_once(' ').expect("words").0;
    bob.team(&["join", &relay.url, "--team", TEAM, "--root", five]).bad(77, "does not have these six words");
    let file = place.text("chain");
    dora.team(&["export", &file]).good();
    bob.team(&["join", &file, "--root", WRONG]).bad(77, "does not have these six words");
    bob.team(&["show"]).bad(78, "in no team");
    bob.team(&["join", &relay.url, "--root", &words]).bad(64, "which one");
    bob.team(&["join", "http://relay.example", "--team", TEAM, "--root", &words]).bad(78, "neither https");
    bob.team(&["join", "http://127.0.0.1:1", "--team", TEAM, "--root", &words]).bad(69, "is not there");
}

#[test]
fn whom_the_roster_does_not_know_is_told_what_to_send() {
    let place = Place::new("stranger");
    let (_dora, _bob, words, relay) = two(&place);
    let eve = place.home("eve");
    let said = eve.team(&["join", &relay.url, "--team", TEAM, "--root", &words]);
    said.bad(77, "does not know your key").says(&eve.key());
    eve.team(&["join", &relay.url, "--team", "no.such.team", "--root", &words])
        .bad(77, "does not know your key");
}

#[test]
fn a_team_needs_no_relay() {
    let place = Place::new("paper");
    let (dora, bob) = (place.home("dora"), place.home("bob"));
    let words = dora.found(&[]);
    dora.change(&["add", "bob", "--key", &bob.key()]).says("without a relay");
    let chain = dora.team(&["export"]).good().out;
    std::fs::write(bob.file("chain"), &chain).expect("written");
    bob.team(&["join", "chain", "--root", &words]).good().says("you are bob there");
    bob.team(&["update"]).bad(78, "no relay");
    dora.change(&["group", "add", "bob", "sre"]);
    let newer = dora.team(&["export"]).good().out;
    bob.fed(&["team", "update", "-"], newer.as_bytes()).good().says("puts bob into sre");
    // The same again is nothing new; an older one takes nothing back.
    bob.fed(&["team", "update", "-"], newer.as_bytes()).good().says("(0 new)");
    bob.team(&["update", "chain"]).good().says("version 3 is here (0 new)");
    // A version that is left out leaves a gap.
    dora.change(&["group", "add", "bob", "web"]);
    dora.change(&["group", "add", "bob", "net"]);
    let last = dora.team(&["export", "--version", "5"]).good().out;
    bob.fed(&["team", "update", "-"], last.as_bytes()).bad(77, "version 5 does not follow version 3");
    bob.fed(&["team", "update", "-"], b"not a roster").bad(65, "no file with a team's versions");
    assert_eq!(bob.version(), 3);
}

#[test]
fn a_relay_that_was_away_gets_the_versions_later() {
    let place = Place::new("away");
    let (dora, bob, words, relay) = two(&place);
    let address = relay.address().to_owned();
    drop(relay);
    dora.change(&["group", "add", "bob", "db"]).says("the relay does not have it yet");
    assert_eq!(dora.version(), 3);
    dora.team(&["update"]).bad(69, "is not there");
    let relay = Relay::listen(&place, &dora.file(&format!("{TEAM}.roster.json")), &address);
    dora.team(&["update"]).good().says("1 versions given to the relay");
    bob.team(&["join", &relay.url, "--team", TEAM, "--root", &words]).good().says("version 3");
}

#[test]
fn a_relay_cannot_make_a_version_up() {
    let place = Place::new("forger");
    let (dora, bob, words, relay) = two(&place);
    drop(relay);
    // The same team name, founded by somebody else, behind the relay's address.
    let eve = place.home("eve");
    let other = eve.found(&[]);
    eve.change(&["add", "bob", "--key", &bob.key()]);
    std::fs::remove_file(place.path("relay.db")).expect("there");
    let relay = Relay::start(&place, &eve.file(&format!("{TEAM}.roster.json")));
    eve.team(&["way", &relay.url]).good();
    eve.team(&["update"]).good();
    bob.team(&["join", &relay.url, "--team", TEAM, "--root", &words]).bad(77, "these six words");
    bob.team(&["join", &relay.url, "--team", TEAM, "--root", &other]).good();
    bob.team(&["leave", "--yes"]).good();
    // dora's guard takes nothing from it, however new it says it is.
    let chain = dora.team(&["export"]).good().out;
    std::fs::write(bob.file("chain"), chain).expect("written");
    bob.team(&["join", "chain", "--root", &words]).good();
    bob.team(&["way", &relay.url]).good();
    eve.change(&["group", "add", "bob", "sre"]);
    eve.change(&["group", "add", "bob", "db"]);
    bob.team(&["update"]).bad(77, "it follows another roster");
    assert_eq!(bob.version(), 2);
}

#[test]
fn what_cannot_be_a_team_is_not_founded() {
    let place = Place::new("unsound");
    let dora = place.home("dora");
    dora.team(&["create", "Sre Team", "--me", "dora", "--yes"]).bad(64, "the team's name is lower-case");
    dora.team(&["create", TEAM, "--me", "Dora K", "--yes"]).bad(64, "ids and groups are lower-case");
    dora.team(&["create", TEAM, "--me", "dora"]).bad(64, "there is no terminal");
    assert_eq!(dora.team(&["create", TEAM, "--days", "31"]).status, Some(64));
    std::fs::write(dora.file(&format!("{TEAM}.roster.json")), "mine").expect("written");
    dora.team(&["create", TEAM, "--me", "dora", "--yes"]).bad(64, "cannot be written");
    dora.team(&["show"]).bad(78, "in no team");
}
