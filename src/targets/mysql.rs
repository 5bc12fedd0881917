//! The server and database that MySQL's and MariaDB's programs reach: host, port, user, dbname, from option files,
//! the command line and variables. Must never contact a server, and never put a password into a fact.

use super::{Datum, Fact, Resolution, Targets, declared};
use crate::invocation::Invocation;
use crate::reading::Command;
use crate::reading::mysql::options::{Given, Parsed, Stop};
use crate::reading::mysql::program::{self, Flavour};
use crate::reading::mysql::{self, Place};
use crate::reading::sql::Weight;

/// A value and where it comes from.
type Found = (String, String);

/// Where a program connects before any statement.
struct Connection {
    /// A host name, or the path of a socket.
    host: Found,
    /// `None` for a socket.
    port: Option<Found>,
    /// Where `connect` goes that names another host.
    other_port: Found,
    user: Option<Found>,
    database: Option<Found>,
}

pub fn resolve(command: &Command) -> Resolution {
    let invocation = &command.invocation;
    let Some(program) = program::of(&command.tool) else { return Resolution::Nothing("not known".into()) };
    let (parsed, flavour) = match mysql::command_line(invocation, program) {
        Ok(found) => found,
        Err(Stop::Nothing(why)) => return Resolution::Nothing(why),
        Err(Stop::Unsure(why)) => return Resolution::Hits(unknown(command, &why)),
    };
    if flavour == Flavour::Oracle && login_file(invocation).is_file() {
        return Resolution::Hits(unknown(command, "the login file may say where, and it is scrambled"));
    }
    if ["dns-srv-name", "login-path"].iter().any(|name| parsed.last(name).is_some()) {
        return Resolution::Hits(unknown(command, "a login path or a DNS record says where"));
    }
    let connection = connection(invocation, &parsed, flavour);
    Resolution::Hits(hits(command, &parsed, &connection))
}

fn login_file(invocation: &Invocation) -> std::path::PathBuf {
    match invocation.var_filled("MYSQL_TEST_LOGIN_FILE") {
        Some(file) => invocation.path(file),
        None => invocation.home().unwrap_or_default().join(".mylogin.cnf"),
    }
}

fn connection(invocation: &Invocation, parsed: &Parsed, flavour: Flavour) -> Connection {
    let given = |name: &str| {
        let given = parsed.last(name)?;
        let value = given.value.clone().filter(|v| !v.is_empty())?;
        Some((value, source(given)))
    };
    let variable = |name: &str| invocation.var_filled(name).map(|value| (value, format!("${name}")));
    let host = given("host").or_else(|| variable("MYSQL_HOST"));
    let named = host.clone().unwrap_or(("localhost".into(), "default".into()));
    let over_network = match protocol(parsed) {
        // A socket is only for localhost: any other name goes over the network all the same.
        Some(tcp) => tcp || named.0 != "localhost",
        None if forced_tcp(parsed, flavour) => true,
        None => named.0 != "localhost",
    };
    let port = given("port").filter(|(p, _)| p.parse() != Ok(0)).or_else(|| variable("MYSQL_TCP_PORT"));
    let other_port = port.unwrap_or_else(|| ("3306".into(), "default".into()));
    let (host, port) = if over_network {
        (named, Some(other_port.clone()))
    } else {
        let socket = given("socket").or_else(|| variable("MYSQL_UNIX_PORT"));
        (socket.unwrap_or_else(|| (default_socket(flavour), "default socket".into())), None)
    };
    let system = || {
        let name = match invocation.user() {
            Some(user) => Some(user.to_owned()),
            None if crate::sys::who::uid() == 0 => Some("root".into()),
            None => crate::sys::who::user_name(),
        };
        name.map(|name| (name, "default: name of the system user".to_owned()))
    };
    Connection { host, port, other_port, user: given("user").or_else(system), database: given("database") }
}

fn source(given: &Given) -> String {
    match &given.file {
        Some(file) => format!("{} in {}", given.name, crate::text::show_line(file, 80)),
        None => format!("--{}", given.name),
    }
}

/// Whether --protocol asks for TCP; `None`: it is not given.
fn protocol(parsed: &Parsed) -> Option<bool> {
    let value = parsed.last("protocol")?.value.as_deref()?.to_ascii_lowercase();
    (!value.is_empty()).then(|| "tcp".starts_with(&value))
}

/// MariaDB: of --port and --socket on the command line itself the last one decides, also for localhost.
fn forced_tcp(parsed: &Parsed, flavour: Flavour) -> bool {
    let own = |g: &&Given| g.file.is_none() && matches!(g.name, "port" | "socket");
    flavour == Flavour::MariaDb && parsed.given.iter().rev().find(own).is_some_and(|g| g.name == "port")
}

