//! Secrets that only the grammar of a tool shows: the word after `--token`, `mysql -pSECRET`,
//! `--from-literal`, `curl -u user:password`.

use super::{Span, commands, names};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Which of a tool's words are secrets.
struct Grammar {
    tools: &'static [&'static str],
    /// Only when this word is present.
    only_with: Option<&'static str>,
    /// The next word is one.
    next: &'static [&'static str],
    /// The rest of the word is one.
    attached: &'static [&'static str],
    /// The value of NAME=value in the option's argument is one, whatever the name.
    any_value: &'static [&'static str],
    /// The part after the colon of the option's argument is one.
    after_colon: &'static [&'static str],
}

const NONE: Grammar =
    Grammar { tools: &[], only_with: None, next: &[], attached: &[], any_value: &[], after_colon: &[] };

const GRAMMARS: &[Grammar] = &[
    Grammar { tools: &["kubectl", "oc"], any_value: &["--from-literal"], ..NONE },
    Grammar {
        tools: &[
            "mysql",
            "mariadb",
            "mysqldump",
            "mysqladmin",
            "mariadb-dump",
            "mysqlimport",
            "mariadb-admin",
            "mariadb-import",
            "mysqlpump",
            "mysqlcheck",
            "mysqlshow",
            "mysqlslap",
            "mysqlbinlog",
            "mysqlsh",
            "mycli",
            "mariadb-check",
            "mariadb-show",
        ],
        attached: &["-p"],
        ..NONE
    },
    Grammar {
        tools: &["redis-cli", "valkey-cli"],
        next: &["-a", "--pass", "requirepass", "masterauth"],
        ..NONE
    },
    Grammar { tools: &["etcdctl"], after_colon: &["--user"], ..NONE },
    Grammar { tools: &["aws"], next: &["--sse-c-key", "--sse-c-copy-source-key"], ..NONE },
    Grammar { tools: &["aws"], only_with: Some("put-parameter"), next: &["--value"], ..NONE },
    Grammar { tools: &["sshpass"], next: &["-p"], attached: &["-p"], ..NONE },
    Grammar { tools: &["mongosh", "mongo", "mongodump", "mongorestore"], next: &["-p"], ..NONE },
    Grammar {
        tools: &["docker", "podman", "nerdctl", "helm"],
        only_with: Some("login"),
        next: &["-p"],
        attached: &["-p"],
        ..NONE
    },
    Grammar { tools: &["az"], only_with: Some("login"), next: &["-p"], ..NONE },
    Grammar {
        tools: &["az"],
        only_with: Some("secret"),
        next: &["--value"],
        attached: &["--value="],
        ..NONE
    },
    Grammar {
        tools: &["aws"],
        only_with: Some("put-parameter"),
        next: &["--value"],
        attached: &["--value="],
        ..NONE
    },
    Grammar { tools: &["http", "https", "xh"], after_colon: &["-a", "--auth"], ..NONE },
    Grammar {
        tools: &["curl"],
        after_colon: &["-u", "--user", "-U", "--proxy-user"],
        any_value: &["-b"],
        ..NONE
    },
    Grammar { tools: &["ldapsearch", "ldapmodify", "ldapdelete"], next: &["-w"], attached: &["-w"], ..NONE },
    Grammar {
        tools: &["openssl"],
        after_colon: &["-passin", "-passout", "-pass"],
        next: &["-K", "-k"],
        ..NONE
    },
    Grammar { tools: &["sqlcmd", "bcp"], next: &["-P"], attached: &["-P"], ..NONE },
    Grammar { tools: &["cqlsh"], next: &["-p"], attached: &["-p"], ..NONE },
    Grammar { tools: LOGON, ..NONE },
];

/// Tools of Oracle that take `user/password@place`.
const LOGON: &[&str] = &["sqlplus", "sqlldr", "expdp", "impdp", "rman"];

/// The password of such a word.
fn logon(word: &[u8], spans: &mut Vec<Span>) {
    let named = word.first().is_some_and(u8::is_ascii_alphabetic);
    let Some(slash) = word.iter().position(|b| *b == b'/').filter(|_| named) else { return };
    let end = word.iter().rposition(|b| *b == b'@').filter(|at| *at > slash).unwrap_or(word.len());
    if end > slash + 1 {
        spans.push(Span { start: slash + 1, end, kind: "option" });
    }
}

/// Tools whose `--password` asks, or takes its value only after `=`.
const ASKS: &[&str] =
    &["psql", "pg_dump", "pg_restore", "dropdb", "createdb", "mysql", "mariadb", "mysqldump", "mysqladmin"];

/// All tools with a grammar: each word of a line may be one.
static NAMES: LazyLock<HashSet<&[u8]>> =
    LazyLock::new(|| GRAMMARS.iter().flat_map(|g| g.tools).chain(ASKS).map(|t| t.as_bytes()).collect());

/// Adds the spans of a whole command line. A tool's name further on (`sudo mysql …`) begins its grammar.
pub fn in_words(tool: &str, words: &[&[u8]], spans: &mut [Vec<Span>]) {
    let mut tool = tool.as_bytes();
    let possible: Vec<&Grammar> = GRAMMARS.iter().filter(|g| is_said(g, words)).collect();
    let named = |names: &[&str], tool: &[u8]| names.iter().any(|t| t.as_bytes() == tool);
    let its = |tool: &[u8]| -> Vec<&Grammar> {
        possible.iter().copied().filter(|g| named(g.tools, tool)).collect()
    };
    let mut grammars = its(tool);
    let mut logs_on = named(LOGON, tool);
    for i in 0..words.len() {
        let word = words[i];
        let name = word.rsplit(|b| *b == b'/').next().unwrap_or(word);
        if NAMES.contains(name) {
            tool = name;
            (grammars, logs_on) = (its(tool), named(LOGON, tool));
            continue;
        }
        for grammar in &grammars {
            by_grammar(grammar, words, i, spans);
        }
        if logs_on {
            logon(word, &mut spans[i]);
        }
        by_name(tool, words, i, spans);
    }
}

