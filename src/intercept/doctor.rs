//! What is really covered: PATH order, shadowed shims, what has rules but no shim, rule files that do not
//! load or loosen the shipped ones. Must say what guard does not stop, and never promise more than its tier.

use super::ShimDirectory;
use crate::exec::Finder;
use crate::rules::sources;
use crate::settings::{Dirs, Marker};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Good,
    Note,
    Warning,
    Broken,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Level::Good => "ok",
            Level::Note => "note",
            Level::Warning => "warning",
            Level::Broken => "broken",
        }
    }
}

/// One line of the report, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    pub text: String,
    pub hint: Option<String>,
}

fn finding(level: Level, text: impl Into<String>, hint: impl Into<Option<String>>) -> Finding {
    Finding { level, text: text.into(), hint: hint.into() }
}

/// Everything about shims and rules. The audit log is looked at by the caller.
pub fn examine(shims: &ShimDirectory, dirs: &Dirs, finder: &Finder) -> Vec<Finding> {
    let mut findings = rules(dirs);
    findings.extend(path(shims));
    findings.extend(each_shim(shims, finder));
    findings.extend(uncovered(shims, dirs, finder));
    findings.push(finding(
        Level::Note,
        "tier 1: shims stop slips in shells, scripts, Makefiles, xargs and CI; not an absolute path, sudo \
         (secure_path), env -i, or a login shell that resets PATH",
        None,
    ));
    findings
}

fn rules(dirs: &Dirs) -> Vec<Finding> {
    let compiled = sources::compile(dirs);
    let mut findings: Vec<Finding> = compiled
        .errors
        .iter()
        .map(|e| {
            let whom = e.covers.as_deref().unwrap_or("every covered program");
            finding(Level::Broken, format!("{e}"), format!("until then {whom} is refused"))
        })
        .collect();
    for name in &compiled.replaced {
        findings.push(finding(Level::Note, format!("your files replace the shipped {name}"), None));
    }
    if let Some(why) = &compiled.not_saved {
        let hint = "every command loads the rule files again until it can".to_owned();
        findings.push(finding(Level::Warning, format!("the compiled rules cannot be kept: {why}"), hint));
    }
    if findings.iter().all(|f| f.level < Level::Warning) {
        let programs = compiled.rules.programs().unwrap_or_default();
        let text = format!("rules load: {} programs (`guard rules list` names them)", programs.len());
        findings.push(finding(Level::Good, text, None));
    }
    findings
}

fn path(shims: &ShimDirectory) -> Vec<Finding> {
    let shown = crate::text::show(shims.path.as_os_str().as_bytes());
    let activate =
        "put `eval \"$(guard init bash)\"` (or zsh, fish) at the end of the shell's start-up file".to_owned();
    match Marker::of(&shims.path) {
        Ok(Some(marker)) if marker.guard.exists() => {}
        Ok(Some(marker)) => {
            let hint = "run install.sh again".to_owned();
            return vec![finding(
                Level::Broken,
                format!("{} is gone: gated commands are refused", marker.guard.display()),
                hint,
            )];
        }
        Ok(None) => {
            return vec![finding(
                Level::Warning,
                format!("no shims in {shown}"),
                "`guard shim add --all` makes them".to_owned(),
            )];
        }
        Err(why) => {
            let (what, hint) = why.words();
            return vec![finding(Level::Broken, format!("{what}: {shown}"), hint)];
        }
    }
    let position = path_entries().iter().position(|entry| same_directory(entry, &shims.path));
    vec![match position {
        Some(0) => finding(Level::Good, format!("{shown} is first on PATH"), None),
        Some(_) => finding(Level::Note, format!("{shown} is on PATH, but not first"), None),
        None => finding(
            Level::Warning,
            format!("{shown} is not on PATH: nothing is covered in this shell"),
            activate,
        ),
    }]
}

fn each_shim(shims: &ShimDirectory, finder: &Finder) -> Vec<Finding> {
    let names = match shims.names() {
        Ok(names) => names,
        Err(error) => return vec![finding(Level::Broken, error.to_string(), Some(error.hint()))],
    };
    let on_path = path_entries().iter().any(|entry| same_directory(entry, &shims.path));
    let mut covered = Vec::new();
    let mut findings = Vec::new();
    for name in names {
        match trouble(&name, on_path, finder) {
            Some(trouble) => findings.push(trouble),
            None => covered.push(name),
        }
    }
    if covered.is_empty() {
        return findings;
    }
    let what = if on_path { "covered" } else { "shims, not on PATH" };
    let text = format!("{what} ({}): {}", covered.len(), covered.join(", "));
    findings.push(finding(Level::Good, text, None));
    findings
}

/// What keeps a shim from doing its work.
fn trouble(name: &str, on_path: bool, finder: &Finder) -> Option<Finding> {
    if finder.find(OsStr::new(name)).is_err() {
        let hint = format!("`guard shim remove {name}`");
        return Some(finding(Level::Note, format!("{name}: shim without a program"), hint));
    }
    let first = first_on_path(name).filter(|first| on_path && !super::shims::is_shim(first))?;
    Some(finding(
        Level::Warning,
        format!("{name}: shadowed, {} comes first", first.display()),
        "move guard's line to the end of the shell's start-up file".to_owned(),
    ))
}

/// Programs that are listed by name; of more, the rest is counted.
const NAMED: usize = 12;

fn uncovered(shims: &ShimDirectory, dirs: &Dirs, finder: &Finder) -> Vec<Finding> {
    let programs = sources::current(dirs).rules.programs().unwrap_or_default();
    let shimmed = shims.names().unwrap_or_default();
    let open: Vec<String> =
        super::installed(&programs, finder).into_iter().filter(|p| !shimmed.contains(p)).collect();
    if open.is_empty() {
        return Vec::new();
    }
    let more = open.len().saturating_sub(NAMED);
    let names = open[..open.len() - more].join(", ");
    if more > 0 {
        let hint = "`guard shim add` asks which of them to cover".to_owned();
        return vec![finding(Level::Note, format!("rules but no shim: {names} and {more} more"), hint)];
    }
    let hint = format!("`guard shim add {}`, unless aliases cover them", open.join(" "));
    vec![finding(Level::Note, format!("rules but no shim: {names}"), hint)]
}

fn path_entries() -> Vec<PathBuf> {
    let path = crate::sys::entry::variable("PATH").unwrap_or_default();
    path.as_bytes().split(|b| *b == b':').map(|e| PathBuf::from(OsStr::from_bytes(e))).collect()
}

fn same_directory(a: &Path, b: &Path) -> bool {
    match (crate::sys::file::identity(a), crate::sys::file::identity(b)) {
        (Ok(a), Ok(b)) => a.same_file(&b),
        _ => false,
    }
}

fn first_on_path(name: &str) -> Option<PathBuf> {
    path_entries()
        .into_iter()
        .map(|entry| entry.join(name))
        .find(|p| crate::sys::file::is_executable(p) && p.is_file())
}
