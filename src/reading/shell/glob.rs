//! Pathname expansion (bash manual, 3.5.8). Must never leave a listing to chance: what cannot be listed is an error.

use super::super::pattern::{Letter, Pattern};
use std::cell::Cell;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// Whether pathname expansion applies.
pub fn is_pattern(letters: &[Letter]) -> bool {
    letters.iter().any(|(b, quoted)| !quoted && matches!(b, b'*' | b'?' | b'['))
}

const MOST: usize = 20_000;
/// Names that one script may have listed, in all its patterns.
const MOST_LISTED: usize = 20_000;
/// What a directory counts for that is opened, however few names are in it.
const DIRECTORY: usize = 4;

/// Every path that matches, sorted; empty when none does. `cwd` is where relative patterns start.
pub fn paths(
    letters: &[Letter],
    cwd: Option<&Path>,
    dots: bool,
    listed: &Cell<usize>,
) -> Result<Vec<Vec<u8>>, String> {
    let mut found: Vec<Vec<u8>> = vec![Vec::new()];
    let components: Vec<&[Letter]> = letters.split(|l| l.0 == b'/').collect();
    for (i, component) in components.iter().enumerate() {
        let last = i + 1 == components.len();
        let mut next = Vec::new();
        for prefix in &found {
            extend(prefix, component, cwd, dots, &mut next, listed)?;
            if next.len() > MOST {
                return Err("a pattern that matches too many paths".into());
            }
        }
        if !last {
            next.iter_mut().for_each(|path| path.push(b'/'));
        }
        found = next;
    }
    let there = |path: &Vec<u8>| place(path, cwd).is_some_and(|p| p.symlink_metadata().is_ok());
    found.retain(there);
    found.sort();
    Ok(found)
}

fn place(path: &[u8], cwd: Option<&Path>) -> Option<std::path::PathBuf> {
    let path = Path::new(OsStr::from_bytes(path));
    if path.is_absolute() { Some(path.to_owned()) } else { cwd.map(|cwd| cwd.join(path)) }
}

/// Adds every way the component can follow the prefix.
fn extend(
    prefix: &[u8],
    component: &[Letter],
    cwd: Option<&Path>,
    dots: bool,
    next: &mut Vec<Vec<u8>>,
    listed: &Cell<usize>,
) -> Result<(), String> {
    if !is_pattern(component) {
        let mut path = prefix.to_vec();
        path.extend(component.iter().map(|l| l.0));
        next.push(path);
        return Ok(());
    }
    let directory = place(prefix, cwd).ok_or("a pattern in a directory that is not known")?;
    let pattern = Pattern::new(component)?;
    let hidden = dots || component.first().is_some_and(|l| l.0 == b'.');
    listed.set(listed.get() + DIRECTORY);
    if listed.get() > MOST_LISTED {
        return Err("patterns in too many directories".into());
    }
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => return Ok(()),
            _ => return Err(format!("{} cannot be listed", directory.display())),
        },
    };
    for entry in entries {
        listed.set(listed.get() + 1);
        if listed.get() > MOST_LISTED {
            return Err("patterns that match too many paths".into());
        }
        let name =
            entry.map_err(|_| format!("{} cannot be listed", directory.display()))?.file_name().into_vec();
        if (name[0] != b'.' || hidden) && pattern.matches(&name) {
            next.push([prefix, &name].concat());
        }
    }
    Ok(())
}
