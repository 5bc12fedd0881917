//! What a changing command does, as traits. Values of `form`: `raw`, `raw-collection`, `raw-eviction`,
//! `raw-finalize`, `raw-scale`; `pods-by-name`; `replicas-zero`, `finalizers-removed`, `no-execute`;
//! `inner-destructive`, `inner-other`, `interactive`; `node-debug`, `into-pod`, `perhaps-a-plugin`.
//! Must never call a command refused unless kubectl surely stops before it changes anything.

use super::line::Line;
use super::raw::RawPath;
use super::resources::Resources;
use super::{delete, inner, patch, plugin, subject, values};
use crate::invocation::Stdin;
use crate::reading::{Command, Does};

/// Adds traits, and `Does::Nothing` where kubectl refuses the line.
pub fn examine(line: &Line, command: &mut Command) {
    if let Err(why) = examined(line, command) {
        command.does = Does::Nothing(why);
    }
}

fn examined(line: &Line, command: &mut Command) -> Result<(), String> {
    let raw = line.filled("--raw");
    if raw.is_none() {
        dry_run(line, command)?;
    }
    let resources = match raw {
        Some(_) => subject::of_command(command),
        None => subject::of(line.verb.words, &line.operands)?,
    };
    kinds(line, &resources, command);
    if raw.is_none() {
        standard_input(line, command);
    }
    if let Some(path) = raw {
        return raw_request(line, path, command);
    }
    match line.verb.words.strip_prefix("adm ").unwrap_or(line.verb.words) {
        "delete" => delete::examine(line, &resources, command),
        "scale" => scale(line, command),
        "patch" => patch::examine(line, command),
        "taint" => {
            taint(line, command);
            Ok(())
        }
        "drain" | "cordon" | "uncordon" => node(line),
        "exec" | "debug" | "run" | "rsh" => {
            inner::examine(line, command);
            Ok(())
        }
        "cp" | "rsync" => copy(line, command),
        "create" => {
            create(line, command);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// `--dry-run` counts only where the command has it; kubectl's GetDryRunStrategy.
fn dry_run(line: &Line, command: &mut Command) -> Result<(), String> {
    if line.has("--local") || line.has("--list") {
        command.traits.add("dry-run", "client");
    }
    if !line.verb.specs().iter().any(|s| s.long == "dry-run") {
        return Ok(());
    }
    let Some(last) = line.options.iter().rev().find(|o| o.name == "--dry-run") else { return Ok(()) };
    let strategy = match last.value.as_deref() {
        None | Some("unchanged" | "client") => "client",
        Some("server") => "server",
        Some("none") => return Ok(()),
        Some(other) => match values::go_bool(other) {
            Some(true) => "client",
            Some(false) => return Ok(()),
            None => return Err(format!("--dry-run={} is no strategy", crate::text::show(other))),
        },
    };
    command.traits.add("dry-run", strategy);
    Ok(())
}

fn kinds(line: &Line, resources: &Resources, command: &mut Command) {
    for of in &resources.types {
        command.traits.add("kind", of.name.clone());
    }
    let scope = if line.has("--all-namespaces") {
        "all-namespaces"
    } else if resources.types.iter().any(|t| !t.namespaced()) {
        "cluster"
    } else {
        "namespaced"
    };
    command.traits.add("scope", scope);
    if line.has("--all") {
        command.traits.add("selection", "all");
    }
    if line.filled("--selector").is_some() || line.filled("--field-selector").is_some() {
        command.traits.add("selection", "selector");
    }
    if line.has_files() {
        command.traits.add("selection", "files");
    }
    if !resources.objects.is_empty() {
        command.traits.add("selection", "names");
    }
}

/// `-f -`: what it is about stands on standard input.
fn standard_input(line: &Line, command: &mut Command) {
    let names_it = || subject::files(&line.options).0.iter().any(|file| file == "-");
    if !matches!(line.verb.words, "delete" | "apply" | "replace") || !names_it() {
        return;
    }
    match command.invocation.stdin() {
        Stdin::Unread => command.traits.add("input", "stdin-unread"),
        // What is too long to read is the resolver's to report.
        Stdin::Terminal | Stdin::Content(_) | Stdin::TooMuch => {}
    }
}

fn raw_request(line: &Line, path: &str, command: &mut Command) -> Result<(), String> {
    if !line.operands.is_empty() {
        return Err("arguments may not be passed when --raw is specified".into());
    }
    let raw = RawPath::of(path);
    command.traits.add("form", "raw");
    match (raw.name, raw.sub.as_deref()) {
        (_, Some("eviction")) => command.traits.add("form", "raw-eviction"),
        (_, Some("finalize")) => command.traits.add("form", "raw-finalize"),
        (_, Some("scale")) => command.traits.add("form", "raw-scale"),
        (None, _) => command.traits.add("form", "raw-collection"),
        (Some(_), _) => {}
    }
    command.headline = format!("{} {} by its API path", command.verb, crate::text::show(path));
    Ok(())
}

fn scale(line: &Line, command: &mut Command) -> Result<(), String> {
    let Some(replicas) = line.option("--replicas") else { return Err("scale needs --replicas".into()) };
    match values::go_integer(replicas) {
        Some(0) => command.traits.add("form", "replicas-zero"),
        Some(count) if count < 0 => return Err("--replicas may not be negative".into()),
        Some(_) => {}
        None => return Err(format!("--replicas={} is not a number", crate::text::show(replicas))),
    }
    Ok(())
}

/// `key=value:NoExecute` evicts what does not tolerate it; `key:NoExecute-` takes the taint away.
fn taint(line: &Line, command: &mut Command) {
    if line.operands.iter().any(|o| o.ends_with(":NoExecute")) {
        command.traits.add("form", "no-execute");
    }
}

fn node(line: &Line) -> Result<(), String> {
    let selected = line.filled("--selector").is_some() || line.filled("--pod-selector").is_some();
    match (line.operands.is_empty(), selected) {
        (true, false) => Err(format!("{} needs a node", line.verb.words)),
        (true, true) | (false, _) => Ok(()),
    }
}

/// `kubectl cp SOURCE TARGET`; a colon makes a path one of a pod.
fn copy(line: &Line, command: &mut Command) -> Result<(), String> {
    let [_, to] = line.operands.as_slice() else { return Err("cp needs a source and a target".into()) };
    if to.contains(':') {
        command.traits.add("form", "into-pod");
    }
    Ok(())
}

/// A subcommand of `create` that the table does not have.
fn create(line: &Line, command: &mut Command) {
    if let Some(what) = line.operands.first()
        && plugin::may_create(&command.invocation, what)
    {
        command.traits.add("form", "perhaps-a-plugin");
    }
}
