//! sqlcmd, sqlplus, cqlsh, snowsql and `snow sql`: the statements of their words, files and standard input, with the
//! client's own commands between them. Must never take a client's command that runs a program for SQL.

use super::sql::Kind;
use super::sql::dialect::{Dialect, is_complete};
use super::statements::Statements;
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, Stdin};

/// How one client's words are taken apart.
struct Client {
    names: &'static [&'static str],
    /// Letters and long options that take a value.
    letters: &'static str,
    long: &'static [&'static str],
    query: &'static [&'static str],
    file: &'static [&'static str],
    server: &'static [&'static str],
    database: &'static [&'static str],
    variable: &'static str,
}

const CLIENTS: &[Client] = &[
    Client {
        names: &["sqlcmd"],
        letters: "acdfhHiKlmoPqQsStUVwyYzZ",
        long: &[
            "server",
            "query",
            "initial-query",
            "input-file",
            "database-name",
            "user-name",
            "output-file",
        ],
        query: &["-Q", "-q", "--query", "--initial-query"],
        file: &["-i", "--input-file"],
        server: &["-S", "--server"],
        database: &["-d", "--database-name"],
        variable: "SQLCMDSERVER",
    },
    Client {
        names: &["cqlsh"],
        letters: "ukpefbP",
        long: &[
            "browser",
            "username",
            "keyspace",
            "password",
            "execute",
            "file",
            "encoding",
            "cqlshrc",
            "cqlversion",
            "protocol-version",
            "request-timeout",
            "connect-timeout",
            "credentials",
            "secure-connect-bundle",
            "max-trace-wait",
        ],
        query: &["-e", "--execute"],
        file: &["-f", "--file"],
        server: &[],
        database: &["-k", "--keyspace"],
        variable: "CQLSH_HOST",
    },
    Client {
        names: &["snowsql", "snow"],
        letters: "acuwdshropDqfMP",
        long: &[
            "accountname",
            "username",
            "dbname",
            "schemaname",
            "rolename",
            "warehouse",
            "connection",
            "query",
            "filename",
            "config",
            "host",
            "port",
            "region",
            "option",
            "variable",
            "private-key-path",
            "mfa-passcode",
            "authenticator",
            "database",
            "schema",
            "role",
            "account",
            "user",
            "format",
        ],
        query: &["-q", "--query"],
        file: &["-f", "--filename"],
        server: &["-a", "--accountname", "--account", "-c", "--connection"],
        database: &["-d", "--dbname", "--database"],
        variable: "SNOWSQL_ACCOUNT",
    },
    Client {
        names: &["sqlplus"],
        letters: "CMR",
        long: &[],
        query: &[],
        file: &[],
        server: &[],
        database: &[],
        variable: "TWO_TASK",
    },
];

struct Session<'i> {
    invocation: &'i Invocation,
    found: Statements,
    depth: usize,
    oracle: bool,
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    let program = invocation.program().to_string_lossy().into_owned();
    let Some(client) = CLIENTS.iter().find(|c| c.names.contains(&program.as_str())) else {
        return Reading::of(command);
    };
    let mut words = parse(invocation, client);
    if words.help {
        command.does = Does::Nothing("help or version only".into());
        return Reading::of(command);
    }
    if program == "snow" && words.operands.first().is_none_or(|verb| verb != "sql") {
        let removes = |word: &String| ["drop", "delete", "remove", "teardown"].contains(&word.as_str());
        if words.operands.iter().any(removes) {
            command.does = Does::Unsure("of snow's commands guard reads only `sql`".into());
        }
        return Reading::of(command);
    }
    let oracle = program == "sqlplus";
    let mut session = Session { invocation, found: Statements::default(), depth: 0, oracle };
    let scripts = scripts(&mut words, client, oracle);
    place(&mut command, client, &words, oracle);
    for (text, is_file) in &scripts {
        if *is_file { session.file(text) } else { session.script(text) }
    }
    if scripts.is_empty() || oracle && !words.quits {
        match invocation.stdin().clone() {
            Stdin::Terminal => session.found.interactive = scripts.is_empty(),
            Stdin::Content(bytes) => session.script(&String::from_utf8_lossy(&bytes)),
            Stdin::Unread => session.found.unread(),
            Stdin::TooMuch => session.found.stream(),
        }
    }
    let lines = std::mem::take(&mut session.found.lines);
    let starts = lines.iter().filter_map(|line| super::through::shell_line(invocation, line)).collect();
    session.found.describe(&mut command);
    Reading { commands: vec![command], starts }
}

#[derive(Default)]
struct Words {
    given: Vec<(String, String)>,
    operands: Vec<String>,
    help: bool,
    /// A script of sqlplus ends the session by itself.
    quits: bool,
}

