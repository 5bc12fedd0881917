//! Rows and bytes of what a mysql drops or empties: the server's own estimate in information_schema. Must never
//! repeat a password in a word, nor run a statement that option files add.

use super::reads::Reads;
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::rules::Count;
use crate::targets::{Datum, Targets, Value};

/// How an answer is read.
#[derive(Clone, Debug)]
pub struct Tables(String);

/// Options that stand first, and where the client connects; forwarded as given.
const FIRST: &[&str] =
    &["--defaults-file", "--defaults-extra-file", "--defaults-group-suffix", "--login-path"];
const TLS: &[&str] = &["--ssl-ca", "--ssl-cert", "--ssl-key", "--ssl-mode", "--protocol"];

pub fn plan(command: &Command, targets: &Targets, limit_ms: u32) -> Plan {
    let statements: Vec<&str> = command.traits.values("statement").collect();
    let counted = |s: &str| matches!(s, "drop-database" | "drop-table" | "truncate" | "delete-all");
    let drops = command.tool == "mysqladmin" && command.verb == "drop";
    if !drops && (statements.is_empty() || !statements.iter().all(|s| counted(s))) {
        return Plan::Nothing;
    }
    let text = |key: &str| match targets.fact(key).map(|f| &f.value) {
        Some(Value::Known(Datum::Text(text))) => Some(text.clone()),
        Some(Value::Known(Datum::Number(number))) => Some(number.to_string()),
        Some(Value::Known(Datum::Null | Datum::List(_)) | Value::Unknown(_)) | None => None,
    };
    let database = text("dbname");
    let objects: Vec<&str> = command.traits.values("object").collect();
    let [object] = objects.as_slice() else {
        return Plan::Unable("it acts on more than one thing".into());
    };
    let Some(condition) = condition(object, database.as_deref()) else {
        return Plan::Unable(format!("what holds the {object} is not known"));
    };
    let Some(host) = text("host") else { return Plan::Unable("the server is not known".into()) };
    if command.option("--init-command").is_some() {
        return Plan::Unable("an option adds a statement of its own to each session".into());
    }
    let mut ask = Ask::like(
        &command.invocation,
        format!("what is in {object}"),
        Reads::MySql(Tables((*object).to_owned())),
    );
    if drops {
        // The client beside it reads the same option files.
        let program =
            ask.program.to_string_lossy().replace("mysqladmin", "mysql").replace("mariadb-admin", "mariadb");
        ask.program = program.into();
    }
    if let Some(password) = command.option("--password").filter(|p| !p.is_empty()) {
        ask.environment = ask.environment.set("MYSQL_PWD", password.as_ref());
    }
    let forward = |names: &[&str], ask: &mut Ask| {
        for name in names {
            if let Some(value) = command.option(name).filter(|v| !v.is_empty()) {
                ask.option(name, value);
            }
        }
    };
    forward(FIRST, &mut ask);
    ask.option(if host.starts_with('/') { "--socket" } else { "--host" }, &host);
    for (name, key) in [("--port", "port"), ("--user", "user")] {
        if let Some(value) = text(key) {
            ask.option(name, &value);
        }
    }
    forward(TLS, &mut ask);
    ask.option("--connect-timeout", &limit_ms.div_ceil(1000).to_string());
    ask.option("--init-command", "SET SESSION TRANSACTION READ ONLY");
    for word in ["--batch", "--skip-column-names", "--database=information_schema"] {
        ask.arg(word);
    }
    let query = "SELECT COUNT(*), COALESCE(SUM(table_rows), 0), COALESCE(SUM(data_length + index_length), 0) \
                 FROM information_schema.tables WHERE ";
    ask.option("--execute", &format!("{query}{condition}"));
    ask.plan()
}

