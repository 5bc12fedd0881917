//! Programs that have a pack but no reader of their own: their pack states the option style, which options take a
//! value, and how long a verb is. Must never find a verb behind an option of which it is not known whether it
//! takes the next word.

use super::grammar::{Grammar, Parsed, Problem, Spec, Style, Takes};
use super::kubectl::go_bool;
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::Invocation;
use std::collections::BTreeSet;

/// Reads by the pack's own tables.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    Reading::of(command(invocation, tool))
}

/// The command, for readers that begin with what the pack says.
pub fn command(invocation: &Invocation, tool: &Tool) -> Command {
    let table: Vec<Spec> = tool
        .options
        .iter()
        .map(|o| Spec { long: &o.long, short: o.short, takes: o.takes, exact: false })
        .collect();
    let permute = !(tool.style == Style::Getopt && invocation.environment().get("POSIXLY_CORRECT").is_some());
    let parsed = match tool.style {
        Style::Goflag => by_parts(&table, invocation, tool),
        Style::Getopt | Style::Pflag | Style::Argparse => {
            Grammar { style: tool.style, table: &table, permute }.parse(invocation.args())
        }
    };
    let mut command = Command::new(invocation, &tool.program);
    let words = parsed.operand_words();
    let (verb, length) = verb(&words, tool);
    command.verb = verb;
    command.operands = words[length..].to_vec();
    command.operand_at = parsed.operands[length..].iter().map(|(_, at)| *at).collect();
    command.options = parsed.options.clone();
    let verb_ends = length.checked_sub(1).map_or(usize::MAX, |last| parsed.operands[last].1);
    let fewest = tool.needs.iter().find(|(v, _)| *v == command.verb).map_or(0, |(_, n)| *n);
    command.does = standing(&parsed, tool, verb_ends, &mut command.options);
    if tool.style == Style::Pflag {
        booleans(&table, &mut command);
    }
    // `--version 1.2.3` of helm is a chart's; `--help=false` is none.
    let stands_alone = |name: &str| {
        let spec = table.iter().find(|s| name.strip_prefix("--") == Some(s.long));
        spec.is_none_or(|s| s.takes == Takes::Nothing)
    };
    let asked = |name: &str| stands_alone(name) && command.option(name).is_some();
    if asked("--help") || asked("--version") || asks_alone(invocation, tool) {
        command.does = Does::Nothing("help or version only".into());
    }
    if command.does == Does::Acts && command.operands.len() < fewest {
        command.does = Does::Nothing(format!("{} needs more words", command.verb));
    }
    let words: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("{} {}", tool.program, crate::text::quote_line(&words));
    command
}

/// pflag's booleans: the last one counts, `--force=false` is none at all, and what is neither stops the program.
fn booleans(table: &[Spec], command: &mut Command) {
    let alone = |o: &Opt| {
        let name = o.name.trim_start_matches('-');
        table.iter().any(|s| s.long == name && s.takes == Takes::Nothing)
    };
    let mut kept: Vec<Opt> = Vec::new();
    let mut settled = BTreeSet::new();
    for option in std::mem::take(&mut command.options).into_iter().rev() {
        if !alone(&option) {
            kept.push(option);
            continue;
        }
        let value = option.value.as_deref().map(go_bool);
        if value == Some(None) && command.does == Does::Acts {
            command.does = Does::Unsure(format!("option {} with a value", option.name));
        }
        if settled.insert(option.name.clone()) {
            match value {
                None | Some(Some(true)) => kept.push(Opt { value: None, ..option }),
                Some(Some(false)) => {}
                Some(None) => kept.push(option),
            }
        }
    }
    kept.reverse();
    command.options = kept;
}

/// Go's flag package stops at the first operand; programs with subcommands parse again behind each word of the verb.
fn by_parts(table: &[Spec], invocation: &Invocation, tool: &Tool) -> Parsed {
    let args = invocation.args();
    let mut whole = Parsed::default();
    let mut from = 0;
    loop {
        let mut part = Grammar { style: Style::Goflag, table, permute: false }.parse(&args[from..]);
        part.options.iter_mut().for_each(|o| o.at += from);
        part.operands.iter_mut().for_each(|(_, at)| *at += from);
        whole.options.append(&mut part.options);
        whole.problems.append(&mut part.problems);
        let Some(first) = part.operands.first().cloned() else { return whole };
        whole.operands.push(first.clone());
        let words = whole.operand_words();
        if words.len() > verb(&words, tool).1 || part.end_of_options.is_some() {
            whole.operands.extend(part.operands.into_iter().skip(1));
            return whole;
        }
        from = first.1 + 1;
    }
}

/// The verb with its other spellings resolved, and of how many words it was made.
pub fn verb(words: &[String], tool: &Tool) -> (String, usize) {
    let mut verb = String::new();
    let mut length = 0;
    for word in words {
        let group = tool.groups.contains(&verb);
        if length >= tool.verb_words.max(1) && !group || tool.verb_words == 0 {
            break;
        }
        if !verb.is_empty() {
            verb.push(' ');
        }
        verb.push_str(word);
        length += 1;
        if let Some((_, canonical)) = tool.aliases.iter().find(|(from, _)| *from == verb) {
            verb.clone_from(canonical);
        }
    }
    (verb, length)
}

