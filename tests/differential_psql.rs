//! Where guard says that psql connects, against where the real psql goes: random options, connection strings,
//! variables and service files; a stand-in server in this process reads the user and database that psql asks for.
//! The seed is fixed; GUARD_DIFFERENTIAL_CASES asks for more.

#[path = "support/dice.rs"]
mod dice;
#[path = "support/postgres.rs"]
mod postgres;

use dice::Dice;
use guard::invocation::{Environment, Invocation, Stdin};
use guard::reading::{Does, Tool};
use guard::targets::{Datum, Resolution, Value};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

const CASES: usize = 2000;

/// User and database of the last start-up packet.
type Seen = Arc<Mutex<Option<(String, String)>>>;

/// Answers like a server that lets nobody in.
fn serve(mut stream: impl Read + Write, seen: &Seen) -> Option<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length).ok()?;
        let mut body = vec![0; (u32::from_be_bytes(length) as usize).checked_sub(4)?];
        stream.read_exact(&mut body).ok()?;
        match u32::from_be_bytes(body.get(..4)?.try_into().ok()?) {
            80_877_103 | 80_877_104 => stream.write_all(b"N").ok()?,
            _ => {
                let words: Vec<String> =
                    body[4..].split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
                let get = |key: &str| {
                    words
                        .chunks(2)
                        .find(|pair| pair[0] == key)
                        .map(|pair| pair[1].clone())
                        .unwrap_or_default()
                };
                let user = get("user");
                // The server takes the user's name where no database is asked for.
                let database =
                    Some(get("database")).filter(|d| !d.is_empty()).unwrap_or_else(|| user.clone());
                *seen.lock().expect("seen") = Some((user, database));
                let error = b"SFATAL\0C28000\0Mnobody\0\0";
                stream.write_all(b"E").ok()?;
                stream.write_all(&(error.len() as u32 + 4).to_be_bytes()).ok()?;
                stream.write_all(error).ok()?;
                return Some(());
            }
        }
    }
}

/// Ports with a stand-in server on every loopback address, and in two socket directories.
struct World {
    root: PathBuf,
    ports: Vec<String>,
    seen: Seen,
}

impl World {
    fn new() -> World {
        let root = std::env::temp_dir().join(format!("guard-psql-{}", std::process::id()));
        for directory in ["home", "a", "b b"] {
            std::fs::create_dir_all(root.join(directory)).expect("scratch");
        }
        let seen = Seen::default();
        let mut ports = Vec::new();
        for _ in 0..3 {
            let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
            ports.push(listener.local_addr().expect("bound").port().to_string());
            let seen = seen.clone();
            std::thread::spawn(move || listener.incoming().flatten().for_each(|s| _ = serve(s, &seen)));
        }
        for directory in ["a", "b b"] {
            for port in ports.iter().map(String::as_str).chain(["5432"]) {
                let path = root.join(directory).join(format!(".s.PGSQL.{port}"));
                let listener = UnixListener::bind(path).expect("a socket");
                let seen = seen.clone();
                std::thread::spawn(move || listener.incoming().flatten().for_each(|s| _ = serve(s, &seen)));
            }
        }
        World { root, ports, seen }
    }

    fn host(&self, dice: &mut Dice) -> String {
        let one = |dice: &mut Dice| match dice.below(8) {
            0 | 1 => "127.0.0.1".to_owned(),
            2 => "127.0.0.2".to_owned(),
            3 => "127.0.0.3".to_owned(),
            4 => "localhost".to_owned(),
            5 => self.root.join("a").to_string_lossy().into_owned(),
            6 => self.root.join("b b").to_string_lossy().into_owned(),
            _ => "127.0.0.4".to_owned(),
        };
        match dice.below(14) {
            0 => String::new(),
            1 => format!("{},{}", one(dice), one(dice)),
            2 => format!(",{}", one(dice)),
            _ => one(dice),
        }
    }

    fn address(&self, dice: &mut Dice) -> String {
        dice.word(&["127.0.0.5", "127.0.0.6", "127.0.0.7", "", "127.0.0.5,127.0.0.6"]).to_owned()
    }

    fn port(&self, dice: &mut Dice) -> String {
        match dice.below(16) {
            0 => String::new(),
            1 => dice.word(&["x", "0", "70000", "-1", "99999999999", "5 5"]).to_owned(),
            2 => format!("{},{}", dice.pick(&self.ports), dice.pick(&self.ports)),
            3 => format!(" {} ", dice.pick(&self.ports)),
            4 => format!("{},", dice.pick(&self.ports)),
            _ => dice.pick(&self.ports).clone(),
        }
    }
}

