//! What a rule file says about a program's command line: the `[tool]` table. Plain data, also built into
//! the compiled index (`build.rs` includes this file), so it imports nothing of guard.

use serde::{Deserialize, Serialize};

/// A program, its other names, and how its options are parsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    pub program: String,
    /// Programs with the same grammar: `oc` for `kubectl`.
    pub also: Vec<String>,
    pub style: Style,
    pub options: Vec<OptionSpec>,
    /// How many leading operands make the verb: 2 for `gh repo delete`.
    pub verb_words: usize,
    /// Words that are followed by a further word of the verb, for programs whose verbs differ in length:
    /// `kv`, `kv metadata` for `vault kv metadata delete`.
    pub groups: Vec<String>,
    /// Other spellings of a verb or of its beginning: `apps rm` to `apps destroy`.
    pub aliases: Vec<(String, String)>,
    /// Every option is listed: the program stops at one that is not.
    pub complete: bool,
    /// How many operands a verb needs at least, or the program stops.
    pub needs: Vec<(String, usize)>,
    /// Where the program says what it acts on.
    pub facts: Vec<FactSpec>,
}

impl Tool {
    /// A program of which no more is known than its name.
    pub fn named(program: &str) -> Tool {
        Tool {
            program: program.to_owned(),
            also: Vec::new(),
            style: Style::Getopt,
            options: Vec::new(),
            verb_words: 1,
            groups: Vec::new(),
            aliases: Vec::new(),
            complete: false,
            needs: Vec::new(),
            facts: Vec::new(),
        }
    }
}

/// One thing about the target of a program without a resolver of its own, and where the program takes it from:
/// an option, else a variable, else an operand, else the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactSpec {
    pub key: String,
    /// Canonical spellings (`--address`); the last one given wins.
    pub options: Vec<String>,
    /// In order; an empty one counts as unset.
    pub variables: Vec<String>,
    /// The operand after the verb that names it, counted from 1; 0 for none, and every one with `many`.
    pub operand: usize,
    /// Several values are a list, also when cut at commas.
    pub many: bool,
    pub default: Option<String>,
    /// Why it cannot be determined when nothing says it.
    pub unknown: Option<String>,
}

/// How a family of programs parses options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Style {
    /// getopt_long(3): unique prefixes of long options, bundles (`-rf`), glued values, options after operands
    /// unless POSIXLY_CORRECT, `--` ends.
    Getopt,
    /// github.com/spf13/pflag: no prefixes, bundles, `-n=x` is `-n x`, options after operands, `--` ends.
    Pflag,
    /// Go's flag package: `-x` is `--x`, no bundles, parsing stops at the first operand or `--`.
    Goflag,
    /// Python's argparse: unique prefixes, options after operands, `--` ends.
    Argparse,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Takes {
    Nothing,
    Value,
    /// Only glued (`--dry-run=x`); the next word is never consumed.
    Optional,
}

/// One option of a rule file: long name without dashes, letter, and whether it takes a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionSpec {
    pub long: String,
    pub short: Option<char>,
    pub takes: Takes,
}
