//! gcloud: the command behind its groups, and the options that say where and whether it acts.
//! Must never take an option's value for the word that ends the command.
//!
//! gcloud abbreviates nothing and takes no word with a dash in front for a value, so what decides is found without
//! a table of every option; which words end a command is one here, because a resource may be called `delete`.
//! Traits: `selection` = `glob` where an operand has a star.

mod flags_file;
mod table;

use super::aws::is_option;
use super::{Command, Does, Opt, Reading, Start};
use crate::invocation::Invocation;
use std::ffi::OsString;
use table::{ENDS, GLOBAL_VALUES, GROUPS, LONE, NO_VALUE, SWITCHES, TRACKS};

/// Options of every command of which no beginning is another option.
const NEVER_SHORT: &[&str] = &[
    "--account",
    "--billing-project",
    "--flags-file",
    "--impersonate-service-account",
    "--project",
    "--quiet",
    "--verbosity",
];

/// Reads one gcloud command line.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "gcloud");
    let line: Vec<_> = invocation.argv().iter().skip(1).collect();
    command.headline = format!("gcloud {}", crate::text::quote_line(&line));
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let mut behind = Vec::new();
    match flags_file::laid_in(invocation, words) {
        Ok(words) => behind = take(&mut command, &words),
        Err(flags_file::Stop::Nothing(why)) => command.does = Does::Nothing(why),
        Err(flags_file::Stop::Unsure(why)) => command.does = Does::Unsure(why),
    }
    let starts = if command.does == Does::Acts { on_a_machine(&command, &behind) } else { None };
    Reading { commands: vec![command], starts: starts.into_iter().collect() }
}

/// Takes the words apart; what stands behind `--` is handed back.
fn take(command: &mut Command, words: &[String]) -> Vec<String> {
    let end = words.iter().position(|w| w == "--").unwrap_or(words.len());
    let mut plain: Vec<(String, usize)> = Vec::new();
    let mut ended = false;
    let mut at = 0;
    while at < end {
        let word = &words[at];
        let here = at;
        at += 1;
        if !is_option(word) {
            ended |= ends(word, plain.len());
            plain.push((word.clone(), here));
            continue;
        }
        let (name, glued) =
            word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
        let next = words[..end].get(at).filter(|w| !is_option(w));
        let global = GLOBAL_VALUES.contains(&name);
        if global && glued.is_none() && next.is_none() {
            command.does = Does::Nothing(format!("{name} needs a value: gcloud refuses it"));
        }
        if NEVER_SHORT.iter().any(|long| long.len() > name.len() && name.len() > 3 && long.starts_with(name))
        {
            command.does = Does::Nothing(format!("gcloud does not know the option {name}"));
        }
        // In front of the verb there are no others, or gcloud refuses them.
        let takes = global || (ended && !switch(name));
        at += usize::from(takes && glued.is_none() && next.is_some());
        let value = glued.or_else(|| next.filter(|_| takes).cloned());
        command.options.push(Opt { name: name.to_owned(), value, at: here });
    }
    settle(command, plain, words);
    words.get(end + 1..).unwrap_or(&[]).to_vec()
}

/// Whether an option takes no value. Letters are switches in every command that has them.
fn switch(name: &str) -> bool {
    !name.starts_with("--")
        || SWITCHES.contains(&name)
        || NO_VALUE.iter().any(|start| name.starts_with(start))
}

/// Whether a word ends the command; `before` words stand in front of it.
fn ends(word: &str, before: usize) -> bool {
    let first = word.split('-').next().unwrap_or(word);
    if before == 0 { LONE.contains(&word) } else { ENDS.contains(&first) && !GROUPS.contains(&word) }
}

fn settle(command: &mut Command, mut plain: Vec<(String, usize)>, words: &[String]) {
    if plain.first().is_some_and(|(w, _)| TRACKS.contains(&w.as_str())) {
        plain.remove(0);
    }
    let length = plain.iter().enumerate().position(|(i, (w, _))| ends(w, i)).map_or(plain.len(), |i| i + 1);
    let rest = plain.split_off(length);
    command.verb = plain.iter().map(|(w, _)| w.as_str()).collect::<Vec<_>>().join(" ");
    let given = |name: &str| command.options.iter().rev().find(|o| o.name == name);
    let on = |yes: &str, no: &str| {
        let last = command.options.iter().rev().find(|o| o.name == yes || o.name == no);
        last.is_some_and(|o| o.name == yes && o.value.as_deref() != Some("false"))
    };
    let version = words.first().is_some_and(|w| w == "--version" || w == "-v");
    if given("--help").is_some() || given("-h").is_some() || version || command.verb.starts_with("help") {
        command.does = Does::Nothing("help or version only".into());
    } else if on("--dry-run", "--no-dry-run") || on("--validate-only", "--no-validate-only") {
        command.does = Does::Nothing("a dry run".into());
    }
    for (word, at) in rest {
        if word.contains('*') {
            command.traits.add("selection", "glob");
        }
        command.operands.push(word);
        command.operand_at.push(at);
    }
}