fn name(dice: &mut Dice) -> String {
    dice.word(&[
        "prod",
        "staging",
        "a b",
        "",
        "it's",
        "back\\slash",
        "p%64",
        "Ä",
        "x@y",
        "a/b",
        "q?r",
        "--help",
        "-h",
        "e=f",
        "postgres",
        "\"q\"",
        "a,b",
        "h:1",
        "post gres'",
    ])
    .to_owned()
}

/// A parameter and a value.
fn parameter(world: &World, dice: &mut Dice) -> (String, String) {
    let (key, value) = match dice.below(11) {
        0 | 1 => ("host", world.host(dice)),
        2 | 3 => ("port", world.port(dice)),
        4 | 5 => ("dbname", name(dice)),
        6 | 7 => ("user", name(dice)),
        8 => ("hostaddr", world.address(dice)),
        9 => ("service", dice.word(&["one", "two", "none", ""]).to_owned()),
        _ => {
            let key = dice.word(&["application_name", "nokey", "connect_timeout", "Host"]);
            (key, "3".to_owned())
        }
    };
    (key.to_owned(), value)
}

/// `key = 'value'`, sometimes wrong.
fn key_values(world: &World, dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.below(4) {
        let (key, value) = parameter(world, dice);
        let quoted = format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
        let plain = value.replace('\\', "\\\\").replace('\'', "\\'").replace(' ', "\\ ");
        let value = if dice.one_in(2) || value.is_empty() { quoted } else { plain };
        let sign = dice.word(&["=", "=", "=", " = ", "= ", "\t=\n"]);
        text.push_str(&format!("{key}{sign}{value} "));
    }
    match dice.below(20) {
        0 => text + "'",
        1 => text + "word",
        2 => text + "dbname='open",
        3 => text + "dbname=a\\",
        _ => text,
    }
}

fn encoded(dice: &mut Dice, text: &str) -> String {
    let mut all = String::new();
    for byte in text.bytes() {
        let safe = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b',');
        if !safe || dice.one_in(9) {
            all.push_str(&format!("%{byte:02x}"));
        } else {
            all.push(char::from(byte));
        }
    }
    all
}

fn uri(world: &World, dice: &mut Dice) -> String {
    let mut text = dice
        .word(&["postgresql://", "postgres://", "postgresql://", "Postgres://", "postgresql:"])
        .to_owned();
    if dice.one_in(2) {
        let user = name(dice);
        text.push_str(&encoded(dice, &user));
        if dice.one_in(3) {
            text.push_str(dice.word(&[":secret", ":", ":p%40ss"]));
        }
        text.push('@');
    }
    for at in 0..1 + usize::from(dice.one_in(6)) {
        if at > 0 {
            text.push(',');
        }
        let host = world.host(dice);
        if dice.one_in(12) {
            text.push_str(dice.word(&["[::1]", "[::1", "[]"]));
        } else {
            text.push_str(&encoded(dice, &host).replace("%2c", ","));
        }
        if !dice.one_in(4) {
            text.push(':');
            text.push_str(&world.port(dice).replace(' ', "%20"));
        }
    }
    if !dice.one_in(3) {
        let database = name(dice);
        text.push('/');
        text.push_str(&encoded(dice, &database));
    }
    for at in 0..dice.below(3) {
        let (key, value) = parameter(world, dice);
        let value = encoded(dice, &value);
        text.push_str(&format!("{}{key}={value}", if at == 0 { "?" } else { "&" }));
    }
    match dice.below(30) {
        0 => text + "?bad",
        1 => text + "%zz",
        2 => text + "#x",
        3 => text + "%00",
        _ => text,
    }
}

/// The place of a database name.
fn database(world: &World, dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => name(dice),
        1 => key_values(world, dice),
        _ => uri(world, dice),
    }
}