/// Which rows of information_schema.tables; only plain names get into a statement.
fn condition(object: &str, database: Option<&str>) -> Option<String> {
    let plain = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'))
    };
    let (class, name) = object.split_once(' ')?;
    if class == "database" {
        return Some(name).filter(plain).map(|name| format!("table_schema = '{name}'"));
    }
    let (schema, table) = match name.split_once('.') {
        Some((schema, table)) => (schema, table),
        None => (database?, name),
    };
    let (schema, table) = (Some(schema).filter(plain)?, Some(table).filter(plain)?);
    (class == "table").then(|| format!("table_schema = '{schema}' AND table_name = '{table}'"))
}

impl Tables {
    pub fn read(&self, answer: &str) -> Result<Seen, String> {
        let numbers: Option<Vec<u64>> =
            answer.trim().split('\t').map(|field| field.split('.').next()?.parse().ok()).collect();
        let Some([tables, rows, bytes]) = numbers.as_deref() else {
            return Err("the server's answer cannot be read".into());
        };
        if *tables == 0 {
            return Err(format!("the server knows no {}", self.0));
        }
        let of = format!("about {} and {} in {}", words::count(*rows, "row"), words::bytes(*bytes), self.0);
        let many = if *tables > 1 { format!(", {}", words::count(*tables, "table")) } else { String::new() };
        Ok(Seen::new(Count::About(*rows), format!("{of}{many}")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Tables, condition, plan};
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::preview::Plan;
    use crate::reading::{Command, Opt};
    use crate::rules::Count;
    use crate::targets::{Datum, Fact, Targets};

    #[test]
    fn the_server_estimates_and_the_password_is_in_no_word() {
        let invocation = Invocation::here(vec!["mysql".into()], Stdin::Unread).expect("a directory");
        let mut command = Command::new(&invocation.with_environment(Environment::default()), "mysql");
        command.traits.add("statement", "drop-table");
        command.traits.add("object", "table orders");
        let option = |name: &str, value: &str| Opt { name: name.into(), value: Some(value.into()), at: 0 };
        command.options = vec![option("--password", "hunter2"), option("--defaults-file", "my.cnf")];
        let mut targets = Targets::new("mysql");
        targets.facts.push(Fact::text("host", "db1", "--host"));
        targets.facts.push(Fact::known("port", Datum::Number(3307), "--port"));
        assert!(matches!(plan(&command, &targets, 3000), Plan::Unable(_)), "no database");
        targets.facts.push(Fact::text("dbname", "shop", "the words of the command"));
        let Plan::Ask(ask) = plan(&command, &targets, 3000) else { panic!("no look") };
        let words: Vec<_> = ask.arguments.iter().map(|w| w.to_string_lossy().into_owned()).collect();
        assert_eq!(words[..3], ["--defaults-file=my.cnf", "--host=db1", "--port=3307"]);
        assert!(words.iter().all(|w| !w.contains("hunter2")), "{words:?}");
        assert!(words.last().is_some_and(|w| w.ends_with("table_schema = 'shop' AND table_name = 'orders'")));
        assert_eq!(ask.environment.get("MYSQL_PWD"), Some("hunter2".as_ref()));
        command.options.push(option("--init-command", "DELETE FROM t"));
        assert!(matches!(plan(&command, &targets, 3000), Plan::Unable(_)));
    }

    #[test]
    fn names_and_answers() {
        assert_eq!(condition("database shop", None).as_deref(), Some("table_schema = 'shop'"));
        assert_eq!(condition("database x' OR '1", None), None);
        assert_eq!(condition("table orders", None), None);
        assert_eq!(condition("view v", Some("shop")), None);
        let seen = Tables("database shop".into()).read("2\t1204\t4096\n").expect("read");
        assert_eq!(seen.count, Count::About(1204));
        assert_eq!(seen.words, "about 1,204 rows and 4.0 kB in database shop, 2 tables");
        assert!(Tables("database shop".into()).read("0\t0\t0\n").is_err());
        assert!(Tables("database shop".into()).read("ERROR 1045\n").is_err());
    }
}
