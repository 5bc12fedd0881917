//! What a connection's surroundings change about how SQL is cut: standard_conforming_strings, and client encodings
//! in which a letter's second byte may be a backslash. Must never pass over a place where either can be set.

use super::super::percent::decoded;
use super::files;
use super::session::is_connection_string;
use crate::invocation::Invocation;
use std::path::{Path, PathBuf};

/// What may be in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strings {
    /// standard_conforming_strings was named.
    pub changed: bool,
    /// The client encoding may hide ASCII bytes in its letters; text of ASCII alone is read the same.
    pub hides: bool,
}

/// Encodings whose letters may hold ASCII bytes, by the names and aliases the server takes, punctuation left out.
const HIDING: &[&str] = &[
    "sjis",
    "shiftjis",
    "mskanji",
    "win932",
    "windows932",
    "big5",
    "win950",
    "windows950",
    "gbk",
    "win936",
    "windows936",
    "gb18030",
    "uhc",
    "win949",
    "windows949",
    "johab",
];

/// Whether this names such an encoding, however it is spelled.
pub fn hides(name: &str) -> bool {
    let name = bare(name);
    HIDING.iter().any(|h| name.contains(h))
}

/// Letters and digits in lower case: names of settings and encodings are spelled in several ways.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Strings {
    /// Before any connection string: the environment.
    pub fn of_environment(invocation: &Invocation) -> Strings {
        let var = |name: &str| invocation.var(name).unwrap_or_default();
        let mut strings = Strings::default();
        strings.heed(&var("PGOPTIONS"));
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| invocation.var_filled(name));
        // psql takes the encoding of the locale where none is set.
        strings.hides |= hides(&var("PGCLIENTENCODING")) || locale.is_some_and(|name| hides(&name));
        if invocation.var_filled("PGSERVICE").is_some() {
            strings.service(invocation);
        }
        strings
    }

    /// The place of a database name: a connection string may set anything.
    pub fn connection(&mut self, invocation: &Invocation, text: &str) {
        if !is_connection_string(text) {
            return;
        }
        // In a plain connection string it is no escape, and to decode it does no harm.
        let text = decoded(text);
        self.heed(&text);
        let named = bare(&text);
        self.changed |= named.contains("servicefile");
        if named.contains("service") {
            self.service(invocation);
        }
    }

    /// A text that may hold settings: start-up options, a statement.
    pub fn heed(&mut self, text: &str) {
        let text = bare(text);
        self.changed |= text.contains("standardconformingstrings");
        self.hides |= (text.contains("clientencoding")
            || text.contains("setnames")
            || text.contains("sessionnames")
            || text.contains("localnames"))
            && hides(&text);
    }

    /// Which service counts is the resolver's work; here any section may.
    fn service(&mut self, invocation: &Invocation) {
        let own = match invocation.var("PGSERVICEFILE") {
            Some(file) => Some(PathBuf::from(file)),
            None => files::home(invocation).map(|home| home.join(".pg_service.conf")),
        };
        let directory = invocation.var("PGSYSCONFDIR").map(|dir| Path::new(&dir).join("pg_service.conf"));
        let usual = ["/etc/postgresql-common/pg_service.conf", "/etc/pg_service.conf"].map(PathBuf::from);
        let local = PathBuf::from("/usr/local/pgsql/etc/pg_service.conf");
        for path in own.into_iter().chain(directory).chain(usual).chain([local]) {
            let Ok(meta) = std::fs::metadata(invocation.path(&path)) else { continue };
            match meta.is_file().then(|| invocation.read(&path)) {
                Some(Ok(bytes)) => self.heed(&String::from_utf8_lossy(&bytes)),
                Some(Err(_)) | None => self.changed |= path != Path::new("/dev/null"),
            }
        }
    }
}
