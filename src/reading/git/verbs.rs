//! The words after a git command: its verb with the second word of `stash drop`, its options, and what rules ask
//! about them. Must never act on an option that a later one takes back.

use super::call::Call;
use super::option_table::options_of;
use super::options::{self, Parsed};
use super::{discards, settings, starts};
use crate::invocation::Stdin;
use crate::reading::through::Start;
use crate::reading::{Command, Does, Opt};

/// Commands whose verb has a second word.
const GROUPS: &[&str] = &[
    "stash",
    "worktree",
    "remote",
    "submodule",
    "bisect",
    "reflog",
    "notes",
    "lfs",
    "flow",
    "annex",
    "bundle",
    "credential",
    "subtree",
    "svn",
    "p4",
    "maintenance",
    "sparse-checkout",
    "rerere",
    "refs",
];

/// The second words of `git config`; anything else there is a key, in the older way of writing.
const CONFIG: &[&str] = &["set", "unset", "get", "list", "edit", "rename-section", "remove-section"];

/// What follows belongs to another program.
const STOPS: &[&str] = &["bisect run", "submodule foreach", "for-each-repo"];

/// Fills in a command, and gives back what it would start.
pub fn read(call: &Call, verb: &str, command: &mut Command) -> Vec<Start> {
    let (verb, words) = whole_verb(verb, &call.words);
    let parsed = match options_of(&verb) {
        Some(row) => options::parse(row, &words, STOPS.contains(&verb.as_str())),
        None => loosely(&words),
    };
    command.verb = verb;
    command.does = match (&parsed.refused, &parsed.unknown) {
        (Some(why), _) => Does::Nothing(why.clone()),
        // What else it would do is read all the same; only a push has more to lose than its words tell.
        (None, Some(word)) if command.verb == "push" => {
            Does::Unsure(format!("option {word} is not one that guard knows"))
        }
        (None, _) => Does::Acts,
    };
    command.options.clone_from(&parsed.options);
    command.operands.clone_from(&parsed.operands);
    if !matches!(command.does, Does::Nothing(_)) {
        forms(call, command, &parsed);
    }
    match command.does {
        Does::Acts | Does::Unsure(_) => starts::of(call, command),
        Does::Nothing(_) => Vec::new(),
    }
}

fn whole_verb(verb: &str, words: &[String]) -> (String, Vec<String>) {
    let second = words.iter().position(|w| !w.starts_with('-'));
    let Some(at) = second else { return (verb.to_owned(), words.to_vec()) };
    if !(GROUPS.contains(&verb) || verb == "config" && CONFIG.contains(&words[at].as_str())) {
        return (verb.to_owned(), words.to_vec());
    }
    let mut rest = words.to_vec();
    let second = match (verb, rest.remove(at)) {
        ("remote", word) if word == "rm" => "remove".to_owned(),
        (_, word) => word,
    };
    (format!("{verb} {second}"), rest)
}

/// Words of a command without a table: an option is what begins with a dash.
fn loosely(words: &[String]) -> Parsed {
    let mut parsed = Parsed::default();
    for (at, word) in words.iter().enumerate() {
        if word == "--" {
            parsed.before_dashes = Some(parsed.operands.len());
            parsed.operands.extend_from_slice(&words[at + 1..]);
            break;
        }
        if !word.starts_with('-') || word == "-" {
            parsed.operands.push(word.clone());
            continue;
        }
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        if name == "--help" {
            parsed.refused = Some("help only".into());
        }
        parsed.options.push(Opt { name: name.to_owned(), value, at });
    }
    parsed
}

/// What rules ask about besides verb and options.
fn forms(call: &Call, command: &mut Command, parsed: &Parsed) {
    let form = match command.verb.as_str() {
        "push" => push(parsed),
        "clean" => return clean(call, command, parsed),
        "reset" => reset(parsed),
        "branch" => branch(parsed),
        "tag" if parsed.has("--delete") => Some("delete"),
        "tag" if parsed.has("--force") => Some("moves"),
        "checkout" | "switch" | "restore" => discards::form(call, &command.verb, parsed),
        "fetch" | "pull" => fetch(parsed),
        "mv" => moves_over(call, parsed),
        "gc" => gc(command),
        "update-ref" => Some(update_ref(parsed)),
        "config" | "config set" => config(parsed),
        _ => None,
    };
    if let Some(form) = form {
        command.traits.add("form", form);
    }
}

