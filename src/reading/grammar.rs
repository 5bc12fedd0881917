//! Option grammars as tables: GNU getopt_long, Go's pflag, Go's flag, Python's argparse.
//! Every tool's reader states which options take a value; nothing is found by scanning words.

use std::ffi::OsString;

pub use super::tool::{Style, Takes};

/// One option: its long name without dashes (canonical), its letter, and whether it takes a value.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    pub long: &'a str,
    pub short: Option<char>,
    pub takes: Takes,
    /// Must be spelled out in full although the style allows prefixes (`rm --no-preserve-root`).
    pub exact: bool,
}

/// A table row: `opt("namespace", 'n', Takes::Value)`; `'\0'` for no letter. An option with only a letter has
/// that letter as its long name and is not reachable by `--x`.
pub const fn opt(long: &str, short: char, takes: Takes) -> Spec<'_> {
    Spec { long, short: if short == '\0' { None } else { Some(short) }, takes, exact: false }
}

/// One option as it was given. `name` is canonical with dashes: `--namespace`, or `-x` for a letter-only option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    pub name: String,
    pub value: Option<String>,
    /// Index into the words that were parsed.
    pub at: usize,
}

/// What could not be parsed; the tool itself would stop with a usage error, if it is the version we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Not in the table.
    UnknownOption { word: String, at: usize },
    /// A prefix of several options.
    Ambiguous { word: String, at: usize },
    /// The last word is an option that needs a value.
    MissingValue { name: String, at: usize },
    /// `--flag=value` for an option without one.
    UnwantedValue { name: String, at: usize },
}

/// The words taken apart.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    pub options: Vec<Opt>,
    /// Operand and its index, in order.
    pub operands: Vec<(String, usize)>,
    pub problems: Vec<Problem>,
    /// Index of the `--` that ended the options.
    pub end_of_options: Option<usize>,
}

impl Parsed {
    /// The last value of an option; `Some("")` for one without a value.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|o| o.name == name).map(|o| o.value.as_deref().unwrap_or(""))
    }

    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|o| o.name == name)
    }

    pub fn operand_words(&self) -> Vec<String> {
        self.operands.iter().map(|(word, _)| word.clone()).collect()
    }
}

/// How to parse: the style, the table, and whether operands may stand before options.
#[derive(Clone, Copy, Debug)]
pub struct Grammar<'a> {
    pub style: Style,
    pub table: &'a [Spec<'a>],
    /// Options are still recognised after the first operand (off under POSIXLY_CORRECT, always off in Go's flag).
    pub permute: bool,
}

impl Grammar<'_> {
    /// Takes words (without the program) apart. Words that are not UTF-8 are read with replacement characters:
    /// they can only be operands or values, whose bytes are shown, never executed.
    pub fn parse(&self, words: &[OsString]) -> Parsed {
        self.parse_all(words.iter().map(|w| w.to_string_lossy().into_owned()).collect())
    }

    /// As `parse`, on text.
    pub fn parse_words(&self, words: &[String]) -> Parsed {
        self.parse_all(words.to_vec())
    }

    fn parse_all(&self, all: Vec<String>) -> Parsed {
        let words = all.as_slice();
        // Where nothing but operands follows: a wrapper's command can be tens of thousands of words.
        let mut rest = words.len();
        let mut parsed = Parsed::default();
        let mut at = 0;
        while at < words.len() {
            let word = &words[at];
            if word == "--" {
                parsed.end_of_options = Some(at);
                rest = at + 1;
                break;
            }
            at += 1 + match self.kind(word) {
                Kind::Operand if self.permute => {
                    parsed.operands.push((word.clone(), at));
                    0
                }
                Kind::Operand => {
                    rest = at;
                    break;
                }
                Kind::Long(body) => self.long(&mut parsed, body, words, at),
                Kind::Bundle(letters) => self.bundle(&mut parsed, letters, words, at),
            };
        }
        parsed.operands.extend(all.into_iter().enumerate().skip(rest).map(|(i, word)| (word, i)));
        parsed
    }

    fn kind<'w>(&self, word: &'w str) -> Kind<'w> {
        match (word.strip_prefix("--"), word.strip_prefix('-')) {
            (Some(body), _) => Kind::Long(body),
            (None, Some("") | None) => Kind::Operand,
            (None, Some(body)) if self.style == Style::Goflag => Kind::Long(body),
            (None, Some(letters)) => Kind::Bundle(letters),
        }
    }

    /// Returns how many further words were consumed.
    fn long(&self, parsed: &mut Parsed, body: &str, words: &[String], at: usize) -> usize {
        let (name, glued) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        let spec = match self.find_long(name) {
            Found::One(spec) => spec,
            Found::None => {
                parsed.problems.push(Problem::UnknownOption { word: words[at].clone(), at });
                return 0;
            }
            Found::Several => {
                parsed.problems.push(Problem::Ambiguous { word: words[at].clone(), at });
                return 0;
            }
        };
        let name = format!("--{}", spec.long);
        match (spec.takes, glued) {
            (Takes::Value, None) => self.next_value(parsed, name, words, at),
            (Takes::Nothing, Some(_)) if matches!(self.style, Style::Getopt | Style::Argparse) => {
                parsed.problems.push(Problem::UnwantedValue { name, at });
                0
            }
            (_, glued) => {
                parsed.options.push(Opt { name, value: glued, at });
                0
            }
        }
    }

    fn next_value(&self, parsed: &mut Parsed, name: String, words: &[String], at: usize) -> usize {
        match words.get(at + 1) {
            Some(value) => {
                parsed.options.push(Opt { name, value: Some(value.clone()), at });
                1
            }
            None => {
                parsed.problems.push(Problem::MissingValue { name, at });
                0
            }
        }
    }

    fn bundle(&self, parsed: &mut Parsed, letters: &str, words: &[String], at: usize) -> usize {
        for (offset, letter) in letters.char_indices() {
            let rest = &letters[offset + letter.len_utf8()..];
            let Some(spec) = self.table.iter().find(|s| s.short == Some(letter)) else {
                parsed.problems.push(Problem::UnknownOption { word: format!("-{letter}"), at });
                return 0;
            };
            let name = if spec.long.len() == letter.len_utf8() {
                format!("-{}", spec.long)
            } else {
                format!("--{}", spec.long)
            };
            // A bare `-n=` is no empty value: pflag takes the `=` itself for it.
            let pflag_equals = self.style == Style::Pflag && rest.len() > 1 && rest.starts_with('=');
            match spec.takes {
                Takes::Value if rest.is_empty() => return self.next_value(parsed, name, words, at),
                Takes::Value | Takes::Optional | Takes::Nothing if pflag_equals => {
                    parsed.options.push(Opt { name, value: Some(rest[1..].to_owned()), at });
                    return 0;
                }
                Takes::Value => {
                    parsed.options.push(Opt { name, value: Some(rest.to_owned()), at });
                    return 0;
                }
                Takes::Optional if self.style == Style::Getopt && !rest.is_empty() => {
                    parsed.options.push(Opt { name, value: Some(rest.to_owned()), at });
                    return 0;
                }
                Takes::Optional | Takes::Nothing => parsed.options.push(Opt { name, value: None, at }),
            }
        }
        0
    }

    /// Whether `name` spells the long option. Kubernetes programs let pflag read `--dry_run` as `--dry-run`;
    /// a pflag program that does not do so refuses the word, so reading it is right for both.
    fn names(&self, long: &str, name: &str) -> bool {
        long == name
            || (self.style == Style::Pflag
                && long.len() == name.len()
                && long.bytes().zip(name.bytes()).all(|(l, n)| l == n || (l == b'-' && n == b'_')))
    }

    fn find_long(&self, name: &str) -> Found<'_> {
        let letters_too = matches!(self.style, Style::Goflag | Style::Pflag);
        let reachable = |s: &&Spec| s.long.chars().count() > 1 || letters_too;
        if let Some(spec) = self.table.iter().filter(reachable).find(|s| self.names(s.long, name)) {
            return Found::One(spec);
        }
        if name.is_empty() || !matches!(self.style, Style::Getopt | Style::Argparse) {
            return Found::None;
        }
        let mut candidates = self.table.iter().filter(reachable).filter(|s| s.long.starts_with(name));
        match (candidates.next(), candidates.next()) {
            (Some(spec), None) if !spec.exact => Found::One(spec),
            (None, _) | (Some(_), None) => Found::None,
            (Some(_), Some(_)) => Found::Several,
        }
    }
}

