//! terraform and tofu: the subcommand, its options after Go's flag package, and what they amount to.
//! Must never call a line harmless because of a word whose meaning terraform's own parser would not give it.
//!
//! Traits: `form` = `apply`, `destroy`, `destroy-targeted`, `refresh-only`, `invoke`, `plan`;
//! `input` = `declined` when standard input is known and holds no approval.

mod shellwords;
#[cfg(test)]
mod tests;
mod verbs;
mod words;

use super::grammar::{Grammar, Parsed, Problem, Style, Takes};
use super::{Command, Does, Opt, Reading};
use crate::invocation::{Invocation, Stdin};
use words::{Stop, Words};

/// Reads one terraform or tofu command line.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "terraform");
    let line: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("terraform {}", crate::text::quote_line(&line));
    let (chdir, words) = words::take_apart(invocation);
    if let Some(directory) = chdir {
        command.options.push(Opt { name: "--chdir".into(), value: Some(directory), at: 0 });
    }
    match words.and_then(|words| subcommand(&mut command, words)) {
        Ok(()) => {}
        Err(Stop::Nothing(why)) => command.does = Does::Nothing(why),
        Err(Stop::Unsure(why)) => command.does = Does::Unsure(why),
    }
    Reading::of(command)
}

fn subcommand(command: &mut Command, words: Words) -> Result<(), Stop> {
    let name = words.command;
    command.verb = match name.strip_prefix("env") {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => format!("workspace{rest}"),
        Some(_) | None => name.to_owned(),
    };
    match command.verb.as_str() {
        "stacks" | "rpcapi" => {
            return Err(Stop::Unsure(format!("terraform {name} hands over to a program of its own")));
        }
        "state" | "workspace" | "push" => {
            return Err(Stop::Nothing("prints help only: no such subcommand".into()));
        }
        _ => {}
    }
    let Some(table) = verbs::options(&command.verb) else { return Ok(()) };
    let stripped: Vec<String> = words
        .arguments
        .into_iter()
        .filter(|w| w != "-no-color" && !(w == "-compact-warnings" && verbs::strips_view_options(name)))
        .collect();
    let mut parsed = Grammar { style: Style::Goflag, table: &table, permute: false }.parse_words(&stripped);
    let booleans =
        |option: &Opt| table.iter().any(|s| s.takes == Takes::Optional && option.name[2..] == *s.long);
    let refused = settle_booleans(&mut parsed, booleans);
    first_problem(&command.verb, &parsed, refused)?;
    command.operands = parsed.operand_words();
    command.options.append(&mut parsed.options);
    arity(command)?;
    meaning(command)
}

/// Writes Go's booleans as `true` and `false`; the first that is neither is returned with its place.
fn settle_booleans(parsed: &mut Parsed, is_boolean: impl Fn(&Opt) -> bool) -> Option<(usize, String)> {
    let mut refused = None;
    for option in parsed.options.iter_mut().filter(|o| is_boolean(o)) {
        let word = match option.value.as_deref() {
            None | Some("1" | "t" | "T" | "TRUE" | "true" | "True") => "true",
            Some("0" | "f" | "F" | "FALSE" | "false" | "False") => "false",
            Some(_) => {
                refused.get_or_insert((option.at, format!("{} is not a boolean", option.name)));
                continue;
            }
        };
        option.value = Some(word.to_owned());
    }
    refused
}

/// Go's parser stops at the first word it does not understand, and terraform with it; a newer terraform may
/// understand more, so only what no version accepts is certain.
fn first_problem(verb: &str, parsed: &Parsed, refused: Option<(usize, String)>) -> Result<(), Stop> {
    let place = |problem: &Problem| match problem {
        Problem::UnknownOption { at, .. }
        | Problem::Ambiguous { at, .. }
        | Problem::MissingValue { at, .. }
        | Problem::UnwantedValue { at, .. } => *at,
    };
    let first = parsed.problems.iter().min_by_key(|p| place(p));
    if let Some((at, why)) = refused
        && first.is_none_or(|p| at < place(p))
    {
        return Err(Stop::Nothing(format!("{why}: terraform refuses it")));
    }
    match first {
        None => Ok(()),
        Some(Problem::UnknownOption { word, .. }) => {
            let name = word.trim_start_matches('-');
            let malformed = word.starts_with("---") || name.is_empty() || name.starts_with('=');
            if malformed || name == "chdir" || name.starts_with("chdir=") {
                return Err(Stop::Nothing(format!(
                    "{} is not an option of {verb}",
                    crate::text::show_line(word, 40)
                )));
            }
            if !verbs::depends_on_options(verb) {
                return Ok(());
            }
            Err(Stop::Unsure(format!("option {} of {verb} is not known", crate::text::show_line(word, 40))))
        }
        Some(Problem::MissingValue { name, .. }) => Err(Stop::Nothing(format!("{name} needs a value"))),
        Some(Problem::Ambiguous { .. } | Problem::UnwantedValue { .. }) => {
            Err(Stop::Unsure("an option is not used as its table says".into()))
        }
    }
}

