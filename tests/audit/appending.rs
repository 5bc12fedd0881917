//! Many writers, killed writers, torn ends: nothing acknowledged is lost and every byte is accounted for.

use crate::helper::*;
use guard::audit::{self, AuditError, Decision, FileError, Log, Outcome};
use std::collections::HashSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

fn ids(state: &Path) -> HashSet<String> {
    let all = audit::records(&dirs(state)).expect("records");
    all.records.iter().filter_map(|r| r.text("/id")).map(str::to_owned).collect()
}

#[test]
fn eight_processes_append_five_hundred_each() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    // All of them find no log, and one begins it.
    let children: Vec<_> = (0..8).map(|_| appender(&state, 500).spawn().expect("child")).collect();
    let outputs: Vec<_> = children.into_iter().map(|c| c.wait_with_output().expect("child")).collect();
    let mut acknowledged = HashSet::new();
    let mut notices = 0;
    for output in &outputs {
        assert_eq!(said(&output.stdout, "error"), Vec::<String>::new());
        notices += said(&output.stdout, "notice").len();
        acknowledged.extend(said(&output.stdout, "ack"));
    }
    assert_eq!((acknowledged.len(), notices), (4000, 1));
    assert!(acknowledged.is_subset(&ids(&state)));
    let report = audit::verify(&dirs(&state)).expect("verify");
    assert_eq!((report.entries, report.last_seq, report.undecided), (4001, Some(4000), 4000));
    assert_ok(&state);
}

#[test]
fn killed_appenders_lose_nothing_that_was_acknowledged() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    drop(fresh(&state));
    let mut acknowledged = HashSet::new();
    for round in 0..40_usize {
        let mut children: Vec<_> = (0..3).map(|_| appender(&state, 10_000).spawn().expect("child")).collect();
        for (i, child) in children.iter_mut().enumerate() {
            let mut reader = BufReader::new(child.stdout.take().expect("piped"));
            let mut text = Vec::new();
            // Killed after a different number of acknowledgements each time, wherever it is by then.
            while said(&text, "ack").len() < 1 + (round + i) % 5 {
                reader.read_until(b'\n', &mut text).expect("the child acknowledges");
            }
            child.kill().expect("SIGKILL");
            std::io::Read::read_to_end(&mut reader, &mut text).expect("the rest");
            let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            acknowledged.extend(said(&text[..whole], "ack"));
            child.wait().expect("child");
        }
    }
    assert!(acknowledged.is_subset(&ids(&state)));
    command(&Log::open(&dirs(&state)).expect("open").0, &["rm", "x"]);
    let (standing, _) = both(&state);
    assert!(standing == "ok" || standing == "damaged", "{standing}");
}

#[test]
fn a_torn_end_is_recovered_wherever_it_was_cut() {
    let scratch = Scratch::new();
    let origin = scratch.0.join("origin");
    let log = fresh(&origin);
    command(&log, &["rm", "-rf", "/srv"]);
    let whole = fs::read(segment(&origin)).expect("segment");
    let last = lines(&origin).pop().expect("a line").len();
    let mut second = Vec::new();
    for cut in 0..=last {
        let state = scratch.0.join(format!("cut-{cut}"));
        variant(&origin, &state, &whole[..whole.len() - last + cut]);
        let expected = if cut == 0 || cut >= last - 1 { "ok" } else { "damaged" };
        if cut == last - 1 {
            assert_eq!(verdict(&state).0, "damaged", "only the line break is missing");
        } else {
            assert_eq!(verdict(&state).0, expected, "before the next append, cut at {cut}");
        }
        let log = Log::open(&dirs(&state)).expect("open").0;
        let id = log.intent(&intent(&["rm", "next"])).expect("append after a torn end");
        let said = verdict(&state);
        assert_eq!(said.0, expected, "cut at {cut}");
        assert!(fs::read(segment(&state)).expect("segment").starts_with(&whole[..whole.len() - last + cut]));
        assert!(ids(&state).contains(id.as_str()));
        if cut % 7 == 0 || cut >= last - 2 {
            second.push((state, said));
        } else {
            fs::remove_dir_all(&state).expect("own directory");
        }
    }
    let (states, said): (Vec<_>, Vec<_>) = second.into_iter().unzip();
    assert_eq!(second_opinion(&states), said);
}

#[test]
fn a_torn_recovery_is_recovered_too() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    command(&log, &["rm", "a"]);
    let mut file = fs::File::options().append(true).open(segment(&state)).expect("segment");
    file.write_all(b"{\"entry\":{\"actor\"\n{\"entry\":{\"boot\":\"\0\0\0\0").expect("write");
    command(&log, &["rm", "b"]);
    assert_eq!(both(&state).0, "damaged");
    let report = audit::verify(&dirs(&state)).expect("verify");
    assert_eq!((report.recovered.len(), report.recovered[0].class, report.recovered[0].seq), (1, "torn", 3));
}

