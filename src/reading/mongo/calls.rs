//! What a script calls, and how bad that is. Must never pass over a call whose name is not known, nor one that is
//! made by a computed name.

use super::Run;
use super::call_table::{KINDS, PURE, READ_COMMANDS};
use super::javascript::{Piece, pieces};

/// A call of a script that does something, or a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub kind: &'static str,
    /// `users.drop()`.
    pub shown: String,
}

/// How much a kind weighs when the worst of several is looked for.
pub fn weight(kind: &str) -> u8 {
    match kind {
        "drop-database" => 6,
        "shutdown" => 5,
        "drop" | "delete-all" | "update-all" | "unknown" => 4,
        "escalate" | "replicate" => 3,
        "delete" | "update" | "drop-index" | "disrupt" | "overwrite" => 2,
        "write" => 1,
        _ => 0,
    }
}

/// Reads a script into `run`; `prompt`: its lines may be commands of the shell. Returns the scripts that it loads.
pub fn script(text: &str, prompt: bool, run: &mut Run) -> Vec<String> {
    let mut code = String::new();
    for line in text.lines() {
        match prompt.then(|| line.trim()).and_then(shell_word) {
            Some(("use", database)) => {
                run.goes_first |= code.trim().is_empty() && run.calls.is_empty();
                run.databases.push(Some(database.trim_end_matches(';').to_owned()));
            }
            Some(("exit" | "quit", _)) => break,
            Some(_) => {}
            None => {
                code.push_str(line);
                code.push('\n');
            }
        }
    }
    match pieces(&code) {
        Some(pieces) => walk(&pieces, run),
        None => {
            run.unsure.get_or_insert_with(|| "the script cannot be taken apart".into());
            Vec::new()
        }
    }
}

/// `use db`, `show dbs`: commands of the prompt.
fn shell_word(line: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = line.split_once(' ').unwrap_or((line.trim_end_matches(';'), ""));
    let word = ["use", "show", "exit", "quit", "it", "help", "cls"].into_iter().find(|w| *w == word)?;
    let plain =
        matches!(word, "exit" | "quit" | "it" | "cls") == rest.is_empty() || word == "help" || word == "show";
    plain.then_some((word, rest.trim()))
}

/// Every call of a script that was taken apart.
fn walk(pieces: &[Piece], run: &mut Run) -> Vec<String> {
    let mut loads = Vec::new();
    let defined = defined(pieces);
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Sign('(') => {}
            // `eval` or a method handed on without being called may be called elsewhere.
            Piece::Word(word) if is_grave(word) && !called(pieces, at) && after_dot(pieces, at) => {
                add(run, kind_of(word).unwrap_or("unknown"), pieces, at);
                continue;
            }
            Piece::Word(_) | Piece::Text(_) | Piece::Sign(_) => continue,
        }
        let Some(before) = at.checked_sub(1) else { continue };
        match &pieces[before] {
            Piece::Word(name) if name == "load" && !after_dot(pieces, before) => match pieces.get(at + 1) {
                Some(Piece::Text(file)) => loads.push(file.clone()),
                _ => doubt(run, "which script is loaded is known only at run time"),
            },
            Piece::Word(name) if name == "getSiblingDB" || name == "getDB" => {
                run.databases.push(match (pieces.get(at + 1), pieces.get(at + 2)) {
                    (Some(Piece::Text(database)), Some(Piece::Sign(')'))) => Some(database.clone()),
                    _ => None,
                });
            }
            Piece::Word(name) => call(name, pieces, before, &defined, run),
            Piece::Sign(']') => computed(pieces, before, run),
            // `(function () { … })()`: what is in it is walked through by itself.
            Piece::Sign(_) | Piece::Text(_) => {}
        }
    }
    loads
}

fn doubt(run: &mut Run, why: &str) {
    run.unsure.get_or_insert_with(|| why.into());
}

fn after_dot(pieces: &[Piece], at: usize) -> bool {
    at > 0 && pieces[at - 1] == Piece::Sign('.')
}

fn called(pieces: &[Piece], at: usize) -> bool {
    pieces.get(at + 1) == Some(&Piece::Sign('('))
}

fn is_grave(word: &str) -> bool {
    kind_of(word).is_some_and(|kind| weight(kind) > 1)
}

fn kind_of(name: &str) -> Option<&'static str> {
    KINDS.iter().find(|(n, _)| *n == name).map(|(_, kind)| *kind)
}

/// Names that the script defines itself; their bodies are walked through where they stand.
fn defined(pieces: &[Piece]) -> Vec<&str> {
    let mut names = Vec::new();
    for pair in pieces.windows(2) {
        if let [Piece::Word(keyword), Piece::Word(name)] = pair
            && ["function", "let", "const", "var", "class"].contains(&keyword.as_str())
        {
            names.push(name.as_str());
        }
    }
    names
}

/// Words before a parenthesis that call nothing.
const SYNTAX: &[&str] = &[
    "if",
    "for",
    "while",
    "switch",
    "catch",
    "function",
    "return",
    "typeof",
    "await",
    "in",
    "of",
    "with",
    "void",
    "async",
    "super",
    "constructor",
    "yield",
    "throw",
    "else",
    "do",
    "case",
    "new",
    "delete",
    "instanceof",
];

