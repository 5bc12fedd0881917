//! Rule files, environments and policy: TOML to checked data. Every message has file, line, column and
//! what to do. A file that does not load never loses rules silently: `Loaded` says whom it covers.

use super::index::Entry;
use super::pack::{
    Condition, Effect, Environment, Gate, Pack, Place, Policy, Rule, Severity, Surroundings, When,
};
use crate::reading::tool::{OptionSpec, Style, Takes, Tool};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Spanned, Value};

/// A file's name for messages, what it is for, and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// Path as shown: `rules.d/kubectl.toml`.
    pub shown: String,
    /// File name without `.toml`: the program it covers, or `environments`, `policy`.
    pub stem: String,
    pub text: String,
}

/// What is wrong, and where. Line and column count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub message: String,
    pub hint: Option<String>,
    /// The one program whose rules are in the file; `None`: it could be any.
    pub covers: Option<String>,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Everything of one or more layers.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub packs: Vec<Pack>,
    pub environments: Vec<Environment>,
    pub policies: Vec<Policy>,
    pub errors: Vec<LoadError>,
    /// `hit` and `miss` lines of every rule, for `guard rules test` and the project's own tests.
    pub cases: Vec<Case>,
}

/// A rule's own test: a command line it must match, or must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub rule: String,
    pub line: String,
    pub hit: bool,
    pub place: Place,
}

impl Loaded {
    /// Rows for the index: each program and other name, or why it is broken.
    pub fn programs(&self) -> Vec<(String, Entry)> {
        let mut rows: BTreeMap<String, Entry> = BTreeMap::new();
        for pack in &self.packs {
            for name in std::iter::once(&pack.tool.program).chain(&pack.tool.also) {
                rows.insert(name.clone(), Entry::Pack(Box::new(pack.clone())));
            }
        }
        for error in &self.errors {
            for (name, entry) in &mut rows {
                let same_pack =
                    matches!(entry, Entry::Pack(p) if Some(&p.tool.program) == error.covers.as_ref());
                if error.covers.is_none() || error.covers.as_ref() == Some(name) || same_pack {
                    *entry = Entry::Broken(error.to_string());
                }
            }
            if let Some(program) = &error.covers {
                rows.insert(program.clone(), Entry::Broken(error.to_string()));
            }
        }
        rows.into_iter().collect()
    }

    /// Environments and policy, or the first error of a file that may concern every command.
    pub fn surroundings(&self) -> Result<Surroundings, String> {
        match self.errors.iter().find(|e| e.covers.is_none()) {
            Some(error) => Err(error.to_string()),
            None => {
                Ok(Surroundings { environments: self.environments.clone(), policies: self.policies.clone() })
            }
        }
    }
}

/// One rule file.
pub fn file(path: &Path) -> std::io::Result<File> {
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(File { shown: path.display().to_string(), stem, text: std::fs::read_to_string(path)? })
}

/// The `*.toml` files of a directory, sorted by name.
pub fn directory(path: &Path) -> std::io::Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|e| e == "toml") && !hidden {
            files.push(file(&path)?);
        }
    }
    files.sort_by(|a, b| a.stem.cmp(&b.stem));
    Ok(files)
}

/// Loads files of one layer: `environments`, `policy`, and packs.
pub fn everything(files: &[File]) -> Loaded {
    let mut loaded = Loaded::default();
    for file in files {
        let outcome = match file.stem.as_str() {
            "environments" => environments(file).map(|mut e| loaded.environments.append(&mut e)),
            "policy" => policies(file).map(|mut p| loaded.policies.append(&mut p)),
            _ => pack(file).map(|(pack, mut cases)| {
                loaded.packs.push(pack);
                loaded.cases.append(&mut cases);
            }),
        };
        loaded.errors.extend(outcome.err());
    }
    duplicate_ids(&mut loaded);
    loaded
}

fn duplicate_ids(loaded: &mut Loaded) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    let mut errors = Vec::new();
    for pack in &loaded.packs {
        for rule in &pack.rules {
            if let Some(first) = seen.insert(&rule.id, &rule.place) {
                errors.push(LoadError {
                    file: rule.place.file.clone(),
                    line: rule.place.line,
                    column: 1,
                    message: format!("rule {} exists already", rule.id),
                    hint: Some(format!("the other one is at {}:{}", first.file, first.line)),
                    covers: Some(pack.tool.program.clone()),
                });
            }
        }
    }
    loaded.errors.append(&mut errors);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    tool: ToolTable,
    #[serde(default)]
    rule: Vec<RuleTable>,
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

