//! Programs around kubernetes that are built like kubectl (cobra, pflag), read by their pack and the table beside
//! this file. Must never call an unknown command harmless: it may be a plugin, or a newer version's.

use super::cobra_table::{PROGRAMS, Program};
use super::grammar::Takes;
use super::kubectl::{go_bool, is_slip_of, plugin_start};
use super::{Command, Does, Reading, Start, Tool, generic};
use crate::invocation::Invocation;
use std::ffi::OsString;

/// Reads one command. Traits for rules: `session` = `interactive` for k9s, `form` for what the words say beyond
/// verb and options: `all`, `zero`.
pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut reading = Reading::of(generic::command(invocation, tool));
    let Some(program) = PROGRAMS.iter().find(|p| p.name == tool.program) else { return reading };
    let Some(command) = reading.commands.first_mut() else { return reading };
    if let Some(why) = refusal(command, tool, program) {
        command.does = Does::Nothing(why);
    }
    if matches!(command.does, Does::Nothing(_)) {
        return reading;
    }
    let starts = match program.name {
        "k9s" => session(command),
        "kubectx" | "kubens" => switch(command),
        _ => known(command, program),
    };
    cascade(invocation, command);
    examine(command);
    reading.starts = starts;
    reading
}

/// What no version of the program takes: an option under its name in kubectl, or the beginning of a longer one.
fn refusal(command: &Command, tool: &Tool, program: &Program) -> Option<String> {
    let known = |name: &str| tool.options.iter().any(|o| o.long == name);
    command
        .options
        .iter()
        .find_map(|option| {
            let name = option.name.strip_prefix("--")?;
            let beginning = || name.len() > 2 && tool.options.iter().any(|o| o.long.starts_with(name));
            let wrong = !known(name) && (program.never.contains(&option.name.as_str()) || beginning());
            wrong.then(|| format!("{} has no option {}", program.name, crate::text::show(&option.name)))
        })
        .or_else(|| before_the_verb(command, tool, program))
        .or_else(|| too_few(command))
}

/// Fewer operands than the command takes: it prints how it is used.
fn too_few(command: &Command) -> Option<String> {
    let selected = command.option("--selector").is_some_and(|s| !s.is_empty());
    let needed = match (command.tool.as_str(), command.verb.as_str()) {
        ("helm", "uninstall" | "rollback" | "install") => 1,
        ("helm", "upgrade") => 2,
        ("argocd", "app delete") if !selected => 1,
        ("argocd", "appset delete" | "proj delete" | "cluster rm") => 1,
        _ => 0,
    };
    let why = || format!("{} {} needs more words", command.tool, command.verb);
    (command.does == Does::Acts && command.operands.len() < needed).then(why)
}

/// The same in front of the command, where an unknown option hides it.
fn before_the_verb(command: &Command, tool: &Tool, program: &Program) -> Option<String> {
    let Does::Unsure(_) = &command.does else { return None };
    let words: Vec<&str> = command
        .invocation
        .args()
        .iter()
        .map(|w| w.to_str().unwrap_or(""))
        .take_while(|w| *w != "--")
        .collect();
    let takes_value = |word: &str| {
        let long = word.strip_prefix("--").and_then(|l| tool.options.iter().find(|o| o.long == l));
        let letter = word.strip_prefix('-').filter(|l| l.len() == 1).and_then(|l| l.chars().next());
        let short = letter.and_then(|l| tool.options.iter().find(|o| o.short == Some(l)));
        long.or(short).is_some_and(|o| o.takes == Takes::Value)
    };
    words.iter().enumerate().find_map(|(at, word)| {
        let name = word.split('=').next().unwrap_or(word);
        let value = at > 0 && takes_value(words[at - 1]);
        let wrong = program.never.contains(&name) && !value;
        wrong.then(|| format!("{} has no option {name}", program.name))
    })
}

/// Whether the first word is one of the program's commands; else it is a plugin, a slip, or a newer command.
fn known(command: &mut Command, program: &Program) -> Vec<Start> {
    let first = command.verb.split(' ').next().unwrap_or("").to_owned();
    if first.is_empty() {
        command.does = Does::Nothing(format!("{} prints its help", program.name));
        return Vec::new();
    }
    if program.verbs.split_ascii_whitespace().any(|v| v == first) || first == "help" {
        if first == "help" || first.starts_with("__complete") || first == "completion" {
            command.does = Does::Nothing("help only".into());
        }
        return started(command, &first);
    }
    let shown = crate::text::show(&first);
    let plugin = program.plugins.then(|| plugin_start(command, program.name, &first));
    let slip = program.suggested.contains(&first.as_str())
        || is_slip_of(&first, program.verbs.split_ascii_whitespace());
    match plugin {
        Some((start, true)) => return vec![start],
        _ if slip => {
            command.does = Does::Nothing(format!("{} has no command {shown}", program.name));
        }
        Some((start, false)) => return vec![start],
        None => {
            command.does =
                Does::Unsure(format!("{shown} is not a command of {} that guard knows", program.name));
        }
    }
    Vec::new()
}