/// Compiled in: distributions differ from the makers.
fn default_socket(flavour: Flavour) -> String {
    let candidates = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock"];
    let there = candidates.iter().find(|p| std::path::Path::new(p).exists());
    let debian = std::path::Path::new("/etc/debian_version").exists();
    match (debian, there, flavour) {
        (true, _, Flavour::MariaDb) => candidates[0].into(),
        (true, _, Flavour::Oracle) => "/var/run/mysqld/mysqld.sock".into(),
        (false, Some(path), _) => (*path).into(),
        (false, None, _) => candidates[0].into(),
    }
}

fn hits(command: &Command, parsed: &Parsed, connection: &Connection) -> Targets {
    let mut targets = Targets::new("mysql");
    let places = places(command, parsed);
    let moved: Vec<&str> = places.iter().filter_map(|p| p.host.as_deref()).collect();
    let (host, source) = &connection.host;
    match moved.as_slice() {
        [] => targets.facts.push(Fact::text("host", host.clone(), source.clone())),
        _ => {
            let own = places.iter().any(|p| p.host.is_none()).then_some(host.as_str());
            targets.facts.push(list(
                "host",
                own.into_iter().chain(moved.iter().copied()),
                "connect in the script",
            ));
        }
    }
    let local = |host: &&str| *host == "localhost";
    let port = match moved.iter().all(local) {
        true => &connection.port,
        false => &Some(connection.other_port.clone()),
    };
    targets.facts.push(match port {
        Some((port, source)) => match port.parse() {
            Ok(number) => Fact::known("port", Datum::Number(number), source.clone()),
            Err(_) => Fact::text("port", port.clone(), source.clone()),
        },
        None => Fact::none("port", "a socket"),
    });
    targets.facts.push(match &connection.user {
        Some((user, source)) => Fact::text("user", user.clone(), source.clone()),
        None => Fact::unknown("user", "the system does not know the name of this user", "getpwuid"),
    });
    targets.facts.push(database(command, parsed, connection, &places));
    let local = connection.port.is_none() || matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if local && moved.is_empty() {
        targets.facts.push(declared::machine());
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    targets.typed = typed(&targets, command, connection);
    targets
}

/// The places where something changes; else where the session ends up.
fn places(command: &Command, parsed: &Parsed) -> Vec<Place> {
    if command.tool != "mysql" || !command.traits.has("moves", "yes") {
        return vec![Place::default()];
    }
    let run = mysql::foresee(&command.invocation, parsed);
    let mut all: Vec<Place> = Vec::new();
    for done in run.done.iter().filter(|d| d.deed.kind.weight() >= Weight::Slight) {
        if !all.contains(&done.place) {
            all.push(done.place.clone());
        }
    }
    if all.is_empty() {
        all.push(run.last.clone());
    }
    all
}

fn list<'t>(key: &'static str, values: impl Iterator<Item = &'t str>, source: &str) -> Fact {
    let values: Vec<&str> = values.collect();
    match values.as_slice() {
        [one] => Fact::text(key, *one, source),
        _ => Fact::known(key, Datum::texts(values.iter().copied()), source),
    }
}

fn database(command: &Command, parsed: &Parsed, connection: &Connection, places: &[Place]) -> Fact {
    let key = "dbname";
    match command.tool.as_str() {
        "mysqladmin" => {
            let objects = command.traits.values("object").filter_map(|o| o.strip_prefix("database "));
            let names: Vec<&str> = objects.collect();
            if names.is_empty() {
                return Fact::none(key, "the whole server");
            }
            list(key, names.into_iter(), "the words of the command")
        }
        "mysqldump" if command.traits.has("kind", "everything") => Fact::text(key, "*", "--all-databases"),
        "mysqldump" if parsed.on("databases") => {
            list(key, parsed.operands.iter().map(String::as_str), "--databases")
        }
        "mysqldump" | "mysqlimport" => match parsed.operands.first() {
            Some(name) => Fact::text(key, name.clone(), "first operand"),
            None => Fact::none(key, "not given"),
        },
        _ => {
            let own = parsed.operands.first().map(|name| (name.clone(), "operand".to_owned()));
            let own = own.filter(|(n, _)| !n.is_empty()).or_else(|| connection.database.clone());
            let moved: Vec<&str> = places.iter().filter_map(|p| p.database.as_deref()).collect();
            let stays = places.iter().any(|p| p.database.is_none());
            match (own, moved.as_slice()) {
                (Some((name, source)), []) => Fact::text(key, name, source),
                (None, []) => Fact::none(key, "none is chosen"),
                (own, _) => {
                    let own = own.filter(|_| stays);
                    let all = own.iter().map(|(n, _)| n.as_str()).chain(moved.iter().copied());
                    list(key, all, "USE in the script")
                }
            }
        }
    }
}

