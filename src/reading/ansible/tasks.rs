//! The tasks of a playbook: blocks, roles and included files, chosen by tags and check mode.
//! Must never pass over a file it cannot read: such tasks are opaque.

use super::super::kubectl::yaml::{self, Map, Node};
use super::modules::{self, Arguments, Deed};
use super::vars::{self, Vars};
use crate::invocation::Invocation;
use crate::reading::includes::{self, Includes};
use std::path::{Path, PathBuf};

/// Keys of a task that are no module.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "name", "when", "tags", "vars", "register", "notify", "listen", "become", "become_user", "become_method",
    "become_flags", "become_exe", "delegate_to", "delegate_facts", "environment", "ignore_errors", "ignore_unreachable",
    "changed_when", "failed_when", "loop", "loop_control", "until", "retries", "delay", "run_once", "no_log", "async",
    "poll", "args", "check_mode", "diff", "any_errors_fatal", "throttle", "timeout", "collections", "connection", "port",
    "remote_user", "module_defaults", "debugger", "action", "local_action", "block", "rescue", "always", "with_items",
];
const DEEPEST: usize = 12;

/// Which tasks are run.
pub struct Chosen {
    pub tags: Vec<String>,
    pub skip: Vec<String>,
    /// `--check`: only tasks that say no to it do anything.
    pub check: bool,
}

impl Chosen {
    fn takes(&self, tags: &[String]) -> bool {
        let has = |list: &[String], tag: &str| list.iter().any(|t| t == tag);
        let any = |list: &[String]| list.iter().any(|t| has(tags, t));
        let plain = tags.is_empty();
        let wanted = if self.tags.is_empty() || has(&self.tags, "all") {
            !has(tags, "never") || any(&self.tags)
        } else {
            has(tags, "always")
                || any(&self.tags)
                || has(&self.tags, "tagged") && !plain
                || has(&self.tags, "untagged") && plain
        };
        let skipped = any(&self.skip)
            || has(&self.skip, "all") && !has(tags, "always")
            || has(&self.skip, "tagged") && !plain
            || has(&self.skip, "untagged") && plain;
        wanted && !skipped
    }
}

/// Reads plays and collects what their tasks do.
pub struct Reader<'a> {
    pub invocation: &'a Invocation,
    pub chosen: &'a Chosen,
    pub vars: &'a Vars,
    pub deeds: Vec<Deed>,
    depth: usize,
    includes: Includes,
}

/// Where a list of tasks stands: its directories for files and roles, its tags, its check mode.
#[derive(Clone)]
struct Place {
    directory: PathBuf,
    playbook: PathBuf,
    tags: Vec<String>,
    checks: Option<bool>,
}

