//! redis-cli and valkey-cli: options in order, then one command, or commands on standard input.
//! Source: redis-cli.c, parseOptions, of 7.0 and 8.0. Traits: `kind` (what the commands do), `object` (keys),
//! `session` = interactive, `input` = command, stdin, stdin-unread, stream. Must never take an argument of the
//! command for an option.

mod commands;
mod split;

#[cfg(test)]
mod tests;

use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, Stdin};

/// Options with one value. Everything else that begins with a dash and is known has none.
const VALUES: &[&str] = &[
    "-h",
    "-p",
    "-s",
    "-r",
    "-i",
    "-n",
    "-a",
    "-u",
    "-d",
    "-D",
    "-X",
    "-t",
    "--user",
    "--pass",
    "--sni",
    "--cacert",
    "--cacertdir",
    "--cert",
    "--key",
    "--tls-ciphers",
    "--tls-ciphersuites",
    "--show-pushes",
    "--lru-test",
    "--rdb",
    "--functions-rdb",
    "--pipe-timeout",
    "--memkeys-samples",
    "--pattern",
    "--quoted-pattern",
    "--intrinsic-latency",
    "--eval",
    "--count",
    "--cursor",
    "--top",
    "--keystats-samples",
    "--name",
    "--read-timeout",
    "--crl",
    "--crl-dir",
];

const FLAGS: &[&str] = &[
    "-x",
    "-c",
    "-e",
    "-2",
    "-3",
    "-4",
    "-6",
    "--no-auth-warning",
    "--askpass",
    "--raw",
    "--no-raw",
    "--quoted-input",
    "--csv",
    "--json",
    "--quoted-json",
    "--latency",
    "--latency-dist",
    "--latency-history",
    "--vset-recall",
    "--stat",
    "--scan",
    "--replica",
    "--slave",
    "--pipe",
    "--bigkeys",
    "--memkeys",
    "--hotkeys",
    "--keystats",
    "--ldb",
    "--ldb-sync-mode",
    "--tls",
    "--insecure",
    "--verbose",
    "--mptcp",
    "--rdma",
];

/// Modes that only look and leave the command out: those that redis-cli checks before --pipe, and after it.
const LOOKS: &[&str] =
    &["--latency", "--latency-history", "--latency-dist", "--replica", "--slave", "--rdb", "--functions-rdb"];
const LATER_LOOKS: &[&str] =
    &["--bigkeys", "--memkeys", "--hotkeys", "--keystats", "--stat", "--scan", "--intrinsic-latency"];

/// What the options say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub host: Option<String>,
    pub port: Option<String>,
    pub socket: Option<String>,
    pub database: Option<String>,
    pub user: Option<String>,
    pub options: Vec<Opt>,
    pub words: Vec<String>,
}

impl Line {
    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|o| o.name == name)
    }
}

/// Why there is nothing to run, or no telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Nothing(String),
    Unsure(String),
}

/// Takes the words apart.
pub fn line(invocation: &Invocation) -> Result<Line, Stop> {
    let args: Vec<String> = invocation.args().iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut line = Line::default();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        if matches!(word.as_str(), "--help" | "--version" | "-v") || (word == "-h" && at + 1 == args.len()) {
            return Err(Stop::Nothing("help or version only".into()));
        }
        if word == "--cluster" {
            line.options.push(Opt { name: word.clone(), value: None, at });
            line.words = args[at + 1..].to_vec();
            return Ok(line);
        }
        let value = VALUES.contains(&word.as_str());
        if !value && !FLAGS.contains(&word.as_str()) {
            if word.starts_with('-') && word.len() > 1 {
                let shown = crate::text::show_line(word, 40);
                return Err(Stop::Unsure(format!("option {shown} is not one that guard knows")));
            }
            break;
        }
        let given = args.get(at + 1).filter(|_| value).cloned();
        if value && given.is_none() {
            return Err(Stop::Nothing(format!("{word} needs a value")));
        }
        line.take(word, given.as_deref())?;
        line.options.push(Opt { name: word.clone(), value: given, at });
        at += 1 + usize::from(value);
        // The script is the last option; keys and arguments follow.
        if word == "--eval" {
            break;
        }
    }
    line.words = args.get(at..).unwrap_or(&[]).to_vec();
    Ok(line)
}

impl Line {
    /// One option; a later one replaces what an earlier one said.
    fn take(&mut self, word: &str, value: Option<&str>) -> Result<(), Stop> {
        let value = value.unwrap_or_default().to_owned();
        match word {
            "-h" => self.host = Some(value),
            "-p" => {
                let known = !value.starts_with("${");
                if known && !value.parse::<i64>().is_ok_and(|p| (0..=65535).contains(&p)) {
                    return Err(Stop::Nothing("the port is no number from 0 to 65535".into()));
                }
                self.port = Some(value);
            }
            "-s" => self.socket = Some(value),
            "-n" => self.database = Some(value),
            "--user" => self.user = Some(value),
            "-u" => self.uri(&value)?,
            _ => {}
        }
        Ok(())
    }

