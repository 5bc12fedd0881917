//! Settings that make git run a program of the caller's naming, where the call itself carries them (`-c`,
//! GIT_CONFIG_COUNT). Must never count a setting that stands in a file: that is how the machine is set up.

use super::call::{Call, shell_words};
use super::config;
use crate::reading::through::Start;
use crate::reading::traits::Traits;
use std::ffi::OsString;

/// Adds each such setting as a trait, and gives back the programs.
pub fn programs(call: &Call, traits: &mut Traits) -> Vec<Start> {
    let carried = config::carried(&call.invocation);
    let mut starts = Vec::new();
    for setting in carried.iter() {
        traits.add("setting", setting.key.to_ascii_lowercase());
        let Some(text) = setting.value.as_deref().and_then(|v| program(&setting.key, v)) else { continue };
        let words: Vec<OsString> = shell_words(text, &[]);
        starts.push(Start { invocation: call.invocation.nested(words), doubt: None });
    }
    for (variable, key) in VARIABLES {
        let value = call.invocation.var(variable);
        let Some(text) = value.as_deref().and_then(|v| program(key, v)) else { continue };
        starts.push(Start { invocation: call.invocation.nested(shell_words(text, &[])), doubt: None });
    }
    starts
}

/// Variables that git takes before a setting, and the setting that each stands for.
const VARIABLES: &[(&str, &str)] = &[
    ("GIT_SSH_COMMAND", "core.sshCommand"),
    ("GIT_EXTERNAL_DIFF", "diff.external"),
    ("GIT_EDITOR", "core.editor"),
    ("GIT_SEQUENCE_EDITOR", "sequence.editor"),
    ("VISUAL", "core.editor"),
    ("EDITOR", "core.editor"),
    ("GIT_PAGER", "core.pager"),
    ("PAGER", "core.pager"),
    ("GIT_ASKPASS", "core.askpass"),
];

/// Whether a setting of this name holds a program, also as `git config` would write it.
pub fn is_program(key: &str) -> bool {
    program(key, "!x").is_some()
}

fn program<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    let lower = key.to_ascii_lowercase();
    let ends = |section: &str, name: &str| lower.starts_with(section) && lower.ends_with(name);
    let text = value.strip_prefix('!');
    if lower == "core.sshcommand" {
        // ssh itself with options: git adds the host.
        return Some(value).filter(|v| !v.is_empty() && v.split_whitespace().next() != Some("ssh"));
    }
    // A helper without `!` is a name that git completes; a monitor may be a truth value.
    if ends("credential.", ".helper") || ends("alias.", "") {
        return text;
    }
    if lower == "core.fsmonitor" && config::truth(Some(value)).is_some() {
        return None;
    }
    let programs = PROGRAMS.contains(&lower.as_str())
        || ENDINGS.iter().any(|(section, name)| ends(section, name))
        || ends("pager.", "") && config::truth(Some(value)).is_none();
    Some(value).filter(|v| programs && !v.is_empty())
}

const PROGRAMS: &[&str] = &[
    "core.editor",
    "core.pager",
    "core.askpass",
    "core.fsmonitor",
    "core.gitproxy",
    "core.alternaterefscommand",
    "sequence.editor",
    "diff.external",
    "gpg.program",
    "gpg.ssh.defaultkeycommand",
    "interactive.difffilter",
    "uploadpack.packobjectshook",
    "web.browser",
];

const ENDINGS: &[(&str, &str)] = &[
    ("gpg.", ".program"),
    ("filter.", ".clean"),
    ("filter.", ".smudge"),
    ("filter.", ".process"),
    ("diff.", ".command"),
    ("diff.", ".textconv"),
    ("difftool.", ".cmd"),
    ("merge.", ".driver"),
    ("mergetool.", ".cmd"),
    ("remote.", ".receivepack"),
    ("remote.", ".uploadpack"),
    ("man.", ".cmd"),
    ("browser.", ".cmd"),
    ("trailer.", ".command"),
    ("trailer.", ".cmd"),
    ("sendemail.", "cmd"),
];