impl<'a> Reader<'a> {
    pub fn new(invocation: &'a Invocation, chosen: &'a Chosen, vars: &'a Vars) -> Reader<'a> {
        Reader { invocation, chosen, vars, deeds: Vec::new(), depth: 0, includes: Includes::default() }
    }

    fn opaque(&mut self, why: impl Into<String>) {
        self.deeds.push(Deed::Opaque(why.into()));
    }

    /// One play of a playbook in a directory.
    pub fn play(&mut self, play: &Map, directory: &Path) {
        let place = Place {
            directory: directory.to_owned(),
            playbook: directory.to_owned(),
            tags: Vec::new(),
            checks: None,
        };
        let place = within(&place, play);
        for list in ["pre_tasks", "tasks", "post_tasks", "handlers"] {
            if let Some(tasks) = play.get(list) {
                self.list(tasks, &place);
            }
        }
        for role in play.get("roles").map(Node::items).unwrap_or_default() {
            let name = role.text().or_else(|| role.get("role").or(role.get("name")).and_then(Node::text));
            let inside = match role {
                Node::Map(map) => within(&place, map),
                Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => place.clone(),
            };
            self.role(name.unwrap_or(""), "main", &inside);
        }
    }

    fn list(&mut self, tasks: &Node, place: &Place) {
        for task in tasks.items() {
            if let Node::Map(map) = task {
                self.task(map, place);
            }
        }
    }

    fn task(&mut self, task: &Map, place: &Place) {
        let place = within(place, task);
        let mut is_block = false;
        for part in ["block", "rescue", "always"] {
            if let Some(tasks) = task.get(part) {
                is_block = true;
                self.list(tasks, &place);
            }
        }
        if is_block {
            return;
        }
        let Some((module, arguments)) = module_of(task) else {
            return self.opaque("a task without a module");
        };
        let name = modules::short(&module).to_owned();
        if ["include_tasks", "import_tasks", "include"].contains(&name.as_str()) {
            let file = arguments.get("file").or(arguments.get("_raw")).cloned().unwrap_or_default();
            return self.included(&file, &place);
        }
        if ["include_role", "import_role"].contains(&name.as_str()) {
            let from = arguments.get("tasks_from").cloned().unwrap_or_else(|| "main".into());
            return self.role(arguments.get("name").map_or("", String::as_str), &from, &place);
        }
        let runs = !self.chosen.check || place.checks == Some(false);
        if !runs || place.checks == Some(true) || !self.chosen.takes(&place.tags) {
            return;
        }
        let rendered = arguments
            .into_iter()
            .map(|(k, v)| {
                let text = vars::rendered(&v, self.vars).unwrap_or(v);
                (k, text)
            })
            .collect();
        self.deeds.push(modules::deed(&name, &rendered));
    }

    fn included(&mut self, file: &str, place: &Place) {
        let Ok(file) = vars::rendered(file, self.vars) else {
            return self.opaque(format!("which tasks {file} names"));
        };
        let tries = [
            place.directory.join(&file),
            place.playbook.join(&file),
            place.playbook.join("tasks").join(&file),
        ];
        self.file(&tries, place, &format!("the tasks of {file}"));
    }

    fn role(&mut self, name: &str, from: &str, place: &Place) {
        let Ok(name) = vars::rendered(name, self.vars) else {
            return self.opaque(format!("which role {name} is"));
        };
        let from = from.trim_end_matches(".yml").trim_end_matches(".yaml");
        let roots = [place.playbook.join("roles"), place.playbook.clone(), self.invocation.path("roles")];
        let tries: Vec<PathBuf> = roots
            .iter()
            .flat_map(|root| {
                [format!("{name}/tasks/{from}.yml"), format!("{name}/tasks/{from}.yaml")]
                    .map(|p| root.join(p))
            })
            .collect();
        self.file(&tries, place, &format!("the role {name}"));
    }

    fn file(&mut self, tries: &[PathBuf], place: &Place, what: &str) {
        if self.depth >= DEEPEST {
            return self.opaque(format!("{what}: too deep"));
        }
        let Some((path, bytes)) = tries.iter().find_map(|p| self.invocation.read(p).ok().map(|b| (p, b)))
        else {
            return self.opaque(format!("{what}, which is not found"));
        };
        if !self.includes.enter_small(path, bytes.len()) {
            return self.opaque(includes::WHY);
        }
        match yaml::first_document(&String::from_utf8_lossy(&bytes)) {
            Ok(tasks) => {
                let directory = path.parent().map_or_else(PathBuf::new, Path::to_owned);
                self.depth += 1;
                self.list(&tasks, &Place { directory, ..place.clone() });
                self.depth -= 1;
            }
            Err(why) => self.opaque(format!("{what}: {why}")),
        }
    }
}

/// The surroundings with a play's, block's or task's own tags and check mode.
fn within(place: &Place, node: &Map) -> Place {
    let mut place = place.clone();
    match node.get("tags") {
        Some(Node::Text(text)) => place.tags.extend(text.split(',').map(|t| t.trim().to_owned())),
        Some(list) => place.tags.extend(list.items().iter().filter_map(|t| t.text().map(str::to_owned))),
        None => {}
    }
    match node.get("check_mode") {
        Some(Node::Bool(checks)) => place.checks = Some(*checks),
        Some(_) => place.checks = Some(false),
        None => {}
    }
    place
}

/// The module of a task and its arguments.
fn module_of(task: &Map) -> Option<(String, Arguments)> {
    let mut arguments = Arguments::new();
    let own = task.entries().find(|(key, _)| !KEYWORDS.contains(key) && !key.starts_with("with_"));
    let (module, value) = match own {
        Some((module, value)) => (module.to_owned(), value.clone()),
        None => {
            let action = task.get("action").or(task.get("local_action"))?;
            match action {
                Node::Text(text) => {
                    let (module, rest) =
                        text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
                    (module.to_owned(), Node::Text(rest.to_owned()))
                }
                other => (other.get("module").and_then(Node::text)?.to_owned(), other.clone()),
            }
        }
    };
    let short = modules::short(&module);
    match &value {
        Node::Text(text) => {
            if !modules::is_free_form(short) {
                arguments.extend(vars::pairs(text));
            }
            arguments.insert("_raw".into(), text.clone());
        }
        other => add(&mut arguments, other),
    }
    if let Some(more) = task.get("args") {
        add(&mut arguments, more);
    }
    Some((module, arguments))
}

fn add(arguments: &mut Arguments, node: &Node) {
    if let Node::Map(map) = node {
        for (name, value) in map.entries() {
            arguments.insert(name.to_owned(), vars::plain(value).unwrap_or_default());
        }
    }
}
