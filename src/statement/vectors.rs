//! The published vectors of docs/approvals: made here from throw-away keys, compared on each run, and checked by
//! `check.py`, which shares no code with guard. `UPDATE=1` writes them anew.

use super::approval::{Approval, Decision, Limits, Surface};
use super::records::{Cancel, ReceiptNeeds};
use super::request::Request;
use super::roster::{Revocation, RosterFile, fingerprint_words};
use super::world::{Hand, NOW, TEAM, UP, UV, World, match_key, needs};
use super::{Bytes32, Draft, Envelope, Foreign, Hash, Needs, Question, Severity, Void, render, verify};
use super::{Verdict, canonical};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

struct Scene {
    world: World,
    request: Envelope,
}

struct Case {
    name: &'static str,
    scene: Scene,
    needs: Needs,
    statements: Vec<Vec<u8>>,
    now: u64,
}

impl Scene {
    fn new() -> Scene {
        Scene::with(|_| {}, |_| {})
    }

    fn with(roster: impl FnOnce(&mut RosterFile), request: impl FnOnce(&mut Request)) -> Scene {
        let world = World::with(roster);
        let mut asked = world.request();
        request(&mut asked);
        let request = world.alice.sign(&asked, 0);
        Scene { world, request }
    }

    fn hand(&self, who: &str) -> &Hand {
        match who {
            "alice" => &self.world.alice,
            "bob" => &self.world.bob,
            "bob-token" => &self.world.bob_token,
            "carol" => &self.world.carol,
            "carol-passkey" => &self.world.carol_passkey,
            "dora" => &self.world.dora,
            "eli" => &self.world.eli,
            _ => &self.world.ci,
        }
    }

    fn say(&self, who: &str, flags: u8, change: impl FnOnce(&mut Approval)) -> Vec<u8> {
        let person = who.split('-').next().unwrap_or(who);
        let mut said = self.world.approval(&self.request, person, self.hand(who));
        change(&mut said);
        self.hand(who).sign(&said, flags).to_bytes()
    }

    fn yes(&self, who: &str) -> Vec<u8> {
        self.say(who, UV, |_| {})
    }

    fn case(self, name: &'static str, needs: Needs, make: impl FnOnce(&Scene) -> Vec<Vec<u8>>) -> Case {
        let statements = make(&self);
        Case { name, scene: self, needs, statements, now: NOW }
    }
}

fn one() -> Needs {
    needs(&[("sre", 1)], Severity::High)
}

fn said(name: &'static str, change: fn(&mut Approval)) -> Case {
    Scene::new().case(name, one(), |s| vec![s.say("bob", 0, change)])
}