/// What the options that could not be parsed make of the command.
fn standing(parsed: &Parsed, tool: &Tool, verb_ends: usize, options: &mut Vec<Opt>) -> Does {
    let mut does = Does::Acts;
    for problem in &parsed.problems {
        let (word, why) = match problem {
            Problem::UnknownOption { word, at } => {
                if !tool.complete && (tool.verb_words == 0 || *at > verb_ends || word.contains('=')) {
                    // What it means is not known, but the verb is, or there is none to hide.
                    let (name, value) =
                        word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
                    options.push(Opt { name: name.to_owned(), value: value.map(str::to_owned), at: *at });
                    continue;
                }
                (word, "is not one that guard knows")
            }
            Problem::Ambiguous { word, .. } => (word, "could be several"),
            Problem::MissingValue { name, at } if !tool.complete && *at > verb_ends => {
                // The last word: the program stops there, or it is one that takes no value behind this verb.
                options.push(Opt { name: name.clone(), value: None, at: *at });
                continue;
            }
            Problem::MissingValue { name, .. } => (name, "has no value"),
            Problem::UnwantedValue { name, .. } => (name, "takes no value"),
        };
        let why = format!("option {word} {why}");
        if tool.complete {
            return Does::Nothing(why);
        }
        does = Does::Unsure(why);
    }
    does
}

/// Help or version stands alone on the line: `prog --help`; Go's flag package takes one dash for two.
fn asks_alone(invocation: &Invocation, tool: &Tool) -> bool {
    let wanted = |word: &str| {
        matches!(word, "--help" | "--version")
            || tool.style == Style::Goflag && matches!(word, "-help" | "-version")
    };
    matches!(invocation.args(), [only] if only.to_str().is_some_and(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;
    use crate::reading::tool::OptionSpec;

    fn tool(style: Style) -> Tool {
        let option = |long: &str, short, takes| OptionSpec { long: long.to_owned(), short, takes };
        Tool {
            program: "vault".into(),
            also: Vec::new(),
            style,
            options: vec![
                option("address", None, Takes::Value),
                option("prefix", None, Takes::Nothing),
                option("app", Some('a'), Takes::Value),
            ],
            verb_words: 1,
            groups: vec!["kv".into(), "kv metadata".into(), "apps".into()],
            aliases: vec![("app".into(), "apps".into()), ("apps rm".into(), "apps destroy".into())],
            complete: false,
            by_name: false,
            needs: vec![("kv metadata delete".into(), 1)],
            facts: Vec::new(),
        }
    }

    fn read(style: Style, line: &str) -> Command {
        let argv = line.split(' ').map(Into::into).collect();
        command(&Invocation::here(argv, Stdin::Terminal).expect("cwd"), &tool(style))
    }

    #[test]
    fn a_verb_goes_on_while_its_words_name_a_group() {
        for (line, verb, operands) in [
            ("vault kv metadata delete secret/a", "kv metadata delete", &["secret/a"][..]),
            ("vault delete -address=x secret/a", "delete", &["secret/a"]),
            ("vault kv", "kv", &[]),
            ("vault app rm prod", "apps destroy", &["prod"]),
        ] {
            for style in [Style::Goflag, Style::Getopt] {
                let line =
                    if style == Style::Getopt { line.replace("-address", "--address") } else { line.into() };
                let command = read(style, &line);
                assert_eq!(
                    (command.verb.as_str(), &command.operands[..]),
                    (verb, &operands.iter().map(|o| (*o).to_owned()).collect::<Vec<_>>()[..]),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn go_flags_stand_behind_the_verb_and_not_behind_an_operand() {
        let command = read(Style::Goflag, "vault kv delete -address x -prefix a -address y");
        assert_eq!(command.option("--address"), Some("x"));
        assert_eq!(command.operands, ["a", "-address", "y"]);
    }

    #[test]
    fn a_verb_without_the_operands_it_needs_does_nothing() {
        assert!(matches!(read(Style::Goflag, "vault kv metadata delete").does, Does::Nothing(_)));
        assert_eq!(read(Style::Goflag, "vault kv delete").does, Does::Acts);
    }

    #[test]
    fn an_unknown_option_hides_the_verb_but_not_what_follows_it() {
        assert!(matches!(read(Style::Getopt, "vault --weird kv delete x").does, Does::Unsure(_)));
        assert_eq!(read(Style::Getopt, "vault kv delete --weird x").does, Does::Acts);
        let complete = Tool { complete: true, ..tool(Style::Pflag) };
        let argv = "vault delete --ap prod".split(' ').map(Into::into).collect();
        let command = command(&Invocation::here(argv, Stdin::Terminal).expect("cwd"), &complete);
        assert!(matches!(command.does, Does::Nothing(_)));
    }
}