/// Programs that a command starts by its nature.
fn started(command: &Command, verb: &str) -> Vec<Start> {
    let own = command.invocation.args();
    match (command.tool.as_str(), verb) {
        ("minikube", "kubectl") => minikube_kubectl(command),
        ("minikube", "ssh") if !command.operands.is_empty() => {
            let argv = command.operands.iter().map(OsString::from).collect();
            vec![Start { invocation: command.invocation.elsewhere(argv, "the minikube node"), doubt: None }]
        }
        ("kubectl-cnpg", "psql") => {
            let words = command.operands.iter().skip(1).map(OsString::from);
            let argv = std::iter::once(OsString::from("psql")).chain(words).collect();
            vec![Start { invocation: command.invocation.elsewhere(argv, "the database's pod"), doubt: None }]
        }
        ("helm", "secrets") => {
            let at = own.iter().position(|w| w == "secrets").map_or(own.len(), |at| at + 1);
            let mut argv: Vec<OsString> = vec!["helm".into()];
            argv.extend(own[..at.saturating_sub(1)].iter().chain(&own[at..]).cloned());
            const OWN: &[&str] =
                &["encrypt", "decrypt", "edit", "view", "dec", "enc", "clean", "terraform", "patch", "help"];
            let wraps = command.operands.first().is_some_and(|o| !OWN.contains(&o.as_str()));
            if wraps {
                vec![Start { invocation: command.invocation.nested(argv), doubt: None }]
            } else {
                Vec::new()
            }
        }
        ("helm", _) => command
            .option_values("--post-renderer")
            .last()
            .filter(|p| !p.is_empty())
            .map(|program| {
                let arguments = command.option_values("--post-renderer-args").map(OsString::from);
                let argv = std::iter::once(OsString::from(program)).chain(arguments).collect();
                Start { invocation: command.invocation.nested(argv), doubt: None }
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// `minikube kubectl -- ARGS` runs kubectl against the profile's cluster.
fn minikube_kubectl(command: &Command) -> Vec<Start> {
    let profile = command.option("--profile").filter(|p| !p.is_empty()).map(str::to_owned);
    let variable = || command.invocation.var_filled("MINIKUBE_PROFILE");
    let cluster = profile.or_else(variable).unwrap_or_else(|| "minikube".to_owned());
    let mut argv: Vec<OsString> = vec!["kubectl".into(), format!("--cluster={cluster}").into()];
    argv.extend(command.operands.iter().map(OsString::from));
    vec![Start { invocation: command.invocation.nested(argv), doubt: None }]
}

/// k9s without a command opens its screen, on which everything can be deleted.
fn session(command: &mut Command) -> Vec<Start> {
    match command.verb.as_str() {
        "" if command.option("--readonly").is_some() && command.option("--write").is_none() => {
            command.does = Does::Nothing("the screen only reads".into());
        }
        "" => {
            command.traits.add("session", "interactive");
            command.headline = "a k9s session".into();
        }
        "version" | "info" | "help" | "completion" => {
            command.does = Does::Nothing("it prints something".into());
        }
        other => command.does = Does::Nothing(format!("k9s has no command {}", crate::text::show(other))),
    }
    Vec::new()
}

/// kubectx and kubens have no verbs: an operand is the place to go to, and `NEW=OLD` a new name.
fn switch(command: &mut Command) -> Vec<Start> {
    let words: Vec<String> = std::iter::once(command.verb.clone())
        .filter(|v| !v.is_empty())
        .chain(command.operands.clone())
        .collect();
    let given = |name: &str| command.option(name).is_some();
    let verb = if given("--current") {
        "current"
    } else if given("--unset") {
        "unset"
    } else if given("-d") {
        "delete"
    } else if words.first().is_some_and(|w| w.contains('=')) && command.tool == "kubectx" {
        "rename"
    } else if words.is_empty() {
        "list"
    } else {
        "switch"
    };
    command.verb = verb.to_owned();
    command.operands = words;
    Vec::new()
}

/// `--cascade` is on unless it is said to be off: the rules see the form `no-cascade` then.
fn cascade(invocation: &Invocation, command: &mut Command) {
    let words = invocation.args().iter().take_while(|w| *w != "--").filter_map(|w| w.to_str());
    let last = words.filter_map(|w| w.strip_prefix("--cascade=")).last();
    let off = last.is_some_and(|value| go_bool(value) == Some(false));
    if command.tool == "argocd" && off && command.option("--cascade").is_none() {
        command.traits.add("form", "no-cascade");
    }
}

/// What the words say beyond verb and options.
fn examine(command: &mut Command) {
    let values = ["--nodes", "--replicas"];
    if values.iter().any(|name| {
        command.option(name).is_some_and(|v| v.trim_start_matches('0').is_empty() && !v.is_empty())
    }) {
        command.traits.add("form", "zero");
    }
    if command.option("--all").is_some() {
        command.traits.add("selection", "all");
    }
    let Some(value) = command.option("--dry-run").map(str::to_owned) else { return };
    match value.as_str() {
        "server" => command.traits.add("dry-run", "server"),
        "" | "client" => command.traits.add("dry-run", "client"),
        "none" => {}
        other => match go_bool(other) {
            Some(true) => command.traits.add("dry-run", "client"),
            Some(false) => {}
            None => {
                command.does = Does::Nothing(format!("--dry-run={} is refused", crate::text::show(other)))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;
    use crate::reading::tool::{OptionSpec, Style};

    fn read_line(line: &str) -> Reading {
        let option = |long: &str, short, takes| OptionSpec { long: long.into(), short, takes };
        let argv: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let program = argv[0].to_string_lossy().into_owned();
        let tool = Tool {
            style: Style::Pflag,
            options: vec![
                option("kube-context", None, Takes::Value),
                option("description", None, Takes::Value),
                option("namespace", Some('n'), Takes::Value),
                option("post-renderer", None, Takes::Value),
                option("keep-history", None, Takes::Nothing),
                option("readonly", None, Takes::Nothing),
                option("write", None, Takes::Nothing),
                option("current", Some('c'), Takes::Nothing),
                option("profile", Some('p'), Takes::Value),
                option("dry-run", None, Takes::Optional),
            ],
            ..Tool::named(&program)
        };
        read(&Invocation::here(argv, Stdin::Terminal).expect("cwd"), &tool)
    }

    fn is_nothing(line: &str) -> bool {
        matches!(read_line(line).commands[0].does, Does::Nothing(_))
    }

    #[test]
    fn what_the_program_refuses_is_nothing() {
        for line in [
            "helm uninstall api --context prod",
            "helm --context prod uninstall api",
            "helm --context=prod uninstall api",
            "helm rm api",
            "helm unistall api",
            "helm uninstall api --keep-hist",
            "helm uninstall api --dry-run=perhaps",
            "helm",
            "helm help uninstall",
            "helm uninstall --keep-history",
            "helm upgrade api",
            "k9s frob",
        ] {
            assert!(is_nothing(line), "{line}");
        }
        for line in [
            "helm uninstall api --kube-context prod",
            "helm upgrade a c --description --context",
            "helm uninstall api --keep-history=false",
            "helm --brand-new x uninstall api",
            "k9s",
            "k9s --readonly --write",
        ] {
            assert!(!is_nothing(line), "{line}");
        }
    }

    #[test]
    fn dry_runs_are_told_from_what_executes() {
        let dry =
            |line: &str| read_line(line).commands[0].traits.values("dry-run").collect::<Vec<_>>().join(" ");
        assert_eq!(dry("helm upgrade a c --dry-run"), "client");
        assert_eq!(dry("helm upgrade a c --dry-run=server"), "server");
        assert_eq!(dry("helm uninstall a --dry-run=true"), "client");
        for line in
            ["helm upgrade a c --dry-run=none", "helm uninstall a --dry-run=false", "helm uninstall a"]
        {
            assert_eq!(dry(line), "", "{line}");
        }
    }

    #[test]
    fn programs_that_run_others() {
        let starts = |line: &str| {
            let reading = read_line(line);
            let argv = |s: &Start| crate::text::quote_line(s.invocation.argv());
            reading.starts.iter().map(argv).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(starts("minikube -p dev kubectl -- delete ns x"), "kubectl --cluster=dev delete ns x");
        assert_eq!(starts("helm secrets upgrade a c"), "helm upgrade a c");
        assert_eq!(starts("helm -n x secrets uninstall a"), "helm -n x uninstall a");
        assert_eq!(starts("helm secrets view a.yaml"), "");
        assert_eq!(starts("helm upgrade a c --post-renderer ./r"), "./r");
        assert_eq!(starts("helm frob x -n a"), "helm-frob x -n a");
        assert_eq!(starts("minikube ssh -- rm -rf /data"), "rm -rf /data");
    }

    #[test]
    fn kubectx_has_no_verbs() {
        for (line, verb) in [
            ("kubectx", "list"),
            ("kubectx prod", "switch"),
            ("kubectx -", "switch"),
            ("kubectx a=b", "rename"),
            ("kubens -c", "current"),
        ] {
            assert_eq!(read_line(line).commands[0].verb, verb, "{line}");
        }
    }
}