/// What the words alone say; in another place no more can be known.
fn push(parsed: &Parsed) -> Option<&'static str> {
    let options = ["--force", "--force-with-lease", "--delete", "--mirror", "--prune"];
    let refs = parsed.operands.iter().skip(1).any(|r| r.starts_with(['+', ':']));
    (!parsed.has("--dry-run") && (parsed.has_any(&options) || refs)).then_some("force")
}

/// A refspec whose right side is a ref of one's own; those below refs/remotes follow the remote anyway.
fn fetch(parsed: &Parsed) -> Option<&'static str> {
    let forced = parsed.has("--force");
    let overwrites = |word: &String| {
        let (plus, spec) = word.strip_prefix('+').map_or((false, word.as_str()), |spec| (true, spec));
        let to = spec.split_once(':').map_or("", |(_, to)| to);
        (forced || plus) && !to.is_empty() && !to.starts_with("refs/remotes/")
    };
    let from = usize::from(!parsed.has("--stdin"));
    (!parsed.has("--dry-run") && parsed.operands.iter().skip(from).any(overwrites)).then_some("overwrites")
}

/// `git mv -f`: a file that is there is replaced.
fn moves_over(call: &Call, parsed: &Parsed) -> Option<&'static str> {
    let (last, sources) = parsed.operands.split_last()?;
    let to = call.invocation.path(last);
    let is_over = |source: &String| match std::path::Path::new(source).file_name() {
        Some(name) if to.is_dir() => to.join(name).exists(),
        Some(_) | None => to.exists() && !to.is_dir(),
    };
    let moves = parsed.has("--force") && !parsed.has("--dry-run");
    (moves && (call.invocation.place().is_some() || sources.iter().any(is_over))).then_some("overwrites")
}

fn clean(call: &Call, command: &mut Command, parsed: &Parsed) {
    if parsed.has("--dry-run") {
        return;
    }
    let asks = parsed.has("--interactive");
    if asks && matches!(call.invocation.stdin(), Stdin::Terminal) {
        return;
    }
    let free = || call.settled().1.truth("clean.requireforce") == Some(false);
    if asks || parsed.has("--force") || free() {
        command.traits.add("form", "removes");
    } else {
        command.does = Does::Nothing("git clean wants --force".into());
    }
}

fn reset(parsed: &Parsed) -> Option<&'static str> {
    if parsed.has("--patch") {
        return None;
    }
    let modes = ["--hard", "--merge", "--keep", "--soft", "--mixed"];
    let names = ["hard", "merge", "keep", "soft", "mixed"];
    parsed.options.iter().rev().find_map(|o| modes.iter().position(|m| *m == o.name)).map(|at| names[at])
}

fn branch(parsed: &Parsed) -> Option<&'static str> {
    let forced = parsed.has("--force");
    if parsed.has_any(&["--delete", "-D"]) {
        return Some(match (parsed.has("--remotes"), forced || parsed.has("-D")) {
            (true, _) => "delete-tracking",
            (false, true) => "delete-unmerged",
            (false, false) => "delete",
        });
    }
    if parsed.has_any(&["-M", "-C"]) || forced && !parsed.operands.is_empty() {
        return Some("moves");
    }
    parsed.has_any(&["--move", "--unset-upstream", "--set-upstream-to"]).then_some("edits")
}

/// Objects nobody refers to are kept for two weeks unless this says otherwise.
fn gc(command: &Command) -> Option<&'static str> {
    let soon = |value: &str| !["week", "month", "year", "never"].iter().any(|kept| value.contains(kept));
    let value = command.option("--prune").filter(|v| !v.is_empty());
    let setting = command.traits.has("setting", "gc.pruneexpire");
    (value.is_some_and(soon) || value.is_none() && setting).then_some("prunes")
}

fn update_ref(parsed: &Parsed) -> &'static str {
    match () {
        () if parsed.has("--stdin") => "stdin",
        () if parsed.has("-d") => "delete",
        () => "moves",
    }
}

/// Writing a setting, and one that names a program or a place to push to.
fn config(parsed: &Parsed) -> Option<&'static str> {
    let writes = ["--add", "--replace-all", "--unset", "--unset-all", "--rename-section", "--remove-section"];
    let reads =
        ["--get", "--get-all", "--get-regexp", "--get-urlmatch", "--list", "--get-color", "--get-colorbool"];
    if parsed.has_any(&reads) || parsed.operands.len() < 2 && !parsed.has_any(&writes) {
        return None;
    }
    let key = parsed.operands.first().map(|k| k.to_ascii_lowercase()).unwrap_or_default();
    let place = key == "core.hookspath" || key.starts_with("url.") || key.ends_with(".pushurl");
    Some(if settings::is_program(&key) || place { "program" } else { "edits" })
}
