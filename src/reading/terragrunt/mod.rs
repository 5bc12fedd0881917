//! terragrunt: its own options, the units it goes through, and the terraform line it starts in them.
//! Must never read terraform's words with a grammar other than terraform's.
//!
//! Traits: `scope` = `all` for every unit below, `graph` for a unit and all that depend on it; `form` as terraform's.

mod table;

use super::{Command, Does, Opt, Reading, Start, terraform};
use crate::invocation::Invocation;
use table::{FLAGS, OWN, VALUES};

/// Reads one terragrunt command line.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "terragrunt");
    let line: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("terragrunt {}", crate::text::quote_line(&line));
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let mut rest = own_options(&mut command, words);
    let Some(first) = rest.first().cloned() else {
        command.does = Does::Nothing("prints help only: no command".into());
        return Reading::of(command);
    };
    let on =
        |name: &str| command.options.iter().any(|o| o.name == name && o.value.as_deref() != Some("false"));
    let all = on("--all") || on("-a") || invocation.var_filled("TG_ALL").is_some_and(|v| v != "false");
    let graph = on("--graph");
    rest.remove(0);
    match first.as_str() {
        "run-all" => command.traits.add("scope", "all"),
        "graph" => command.traits.add("scope", "graph"),
        "run" if graph => command.traits.add("scope", "graph"),
        "run" => {}
        "spin-up" => rest.insert(0, "apply".into()),
        "tear-down" => rest.insert(0, "destroy".into()),
        "exec" => return exec(command, invocation, rest),
        "backend" | "stack" if rest.first().is_some_and(|w| w != "run") => {
            command.verb = format!("{first} {}", rest.remove(0));
            command.operands = rest;
            return Reading::of(command);
        }
        "stack" => {
            command.traits.add("scope", "all");
            rest = rest.split_off(rest.len().min(1));
        }
        own if OWN.contains(&own) => {
            command.verb = first;
            return Reading::of(command);
        }
        other => match other.strip_suffix("-all") {
            Some(verb) => {
                command.traits.add("scope", "all");
                rest.insert(0, verb.to_owned());
            }
            None => rest.insert(0, first.clone()),
        },
    }
    if all || ["spin-up", "tear-down"].contains(&first.as_str()) {
        command.traits.add("scope", "all");
    }
    take_terraform(command, invocation, rest)
}

/// What terraform would do with the words, without its target: that depends on terragrunt.hcl.
fn take_terraform(mut command: Command, invocation: &Invocation, words: Vec<String>) -> Reading {
    let argv = std::iter::once("terraform".to_owned()).chain(words.into_iter().filter(|w| w != "--"));
    let inner = terraform::read(&invocation.nested(argv.map(Into::into).collect())).commands.remove(0);
    command.verb = inner.verb;
    command.does = inner.does;
    command.operands = inner.operands;
    command.options.extend(inner.options);
    for (name, value) in inner.traits.iter() {
        // In many units nothing is asked for each.
        if name != "input" {
            command.traits.add(name, value.to_owned());
        }
    }
    Reading::of(command)
}

/// `exec [options] -- PROGRAM …`.
fn exec(mut command: Command, invocation: &Invocation, rest: Vec<String>) -> Reading {
    command.verb = "exec".into();
    let argv: Vec<_> = rest.into_iter().skip_while(|w| w == "--").map(Into::into).collect();
    let starts = if argv.is_empty() {
        Vec::new()
    } else {
        vec![Start { invocation: invocation.nested(argv), doubt: None }]
    };
    Reading { commands: vec![command], starts }
}

/// Takes terragrunt's own options out, wherever they stand in front of `--`; terraform's stay.
fn own_options(command: &mut Command, words: Vec<String>) -> Vec<String> {
    let mut rest: Vec<String> = Vec::new();
    let mut words = words.into_iter().enumerate();
    while let Some((at, word)) = words.next() {
        if word == "--" {
            rest.push(word);
            rest.extend(words.by_ref().map(|(_, w)| w));
            break;
        }
        let own = word.strip_prefix("--terragrunt-").or_else(|| word.strip_prefix("--"));
        let Some(body) = own.filter(|b| !b.is_empty()) else {
            match word.as_str() {
                "-a" if rest.iter().any(|w| w == "run") => {
                    command.options.push(Opt { name: "--all".into(), value: None, at });
                }
                _ => rest.push(word),
            }
            continue;
        };
        let (name, glued) = body.split_once('=').map_or((body, None), |(n, v)| (n, Some(v.to_owned())));
        let takes = VALUES.contains(&name);
        if !takes && !FLAGS.contains(&name) && !word.starts_with("--terragrunt-") {
            // terraform takes two dashes as well as one.
            rest.push(word);
            continue;
        }
        let value = if takes && glued.is_none() { words.next().map(|(_, w)| w) } else { glued };
        command.options.push(Opt { name: format!("--{name}"), value, at });
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn command(line: &str) -> Command {
        let argv = line.split(' ').map(Into::into).collect();
        read(&Invocation::here(argv, Stdin::Terminal).expect("cwd")).commands.remove(0)
    }

    #[test]
    fn every_way_of_saying_destroy() {
        for (line, scope) in [
            ("terragrunt destroy -auto-approve", ""),
            ("terragrunt --working-dir ../prod destroy", ""),
            ("terragrunt run -- destroy --auto-approve", ""),
            ("terragrunt run-all destroy --terragrunt-non-interactive", "all"),
            ("terragrunt run --all destroy --non-interactive", "all"),
            ("terragrunt run -a -- apply -destroy", "all"),
            ("terragrunt destroy-all", "all"),
            ("terragrunt tear-down", "all"),
            ("terragrunt stack run destroy", "all"),
            ("terragrunt run --graph destroy", "graph"),
            ("terragrunt run-all --terragrunt-exclude-dir a destroy", "all"),
        ] {
            let command = command(line);
            assert!(command.traits.has("form", "destroy"), "{line}: {command:?}");
            assert_eq!(command.traits.values("scope").collect::<Vec<_>>().join(""), scope, "{line}");
            assert_eq!(command.does, Does::Acts, "{line}");
        }
    }

    #[test]
    fn what_only_looks_destroys_nothing() {
        for line in [
            "terragrunt plan -destroy",
            "terragrunt run --all plan",
            "terragrunt hcl fmt",
            "terragrunt destroy -help",
            "terragrunt",
            "terragrunt --working-dir destroy plan",
        ] {
            assert_eq!(command(line).traits.values("form").find(|f| *f == "destroy"), None, "{line}");
        }
    }
}
