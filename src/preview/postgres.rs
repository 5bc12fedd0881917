//! Rows and bytes that a psql hits, by the planner's and the catalogue's estimates: the same psql on the same connection,
//! in a read-only transaction with a statement time-out. Must never run a statement of the command, and never put
//! a password into a word.

use super::reads::Reads;
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::reading::psql::{self, Action, Options, Words};
use crate::reading::sql::{self, Deed, Kind, Token, Weight};
use crate::rules::Count;
use crate::targets::Targets;
use crate::targets::postgres::{Connection, connection};
use crate::text::redact;
use serde_json::Value as Json;

/// libpq parameters that a variable can carry to the look.
const VARIABLES: &[(&str, &str)] = &[
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslsni", "PGSSLSNI"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("requirepeer", "PGREQUIREPEER"),
    ("require_auth", "PGREQUIREAUTH"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("gssencmode", "PGGSSENCMODE"),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("gsslib", "PGGSSLIB"),
    ("client_encoding", "PGCLIENTENCODING"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
];

/// Parameters that change neither where the look goes nor whom it trusts.
const NO_MATTER: &[&str] = &[
    "application_name",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "options",
    "service",
    "servicefile",
    "sslcompression",
    "tcp_user_timeout",
    "user",
];

/// Variables that would have a say beside what is named explicitly.
const SILENCED: &[&str] = &[
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGOPTIONS",
    "PGCLUSTER",
];

/// How an answer about whole tables is read.
#[derive(Clone, Debug)]
pub struct Relations {
    /// `orders, users`.
    names: String,
    /// Tables that depend on these go too, and are not in the count.
    cascades: bool,
}

pub fn plan(command: &Command, targets: &Targets, limit_ms: u32) -> Plan {
    let Words::Runs(options) = psql::command_line(&command.invocation) else { return Plan::Nothing };
    let run = psql::foresee(&command.invocation, &options);
    let heavy: Vec<&Deed> = run
        .done
        .iter()
        .filter(|d| !d.rolled_back && d.deed.kind.weight() >= Weight::Bounded)
        .map(|d| &d.deed)
        .collect();
    if heavy.is_empty() || run.interactive {
        return Plan::Nothing;
    }
    if !run.moves.is_empty() {
        return Plan::Unable("the session moves between databases".into());
    }
    if command.traits.has("statement", "set") {
        return Plan::Unable("the session changes its settings first".into());
    }
    match query(&heavy, &options) {
        Ok((sql, subject, reads)) => ask(command, targets, &sql, subject, reads, limit_ms)
            .map_or_else(Plan::Unable, Ask::plan),
        Err(Some(why)) => Plan::Unable(why),
        Err(None) => Plan::Nothing,
    }
}

type Query = (String, String, Reads);

/// The statement that counts; the error is why there is none, or nothing where there is nothing to count.
fn query(heavy: &[&Deed], options: &Options) -> Result<Query, Option<String>> {
    let whole =
        |d: &&Deed| matches!(d.kind, Kind::DropTable | Kind::Truncate | Kind::DeleteAll | Kind::UpdateAll);
    if heavy.iter().all(whole) {
        return relations(heavy, options).map_err(Some);
    }
    let [one] = heavy else { return Err(Some("several statements are not counted together".into())) };
    match (one.kind, one.names.as_slice()) {
        (Kind::DeleteWhere | Kind::UpdateWhere | Kind::Merge | Kind::MergeDelete, _) => {
            let statement = only_statement(options).map_err(Some)?;
            let table = one.names.first().map_or("the table", String::as_str);
            let sql = format!("EXPLAIN (FORMAT JSON) {statement}");
            Ok((sql, format!("rows of {table}"), Reads::Explained))
        }
        (Kind::DropSchema, [name]) => {
            let literal = literal(name).map_err(Some)?;
            let sql = RELATIONS.replace("/*HIT*/", &format!(
                "SELECT oid FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.to_regnamespace({literal})"
            ));
            let relations = Relations { names: format!("the schema {name}"), cascades: false };
            Ok((sql, format!("what is in {name}"), Reads::Relations(relations)))
        }
        (Kind::DropDatabase, [name]) => {
            let literal = literal(name).map_err(Some)?;
            let sql = format!(
                "SELECT pg_catalog.pg_database_size(d.oid), (SELECT count(*) FROM pg_catalog.pg_stat_activity a \
                 WHERE a.datid = d.oid) FROM pg_catalog.pg_database d WHERE d.datname = {}",
                literal.replace('"', "")
            );
            Ok((sql, format!("the size of {name}"), Reads::Database(name.clone())))
        }
        (Kind::AlterDropColumn | Kind::AlterTypeUsing, names) if !names.is_empty() => {
            relations(heavy, options).map_err(Some)
        }
        (kind, _) if kind.weight() >= Weight::Heavy => {
            Err(Some("what it reaches is known only as it runs".into()))
        }
        (_, _) => Err(None),
    }
}

/// Tables with their partitions and heirs: how many, their rows by density and present size, as the planner
/// reckons, how many of them were never analysed, and bytes with indexes.
const RELATIONS: &str = "WITH RECURSIVE hit(oid) AS (/*HIT*/ UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i \
    JOIN hit ON i.inhparent = hit.oid) SELECT count(*), coalesce(sum(CASE WHEN c.relpages > 0 AND c.reltuples >= 0 \
    THEN c.reltuples / c.relpages * (pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int) \
    ELSE 0 END), 0)::bigint, count(*) FILTER (WHERE (c.reltuples < 0 OR c.relpages = 0) AND \
    pg_catalog.pg_relation_size(c.oid) > 0), coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::bigint \
    FROM hit JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind IN ('r', 'm', 'p')";

fn relations(deeds: &[&Deed], options: &Options) -> Result<Query, String> {
    let mut names: Vec<&str> = deeds.iter().flat_map(|d| d.names.iter().map(String::as_str)).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    if names.is_empty() {
        return Err("no table is named".into());
    }
    let each: Result<Vec<String>, String> = names
        .iter()
        .map(|name| Ok(format!("SELECT pg_catalog.to_regclass({})::pg_catalog.oid", literal(name)?)))
        .collect();
    let sql = RELATIONS.replace("/*HIT*/", &each?.join(" UNION "));
    let said = |action: &Action| match action {
        Action::Command(text) => text.to_ascii_lowercase().contains("cascade"),
        Action::File(_) => true,
    };
    let extends = deeds.iter().any(|d| matches!(d.kind, Kind::Truncate | Kind::DropTable));
    let cascades = extends && (options.actions.is_empty() || options.actions.iter().any(said));
    let shown = names.join(", ");
    let relations = Relations { names: shown.clone(), cascades };
    Ok((sql, format!("rows of {shown}"), Reads::Relations(relations)))
}

/// A name as a string constant for `to_regclass`; only names that cannot mean anything else in one.
fn literal(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '"' | ' ' | '-');
    if name.is_empty() || !name.chars().all(plain) {
        return Err("the name has characters that need quoting".into());
    }
    Ok(format!("'{name}'"))
}

/// The command's only statement, where it certainly is one: without a semicolon no server sees two in it.
fn only_statement(options: &Options) -> Result<&str, String> {
    let [Action::Command(text)] = options.actions.as_slice() else {
        return Err("the statement does not stand alone on the command line".into());
    };
    let text = text.trim().trim_end_matches(';').trim_end();
    if text.contains(';') || text.contains('\0') {
        return Err("a semicolon stands in the statement".into());
    }
    let cut = sql::cut(text);
    let begins = |t: &Token| matches!(t, Token::Word(w) if ["delete", "update", "merge", "with"].iter().any(|v| w.eq_ignore_ascii_case(v)));
    if cut.unclosed || cut.statements.len() != 1 || !cut.statements[0].first().is_some_and(begins) {
        return Err("the statement is of an unusual form".into());
    }
    if redact::text_for_people(text) != text {
        return Err("the statement seems to hold a secret".into());
    }
    Ok(text)
}

fn ask(
    command: &Command,
    targets: &Targets,
    sql: &str,
    subject: String,
    reads: Reads,
    limit_ms: u32,
) -> Result<Ask, String> {
    let connection = connection(command)?;
    let dbname = connection.get("dbname").ok_or("the database is not known")?;
    let user = connection.get("user").ok_or("the user is not known")?;
    if dbname.contains(['=', '\'', '\\']) || dbname.contains("://") {
        return Err("the database's name could be taken for a connection string".into());
    }
    // What is shown and what is looked at must be one place.
    if targets.text("dbname") != Some(dbname) || targets.text("user") != Some(user) {
        return Err("the connection is not the one that is shown".into());
    }
    let mut ask = Ask::like(&command.invocation, subject, reads);
    ask.environment = environment(&ask.environment, &connection, limit_ms)?;
    for word in ["--no-psqlrc", "--no-password", "--quiet", "--no-align", "--tuples-only", "--field-separator=|"] {
        ask.arg(word);
    }
    ask.arg("--set=ON_ERROR_STOP=1");
    ask.option("--host", &connection.host);
    ask.option("--port", &connection.port);
    ask.option("--username", user);
    ask.option("--dbname", dbname);
    let most = limit_ms.saturating_sub(200).max(100);
    // Said again in SQL: a pooler may drop what stands in PGOPTIONS.
    let limits = format!("SET LOCAL statement_timeout = {most}; SET LOCAL lock_timeout = {}", most / 2);
    for statement in ["BEGIN TRANSACTION READ ONLY", &limits, sql, "ROLLBACK"] {
        ask.option("--command", statement);
    }
    Ok(ask)
}

fn environment(
    own: &crate::invocation::Environment,
    connection: &Connection,
    limit_ms: u32,
) -> Result<crate::invocation::Environment, String> {
    let mut environment = own.clone();
    for name in SILENCED {
        environment = environment.without(name);
    }
    for (name, value) in connection.parameters.iter().filter(|(_, value)| !value.is_empty()) {
        match VARIABLES.iter().find(|(parameter, _)| parameter == name) {
            Some((_, variable)) => environment = environment.set(variable, value.as_ref()),
            None if NO_MATTER.contains(&name.as_str()) => {}
            None => return Err(format!("the connection has a setting that cannot be repeated: {name}")),
        }
    }
    if let Some(address) = &connection.hostaddr {
        environment = environment.set("PGHOSTADDR", address.as_ref());
    }
    let options = format!(
        "{} -c default_transaction_read_only=on -c statement_timeout={limit_ms} -c standard_conforming_strings=on",
        connection.get("options").unwrap_or("")
    );
    environment = environment.set("PGOPTIONS", options.trim_start().as_ref());
    environment = environment.set("PGCONNECT_TIMEOUT", (limit_ms / 1000).max(2).to_string().as_ref());
    Ok(environment.set("PGAPPNAME", "guard preview".as_ref()))
}

impl Relations {
    /// `tables|rows|never analysed|bytes`
    pub fn read(&self, answer: &str) -> Result<Seen, String> {
        let [tables, rows, unknown, bytes] = numbers(answer)?;
        let names = &self.names;
        if tables == 0 {
            return Err(format!("there is no table in {names}, or none of that name"));
        }
        let size = words::bytes(bytes);
        let many = if tables > 1 { format!("{}, ", words::count(tables, "table")) } else { String::new() };
        if unknown > 0 {
            let what = format!("{many}{size} in {names}; how many rows is not known (never analysed)");
            return Ok(Seen::new(Count::AtLeast(rows), what));
        }
        let rows_of = format!("about {} of {names}", words::count(rows, "row"));
        let what = format!("{rows_of}, {many}{size}");
        if self.cascades {
            let what = format!("{what}; with CASCADE more may go");
            return Ok(Seen::new(Count::AtLeast(rows), what));
        }
        Ok(Seen::new(Count::About(rows), what))
    }
}

fn numbers<const N: usize>(answer: &str) -> Result<[u64; N], String> {
    let line = answer.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let all: Result<Vec<u64>, _> = line.split('|').map(|n| n.trim().parse()).collect();
    all.ok().and_then(|all| all.try_into().ok()).ok_or_else(|| "psql's answer is not understood".to_owned())
}

/// `bytes|sessions` of a database.
pub fn database(name: &str, answer: &str) -> Result<Seen, String> {
    if answer.trim().is_empty() {
        return Err(format!("there is no database {name}"));
    }
    let [bytes, sessions] = numbers(answer)?;
    let what = format!("{} in {name}, {} now", words::bytes(bytes), words::count(sessions, "session"));
    Ok(Seen::new(Count::Unknown, what))
}

/// The planner's rows below every node that modifies a table.
pub fn explained(answer: &str) -> Result<Seen, String> {
    let plan: Json = serde_json::from_str(answer).map_err(|_| "the plan is not understood")?;
    let mut found = Modified::default();
    found.visit(&plan[0]["Plan"]);
    let table = found.tables.first().ok_or("the plan changes no table")?.clone();
    let what = format!("about {} of {table}, by the planner's estimate", words::count(found.rows, "row"));
    Ok(Seen::new(Count::About(found.rows), what))
}

#[derive(Default)]
struct Modified {
    rows: u64,
    tables: Vec<String>,
}

impl Modified {
    fn visit(&mut self, node: &Json) {
        let children = || node["Plans"].as_array().into_iter().flatten();
        if node["Node Type"] == "ModifyTable" {
            self.tables.extend(node["Relation Name"].as_str().map(str::to_owned));
            for child in children().filter(|c| c["Parent Relationship"] != "InitPlan") {
                self.rows += child["Plan Rows"].as_u64().unwrap_or(0);
            }
        }
        children().for_each(|child| self.visit(child));
    }
}

#[cfg(test)]
mod tests {
    use super::{Relations, database, explained, literal};
    use crate::rules::Count;

    #[test]
    fn answers_become_estimates() {
        let orders = Relations { names: "orders".into(), cascades: false };
        let seen = orders.read("1|120000|0|9000000\n").expect("numbers");
        assert_eq!(seen.words, "about 120,000 rows of orders, 9.0 MB");
        assert_eq!(seen.count, Count::About(120_000));
        let seen = orders.read("3|5|2|8192\n").expect("numbers");
        assert_eq!(seen.count, Count::AtLeast(5));
        assert!(orders.read("0|0|0|0\n").is_err() && orders.read("ERROR").is_err());
        let all = Relations { names: "orders".into(), cascades: true };
        assert_eq!(all.read("1|7|0|1\n").map(|s| s.count), Ok(Count::AtLeast(7)));
        assert_eq!(database("x", "8000000|2\n").map(|s| s.words), Ok("8.0 MB in x, 2 sessions now".into()));
    }

    #[test]
    fn a_plan_is_counted_at_the_node_that_modifies() {
        let plan = r#"[{"Plan":{"Node Type":"ModifyTable","Relation Name":"orders","Plan Rows":0,"Plans":[
            {"Node Type":"Seq Scan","Parent Relationship":"Outer","Plan Rows":42},
            {"Node Type":"Result","Parent Relationship":"InitPlan","Plan Rows":9}]}}]"#;
        let seen = explained(plan).expect("a plan");
        assert_eq!((seen.count, seen.words.as_str()), (
            Count::About(42),
            "about 42 rows of orders, by the planner's estimate",
        ));
        assert!(explained("[]").is_err() && explained("x").is_err());
    }

    #[test]
    fn names_cannot_leave_their_quotes() {
        assert_eq!(literal("audit.\"Log 1\""), Ok("'audit.\"Log 1\"'".into()));
        for name in ["a'b", "a\\b", "a;b", "a\nb", "", "a(b)"] {
            assert!(literal(name).is_err(), "{name}");
        }
    }
}
