//! Where the state is kept: what `terraform init` recorded in the data directory, and what the configuration's
//! text says where nothing is recorded. Must never take the text for the target: partial configuration and
//! override files change it, and only the record counts.

use super::hcl;
use crate::invocation::{Invocation, ReadError};
use serde_json::Value;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A backend with its configuration as terraform stored it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Backend {
    /// `local`, `http`, `s3`, …
    pub(super) kind: String,
    pub(super) config: Value,
    /// Where this is written down, for people.
    pub(super) source: String,
}

impl Backend {
    /// A non-empty text of the configuration.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.config.get(name).and_then(Value::as_str).filter(|v| !v.is_empty())
    }
}

/// The backend that a command in `directory` would use; the error says why that is not known.
pub(super) fn backend(invocation: &Invocation, directory: &Path, data: &Path) -> Result<Backend, String> {
    let path = data.join("terraform.tfstate");
    match invocation.read(&path) {
        Ok(bytes) => {
            let shown = crate::text::show(path.as_os_str().as_bytes());
            let record: Value =
                serde_json::from_slice(&bytes).map_err(|_| format!("{shown} is not readable JSON"))?;
            let found = record.get("backend").filter(|b| !b.is_null());
            if record.get("state_store").is_some_and(|s| !s.is_null()) {
                return Err(format!("{shown} names a pluggable state store, which guard does not know"));
            }
            let Some(found) = found else { return undeclared(invocation, directory) };
            let kind =
                found.get("type").and_then(Value::as_str).ok_or(format!("{shown} names no backend type"))?;
            let config = found.get("config").cloned().unwrap_or(Value::Null);
            Ok(Backend { kind: kind.to_owned(), config, source: format!("{shown}, recorded by init") })
        }
        Err(ReadError::Missing) => undeclared(invocation, directory),
        Err(error) => Err(format!("{}: {error}", crate::text::show(path.as_os_str().as_bytes()))),
    }
}

/// Nothing is recorded: the local backend, unless the configuration asks for one.
fn undeclared(invocation: &Invocation, directory: &Path) -> Result<Backend, String> {
    match configuration(invocation, directory)?.backend {
        true => {
            Err("not initialised: the configuration names a backend that `terraform init` has not set up"
                .into())
        }
        false => Ok(Backend {
            kind: "local".into(),
            config: Value::Null,
            source: "the default: no backend is recorded or configured".into(),
        }),
    }
}

/// What the root module's text says, as far as guard looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Configuration {
    /// It has a `backend`, `cloud` or `state_store` block.
    pub(super) backend: bool,
    /// It may have an `import` block, which can bring an existing object into a plan.
    pub(super) imports: bool,
}

/// Looks through `*.tf`, `*.tf.json` and OpenTofu's `*.tofu` of one directory.
pub(super) fn configuration(invocation: &Invocation, directory: &Path) -> Result<Configuration, String> {
    let mut found = Configuration::default();
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(_) => return Err("the directory's configuration cannot be listed".into()),
    };
    for entry in entries {
        let entry = entry.map_err(|_| "the directory's configuration cannot be listed")?;
        let name = entry.file_name();
        if !is_configuration(&name) || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let shown = crate::text::show(name.as_bytes());
        let bytes = invocation.read(directory.join(&name)).map_err(|error| format!("{shown}: {error}"))?;
        let facts = hcl::look(&bytes, name.as_bytes().ends_with(b".json"))
            .ok_or_else(|| format!("{shown} cannot be read with certainty"))?;
        found.backend |= facts.backend;
        found.imports |= facts.imports;
    }
    Ok(found)
}

/// terraform skips hidden files; editors' backups end differently.
fn is_configuration(name: &OsStr) -> bool {
    let name = name.as_bytes();
    let known = [".tf", ".tf.json", ".tofu", ".tofu.json"].iter().any(|end| name.ends_with(end.as_bytes()));
    known && !name.starts_with(b".")
}
