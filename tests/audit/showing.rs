//! `guard audit show`: what people and programs read.

use crate::helper::*;
use guard::audit::{Decision, Outcome};

fn shown(state: &std::path::Path, args: &[&str]) -> Vec<String> {
    let output = guard(state, &[&["show"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
}

fn filled(scratch: &Scratch) -> std::path::PathBuf {
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    command(&log, &["kubectl", "delete", "ns", "payments"]);
    let mut forged = intent(&["rm", "x"]);
    forged.summary = "/srv\x1b[2J\u{202e}x\u{9b}".to_owned();
    forged.environment = "staging".to_owned();
    let id = log.intent(&forged).expect("intent");
    let refused = Decision { detail: Some("policy says no".into()), ..Decision::new(Outcome::Refused) };
    assert!(log.decision(&id, &refused).expect("decision").is_none());
    log.intent(&intent(&["psql", "-c", "x"])).expect("intent");
    state
}

#[test]
fn a_table_with_one_line_a_command() {
    let scratch = Scratch::new();
    let state = filled(&scratch);
    let lines = shown(&state, &[]);
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines[0].starts_with("WHEN") && lines[1].contains("the log begins"));
    assert!(
        lines[2].contains("ran")
            && lines[2].contains("prod-eu/payments")
            && lines[2].ends_with("typed, 2 attempts, 4.2 s")
    );
    assert!(
        lines[3].contains("refused")
            && lines[3].contains("/srv\\x1b[2J\\u{202e}x")
            && lines[3].ends_with("policy says no")
    );
    assert!(lines[4].contains("open") && lines[4].contains("psql"));
    assert!(!lines.concat().contains('\u{1b}'));
}

#[test]
fn filters_narrow_it() {
    let scratch = Scratch::new();
    let state = filled(&scratch);
    let tools = |args: &[&str]| shown(&state, args).len().saturating_sub(1);
    assert_eq!(tools(&["--tool", "rm"]), 1);
    assert_eq!(tools(&["--environment", "production"]), 2);
    assert_eq!(tools(&["--decision", "open"]), 1);
    assert_eq!(tools(&["--decision", "ran", "--tool", "rm"]), 0);
    assert_eq!(tools(&["--since", "1h"]), 4);
    assert_eq!(tools(&["--since", "2200-01-01"]), 0);
    assert_eq!(tools(&["-n", "2"]), 2);
    assert_eq!(guard(&state, &["show", "--since", "whenever"]).status.code(), Some(64));
}

#[test]
fn json_lines_are_the_entries_themselves() {
    let scratch = Scratch::new();
    let state = filled(&scratch);
    let lines = shown(&state, &["--json"]);
    assert_eq!(lines.len(), 6);
    let said = lines[3..5].iter().map(|l| serde_json::from_str(l).expect("JSON")).find_map(
        |v: serde_json::Value| v.pointer("/target/summary").and_then(|s| s.as_str().map(str::to_owned)),
    );
    assert_eq!(said.as_deref(), Some("/srv\x1b[2J\u{202e}x\u{9b}"));
    assert!(lines.concat().contains("\\u202ex\\u009b") && !lines.concat().contains(['\u{202e}', '\u{9b}']));
    for (i, line) in lines.iter().enumerate() {
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(value["seq"].as_u64(), Some(i as u64));
    }
    assert_eq!(shown(&state, &["--json", "--tool", "rm"]).len(), 2, "an intent and its decision");
}

#[test]
fn nothing_recorded_is_no_error() {
    let scratch = Scratch::new();
    assert_eq!(shown(&scratch.0.join("guard"), &[]), Vec::<String>::new());
}
