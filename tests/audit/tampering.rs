//! Every change by someone without the key is seen, at the right place, by both verifiers.

use crate::helper::*;
use guard::audit::{AuditError, Log};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn a_flipped_bit_in_any_byte_is_seen() {
    let scratch = Scratch::new();
    let origin = scratch.0.join("origin");
    let log = fresh(&origin);
    log.intent(&intent(&["rm", "x"])).expect("intent");
    let whole = fs::read(segment(&origin)).expect("segment");
    for start in (0..whole.len()).step_by(200) {
        let mut states: Vec<PathBuf> = Vec::new();
        let mut said = Vec::new();
        for at in start..whole.len().min(start + 200) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            let state = scratch.0.join(format!("flip-{at}"));
            variant(&origin, &state, &bytes);
            said.push(verdict(&state));
            assert_ne!(said.last().expect("just pushed").0, "ok", "byte {at}");
            states.push(state);
        }
        assert_eq!(second_opinion(&states), said);
        for state in states {
            fs::remove_dir_all(state).expect("own directory");
        }
    }
}

/// A log of genesis and three commands, and what both verifiers say about a changed copy.
fn changed(change: impl Fn(&mut Vec<Vec<u8>>)) -> Said {
    let scratch = Scratch::new();
    let origin = scratch.0.join("origin");
    let log = fresh(&origin);
    for name in ["a", "b", "c"] {
        command(&log, &["rm", name]);
    }
    let mut all = lines(&origin);
    assert_eq!(all.len(), 7);
    change(&mut all);
    let state = scratch.0.join("changed");
    variant(&origin, &state, &all.concat());
    both(&state)
}

fn tampered_at(line: u64, said: &Said) {
    assert_eq!((said.0.as_str(), said.1.map(|(line, _)| line)), ("tampered", Some(line)));
}

fn replace(line: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(line.clone()).expect("utf-8");
    assert!(text.contains(from), "{text}");
    *line = text.replacen(from, to, 1).into_bytes();
}

#[test]
fn an_unchanged_copy_holds() {
    assert_eq!(changed(|_| {}), ("ok".to_owned(), None));
}

#[test]
fn an_edited_line() {
    tampered_at(3, &changed(|lines| replace(&mut lines[2], "\"ran\"", "\"rAn\"")));
    tampered_at(2, &changed(|lines| replace(&mut lines[1], "production", "sandbox")));
    tampered_at(
        1,
        &changed(|lines| replace(&mut lines[0], "\"custody\":\"file\"", "\"custody\":\"keyring\"")),
    );
}

#[test]
fn an_edited_last_line() {
    tampered_at(7, &changed(|lines| replace(&mut lines[6], "\"ran\"", "\"rAn\"")));
    tampered_at(7, &changed(|lines| replace(&mut lines[6], "\"ran\"", "\"ran")));
}

#[test]
fn a_deleted_line() {
    tampered_at(3, &changed(|lines| drop(lines.remove(2))));
    tampered_at(1, &changed(|lines| drop(lines.remove(0))));
    tampered_at(2, &changed(|lines| drop(lines.drain(1..4))));
}

#[test]
fn an_inserted_line() {
    tampered_at(4, &changed(|lines| lines.insert(3, lines[2].clone())));
    tampered_at(4, &changed(|lines| lines.insert(3, b"\n".to_vec())));
    tampered_at(4, &changed(|lines| lines.insert(3, b"# a remark\n".to_vec())));
    tampered_at(1, &changed(|lines| lines.insert(0, lines[6].clone())));
}

#[test]
fn swapped_lines() {
    tampered_at(4, &changed(|lines| lines.swap(3, 4)));
}

#[test]
fn members_beside_the_signed_ones() {
    tampered_at(
        4,
        &changed(|lines| {
            replace(&mut lines[3], ",\"sig\"", ",\"priv\":{\"fields\":{},\"salt\":\"\"},\"sig\"")
        }),
    );
    tampered_at(4, &changed(|lines| replace(&mut lines[3], ",\"sig\"", ",\"x\":1,\"sig\"")));
    tampered_at(4, &changed(|lines| replace(&mut lines[3], "\"v\":1", "\"v\":1,\"v\":1")));
}

#[test]
fn a_newer_format_is_not_judged() {
    let said = changed(|lines| {
        lines.truncate(6);
        replace(&mut lines[5], "\"v\":1", "\"v\":2");
    });
    assert_eq!((said.0.as_str(), said.1.map(|p| p.0)), ("unknown", Some(6)));
}

