//! Programs that a git command is told to run: `rebase --exec`, `bisect run`, `submodule foreach`.
//! Must never say that they run here when they run in another repository.

use super::call::{Call, shell_words};
use crate::reading::Command;
use crate::reading::through::Start;
use std::ffi::OsString;

/// Options whose value is run as a command, by verb.
const OPTIONS: &[(&str, &[&str])] = &[
    ("rebase", &["--exec"]),
    ("difftool", &["--extcmd"]),
    ("grep", &["--open-files-in-pager"]),
    ("push", &["--receive-pack", "--exec"]),
    ("send-pack", &["--receive-pack", "--exec"]),
    ("fetch", &["--upload-pack"]),
    ("pull", &["--upload-pack"]),
    ("clone", &["--upload-pack"]),
    ("ls-remote", &["--upload-pack"]),
    ("archive", &["--exec"]),
    (
        "filter-branch",
        &[
            "--setup",
            "--env-filter",
            "--tree-filter",
            "--index-filter",
            "--parent-filter",
            "--msg-filter",
            "--commit-filter",
            "--tag-name-filter",
        ],
    ),
];

/// What a command that was read would start.
pub fn of(call: &Call, command: &Command) -> Vec<Start> {
    let options = OPTIONS.iter().find(|(verb, _)| *verb == command.verb).map_or(&[][..], |(_, o)| o);
    let mut starts: Vec<Start> = command
        .options
        .iter()
        .filter(|o| options.contains(&o.name.as_str()))
        .filter_map(|o| o.value.as_deref())
        .map(|text| here(call, shell_words(text, &[])))
        .collect();
    let words: Vec<OsString> = command.operands.iter().map(OsString::from).collect();
    if words.is_empty() {
        return starts;
    }
    match command.verb.as_str() {
        "bisect run" => starts.push(here(call, words)),
        "submodule foreach" => {
            let words = match words.as_slice() {
                [text] => shell_words(&text.to_string_lossy(), &[]),
                _ => words,
            };
            starts.push(elsewhere(call, words, "each submodule"));
        }
        "for-each-repo" => {
            let words = std::iter::once("git".into()).chain(words).collect();
            starts.push(elsewhere(call, words, "each repository that a setting lists"));
        }
        _ => {}
    }
    starts
}

fn here(call: &Call, words: Vec<OsString>) -> Start {
    Start { invocation: call.invocation.nested(words), doubt: None }
}

fn elsewhere(call: &Call, words: Vec<OsString>, place: &str) -> Start {
    Start { invocation: call.invocation.elsewhere(words, place), doubt: None }
}
