//! `guard verify`: what a bundle proves to somebody who was not there.

#[path = "../relay/team.rs"]
mod made;

use crate::home::{Home, Place};
use guard::statement::records::{Outcome, Receipt, ReceiptNeeds};
use guard::statement::roster::fingerprint_words;
use guard::statement::{Bundle, Decision, Draft, Need, Severity, Surface};
use made::{Team, now};

const WRONG: &str = "babab babab babab babab babab babab";

fn bundle(team: &Team, change: impl FnOnce(&mut Receipt)) -> Bundle {
    let request = team.request("alice", &["kubectl", "delete", "ns", "pay\u{202e}ments"]);
    let yes = team.decide("bob", &request, Decision::Approve);
    let needs = ReceiptNeeds {
        seats: vec![Need { group: "sre".to_owned(), n: 1 }],
        severity: Severity::High,
        surfaces: vec![Surface::Native],
        number: false,
        end_of_text: false,
        deny_quorum: 1,
    };
    let mut receipt = Receipt {
        v: 1,
        team: team.name.clone(),
        request: request.digest(),
        person: "alice".to_owned(),
        key: team.kid("alice"),
        iat: now(),
        outcome: Outcome::Ended,
        approvals: vec![yes.digest()],
        needs,
        started: Some(now()),
        exit: Some(3),
        signal: None,
        duration_ms: Some(5),
        drift: Vec::new(),
        match_key: None,
        chain: None,
    };
    change(&mut receipt);
    let receipt = Draft::of(&receipt).expect("a receipt").sign(team.key("alice"));
    Bundle { v: 1, request, ticket: None, statements: vec![yes], rosters: vec![team.roster.clone()], receipt }
}

fn write(home: &Home, name: &str, bundle: &Bundle) {
    std::fs::write(home.file(name), bundle.to_bytes().expect("canonical")).expect("written");
}

#[test]
fn a_bundle_is_proof_offline() {
    let place = Place::new("proof");
    let (home, team) = (place.home("auditor"), Team::new());
    let made = bundle(&team, |_| {});
    write(&home, "bundle", &made);
    let words = fingerprint_words(&team.roster.digest());
    let said = home.guard(&["verify", "bundle", "--root", &words]).good();
    assert!(said.out.contains("approved  bob (sre)") && said.out.contains("exit status 3"), "{said:?}");
    assert!(!said.out.contains('\u{202e}'), "raw foreign text: {said:?}");
    let json = home.guard(&["verify", "bundle", "--root", &words, "--json"]).good();
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("json");
    assert_eq!((json["proven"].as_bool(), json["ran"].as_bool()), (Some(true), Some(true)));
    assert_eq!(json["approved"][0]["person"], "bob");
    let text =
        guard::team::paste::to_text(guard::team::paste::Form::Bundle, &made.to_bytes().expect("canonical"));
    home.fed(&["verify", "-", "--root", &words], text.as_bytes()).good();
    // Without the words nobody knows whose team it is.
    home.guard(&["verify", "bundle"]).bad(64, "whose team it must be");
    assert_eq!(home.guard(&["verify", "bundle", "--root", WRONG]).status, Some(1));
    home.guard(&["verify", "no-such-file", "--root", &words]).bad(64, "cannot be read");
    // On a teammate's machine the team is known.
    std::fs::write(home.file("chain"), team.roster.to_bytes()).expect("written");
    home.team(&["join", "chain", "--root", &words]).good();
    home.guard(&["verify", "bundle"]).good().says("your team's");
}

