//! What a psql session does from its first statement to its end: deeds, transactions, moves to other databases.
//! Must never call a deed rolled back unless that is certain.

use super::files;
use super::surroundings::Strings;
use super::transaction::Transaction;
use super::variables::Variables;
use crate::invocation::Invocation;
use crate::reading::includes::Includes;
use crate::reading::sql::{self, Deed, Kind, Prepared, Statement, Tokens};
use std::path::PathBuf;

/// A \connect: the words given, `None` for those left as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// -reuse-previous=on or off.
    pub reuse: Option<bool>,
    pub dbname: Option<String>,
    pub user: Option<String>,
    pub host: Option<String>,
    pub port: Option<String>,
}

/// One deed and where it happens.
#[derive(Clone, Debug)]
pub struct Done {
    pub deed: Deed,
    /// How many moves came before.
    pub place: usize,
    pub rolled_back: bool,
}

/// Everything found out while walking through commands and scripts.
pub struct Session<'i> {
    pub invocation: &'i Invocation,
    pub variables: Variables,
    pub done: Vec<Done>,
    pub moves: Vec<Move>,
    /// The first thing that could not be read with certainty.
    pub unsure: Option<String>,
    /// Something may lift a read-only default.
    pub lifts: bool,
    /// psql's working directory (\cd).
    pub directory: PathBuf,
    /// Standard input was read as a script and could not be seen.
    pub stdin_unread: bool,
    /// Standard input is a stream that is known only as it runs.
    pub stream: bool,
    /// Lines for a shell on this machine.
    pub lines: Vec<String>,
    /// Files that backslash commands write here.
    pub written: Vec<PathBuf>,
    pub include_depth: usize,
    pub includes: Includes,
    prepared: Prepared,
    pub(super) transaction: Transaction,
    pub strings: Strings,
}

