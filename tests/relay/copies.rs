//! Backup, restore, moving between databases, pruning, and the export for an auditor.

use crate::server::{Answer, Caller, GENEROUS, Place, Relay, database, guard, on_each, shared};
use crate::team::{Team, now};
use guard::keys::{decode_bytes, sha256};
use guard::statement::{Decision, Envelope};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

fn run(args: &[&str]) -> String {
    let output = guard(args).output().expect("guard runs");
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("utf-8")
}

#[test]
fn a_copy_taken_while_serving_has_everything_and_leaves_a_gap() {
    on_each("copy", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let (alice, bob) = (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"));
        let request = team.request("alice", &["x", "\u{202e}"]);
        assert_eq!(alice.submit(&request).status, 201);
        assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Deny)).status, 201);
        let before = alice.poll(&request, 0, 0);
        let copy = place.path("copy.ndjson");
        run(&["backup", "--db", db, text(&copy)]);
        let again = guard(&["backup", "--db", db, text(&copy)]).output().expect("guard runs");
        assert!(!again.status.success(), "an older copy is never written over");
        drop(relay);

        let fresh = Place::new("restored");
        run(&["restore", "--db", &fresh.sqlite(), text(&copy)]);
        let other = Relay::start(&fresh, &fresh.sqlite(), &team, GENEROUS);
        let alice = other.sign_in(&team, "alice");
        assert_eq!(alice.poll(&request, 0, 0).body, before.body);
        let next = alice.submit(&team.request("alice", &["y"]));
        assert!(next.seq() > 1_000_000, "numbers that somebody may have seen are not used again: {next:?}");
        let full = guard(&["restore", "--db", &fresh.sqlite(), text(&copy)]).output().expect("guard runs");
        assert!(!full.status.success());
        drop(other);

        if let Some(server) = shared() {
            let moved = database(&server, "moved");
            run(&["restore", "--db", &moved, text(&copy)]);
            let relay = Relay::start(&fresh, &moved, &team, GENEROUS);
            assert_eq!(relay.sign_in(&team, "alice").poll(&request, 0, 0).body, before.body);
        }
    });
}

/// Four callers who ask and answer until told to stop; returns what was acknowledged.
fn busy(
    callers: &[(Caller, Caller)],
    team: &Arc<Team>,
    over: &Arc<AtomicBool>,
) -> Vec<JoinHandle<Vec<Envelope>>> {
    let begin = |(alice, bob): &(Caller, Caller)| {
        let (alice, bob, team, over) = (alice.clone(), bob.clone(), Arc::clone(team), Arc::clone(over));
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let request = team.request("alice", &["x"]);
                assert_eq!(alice.submit(&request).status, 201);
                assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Approve)).status, 201);
                kept.push(request);
            }
            kept
        })
    };
    callers.iter().map(begin).collect()
}

#[test]
fn copies_taken_under_load_are_each_one_moment() {
    on_each("busy", |place, db| {
        let team = Arc::new(Team::new());
        let relay = Relay::start(place, db, &team, GENEROUS);
        let callers: Vec<_> =
            (0..4).map(|_| (relay.sign_in(&team, "alice"), relay.sign_in(&team, "bob"))).collect();
        let over = Arc::new(AtomicBool::new(false));
        // Acknowledged before: in every copy.
        let early: Vec<Envelope> = (0..20).map(|_| team.request("alice", &["early"])).collect();
        early.iter().for_each(|request| assert_eq!(callers[0].0.submit(request).status, 201));
        let working = busy(&callers, &team, &over);
        let copies: Vec<_> = (0..4).map(|n| place.path(&format!("copy-{n}"))).collect();
        for copy in &copies {
            run(&["backup", "--db", db, text(copy)]);
        }
        over.store(true, Ordering::Relaxed);
        let kept: Vec<Envelope> = working.into_iter().flat_map(|w| w.join().expect("thread")).collect();
        assert!(!kept.is_empty());
        drop(relay);

        let mut sizes = Vec::new();
        for (number, copy) in copies.iter().enumerate() {
            let fresh = Place::new(&format!("busy-{number}"));
            run(&["restore", "--db", &fresh.sqlite(), text(copy)]);
            let other = Relay::start(&fresh, &fresh.sqlite(), &team, GENEROUS);
            let alice = other.sign_in(&team, "alice");
            early.iter().for_each(|request| assert_eq!(alice.poll(request, 0, 0).status, 200));
            // Of the others a beginning: an approval never without its request, none twice.
            let there = kept.iter().map(|r| alice.poll(r, 0, 0)).filter(|a| a.status == 200);
            let of = |answer: Answer| answer.body["statements"].as_array().map_or(0, Vec::len);
            let counts: Vec<usize> = there.map(of).collect();
            assert!(counts.iter().all(|count| (1..=2).contains(count)), "{counts:?}");
            sizes.push(counts.iter().sum::<usize>());
        }
        assert!(sizes.is_sorted(), "{sizes:?}");
    });
}

