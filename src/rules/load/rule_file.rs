//! `rules.d/<program>.toml`: a program's grammar and its rules.

use super::condition::{conditions, exceptions};
use super::{At, Case, File, LoadError, at, locate, parse, place};
use crate::reading::tool::{FactSpec, OptionSpec, Style, Takes, Tool};
use crate::rules::pack::{Effect, Pack, Place, Rule, Severity};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Spanned, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    tool: ToolTable,
    #[serde(default)]
    fact: Vec<FactTable>,
    #[serde(default)]
    rule: Vec<RuleTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactTable {
    key: Spanned<String>,
    #[serde(default)]
    option: Vec<Spanned<String>>,
    #[serde(default)]
    variable: Vec<String>,
    #[serde(default)]
    operand: usize,
    #[serde(default)]
    many: bool,
    #[serde(default)]
    default: Option<String>,
    #[serde(default)]
    unknown: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolTable {
    program: Spanned<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    style: Option<StyleWord>,
    #[serde(default)]
    flags: Vec<Spanned<String>>,
    #[serde(default)]
    value_options: Vec<Spanned<String>>,
    #[serde(default)]
    optional_value_options: Vec<Spanned<String>>,
    #[serde(default)]
    verb_words: Option<u8>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    aliases: BTreeMap<String, String>,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    by_name: bool,
    #[serde(default)]
    needs: BTreeMap<String, usize>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum StyleWord {
    Getopt,
    Pflag,
    Goflag,
    Argparse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    id: Spanned<String>,
    when: BTreeMap<Spanned<String>, Spanned<Value>>,
    #[serde(default)]
    unless: Option<Spanned<Value>>,
    effect: Effect,
    severity: Severity,
    why: String,
    undo: String,
    #[serde(default)]
    safer: Option<String>,
    hit: Vec<String>,
    miss: Vec<String>,
}

/// Loads one; the cases are its rules' own hits and misses.
pub fn load(file: &File) -> Result<(Pack, Vec<Case>), LoadError> {
    let covers = Some(file.stem.clone());
    let parsed: PackFile = parse(file, &covers)?;
    let fail = |problem: At| locate(file, &covers, problem);
    let program = parsed.tool.program.get_ref();
    if *program != file.stem {
        let hint = format!(
            "name the file {program}.toml: a broken file must be known by its name to cover its program"
        );
        let problem =
            at(parsed.tool.program.span().start, format!("program {program} in {}.toml", file.stem), hint);
        return Err(locate(file, &None, problem));
    }
    double_fact(&parsed.fact).map_err(fail)?;
    let facts = parsed.fact.iter().map(fact).collect::<Result<_, _>>().map_err(fail)?;
    let tool = tool(&parsed.tool, facts).map_err(fail)?;
    let mut rules = Vec::new();
    let mut cases = Vec::new();
    for table in parsed.rule {
        let place = place(file, table.id.span().start);
        let id = table.id.get_ref().clone();
        if table.hit.is_empty() || table.miss.is_empty() {
            let hint = "a rule needs at least one command line it must match and one it must not";
            return Err(fail(at(table.id.span().start, format!("rule {id} has no hit or no miss"), hint)));
        }
        if !id.starts_with(&format!("{program}.")) {
            let hint = format!("rule ids begin with their program: {program}.{id}");
            return Err(fail(at(table.id.span().start, format!("rule id {id}"), hint)));
        }
        for (lines, hit) in [(&table.hit, true), (&table.miss, false)] {
            for line in lines {
                cases.push(Case { rule: id.clone(), line: line.clone(), hit, place: place.clone() });
            }
        }
        rules.push(rule(table, place).map_err(fail)?);
    }
    Ok((Pack { tool, rules }, cases))
}

fn tool(table: &ToolTable, facts: Vec<FactSpec>) -> Result<Tool, At> {
    let mut options = Vec::new();
    for (list, takes) in [
        (&table.flags, Takes::Nothing),
        (&table.value_options, Takes::Value),
        (&table.optional_value_options, Takes::Optional),
    ] {
        for spelled in list {
            options.push(option(spelled, takes)?);
        }
    }
    Ok(Tool {
        program: table.program.get_ref().clone(),
        also: table.also.clone(),
        style: match table.style {
            Some(StyleWord::Pflag) => Style::Pflag,
            Some(StyleWord::Goflag) => Style::Goflag,
            Some(StyleWord::Argparse) => Style::Argparse,
            Some(StyleWord::Getopt) | None => Style::Getopt,
        },
        options,
        verb_words: usize::from(table.verb_words.unwrap_or(1)),
        groups: table.groups.clone(),
        aliases: table.aliases.clone().into_iter().collect(),
        complete: table.complete,
        by_name: table.by_name,
        needs: table.needs.clone().into_iter().collect(),
        facts,
    })
}

/// The second of two facts of one key would never be looked at.
fn double_fact(facts: &[FactTable]) -> Result<(), At> {
    for (i, fact) in facts.iter().enumerate() {
        let key = fact.key.get_ref();
        if facts[..i].iter().any(|other| other.key.get_ref() == key) {
            let hint = "one [[fact]] may name several options and variables";
            return Err(at(fact.key.span().start, format!("fact {key} exists already"), hint));
        }
    }
    Ok(())
}

fn fact(table: &FactTable) -> Result<FactSpec, At> {
    if let Some(option) = table.option.iter().find(|o| !o.get_ref().starts_with('-')) {
        let hint = "options are written with their dashes: --address";
        return Err(at(option.span().start, format!("option {:?}", option.get_ref()), hint));
    }
    let says = !(table.option.is_empty() && table.variable.is_empty()) || table.operand > 0 || table.many;
    if !says && table.default.is_none() && table.unknown.is_none() {
        let hint = "name an option, a variable, an operand or a default";
        return Err(at(table.key.span().start, format!("nothing says {}", table.key.get_ref()), hint));
    }
    Ok(FactSpec {
        key: table.key.get_ref().clone(),
        options: table.option.iter().map(|o| o.get_ref().clone()).collect(),
        variables: table.variable.clone(),
        operand: table.operand,
        many: table.many,
        default: table.default.clone(),
        unknown: table.unknown.clone(),
    })
}

/// `-n/--namespace`, `--namespace` or `-n`.
fn option(spelled: &Spanned<String>, takes: Takes) -> Result<OptionSpec, At> {
    let text = spelled.get_ref();
    let wrong =
        || at(spelled.span().start, format!("option {text:?}"), "write \"-n/--name\", \"--name\" or \"-n\"");
    let mut short = None;
    let mut long = None;
    for part in text.split('/') {
        if let Some(name) = part.strip_prefix("--").filter(|n| !n.is_empty()) {
            long = Some(name.to_owned());
        } else {
            let mut letters = part.strip_prefix('-').ok_or_else(wrong)?.chars();
            short = letters.next();
            if short.is_none() || letters.next().is_some() {
                return Err(wrong());
            }
        }
    }
    let long = long.or_else(|| short.map(String::from)).ok_or_else(wrong)?;
    Ok(OptionSpec { long, short, takes })
}

fn rule(table: RuleTable, place: Place) -> Result<Rule, At> {
    let unless = match table.unless {
        None => Vec::new(),
        Some(unless) => exceptions(unless)?,
    };
    Ok(Rule {
        id: table.id.into_inner(),
        when: conditions(table.when)?,
        unless,
        effect: table.effect,
        severity: table.severity,
        why: table.why,
        undo: table.undo,
        safer: table.safer,
        place,
    })
}