impl<'i> Session<'i> {
    pub fn new(invocation: &'i Invocation) -> Session<'i> {
        Session {
            invocation,
            variables: Variables::default(),
            done: Vec::new(),
            moves: Vec::new(),
            unsure: None,
            lifts: false,
            directory: invocation.cwd().to_owned(),
            stdin_unread: false,
            stream: false,
            lines: Vec::new(),
            written: Vec::new(),
            include_depth: 0,
            includes: Includes::default(),
            prepared: Prepared::new(),
            transaction: Transaction::default(),
            strings: Strings::of_environment(invocation),
        }
    }

    pub fn not_sure(&mut self, why: impl Into<String>) {
        self.unsure.get_or_insert_with(|| why.into());
    }

    /// In some encodings a letter may hold a backslash, and a quote ends elsewhere than it seems.
    pub fn check_encoding(&mut self, text: &str) {
        if self.strings.hides && !text.is_ascii() {
            self.not_sure("what letters beyond ASCII mean depends on the client encoding");
        }
    }

    /// SQL that is not known runs here: it may end transactions and lift anything.
    pub fn streams(&mut self) {
        self.stream = true;
        self.lifts = true;
        self.doubt();
    }

    /// A deed that is no SQL statement: a program run, results executed.
    pub fn add(&mut self, kind: Kind, verb: &str) {
        self.push(Deed::new(kind, verb, "", Vec::new()));
    }

    fn push(&mut self, deed: Deed) {
        let place = self.moves.len();
        let boundary = self.transaction.boundary();
        let repeats = self.done.len() > boundary
            && self.done.last().is_some_and(|d| d.deed == deed && d.place == place && !d.rolled_back);
        if !repeats {
            self.done.push(Done { deed, place, rolled_back: false });
        }
    }

    /// Sends one string to the server, as one query. `certain`: it surely runs.
    /// Returns whether data lines follow in the script.
    pub fn send(&mut self, text: &str, certain: bool) -> bool {
        let cut = sql::cut(text);
        if cut.unclosed {
            self.not_sure("a quote or comment is not closed");
        }
        if cut.backslash && self.strings.changed {
            self.not_sure("what a backslash means in strings was changed");
        }
        self.check_encoding(text);
        self.strings.heed(text);
        self.begin_implicitly(cut.statements.first().map(|s| Tokens(s)), cut.statements.len());
        let mut data_follows = false;
        for statement in &cut.statements {
            match sql::classify(Tokens(statement), &mut self.prepared) {
                Statement::Unknown(words) => self.not_sure(unknown(&words)),
                Statement::Known(known) => {
                    self.lifts |= known.lifts;
                    data_follows |= known.data_follows;
                    known.deeds.into_iter().for_each(|deed| self.push(deed));
                    if let Some(turn) = known.turn {
                        self.turn(turn, certain);
                    }
                }
            }
        }
        self.transaction.end_of_string();
        data_follows
    }

    /// \copy; returns whether data lines follow.
    pub fn copy(&mut self, words: &str) -> bool {
        let text = format!("copy {words}");
        let cut = sql::cut(&text);
        let Some(statement) = cut.statements.first() else { return false };
        match sql::copy_meta(Tokens(statement), &mut self.prepared) {
            Statement::Unknown(words) => {
                self.not_sure(unknown(&words));
                false
            }
            Statement::Known(known) => {
                if known.deeds.iter().any(|deed| deed.kind == Kind::CopyToLocal) {
                    copied_to(words).into_iter().for_each(|name| self.writes(name));
                }
                known.deeds.into_iter().for_each(|deed| self.push(deed));
                known.data_follows
            }
        }
    }

    /// A file that psql itself opens for writing; quotes are taken off.
    pub fn writes(&mut self, name: &str) {
        let name = self.home_path(name.trim_matches(['\'', '"']));
        if !name.is_empty() {
            self.written.push(self.directory.join(name));
        }
    }

    /// \connect.
    pub fn go(&mut self, to: Move) {
        let connection_string = to.dbname.as_deref().is_some_and(is_connection_string);
        if connection_string && (to.user.is_some() || to.host.is_some() || to.port.is_some()) {
            return; // psql refuses the mixture and stays
        }
        self.disconnect();
        self.prepared.clear();
        if let Some(name) = &to.dbname {
            self.strings.connection(self.invocation, name);
        }
        self.moves.push(to);
    }

    pub fn home_path(&self, name: &str) -> String {
        files::tilde(self.invocation, name)
    }
}

/// What may stand for the file behind the TO of \copy; a word of its query may look like one.
fn copied_to(words: &str) -> Vec<&str> {
    let lower = words.to_ascii_lowercase();
    let outside = |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    let bytes = lower.as_bytes();
    let found = lower.match_indices("to").filter(|(at, _)| {
        outside(at.checked_sub(1).and_then(|before| bytes.get(before))) && outside(bytes.get(at + 2))
    });
    let name = |(at, _): (usize, &str)| {
        let rest = words[at + 2..].trim_start();
        match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next(),
            None => rest.split_whitespace().next().map(|word| word.trim_end_matches(';')),
        }
    };
    found.filter_map(name).collect()
}

fn unknown(words: &str) -> String {
    if words.is_empty() {
        "a statement that is not known".into()
    } else {
        format!(
            "a statement that begins with {} is not known",
            crate::text::show_line(words.to_uppercase(), 40)
        )
    }
}

/// libpq's test for a connection string in the place of a database name.
pub fn is_connection_string(text: &str) -> bool {
    text.starts_with("postgresql://") || text.starts_with("postgres://") || text.contains('=')
}

#[cfg(test)]
mod tests {
    use crate::invocation::{Environment, Invocation, Stdin};

    #[test]
    fn files_that_backslash_commands_write() {
        for (text, wanted) in [
            ("\\o /etc/passwd", &["/etc/passwd"][..]),
            ("\\out '/etc/passwd'", &["/etc/passwd"]),
            ("\\w /etc/passwd", &["/etc/passwd"]),
            ("\\copy t to /etc/passwd", &["/etc/passwd"]),
            ("\\copy (select 1) to '/etc/passwd' csv", &["/etc/passwd"]),
            ("\\copy t to stdout", &[]),
            ("\\copy t from '/etc/passwd'", &[]),
            ("\\o", &[]),
            ("\\i /etc/passwd-none", &[]),
        ] {
            let argv = ["psql", "-X", "-c", text].map(Into::into).to_vec();
            let invocation = Invocation::here(argv, Stdin::Terminal).expect("a directory");
            let invocation = invocation.with_environment(Environment::from_pairs([]));
            let starts = super::super::read(&invocation).starts;
            let files: Vec<_> = starts.iter().filter_map(|s| s.invocation.argv().last()).collect();
            assert_eq!(files, wanted, "{text}");
        }
    }
}
