//! The slow road: loads the user's rule files, lays them over the shipped ones and compiles both.
//! Layers: shipped < user. An entry of the same name or id replaces the shipped one; everything else adds.

use super::freshness::{self, RuleSet, SHIPPED, Source, Sources, is_absent, leads_nowhere};
use super::glob;
use super::index::{self, Entry};
use super::load::{self, File, LoadError, Loaded};
use super::pack::{Environment, Pack};
use crate::settings::Dirs;
use std::path::Path;

/// Rules with what went wrong while loading them.
#[derive(Debug)]
pub struct Compiled {
    pub rules: RuleSet,
    pub errors: Vec<LoadError>,
    /// Ids and names of shipped entries that the user's files replace.
    pub replaced: Vec<String>,
    /// Why the index could not be kept for the next run.
    pub not_saved: Option<String>,
}

/// The rules that count: from the index if it is fresh, else loaded, and the index written for the next run.
pub fn current(dirs: &Dirs) -> Compiled {
    match freshness::open(dirs) {
        Some(rules) => Compiled { rules, errors: Vec::new(), replaced: Vec::new(), not_saved: None },
        None => compile(dirs),
    }
}

/// The same, with nothing written: for what only looks.
pub fn looked_up(dirs: &Dirs) -> RuleSet {
    freshness::open(dirs).unwrap_or_else(|| RuleSet::Compiled(load(dirs).0))
}

/// Loads and compiles, whatever the index says.
pub fn compile(dirs: &Dirs) -> Compiled {
    let (block, errors, replaced) = load(dirs);
    let not_saved = save(dirs, &block).err().map(|e| e.to_string());
    Compiled { rules: RuleSet::Compiled(block), errors, replaced, not_saved }
}

/// The compiled block, what went wrong, and what is replaced.
fn load(dirs: &Dirs) -> (Vec<u8>, Vec<LoadError>, Vec<String>) {
    // Looked at before reading: a file that changes meanwhile makes the index stale, not wrong.
    let stamps = stamps(dirs);
    let (files, unreadable) = user_files(dirs);
    let mut user = load::everything(&files);
    user.errors.extend(unreadable);
    let (merged, replaced) = merge(shipped(), user);
    let sources = Sources { shipped: SHIPPED.to_owned(), files: stamps };
    let stamp_bytes = postcard::to_allocvec(&sources).unwrap_or_default();
    let block = index::encode(&merged.programs(), &merged.surroundings(), &stamp_bytes);
    (block, merged.errors, replaced)
}

fn stamps(dirs: &Dirs) -> Vec<Source> {
    let mut list: Vec<Source> = freshness::candidates(dirs).into_iter().map(Source::look).collect();
    if let Ok(entries) = std::fs::read_dir(dirs.config.join("rules.d")) {
        list.extend(entries.flatten().map(|e| Source::look(e.path())));
    }
    list
}

/// Everything the user's directory holds, and errors for what is there but cannot be read.
fn user_files(dirs: &Dirs) -> (Vec<File>, Vec<LoadError>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    let mut unreadable = |path: &Path, why: std::io::Error| {
        errors.push(LoadError {
            file: path.display().to_string(),
            line: 1,
            column: 1,
            message: format!("cannot be read: {why}"),
            hint: Some("make it readable, or move it away".into()),
            covers: None,
        });
    };
    if leads_nowhere(&dirs.config) {
        unreadable(&dirs.config, std::io::Error::other("it leads to a directory that is not there"));
    }
    for stem in ["environments", "policy"] {
        let path = dirs.config.join(format!("{stem}.toml"));
        match load::file(&path) {
            Ok(file) => files.push(file),
            Err(_) if is_absent(&path) => {}
            Err(e) => unreadable(&path, e),
        }
    }
    let packs = dirs.config.join("rules.d");
    match load::directory(&packs) {
        Ok(load::Files { mut found, unreadable: others }) => {
            files.append(&mut found);
            others.into_iter().for_each(|(path, why)| unreadable(&path, why));
        }
        Err(_) if is_absent(&packs) => {}
        Err(e) => unreadable(&packs, e),
    }
    (files, errors)
}

fn shipped() -> Loaded {
    let mut loaded = Loaded::default();
    let Ok(index) = freshness::shipped() else { return loaded };
    for name in index.programs().unwrap_or_default() {
        if let Ok(Some(Entry::Pack(pack))) = index.program(name.as_bytes())
            && pack.tool.program == name
        {
            loaded.packs.push(*pack);
        }
    }
    let around = index.surroundings().ok().and_then(Result::ok).unwrap_or_default();
    loaded.environments = around.environments;
    loaded.policies = around.policies;
    loaded.preview = Some(around.preview);
    loaded.reason = around.reason;
    loaded.break_glass = Some(around.break_glass);
    loaded.totp = Some(around.totp);
    loaded
}

