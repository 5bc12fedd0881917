//! `kubectl delete`: what it names, and what kubectl refuses before it deletes anything.

use super::line::Line;
use super::resources::Resources;
use super::values;
use crate::invocation::Stdin;
use crate::reading::Command;

/// Adds traits; the error is kubectl's own refusal.
pub fn examine(line: &Line, resources: &Resources, command: &mut Command) -> Result<(), String> {
    let selected = selection(line, resources)?;
    if let Some(cascade) = line.filled("--cascade")
        && values::go_bool(cascade).is_none()
        && !["background", "foreground", "orphan"].contains(&cascade)
    {
        return Err("--cascade takes background, foreground or orphan".into());
    }
    let grace = match line.option("--grace-period").map(values::go_integer) {
        Some(None) => return Err("--grace-period is not a number".into()),
        Some(given) => given,
        None => None,
    };
    let force = line.has("--force");
    if force && grace.is_some_and(|g| g > 0) {
        return Err("--force and --grace-period greater than 0 cannot be specified together".into());
    }
    if line.has("--interactive") && declined(command.invocation.stdin()) {
        return Err("asked with --interactive, and the answer on standard input is not y".into());
    }
    let pods = !resources.types.is_empty() && resources.types.iter().all(|t| t.name == "pod");
    if pods && selected == Selected::Names && !force {
        command.traits.add("form", "pods-by-name");
    }
    if !resources.objects.is_empty() {
        let named: Vec<String> =
            resources.objects.iter().map(|o| crate::text::show(o.replacen('/', " ", 1))).collect();
        command.headline = format!("delete {}", named.join(", "));
    }
    Ok(())
}

#[derive(PartialEq, Eq)]
enum Selected {
    Files,
    Names,
    Many,
}

fn selection(line: &Line, resources: &Resources) -> Result<Selected, String> {
    let all = line.has("--all");
    let selector = line.filled("--selector").is_some() || line.filled("--field-selector").is_some();
    if line.has_files() {
        if line.has("--filename") && line.filled("--kustomize").is_some() {
            return Err("only one of -f or -k can be specified".into());
        }
        return if line.operands.is_empty() {
            Ok(Selected::Files)
        } else {
            Err("with -f or -k, resources may not be named as well".into())
        };
    }
    let named = !resources.objects.is_empty();
    match (named, all || selector) {
        _ if line.operands.is_empty() => Err("delete needs -f, -k or a resource".into()),
        (true, true) => Err("name cannot be provided when a selector is specified".into()),
        (true, false) if line.has("--all-namespaces") => {
            Err("a resource cannot be retrieved by name across all namespaces".into())
        }
        (true, false) => Ok(Selected::Names),
        (false, true) if all && selector => Err("--all and a selector exclude each other".into()),
        (false, true) => Ok(Selected::Many),
        (false, false) => Err("resource(s) were provided, but no name was specified".into()),
    }
}

/// kubectl reads one word and goes on only when it is y. A terminal may still say so.
fn declined(stdin: &Stdin) -> bool {
    match stdin {
        Stdin::Content(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            !text.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("y"))
        }
        Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => false,
    }
}