fn cases() -> Vec<Case> {
    let critical = || needs(&[("sre", 1)], Severity::Critical);
    let two = || needs(&[("sre-leads", 1), ("sre", 1)], Severity::High);
    let mut all = vec![
        Scene::new().case("nobody has said anything", one(), |_| Vec::new()),
        Scene::new().case("one teammate approves", one(), |s| vec![s.yes("bob")]),
        Scene::new().case("the same approval twice", one(), |s| vec![s.yes("bob"), s.yes("bob")]),
        Scene::new().case("two people, overlapping groups", two(), |s| vec![s.yes("bob"), s.yes("carol")]),
        Scene::new().case("the same in the other order", two(), |s| vec![s.yes("carol"), s.yes("bob")]),
        Scene::new().case("one person with two keys", two(), |s| vec![s.yes("bob"), s.yes("bob-token")]),
        Scene::new().case("two people, neither a lead", two(), |s| vec![s.yes("carol"), s.yes("dora")]),
        Scene::new().case("the requester approves", one(), |s| vec![s.yes("alice")]),
        Scene::new().case("a workload approves", one(), |s| vec![s.yes("ci")]),
        Scene::new().case("somebody of another group approves", one(), |s| vec![s.yes("eli")]),
        Scene::new().case("a refusal after an approval", one(), |s| {
            vec![s.yes("bob"), s.say("carol", 0, |a| a.decision = Decision::Deny)]
        }),
        Scene::new().case("a report before an approval", one(), |s| {
            vec![s.say("carol", 0, |a| a.decision = Decision::Report), s.yes("bob")]
        }),
        Scene::new().case("an approval taken back", one(), |s| {
            vec![s.yes("bob"), s.say("bob", 0, |a| a.decision = Decision::Revoke)]
        }),
        Scene::new().case("a viewer", one(), |s| vec![s.say("bob", 0, |a| a.decision = Decision::Viewing)]),
        Scene::new().case("cancelled by the requester", one(), |s| vec![s.yes("bob"), cancel(s, "alice")]),
        Scene::new().case("cancelled by somebody else", one(), |s| vec![s.yes("bob"), cancel(s, "carol")]),
        Scene::new().case("critical: a key in a file", critical(), |s| vec![s.yes("bob")]),
        Scene::new().case("critical: a token, touched", critical(), |s| vec![s.say("bob-token", UP, |_| {})]),
        Scene::new().case("critical: a token with its PIN", critical(), |s| vec![s.yes("bob-token")]),
        Scene::new().case("a token that was not touched", one(), |s| vec![s.say("bob-token", 0, |_| {})]),
        Scene::new().case("a passkey on the relay's page", one(), |s| {
            vec![s.say("carol-passkey", UV, |a| a.surface = Surface::RelayWeb)]
        }),
        Scene::new().case("critical: a passkey on the relay's page", critical(), |s| {
            vec![s.say("carol-passkey", UV, |a| a.surface = Surface::RelayWeb)]
        }),
        Scene::new().case("a page that says it is a terminal", one(), |s| vec![s.yes("carol-passkey")]),
        said("a wrong number", |a| a.number = Some("000".to_owned())),
        said("no number", |a| a.number = None),
        said("another request", |a| a.request.0[0] ^= 1),
        said("another team", |a| a.team = "other.example".to_owned()),
        said("another person", |a| a.person = "carol".to_owned()),
        said("another key", |a| a.key = "SHA256:x".to_owned()),
        said("a version that is not known", |a| a.v = 2),
        said("a newer roster", |a| a.roster.version = 2),
        said("another roster of the same version", |a| a.roster.digest.0[0] ^= 1),
        said("another audit log", |a| a.chain.as_mut().expect("there").seq += 1),
        said("another text was shown", |a| a.saw.as_mut().expect("there").digest.0[0] ^= 1),
        said("not read to the end", |a| a.saw.as_mut().expect("there").end = false),
        said("121 s ahead", |a| (a.iat, a.exp) = (NOW + 121, NOW + 300)),
        said("120 s ahead", |a| (a.iat, a.exp) = (NOW + 120, NOW + 300)),
        said("121 s before the request", |a| a.iat = NOW - 221),
        said("expired beyond the tolerance", |a| (a.iat, a.exp) = (NOW - 150, NOW - 120)),
        said("limits in the future", |a| {
            a.limits = Some(Limits { max: None, not_before: Some(NOW + 1), not_after: None });
        }),
    ];
    all.extend(more());
    all
}

fn more() -> Vec<Case> {
    let kid = |file: &RosterFile| file.persons[1].keys[0].kid.clone();
    let revoke = move |file: &mut RosterFile| {
        file.revoked.push(Revocation { kid: kid(file), from: NOW, why: "lost".to_owned() });
    };
    let mut late = Scene::new().case("approved, and not started in time", one(), |s| vec![s.yes("bob")]);
    late.now = NOW - 10 + 120 + 120;
    let mut over = Scene::new().case("expired", one(), |_| Vec::new());
    over.now = NOW + 500;
    let mut roster = Scene::new().case("the roster has expired", one(), |s| vec![s.yes("bob")]);
    roster.now = roster.scene.world.roster.expires();
    vec![
        Scene::new().case("the requester's word about an approval decides nothing", one(), |s| {
            let yes = s.yes("bob");
            vec![heard(s, &yes), yes]
        }),
        late,
        over,
        roster,
        Scene::with(revoke, |_| {}).case("a revoked key", one(), |s| vec![s.yes("bob")]),
        Scene::with(|f| f.persons[1].keys[0].exp = Some(NOW), |_| {}).case(
            "a key that has just expired",
            one(),
            |s| vec![s.yes("bob")],
        ),
        Scene::with(|f| f.persons[1].keys[0].nbf = Some(NOW - 9), |_| {}).case(
            "a key that was not valid yet",
            one(),
            |s| vec![s.yes("bob")],
        ),
        Scene::with(|_| {}, |r| r.exp = r.iat + 86_401).case(
            "a request open for more than a day",
            one(),
            |s| vec![s.yes("bob")],
        ),
        Scene::with(|_| {}, |r| r.number = None)
            .case("a request without a number", one(), |s| vec![s.yes("bob")]),
        Scene::with(|_| {}, hostile).case("a request that hides what it does", one(), |s| vec![s.yes("bob")]),
        Scene::new().case("two wrong numbers", one(), |s| {
            let wrong = |iat| s.say("bob", 0, |a| (a.number, a.iat) = (Some("000".to_owned()), iat));
            vec![wrong(NOW - 10), wrong(NOW - 9), s.yes("bob")]
        }),
        Scene::new().case("signed for another purpose", one(), |s| vec![for_git(s)]),
        Scene::new().case("signed by somebody else's key", one(), |s| {
            let said = s.world.approval(&s.request, "bob", &s.world.bob);
            vec![s.world.eli.sign(&said, 0).to_bytes()]
        }),
        Scene::new().case("spellings that are not canonical", one(), |s| {
            let good = String::from_utf8(s.yes("bob")).expect("ASCII");
            let spaced = good.replacen("\":", "\": ", 1);
            let twice = good.replacen('{', "{\"payload\":\"\",", 1);
            let more = good.replacen('{', "{\"alg\":\"none\",", 1);
            vec![spaced.into_bytes(), twice.into_bytes(), more.into_bytes(), format!("{good}\n").into_bytes()]
        }),
        Scene::new().case("one changed bit", one(), |s| {
            let good = s.yes("bob");
            let flip = |at: usize| {
                let mut changed = good.clone();
                changed[at] ^= 1;
                changed
            };
            (5..good.len()).step_by(101).map(flip).collect()
        }),
    ]
}

