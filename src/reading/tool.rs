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
