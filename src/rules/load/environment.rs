//! `environments.toml`: which targets belong where.

use super::condition::texts;
use super::fact_table::FACTS;
use super::{At, File, LoadError, at, locate, parse, place};
use crate::rules::pack::{Condition, Environment};
use serde::Deserialize;
use toml::{Spanned, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentsFile {
    #[serde(default)]
    environment: Vec<EnvironmentTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentTable {
    name: Spanned<String>,
    #[serde(default, rename = "match")]
    matches: Vec<Spanned<toml::Table>>,
    #[serde(default)]
    words: Option<Vec<String>>,
    #[serde(default)]
    negations: Option<Vec<String>>,
}

/// Loads the file.
pub fn load(file: &File) -> Result<Vec<Environment>, LoadError> {
    let parsed: EnvironmentsFile = parse(file, &None)?;
    let mut list = Vec::new();
    for table in parsed.environment {
        let start = table.name.span().start;
        let place = place(file, start);
        let name = table.name.into_inner();
        let fail = |problem: At| locate(file, &None, problem);
        if ["unknown", "unlabelled"].contains(&name.as_str()) {
            return Err(fail(at(
                start,
                format!("environment {name}"),
                "this name is guard's own; choose another",
            )));
        }
        if table.matches.is_empty() && table.words.as_ref().is_none_or(Vec::is_empty) {
            return Err(fail(at(
                start,
                format!("environment {name} matches nothing"),
                "add match = [ … ] or words = [ … ]",
            )));
        }
        let mut matches = Vec::new();
        for entry in table.matches {
            let offset = entry.span().start;
            flatten("", entry.get_ref(), offset, &mut matches).map_err(fail)?;
        }
        let keeps_words = table.words.is_none();
        let (words, negations) = (table.words.unwrap_or_default(), table.negations.unwrap_or_default());
        list.push(Environment { name, matches, words, negations, keeps_words, place });
    }
    Ok(list)
}

/// `{ kubernetes.context = "*" }` to `kubernetes.context`.
fn flatten(prefix: &str, table: &toml::Table, offset: usize, list: &mut Vec<Condition>) -> Result<(), At> {
    for (key, value) in table {
        let full = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            Value::Table(inner) => flatten(&full, inner, offset, list)?,
            other => {
                // Other families are those of rule files, which this file does not know.
                let family = full.split('.').next().unwrap_or("");
                let known = |f: &&str| f.split('.').next() == Some(family);
                if !FACTS.contains(&full.as_str()) && (FACTS.iter().any(known) || !full.contains('.')) {
                    let hint = format!("known facts: {}", FACTS.join(", "));
                    return Err(at(offset, format!("unknown fact {full}"), hint));
                }
                list.push(Condition { key: full, any: texts(other, offset)? });
            }
        }
    }
    Ok(())
}
