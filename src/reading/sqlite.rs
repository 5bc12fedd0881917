//! sqlite3: the file, the SQL and dot commands of its words, of -cmd and -init, and of standard input.
//! Source: shell.c of 3.40 to 3.50. Must never take a dot command that is not listed for harmless.

use super::includes::{self, Includes};
use super::sql::Kind;
use super::sql::dialect::{Dialect, is_complete};
use super::statements::Statements;
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, Stdin};
use std::path::Path;

/// Options and how many words follow each.
const OPTIONS: &[(&str, usize)] = &[
    ("append", 0),
    ("ascii", 0),
    ("bail", 0),
    ("batch", 0),
    ("box", 0),
    ("column", 0),
    ("cmd", 1),
    ("csv", 0),
    ("deserialize", 0),
    ("echo", 0),
    ("escape", 1),
    ("header", 0),
    ("headers", 0),
    ("heap", 1),
    ("html", 0),
    ("init", 1),
    ("interactive", 0),
    ("json", 0),
    ("line", 0),
    ("list", 0),
    ("lookaside", 2),
    ("markdown", 0),
    ("maxsize", 1),
    ("memtrace", 0),
    ("mmap", 1),
    ("multiplex", 0),
    ("newline", 1),
    ("nofollow", 0),
    ("noheader", 0),
    ("no-rowid-in-view", 0),
    ("nonce", 1),
    ("no-utf8", 0),
    ("nullvalue", 1),
    ("pagecache", 2),
    ("pcachetrace", 0),
    ("quote", 0),
    ("readonly", 0),
    ("safe", 0),
    ("separator", 1),
    ("sorterref", 1),
    ("stats", 0),
    ("table", 0),
    ("tabs", 0),
    ("unsafe-testing", 0),
    ("utf8", 0),
    ("vfs", 1),
    ("vfstrace", 0),
    ("zip", 0),
];

/// Options that only DuckDB's shell has.
const DUCKDB: &[(&str, usize)] = &[
    ("c", 1),
    ("f", 1),
    ("no-init", 0),
    ("no-stdin", 0),
    ("s", 1),
    ("storage-version", 1),
    ("ui", 0),
    ("unredacted", 0),
    ("unsigned", 0),
];

fn is_duckdb(invocation: &Invocation) -> bool {
    invocation.program() == "duckdb"
}

/// Dot commands that show, format or steer the shell itself.
const HARMLESS: &[&str] = &[
    "auth",
    "bail",
    "binary",
    "cd",
    "changes",
    "check",
    "connection",
    "crlf",
    "databases",
    "dbconfig",
    "dbinfo",
    "dbtotxt",
    "dump",
    "echo",
    "eqp",
    "expert",
    "explain",
    "filectrl",
    "fullschema",
    "headers",
    "help",
    "indexes",
    "indices",
    "intck",
    "limit",
    "lint",
    "mode",
    "nonce",
    "nullvalue",
    "parameter",
    "print",
    "progress",
    "prompt",
    "schema",
    "scanstats",
    "selftest",
    "separator",
    "sha3sum",
    "show",
    "stats",
    "tables",
    "timeout",
    "timer",
    "trace",
    "version",
    "vfsinfo",
    "vfslist",
    "vfsname",
    "width",
    "www",
];

/// The words taken apart.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub options: Vec<Opt>,
    /// `None`: a database in memory.
    pub file: Option<String>,
    pub sql: Vec<String>,
}

/// Takes the words apart; `Err`: nothing runs, or it is not known what.
pub fn line(invocation: &Invocation) -> Result<Line, Does> {
    let args: Vec<String> = invocation.args().iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut line = Line::default();
    let mut operands = Vec::new();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        let here = at;
        at += 1;
        let Some(name) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).filter(|n| !n.is_empty())
        else {
            operands.push(word.clone());
            continue;
        };
        if matches!(name, "help" | "version") {
            return Err(Does::Nothing("help or version only".into()));
        }
        if name.starts_with('A') {
            return Err(Does::Unsure("it works as an archiver".into()));
        }
        let own = if is_duckdb(invocation) { DUCKDB } else { &[] };
        let Some((_, count)) = OPTIONS.iter().chain(own).find(|(n, _)| *n == name) else {
            let shown = crate::text::show_line(word, 40);
            return Err(Does::Unsure(format!("option {shown} is not one that guard knows")));
        };
        if args.len() < at + count {
            return Err(Does::Nothing(format!("-{name} needs a value")));
        }
        line.options.push(Opt {
            name: format!("--{name}"),
            value: args.get(at).filter(|_| *count > 0).cloned(),
            at: here,
        });
        at += count;
    }
    let mut operands = operands.into_iter();
    line.file = operands.next().filter(|f| !f.is_empty() && f != ":memory:");
    line.sql = operands.collect();
    Ok(line)
}

