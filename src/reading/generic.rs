//! Programs that have a pack but no reader of their own: their pack states the option style and which options
//! take a value; the leading operands are the verb.

use super::grammar::{Grammar, Problem, Spec, Style};
use super::{Command, Does, Reading, Tool};
use crate::invocation::Invocation;

/// Reads by the pack's own tables. An option the pack does not list is taken as one without a value;
/// when operands follow it, that guess is uncertain only if a rule depends on it, so it is recorded as a trait.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let table: Vec<Spec> = tool
        .options
        .iter()
        .map(|o| Spec { long: &o.long, short: o.short, takes: o.takes, exact: false })
        .collect();
    let permute = tool.style != Style::Goflag
        && !(tool.style == Style::Getopt && invocation.environment().get("POSIXLY_CORRECT").is_some());
    let parsed = Grammar { style: tool.style, table: &table, permute }.parse(invocation.args());

    let mut command = Command::new(invocation, &tool.program);
    command.operands = parsed.operand_words();
    command.verb = command.operands.iter().take(tool.verb_words).cloned().collect::<Vec<_>>().join(" ");
    command.options = parsed.options.clone();
    for problem in &parsed.problems {
        match problem {
            Problem::UnknownOption { word, at } => {
                let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
                let value = value.map(str::to_owned);
                command.options.push(super::Opt { name: name.to_owned(), value, at: *at });
            }
            Problem::Ambiguous { word, .. } => {
                command.does = Does::Unsure(format!("option {word} could be several"));
            }
            Problem::MissingValue { name, .. } | Problem::UnwantedValue { name, .. } => {
                command.does =
                    Does::Unsure(format!("option {name} is not used as the rule file describes it"));
            }
        }
    }
    if parsed.has("--help") || parsed.has("--version") || has_word(invocation, &["--help", "--version"]) {
        command.does = Does::Nothing("help or version only".into());
    }
    let words: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("{} {}", tool.program, crate::text::quote_line(&words));
    Reading { commands: vec![command] }
}

/// One of `wanted` stands alone on the line: `prog --help`.
fn has_word(invocation: &Invocation, wanted: &[&str]) -> bool {
    matches!(invocation.args(), [only] if wanted.iter().any(|w| only == w))
}