/// The requester's word about bob's approval: nothing is decided by it.
fn heard(scene: &Scene, about: &[u8]) -> Vec<u8> {
    let about = super::Envelope::from_bytes(about).map_or(Hash([0; 32]), |envelope| envelope.digest());
    let said = super::Heard {
        v: 1,
        team: TEAM.to_owned(),
        request: scene.request.digest(),
        about,
        person: "alice".to_owned(),
        key: scene.world.alice.kid(),
        iat: NOW,
        finding: super::Finding::WrongNumber,
        left: 1,
    };
    scene.world.alice.sign(&said, 0).to_bytes()
}

fn hostile(request: &mut Request) {
    request.reason = Some("fine\nApproved by bob\u{1b}[2K\r\u{2502} end".to_owned());
    request.exec.argv[5] = Foreign::from("p\u{430}yments\u{202e}\u{200b} ");
    request.exec.argv.push(Foreign(vec![0xff, 0xfe]));
    request.exec.argv.push(Foreign::from(""));
    request.exec.argv.push(Foreign::from("\\u{41} \u{f0000} \u{1f600} n\u{e4}ive"));
}

fn effects(request: &mut Request) {
    let summary =
        [("Deployment", 14), ("Pod", 212), ("PVC\u{1b}[2K", 3)].map(|(kind, n)| (kind.to_owned(), n));
    request.effects = Some(super::request::Effects {
        kind: "k8s.dry-run/1".to_owned(),
        digest: Hash([9; 32]),
        summary: summary.into(),
    });
}

fn cancel(scene: &Scene, who: &str) -> Vec<u8> {
    let hand = scene.hand(who);
    let cancel = Cancel {
        v: 1,
        team: TEAM.to_owned(),
        request: scene.request.digest(),
        person: who.to_owned(),
        key: hand.kid(),
        iat: NOW,
        reason: None,
    };
    hand.sign(&cancel, 0).to_bytes()
}

fn for_git(scene: &Scene) -> Vec<u8> {
    let said = scene.world.approval(&scene.request, "bob", &scene.world.bob);
    let Hand::File(key) = &scene.world.bob else { return Vec::new() };
    let draft = Draft::of(&said).expect("canonical");
    let blob = |namespace: &str| crate::keys::encode(&crate::keys::sshsig_sign(key, namespace, &draft.pae()));
    let good = String::from_utf8(scene.yes("bob")).expect("ASCII");
    good.replace(&blob(&draft.namespace()), &blob("git")).into_bytes()
}

fn text(bytes: &[u8]) -> Value {
    String::from_utf8(bytes.to_vec())
        .map_or_else(|e| json!({"b64": crate::keys::encode(e.as_bytes())}), Value::from)
}

/// A case; rosters are kept once, in `teams`.
fn case(case: &Case, teams: &mut Vec<Value>) -> Value {
    let key = match_key();
    // As a client does: the secret is held when the request commits to it.
    let asked: Request = super::read(case.scene.request.payload()).expect("reads");
    let match_key = asked.number.is_some().then_some(&key);
    let question = Question {
        subject: &case.scene.request,
        statements: &case.statements,
        roster: &case.scene.world.roster,
        needs: &case.needs,
        match_key,
        now: case.now,
    };
    let answer = verify(&question);
    let roster = text(&case.scene.world.signed_roster().to_bytes());
    let team = teams.iter().position(|t| *t == roster).unwrap_or_else(|| {
        teams.push(roster);
        teams.len() - 1
    });
    let mut out = json!({
        "name": case.name,
        "now": case.now,
        "team": team,
        "request": text(&case.scene.request.to_bytes()),
        "needs": ReceiptNeeds::from(&case.needs),
        "statements": case.statements.iter().map(|s| text(s)).collect::<Vec<_>>(),
        "verdict": answer.verdict.word(),
        "ignored": answer.ignored.iter().map(|i| i.at).collect::<Vec<_>>(),
    });
    if let Verdict::Approved { start_by, .. } = answer.verdict {
        out["start_by"] = start_by.into();
    }
    out
}