#[test]
fn foreign_bytes_are_set_aside_and_called_what_they_are() {
    for junk in ["hello\n", "\n", "hello", "{\"entry\":{}}\n", "{\"entry\":{}}"] {
        let scratch = Scratch::new();
        let state = scratch.0.join("guard");
        let log = fresh(&state);
        let before = fs::read(segment(&state)).expect("segment").len() as u64;
        let mut file = fs::File::options().append(true).open(segment(&state)).expect("segment");
        file.write_all(junk.as_bytes()).expect("write");
        command(&log, &["rm", "b"]);
        let (standing, place) = both(&state);
        let class = audit::verify(&dirs(&state)).expect("verify").recovered[0].class;
        let expected = if junk.ends_with('}') { ("damaged", "torn") } else { ("tampered", "foreign") };
        assert_eq!(
            (standing.as_str(), class, place),
            (expected.0, expected.1, Some((2, before))),
            "{junk:?}"
        );
    }
}

#[test]
fn entries_are_canonical_by_another_implementation() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    let strange = [
        "\u{0}\u{1}\u{8}\u{9}\u{a}\u{b}\u{c}\u{d}\u{1f}\u{7f}",
        "\"\\/",
        "é ü 名前 🦀 \u{2028}\u{2029}\u{feff}",
        "\u{e000}\u{fffd}",
        "‹redacted:x:y›",
        "",
        "{\"entry\":{}}",
        "-0",
        "1e400",
    ];
    for word in strange {
        let mut odd = intent(&["rm", word]);
        odd.summary = word.to_owned();
        odd.unsure = Some(word.to_owned());
        odd.argv.push(std::ffi::OsString::from_vec(b"not \xff utf-8".to_vec()));
        odd.severity = None;
        let id = log.intent(&odd).expect("intent");
        let decision =
            Decision { detail: Some(word.to_owned()), wait_ms: u64::MAX, ..Decision::new(Outcome::Refused) };
        assert!(log.decision(&id, &decision).expect("decision").is_none(), "a refusal gives no receipt");
    }
    assert_ok(&state);
    for record in audit::records(&dirs(&state)).expect("records").records {
        let value: serde_json::Value = serde_json::from_str(&record.json).expect("JSON");
        let canonical = serde_json_canonicalizer::to_string(&value).expect("RFC 8785");
        assert_eq!(canonical, record.json);
    }
}

#[test]
fn a_huge_command_line_is_kept_in_part_and_by_digest() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    let words: Vec<String> = (0..60_000).map(|i| format!("/srv/data/{i}")).collect();
    let argv: Vec<&str> = std::iter::once("rm").chain(words.iter().map(String::as_str)).collect();
    command(&log, &argv);
    command(&log, &["rm", "after"]);
    let all = audit::records(&dirs(&state)).expect("records").records;
    let record = &all[1];
    let kept = record.get("/cmd/argv").and_then(|a| a.as_array()).expect("argv").len() as u64;
    assert_eq!(record.number("/cmd/argc"), Some(60_001));
    assert_eq!(record.number("/cmd/argv_rest/words"), Some(60_001 - kept));
    assert_ok(&state);
}

#[test]
fn a_lock_that_is_never_released_is_an_error_and_not_a_hang() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    let lock = fs::File::open(state.join("audit/LOCK")).expect("LOCK");
    lock.lock().expect("lock");
    let start = std::time::Instant::now();
    let error = log.intent(&intent(&["rm", "x"])).expect_err("the lock is held");
    assert!(matches!(error, AuditError::File(FileError::Busy { .. })), "{error}");
    assert!(start.elapsed().as_secs() < 8);
    assert!(error.hint().contains("fuser"));
}

#[test]
fn secrets_reach_no_file() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    let mut psql = intent(&[
        "psql",
        "postgres://app:hunter2-long@db/orders",
        "-c",
        "ALTER ROLE a PASSWORD 'pg-secret-1'",
    ]);
    psql.summary = "orders on postgres://app:hunter2-long@db".to_owned();
    psql.facts[0].value = Ok("ends with hunter2-long".to_owned());
    let id = log.intent(&psql).expect("intent");
    let refused = Decision { detail: Some("token=abcdefgh".into()), ..Decision::new(Outcome::Refused) };
    assert!(log.decision(&id, &refused).expect("decision").is_none());
    let text = fs::read_to_string(segment(&state)).expect("segment");
    for secret in ["hunter2", "pg-secret", "abcdefgh"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    let all = audit::records(&dirs(&state)).expect("records").records;
    let list = all[1].get("/redactions").and_then(|r| r.as_array()).expect("redactions").clone();
    let pointers: Vec<&str> = list.iter().filter_map(|r| r["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/cmd/argv/1", "/cmd/argv/3", "/target/facts/0/value", "/target/summary"]);
    assert_eq!(list[0]["tag"], list[3]["tag"], "equal secrets have equal tags");
    assert!(all[1].text("/cmd/argv/1").expect("argv").starts_with("postgres://app:‹redacted:uri-password:"));
    assert_ok(&state);
}
