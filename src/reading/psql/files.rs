//! Files psql would execute: scripts, includes, start-up files. Must never open a pipe: reading takes the
//! bytes away from psql.

use crate::invocation::{Invocation, ReadError};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// What stands where psql would look for a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    Text(String),
    /// psql says so and goes on without it.
    Nothing,
    Stdin,
    /// It cannot be looked at, and why.
    Opaque(String),
}

/// A name as psql opens it, seen from `directory`.
pub fn script(invocation: &Invocation, directory: &Path, name: &str) -> Script {
    if ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].contains(&name) {
        return Script::Stdin;
    }
    let path = directory.join(name);
    if climbs_out_of_a_link(&path) {
        return Script::Opaque(format!("{name} goes through a link and back up"));
    }
    match std::fs::metadata(invocation.path(&path)) {
        Ok(meta) if meta.is_dir() => Script::Nothing,
        Ok(meta) if !meta.is_file() && path != Path::new("/dev/null") => {
            Script::Opaque(format!("{name} is a pipe or device"))
        }
        _ => match invocation.read(&path) {
            Ok(bytes) => text(&bytes),
            Err(ReadError::Missing) => Script::Nothing,
            Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => {
                Script::Opaque(format!("{name}: {why}"))
            }
        },
    }
}

/// A script's bytes; custom-format dumps are refused by psql.
pub fn text(bytes: &[u8]) -> Script {
    if bytes.starts_with(b"PGDMP") {
        return Script::Nothing;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Script::Text(String::from_utf8_lossy(bytes).into_owned())
}

/// psql takes `link/..` out of a path as text, the kernel follows the link first.
fn climbs_out_of_a_link(path: &Path) -> bool {
    let mut walked = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir && std::fs::symlink_metadata(&walked).is_ok_and(|m| m.is_symlink()) {
            return true;
        }
        walked.push(part);
    }
    false
}

/// psql's home: $HOME, else the passwd entry.
pub fn home(invocation: &Invocation) -> Option<PathBuf> {
    invocation.home().or_else(crate::sys::who::passwd_home)
}

/// `~` and `~user` at the beginning of a name.
pub fn tilde(invocation: &Invocation, name: &str) -> String {
    let Some(rest) = name.strip_prefix('~') else { return name.to_owned() };
    let (user, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let home = if user.is_empty() { home(invocation) } else { crate::sys::who::home_of(user) };
    home.map_or_else(|| name.to_owned(), |home| format!("{}{tail}", home.display()))
}

/// The start-up files psql reads unless -X. Versioned ones first: `~/.psqlrc-15.4`, then `~/.psqlrc-15`.
pub fn startup(invocation: &Invocation, major: Option<u32>) -> Vec<PathBuf> {
    let system =
        ["/etc/postgresql-common/psqlrc", "/etc/psqlrc", "/usr/local/pgsql/etc/psqlrc"].map(PathBuf::from);
    let personal = match invocation.var_filled("PSQLRC") {
        Some(name) => Some(PathBuf::from(tilde(invocation, &name))),
        None => home(invocation).map(|home| home.join(".psqlrc")),
    };
    let existing = system.into_iter().find(|path| path.exists());
    let all = existing.into_iter().chain(personal).flat_map(|base| versions_of(invocation, &base, major));
    all.filter(|path| may_be_read(path)).collect()
}

/// psql passes over start-up files it may not read. Pipes are not opened here.
fn may_be_read(path: &Path) -> bool {
    let regular = std::fs::metadata(path).is_ok_and(|m| m.is_file());
    !regular || !std::fs::File::open(path).is_err_and(|e| e.kind() == std::io::ErrorKind::PermissionDenied)
}

/// The files of one base name that this psql may read. Which minor version it is cannot be seen without
/// running it, so every minor version's file counts beside the one chosen by major version.
fn versions_of(invocation: &Invocation, base: &Path, major: Option<u32>) -> Vec<PathBuf> {
    let base = invocation.path(base);
    let Some(name) = base.file_name().and_then(|n| n.to_str()) else { return Vec::new() };
    let entries = base.parent().and_then(|dir| std::fs::read_dir(dir).ok()).into_iter().flatten().flatten();
    let suffixes: Vec<String> = entries
        .filter_map(|e| {
            e.file_name().into_string().ok()?.strip_prefix(name)?.strip_prefix('-').map(str::to_owned)
        })
        .filter(|s| s.bytes().next().is_some_and(|b| b.is_ascii_digit()))
        .collect();
    let with = |suffix: &str| {
        let mut file = OsString::from(&base);
        file.push(format!("-{suffix}"));
        PathBuf::from(file)
    };
    let fits = |s: &&String| major.is_none_or(|m| s.split('.').next() == Some(m.to_string().as_str()));
    let mut files: Vec<PathBuf> =
        suffixes.iter().filter(fits).filter(|s| s.contains('.')).map(|s| with(s)).collect();
    let by_major: Vec<PathBuf> =
        suffixes.iter().filter(fits).filter(|s| !s.contains('.')).map(|s| with(s)).collect();
    let replaced = major.is_some() && !by_major.is_empty();
    files.extend(by_major);
    if !replaced && base.exists() {
        files.push(base);
    }
    files
}