fn rendering(name: &str, change: fn(&mut Request)) -> Value {
    let mut request = World::new().request();
    change(&mut request);
    let page = render::request(&request);
    let payload = canonical::bytes(&request).expect("canonical");
    let lines: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    json!({"name": name, "payload": text(&payload), "lines": lines, "digest": page.digest})
}

fn rosters() -> Vec<Value> {
    let world = World::new();
    let root = world.signed_roster();
    let next = |change: fn(&mut RosterFile), signers: &[&Hand]| {
        let mut file = world.roster.file().clone();
        (file.version, file.prev) = (2, Some(world.roster.digest()));
        change(&mut file);
        let mut envelope = signers[0].sign(&file, 0);
        for hand in &signers[1..] {
            if let Hand::File(key) = hand {
                envelope.add(Draft::of(&file).expect("canonical").signature(key));
            }
        }
        envelope
    };
    let (dora, eli) = (&world.dora, &world.eli);
    let mut out = Vec::new();
    for (name, envelopes) in [
        ("the first, signed by both admins", vec![root.clone()]),
        ("the first, signed by one of two", vec![dora.sign(world.roster.file(), 0)]),
        ("the second, signed by both", vec![root.clone(), next(|_| {}, &[dora, eli])]),
        ("the second, signed by one", vec![root.clone(), next(|_| {}, &[dora])]),
        (
            "the second, signed by one admin and somebody else",
            vec![root.clone(), next(|_| {}, &[dora, &world.bob])],
        ),
        ("a version left out", vec![root.clone(), next(|f| f.version = 3, &[dora, eli])]),
        ("after another roster", vec![root.clone(), next(|f| f.prev = Some(Hash([0; 32])), &[dora, eli])]),
        ("for more than 30 days", vec![root.clone(), next(|f| f.exp = f.iat + 2_592_001, &[dora, eli])]),
        (
            "one human twice",
            vec![root, next(|f| f.persons[1].human = Some("emp-carol".to_owned()), &[dora, eli])],
        ),
    ] {
        let sound = super::roster::chain(envelopes[0].digest(), &envelopes).is_ok();
        let texts: Vec<Value> = envelopes.iter().map(|e| text(&e.to_bytes())).collect();
        out.push(json!({"name": name, "rosters": texts, "sound": sound}));
    }
    out
}

fn vectors() -> String {
    let world = World::new();
    let request = world.alice.sign(&world.request(), 0);
    let number = match_key().code(&request.digest(), "bob");
    let mut teams = Vec::new();
    let cases: Vec<Value> = cases().iter().map(|c| case(c, &mut teams)).collect();
    let all = json!({
        "about": "guard approvals, format v1: see README.md; keys are throw-away",
        "match_key": Bytes32([42; 32]),
        "number": {"request": request.digest(), "person": "bob", "code": number, "commit": match_key().commit()},
        "words": {"digest": world.roster.digest(), "words": fingerprint_words(&world.roster.digest())},
        "renderings": [rendering("plain", |_| {}), rendering("hostile", hostile), rendering("effects", effects)],
        "rosters": rosters(),
        "teams": teams,
        "cases": cases,
    });
    serde_json::to_string_pretty(&all).expect("plain") + "\n"
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/approvals")
}

#[test]
fn published_vectors_are_what_guard_makes() {
    let (path, made) = (directory().join("vectors.json"), vectors());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == made, "docs/approvals/vectors.json differs: UPDATE=1 writes it anew");
}

#[test]
fn every_kind_of_verdict_has_a_vector() {
    let made: Value = serde_json::from_str(&vectors()).expect("JSON");
    let has = |word: &str| made["cases"].as_array().expect("cases").iter().any(|c| c["verdict"] == word);
    for verdict in [
        Verdict::Expired.word(),
        Verdict::Void(Void::Seats).word(),
        "approved",
        "pending",
        "denied",
        "mismatch",
        "cancelled",
        "revoked",
        "lapsed",
    ] {
        assert!(has(verdict), "{verdict}");
    }
}

#[test]
fn an_independent_checker_agrees_with_every_vector() {
    #[expect(clippy::disallowed_methods, reason = "a test asks the real python3 and ssh-keygen")]
    let command = |name: &str, argument: &Path| std::process::Command::new(name).arg(argument).output();
    if std::env::var_os("UPDATE").is_some() {
        // The vectors are being written beside this test.
        return;
    }
    let keygen = command("ssh-keygen", Path::new("-?"));
    match (keygen, command("python3", &directory().join("check.py"))) {
        (Ok(_), Ok(checked)) => assert!(checked.status.success(), "{checked:?}"),
        _ => {
            assert!(
                std::env::var_os("CI").is_none_or(|v| v != "true"),
                "CI must have python3 and ssh-keygen"
            );
            crate::say!("SKIPPED: python3 or ssh-keygen is not installed");
        }
    }
}