/// `orders@prod-db`; what is dropped goes by its own name.
fn typed(targets: &Targets, command: &Command, connection: &Connection) -> String {
    let socket = connection.port.is_none() && targets.text("host") == Some(&connection.host.0);
    let host = match (!socket).then_some(()) {
        Some(()) => targets.text("host").unwrap_or(&connection.host.0).to_owned(),
        None => crate::sys::who::host_name().unwrap_or_else(|| "local".into()),
    };
    let dropped = command.traits.has("statement", "drop-database") || command.traits.has("kind", "drop");
    let object = command.traits.values("object").find_map(|o| o.strip_prefix("database "));
    if let Some(object) = object.filter(|_| dropped) {
        return object.to_owned();
    }
    match targets.text("dbname") {
        Some(name) => format!("{name}@{host}"),
        None => host,
    }
}

fn unknown(command: &Command, why: &str) -> Targets {
    let mut targets = Targets::new("mysql");
    for key in ["host", "port", "user", "dbname"] {
        targets.facts.push(Fact::unknown(key, why, "the connection parameters"));
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    targets.typed = command.tool.clone();
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};
    use crate::reading::Tool;

    /// `user@host:port/db` as psql's tests have it; `-` where there is none.
    fn place(home: &std::path::Path, words: &str, variables: &[(&str, &str)]) -> String {
        let argv = words.split(' ').map(Into::into).collect();
        let text = home.to_string_lossy().into_owned();
        let own = [("HOME", text.as_str()), ("PATH", "/nonexistent")];
        let environment = Environment::from_pairs(own.into_iter().chain(variables.iter().copied()));
        let invocation = Invocation::here(argv, Stdin::Content([].into())).expect("a directory");
        let invocation = invocation.with_cwd(home.to_owned()).with_environment(environment);
        let command = crate::reading::read(&invocation, &Tool::named("mysql")).commands.remove(0);
        match resolve(&command) {
            Resolution::Nothing(why) => why,
            Resolution::Hits(targets) => {
                let shown = |key: &str| targets.fact(key).map(|f| f.value.to_string()).unwrap_or_default();
                format!("{}@{}:{}/{}", shown("user"), shown("host"), shown("port"), shown("dbname"))
            }
        }
    }

    #[test]
    fn option_files_count_in_their_order() {
        let home = std::env::temp_dir().join(format!("guard-mysql-{}", std::process::id()));
        std::fs::create_dir_all(home.join("inc")).expect("a directory");
        let write = |name: &str, text: &str| std::fs::write(home.join(name), text).expect("a file");
        write(
            ".my.cnf",
            &format!(
                "[client]\nhost=home\nport=3310\nuser=u\n!includedir {}/inc\n[mysql]\ndatabase='a # b' # c\n[clientX]\nuser=sfx\n",
                home.display()
            ),
        );
        write("inc/a.cnf", "[client]\nuser=inc\n");
        write("inc/b.txt", "[client]\nuser=never\n");
        write("my.cnf", "[client]\nhost=from-mysql-home\n");
        write("x.cnf", "[client]\nhost=extra\n");
        let of = |words: &str, variables: &[(&str, &str)]| place(&home, words, variables);
        assert_eq!(of("mysql", &[]), "inc@home:3310/a # b");
        assert_eq!(of("mysql --defaults-group-suffix=X", &[]), "sfx@home:3310/a # b");
        assert_eq!(of("mysql shop", &[("MYSQL_GROUP_SUFFIX", "X")]), "sfx@home:3310/shop");
        let text = home.to_string_lossy().into_owned();
        assert_eq!(of("mysql", &[("MYSQL_HOME", &text)]), "inc@home:3310/a # b");
        assert!(
            of("mysql --defaults-file=x.cnf -u bob", &[("MYSQL_HOST", "h")]).starts_with("bob@extra:3306/")
        );
        assert!(of("mysql --no-defaults -u bob", &[("MYSQL_HOST", "h")]).starts_with("bob@h:3306/"));
        assert!(of("mysql --no-defaults -u bob -hlocalhost -P 33", &[]).starts_with("bob@localhost:33/"));
        assert!(of("mysql --no-defaults -u bob -P 33 -S /s", &[]).starts_with("bob@/s:none/"));
        assert!(of("mysql --no-defaults -u bob --protocol=socket -h a", &[]).starts_with("bob@a:3306/"));
        assert_eq!(of("mysql --no-defaults -u bob -p secret", &[("MYSQL_HOST", "h")]), "bob@h:3306/secret");
        assert_eq!(of("mysql shop --no-defaults", &[]), "--no-defaults must come first");
        assert!(of("mysql --defaults-file=gone.cnf", &[]).contains("missing"));
        let _ = std::fs::remove_dir_all(&home);
    }
}
