//! `guard check`: the verdict, and nothing else: asks nothing, runs nothing, changes nothing.

use super::report;
use crate::flow::{self, Broken};
use crate::invocation::{Invocation, LIMIT, Stdin};
use crate::rules::{Coverage, Decision, Depth, Verdict, sources};
use crate::settings::Dirs;
use std::ffi::OsString;
use std::io::{IsTerminal, Read};
use std::os::unix::ffi::OsStrExt;

/// Say what would happen to a command, without asking or running anything
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the verdict as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    subject: Subject,
}

/// A command, as words or as a shell line.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Subject {
    /// Read LINE as bash would; files and contexts that it names need not be here
    #[arg(long, value_name = "LINE")]
    shell: Option<OsString>,
    /// The command
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// No verdict was reached.
pub struct Stopped {
    status: i32,
    message: String,
}

impl Subject {
    /// A command as words.
    pub fn words(command: Vec<OsString>) -> Subject {
        Subject { shell: None, command }
    }
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl Stopped {
    pub fn status(&self) -> i32 {
        self.status
    }

    pub fn say(&self) -> i32 {
        crate::say!("{}", self.message);
        self.status
    }
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let verdict = match examine(&args.subject, dirs) {
        Ok((_, verdict)) => verdict,
        Err(stopped) => return stopped.say(),
    };
    if args.json {
        crate::outln!("{}", crate::text::json(report::json(&verdict)));
    } else {
        crate::out!("{}", report::text(&verdict));
    }
    match verdict.decision {
        Decision::Pass | Decision::Notice => 0,
        Decision::Gate(_) | Decision::Refuse => 77,
    }
}

/// Reads and judges, with every target resolved and standard input read.
pub fn examine(subject: &Subject, dirs: &Dirs) -> Result<(Invocation, Verdict), Stopped> {
    let invocation = invocation(subject)?;
    let rules = sources::looked_up(dirs);
    let broken = |Broken(message)| stopped(78, format!("rules do not load: {message}"));
    let around = rules.decide_by().map_err(|m| broken(Broken(m)))?;
    let pack = match rules.coverage(invocation.program().as_bytes()) {
        Coverage::Broken(message) => return Err(broken(Broken(message))),
        Coverage::Uncovered(_) => None,
        Coverage::Covered(pack) => Some(pack),
    };
    let mut verdict =
        flow::verdict(&invocation, pack.as_ref(), &rules, &around, Depth::Full).map_err(broken)?;
    // The shell that would read the line is running already.
    if subject.shell.is_some() && verdict.commands.first().is_some_and(|j| j.unsure.is_none()) {
        verdict.commands.remove(0);
    }
    Ok((invocation, verdict))
}

fn stopped(status: i32, message: impl Into<String>) -> Stopped {
    Stopped { status, message: message.into() }
}

/// The command; a line is what an interactive bash would make of it.
fn invocation(subject: &Subject) -> Result<Invocation, Stopped> {
    let words = match &subject.shell {
        None => subject.command.clone(),
        // -p: an interactive shell does not read BASH_ENV.
        Some(line) => vec!["bash".into(), "-pc".into(), line.clone()],
    };
    if words.first().is_none_or(|word| word.is_empty()) {
        return Err(stopped(64, "the command has no name"));
    }
    let stdin = match stdin() {
        // A line is typed at a terminal, and what it starts can ask there: a program's own question is no safety.
        Stdin::Content(bytes) if subject.shell.is_some() && bytes.is_empty() => Stdin::Terminal,
        stdin => stdin,
    };
    let invocation = Invocation::of_process(words, stdin);
    // A line is looked at before somebody runs it, there where its files, repositories and contexts are.
    Ok(if subject.shell.is_some() { invocation.supposed() } else { invocation })
}

/// Nothing runs after `check`, so standard input can be read to its end.
fn stdin() -> Stdin {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Stdin::Terminal;
    }
    let mut bytes = Vec::new();
    match input.take(LIMIT as u64 + 1).read_to_end(&mut bytes) {
        Ok(n) if n > LIMIT => Stdin::TooMuch,
        Ok(_) => Stdin::Content(bytes.into()),
        Err(_) => Stdin::Unread,
    }
}
