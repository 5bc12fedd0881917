//! The programs of MySQL and MariaDB: their option tables, the groups of the option files they read, and which
//! of the two makers' program would run. Found by looking at PATH, never by running anything.

use super::option_table::{MYSQL, MYSQLADMIN, MYSQLDUMP, MYSQLIMPORT};
use super::options::Row;
use crate::invocation::Invocation;
use std::path::PathBuf;

/// One program by its first name.
#[derive(Debug)]
pub struct Program {
    pub name: &'static str,
    groups: &'static [&'static str],
    pub table: &'static [Row],
}

const PROGRAMS: &[Program] = &[
    Program { name: "mysql", groups: &["mysql", "mariadb-client"], table: MYSQL },
    Program { name: "mysqladmin", groups: &["mysqladmin", "mariadb-admin"], table: MYSQLADMIN },
    Program { name: "mysqldump", groups: &["mysqldump", "mariadb-dump"], table: MYSQLDUMP },
    Program { name: "mysqlimport", groups: &["mysqlimport", "mariadb-import"], table: MYSQLIMPORT },
];

/// By the name of its rule file.
pub fn of(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|p| p.name == name)
}

/// Whose program it is. They differ in option files and in what `-P` means for localhost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    MariaDb,
    Oracle,
}

impl Flavour {
    /// Whether a variable means anything to it.
    pub fn has(self, variable: &str) -> bool {
        self == Flavour::MariaDb || !variable.starts_with("MARIADB_")
    }
}

/// MariaDB installs its programs under its own names as well; without any, it is taken for MariaDB's.
pub fn flavour(invocation: &Invocation) -> Flavour {
    let word = invocation.argv().first().map(PathBuf::from).unwrap_or_default();
    let path = invocation.environment().get("PATH").map_or_else(|| "/bin:/usr/bin".into(), ToOwned::to_owned);
    let candidates: Vec<PathBuf> = if word.components().count() > 1 {
        vec![invocation.path(&word)]
    } else {
        std::env::split_paths(&path).map(|dir| invocation.path(dir).join(&word)).collect()
    };
    let real = candidates.iter().filter_map(|c| std::fs::canonicalize(c).ok()).find(|real| {
        let own = real.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"guard"));
        !own && crate::sys::file::is_executable(real)
    });
    let Some(real) = real else { return Flavour::MariaDb };
    let name = real.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let sibling = real.with_file_name("mariadb");
    if name.starts_with("mariadb") || sibling.exists() { Flavour::MariaDb } else { Flavour::Oracle }
}

impl Program {
    /// The groups it reads, with those of a suffix.
    pub fn groups(&self, flavour: Flavour, suffix: Option<&str>) -> Vec<String> {
        let shared: &[&str] = match flavour {
            Flavour::MariaDb => &["client", "client-server", "client-mariadb"],
            Flavour::Oracle => &["client"],
        };
        let own = match flavour {
            Flavour::MariaDb => self.groups,
            Flavour::Oracle => &self.groups[..1],
        };
        let plain: Vec<String> = own.iter().chain(shared).map(|g| (*g).to_owned()).collect();
        let suffixed = suffix.into_iter().flat_map(|s| plain.iter().map(move |g| format!("{g}{s}")));
        plain.iter().cloned().chain(suffixed).collect()
    }
}
