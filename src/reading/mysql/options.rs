//! The option grammar of MySQL's and MariaDB's programs (my_getopt): unique prefixes, `_` for `-`, the prefixes
//! skip-, disable-, enable-, loose- and maximum-, values glued to letters. Source: mysys/my_getopt.c.
//! Must never take the word behind an option that it does not know for a database.

use crate::reading::tool::Takes;

/// An option of a program: long name, letter, whether it takes a value.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub long: &'static str,
    pub short: char,
    pub takes: Takes,
}

pub const fn row(long: &'static str, short: char, takes: Takes) -> Row {
    Row { long, short, takes }
}

/// A word, and the file that it comes from; `None` for the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub file: Option<String>,
}

/// An option as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub name: &'static str,
    pub value: Option<String>,
    /// skip- or disable- in front, or a value that says no.
    pub off: bool,
    pub file: Option<String>,
}

/// The words taken apart.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub given: Vec<Given>,
    pub operands: Vec<String>,
}

/// Why there is nothing to run, or no telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Nothing(String),
    Unsure(String),
}

/// First-argument options of the option files, which are no options anywhere else.
const FIRST_ONLY: &[&str] =
    &["no-defaults", "print-defaults", "defaults-file", "defaults-extra-file", "defaults-group-suffix"];

pub fn parse(words: &[Word], table: &'static [Row]) -> Result<Parsed, Stop> {
    let mut parsed = Parsed::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let taken = match (word.text.strip_prefix("--"), word.text.strip_prefix('-')) {
            (Some(""), _) if word.file.is_none() => {
                parsed.operands.extend(words[at..].iter().map(|w| w.text.clone()));
                break;
            }
            (Some(body), _) => long(&mut parsed, body, word, words.get(at), table)?,
            (None, None | Some("")) => {
                parsed.operands.push(word.text.clone());
                false
            }
            (None, Some(letters)) => short(&mut parsed, letters, word, words.get(at), table)?,
        };
        at += usize::from(taken);
    }
    Ok(parsed)
}

/// Returns whether the next word was taken as the value.
fn long(
    parsed: &mut Parsed,
    body: &str,
    word: &Word,
    next: Option<&Word>,
    table: &'static [Row],
) -> Result<bool, Stop> {
    let (name, glued) = match body.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (body, None),
    };
    let name = name.replace('_', "-");
    if FIRST_ONLY.contains(&name.as_str()) {
        return Err(Stop::Nothing(format!("--{name} must come first")));
    }
    let (row, off) = match find(&name, table)? {
        Found::Row(row, off) => (row, off),
        Found::Loose => return Ok(false),
        Found::None => {
            let shown = crate::text::show_line(&name, 40);
            return Err(Stop::Unsure(format!("option --{shown} is not one that guard knows")));
        }
    };
    ends(row)?;
    let (value, taken) = match (row.takes, glued, next) {
        (Takes::Value, None, Some(next)) if word.file.is_none() => (Some(next.text.clone()), true),
        (Takes::Value, None, _) => return Err(Stop::Nothing(format!("--{} needs a value", row.long))),
        (_, glued, _) => (glued, false),
    };
    let says_no = row.takes == Takes::Nothing
        && value.as_deref().is_some_and(|v| ["0", "off", "false"].iter().any(|n| v.eq_ignore_ascii_case(n)));
    parsed.given.push(Given { name: row.long, value, off: off != says_no, file: word.file.clone() });
    Ok(taken)
}

enum Found {
    Row(&'static Row, bool),
    /// Not known, and it may be so.
    Loose,
    None,
}

/// By full name, by unique prefix, then with one of the special prefixes taken off.
fn find(name: &str, table: &'static [Row]) -> Result<Found, Stop> {
    if let Some(row) = by_prefix(name, table)? {
        return Ok(Found::Row(row, false));
    }
    for (prefix, off) in [("skip-", true), ("disable-", true), ("enable-", false), ("maximum-", false)] {
        if let Some(rest) = name.strip_prefix(prefix)
            && let Some(row) = by_prefix(rest, table)?
        {
            return Ok(Found::Row(row, off));
        }
    }
    let Some(rest) = name.strip_prefix("loose-") else { return Ok(Found::None) };
    Ok(match find(rest, table)? {
        Found::Row(row, off) => Found::Row(row, off),
        Found::Loose | Found::None => Found::Loose,
    })
}

/// Options that decide what runs, and where.
const WEIGHTY: &[&str] = &[
    "host",
    "port",
    "socket",
    "protocol",
    "user",
    "database",
    "execute",
    "init-command",
    "delimiter",
    "login-path",
    "help",
    "version",
    "batch",
    "safe-updates",
    "delete",
    "replace",
    "force",
];

fn by_prefix(name: &str, table: &'static [Row]) -> Result<Option<&'static Row>, Stop> {
    if name.is_empty() {
        return Ok(None);
    }
    if let Some(exact) = table.iter().find(|r| r.long == name) {
        return Ok(Some(exact));
    }
    let fits: Vec<&'static Row> = table.iter().filter(|r| r.long.starts_with(name)).collect();
    let Some(shortest) = fits.iter().min_by_key(|r| r.long.len()).copied() else { return Ok(None) };
    // The table holds several versions' options: what is one option here may be several there.
    let one = fits.iter().all(|r| r.long.starts_with(shortest.long));
    let alike = fits.iter().all(|r| r.takes == shortest.takes && !WEIGHTY.contains(&r.long));
    if one || alike {
        return Ok(Some(shortest));
    }
    Err(Stop::Unsure(format!("option --{} could be several", crate::text::show_line(name, 40))))
}

/// Options that end the program.
fn ends(row: &Row) -> Result<(), Stop> {
    match row.long {
        "help" | "version" => Err(Stop::Nothing("help or version only".into())),
        _ => Ok(()),
    }
}

fn short(
    parsed: &mut Parsed,
    letters: &str,
    word: &Word,
    next: Option<&Word>,
    table: &'static [Row],
) -> Result<bool, Stop> {
    for (offset, letter) in letters.char_indices() {
        let rest = &letters[offset + letter.len_utf8()..];
        if letter == 'I' {
            return Err(Stop::Nothing("help or version only".into()));
        }
        let Some(row) = table.iter().find(|r| r.short == letter) else {
            return Err(Stop::Unsure(format!("option -{letter} is not one that guard knows")));
        };
        ends(row)?;
        let (value, last, taken) = match (row.takes, rest, next) {
            (Takes::Nothing, _, _) => (None, false, false),
            (Takes::Optional, rest, _) => (Some(rest.to_owned()).filter(|r| !r.is_empty()), true, false),
            (Takes::Value, "", Some(next)) => (Some(next.text.clone()), true, true),
            (Takes::Value, "", None) => return Err(Stop::Nothing(format!("-{letter} needs a value"))),
            (Takes::Value, rest, _) => (Some(rest.to_owned()), true, false),
        };
        parsed.given.push(Given { name: row.long, value, off: false, file: word.file.clone() });
        if last {
            return Ok(taken);
        }
    }
    Ok(false)
}

impl Parsed {
    /// The last value of an option.
    pub fn last(&self, name: &str) -> Option<&Given> {
        self.given.iter().rev().find(|g| g.name == name)
    }

    /// Whether a switch is on; the last one counts.
    pub fn on(&self, name: &str) -> bool {
        self.last(name).is_some_and(|g| !g.off)
    }
}
