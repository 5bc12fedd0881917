//! pg_service.conf as libpq reads it: the first section of that name, the first of equal keys, no spaces
//! round `=`. Source: PostgreSQL manual, "The Connection Service File"; libpq 15's own behaviour.

use super::conninfo::is_keyword;
use super::settings::{Setting, Settings, Stop, Surroundings};
use crate::invocation::ReadError;
use crate::reading::psql::files;
use std::path::{Path, PathBuf};

/// Adds what the service says for parameters that are not there yet. No service asked for: nothing.
pub fn fill(settings: &mut Settings, surroundings: &Surroundings) -> Result<(), Stop> {
    let asked = settings.get("service").cloned().or_else(|| surroundings.var("PGSERVICE"));
    let Some(service) = asked else { return Ok(()) };
    settings.entry("service".into()).or_insert_with(|| service.clone());
    let name = service.value;
    if let Some(path) = personal(settings, surroundings) {
        let text = read(surroundings, &path.0, path.1)?;
        if let Some(text) = text
            && section(settings, &text, &name, &shown(surroundings, &path.0))?
        {
            return Ok(());
        }
    }
    let (path, certain) = system(surroundings);
    if let Some(text) = read(surroundings, &path, false)?
        && section(settings, &text, &name, &path.display().to_string())?
    {
        return Ok(());
    }
    let name = crate::text::show_line(&name, 40);
    if certain {
        Err(Stop::Refused(format!("there is no service {name}")))
    } else {
        Err(Stop::Unknown(format!("where this libpq keeps its system service file is not known ({name})")))
    }
}

/// The user's file, and whether it must exist.
fn personal(settings: &Settings, surroundings: &Surroundings) -> Option<(PathBuf, bool)> {
    if let Some(file) = settings.get("servicefile") {
        return Some((surroundings.invocation.path(&file.value), true));
    }
    match surroundings.var("PGSERVICEFILE") {
        Some(file) => Some((surroundings.invocation.path(file.value), true)),
        None => files::home(surroundings.invocation).map(|home| (home.join(".pg_service.conf"), false)),
    }
}

/// The system's file, and whether it is certain that libpq looks there.
fn system(surroundings: &Surroundings) -> (PathBuf, bool) {
    if let Some(directory) = surroundings.var("PGSYSCONFDIR") {
        return (surroundings.invocation.path(directory.value).join("pg_service.conf"), true);
    }
    let debian = Path::new("/etc/postgresql-common");
    let places = ["/etc/pg_service.conf", "/usr/local/pgsql/etc/pg_service.conf"];
    if debian.is_dir() {
        return (debian.join("pg_service.conf"), true);
    }
    let found = places.iter().find(|p| Path::new(p).exists()).unwrap_or(&places[0]);
    (PathBuf::from(found), false)
}

fn read(surroundings: &Surroundings, path: &Path, must_exist: bool) -> Result<Option<String>, Stop> {
    match std::fs::metadata(path) {
        Ok(meta) if !meta.is_file() && path != Path::new("/dev/null") => {
            return Err(Stop::Unknown(format!("service file {} is not a regular file", path.display())));
        }
        Ok(_) | Err(_) => {}
    }
    match surroundings.invocation.read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(ReadError::Missing) if must_exist => {
            Err(Stop::Refused(format!("service file {} is missing", path.display())))
        }
        Err(ReadError::Missing) => Ok(None),
        Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => {
            Err(Stop::Unknown(format!("service file {}: {why}", path.display())))
        }
    }
}

fn shown(surroundings: &Surroundings, path: &Path) -> String {
    match files::home(surroundings.invocation)
        .and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned))
    {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// Takes over the section; false: the file has none of that name.
fn section(settings: &mut Settings, text: &str, name: &str, file: &str) -> Result<bool, Stop> {
    let mut found = false;
    for line in text.lines().map(|l| l.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b')) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            if found {
                return Ok(true);
            }
            found = head.strip_prefix(name).is_some_and(|rest| rest.starts_with(']'));
        } else if found {
            entry(settings, line, name, file)?;
        }
    }
    Ok(found)
}

fn entry(settings: &mut Settings, line: &str, name: &str, file: &str) -> Result<(), Stop> {
    if line.starts_with("ldap") {
        return Err(Stop::Unknown(format!("service {} is kept in LDAP", crate::text::show_line(name, 40))));
    }
    let Some((key, value)) = line.split_once('=') else {
        return Err(Stop::Refused(format!(
            "a line of service {} has no \"=\"",
            crate::text::show_line(name, 40)
        )));
    };
    if key == "service" || !is_keyword(key) {
        return Err(Stop::Refused(format!(
            "service {} has a key that libpq refuses",
            crate::text::show_line(name, 40)
        )));
    }
    let source = format!("service {} in {file}", crate::text::show_line(name, 40));
    settings.entry(key.to_owned()).or_insert(Setting { value: value.to_owned(), source });
    Ok(())
}