/// Bytes that may be read again to find out where statements end, besides sixteen times the script: the body of a
/// trigger is read once for each line of it.
const AGAIN: usize = 1 << 20;

/// Whether a statement can end with this line: nothing but space and comments stands behind the semicolon.
fn may_end(line: &str) -> bool {
    let line = line.trim();
    line.ends_with([';', '/']) || line.contains("--") || line.eq_ignore_ascii_case("go")
}

/// A session of the shell.
struct Shell<'i> {
    invocation: &'i Invocation,
    found: Statements,
    depth: usize,
    includes: Includes,
    dialect: Dialect,
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    let mut starts = Vec::new();
    match line(invocation) {
        Ok(line) => {
            command.options = line.options.clone();
            command.operands = line.file.iter().chain(&line.sql).cloned().collect();
            let mut found = run(invocation, &line);
            let lines = std::mem::take(&mut found.lines);
            let written = std::mem::take(&mut found.written);
            let file = |name: &String| super::through::Start {
                invocation: super::redirection::invocation(invocation, ">", name.as_ref(), true),
                doubt: None,
            };
            let lines = lines.iter().filter_map(|line| super::through::shell_line(invocation, line));
            starts = lines.chain(written.iter().map(file)).collect();
            found.describe(&mut command);
            let read_only = line.options.iter().any(|o| o.name == "--readonly")
                || line.file.as_deref().is_some_and(|f| {
                    f.starts_with("file:") && (f.contains("mode=ro") || f.contains("immutable=1"))
                });
            if line.file.is_none() {
                command.traits.add("flag", "memory");
            } else if read_only {
                command.traits.add("flag", "read-only");
            }
        }
        Err(does) => command.does = does,
    }
    Reading { commands: vec![command], starts }
}

fn run(invocation: &Invocation, line: &Line) -> Statements {
    let duckdb = is_duckdb(invocation);
    let (dialect, start_up) =
        if duckdb { (Dialect::Outline, ".duckdbrc") } else { (Dialect::Sqlite, ".sqliterc") };
    let mut shell =
        Shell { invocation, found: Statements::default(), depth: 0, dialect, includes: Includes::default() };
    let value = |name: &str| line.options.iter().rev().find(|o| o.name == name).and_then(|o| o.value.clone());
    match value("--init") {
        Some(file) => shell.file(&file),
        None => {
            if let Some(home) = invocation.home() {
                shell.file(&home.join(start_up).to_string_lossy());
            }
        }
    }
    for option in line.options.iter().filter(|o| o.name == "--cmd") {
        shell.one(option.value.as_deref().unwrap_or(""));
    }
    let mut asked = !line.sql.is_empty();
    for option in line.options.iter().filter(|o| ["--c", "--f", "--s"].contains(&o.name.as_str())) {
        let text = option.value.as_deref().unwrap_or("");
        if option.name == "--f" {
            shell.file(text)
        } else {
            shell.one(text)
        }
        asked = true;
    }
    for text in &line.sql {
        shell.one(text);
    }
    if !asked && value("--no-stdin").is_none() {
        match invocation.stdin().clone() {
            Stdin::Terminal => shell.found.interactive = true,
            Stdin::Content(bytes) => shell.script(&String::from_utf8_lossy(&bytes)),
            Stdin::Unread => shell.found.unread(),
            Stdin::TooMuch => shell.found.stream(),
        }
    }
    shell.found
}

