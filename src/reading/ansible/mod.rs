//! ansible and ansible-playbook: which modules run, what commands they have run on the hosts.
//! Traits: `kind` = reads, edits, destroys, disrupts, restarts, opaque. The hosts are `targets::ansible`'s question.
//! Must never call a playbook harmless that has a task nobody read.

mod modules;
mod tasks;
pub mod vars;

#[cfg(test)]
mod tests;

use super::kubectl::yaml::{self, Node};
use super::through::Start;
use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::{Invocation, ReadError, Stdin};
use modules::Deed;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Options that only look.
const LOOKS: &[&str] = &["--list-hosts", "--list-tasks", "--list-tags", "--syntax-check"];

/// Reads one ad hoc command.
pub fn adhoc(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let Some(pattern) = command.operands.first().cloned() else {
        return idle(command, "it names no hosts");
    };
    if let Some(look) = LOOKS.iter().find(|o| command.option(o).is_some()) {
        let why = format!("{look} only looks");
        return idle(command, &why);
    }
    if command.does != Does::Acts {
        return Reading::of(command);
    }
    let module = modules::short(command.option("--module-name").unwrap_or("command")).to_owned();
    command.verb.clone_from(&module);
    if command.option("--check").is_some() {
        return idle(command, "check mode");
    }
    let text = command.option("--args").unwrap_or("").to_owned();
    let mut arguments = modules::Arguments::new();
    if text.trim_start().starts_with('{')
        && let Ok(Node::Map(map)) = yaml::first_document(&text)
    {
        arguments.extend(map.entries().map(|(k, v)| (k.to_owned(), vars::plain(v).unwrap_or_default())));
    } else {
        if !modules::is_free_form(&module) {
            arguments.extend(vars::pairs(&text));
        }
        arguments.insert("_raw".into(), text);
    }
    let deed = modules::deed(&module, &arguments);
    let starts = follow(&mut command, &[deed], &pattern);
    Reading { commands: vec![command], starts }
}

fn idle(mut command: Command, why: &str) -> Reading {
    command.does = Does::Nothing(why.to_owned());
    Reading::of(command)
}

/// Reads one run of playbooks.
pub fn playbook(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if command.operands.is_empty() {
        return idle(command, "it names no playbook");
    }
    if let Some(look) = LOOKS.iter().find(|o| command.option(o).is_some()) {
        let why = format!("{look} only looks");
        return idle(command, &why);
    }
    if command.does != Does::Acts {
        return Reading::of(command);
    }
    let split = |name: &str| -> Vec<String> {
        command.option_values(name).flat_map(|v| v.split(',')).map(|t| t.trim().to_owned()).collect()
    };
    let chosen = tasks::Chosen {
        tags: split("--tags"),
        skip: split("--skip-tags"),
        check: command.option("--check").is_some(),
    };
    let vars = vars::extra(&command).unwrap_or_default();
    let mut reader = tasks::Reader::new(invocation, &chosen, &vars);
    match plays(&command).as_ref() {
        Ok(plays) => plays.iter().for_each(|play| match &play.node {
            Node::Map(map) => reader.play(map, &play.directory),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => {}
        }),
        // The resolver says so: that the file is missing is known only here and now.
        Err(Missing::Refused(_)) => return Reading::of(command),
        Err(Missing::Unknown(why)) => reader.deeds.push(Deed::Opaque(why.clone())),
    }
    let deeds = reader.deeds;
    if chosen.check && deeds.is_empty() {
        return idle(command, "check mode");
    }
    let starts = follow(&mut command, &deeds, "the playbook");
    Reading { commands: vec![command], starts }
}

/// A play with the directory of its playbook.
pub struct Play {
    pub node: Node,
    pub directory: PathBuf,
}

/// Why there are no plays to speak of.
#[derive(Clone, Debug)]
pub enum Missing {
    Refused(String),
    Unknown(String),
}

/// Every play of the playbooks that a command names, imported ones in their place.
pub fn plays(command: &Command) -> Rc<Result<Vec<Play>, Missing>> {
    command.invocation.once(|| all_plays(command))
}