fn parse(invocation: &Invocation, client: &Client) -> Words {
    let mut words = Words::default();
    let mut args = invocation.args().iter().map(|a| a.to_string_lossy().into_owned());
    while let Some(word) = args.next() {
        if matches!(word.as_str(), "-?" | "-h" | "--help" | "--version" | "-H")
            && !client.letters.contains(&word[1..])
        {
            words.help = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_owned())));
            let value = value.or_else(|| client.long.contains(&name).then(|| args.next()).flatten());
            words.given.push((format!("--{name}"), value.unwrap_or_default()));
        } else if let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) {
            let taking = letters.find(|c| client.letters.contains(c));
            let Some(at) = taking else { continue };
            let letter = &letters[at..=at];
            let glued = letters[at + 1..].to_owned();
            let value = if glued.is_empty() { args.next().unwrap_or_default() } else { glued };
            words.given.push((format!("-{letter}"), value));
        } else {
            words.operands.push(word);
        }
    }
    words
}

/// Statements and files in their order; true: a file.
fn scripts(words: &mut Words, client: &Client, oracle: bool) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    for (name, value) in &words.given {
        if client.query.contains(&name.as_str()) {
            all.push((value.clone(), false));
        } else if client.file.contains(&name.as_str()) {
            all.extend(value.split(',').map(|file| (file.to_owned(), true)));
        }
    }
    if oracle && let Some(at) = words.operands.iter().position(|w| w.starts_with('@')) {
        let file = words.operands[at].trim_start_matches('@').to_owned();
        words.operands.truncate(at);
        all.push((if file.contains('.') { file } else { format!("{file}.sql") }, true));
    }
    all
}

/// Server and database as options, for the facts that the rule file declares; never a password.
fn place(command: &mut Command, client: &Client, words: &Words, oracle: bool) {
    let last = |names: &[&str]| {
        words
            .given
            .iter()
            .rev()
            .find(|(n, v)| names.contains(&n.as_str()) && !v.is_empty())
            .map(|(_, v)| v.clone())
    };
    let operand = match oracle {
        true => words.operands.iter().find_map(|w| w.rsplit_once('@').map(|(_, place)| place.to_owned())),
        false if client.names.contains(&"cqlsh") => words.operands.first().cloned(),
        false => None,
    };
    let variable = || command.invocation.var_filled(client.variable);
    let server = last(client.server).or(operand).or_else(variable);
    let mut push = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            command.options.push(Opt { name: name.to_owned(), value: Some(value), at: 0 });
        }
    };
    push("--server", server);
    push("--database", last(client.database));
}

impl Session<'_> {
    fn file(&mut self, name: &str) {
        if self.depth > 16 {
            return self.found.not_sure("scripts read each other without end");
        }
        if let Some(bytes) = self.found.file(self.invocation, name) {
            self.depth += 1;
            self.script(&String::from_utf8_lossy(&bytes));
            self.depth -= 1;
        }
    }

    /// Lines: a command of the client where no statement is open, else SQL up to its end.
    fn script(&mut self, text: &str) {
        let mut pending = String::new();
        for line in text.lines() {
            let trimmed = line.trim();
            let ends = trimmed == "/"
                || trimmed.split_whitespace().next().is_some_and(|w| w.eq_ignore_ascii_case("go"));
            if ends {
                self.run(&mut pending);
            } else if !(pending.trim().is_empty() && self.own(trimmed)) {
                pending.push_str(line);
                pending.push('\n');
                let block = self.oracle && begins_block(&pending);
                if !block && trimmed.ends_with(';') && is_complete(&pending, Dialect::Outline) {
                    self.run(&mut pending);
                }
            }
        }
        self.run(&mut pending);
    }

    fn run(&mut self, pending: &mut String) {
        let text = std::mem::take(pending);
        if !text.trim().is_empty() {
            self.found.sql(&text, Dialect::Outline);
        }
    }

    /// A command of the client's own.
    fn own(&mut self, line: &str) -> bool {
        let plain = line.trim_end_matches(';');
        let (word, rest) = plain.split_once(char::is_whitespace).unwrap_or((plain, ""));
        let word = word.to_ascii_lowercase();
        let shell = line.strip_prefix(":!!").or_else(|| line.strip_prefix("!!")).or_else(|| {
            let system = matches!(word.as_str(), "!system" | "!sys" | "ho" | "hos" | "host");
            let here = if self.oracle { line.strip_prefix('!') } else { None };
            if system { Some(rest) } else { here }
        });
        if let Some(shell) = shell.filter(|_| self.oracle || line.starts_with([':', '!'])) {
            self.found.add(Kind::Shell, "a program on this machine");
            self.found.lines.push(shell.trim().to_owned());
            return true;
        }
        let file = rest.split_whitespace().next().unwrap_or("").trim_matches(['\'', '"']);
        match word.as_str() {
            ":r" | "source" | "!source" | "!load" => self.file(file),
            "start" if self.oracle => self.file(file),
            _ if self.oracle && word.starts_with('@') => {
                let file = word.trim_start_matches('@').to_owned();
                self.file(&if file.contains('.') { file } else { format!("{file}.sql") });
            }
            ":connect" | "!connect" => self.found.not_sure("it goes to another server"),
            _ if self.oracle && word == "connect" => self.found.not_sure("it goes to another server"),
            "ed" | ":ed" | "!edit" | "edit" => self.found.not_sure("an editor decides what runs"),
            _ if word.starts_with(':') || word.starts_with('!') => {}
            _ if self.oracle && is_sqlplus(&word) => {}
            _ => return false,
        }
        true
    }
}