fn arguments(world: &World, dice: &mut Dice) -> Vec<String> {
    let mut all = vec!["-X".to_owned(), "-w".to_owned()];
    for _ in 0..dice.below(5) {
        let value = |dice: &mut Dice, letter: &str, long: &str, value: String| -> Vec<String> {
            match dice.below(4) {
                0 => vec![letter.to_owned(), value],
                1 if !value.is_empty() => vec![format!("{letter}{value}")],
                2 => vec![format!("--{long}={value}")],
                _ => vec![format!("--{long}"), value],
            }
        };
        let more = match dice.below(9) {
            0 | 1 => {
                let host = world.host(dice);
                let long = dice.word(&["host", "hos", "ho"]);
                value(dice, "-h", long, host)
            }
            2 => {
                let port = world.port(dice);
                let long = dice.word(&["port", "por"]);
                value(dice, "-p", long, port)
            }
            3 => {
                let user = name(dice);
                let long = dice.word(&["username", "user", "us"]);
                value(dice, "-U", long, user)
            }
            4 => {
                let text = database(world, dice);
                let long = dice.word(&["dbname", "dbn", "db"]);
                value(dice, "-d", long, text)
            }
            5 | 6 => vec![database(world, dice)],
            7 => vec![
                dice.word(&["-At", "-q", "-l", "--csv", "--bogus", "-v", "--", "-Z", "--set=a=b", "-vx y=1"])
                    .to_owned(),
            ],
            _ => vec![name(dice)],
        };
        all.extend(more);
    }
    all
}

fn variables(world: &World, dice: &mut Dice) -> Vec<(String, String)> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let mut all = vec![
        ("HOME".to_owned(), text(world.root.join("home"))),
        ("PGSYSCONFDIR".to_owned(), text(world.root.join("home"))),
        ("PGCONNECT_TIMEOUT".to_owned(), "3".to_owned()),
        ("LC_ALL".to_owned(), "C".to_owned()),
    ];
    let mut put = |key: &str, value: String| all.push((key.to_owned(), value));
    for _ in 0..dice.below(4) {
        match dice.below(8) {
            0 => put("PGHOST", world.host(dice)),
            1 => put("PGPORT", world.port(dice)),
            2 => put("PGDATABASE", if dice.one_in(4) { uri(world, dice) } else { name(dice) }),
            3 => put("PGUSER", name(dice)),
            4 => put("PGHOSTADDR", world.address(dice)),
            5 => put("PGSERVICE", dice.word(&["one", "two", "none", ""]).to_owned()),
            6 => put(
                "PGSERVICEFILE",
                text(world.root.join("home").join(dice.word(&["other.conf", "missing.conf"]))),
            ),
            _ => put("POSIXLY_CORRECT", "1".to_owned()),
        }
    }
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// A service file, sometimes with a line that libpq refuses.
fn service_file(world: &World, dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..1 + dice.below(3) {
        text.push_str(&format!(
            "{}[{}]\n",
            if dice.one_in(5) { " " } else { "" },
            dice.word(&["one", "two", "one", "three"])
        ));
        for _ in 0..dice.below(4) {
            let (key, value) = parameter(world, dice);
            if key != "service" && key != "nokey" && key != "Host" || dice.one_in(12) {
                let sign = if dice.one_in(20) { " = " } else { "=" };
                text.push_str(&format!("{key}{sign}{}\n", value.replace('\n', " ")));
            }
        }
        if dice.one_in(6) {
            text.push_str(dice.word(&["# note\n", "\n", "word\n"]));
        }
    }
    text
}

/// Where somebody goes: `None` for nowhere.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: String,
    /// Known where a stand-in server was reached.
    who: Option<(String, String)>,
}

/// psql's own account: the first place it tried.
fn observed(
    world: &World,
    psql: &Path,
    arguments: &[String],
    variables: &[(String, String)],
) -> Result<Option<Place>, String> {
    *world.seen.lock().expect("seen") = None;
    let output = Command::new(psql)
        .args(arguments)
        .env_clear()
        .envs(variables.iter().map(|(k, v)| (k, v)))
        .env("PATH", "/usr/bin:/bin")
        .env("RES_OPTIONS", "timeout:1 attempts:1")
        .current_dir(world.root.join("home"))
        .stdin(Stdio::null())
        .output()
        .expect("psql starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let who = world.seen.lock().expect("seen").take();
    if text.contains("could not translate host name") {
        return Err("a name that does not resolve: what comes after it is not the first place".into());
    }
    let tried = text.find("connection to server ");
    let Some(rest) = tried.map(|at| &text[at + "connection to server ".len()..]) else {
        return Ok(None);
    };
    if let Some(path) = rest.strip_prefix("on socket \"").and_then(|r| r.split("\" failed").next()) {
        let (directory, socket) = path.rsplit_once('/').ok_or("no socket path")?;
        let port = socket.rsplit('.').next().unwrap_or("").to_owned();
        return Ok(Some(Place { host: directory.to_owned(), port, who }));
    }
    let host =
        rest.strip_prefix("at \"").and_then(|r| r.split('"').next()).ok_or("no host in the message")?;
    let port = rest
        .split(", port ")
        .nth(1)
        .and_then(|r| r.split(" failed").next())
        .ok_or("no port in the message")?;
    Ok(Some(Place { host: host.to_owned(), port: port.to_owned(), who }))
}

fn first(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Known(Datum::List(all)) => all.first().map(ToString::to_string),
        Value::Known(Datum::Text(text)) => Some(text.clone()),
        Value::Known(other) => Some(other.to_string()),
        Value::Unknown(_) => None,
    }
}