/// `compute ssh VM --command …`, and what stands behind `--` for ssh.
fn on_a_machine(command: &Command, behind: &[String]) -> Option<Start> {
    let shell = command.verb.split(' ').next_back() == Some("ssh");
    if !shell {
        return None;
    }
    let script = match command.option("--command").filter(|c| !c.is_empty()) {
        Some(script) => script.to_owned(),
        None => ssh_words(behind)?,
    };
    let place = match command.operands.first() {
        Some(machine) => format!("the machine {}", crate::text::show_line(machine, 60)),
        None => "a machine of Google Cloud".to_owned(),
    };
    let argv = ["sh", "-c", &script].map(OsString::from).to_vec();
    Some(Start { invocation: command.invocation.elsewhere(argv, &place), doubt: None })
}

/// The remote command behind ssh's own options.
fn ssh_words(words: &[String]) -> Option<String> {
    let mut at = 0;
    while let Some(options) = words.get(at)?.strip_prefix('-') {
        // The first letter that takes a value takes the rest of the word, or else the next one.
        let takes = options.find(|c| "BbcDEeFIiJLlmOoPpQRSWw".contains(c));
        at += if takes.is_some_and(|i| i + 1 == options.len()) { 2 } else { 1 };
    }
    Some(words[at..].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn read_line(line: &str) -> Reading {
        let argv = line.split(' ').map(Into::into).collect();
        read(&Invocation::here(argv, Stdin::Terminal).expect("cwd"))
    }

    #[test]
    fn a_command_ends_at_its_verb() {
        for (line, verb, operands) in [
            ("gcloud compute instances delete vm-1 -q", "compute instances delete", &["vm-1"][..]),
            (
                "gcloud beta --project delete compute instances describe delete",
                "compute instances describe",
                &["delete"],
            ),
            ("gcloud deploy releases abandon r", "deploy releases abandon", &["r"]),
            ("gcloud run services delete s", "run services delete", &["s"]),
            (
                "gcloud projects add-iam-policy-binding p --member=m",
                "projects add-iam-policy-binding",
                &["p"],
            ),
            ("gcloud storage rm -r gs://b", "storage rm", &["gs://b"]),
            (
                "gcloud projects add-iam-policy-binding --role r --quiet p",
                "projects add-iam-policy-binding",
                &["p"],
            ),
            (
                "gcloud access-context-manager policies delete 1",
                "access-context-manager policies delete",
                &["1"],
            ),
        ] {
            let command = read_line(line).commands.remove(0);
            assert_eq!(command.verb, verb, "{line}");
            assert_eq!(command.operands, operands, "{line}");
        }
    }

    #[test]
    fn help_and_dry_runs_do_nothing() {
        for (line, nothing) in [
            ("gcloud compute instances delete --help", true),
            ("gcloud --version", true),
            ("gcloud compute instances delete vm --dry-run", true),
            ("gcloud compute instances delete vm --dry-run --no-dry-run", false),
            ("gcloud app versions delete --version v1", false),
            ("gcloud compute instances delete vm --project", true),
            ("gcloud compute instances delete vm --proj x", true),
            ("gcloud builds submit --config x", false),
        ] {
            assert_eq!(matches!(read_line(line).commands[0].does, Does::Nothing(_)), nothing, "{line}");
        }
    }

    #[test]
    fn what_runs_on_a_machine_is_read_there() {
        for line in
            ["gcloud compute ssh vm --command=reboot", "gcloud compute ssh vm --zone z -- -t -p 22 reboot"]
        {
            let starts = read_line(line).starts;
            assert_eq!(starts[0].invocation.args(), ["-c", "reboot"], "{line}");
            assert_eq!(starts[0].invocation.place(), Some("the machine vm"), "{line}");
        }
        assert!(read_line("gcloud compute ssh vm -- -N -L 80:a:80").starts.is_empty());
    }
}
