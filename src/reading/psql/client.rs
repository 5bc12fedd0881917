//! Which psql would run: Debian's pg_wrapper or a plain one, and of which major version. Found by looking at
//! PATH, never by running anything.

use crate::invocation::Invocation;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where Debian and its children keep every installed version's programs.
pub const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// The newest version whose options and connection parameters this reader knows.
const NEWEST_KNOWN: u32 = 18;

/// The program that answers to `psql`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// It is Debian's pg_wrapper, which chooses a cluster before psql starts.
    pub wrapper: bool,
    /// The major version; `None`: not known.
    pub major: Option<u32>,
}

impl Client {
    /// Whether an option or parameter that is not in guard's tables is certainly refused.
    pub fn refuses_what_is_not_known(self) -> bool {
        self.major.is_some_and(|major| major <= NEWEST_KNOWN)
    }
}

/// The psql that this command's PATH leads to, guard's own shims passed over.
pub fn find(invocation: &Invocation) -> Client {
    let nothing = Client { wrapper: false, major: None };
    candidates(invocation).iter().filter_map(|path| look(path)).next().unwrap_or(nothing)
}

fn candidates(invocation: &Invocation) -> Vec<PathBuf> {
    let word = invocation.argv().first().map(PathBuf::from).unwrap_or_default();
    if word.as_os_str().as_bytes().contains(&b'/') {
        return vec![invocation.path(word)];
    }
    let path = invocation.environment().get("PATH").map_or_else(|| "/bin:/usr/bin".into(), ToOwned::to_owned);
    std::env::split_paths(&path).map(|dir| invocation.path(dir).join(&word)).collect()
}

/// `None`: not a program, or a shim.
fn look(path: &Path) -> Option<Client> {
    let real = std::fs::canonicalize(path).ok()?;
    let name = real.file_name()?.to_str()?;
    if name.starts_with("guard") || !crate::sys::file::is_executable(&real) {
        return None;
    }
    if name == "pg_wrapper" {
        return Some(Client { wrapper: true, major: newest() });
    }
    let major = real.ancestors().nth(2).and_then(Path::file_name).and_then(|version| {
        let version = version.to_str()?;
        version.strip_prefix("pgsql-").unwrap_or(version).parse().ok()
    });
    Some(Client { wrapper: false, major })
}

/// pg_wrapper always runs the newest psql.
fn newest() -> Option<u32> {
    versions().into_iter().filter(|version| has_psql(version)).filter_map(|v| v.parse().ok()).max()
}

/// Whether a version has its own psql: pg_wrapper's test for a version's existence.
pub fn has_psql(version: &str) -> bool {
    crate::sys::file::is_executable(&Path::new(DEBIAN_VERSIONS).join(version).join("bin/psql"))
}

/// Directory names that look like versions.
pub fn versions() -> Vec<String> {
    let entries = std::fs::read_dir(DEBIAN_VERSIONS).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_version(name)).collect()
}

/// pg_wrapper's pattern: digits, at most one dot, digits; at least two digits.
pub fn is_version(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let dots = name.bytes().filter(|b| *b == b'.').count();
    digits >= 2 && dots <= 1 && digits + dots == name.len() && !name.starts_with('.') && !name.ends_with('.')
}