fn is_said(grammar: &Grammar, words: &[&[u8]]) -> bool {
    grammar.only_with.is_none_or(|needed| words.contains(&needed.as_bytes()))
}

fn by_grammar(grammar: &Grammar, words: &[&[u8]], i: usize, spans: &mut [Vec<Span>]) {
    let word = words[i];
    let is = |list: &[&str]| list.iter().any(|o| o.as_bytes() == word);
    let whole_next = |spans: &mut [Vec<Span>]| {
        if let (Some(next), Some(spans)) = (words.get(i + 1), spans.get_mut(i + 1)) {
            spans.push(Span { start: 0, end: next.len(), kind: "option" });
        }
    };
    if is(grammar.next) {
        whole_next(spans);
    }
    let long_only = |option: &str| word.starts_with(b"--") && !option.starts_with("--");
    for option in grammar.attached {
        if word.len() > option.len() && word.starts_with(option.as_bytes()) && !long_only(option) {
            spans[i].push(Span { start: option.len(), end: word.len(), kind: "option" });
        }
    }
    argument(grammar.any_value, b'=', words, i, spans);
    argument(grammar.after_colon, b':', words, i, spans);
}

/// The part after `separator` of an option's argument, in the next word or after `=`.
fn argument(options: &[&str], separator: u8, words: &[&[u8]], i: usize, spans: &mut [Vec<Span>]) {
    for option in options {
        let bundled = || words[i].starts_with(b"-") && option.len() == 2 && ends_a_bundle(words[i], option);
        let (at, from) = match words[i].strip_prefix(option.as_bytes()) {
            Some([]) => (i + 1, 0),
            None if bundled() => (i + 1, 0),
            Some([b'=', ..]) => (i, option.len() + 1),
            Some(_) if !option.starts_with("--") && option.len() == 2 => (i, option.len()),
            Some(_) | None => continue,
        };
        let Some(word) = words.get(at) else { continue };
        if let Some(cut) = word[from..].iter().position(|b| *b == separator) {
            spans[at].push(Span { start: from + cut + 1, end: word.len(), kind: "option" });
        }
    }
}

/// `-su` ends with the `-u` whose value is the next word.
fn ends_a_bundle(word: &[u8], option: &str) -> bool {
    word.len() > 2 && word[1..].iter().all(u8::is_ascii_alphabetic) && word.last() == option.as_bytes().last()
}

/// `--token VALUE`, `aws configure set aws_secret_access_key VALUE`.
fn by_name(tool: &[u8], words: &[&[u8]], i: usize, spans: &mut [Vec<Span>]) {
    let word = words[i];
    let dashes = word.iter().take_while(|b| **b == b'-').count();
    let Some(next) = words.get(i + 1) else { return };
    let option =
        (1..=2).contains(&dashes) && !next.starts_with(b"--") && !ASKS.iter().any(|t| t.as_bytes() == tool);
    let set = dashes == 0 && i > 0 && words[i - 1] == b"set";
    if !(option || set) || word.contains(&b'=') || !names::is_secret(&word[dashes..]) {
        return;
    }
    // `SET PASSWORD FOR user = '…'` names a user there; its literal is found as SQL.
    let sql = [&b"for"[..], b"=", b"to"].iter().any(|w| next.eq_ignore_ascii_case(w));
    let setting = set && !next.starts_with(b"-") && !sql;
    if option || setting {
        spans[i + 1].push(Span { start: 0, end: next.len(), kind: "option" });
    }
}

/// A word that holds a command line itself (`sh -c '…'`), cut at white space.
pub fn in_nested(tool: &str, word: &[u8], spans: &mut Vec<Span>) {
    if !word.iter().any(u8::is_ascii_whitespace) {
        return;
    }
    let mut pieces: Vec<(usize, &[u8])> = Vec::new();
    let mut at = 0;
    for piece in word.split(u8::is_ascii_whitespace) {
        let quotes = |b: &&u8| matches!(b, b'"' | b'\'' | b'(' | b')' | b';');
        let skip = piece.iter().take_while(quotes).count();
        let tail = piece[skip..].iter().rev().take_while(quotes).count();
        if piece.len() > skip + tail {
            pieces.push((at + skip, &piece[skip..piece.len() - tail]));
        }
        at += piece.len() + 1;
    }
    let words: Vec<&[u8]> = pieces.iter().map(|(_, piece)| *piece).collect();
    let mut found = vec![Vec::new(); words.len()];
    in_words(tool, &words, &mut found);
    commands::for_sudo(word, spans);
    let mut from = 0;
    while from < pieces.len() {
        // A command of a tool's own ends with its line.
        let line = text_line(word, pieces[from].0);
        let to = from + pieces[from..].iter().take_while(|(at, _)| *at < line).count().max(1);
        commands::in_words(&words[from..to], &mut found[from..to]);
        from = to;
    }
    for ((offset, _), inner) in pieces.iter().zip(found) {
        spans.extend(inner.iter().map(|s| Span {
            start: s.start + offset,
            end: s.end + offset,
            kind: s.kind,
        }));
    }
}

/// Where the line ends in which `at` stands.
fn text_line(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |i| at + i)
}