#[test]
fn a_copy_that_was_cut_or_changed_is_refused_whole() {
    let (place, team) = (Place::new("cut"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    assert_eq!(alice.submit(&team.request("alice", &["x"])).status, 201);
    let copy = place.path("copy.ndjson");
    run(&["backup", "--db", &place.sqlite(), text(&copy)]);
    let whole = std::fs::read_to_string(&copy).expect("readable");
    assert!(whole.contains("\"layout\":3"), "the one that is replaced below: {whole:.80}");
    let lines: Vec<&str> = whole.lines().collect();
    for (number, bad) in [
        lines[..lines.len() - 1].join("\n"),
        whole.replace("lap-alice", "lap-mallo"),
        whole.replace("\"layout\":3", "\"layout\":9"),
        whole.replace("\"layout\":3", "\"layout\":0"),
        String::new(),
        lines.iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, l)| format!("{l}\n")).collect(),
    ]
    .into_iter()
    .enumerate()
    {
        let file = place.path(&format!("bad-{number}"));
        std::fs::write(&file, bad).expect("write");
        let db = format!("sqlite:{}", place.path(&format!("bad-{number}.db")).display());
        let output = guard(&["restore", "--db", &db, text(&file)]).output().expect("guard runs");
        assert_eq!(output.status.code(), Some(69), "{number}: {output:?}");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            words.contains("the file is no whole backup: ") && words.contains("nothing was kept"),
            "{words}"
        );
        for left in [format!("bad-{number}.db"), format!("bad-{number}.db.lock")] {
            assert!(!place.path(&left).exists(), "{left}");
        }
    }
}