fn call(name: &str, pieces: &[Piece], at: usize, defined: &[&str], run: &mut Run) {
    if let Some(kind) = kind_of(name) {
        let kind = narrowed(kind, name, pieces, at);
        return add(run, kind, pieces, at);
    }
    let own = defined.contains(&name) && !after_dot(pieces, at);
    let is_definition = at > 0 && pieces[at - 1] == Piece::Word("function".into());
    if own || is_definition || SYNTAX.contains(&name) || PURE.contains(&name) {
        return;
    }
    if matches!(name, "runCommand" | "adminCommand" | "runReadCommand") {
        return database_command(pieces, at, run);
    }
    doubt(run, &format!("what {}() does is not known", crate::text::show_line(name, 40)));
}

/// `db["users"]["drop"]()`: by a plain string it is that name, else nobody knows.
fn computed(pieces: &[Piece], closing: usize, run: &mut Run) {
    match (closing.checked_sub(2).map(|i| &pieces[i]), closing.checked_sub(1).map(|i| &pieces[i])) {
        (Some(Piece::Sign('[')), Some(Piece::Text(name))) => match kind_of(name) {
            Some(kind) => run.calls.push(Call { kind, shown: format!("{name}()") }),
            None if PURE.contains(&name.as_str()) => {}
            None => doubt(run, "a function is called by a name that is not known"),
        },
        _ => doubt(run, "a function is called by a name that is made at run time"),
    }
}

/// An empty filter means every document; $out and $merge write.
fn narrowed(kind: &'static str, name: &str, pieces: &[Piece], at: usize) -> &'static str {
    let first = &pieces[at + 2..pieces.len().min(at + 4)];
    let everything = matches!(first, [Piece::Sign('{'), Piece::Sign('}')] | [Piece::Sign(')'), ..]);
    match (kind, name) {
        ("delete", "deleteMany" | "remove") if everything => "delete-all",
        ("update", "updateMany" | "update") if everything => "update-all",
        ("aggregate", _) => {
            let arguments = &pieces[at..end_of_call(pieces, at + 1)];
            let writes =
                |p: &Piece| matches!(p, Piece::Word(w) | Piece::Text(w) if w == "$out" || w == "$merge");
            if arguments.iter().any(writes) { "overwrite" } else { "read" }
        }
        _ => kind,
    }
}

fn end_of_call(pieces: &[Piece], open: usize) -> usize {
    let mut depth = 0_i32;
    for (i, piece) in pieces.iter().enumerate().skip(open) {
        match piece {
            Piece::Sign('(') => depth += 1,
            Piece::Sign(')') => depth -= 1,
            Piece::Word(_) | Piece::Text(_) | Piece::Sign(_) => {}
        }
        if depth == 0 {
            return i;
        }
    }
    pieces.len()
}

/// `db.runCommand({ drop: "users" })`, `db.adminCommand("shutdown")`: the first key is the command.
fn database_command(pieces: &[Piece], at: usize, run: &mut Run) {
    let name = match (pieces.get(at + 2), pieces.get(at + 3)) {
        (Some(Piece::Text(name)), _)
        | (Some(Piece::Sign('{')), Some(Piece::Word(name) | Piece::Text(name))) => name,
        _ => return doubt(run, "which database command runs is known only at run time"),
    };
    let found = match name.as_str() {
        "dropDatabase" => "drop-database",
        "drop" | "convertToCapped" | "cloneCollectionAsCapped" => "drop",
        "delete" => "delete",
        "update" | "findAndModify" | "findandmodify" | "bulkWrite" => "update",
        "dropIndexes" | "deleteIndexes" => "drop-index",
        "insert" | "create" | "createIndexes" | "collMod" => "write",
        "renameCollection" => "overwrite",
        "shutdown" => "shutdown",
        "createUser"
        | "updateUser"
        | "grantRolesToUser"
        | "createRole"
        | "updateRole"
        | "grantPrivilegesToRole" => "escalate",
        "dropUser"
        | "dropRole"
        | "dropAllUsersFromDatabase"
        | "killOp"
        | "killAllSessions"
        | "killCursors"
        | "fsync" => "disrupt",
        "replSetStepDown"
        | "replSetReconfig"
        | "replSetInitiate"
        | "removeShard"
        | "moveChunk"
        | "setParameter"
        | "shardCollection"
        | "movePrimary"
        | "enableSharding"
        | "addShard"
        | "setFeatureCompatibilityVersion" => "replicate",
        name if READ_COMMANDS.contains(&name) => return,
        _ => {
            return doubt(
                run,
                &format!("what the command {} does is not known", crate::text::show_line(name, 40)),
            );
        }
    };
    run.calls.push(Call { kind: found, shown: format!("command {name}") });
}

fn add(run: &mut Run, kind: &'static str, pieces: &[Piece], at: usize) {
    if kind == "read" {
        return;
    }
    let mut shown = String::new();
    let from = (0..at).rev().take_while(|i| {
        matches!(&pieces[*i], Piece::Word(_)) != matches!(pieces.get(i + 1), Some(Piece::Word(_)))
            && matches!(&pieces[*i], Piece::Word(_) | Piece::Sign('.'))
    });
    let from = from.last().unwrap_or(at);
    for piece in &pieces[from..=at] {
        match piece {
            Piece::Word(word) | Piece::Text(word) => shown.push_str(word),
            Piece::Sign(sign) => shown.push(*sign),
        }
    }
    run.calls.push(Call { kind, shown: format!("{shown}()") });
}