/// guard's account. `Err`: it says that it does not know.
fn foretold(
    world: &World,
    psql: &Path,
    arguments: &[String],
    variables: &[(String, String)],
) -> Result<Option<Place>, String> {
    let argv =
        std::iter::once(psql.to_string_lossy().into_owned()).chain(arguments.iter().cloned()).map(Into::into);
    let environment = Environment::from_pairs(variables.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let invocation = Invocation::here(argv.collect(), Stdin::Content([].into())).expect("a directory");
    let invocation = invocation.with_cwd(world.root.join("home")).with_environment(environment);
    let reading = guard::reading::read(&invocation, &Tool::named("psql"));
    let command = &reading.commands[0];
    match &command.does {
        Does::Nothing(_) => return Ok(None),
        Does::Unsure(why) => return Err(why.clone()),
        Does::Acts => {}
    }
    let targets = match guard::targets::resolve(command, None) {
        Resolution::Nothing(_) => return Ok(None),
        Resolution::Hits(targets) => targets,
    };
    let fact = |key: &str| first(targets.fact(key).map(|f| &f.value)).ok_or(format!("{key} is not known"));
    // psql's message names the address where it has one; the host is then only a name.
    let address = first(targets.fact("hostaddr").map(|f| &f.value)).filter(|a| a != "none");
    let host = address.map_or_else(|| fact("host"), Ok)?;
    Ok(Some(Place { host, port: fact("port")?, who: Some((fact("user")?, fact("dbname")?)) }))
}

/// Names and texts that libpq shortens or shows otherwise are the same place.
fn same(real: &Option<Place>, said: &Option<Place>) -> bool {
    match (real, said) {
        (None, None) => true,
        (Some(real), Some(said)) => {
            let who = match (&real.who, &said.who) {
                (Some((user, database)), Some((u, d))) => user == u && database == d,
                (None, _) => true,
                (Some(_), None) => false,
            };
            real.host == said.host && real.port.trim() == said.port.trim() && who
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[test]
fn guard_and_psql_go_to_the_same_place() {
    let Some(psql) = postgres::psql() else { return };
    let cases = dice::cases(CASES);
    let world = World::new();
    let mut dice = Dice(0x5eed_0002);
    let (mut wrong, mut nowhere, mut unknown, mut asked) = (Vec::new(), 0, 0, 0);
    for case in 0..cases {
        for file in [".pg_service.conf", "pg_service.conf", "other.conf"] {
            let text = service_file(&world, &mut dice);
            std::fs::write(world.root.join("home").join(file), text).expect("a service file");
        }
        let arguments = arguments(&world, &mut dice);
        let variables = variables(&world, &mut dice);
        let Ok(real) = observed(&world, &psql, &arguments, &variables) else { continue };
        nowhere += usize::from(real.is_none());
        asked += usize::from(real.as_ref().is_some_and(|p| p.who.is_some()));
        match foretold(&world, &psql, &arguments, &variables) {
            Ok(said) if same(&real, &said) => {}
            Ok(said) => wrong.push(format!(
                "case {case}: {arguments:?}\n  {:?}\n  psql:  {real:?}\n  guard: {said:?}",
                &variables
            )),
            Err(_) => unknown += 1,
        }
    }
    println!(
        "{cases} cases: {asked} reached a stand-in server, {nowhere} were refused by psql, {unknown} guard does not know"
    );
    let _ = std::fs::remove_dir_all(&world.root);
    assert!(
        wrong.is_empty(),
        "{} of {cases} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
    assert!(unknown * 20 < cases, "guard does not know {unknown} of {cases}");
}