fn merge(mut base: Loaded, user: Loaded) -> (Loaded, Vec<String>) {
    let mut replaced = Vec::new();
    for pack in user.packs {
        match base.packs.iter_mut().find(|p| p.tool.program == pack.tool.program) {
            Some(shipped) => merge_pack(shipped, pack, &mut replaced),
            None => base.packs.push(pack),
        }
    }
    let mut added = Vec::new();
    for environment in user.environments {
        match base.environments.iter_mut().find(|e| e.name == environment.name) {
            Some(shipped) => {
                overlay(shipped, environment, &mut replaced);
            }
            None => added.push(environment),
        }
    }
    // A team's own environments stand right after production: before the catch-all for local files.
    let after_first = base.environments.len().min(1);
    base.environments.splice(after_first..after_first, added);
    for policy in user.policies {
        match base.policies.iter_mut().find(|p| p.name.is_some() && p.name == policy.name) {
            Some(shipped) => {
                replaced.push(format!("policy {:?}", policy.name.as_deref().unwrap_or("")));
                *shipped = policy;
            }
            None => base.policies.push(policy),
        }
    }
    base.preview = user.preview.or(base.preview);
    base.reason = user.reason.or(base.reason);
    base.break_glass = user.break_glass.or(base.break_glass);
    base.totp = user.totp.or(base.totp);
    for mut error in user.errors {
        // A broken file that is not named for a program we know could have held rules for any.
        let known =
            |p: &String| base.packs.iter().any(|pack| pack.tool.program == *p || pack.tool.also.contains(p));
        error.covers = error.covers.filter(known);
        base.errors.push(error);
    }
    let misspelt = misspelt(&base);
    base.errors.extend(misspelt);
    (base, replaced)
}

/// A user's environment of a shipped name adds its matches; words replace the shipped ones only where it has any.
fn overlay(shipped: &mut Environment, user: Environment, replaced: &mut Vec<String>) {
    shipped.matches.extend(user.matches);
    if !user.keeps_words {
        replaced.push(format!("words of environment {}", user.name));
        (shipped.words, shipped.negations) = (user.words, user.negations);
    }
}

/// Facts in environments that no rule file declares.
fn misspelt_facts(loaded: &Loaded) -> Vec<LoadError> {
    let declared: Vec<String> = loaded
        .packs
        .iter()
        .flat_map(|p| p.tool.facts.iter().map(move |f| format!("{}.{}", p.tool.program, f.key)))
        .collect();
    let known = |key: &str| load::fact_table::FACTS.contains(&key) || declared.iter().any(|d| d == key);
    let wrong = |environment: &Environment, key: &str| LoadError {
        file: environment.place.file.clone(),
        line: environment.place.line,
        column: 1,
        message: format!("unknown fact {key}"),
        hint: Some(format!("known facts: {}, {}", load::fact_table::FACTS.join(", "), declared.join(", "))),
        covers: None,
    };
    loaded
        .environments
        .iter()
        .flat_map(|e| e.matches.iter().filter(|c| !known(&c.key)).map(|c| wrong(e, &c.key)))
        .collect()
}

/// Names in policies that nothing carries: the policy would never match, without a word.
fn misspelt(loaded: &Loaded) -> Vec<LoadError> {
    let rules: Vec<&str> =
        loaded.packs.iter().flat_map(|p| p.rules.iter().map(|r| r.id.as_str())).chain(["unsure"]).collect();
    let tools: Vec<&str> = loaded
        .packs
        .iter()
        .flat_map(|p| p.tool.also.iter().chain([&p.tool.program]))
        .map(String::as_str)
        .collect();
    let environments: Vec<&str> =
        loaded.environments.iter().map(|e| e.name.as_str()).chain(["unknown", "unlabelled"]).collect();
    let mut errors = misspelt_facts(loaded);
    for policy in &loaded.policies {
        for (kind, patterns, known) in [
            ("rule", &policy.when.rule, &rules),
            ("tool", &policy.when.tool, &tools),
            ("environment", &policy.when.environment, &environments),
        ] {
            for pattern in patterns.iter().filter(|p| !known.iter().any(|k| glob::matches(p, k))) {
                errors.push(LoadError {
                    file: policy.place.file.clone(),
                    line: policy.place.line,
                    column: 1,
                    message: format!("there is no {kind} {pattern:?}"),
                    hint: Some(match kind {
                        "rule" => "`guard rules list` shows them".to_owned(),
                        _ => format!("known: {}", known.join(", ")),
                    }),
                    covers: None,
                });
            }
        }
    }
    errors
}

fn merge_pack(shipped: &mut Pack, user: Pack, replaced: &mut Vec<String>) {
    for name in user.tool.also {
        if !shipped.tool.also.contains(&name) {
            shipped.tool.also.push(name);
        }
    }
    for rule in user.rules {
        match shipped.rules.iter_mut().find(|r| r.id == rule.id) {
            Some(old) => {
                replaced.push(format!("rule {}", rule.id));
                *old = rule;
            }
            None => shipped.rules.push(rule),
        }
    }
}

fn save(dirs: &Dirs, block: &[u8]) -> std::io::Result<()> {
    crate::sys::file::write_private(&freshness::index_path(dirs), block)
}
