//! clickhouse-client: where it connects, and the queries of --query, --queries-file and standard input.
//! Settings are options too, and take a value. Must never take a query for the value of a setting.

use super::sql::dialect::Dialect;
use super::statements::Statements;
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, Stdin};

/// Long name, letter, and whether a value follows.
const OPTIONS: &[(&str, char, bool)] = &[
    ("host", 'h', true),
    ("port", '\0', true),
    ("user", 'u', true),
    ("password", '\0', true),
    ("database", 'd', true),
    ("query", 'q', true),
    ("queries-file", '\0', true),
    ("multiquery", 'n', false),
    ("multiline", 'm', false),
    ("format", 'f', true),
    ("vertical", 'E', false),
    ("time", 't', false),
    ("secure", 's', false),
    ("no-secure", '\0', false),
    ("config-file", 'C', true),
    ("config", '\0', true),
    ("connection", '\0', true),
    ("stacktrace", '\0', false),
    ("progress", '\0', false),
    ("echo", '\0', false),
    ("verbose", '\0', false),
    ("help", '\0', false),
    ("version", 'V', false),
    ("ask-password", '\0', false),
    ("interactive", '\0', false),
    ("ignore-error", '\0', false),
    ("no-warnings", '\0', false),
    ("memory-usage", '\0', false),
    ("output-format", '\0', true),
    ("log-level", '\0', true),
    ("param", '\0', true),
    ("external", '\0', false),
    ("file", '\0', true),
    ("name", '\0', true),
    ("structure", '\0', true),
    ("types", '\0', true),
    ("ssh-key-file", '\0', true),
    ("jwt", '\0', true),
    ("quota_key", '\0', true),
    ("tls-sni-override", '\0', true),
    ("accept-invalid-certificate", '\0', false),
    ("compression", '\0', true),
    ("history_file", '\0', true),
    ("query-fuzzer-runs", '\0', true),
    ("server_logs_file", '\0', true),
    ("highlight", '\0', true),
    ("print-time-to-stderr", '\0', false),
    ("print-profile-events", '\0', false),
    ("disable_suggestion", '\0', false),
    ("prompt", '\0', true),
    ("pager", '\0', true),
    ("opentelemetry-traceparent", '\0', true),
];

/// The words taken apart.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub options: Vec<Opt>,
    pub operands: Vec<String>,
}

impl Line {
    pub fn last(&self, name: &str) -> Option<&str> {
        let all = self.options.iter().rev().filter(|o| o.name.strip_prefix("--") == Some(name));
        all.filter_map(|o| o.value.as_deref()).find(|v| !v.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|o| o.name.strip_prefix("--") == Some(name))
    }
}

/// Takes the words apart; `Err`: nothing runs.
pub fn line(invocation: &Invocation) -> Result<Line, Does> {
    let args: Vec<String> = invocation.args().iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut line = Line::default();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        let here = at;
        at += 1;
        let (name, takes, glued) = match (word.strip_prefix("--"), word.strip_prefix('-')) {
            (Some(body), _) if !body.is_empty() => {
                let (name, value) =
                    body.split_once('=').map_or((body, None), |(n, v)| (n, Some(v.to_owned())));
                let dashed = name.replace('_', "-");
                let row = OPTIONS.iter().find(|(long, _, _)| dashed == long.replace('_', "-"));
                let next = args.get(at).filter(|n| !n.contains(char::is_whitespace) && !n.starts_with('-'));
                match row {
                    Some((long, _, takes)) => ((*long).to_owned(), *takes, value),
                    None => (name.to_owned(), next.is_some() && value.is_none(), value),
                }
            }
            (None, Some(letters)) if !letters.is_empty() => {
                let letter = letters.chars().next().unwrap_or(' ');
                let Some((long, _, takes)) = OPTIONS.iter().find(|(_, short, _)| *short == letter) else {
                    return Err(Does::Unsure(format!("option -{letter} is not one that guard knows")));
                };
                let rest = letters[letter.len_utf8()..].to_owned();
                if !takes && !rest.is_empty() {
                    return Err(Does::Unsure("several letters in one word".into()));
                }
                ((*long).to_owned(), *takes, Some(rest).filter(|r| !r.is_empty()))
            }
            _ => {
                line.operands.push(word.clone());
                continue;
            }
        };
        if matches!(name.as_str(), "help" | "version") {
            return Err(Does::Nothing("help or version only".into()));
        }
        let value = match (glued, takes, args.get(at)) {
            (Some(glued), _, _) => Some(glued),
            // The password may be left out, to be asked for.
            (None, true, Some(next)) if name != "password" || !next.starts_with('-') => {
                at += 1;
                Some(next.clone())
            }
            (None, true, None) if name != "password" => {
                return Err(Does::Nothing(format!("--{name} needs a value")));
            }
            (None, _, _) => None,
        };
        line.options.push(Opt { name: format!("--{name}"), value, at: here });
    }
    Ok(line)
}

/// An operand is a connection string or a query.
pub fn connection_string(line: &Line) -> Option<&str> {
    line.operands
        .iter()
        .map(String::as_str)
        .find(|w| w.starts_with("clickhouse://") || w.starts_with("clickhouses://"))
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    match line(invocation) {
        Ok(line) => {
            command.options = line.options.clone();
            command.operands = line.operands.clone();
            run(invocation, &line).describe(&mut command);
        }
        Err(does) => command.does = does,
    }
    Reading::of(command)
}

fn run(invocation: &Invocation, line: &Line) -> Statements {
    let mut found = Statements::default();
    let values = |name: &'static str| {
        line.options
            .iter()
            .filter(move |o| o.name.strip_prefix("--") == Some(name))
            .filter_map(|o| o.value.clone())
    };
    let mut queries: Vec<String> = values("query").collect();
    let address = connection_string(line);
    queries.extend(line.operands.iter().filter(|w| Some(w.as_str()) != address).cloned());
    let files: Vec<String> = values("queries-file").collect();
    for query in &queries {
        found.sql(query, Dialect::ClickHouse);
    }
    for file in &files {
        if let Some(bytes) = found.file(invocation, file) {
            found.sql(&String::from_utf8_lossy(&bytes), Dialect::ClickHouse);
        }
    }
    if !queries.is_empty() || !files.is_empty() {
        return found; // What comes on standard input is data.
    }
    match invocation.stdin().clone() {
        Stdin::Terminal => found.interactive = true,
        Stdin::Content(bytes) => found.sql(&String::from_utf8_lossy(&bytes), Dialect::ClickHouse),
        Stdin::Unread => found.unread(),
        Stdin::TooMuch => found.stream(),
    }
    found
}