fn all_plays(command: &Command) -> Result<Vec<Play>, Missing> {
    let mut all = Vec::new();
    for file in &command.operands {
        from_file(&command.invocation, &command.invocation.path(file), &mut all, 0)?;
    }
    Ok(all)
}

fn from_file(invocation: &Invocation, path: &Path, all: &mut Vec<Play>, depth: usize) -> Result<(), Missing> {
    let shown = path.display();
    let bytes = invocation.read(path).map_err(|error| match error {
        ReadError::Missing => Missing::Refused(format!("there is no {shown}")),
        ReadError::TooLarge | ReadError::Failed(_) => {
            Missing::Unknown(format!("{shown} cannot be read: {error}"))
        }
    })?;
    let node = yaml::first_document(&String::from_utf8_lossy(&bytes))
        .map_err(|why| Missing::Unknown(format!("{shown}: {why}")))?;
    let directory = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    for play in node.items() {
        let import = ["import_playbook", "ansible.builtin.import_playbook", "include"]
            .iter()
            .find_map(|k| play.get(k));
        match import.and_then(Node::text) {
            Some(name) if depth > 10 || name.contains("{{") => {
                return Err(Missing::Unknown(format!("which playbook {name} is")));
            }
            Some(name) => from_file(invocation, &directory.join(name), all, depth + 1)?,
            None => all.push(Play { node: play.clone(), directory: directory.clone() }),
        }
    }
    Ok(())
}

/// Adds traits for what is done, and hands back what is started at the hosts.
fn follow(command: &mut Command, deeds: &[Deed], hosts: &str) -> Vec<Start> {
    let place = format!("the hosts of {hosts}");
    let mut starts: Vec<Start> = Vec::new();
    for deed in deeds {
        let argv: Vec<OsString> = match deed {
            Deed::Reads => vec![],
            Deed::Edits => vec![],
            Deed::Destroys | Deed::Disrupts | Deed::Restarts | Deed::Opaque(_) => vec![],
            Deed::Runs(text) => vec!["sh".into(), "-c".into(), whole(text).into()],
            Deed::Executes(words) => words.iter().map(OsString::from).collect(),
            Deed::Sql(query) => vec!["psql".into(), "-X".into(), "-c".into(), query.into()],
            Deed::Script(_) => vec!["sh".into()],
        };
        let kind = match deed {
            Deed::Reads => "reads",
            Deed::Edits => "edits",
            Deed::Destroys => "destroys",
            Deed::Disrupts => "disrupts",
            Deed::Restarts => "restarts",
            Deed::Runs(_) | Deed::Executes(_) | Deed::Sql(_) | Deed::Script(_) => "runs",
            Deed::Opaque(_) => "opaque",
        };
        let hidden = argv.first().is_some_and(|w| w.to_string_lossy().starts_with("{{"))
            || argv.get(2).is_some_and(|w| w.to_string_lossy().starts_with("'{{"));
        command.traits.add("kind", if hidden { "opaque" } else { kind });
        if argv.is_empty() || hidden {
            continue;
        }
        let mut invocation = command.invocation.elsewhere(argv, &place);
        invocation = invocation.with_stdin(match deed {
            Deed::Script(text) => script(&command.invocation, text),
            _ => Stdin::Content(b""[..].into()),
        });
        if !starts
            .iter()
            .any(|s| s.invocation.argv() == invocation.argv() && !matches!(deed, Deed::Script(_)))
        {
            starts.push(Start { invocation, doubt: None });
        }
    }
    starts
}

/// The content of a script that is copied to the hosts and run there.
fn script(invocation: &Invocation, text: &str) -> Stdin {
    let words = vars::words(text);
    let file = words.iter().find(|w| !w.contains('='));
    match file.map(|f| invocation.read(f)) {
        Some(Ok(bytes)) => Stdin::Content(bytes.into()),
        Some(Err(_)) | None => Stdin::TooMuch,
    }
}

/// A template is one word for the shell, whatever stands in it.
fn whole(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let (inside, after) = inside.split_once("}}").unwrap_or((inside, ""));
        let name: String = inside.chars().filter(|c| c.is_alphanumeric() || "_.".contains(*c)).collect();
        out += before;
        out += &format!("'{{{{{name}}}}}'");
        rest = after;
    }
    out + rest
}