/// A problem at a byte offset of the file.
struct At {
    offset: usize,
    message: String,
    hint: Option<String>,
}

fn at(offset: usize, message: impl Into<String>, hint: impl Into<String>) -> At {
    let hint: String = hint.into();
    At { offset, message: message.into(), hint: Some(hint).filter(|h| !h.is_empty()) }
}

fn pack(file: &File) -> Result<(Pack, Vec<Case>), LoadError> {
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
    let tool = tool(&parsed.tool).map_err(fail)?;
    let mut rules = Vec::new();
    let mut cases = Vec::new();
    for table in parsed.rule {
        let place = Place { file: file.shown.clone(), line: position(&file.text, table.id.span().start).0 };
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

fn tool(table: &ToolTable) -> Result<Tool, At> {
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

/// One group of conditions, or a list of groups. Read as plain values: an untagged enum would lose the spans,
/// and with them every group.
fn exceptions(unless: Spanned<Value>) -> Result<Vec<Vec<Condition>>, At> {
    let span = unless.span();
    let groups = match unless.into_inner() {
        Value::Array(groups) => groups,
        group => vec![group],
    };
    groups
        .into_iter()
        .map(|group| match group {
            Value::Table(pairs) => conditions(
                pairs
                    .into_iter()
                    .map(|(k, v)| (Spanned::new(span.clone(), k), Spanned::new(span.clone(), v)))
                    .collect(),
            ),
            _ => Err(at(
                span.start,
                "unless is not a table",
                "write { option = \"--dry-run\" } or a list of such",
            )),
        })
        .collect()
}

/// `{ verb = "delete", kind = ["ns"], option = "--force", value = "true" }`; `value` belongs to `option`,
/// and `options = { "--a" = "*", "--b" = ["1", "2"] }` asks for several.
fn conditions(table: BTreeMap<Spanned<String>, Spanned<Value>>) -> Result<Vec<Condition>, At> {
    let mut list = Vec::new();
    let value = table.iter().find(|(k, _)| k.get_ref() == "value").map(|(k, v)| (k.span().start, v));
    let has_option = table.keys().any(|k| k.get_ref() == "option");
    if let Some((offset, _)) = value.filter(|_| !has_option) {
        return Err(at(offset, "value without option", "write { option = \"--name\", value = \"…\" }"));
    }
    for (key, patterns) in &table {
        let here = patterns.span().start;
        match key.get_ref().as_str() {
            "value" => {}
            "option" => {
                let any = value.map_or(Ok(vec!["*".to_owned()]), |(_, v)| texts(v.get_ref(), here))?;
                for name in texts(patterns.get_ref(), here)? {
                    list.push(option_condition(&name, any.clone(), here)?);
                }
            }
            "options" => {
                let Value::Table(pairs) = patterns.get_ref() else {
                    return Err(at(
                        here,
                        "options is not a table",
                        "write options = { \"--force\" = \"*\" }",
                    ));
                };
                for (name, any) in pairs {
                    list.push(option_condition(name, texts(any, here)?, here)?);
                }
            }
            name => {
                let known = KEYS.contains(&name);
                if !known {
                    let hint = format!("known keys: {}", KEYS.join(", "));
                    return Err(at(key.span().start, format!("unknown condition {name}"), hint));
                }
                list.push(Condition { key: trait_key(name), any: texts(patterns.get_ref(), here)? });
            }
        }
    }
    if list.is_empty() {
        return Err(at(0, "a rule without conditions would match everything", "name at least a verb"));
    }
    Ok(list)
}

/// Conditions that rules may name besides `option`, `options` and `value`: what the readers in src/reading
/// and, after `target-`, the resolvers in src/targets find out.
const KEYS: &[&str] = &[
    "verb",
    "operand",
    "kind",
    "scope",
    "selection",
    "dry-run",
    "flag",
    "statement",
    "session",
    "input",
    "form",
    "target-path",
    "target-plan",
    "target-state",
    "target-backend",
    "target-run",
    "target-workspace",
    "target-kind",
    "target-form",
];

fn trait_key(name: &str) -> String {
    match name.strip_prefix("target-") {
        Some(rest) => format!("target.{rest}"),
        None => name.to_owned(),
    }
}

fn option_condition(name: &str, any: Vec<String>, offset: usize) -> Result<Condition, At> {
    if !name.starts_with('-') {
        return Err(at(offset, format!("option {name:?}"), "options are written with their dashes: --force"));
    }
    Ok(Condition { key: format!("option {name}"), any })
}

fn texts(value: &Value, offset: usize) -> Result<Vec<String>, At> {
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(all) if !all.is_empty() => all
            .iter()
            .map(|v| v.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| at(offset, "not a list of strings", "")),
        _ => Err(at(offset, "neither a string nor a list of strings", "")),
    }
}

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
    words: Vec<String>,
    #[serde(default)]
    negations: Vec<String>,
}

fn environments(file: &File) -> Result<Vec<Environment>, LoadError> {
    let parsed: EnvironmentsFile = parse(file, &None)?;
    let mut list = Vec::new();
    for table in parsed.environment {
        let start = table.name.span().start;
        let place = Place { file: file.shown.clone(), line: position(&file.text, start).0 };
        let name = table.name.into_inner();
        let fail = |problem: At| locate(file, &None, problem);
        if ["unknown", "unlabelled"].contains(&name.as_str()) {
            return Err(fail(at(
                start,
                format!("environment {name}"),
                "this name is guard's own; choose another",
            )));
        }
        if table.matches.is_empty() && table.words.is_empty() {
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
        list.push(Environment { name, matches, words: table.words, negations: table.negations, place });
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
                if full != "path" && !full.contains('.') {
                    let hint =
                        "write { kubernetes.context = \"…\" }, { postgres.host = \"…\" } or { path = \"…\" }";
                    return Err(at(offset, format!("unknown fact {full}"), hint));
                }
                list.push(Condition { key: full, any: texts(other, offset)? });
            }
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    policy: Vec<PolicyTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyTable {
    #[serde(default)]
    name: Option<String>,
    when: Spanned<WhenTable>,
    require: Spanned<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenTable {
    #[serde(default)]
    environment: OneOrMany<String>,
    #[serde(default)]
    severity: OneOrMany<Severity>,
    #[serde(default)]
    effect: OneOrMany<Effect>,
    #[serde(default)]
    rule: OneOrMany<String>,
    #[serde(default)]
    tool: OneOrMany<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    fn list(self) -> Vec<T> {
        match self {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        }
    }
}

fn policies(file: &File) -> Result<Vec<Policy>, LoadError> {
    let parsed: PolicyFile = parse(file, &None)?;
    let mut list = Vec::new();
    for table in parsed.policy {
        let place = Place { file: file.shown.clone(), line: position(&file.text, table.when.span().start).0 };
        let when = table.when.into_inner();
        let offset = table.require.span().start;
        let require = table
            .require
            .get_ref()
            .iter()
            .map(|word| gate(word).ok_or_else(|| {
                let hint = "one of deny, notice, delay:SECONDSs, reason, confirm, totp, approval:GROUP, approval:GROUP*N";
                locate(file, &None, at(offset, format!("unknown requirement {word:?}"), hint))
            }))
            .collect::<Result<Vec<_>, _>>()?;
        let when = When {
            environment: when.environment.list(),
            severity: when.severity.list(),
            effect: when.effect.list(),
            rule: when.rule.list(),
            tool: when.tool.list(),
        };
        list.push(Policy { name: table.name, when, require, place });
    }
    Ok(list)
}

fn gate(word: &str) -> Option<Gate> {
    Some(match word {
        "deny" => Gate::Deny,
        "notice" => Gate::Notice,
        "reason" => Gate::Reason,
        "confirm" => Gate::Confirm,
        "totp" => Gate::Totp,
        _ => match word.split_once(':')? {
            ("delay", time) => Gate::Delay(time.strip_suffix('s')?.parse().ok()?),
            ("approval", who) => {
                let (group, people) =
                    who.split_once('*').map_or(Some((who, 1)), |(g, n)| Some((g, n.parse().ok()?)))?;
                let valid = !group.is_empty() && people > 0;
                valid.then(|| Gate::Approval { group: group.to_owned(), people })?
            }
            _ => return None,
        },
    })
}

fn parse<T: serde::de::DeserializeOwned>(file: &File, covers: &Option<String>) -> Result<T, LoadError> {
    toml::from_str(&file.text).map_err(|error| {
        let offset = error.span().map_or(0, |s| s.start);
        locate(file, covers, at(offset, error.message().to_lowercase().replace('\n', " "), ""))
    })
}

fn locate(file: &File, covers: &Option<String>, problem: At) -> LoadError {
    let (line, column) = position(&file.text, problem.offset);
    LoadError {
        file: file.shown.clone(),
        line,
        column,
        message: problem.message,
        hint: problem.hint,
        covers: covers.clone(),
    }
}

/// Line and column (in characters) of a byte offset, from 1.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count();
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count();
    (line as u32 + 1, column as u32 + 1)
}