/// Commands of sqlplus that end with the line.
fn is_sqlplus(word: &str) -> bool {
    const ALONE: &[&str] = &[
        "accept",
        "archive",
        "break",
        "btitle",
        "clear",
        "col",
        "column",
        "compute",
        "def",
        "define",
        "desc",
        "describe",
        "exit",
        "pause",
        "print",
        "pro",
        "prompt",
        "quit",
        "rem",
        "remark",
        "repfooter",
        "repheader",
        "set",
        "show",
        "spo",
        "spool",
        "store",
        "timing",
        "ttitle",
        "undef",
        "undefine",
        "var",
        "variable",
        "whenever",
    ];
    ALONE.contains(&word)
}

/// PL/SQL up to a line with `/`.
fn begins_block(text: &str) -> bool {
    let mut words = text.split_whitespace().map(str::to_ascii_lowercase);
    match words.next().as_deref() {
        Some("begin" | "declare") => true,
        Some("create") => words
            .take(4)
            .any(|w| ["procedure", "function", "package", "trigger", "type"].contains(&w.as_str())),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Environment;

    fn statements(line: &[&str], stdin: &str) -> String {
        let argv = line.iter().map(Into::into).collect();
        let invocation =
            Invocation::here(argv, Stdin::Content(stdin.as_bytes().into())).expect("a directory");
        let invocation = invocation.with_environment(Environment::from_pairs([]));
        let command = read(&invocation, &Tool::named("sqlcmd")).commands.remove(0);
        let mut all: Vec<String> = command.traits.values("statement").map(str::to_owned).collect();
        match command.does {
            Does::Acts => {}
            Does::Nothing(_) => all.push("nothing".into()),
            Does::Unsure(_) => all.push("?".into()),
        }
        all.join(" ")
    }

    #[test]
    fn sql_of_other_servers() {
        for (line, stdin, wanted) in [
            (&["sqlcmd", "-S", "db1", "-Q", "DROP DATABASE shop"][..], "", "drop-database"),
            (
                &["sqlcmd", "-Sdb1", "-Q", "USE shop SELECT 1 DROP TABLE [dbo].[orders]"],
                "",
                "select drop-table",
            ),
            (&["sqlcmd", "-Q", "IF EXISTS (SELECT 1) DELETE FROM t"], "", "select delete-all"),
            (&["sqlcmd", "-Q", "EXEC sp_who2"], "", "select"),
            (&["sqlcmd", "-Q", "EXEC xp_cmdshell 'dir'"], "", "copy-program"),
            (&["sqlcmd", "-Q", "CREATE PROCEDURE p AS DELETE FROM t"], "", "create"),
            (&["sqlcmd", "-Q", "ALTER SERVER ROLE sysadmin ADD MEMBER bob"], "", "superuser"),
            (&["sqlcmd", "-Q", "RESTORE DATABASE shop FROM DISK = 'x' WITH REPLACE"], "", "drop-database"),
            (&["sqlcmd"], "SELECT 1\nGO\nTRUNCATE TABLE t\nGO\n", "select truncate"),
            (&["sqlcmd"], ":!!rm x\nSELECT 1\nGO\n", "shell select"),
            (&["sqlcmd", "-Q", "SELECT getdate(), count(*) FROM t WHERE a = 'DROP TABLE t'"], "", "select"),
            (&["sqlcmd", "-?"], "", "nothing"),
            (&["cqlsh", "-e", "DROP KEYSPACE shop"], "", "drop-database"),
            (&["cqlsh", "db1", "-e", "DESCRIBE KEYSPACES"], "", "select"),
            (
                &["cqlsh", "-e", "BEGIN BATCH DELETE FROM t WHERE k = 1; APPLY BATCH"],
                "",
                "delete-where select",
            ),
            (&["snowsql", "-q", "use role sysadmin; drop schema s"], "", "select drop-schema"),
            (&["snowsql", "-q", "create or replace table t as select 1"], "", "drop-table"),
            (&["snow", "sql", "-q", "show tables"], "", "select"),
            (&["snow", "connection", "list"], "", ""),
            (&["snow", "object", "drop", "database", "shop"], "", "?"),
            (&["sqlplus", "me/pw@db"], "set echo on\ndrop user bob cascade;\nexit\n", "drop-owned"),
            (&["sqlplus", "me/pw@db"], "begin\n  delete from t;\nend;\n/\n", "transaction delete-all select"),
            (&["sqlplus", "me/pw@db"], "begin\n  tidy;\nend;\n/\n", "do-block select"),
            (&["sqlplus", "me/pw@db"], "host rm x\nselect 1 from dual;\n", "shell select"),
        ] {
            assert_eq!(statements(line, stdin), wanted, "{line:?} {stdin:?}");
        }
    }
}
