//! aws, versions 1 and 2: the operation after aliases, and the options that decide whether it acts.
//! Must never call a line a dry run because of a word that is no option.

mod alias;
mod words;

pub(crate) use alias::split;
pub(super) use words::is_option;

use super::{Command, Does, Reading, Start};
use crate::invocation::Invocation;
use alias::Alias;
use std::ffi::OsString;

/// How often an alias may lead to another.
const DEEPEST: usize = 8;

/// Reads one aws command line.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "aws");
    let line: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("aws {}", crate::text::quote_line(&line));
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let mut starts = Vec::new();
    match take(&mut command, &words) {
        Ok(None) => starts.extend(container(&command)),
        Ok(Some((script, rest))) => starts.push(shell_alias(&mut command, &script, &rest)),
        Err(Stop::Nothing(why)) => command.does = Does::Nothing(why),
        Err(Stop::Unsure(why)) => command.does = Does::Unsure(why),
    }
    Reading { commands: vec![command], starts }
}

/// Why nothing more is read.
enum Stop {
    Nothing(String),
    Unsure(String),
}

/// A shell alias and the words that go behind it.
type Script = Option<(String, Vec<String>)>;

fn take(command: &mut Command, words: &[String]) -> Result<Script, Stop> {
    let nothing = |why: String| Stop::Nothing(format!("{why}: aws refuses it"));
    let mut found = words::globals(words).map_err(nothing)?;
    if found.globals.iter().any(|o| o.name == "--version") {
        return Err(Stop::Nothing("version only".into()));
    }
    let mut verb: Vec<String> = Vec::new();
    let mut expanded = 0;
    while verb.len() < 2 {
        let Some(at) = found.rest.iter().position(|(w, _)| !words::is_option(w)) else { break };
        let (word, _) = found.rest.remove(at);
        let section = verb.first().map_or("toplevel".to_owned(), |service| format!("command {service}"));
        match alias::find(&command.invocation, &section, &word).map_err(Stop::Unsure)? {
            None => verb.push(word),
            Some(Alias::Shell(script)) => {
                command.options = found.globals;
                return Ok(Some((script, found.rest.into_iter().map(|(w, _)| w).collect())));
            }
            Some(Alias::Words(own)) => {
                expanded += 1;
                if expanded > DEEPEST {
                    return Err(Stop::Unsure("aliases that lead to each other".into()));
                }
                let inner = words::globals(&own).map_err(nothing)?;
                // An alias may use the name of the command it hides.
                let hides = inner.rest.first().is_some_and(|(w, _)| *w == word);
                found.globals.extend(inner.globals);
                found.rest.splice(0..0, inner.rest);
                if hides {
                    verb.push(found.rest.remove(0).0);
                }
            }
        }
    }
    finish(command, verb, found)
}

fn finish(command: &mut Command, verb: Vec<String>, found: words::Words) -> Result<Script, Stop> {
    let service = verb.first().map_or("", String::as_str);
    let alone = matches!(&found.rest[..], [(only, _)] if only == "help");
    if alone || verb.iter().any(|w| w == "help") {
        return Err(Stop::Nothing("help only".into()));
    }
    if verb.len() < 2 && !LONE.contains(&service) {
        return Err(Stop::Nothing("no operation: aws refuses it".into()));
    }
    let options = words::options(&found.rest, service);
    let last = |names: [&str; 2]| options.iter().rev().find(|o| names.contains(&o.name.as_str()));
    if options.iter().any(|o| o.name == "--generate-cli-skeleton") {
        return Err(Stop::Nothing("prints a skeleton of its input only".into()));
    }
    if last(["--dry-run", "--no-dry-run"]).is_some_and(|o| o.name == "--dry-run")
        || options.iter().any(|o| o.name == "--dryrun")
    {
        command.does = Does::Nothing("a dry run".into());
    }
    command.verb = verb.join(" ");
    command.options = found.globals;
    command.options.extend(options);
    for (word, at) in found.rest.into_iter().filter(|(w, _)| !words::is_option(w)) {
        command.operands.push(word);
        command.operand_at.push(at);
    }
    Ok(None)
}

/// Commands without an operation of their own.
const LONE: &[&str] = &["configure", "login", "logout"];

/// What runs in a container: `ecs execute-command --command …`.
fn container(command: &Command) -> Option<Start> {
    let script = command.option("--command").filter(|_| command.verb == "ecs execute-command")?;
    let argv = ["sh", "-c", script].map(OsString::from).to_vec();
    let place = format!("a container of the task {}", command.option("--task").unwrap_or("(not given)"));
    Some(Start { invocation: command.invocation.elsewhere(argv, &place), doubt: None })
}

/// `!command`: the other words follow it, quoted.
fn shell_alias(command: &mut Command, script: &str, rest: &[String]) -> Start {
    let line = [script.to_owned()].into_iter().chain(rest.iter().map(crate::text::quote)).collect::<Vec<_>>();
    command.headline = format!("run the shell alias: {}", crate::text::show_line(script, 80));
    let argv = vec!["sh".into(), "-c".into(), line.join(" ").into()];
    Start { invocation: command.invocation.nested(argv), doubt: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn command(line: &str) -> Command {
        let argv = line.split(' ').map(Into::into).collect();
        let here = Invocation::here(argv, Stdin::Terminal).expect("cwd");
        let nowhere = here.environment().without("HOME");
        read(&here.with_environment(nowhere)).commands.remove(0)
    }

    #[test]
    fn the_verb_is_service_and_operation_wherever_they_stand() {
        for line in [
            "aws ec2 terminate-instances --instance-ids i-1",
            "aws --profile prod ec2 --region x terminate-instances --instance-ids i-1 --prof stg",
            "aws --dry-run ec2 --no-dry-run terminate-instances",
        ] {
            assert_eq!(command(line).verb, "ec2 terminate-instances", "{line}");
        }
        assert_eq!(command("aws s3 rm s3://b --recurs").option("--recursive"), Some(""));
    }

    #[test]
    fn a_dry_run_is_the_last_word_on_it() {
        for (line, dry) in [
            ("aws ec2 x --dry-run", true),
            ("aws ec2 x --dry-run --no-dry-run", false),
            ("aws ec2 x --no-dry-run --dry", true),
            ("aws ec2 x -- --dry-run", false),
            ("aws s3 rm s3://b/ --recursive --dryr", true),
        ] {
            assert_eq!(matches!(command(line).does, Does::Nothing(_)), dry, "{line}");
        }
    }

    #[test]
    fn help_and_what_aws_refuses_do_nothing() {
        for line in [
            "aws help",
            "aws ec2 help",
            "aws ec2 terminate-instances help",
            "aws --version ec2 terminate-instances",
            "aws ec2 terminate-instances --instance-ids i-1 --profile",
            "aws dynamodb delete-table --table-name t --generate-cli-skeleton output",
            "aws ec2",
        ] {
            assert!(matches!(command(line).does, Does::Nothing(_)), "{line}");
        }
        assert_eq!(command("aws ec2 terminate-instances --instance-ids i-1 help").does, Does::Acts);
    }
}