#[test]
fn what_was_tampered_with_proves_nothing() {
    let place = Place::new("unproved");
    let (home, team) = (place.home("auditor"), Team::new());
    let words = fingerprint_words(&team.roster.digest());
    let check = |bundle: &Bundle| {
        write(&home, "bundle", bundle);
        home.guard(&["verify", "bundle", "--root", &words])
    };
    let whole = bundle(&team, |_| {});
    let refused = |bundle: &Bundle| {
        let said = check(bundle);
        assert_eq!(said.status, Some(1), "{said:?}");
        assert!(said.err.contains("not proven"), "{said:?}");
    };
    refused(&bundle(&team, |receipt| receipt.approvals.clear()));
    refused(&bundle(&team, |receipt| receipt.needs.seats[0].n = 2));
    refused(&Bundle { statements: Vec::new(), ..whole.clone() });
    refused(&Bundle { request: bundle(&team, |_| {}).request, ..whole.clone() });
    refused(&Bundle { rosters: Team::new().rosters(), ..whole.clone() });
    // Approved, and what would have run was something else.
    let drift = bundle(&team, |receipt| {
        (receipt.outcome, receipt.started, receipt.exit) = (Outcome::Drift, None, None);
        receipt.drift = vec!["the target changed".to_owned()];
    });
    let said = check(&drift);
    assert_eq!(said.status, Some(1), "{said:?}");
    assert!(said.out.contains("the target changed"), "{said:?}");
    let bytes = whole.to_bytes().expect("canonical");
    for at in (0..bytes.len()).step_by(bytes.len() / 12) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        std::fs::write(home.file("bundle"), &changed).expect("written");
        let said = home.guard(&["verify", "bundle", "--root", &words]);
        // What is no bundle any more cannot be read.
        let status = if guard::statement::Bundle::from_bytes(&changed).is_ok() { 1 } else { 64 };
        assert_eq!(said.status, Some(status), "byte {at}: {said:?}");
    }
}

#[test]
fn what_does_not_count_is_listed_and_what_is_nobodys_has_a_status_of_its_own() {
    let place = Place::new("leftout");
    let (home, team) = (place.home("auditor"), Team::new());
    let words = fingerprint_words(&team.roster.digest());
    let mut made = bundle(&team, |_| {});
    let about = made.request.clone();
    // dora looked; carol's refusal is about another request: both are theirs, and change nothing.
    made.statements.push(team.decide("dora", &about, Decision::Viewing));
    let other = team.request("alice", &["kubectl", "delete", "ns", "other"]);
    made.statements.push(team.decide("carol", &other, Decision::Deny));
    write(&home, "whole", &made);
    let said = home.guard(&["verify", "whole", "--root", &words]).good();
    let sentence = "proven    it was approved by bob; it ran as approved, by alice's signed word";
    assert!(said.out.contains(sentence), "{said:?}");
    let said = said.says("statement 3 (approval by carol) does not count: it is about another request");
    assert!(!said.err.contains("not whole"), "{said:?}");
    // A refusal under a signature that was changed.
    let refusal = team.decide("eli", &about, Decision::Deny);
    let mut value: serde_json::Value = serde_json::from_slice(&refusal.to_bytes()).expect("JSON");
    let signature = value["signatures"][0]["sig"].as_str().expect("base64").to_owned();
    let at = signature.len() - 12;
    let other = if &signature[at..=at] == "A" { "B" } else { "A" };
    value["signatures"][0]["sig"] = format!("{}{other}{}", &signature[..at], &signature[at + 1..]).into();
    let changed = guard::statement::Envelope::from_bytes(value.to_string().as_bytes()).expect("an envelope");
    made.statements.push(changed);
    write(&home, "changed", &made);
    let said = home.guard(&["verify", "changed", "--root", &words]);
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(said.out.contains(sentence), "{said:?}");
    said.says("statement 4 (approval) does not count: ")
        .says("the bundle is not whole: 1 part of it is nobody's");
    let json = home.guard(&["verify", "changed", "--root", &words, "--json"]);
    assert_eq!(json.status, Some(2), "{json:?}");
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("json");
    assert_eq!((json["proven"].as_bool(), json["intact"].as_bool()), (Some(true), Some(false)));
    assert_eq!(json["proves"], "approved-and-ran");
    let unproved =
        |at: usize| (json["left_out"][at]["statement"].as_u64(), json["left_out"][at]["unproved"].as_bool());
    assert_eq!([unproved(0), unproved(1)], [(Some(3), Some(false)), (Some(4), Some(true))], "{json}");
    // Where nothing is proven, it is listed as well.
    made.statements.remove(0);
    write(&home, "nothing", &made);
    let said = home.guard(&["verify", "nothing", "--root", &words]);
    assert_eq!(said.status, Some(1), "{said:?}");
    said.says("not proven: ").says("statement 3 (approval) does not count: ");
}

trait Rosters {
    fn rosters(&self) -> Vec<guard::statement::Envelope>;
}

impl Rosters for Team {
    /// The team's chain with another team's first version before it.
    fn rosters(&self) -> Vec<guard::statement::Envelope> {
        vec![Team::of("other.example", &["alice", "bob"]).roster, self.roster.clone()]
    }
}
