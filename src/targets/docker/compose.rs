//! The project of a compose command: its name and its files. Must never take a name from a file that other files or
//! variables may override without saying that it is not known.

use super::super::{Datum, Fact};
use crate::invocation::Invocation;
use crate::reading::docker::Line;
use crate::reading::kubectl::yaml;
use std::path::{Path, PathBuf};

const FILES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// The facts `project` and `files`.
pub fn facts(invocation: &Invocation, line: &Line) -> Vec<Fact> {
    let variables = variables(invocation, line);
    let (files, source) = files(invocation, line, &variables);
    let project = project(invocation, line, &variables, &files);
    let shown = files.iter().map(|f| f.display().to_string());
    vec![project, Fact::known("files", Datum::texts(shown), source)]
}

/// `.env` of the directory, or the files of `--env-file`.
struct Variables(Vec<(String, String)>);

impl Variables {
    fn get(&self, invocation: &Invocation, name: &str) -> Option<(String, String)> {
        if let Some(value) = invocation.var_filled(name) {
            return Some((value, format!("${name}")));
        }
        let found = self.0.iter().rev().find(|(n, v)| n == name && !v.is_empty());
        found.map(|(_, v)| (v.clone(), format!("{name} in .env")))
    }
}

fn variables(invocation: &Invocation, line: &Line) -> Variables {
    let given: Vec<&str> = line
        .compose
        .options
        .iter()
        .filter(|o| o.name == "--env-file")
        .filter_map(|o| o.value.as_deref())
        .collect();
    let directory = line.compose.last("--project-directory").unwrap_or(".");
    let files = if given.is_empty() {
        vec![Path::new(directory).join(".env")]
    } else {
        given.iter().map(PathBuf::from).collect()
    };
    let mut all = Vec::new();
    for file in files {
        let Ok(bytes) = invocation.read(&file) else { continue };
        for text in String::from_utf8_lossy(&bytes).lines() {
            let text = text.trim_start().strip_prefix("export ").unwrap_or(text.trim_start());
            if let Some((name, value)) = text.split_once('=').filter(|_| !text.starts_with('#')) {
                let value = value.trim().trim_matches(['"', '\'']).to_owned();
                all.push((name.trim().to_owned(), value));
            }
        }
    }
    Variables(all)
}

fn files(invocation: &Invocation, line: &Line, variables: &Variables) -> (Vec<PathBuf>, String) {
    let given: Vec<&str> = line
        .compose
        .options
        .iter()
        .filter(|o| o.name == "--file")
        .filter_map(|o| o.value.as_deref())
        .collect();
    if !given.is_empty() {
        return (given.iter().map(|f| invocation.path(f)).collect(), "--file".into());
    }
    if let Some((value, source)) = variables.get(invocation, "COMPOSE_FILE") {
        let separator = variables.get(invocation, "COMPOSE_PATH_SEPARATOR").map_or(":".into(), |(s, _)| s);
        return (value.split(&separator).map(|f| invocation.path(f)).collect(), source);
    }
    let start = invocation.path(line.compose.last("--project-directory").unwrap_or(""));
    for directory in start.ancestors() {
        let found = FILES.iter().map(|name| directory.join(name)).find(|path| invocation.read(path).is_ok());
        if let Some(found) = found {
            return (vec![found], "found from the working directory upwards".into());
        }
    }
    (Vec::new(), "there is none".into())
}

fn project(invocation: &Invocation, line: &Line, variables: &Variables, files: &[PathBuf]) -> Fact {
    if let Some(name) = line.compose.last("--project-name").filter(|n| !n.is_empty()) {
        return Fact::text("project", name, "--project-name");
    }
    if let Some((name, source)) = variables.get(invocation, "COMPOSE_PROJECT_NAME") {
        return Fact::text("project", name, source);
    }
    // Of several files the last one with a name counts.
    for file in files.iter().rev() {
        let Ok(bytes) = invocation.read(file) else { continue };
        let shown = file.display().to_string();
        let Ok(node) = yaml::first_document(&String::from_utf8_lossy(&bytes)) else {
            return Fact::unknown("project", format!("{shown} is no YAML that guard reads"), shown.clone());
        };
        match node.get("name").and_then(|n| n.text()) {
            Some(name) if name.contains('$') => {
                return Fact::unknown("project", format!("its name is made of variables: {name}"), shown);
            }
            Some(name) => return Fact::text("project", name, format!("name, {shown}")),
            None => {}
        }
    }
    let directory = match (line.compose.last("--project-directory"), files.first()) {
        (Some(directory), _) => invocation.path(directory),
        (None, Some(file)) => file.parent().map_or_else(PathBuf::new, Path::to_owned),
        (None, None) => invocation.cwd().to_owned(),
    };
    let name = directory.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let kept: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    Fact::text("project", kept.trim_start_matches(['_', '-']), "the name of the directory")
}