#[test]
fn a_cut_at_a_line_is_what_cannot_be_seen() {
    assert_eq!(changed(|lines| lines.truncate(5)).0, "ok");
}

#[test]
fn lines_of_another_log() {
    let scratch = Scratch::new();
    let (one, other) = (scratch.0.join("one"), scratch.0.join("other"));
    command(&fresh(&one), &["rm", "a"]);
    command(&fresh(&other), &["rm", "a"]);
    let foreign = lines(&other);
    let state = scratch.0.join("changed");
    let mut mixed = lines(&one);
    mixed[2] = foreign[2].clone();
    variant(&one, &state, &mixed.concat());
    tampered_at(3, &both(&state));
    // A whole foreign log: the pin sees it.
    fs::remove_dir_all(&state).expect("own directory");
    variant(&one, &state, &foreign.concat());
    assert_eq!(both(&state), ("tampered".to_owned(), Some((0, 0))));
}

#[test]
fn a_forged_recovery_does_not_hide_an_entry() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    command(&log, &["rm", "a"]);
    let mut all = lines(&state);
    replace(&mut all[2], "\"sig\":\"", "\"sig\":\"=");
    fs::write(segment(&state), all.concat()).expect("write");
    command(&log, &["rm", "b"]);
    // The append set the broken line aside; both verifiers still call it tampering.
    tampered_at(3, &both(&state));
}

#[test]
fn a_removed_log_is_named_by_the_next_one() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    command(&fresh(&state), &["rm", "a"]);
    fs::remove_file(segment(&state)).expect("own file");
    assert_eq!(both(&state).0, "tampered");
    let output = appender(&state, 1).output().expect("child");
    let notices = said(&output.stdout, "notice");
    assert!(notices.len() == 2 && notices[1].contains("is gone"), "{notices:?}");
    assert_eq!(both(&state), ("damaged".to_owned(), Some((1, 0))));
}

#[test]
fn missing_pins_and_keys_are_told() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    command(&log, &["rm", "a"]);
    let key = |name: &str| state.join("audit/keys").join(name);
    fs::remove_file(key("log.vkey")).expect("own file");
    assert_eq!(both(&state).0, "damaged");
    fs::remove_file(key("genesis.pin")).expect("own file");
    assert_eq!(both(&state).0, "damaged");
    Log::open(&dirs(&state)).expect("the pin is written again");
    assert!(key("genesis.pin").exists());
    fs::remove_file(key("epoch.key")).expect("own file");
    let error = log.intent(&intent(&["rm", "b"])).expect_err("nothing signs");
    assert!(matches!(error, AuditError::KeyMissing { .. }), "{error}");
    assert!(error.hint().contains(&format!("mv {}", state.join("audit").display())), "{}", error.hint());
    fs::write(key("epoch.key"), "guard-epoch-key/v1 0 short\n").expect("write");
    fs::set_permissions(key("epoch.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("mode");
    let error = log.intent(&intent(&["rm", "b"])).expect_err("nothing signs");
    assert!(matches!(error, AuditError::KeyDamaged { .. }), "{error}");
}

#[test]
fn an_unreadable_log_is_not_continued_and_not_overwritten() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    for content in ["", "junk\n", "{\"entry\":"] {
        fs::write(segment(&state), content).expect("write");
        let error = log.intent(&intent(&["rm", "b"])).expect_err("nothing to continue");
        assert!(matches!(error, AuditError::NothingReadable { .. }), "{error}");
        assert_eq!(fs::read_to_string(segment(&state)).expect("segment"), content);
        assert_eq!(both(&state).0, "tampered");
    }
}