enum Kind<'w> {
    Operand,
    Long(&'w str),
    Bundle(&'w str),
}

enum Found<'t> {
    One(&'t Spec<'t>),
    None,
    Several,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Spec] = &[
        opt("recursive", 'r', Takes::Nothing),
        opt("force", 'f', Takes::Nothing),
        opt("namespace", 'n', Takes::Value),
        opt("dry-run", '\0', Takes::Optional),
        opt("x", 'x', Takes::Nothing),
    ];

    fn parse(style: Style, line: &str) -> Parsed {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Grammar { style, table: TABLE, permute: style != Style::Goflag }.parse_words(&words)
    }

    #[test]
    fn pflag_reads_every_spelling_of_a_value() {
        for line in ["-n pay", "-npay", "-n=pay", "--namespace pay", "--namespace=pay", "-rfn pay"] {
            assert_eq!(parse(Style::Pflag, line).last("--namespace"), Some("pay"), "{line}");
        }
        assert_eq!(parse(Style::Pflag, "-n=").last("--namespace"), Some("="));
        assert_eq!(parse(Style::Pflag, "--namespace=").last("--namespace"), Some(""));
        assert_eq!(parse(Style::Pflag, "-r=").problems.len(), 1);
        assert_eq!(parse(Style::Pflag, "--names pay").problems.len(), 1);
        assert_eq!(parse(Style::Pflag, "--dry_run=client").last("--dry-run"), Some("client"));
        assert_eq!(parse(Style::Getopt, "--dry_run=client").problems.len(), 1);
        assert!(parse(Style::Pflag, "--x").has("-x") || parse(Style::Pflag, "--x").has("--x"));
    }

    #[test]
    fn getopt_abbreviates_and_permutes() {
        let parsed = parse(Style::Getopt, "src -rf --names pay -- -x");
        assert_eq!(parsed.last("--namespace"), Some("pay"));
        assert_eq!(parsed.operand_words(), ["src", "-x"]);
        assert!(parsed.has("--recursive") && parsed.has("--force") && !parsed.has("-x"));
        assert!(parse(Style::Getopt, "-x").has("-x"));
        assert_eq!(parse(Style::Getopt, "--x").problems.len(), 1);
    }

    #[test]
    fn an_optional_value_never_takes_the_next_word() {
        let parsed = parse(Style::Pflag, "--dry-run client");
        assert_eq!(parsed.last("--dry-run"), Some(""));
        assert_eq!(parsed.operand_words(), ["client"]);
    }

    #[test]
    fn go_flag_stops_at_the_first_operand() {
        let parsed = parse(Style::Goflag, "-namespace=a --force p -namespace b");
        assert_eq!(parsed.last("--namespace"), Some("a"));
        assert_eq!(parsed.operand_words(), ["p", "-namespace", "b"]);
    }
}
