//! `--flags-file FILE`: options from a YAML file, laid in where the option stands.
//! Must never drop an option that the file names.

use super::super::kubectl::yaml::{self, Node};
use crate::invocation::Invocation;

/// Why the words cannot be completed.
pub(super) enum Stop {
    Nothing(String),
    Unsure(String),
}

const DEEPEST: usize = 10;

/// The words with every flags file's options in place of it.
pub(super) fn laid_in(invocation: &Invocation, words: Vec<String>) -> Result<Vec<String>, Stop> {
    let mut all = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let path = match word.strip_prefix("--flags-file") {
            Some("") => words.next(),
            Some(glued) => glued.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        match path {
            Some(path) => file(invocation, &path, 0, &mut all)?,
            None => all.push(word),
        }
    }
    Ok(all)
}

fn file(invocation: &Invocation, path: &str, depth: usize, all: &mut Vec<String>) -> Result<(), Stop> {
    let shown = crate::text::show_line(path, 60);
    if depth == DEEPEST {
        return Err(Stop::Nothing(format!("{shown} names itself: gcloud refuses it")));
    }
    let path = if path == "-" { "/dev/stdin" } else { path };
    let bytes = invocation.read(path).map_err(|error| Stop::Unsure(format!("--flags-file {shown}: {error}")))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let node = yaml::first_document(&text).map_err(|why| Stop::Unsure(format!("--flags-file {shown}: {why}")))?;
    let single = [node.clone()];
    let groups = if node.items().is_empty() { &single[..] } else { node.items() };
    for group in groups {
        let Node::Map(map) = group else {
            return Err(Stop::Nothing(format!("{shown} holds no options: gcloud refuses it")));
        };
        for (name, value) in map.iter() {
            option(invocation, name, value, depth, all)?;
        }
    }
    Ok(())
}

fn option(
    invocation: &Invocation,
    name: &str,
    value: &Node,
    depth: usize,
    all: &mut Vec<String>,
) -> Result<(), Stop> {
    if name == "--flags-file" {
        let single = [value.clone()];
        let paths = if value.items().is_empty() { &single[..] } else { value.items() };
        return paths.iter().filter_map(Node::text).try_for_each(|path| file(invocation, path, depth + 1, all));
    }
    let glued = match value {
        // A switch; what it says is not looked at.
        Node::Null | Node::Bool(_) => None,
        Node::Number(text) | Node::Text(text) => Some(text.clone()),
        Node::List(items) => Some(items.iter().filter_map(Node::text).collect::<Vec<_>>().join(",")),
        Node::Map(_) => Some(String::new()),
    };
    all.push(glued.map_or_else(|| name.to_owned(), |value| format!("{name}={value}")));
    Ok(())
}