#[test]
fn exit_statuses_of_the_command() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let status = |path: &Path| guard(path, &["verify"]).status.code();
    assert_eq!(status(&state), Some(4), "no log");
    let log = fresh(&state);
    command(&log, &["rm", "a"]);
    let output = guard(&state, &["verify"]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("entries 0–2") && text.contains("not anchored: they could be removed without trace"),
        "{text}"
    );
    assert!(text.contains("level: L0"), "{text}");
    let whole = fs::read(segment(&state)).expect("segment");
    fs::write(segment(&state), &whole[..whole.len() - 30]).expect("write");
    assert_eq!(status(&state), Some(2));
    // What is damaged is not called intact, neither here nor for a program.
    let text = String::from_utf8(guard(&state, &["verify"]).stdout).expect("text");
    assert!(text.starts_with("the audit log is damaged: ") && text.contains("level: none"), "{text}");
    assert!(!text.contains("L0") && !text.contains("intact"), "{text}");
    let json: serde_json::Value =
        serde_json::from_slice(&guard(&state, &["verify", "--json"]).stdout).expect("JSON");
    assert_eq!(json["level"], serde_json::Value::Null);
    // Once the next append has recorded them, the bytes are accounted for.
    command(&log, &["rm", "b"]);
    let text = String::from_utf8(guard(&state, &["verify"]).stdout).expect("text");
    assert!(
        text.contains("damaged, and every byte is accounted for") && text.contains("level: none"),
        "{text}"
    );
    let edited = String::from_utf8(whole).expect("utf-8").replacen("production", "test", 1);
    fs::write(segment(&state), edited).expect("write");
    let output = guard(&state, &["verify", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((json["first_bad"]["seq"].as_u64(), json["first_bad"]["line"].as_u64()), (Some(1), Some(2)));
    assert_eq!(json["level"], serde_json::Value::Null);
}

const TORN: &[u8] = b"{\"entry\":{\"act";

/// Where the torn line of the crash stands.
struct Crash(std::ops::Range<usize>);

impl Crash {
    fn of(whole: &[u8]) -> Crash {
        let line = [TORN, b"\n"].concat();
        let at = whole.windows(line.len()).position(|w| w == line).expect("the torn line");
        Crash(at..at + line.len())
    }

    /// What docs/audit.md says of a log that was changed: everything before the first difference is as guard wrote
    /// it, what follows is the end of the last segment, or no entry that anything accounts for.
    fn expected(&self, whole: &[u8], bytes: &[u8]) -> &'static str {
        if bytes == whole {
            return "damaged";
        }
        let same = whole.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        let line = bytes[..same].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let tail = &bytes[line..];
        let lacks_break = !tail.is_empty() && whole[line..].starts_with(&[tail, b"\n"].concat());
        match tail {
            // A line break belongs to the bytes of a crash only once an entry says where they end.
            [] if line == self.0.end => "tampered",
            [] if line > self.0.end => "damaged",
            [] if line > 0 => "ok",
            // Without its first entry nothing says which log it is.
            _ if line == 0 && !lacks_break => "tampered",
            tail if lacks_break || is_torn(tail) => "damaged",
            _ => "tampered",
        }
    }
}

/// The class of bytes that are no entry, by docs/audit.md.
fn is_torn(bytes: &[u8]) -> bool {
    const BEGINNING: &[u8] = b"{\"entry\":";
    bytes.split(|b| *b == b'\n').all(|piece| {
        let zeros = piece.iter().rev().take_while(|b| **b == 0).count();
        let written = &piece[..piece.len() - zeros];
        let signed = written.len() >= 98
            && written.ends_with(b"\"}")
            && written[written.len() - 98..].starts_with(b",\"sig\":\"");
        !piece.is_empty() && (BEGINNING.starts_with(written) || written.starts_with(BEGINNING) && !signed)
    })
}

/// Random changes of bytes, lines and lengths: each gets exactly the verdict that the description of the log says,
/// and the two verifiers never disagree.
#[test]
fn random_changes_are_judged_alike() {
    let scratch = Scratch::new();
    let origin = scratch.0.join("origin");
    let log = fresh(&origin);
    command(&log, &["rm", "a"]);
    let mut file = fs::File::options().append(true).open(segment(&origin)).expect("segment");
    std::io::Write::write_all(&mut file, b"{\"entry\":{\"act").expect("a torn end");
    command(&log, &["rm", "b"]);
    let whole = fs::read(segment(&origin)).expect("segment");
    assert_eq!(verdict(&origin).0, "damaged");
    let crash = Crash::of(&whole);
    // xorshift: the same changes every time.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % limit as u64).expect("small")
    };
    let (mut states, mut said) = (Vec::new(), Vec::new());
    for i in 0..400 {
        let mut bytes = whole.clone();
        let (at, length) = (below(bytes.len()), 1 + below(40));
        let end = (at + length).min(bytes.len());
        match i % 6 {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, whole[at..end].iter().copied())),
            3 => bytes[at..end].fill(0),
            4 => bytes.insert(at, b'\n'),
            _ => bytes[at] = b"\"{}\\,:\n0\xff"[below(9)],
        }
        let state = scratch.0.join(format!("random-{i}"));
        variant(&origin, &state, &bytes);
        let verdict = verdict(&state);
        assert_eq!(verdict.0, crash.expected(&whole, &bytes), "{i}: at {at}: {verdict:?}");
        states.push(state);
        said.push(verdict);
    }
    assert_eq!(second_opinion(&states), said);
}