impl Shell<'_> {
    /// A word of the command line: one dot command, or SQL.
    fn one(&mut self, text: &str) {
        if text.starts_with('.') {
            let _ = self.dot(text);
        } else {
            self.found.sql(text, self.dialect);
        }
    }

    fn file(&mut self, name: &str) {
        if self.depth > 16 {
            return self.found.not_sure(includes::WHY);
        }
        match self.found.file(self.invocation, name) {
            Some(bytes) if !self.includes.enter_small(Path::new(name), bytes.len()) => {
                self.found.not_sure(includes::WHY);
            }
            Some(bytes) => {
                self.depth += 1;
                self.script(&String::from_utf8_lossy(&bytes));
                self.depth -= 1;
            }
            None => {}
        }
    }

    /// Lines: a dot command where no statement is open, else SQL up to its end.
    fn script(&mut self, text: &str) {
        let mut pending = String::new();
        let mut again = AGAIN + 16 * text.len();
        for line in text.lines() {
            if pending.is_empty() {
                if line.starts_with('#') || line.trim().is_empty() {
                    continue;
                }
                if line.starts_with('.') {
                    if !self.dot(line) {
                        return;
                    }
                    continue;
                }
            }
            // Oracle's and SQL Server's ends of a statement.
            if matches!(line.trim().to_ascii_lowercase().as_str(), "/" | "go") {
                pending.push(';');
            } else {
                pending.push_str(line);
                pending.push('\n');
            }
            if !may_end(line) || !pending.contains(';') {
                continue;
            }
            let Some(left) = again.checked_sub(pending.len()) else {
                return self.found.not_sure("a script whose statements have too many semicolons in them");
            };
            again = left;
            if is_complete(&pending, self.dialect) {
                self.found.sql(&std::mem::take(&mut pending), self.dialect);
            }
        }
        if !pending.trim().is_empty() {
            self.found.sql(&pending, self.dialect);
        }
    }

    /// The file that a dot command writes is the last of its words.
    fn writes(&mut self, words: &[&str]) {
        let file = words.last().filter(|w| !w.starts_with('-')).map(|w| w.trim_matches(['"', '\'']));
        self.found.written.extend(file.map(str::to_owned));
    }

    /// A dot command; its name may be shortened. False: the script ends here.
    fn dot(&mut self, line: &str) -> bool {
        let mut words = line[1..].split_whitespace();
        let name = words.next().unwrap_or("");
        let rest: Vec<&str> = words.collect();
        let is = |full: &str, least: usize| name.len() >= least && full.starts_with(name);
        let piped = rest.iter().any(|w| w.trim_matches(['"', '\'']).starts_with('|'));
        if is("quit", 1) || is("exit", 2) {
            return false;
        } else if is("shell", 2) || is("system", 2) || (piped && !is("read", 3)) {
            self.found.add(Kind::Shell, "a program on this machine");
            self.found.lines.push(if piped { after_bar(line) } else { rest.join(" ") });
        } else if is("read", 3) {
            match rest.first() {
                Some(_) if piped => {
                    self.found.add(Kind::Shell, "a program on this machine");
                    self.found.lines.push(after_bar(line));
                }
                Some(file) => self.file(file.trim_matches(['"', '\''])),
                None => {}
            }
        } else if is("restore", 3) {
            self.found.add(Kind::DropDatabase, "overwrite the database with another file (.restore)");
        } else if is("open", 1) {
            let new = rest.iter().any(|w| w.trim_start_matches('-') == "new");
            if new {
                self.found.add(Kind::DropDatabase, "empty a database (.open --new)");
            } else {
                self.found.not_sure(".open goes to another database");
            }
        } else if is("backup", 2) || is("save", 2) || is("clone", 2) {
            self.found.add(Kind::CopyToFile, "a copy over another file");
            self.writes(&rest);
        } else if is("output", 1) || is("once", 2) || is("excel", 2) || is("log", 3) || is("iotrace", 2) {
            if rest.first().is_some_and(|w| !matches!(*w, "stdout" | "stderr" | "off")) {
                self.found.add(Kind::CopyToLocal, "output to a file");
                self.writes(&rest);
            }
        } else if is("import", 2) {
            self.found.add(Kind::CopyFrom, "rows of a file (.import)");
        } else if is("load", 2) {
            self.found.add(Kind::Load, "LOAD a library");
        } else if is("recover", 3) || is("imposter", 3) || is("testctrl", 3) || is("session", 3) {
            self.found.add(Kind::Alter, "a change by the shell");
        } else if is("archive", 2) || name == "ar" {
            self.found.not_sure("it works as an archiver");
        } else if is("edit", 2) {
            self.found.not_sure("an editor decides what runs");
        } else if !name.is_empty() && !HARMLESS.iter().any(|full| full.starts_with(name)) {
            let shown = crate::text::show_line(name, 30);
            self.found.not_sure(format!("dot command .{shown} is not known"));
        }
        true
    }
}

