//! Variables of `-e`, and the simple templates that move the hosts of a play. Must never evaluate more of Jinja than a
//! name with a default: everything else is not known.

use super::super::kubectl::yaml::{self, Node};
use crate::invocation::Invocation;
use crate::reading::Command;
use std::collections::BTreeMap;

/// Texts by name; a value that is no text is kept as not known.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    values: BTreeMap<String, Option<String>>,
}

impl Vars {
    /// Adds the entries of a mapping; those that are there already stay when `weak`.
    pub fn take(&mut self, node: &Node, weak: bool) {
        let Node::Map(map) = node else { return };
        for (name, value) in map.entries() {
            if !(weak && self.values.contains_key(name)) {
                self.values.insert(name.to_owned(), plain(value));
            }
        }
    }
}

/// A scalar's text, or a list's items with commas between them.
pub fn plain(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) | Node::Number(text) => Some(text.clone()),
        Node::Bool(yes) => Some(if *yes { "True" } else { "False" }.to_owned()),
        Node::List(items) => items.iter().map(plain).collect::<Option<Vec<_>>>().map(|texts| texts.join(",")),
        Node::Null | Node::Map(_) => None,
    }
}

/// The variables of every `-e`, later over earlier; `Err` where one cannot be read.
pub fn extra(command: &Command) -> Result<Vars, String> {
    let mut vars = Vars::default();
    for given in command.option_values("--extra-vars") {
        if let Some(file) = given.strip_prefix('@') {
            vars.take(&file_of(&command.invocation, file)?, false);
        } else if given.trim_start().starts_with(['{', '[']) {
            let node = yaml::first_document(given).map_err(|why| format!("-e {given}: {why}"))?;
            vars.take(&node, false);
        } else {
            for (name, value) in pairs(given) {
                vars.values.insert(name, Some(value));
            }
        }
    }
    Ok(vars)
}

fn file_of(invocation: &Invocation, file: &str) -> Result<Node, String> {
    let bytes = invocation.read(file).map_err(|error| format!("-e @{file}: {error}"))?;
    let text = String::from_utf8_lossy(&bytes);
    if text.starts_with("$ANSIBLE_VAULT") {
        return Err(format!("{file} is encrypted"));
    }
    yaml::first_document(&text).map_err(|why| format!("{file}: {why}"))
}

/// `a=b c="d e"`: words with quotes, those without `=` left out.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    words(text)
        .into_iter()
        .filter_map(|w| w.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())))
        .collect()
}

/// Words as ansible splits arguments: quotes hold them together and fall away, so do templates.
pub fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    let mut quote: Option<char> = None;
    let mut depth = 0usize;
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let blank = c.is_whitespace() && quote.is_none() && depth == 0;
        if blank {
            open = false;
            continue;
        }
        if !open {
            out.push(String::new());
            open = true;
        }
        let Some(word) = out.last_mut() else { continue };
        match c {
            '\\' if quote != Some('\'') => word.extend(letters.next()),
            '\'' | '"' if quote == Some(c) => quote = None,
            '\'' | '"' if quote.is_none() && depth == 0 => quote = Some(c),
            '{' if letters.peek() == Some(&'{') => {
                depth += 1;
                word.push(c);
            }
            '}' if letters.peek() == Some(&'}') => {
                depth = depth.saturating_sub(1);
                word.push(c);
                word.extend(letters.next());
            }
            _ => word.push(c),
        }
    }
    out
}

/// A text with its templates replaced; `Err` names the first that is not known.
pub fn rendered(text: &str, vars: &Vars) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("{{") {
        let (inside, after) = inside.split_once("}}").ok_or_else(|| format!("the template {text}"))?;
        out += before;
        out += &value_of(inside.trim(), vars).ok_or_else(|| format!("the template {{{{{inside}}}}}"))?;
        rest = after;
    }
    if text.contains("{%") {
        return Err(format!("the template {text}"));
    }
    Ok(out + rest)
}

/// `name`, `name | default('x')`, a quoted text.
fn value_of(expression: &str, vars: &Vars) -> Option<String> {
    if let Some(text) = quoted(expression) {
        return Some(text);
    }
    let mut parts = expression.splitn(2, '|').map(str::trim);
    let name = parts.next().unwrap_or("");
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let filter = parts.next();
    match (vars.values.get(name), filter) {
        (Some(value), None) => value.clone(),
        (None, None) => None,
        (value, Some(filter)) => {
            let arguments = filter.strip_prefix("default").or(filter.strip_prefix("d"))?.trim();
            let arguments = arguments.strip_prefix('(')?.strip_suffix(')')?;
            let (first, more) = arguments.split_once(',').unwrap_or((arguments, ""));
            let also_empty = ["true", "True", "boolean=true", "boolean=True"].contains(&more.trim());
            match value {
                Some(Some(text)) if !(also_empty && text.is_empty()) => Some(text.clone()),
                Some(None) => None,
                Some(Some(_)) | None => {
                    quoted(first.trim()).or_else(|| vars.values.get(first.trim()).cloned().flatten())
                }
            }
        }
    }
    .and_then(|value| if value.contains("{{") { rendered(&value, vars).ok() } else { Some(value) })
}

fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| "'\"".contains(*c))?;
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inside.contains([quote, '\\'])).then(|| inside.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_a_name_with_a_default() {
        let mut vars = Vars::default();
        vars.take(&yaml::first_document("{target: prod, empty: '', list: [a, b]}").expect("yaml"), false);
        for (text, found) in [
            ("{{ target }}", Some("prod")),
            ("{{ other | default('staging') }}", Some("staging")),
            ("{{target|default(\"x\")}}:!web", Some("prod:!web")),
            ("{{ empty | default('x', true) }}", Some("x")),
            ("{{ empty | default('x') }}", Some("")),
            ("{{ list }}", Some("a,b")),
            ("{{ other }}", None),
            ("{{ target | upper }}", None),
            ("{{ groups['x'] }}", None),
            ("{% if x %}a{% endif %}", None),
        ] {
            assert_eq!(rendered(text, &vars).ok().as_deref(), found, "{text}");
        }
    }

    #[test]
    fn arguments_are_cut_at_blanks_outside_quotes_and_templates() {
        assert_eq!(words("path=/a state=absent msg='b c'"), ["path=/a", "state=absent", "msg=b c"]);
        assert_eq!(words("rm {{ a b }}/x"), ["rm", "{{ a b }}/x"]);
    }
}
