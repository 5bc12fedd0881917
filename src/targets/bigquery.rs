//! The project and dataset that bq acts on: from the names of tables, flags, ~/.bigqueryrc and gcloud's
//! configuration. Must never invent a project.

use super::gcloud::Properties;
use super::{Datum, Fact, Resolution, Targets, Value};
use crate::invocation::Invocation;
use crate::reading::bq::{self, Line};
use crate::reading::{Command, Does};
use std::path::PathBuf;

pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("bigquery");
    let line = match bq::line(&command.invocation) {
        Ok(line) => line,
        Err(Does::Nothing(why)) => return Resolution::Nothing(why),
        Err(Does::Unsure(_) | Does::Acts) => Line::default(),
    };
    let names = names(command, &line);
    let own = project(&command.invocation, &line);
    let mut projects: Vec<String> = names.iter().filter_map(|n| n.project.clone()).collect();
    projects.dedup();
    targets.facts.push(match projects.as_slice() {
        [] => own,
        [one] => Fact::text("project", one.clone(), "the name of the table"),
        several => Fact::known("project", Datum::texts(several.to_vec()), "the names of the tables"),
    });
    let mut datasets: Vec<String> = names.iter().filter_map(|n| n.dataset.clone()).collect();
    datasets.dedup();
    if datasets.is_empty() {
        datasets.extend(line.last("dataset_id").map(str::to_owned));
    }
    targets.facts.push(match datasets.as_slice() {
        [] => Fact::none("dataset", "not named"),
        [one] => Fact::text("dataset", one.clone(), "the words of the command"),
        several => Fact::known("dataset", Datum::texts(several.to_vec()), "the words of the command"),
    });
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    let shown = |key: &str| match targets.fact(key).map(|f| &f.value) {
        Some(Value::Known(Datum::Text(text))) => Some(text.clone()),
        _ => None,
    };
    targets.typed = match (shown("project"), shown("dataset")) {
        (Some(project), Some(dataset)) => format!("{project}:{dataset}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "bq".into(),
    };
    Resolution::Hits(targets)
}

struct Name {
    project: Option<String>,
    dataset: Option<String>,
}

/// The names that the command acts on; for a copy the last one.
fn names(command: &Command, line: &Line) -> Vec<Name> {
    if line.verb == "query" {
        let objects = command.traits.values("object").filter_map(|o| o.split_once(' '));
        return objects.map(|(class, name)| named(name, class == "dataset")).collect();
    }
    let all: Vec<&String> = match line.verb.as_str() {
        "cp" | "mv" => line.operands.last().into_iter().collect(),
        "load" | "extract" | "insert" => line.operands.first().into_iter().collect(),
        _ => line.operands.iter().collect(),
    };
    let dataset = !line.has(&["t", "m", "model", "routine", "table"]);
    all.into_iter().map(|name| named(name, dataset)).collect()
}

/// `project:dataset.table`, `project.dataset.table`, `dataset.table`, `dataset`.
fn named(name: &str, may_be_dataset: bool) -> Name {
    let name = name.trim_matches('`').replace("`.`", ".");
    let (project, rest) = match name.rsplit_once(':') {
        Some((project, rest)) => (Some(project.to_owned()), rest.to_owned()),
        None => (None, name),
    };
    let parts: Vec<&str> = rest.split('.').filter(|p| !p.is_empty()).collect();
    let text = |part: &str| Some(part.to_owned());
    match (project, parts.as_slice()) {
        (None, [project, dataset, _]) => Name { project: text(project), dataset: text(dataset) },
        (None, [project, dataset]) if may_be_dataset && project.contains('-') => {
            Name { project: text(project), dataset: text(dataset) }
        }
        (project, [dataset, _]) => Name { project, dataset: text(dataset) },
        (project, [dataset]) if may_be_dataset => Name { project, dataset: text(dataset) },
        (project, _) => Name { project, dataset: None },
    }
}

/// --project_id, ~/.bigqueryrc, then gcloud's configuration.
fn project(invocation: &Invocation, line: &Line) -> Fact {
    let key = "project";
    if let Some(project) = line.last("project_id") {
        return Fact::text(key, project, "--project_id");
    }
    let file = line.last("bigqueryrc").map(str::to_owned).or_else(|| invocation.var_filled("BIGQUERYRC"));
    let rc = file.map(PathBuf::from).or_else(|| invocation.home().map(|h| h.join(".bigqueryrc")));
    if let Some(project) = rc.and_then(|rc| setting(invocation, rc, "project_id")) {
        return Fact::text(key, project, "~/.bigqueryrc");
    }
    match Properties::read(invocation, None).map(|properties| properties.find("core", "project")) {
        Ok(Some((project, source))) if !project.is_empty() => Fact::text(key, project, source),
        Ok(_) => Fact::unknown(key, "no flag, ~/.bigqueryrc or gcloud configuration names one", "not given"),
        Err(why) => Fact::unknown(key, why, "~/.config/gcloud"),
    }
}

/// `key = value` or `--key = value` before the first section: the last counts.
fn setting(invocation: &Invocation, file: PathBuf, key: &str) -> Option<String> {
    let bytes = invocation.read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with('['));
    let values = lines.filter_map(|line| line.split_once('='));
    let last = values.filter(|(name, _)| name.trim().trim_start_matches('-') == key).last()?;
    Some(last.1.trim().to_owned()).filter(|value| !value.is_empty())
}