/// Counts of operands that every version refuses.
fn arity(command: &Command) -> Result<(), Stop> {
    let count = command.operands.len();
    let refuse = |why: &str| Err(Stop::Nothing(format!("{why}: terraform refuses it")));
    match command.verb.as_str() {
        "apply" if count > 1 => refuse("options and further words after the plan"),
        "destroy" if count > 1 || command.operands.iter().any(|o| !o.is_empty()) => {
            refuse("destroy takes no plan and no directory")
        }
        "state rm" | "state push" | "state mv" | "workspace delete" | "workspace new" | "force-unlock"
        | "taint"
            if count == 0 =>
        {
            refuse("the name is missing")
        }
        _ => Ok(()),
    }
}

/// What an operation amounts to, in traits and words.
fn meaning(command: &mut Command) -> Result<(), Stop> {
    let on = |command: &Command, name: &str| command.option(name) == Some("true");
    let first = command.operands.first().map(crate::text::quote).unwrap_or_default();
    match command.verb.as_str() {
        "apply" | "destroy" => return operation(command),
        "refresh" => command.traits.add("form", "refresh-only"),
        "state rm" => {
            command.headline = format!("make terraform forget {}", crate::text::quote_line(&command.operands))
        }
        "state push" => command.headline = format!("overwrite the state with {first}"),
        "workspace delete" => {
            let force = if on(command, "--force") { " and its state" } else { "" };
            command.headline = format!("delete workspace {first}{force}");
        }
        "force-unlock" => command.headline = format!("release state lock {first}"),
        "init" if on(command, "--migrate-state") || on(command, "--force-copy") => {
            command.headline = "copy the state over the one in another backend".into();
        }
        _ => {}
    }
    Ok(())
}

fn operation(command: &mut Command) -> Result<(), Stop> {
    let on = |name: &str| command.option(name) == Some("true");
    let given = |name: &str| command.options.iter().any(|o| o.name == name);
    let refuse = |why: &str| Err(Stop::Nothing(format!("{why}: terraform refuses it")));
    let saved = command.operands.first().filter(|o| !o.is_empty()).cloned();
    let is_destroy = command.verb == "destroy";
    if on("--refresh-only") && (on("--destroy") || is_destroy || command.option("--refresh") == Some("false"))
    {
        return refuse("-refresh-only together with its opposite");
    }
    if is_destroy && on("--destroy") {
        return refuse("destroy -destroy");
    }
    if on("--json") && !on("--auto-approve") && saved.is_none() {
        return refuse("-json without -auto-approve");
    }
    let narrowed = ["--target", "--target-file", "--exclude", "--exclude-file"].into_iter().any(given);
    let (form, headline) = if let Some(path) = saved {
        ("plan", format!("apply saved plan {}", crate::text::quote(path)))
    } else if is_destroy || on("--destroy") {
        match narrowed {
            true => ("destroy-targeted", "destroy the targeted resources".to_owned()),
            false => ("destroy", "destroy everything terraform manages here".to_owned()),
        }
    } else if given("--invoke") {
        ("invoke", "run a provider's action".to_owned())
    } else if on("--refresh-only") {
        ("refresh-only", "rewrite the state from what exists".to_owned())
    } else {
        ("apply", "apply changes nobody has seen".to_owned())
    };
    let declined = form != "plan" && !on("--auto-approve") && declines(command.invocation.stdin());
    command.traits.add("form", form);
    if declined {
        command.traits.add("input", "declined");
    }
    command.headline = headline;
    Ok(())
}

/// Whether what is piped in cannot approve anything: only `yes` does. An empty input proves nothing about
/// the run that is being judged.
fn declines(stdin: &Stdin) -> bool {
    match stdin {
        Stdin::Content(bytes) => !bytes.is_empty() && !bytes.windows(3).any(|w| w == b"yes"),
        Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => false,
    }
}