#[test]
fn a_copy_of_an_older_layout_with_the_same_rows_is_restored() {
    let (place, team) = (Place::new("older-copy"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let request = team.request("alice", &["x"]);
    assert_eq!(relay.sign_in(&team, "alice").submit(&request).status, 201);
    let copy = place.path("copy.ndjson");
    run(&["backup", "--db", &place.sqlite(), text(&copy)]);
    drop(relay);
    let whole = std::fs::read_to_string(&copy).expect("readable").replace("\"layout\":3", "\"layout\":2");
    let (rows, end) = whole.trim_end().rsplit_once('\n').expect("a last line");
    let mut end: serde_json::Value = serde_json::from_str(end).expect("JSON");
    end["sha256"] = guard::keys::encode(&sha256(&[rows.as_bytes(), b"\n"])).into();
    std::fs::write(&copy, format!("{rows}\n{end}\n")).expect("write");
    let fresh = Place::new("older-restored");
    run(&["restore", "--db", &fresh.sqlite(), text(&copy)]);
    let other = Relay::start(&fresh, &fresh.sqlite(), &team, GENEROUS);
    assert_eq!(other.sign_in(&team, "alice").poll(&request, 0, 0).status, 200);
}

#[test]
fn pruning_removes_what_ended_and_nothing_else() {
    on_each("prune", |place, db| {
        let team = Team::new();
        let relay = Relay::start(place, db, &team, GENEROUS);
        let alice = relay.sign_in(&team, "alice");
        let brief = team.request_with("alice", &["brief"], |r| (r.iat, r.exp) = (now() - 60, now() - 1));
        let open = team.request("alice", &["open"]);
        assert_eq!(alice.submit(&brief).status, 201);
        assert_eq!(alice.submit(&open).status, 201);
        // The relay marks it by itself; until then it is shown as over, and not removed.
        assert_eq!(alice.poll(&brief, 0, 0).body["state"], "expired");
        let removed = || run(&["prune", "--db", db, "--keep-days=0"]);
        while removed() != "1 statement removed\n" {
            assert_eq!(alice.poll(&open, 0, 0).status, 200);
        }
        alice.poll(&brief, 0, 0).is_problem(404, "not-found");
        assert_eq!(alice.poll(&open, 0, 0).status, 200);
        assert_eq!(alice.get(&alice.at("/roster")).status, 200);
    });
}

#[test]
fn an_export_is_signed_and_complete() {
    on_each("export", |place, db| {
        let team = Team::new();
        let key = place.path("relay.key");
        let key_arg = format!("--key={}", key.display());
        let relay = Relay::start(place, db, &team, &[GENEROUS, &[&key_arg]].concat());
        let alice = relay.sign_in(&team, "alice");
        let request = team.request("alice", &["x"]);
        assert_eq!(alice.submit(&request).status, 201);
        let file = place.path("export.ndjson");
        run(&["export", "--db", db, &key_arg, "--name=relay.example", &team.name, text(&file)]);
        let written = std::fs::read(&file).expect("readable");
        let lines: Vec<serde_json::Value> = written
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .map(|l| serde_json::from_slice(l).expect("JSON"))
            .collect();
        let kinds: Vec<&str> = lines.iter().filter_map(|l| l["type"].as_str()).collect();
        assert_eq!(kinds, ["roster", "request"]);
        assert_eq!(lines[1]["envelope"].to_string().as_bytes(), request.to_bytes());

        let note = std::fs::read_to_string(place.path("export.ndjson.note")).expect("a note");
        let (body, signature) = note.split_once("\n\n").expect("body and signature");
        let said: Vec<&str> = body.lines().collect();
        assert_eq!(said[1], team.name);
        assert_eq!(said[3], guard::keys::encode(&sha256(&[&written])));
        let line = signature.trim_end().strip_prefix("\u{2014} relay.example ").expect("the name");
        let bytes = decode_bytes(line).expect("base64");
        let secret = std::fs::read_to_string(&key).expect("key");
        let secret = secret.trim_end().rsplit(' ').next().and_then(guard::keys::Secret::from_text);
        let public = guard::keys::SigningKey::new(&secret.expect("a key")).public();
        let signed = bytes[4..].try_into().expect("64 bytes");
        assert!(public.verify(format!("{body}\n").as_bytes(), signed));
    });
}

/// `guard relay` in a directory, with names without a slash, as typed.
fn typed(place: &Place, words: &str) -> (Option<i32>, String) {
    let words: Vec<&str> = words.split(' ').collect();
    let output = guard(&words).current_dir(&place.0).output().expect("guard runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_an_operator_gets_wrong_is_said_with_the_file_at_fault() {
    let place = Place::new("typed");
    let (db, own) = ("--db=sqlite:here.db", "--key=own.key");
    assert_eq!(typed(&place, &format!("migrate {db}")).0, Some(0));
    assert_eq!(typed(&place, &format!("backup {db} copy")).0, Some(0));
    let cases = [
        (format!("backup {db} copy"), 64, "copy: is there already, and nothing is written over"),
        (format!("backup {db} no/such/copy"), 64, "no/such/copy: No such file"),
        (format!("restore {db} absent"), 64, "absent: No such file"),
        ("backup --db=sqlite:absent.db other".to_owned(), 69, "absent.db does not exist"),
        ("prune --db=sqlite:absent.db".to_owned(), 69, "absent.db does not exist"),
        (format!("serve --listen=127.0.0.1:0 {db} --roster=absent"), 64, "absent: No such file"),
        ("serve --listen=127.0.0.1:0 --db=sqlite:no/such.db".to_owned(), 69, "no/such.db.lock: No such file"),
        (format!("export {db} {own} --name=h team out"), 78, "own.key: does not exist"),
    ];
    for (words, status, wanted) in cases {
        let (code, said) = typed(&place, &words);
        assert_eq!(code, Some(status), "{words}: {said}");
        assert!(said.contains(wanted) && said.contains("hint: "), "{words}: {said}");
    }
    assert!(!place.path("other").exists() && !place.path("own.key").exists(), "nothing half made is left");
}

#[test]
fn the_first_start_in_a_directory_of_ones_own_makes_the_key() {
    use std::io::BufRead;
    let place = Place::new("first");
    let mut command = guard(&["serve", "--listen=127.0.0.1:0"]);
    let started = command.current_dir(&place.0).stdout(std::process::Stdio::piped());
    let log = std::fs::File::create(place.path("log")).expect("a log");
    let mut relay = started.stderr(log).spawn().expect("guard runs");
    let mut line = String::new();
    let out = relay.stdout.take().expect("piped");
    std::io::BufReader::new(out).read_line(&mut line).expect("a line");
    let _ = relay.kill();
    let _ = relay.wait();
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
    assert!(place.path("relay.db").exists() && place.path("relay.key").exists());
    let log = std::fs::read_to_string(place.path("log")).expect("a log");
    assert!(log.contains("no team is here, so nobody can sign in: start with --roster FILE"), "{log}");
    let (code, said) = typed(&place, "export --db=sqlite:relay.db --key=relay.key --name=h nobody out");
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("nothing is kept of a team called nobody"), "{said}");
    assert!(!place.path("out").exists());
}