    /// `redis://user:password@host:port/db`; what it leaves out stays.
    fn uri(&mut self, uri: &str) -> Result<(), Stop> {
        let lower = uri.to_ascii_lowercase();
        let schemes = ["redis://", "rediss://", "valkey://", "valkeys://"];
        let Some(scheme) = schemes.iter().find(|s| lower.starts_with(*s)) else {
            return Err(Stop::Nothing("the URI's scheme is not known".into()));
        };
        let rest = &uri[scheme.len()..];
        // The first @ ends the credentials.
        let (credentials, rest) = match rest.split_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        if let Some((user, _)) = credentials.and_then(|c| c.split_once(':')).filter(|(u, _)| !u.is_empty()) {
            self.user = Some(user.to_owned());
        }
        let (place, database) = rest.split_once('/').map_or((rest, None), |(p, d)| (p, Some(d)));
        let (host, port) = match place.strip_prefix('[').and_then(|p| p.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(h, p)| (h, Some(p))),
        };
        if !host.is_empty() {
            self.host = Some(host.to_owned());
        }
        if let Some(port) = port.filter(|p| !p.is_empty()) {
            self.port = Some(port.to_owned());
        }
        if let Some(database) = database.and_then(|d| d.split(['?', '/']).next()).filter(|d| !d.is_empty()) {
            self.database = Some(database.to_owned());
        }
        Ok(())
    }
}

/// One command, what it does, and in which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub words: Vec<String>,
    pub kind: &'static str,
    /// `None`: the one of the options.
    pub database: Option<String>,
}

/// What would run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub done: Vec<Done>,
    pub unsure: Option<String>,
    pub interactive: bool,
    pub unread: bool,
    pub stream: bool,
}

pub fn foresee(invocation: &Invocation, line: &Line) -> Run {
    let mut run = Run::default();
    let opaque = |words: &[&str], kind| Done {
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        kind,
        database: None,
    };
    if line.has("--cluster") {
        run.done.push(Done {
            words: line.words.clone(),
            kind: commands::cluster(&line.words),
            database: None,
        });
    } else if LOOKS.iter().any(|name| line.has(name)) {
        let exports = line.has("--rdb") || line.has("--replica") || line.has("--slave");
        run.done.push(opaque(&["look"], if exports { "export" } else { "read" }));
    } else if line.has("--pipe") {
        run.done.push(opaque(&["--pipe"], "script"));
    } else if LATER_LOOKS.iter().any(|name| line.has(name)) {
        run.done.push(opaque(&["look"], "read"));
    } else if line.has("--lru-test") {
        run.done.push(opaque(&["--lru-test"], "write"));
    } else if line.has("--eval") {
        run.done.push(opaque(&["--eval"], "script"));
    } else if line.words.is_empty() {
        from_stdin(invocation, &mut run);
    } else {
        let kind = commands::kind(&line.words);
        run.done.push(Done { words: line.words.clone(), kind, database: None });
    }
    run
}

/// Commands on standard input, one a line.
fn from_stdin(invocation: &Invocation, run: &mut Run) {
    match invocation.stdin() {
        Stdin::Terminal => run.interactive = true,
        Stdin::TooMuch => {
            run.stream = true;
            run.unsure = Some("commands come from a stream that cannot be read before they run".into());
        }
        Stdin::Unread => {
            run.unread = true;
            run.unsure = Some("commands come from a pipe or file on standard input that was not read".into());
        }
        Stdin::Content(bytes) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let mut database = None;
            for line in text.lines() {
                let Some(mut words) = split::words(line) else { continue };
                // A number in front repeats the command.
                if words.len() > 1 && words[0].parse::<i64>().is_ok() {
                    words.remove(0);
                }
                // A preference of redis-cli's own begins with a colon.
                let first = words.first().filter(|w| !w.starts_with(':')).map(|w| w.to_ascii_lowercase());
                let Some(first) = first else { continue };
                if matches!(first.as_str(), "quit" | "exit") {
                    break;
                }
                let kind = commands::kind(&words);
                match first.as_str() {
                    "select" => database = words.get(1).cloned(),
                    "connect" => run.unsure = Some("connect moves the session to another server".into()),
                    _ => run.done.push(Done { words, kind, database: database.clone() }),
                }
            }
        }
    }
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    match line(invocation) {
        Ok(line) => describe(&mut command, &line),
        Err(Stop::Nothing(why)) => command.does = Does::Nothing(why),
        Err(Stop::Unsure(why)) => command.does = Does::Unsure(why),
    }
    Reading::of(command)
}

fn describe(command: &mut Command, line: &Line) {
    command.options = line.options.clone();
    command.operands = line.words.clone();
    let run = foresee(&command.invocation.clone(), line);
    let worst = run.done.iter().rev().max_by_key(|d| commands::weight(d.kind));
    command.verb = worst.and_then(|d| d.words.first()).map(|w| w.to_ascii_lowercase()).unwrap_or_default();
    command.headline = match worst {
        Some(done) => {
            let shown: Vec<String> = done.words.iter().take(4).cloned().collect();
            crate::text::show_line(shown.join(" "), 100)
        }
        None if run.stream => "commands from a stream".into(),
        None if run.interactive => "an interactive session".into(),
        None => "no command".into(),
    };
    for done in &run.done {
        command.traits.add("kind", done.kind);
        if let Some(keys) = commands::keys(done) {
            keys.iter().take(100).for_each(|key| command.traits.add("object", format!("key {key}")));
        }
    }
    command.traits.add("input", if line.words.is_empty() { "stdin" } else { "command" });
    if run.interactive {
        command.traits.add("session", "interactive");
    }
    if run.unread {
        command.traits.add("input", "stdin-unread");
    }
    if run.stream {
        command.traits.add("input", "stream");
    }
    if let Some(why) = run.unsure {
        command.does = Does::Unsure(why);
    }
}
