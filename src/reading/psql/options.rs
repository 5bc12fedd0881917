//! psql's option table and what its words mean. Source: psql(1), getopt_long(3).
//! Must never take a value for an option: `-v --version` sets a variable.

use super::client;
use super::variables::is_name;
use super::wrapper::{self, Scan};
use crate::invocation::Invocation;
use crate::reading::grammar::{Grammar, Opt, Parsed, Problem, Spec, Style, Takes, opt};

const TABLE: &[Spec] = &[
    opt("echo-all", 'a', Takes::Nothing),
    opt("no-align", 'A', Takes::Nothing),
    opt("command", 'c', Takes::Value),
    opt("dbname", 'd', Takes::Value),
    opt("echo-queries", 'e', Takes::Nothing),
    opt("echo-errors", 'b', Takes::Nothing),
    opt("echo-hidden", 'E', Takes::Nothing),
    opt("file", 'f', Takes::Value),
    opt("field-separator", 'F', Takes::Value),
    opt("field-separator-zero", 'z', Takes::Nothing),
    opt("host", 'h', Takes::Value),
    opt("html", 'H', Takes::Nothing),
    opt("list", 'l', Takes::Nothing),
    opt("log-file", 'L', Takes::Value),
    opt("no-readline", 'n', Takes::Nothing),
    opt("single-transaction", '1', Takes::Nothing),
    opt("output", 'o', Takes::Value),
    opt("port", 'p', Takes::Value),
    opt("pset", 'P', Takes::Value),
    opt("quiet", 'q', Takes::Nothing),
    opt("record-separator", 'R', Takes::Value),
    opt("record-separator-zero", '0', Takes::Nothing),
    opt("single-step", 's', Takes::Nothing),
    opt("single-line", 'S', Takes::Nothing),
    opt("tuples-only", 't', Takes::Nothing),
    opt("table-attr", 'T', Takes::Value),
    opt("username", 'U', Takes::Value),
    opt("set", 'v', Takes::Value),
    opt("variable", '\0', Takes::Value),
    opt("version", 'V', Takes::Nothing),
    opt("no-password", 'w', Takes::Nothing),
    opt("password", 'W', Takes::Nothing),
    opt("expanded", 'x', Takes::Nothing),
    opt("no-psqlrc", 'X', Takes::Nothing),
    opt("help", '?', Takes::Optional),
    opt("csv", '\0', Takes::Nothing),
];

/// A `-c` or `-f`, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Command(String),
    File(String),
}

/// psql's command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub parsed: Vec<Opt>,
    pub operands: Vec<String>,
    /// From -d or the first operand; as given, not expanded. Empty counts as not given later, but not here.
    pub dbname: Option<(String, &'static str)>,
    pub host: Option<String>,
    pub port: Option<String>,
    pub user: Option<(String, &'static str)>,
    pub list: bool,
    pub no_rc: bool,
    pub single_transaction: bool,
    pub actions: Vec<Action>,
    /// `-v` in order; `None`: unset.
    pub variables: Vec<(String, Option<String>)>,
    /// pg_wrapper's view of the words, when it is pg_wrapper that answers.
    pub wrapper: Option<Scan>,
}

/// What the words amount to before any connection.
pub enum Words {
    Runs(Box<Options>),
    /// psql prints help or refuses, and stops.
    Stops(String),
    /// Not in psql's table, and this psql may know more than the table.
    Unsure(String),
}

/// Reads the command line.
pub fn read(invocation: &Invocation) -> Words {
    let found = client::find(invocation);
    let mut args = invocation.args().to_vec();
    let mut scanned = None;
    if found.wrapper {
        match wrapper::scan(&args) {
            Ok(scan) => {
                args = scan.args.clone();
                scanned = Some(scan);
            }
            Err(why) => return Words::Stops(why),
        }
    }
    let permute = invocation.environment().get("POSIXLY_CORRECT").is_none();
    let parsed = Grammar { style: Style::Getopt, table: TABLE, permute }.parse(&args);
    if parsed.has("--help") || parsed.has("--version") {
        return Words::Stops("help or version only".into());
    }
    match parsed.problems.first() {
        Some(problem) => refused(problem, found),
        None => interpret(parsed, scanned),
    }
}

/// A word psql's getopt refuses, unless this psql may know more options than the table.
fn refused(problem: &Problem, found: client::Client) -> Words {
    match problem {
        Problem::UnknownOption { word, .. } | Problem::Ambiguous { word, .. } => {
            let shown = crate::text::show_line(word.split('=').next().unwrap_or(word), 40);
            if found.refuses_what_is_not_known() {
                Words::Stops(format!("psql refuses option {shown}"))
            } else {
                Words::Unsure(format!("option {shown} is not one of psql's"))
            }
        }
        Problem::MissingValue { name, .. } => Words::Stops(format!("option {name} needs a value")),
        Problem::UnwantedValue { name, .. } => Words::Stops(format!("option {name} takes no value")),
    }
}

fn interpret(parsed: Parsed, wrapper: Option<Scan>) -> Words {
    let last = |name: &str| parsed.last(name).map(str::to_owned);
    let mut options = Options {
        dbname: last("--dbname").map(|d| (d, "-d")),
        host: last("--host"),
        port: last("--port"),
        user: last("--username").map(|u| (u, "-U")),
        list: parsed.has("--list"),
        no_rc: parsed.has("--no-psqlrc"),
        single_transaction: parsed.has("--single-transaction"),
        wrapper,
        ..Options::default()
    };
    for option in &parsed.options {
        let value = option.value.clone().unwrap_or_default();
        match option.name.as_str() {
            "--command" => options.actions.push(Action::Command(value)),
            "--file" => options.actions.push(Action::File(value)),
            "--set" | "--variable" => {
                let (name, value) =
                    value.split_once('=').map_or((value.as_str(), None), |(n, v)| (n, Some(v.to_owned())));
                // Unsetting what cannot exist is no error.
                if value.is_some() && !is_name(name) {
                    return Words::Stops("psql refuses the name of a variable".into());
                }
                options.variables.push((name.to_owned(), value));
            }
            "--single-line" => options.variables.push(("SINGLELINE".into(), Some("on".into()))),
            _ => {}
        }
    }
    options.operands = parsed.operand_words();
    for word in &options.operands {
        if options.dbname.is_none() {
            options.dbname = Some((word.clone(), "first operand"));
        } else if options.user.is_none() {
            options.user = Some((word.clone(), "second operand"));
        }
    }
    if options.single_transaction && options.actions.is_empty() {
        return Words::Stops("-1 needs -c or -f".into());
    }
    options.parsed = parsed.options;
    Words::Runs(Box::new(options))
}
