//! `gh api` and `glab api`: the method, and what a GraphQL mutation names. Must never call a request read-only
//! whose query is not known.

use crate::invocation::Invocation;
use crate::reading::{Command, Does};

/// Adds the method as `kind`, and what the request is as `form`: `container` for a whole repository, project or
/// group, `mutation-deletes`, `mutation`.
pub fn read(invocation: &Invocation, command: &mut Command) {
    let Some(path) = command.operands.first().cloned() else { return };
    let fields: Vec<String> = ["--raw-field", "--field", "--form"]
        .iter()
        .flat_map(|name| command.option_values(name).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let body = !fields.is_empty() || command.option("--input").is_some();
    let method = command.option("--method").map(str::to_uppercase);
    let method = method.unwrap_or_else(|| if body { "POST" } else { "GET" }.to_owned());
    if path.trim_start_matches('/') == "graphql" {
        return graphql(invocation, command, &fields);
    }
    if is_container(&path) {
        command.traits.add("form", "container");
    }
    command.traits.add("kind", method);
}

fn graphql(invocation: &Invocation, command: &mut Command, fields: &[String]) {
    let query = fields.iter().find_map(|f| f.strip_prefix("query="));
    let text = match query {
        None if command.option("--input").is_some() => Err("the query is in a file".to_owned()),
        None => Ok(String::new()),
        Some(query) => match query.strip_prefix('@') {
            Some(file) => invocation
                .read(if file == "-" { "/dev/stdin" } else { file })
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .map_err(|error| format!("the query in {file} cannot be read: {error}")),
            None => Ok(query.to_owned()),
        },
    };
    let text = match text {
        Ok(text) => text,
        Err(why) => {
            command.does = Does::Unsure(why);
            return;
        }
    };
    let mutates = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "mutation");
    if !mutates {
        return;
    }
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let deletes = words.any(|word| DELETES.iter().any(|verb| word.starts_with(verb)));
    command.traits.add("form", if deletes { "mutation-deletes" } else { "mutation" });
}

/// How mutations begin that take something away for good.
const DELETES: &[&str] = &[
    "delete", "remove", "destroy", "purge", "archive", "transfer", "disable", "dismiss", "revoke", "unlink",
];

/// `repos/OWNER/NAME`, `projects/ID`, `groups/ID`, `orgs/NAME` and nothing behind it.
fn is_container(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let path =
        path.rsplit_once("/api/v4/").or_else(|| path.rsplit_once("api.github.com/")).map_or(path, |(_, p)| p);
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    matches!(
        parts.as_slice(),
        ["repos", _, _]
            | ["projects" | "groups" | "orgs" | "users" | "user" | "organizations", _]
            | ["repos", _, _, "environments", _]
    )
}