/// The command of `.once |CMD` or `.once "|CMD"`.
fn after_bar(line: &str) -> String {
    let Some(at) = line.find('|') else { return String::new() };
    let quote = line[..at].chars().next_back().filter(|c| matches!(c, '"' | '\''));
    let rest = &line[at + 1..];
    quote.and_then(|q| rest.split_once(q)).map_or(rest, |(inner, _)| inner).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Environment;

    fn words(args: &[&str], stdin: &str) -> String {
        let argv = std::iter::once(&"sqlite3").chain(args).map(Into::into).collect();
        let invocation =
            Invocation::here(argv, Stdin::Content(stdin.as_bytes().into())).expect("a directory");
        let invocation = invocation.with_environment(Environment::from_pairs([]));
        let mut command = Command::new(&invocation, "sqlite3");
        match line(&invocation) {
            Ok(line) => run(&invocation, &line).describe(&mut command),
            Err(does) => command.does = does,
        }
        let mut all: Vec<String> = command.traits.values("statement").map(str::to_owned).collect();
        match command.does {
            Does::Acts => {}
            Does::Nothing(_) => all.push("nothing".into()),
            Does::Unsure(_) => all.push("?".into()),
        }
        all.join(" ")
    }

    #[test]
    fn words_files_and_standard_input() {
        for (args, stdin, wanted) in [
            (&["a.db", "DROP TABLE t"][..], "", "drop-table"),
            (&["a.db", ".tables"], "DROP TABLE t;", ""),
            (&["-cmd", "DROP TABLE t", "a.db", "SELECT 1"], "", "drop-table select"),
            (&["--cmd", ".shell rm x", "a.db", "SELECT 1"], "", "shell select"),
            (&["a.db"], "SELECT 'a\n.shell x';\n.sh rm x\n", "select shell"),
            (&["a.db"], ".quit\nDROP TABLE t;\n", ""),
            (&["a.db"], "DROP TABLE t", "drop-table"),
            (&["a.db"], "# note\nDELETE FROM t\n;\n", "delete-all"),
            (&["a.db", ".restore b.db"], "", "drop-database"),
            (&["a.db", ".once |rm x"], "", "shell"),
            (&["a.db", ".frobnicate"], "", "?"),
            (&["a.db", "SELECT 1", "DROP TABLE t"], "", "select drop-table"),
            (&["-version", "a.db", "DROP TABLE t"], "", "nothing"),
            (&["-strange", "a.db"], "", "?"),
            (&["-separator", "DROP", "a.db", "SELECT 1"], "", "select"),
        ] {
            assert_eq!(words(args, stdin), wanted, "{args:?} {stdin:?}");
        }
    }

    #[test]
    fn files_that_dot_commands_write() {
        for (word, wanted) in [
            (".output /etc/passwd", &["/etc/passwd"][..]),
            (".once '/etc/passwd'", &["/etc/passwd"]),
            (".backup main /etc/passwd", &["/etc/passwd"]),
            (".output stdout", &[]),
            (".read /etc/passwd", &[]),
        ] {
            let argv = ["sqlite3", "a.db", word].map(Into::into).to_vec();
            let invocation = Invocation::here(argv, Stdin::Terminal).expect("a directory");
            let invocation = invocation.with_environment(Environment::from_pairs([]));
            let line = line(&invocation).expect("it runs");
            assert_eq!(run(&invocation, &line).written, wanted, "{word}");
        }
    }
}
