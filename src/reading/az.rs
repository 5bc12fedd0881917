//! az: the command in front of its options, and the options that say where and whether it acts.
//! Must never take a word with a dash in front for an option's value: argparse does not.
//!
//! az accepts unique beginnings of long options; which are unique depends on the command, so an abbreviation is taken
//! from where no other common option begins alike. Traits: `form` = the method of `az rest`, in lower case.

use super::aws::is_option;
use super::{Command, Does, Opt, Reading, Start};
use crate::invocation::Invocation;
use std::ffi::OsString;

/// Long options that decide something, their letter, and the shortest beginning that names only them.
const DECISIVE: &[(&str, &str, &str)] = &[
    ("--subscription", "", "--subs"),
    ("--resource-group", "-g", "--resource-g"),
    ("--ids", "", "--ids"),
    ("--help", "-h", "--he"),
    ("--mode", "", "--mod"),
    ("--what-if", "-w", "--what-if"),
    ("--dryrun", "", "--dryr"),
    ("--scope", "", "--scope"),
];

/// What az asks of `rest` only.
const OF_REST: &[(&str, &str, &str)] = &[
    ("--method", "-m", "--m"),
    ("--url", "-u", "--ur"),
    ("--url", "", "--uri"),
];

/// Reads one az command line.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "az");
    let line: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("az {}", crate::text::quote_line(&line));
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let verbs = words.iter().take_while(|w| !is_option(w)).count();
    command.verb = words[..verbs].join(" ");
    // With an option in front of the command az refuses the line; newer ones may not.
    if verbs == 0 {
        command.verb = words.iter().filter(|w| !is_option(w)).cloned().collect::<Vec<_>>().join(" ");
    }
    options(&mut command, &words, verbs);
    let given = |name: &str| command.options.iter().any(|o| o.name == name);
    if given("--help") || matches!(&words[..], [only] if only == "--version" || only == "-v") || words.is_empty() {
        command.does = Does::Nothing("help or version only".into());
    } else if given("--what-if") || given("--dryrun") || given("--dry-run") {
        command.does = Does::Nothing("a dry run".into());
    }
    if command.verb == "rest" {
        let method = command.option("--method").unwrap_or("get").to_lowercase();
        command.traits.add("form", method);
    }
    let starts = elsewhere(&command);
    Reading { commands: vec![command], starts: starts.into_iter().collect() }
}

fn options(command: &mut Command, words: &[String], from: usize) {
    let mut at = from;
    while at < words.len() {
        let word = &words[at];
        let here = at;
        at += 1;
        if word == "--" || !is_option(word) {
            continue;
        }
        let (name, glued) = split(word);
        let name = canonical(&command.verb, name);
        let mut values: Vec<String> = glued.into_iter().map(str::to_owned).collect();
        if values.is_empty() {
            values.extend(words[at..].iter().take_while(|w| !is_option(w)).cloned());
            at += values.len();
        }
        if values.is_empty() {
            command.options.push(Opt { name: name.clone(), value: None, at: here });
        }
        // `--ids A B`: an option with several values is one with each.
        command.options.extend(values.into_iter().map(|v| Opt { name: name.clone(), value: Some(v), at: here }));
    }
    let named = ["--name", "-n", "--ids"];
    let names = command.options.iter().filter(|o| named.contains(&o.name.as_str()));
    command.operands = names.filter_map(|o| o.value.clone()).collect();
}

/// `--name=value`, and `-nvalue` of a letter.
fn split(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    }
    let letter = word.char_indices().nth(2).map_or(word.len(), |(i, _)| i);
    let rest = &word[letter..];
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    (&word[..letter], Some(rest).filter(|r| !r.is_empty()))
}

fn canonical(verb: &str, name: &str) -> String {
    let group = verb.split(' ').next().unwrap_or("");
    // These two name the group and the subscription in another way than all others.
    if group == "group" && ["-n", "--name"].contains(&name) {
        return "--resource-group".to_owned();
    }
    if group == "account" && ["-s", "-n", "--name"].contains(&name) {
        return "--subscription".to_owned();
    }
    let table = if verb == "rest" { OF_REST } else { DECISIVE };
    let deployment = verb.starts_with("deployment") || name != "-w";
    let row = table.iter().find(|(long, letter, least)| {
        (name == *letter && deployment) || (name.starts_with(least) && (long.starts_with(name) || name == *least))
    });
    row.map_or_else(|| name.to_owned(), |(long, _, _)| (*long).to_owned())
}

/// What runs on a machine, in a container or at a cluster.
fn elsewhere(command: &Command) -> Option<Start> {
    let (option, place) = match command.verb.as_str() {
        "vm run-command invoke" | "vmss run-command invoke" => ("--scripts", "an Azure machine"),
        "vm run-command create" | "vm run-command update" => ("--script", "an Azure machine"),
        "aks command invoke" => ("--command", "an AKS cluster"),
        "container exec" => ("--exec-command", "an Azure container"),
        "containerapp exec" => ("--command", "an Azure container"),
        _ => return None,
    };
    let short = |o: &Opt| o.name == "-c" && option == "--command";
    let lines: Vec<&str> = command
        .options
        .iter()
        .filter(|o| o.name == option || short(o))
        .filter_map(|o| o.value.as_deref())
        .collect();
    if lines.is_empty() {
        return None;
    }
    let argv = ["sh", "-c", &lines.join("\n")].map(OsString::from).to_vec();
    Some(Start { invocation: command.invocation.elsewhere(argv, place), doubt: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn reading(line: &str) -> Reading {
        let argv = line.split(' ').map(Into::into).collect();
        read(&Invocation::here(argv, Stdin::Terminal).expect("cwd"))
    }

    #[test]
    fn options_are_found_in_every_spelling() {
        for line in ["-g rg", "-grg", "--resource-group=rg", "--resource-gr rg"] {
            let command = reading(&format!("az vm delete -n v {line} --yes")).commands.remove(0);
            assert_eq!((command.verb.as_str(), command.option("--resource-group")), ("vm delete", Some("rg")), "{line}");
        }
        assert_eq!(reading("az group delete -n rg").commands[0].option("--resource-group"), Some("rg"));
        assert_eq!(reading("az account set -s prod").commands[0].option("--subscription"), Some("prod"));
        assert_eq!(reading("az vm delete --ids a b -y").commands[0].option_values("--ids").count(), 2);
        assert!(reading("az rest -m DELETE --uri u").commands[0].traits.has("form", "delete"));
    }

    #[test]
    fn help_and_what_if_do_nothing() {
        for (line, nothing) in [
            ("az vm delete -h", true),
            ("az deployment group create -g rg -w", true),
            ("az storage blob delete-batch -s c --dryrun", true),
            ("az vm delete -n v -g rg", false),
        ] {
            assert_eq!(matches!(reading(line).commands[0].does, Does::Nothing(_)), nothing, "{line}");
        }
    }

    #[test]
    fn what_runs_elsewhere_is_read() {
        let starts = reading("az vm run-command invoke -g rg -n v --command-id RunShellScript --scripts reboot ls").starts;
        assert_eq!(starts[0].invocation.args(), ["-c", "reboot\nls"]);
    }
}
