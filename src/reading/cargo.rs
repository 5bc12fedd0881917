//! cargo: a toolchain in front and aliases of its settings, then the grammar of the rule file.
//! Must never take an alias for a command of cargo's own; those cannot be replaced.

use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::Invocation;
use std::ffi::OsString;
use std::path::PathBuf;

/// Commands that cargo has itself, as far as rules name them or people type them every day.
const OWN: &[&str] = &[
    "build",
    "b",
    "check",
    "c",
    "clean",
    "doc",
    "d",
    "new",
    "init",
    "add",
    "remove",
    "rm",
    "run",
    "r",
    "test",
    "t",
    "bench",
    "update",
    "search",
    "publish",
    "install",
    "uninstall",
    "yank",
    "owner",
    "login",
    "logout",
    "package",
    "fetch",
    "tree",
    "metadata",
    "fmt",
    "clippy",
    "fix",
    "vendor",
    "version",
    "help",
    "locate-project",
    "pkgid",
    "report",
    "rustc",
    "rustdoc",
    "generate-lockfile",
    "info",
    "config",
];

/// Aliases may lead to each other this often.
const DEEPEST: usize = 10;

/// Reads one cargo command.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut argv = invocation.argv().to_vec();
    if argv.get(1).is_some_and(|w| w.to_string_lossy().starts_with('+')) {
        argv.remove(1);
    }
    let mut command = generic::command(&invocation.nested(argv.clone()), tool);
    for _ in 0..DEEPEST {
        let verb = command.verb.clone();
        if verb.is_empty() || OWN.contains(&verb.as_str()) {
            break;
        }
        let Some(words) = alias(invocation, &verb) else { break };
        let Some(at) = argv.iter().position(|w| *w == *verb) else { break };
        argv.splice(at..=at, words.into_iter().map(OsString::from));
        command = generic::command(&invocation.nested(argv.clone()), tool);
    }
    // Cargo hands the rest to what it runs: `cargo run -- --help`.
    if matches!(command.does, Does::Nothing(_)) && argv.iter().any(|w| w == "--") {
        let before: Vec<OsString> = argv.iter().take_while(|w| *w != "--").cloned().collect();
        command.does = generic::command(&invocation.nested(before), tool).does;
    }
    Reading::of(Command { invocation: invocation.clone(), ..command })
}

/// `alias.NAME` of CARGO_ALIAS_NAME or of the nearest settings file.
fn alias(invocation: &Invocation, name: &str) -> Option<Vec<String>> {
    let variable = format!("CARGO_ALIAS_{}", name.to_uppercase().replace('-', "_"));
    if let Some(text) = invocation.var_filled(&variable) {
        return Some(text.split_whitespace().map(str::to_owned).collect());
    }
    let home = invocation.var_filled("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| invocation.home().map(|h| h.join(".cargo")));
    let directories = invocation.cwd().ancestors().map(|d| d.join(".cargo")).chain(home);
    directories.flat_map(|d| [d.join("config.toml"), d.join("config")]).find_map(|path| {
        let text = String::from_utf8_lossy(&invocation.read(&path).ok()?).into_owned();
        in_file(&text, name)
    })
}

/// A line `name = "words"` or `name = ["words", …]` below `[alias]`.
fn in_file(text: &str, name: &str) -> Option<Vec<String>> {
    let lines = text.lines().map(str::trim).skip_while(|line| *line != "[alias]").skip(1);
    let value = lines.take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim().trim_matches('"') == name).then(|| value.trim().to_owned())
    })?;
    if let Some(list) = value.strip_prefix('[') {
        let list = list.split(']').next().unwrap_or(list);
        return Some(
            list.split(',')
                .map(|w| w.trim().trim_matches(['"', '\'']).to_owned())
                .filter(|w| !w.is_empty())
                .collect(),
        );
    }
    let quote = value.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let words = value[1..].split_once(quote)?.0;
    Some(words.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::in_file;

    #[test]
    fn aliases_are_read_in_both_spellings() {
        let text = "[build]\njobs = 1\n[alias]\nrel = \"publish -p acme\" # x\ny = ['yank', \"--version\", '1']\n[x]\nz = \"publish\"\n";
        assert_eq!(in_file(text, "rel").expect("is there"), ["publish", "-p", "acme"]);
        assert_eq!(in_file(text, "y").expect("is there"), ["yank", "--version", "1"]);
        assert_eq!(in_file(text, "z"), None);
    }
}
