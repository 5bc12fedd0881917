//! Rule files, environments and policy: TOML to checked data. Every message has file, line, column and
//! what to do. A file that does not load never loses rules silently: `Loaded` says whom it covers.

mod condition;
pub mod environment;
pub mod fact_table;
mod one_or_many;
mod policy;
mod policy_settings;
mod rule_file;
mod wording;

use super::index::Entry;
use super::pack::{
    BreakGlassSettings, Environment, Pack, Place, Policy, PreviewSettings, ReasonForm, Surroundings,
    TotpSettings,
};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
    /// From a `[preview]` table, where there is one.
    pub preview: Option<PreviewSettings>,
    /// From a `[reason]` table.
    pub reason: Option<ReasonForm>,
    /// From a `[break-glass]` table.
    pub break_glass: Option<BreakGlassSettings>,
    /// From a `[totp]` table.
    pub totp: Option<TotpSettings>,
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
            None => Ok(Surroundings {
                environments: self.environments.clone(),
                policies: self.policies.clone(),
                preview: self.preview.unwrap_or_default(),
                reason: self.reason.clone(),
                break_glass: self.break_glass.unwrap_or_default(),
                totp: self.totp.clone().unwrap_or_default(),
            }),
        }
    }
}

/// One rule file. Only a regular one that not everybody may write: a FIFO would hang every command.
pub fn file(path: &Path) -> std::io::Result<File> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    if std::os::unix::fs::MetadataExt::mode(&meta) & 0o002 != 0 {
        return Err(std::io::Error::other("writable by everybody (chmod o-w)"));
    }
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let text = String::from_utf8(std::fs::read(path)?);
    let text = text.map_err(|_| std::io::Error::other("it is not UTF-8 text"))?;
    Ok(File { shown: path.display().to_string(), stem, text })
}

/// Files that can be read, and those that cannot, each with its own path.
#[derive(Debug, Default)]
pub struct Files {
    pub found: Vec<File>,
    pub unreadable: Vec<(PathBuf, std::io::Error)>,
}

/// The `*.toml` files of a directory, sorted by name.
pub fn directory(path: &Path) -> std::io::Result<Files> {
    let mut files = Files::default();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|e| e == "toml") && !hidden {
            match file(&path) {
                Ok(file) => files.found.push(file),
                Err(error) => files.unreadable.push((path, error)),
            }
        }
    }
    files.found.sort_by(|a, b| a.stem.cmp(&b.stem));
    Ok(files)
}

/// Loads files of one layer: `environments`, `policy`, and packs.
pub fn everything(files: &[File]) -> Loaded {
    let mut loaded = Loaded::default();
    for file in files {
        let outcome = match file.stem.as_str() {
            "environments" => environment::load(file).map(|mut e| loaded.environments.append(&mut e)),
            "policy" => policy::load(file).map(|mut policy| {
                loaded.policies.append(&mut policy.policies);
                loaded.preview = policy.preview.or(loaded.preview);
                loaded.reason = policy.reason.or(loaded.reason.take());
                loaded.break_glass = policy.break_glass.or(loaded.break_glass);
                loaded.totp = policy.totp.or(loaded.totp.take());
            }),
            _ => rule_file::load(file).map(|(pack, mut cases)| {
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
    errors.extend(double_names(loaded));
    loaded.errors.append(&mut errors);
}

/// Programs that two files cover: one of them would never be looked at.
fn double_names(loaded: &Loaded) -> Vec<LoadError> {
    let mut seen: BTreeMap<&str, &Pack> = BTreeMap::new();
    let mut errors = Vec::new();
    for pack in &loaded.packs {
        for name in std::iter::once(&pack.tool.program).chain(&pack.tool.also) {
            if let Some(first) = seen.insert(name, pack) {
                errors.push(LoadError {
                    file: format!("{}.toml", pack.tool.program),
                    line: 1,
                    column: 1,
                    message: format!("{name} is covered already"),
                    hint: Some(format!("{}.toml names it, too", first.tool.program)),
                    covers: Some(name.clone()),
                });
            }
        }
    }
    errors
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

fn parse<T: serde::de::DeserializeOwned>(file: &File, covers: &Option<String>) -> Result<T, LoadError> {
    toml::from_str(&file.text).map_err(|error| {
        let offset = error.span().map_or(0, |s| s.start);
        let (message, hint) = wording::plain(error.message());
        locate(file, covers, at(offset, message, hint))
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

fn place(file: &File, offset: usize) -> Place {
    let (line, column) = position(&file.text, offset);
    Place { file: file.shown.clone(), line, column }
}

/// Line and column (in characters) of a byte offset, from 1.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count();
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count();
    (line as u32 + 1, column as u32 + 1)
}
