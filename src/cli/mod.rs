//! guard's own command line: definitions, and one file per subcommand. Must never print foreign text raw.

mod approve;
mod audit;
mod breakglass;
mod check;
mod doctor;
mod explain;
mod inbox;
pub mod init;
mod key;
#[cfg(feature = "relay")]
mod relay;
mod lock;
mod report;
mod requests;
mod rules;
mod run;
mod shim;
mod team;
mod ticket;
mod totp;
mod verify;

use crate::invocation::Handover;
use crate::settings::{Dirs, Marker};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// As clap's own, without the empty line that would not fit a screen.
const HELP: &str = "{before-help}{about-with-newline}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// Stands between you and the command that ruins your night
///
/// guard reads a command as the real tool would, works out which real thing it would touch, and asks you to
/// type that thing's name before something that cannot be undone happens to production.
#[derive(Debug, Parser)]
#[command(name = "guard", version, disable_help_subcommand = true, max_term_width = 100, help_template = HELP)]
pub struct Cli {
    /// Read environments.toml, policy.toml and rules.d/ from DIR
    #[arg(long, global = true, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    Check(check::Args),
    Explain(explain::Args),
    Shim(shim::Args),
    Init(init::Args),
    Doctor(doctor::Args),
    Rules(rules::Args),
    Totp(totp::Args),
    Unlock(lock::Unlock),
    Lock(lock::Lock),
    Audit(audit::Args),
    Key(key::Args),
    Inbox(inbox::Args),
    Approve(approve::Approve),
    Deny(approve::Deny),
    #[cfg(feature = "relay")]
    Relay(relay::Args),
    Breakglass(breakglass::Args),
    Requests(requests::Args),
    Team(team::Args),
    Ticket(ticket::Args),
    Verify(verify::Args),
    Completions(Completions),
}

/// Print a completion script for SHELL
#[derive(Debug, clap::Args)]
struct Completions {
    shell: clap_complete::Shell,
}

/// Every exit status that is guard's own, with its meaning; the man page prints this table.
pub const EXITS: &[(i32, &str)] = &[
    (64, "the command line is wrong"),
    (65, "drift: what would run is no longer what was asked about"),
    (69, "a service that a gate needs is unavailable"),
    (70, "internal error, please report it"),
    (74, "standard output could not be written"),
    (75, "an approval is pending or has expired"),
    (77, "refused: a gate was not passed, or policy says deny"),
    (78, "the configuration is broken"),
    (126, "the program was found but cannot be run"),
    (127, "the program was not found"),
];

/// The table as help and the man page show it.
fn exit_help() -> String {
    let mut text = String::from("Exit status:\n  The guarded program's own, or\n");
    for (status, meaning) in EXITS {
        text.push_str(&format!("  {status:<6} {meaning}\n"));
    }
    text.push_str("  128+n  ended by signal n");
    text
}

/// The definition, for completions and the man page.
pub fn definition() -> clap::Command {
    Cli::command().after_long_help(exit_help())
}

/// What `guard -h` shows: the commands by what they are for, on one screen.
const GROUPS: &[(&str, &str)] = &[
    ("run check explain", "ask and run, or only say what would happen"),
    ("shim init doctor completions", "put guard before programs, see what is wrong"),
    ("rules", "what is asked about, and why"),
    ("audit", "what happened"),
    ("totp unlock lock key", "your second factor and your signing key"),
    ("requests breakglass verify", "approvals you need, going without, proofs"),
    ("inbox approve deny", "what teammates ask you to approve"),
    ("team ticket relay", "people and keys, CI, the mailbox between you"),
];

/// The short help.
pub fn short_help() -> String {
    let about = definition().get_about().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{about}\n\nUsage: guard [OPTIONS] <COMMAND>\n\nCommands:\n");
    for (commands, what) in GROUPS {
        text.push_str(&format!("  {commands:<30} {what}\n"));
    }
    text.push_str(
        "\nOptions:\n  --config <DIR>  Read environments.toml, policy.toml and rules.d/ from DIR\n  -V, --version   Print \
         version\n\n`guard COMMAND -h` says more; `guard --help` lists every command",
    );
    text
}

/// Runs guard's own command line; returns the exit status.
pub fn run(argv: Vec<OsString>) -> i32 {
    if argv.len() == 2 && argv[1] == "-h" {
        crate::outln!("{}", short_help());
        return 0;
    }
    let parsed = definition().try_get_matches_from(argv).and_then(|m| Cli::from_arg_matches(&m));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { 64 } else { 0 };
        }
    };
    let Some(mut dirs) = Dirs::of_user() else {
        crate::say!("no home directory: HOME is not set and the passwd entry has none");
        return 78;
    };
    if let Some(config) = cli.config {
        dirs = dirs.with_config(&config);
    }
    let status = match cli.command {
        Command::Run(args) => run::run(args, &dirs),
        Command::Check(args) => check::run(&args, &dirs),
        Command::Explain(args) => explain::run(&args, &dirs),
        Command::Shim(args) => shim::run(&args, &dirs),
        Command::Init(args) => init::run(&args, &dirs),
        Command::Doctor(args) => doctor::run(&args, &dirs),
        Command::Rules(args) => rules::run(&args, &dirs),
        Command::Unlock(args) => lock::unlock(&args, &dirs),
        Command::Lock(args) => lock::lock(&args, &dirs),
        Command::Totp(args) => totp::run(&args, &dirs),
        Command::Audit(args) => audit::run(&args, &dirs),
        Command::Key(args) => key::run(&args, &dirs),
        Command::Inbox(args) => inbox::run(&args, &dirs),
        Command::Approve(args) => approve::approve(&args, &dirs),
        Command::Deny(args) => approve::deny(&args, &dirs),
        #[cfg(feature = "relay")]
        Command::Relay(args) => relay::run(args),
        Command::Breakglass(args) => breakglass::run(args, &dirs),
        Command::Requests(args) => requests::run(&args, &dirs),
        Command::Team(args) => team::run(&args, &dirs),
        Command::Ticket(args) => ticket::run(&args, &dirs),
        Command::Verify(args) => verify::run(&args, &dirs),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut definition(), "guard", &mut script);
            crate::out!("{}", String::from_utf8_lossy(&script));
            0
        }
    };
    if status == 0 && crate::sys::say::lost() {
        crate::say!("standard output cannot be written");
        return 74;
    }
    status
}

/// Runs a shimmed program: through a link to the full guard, or handed over by the small shim.
pub fn run_shimmed(handover: &Handover) -> i32 {
    let marker = match handover.shim.as_deref().and_then(Path::parent).map(Marker::of) {
        Some(Ok(marker)) => marker,
        None => None,
        Some(Err(why)) => {
            let (what, hint) = why.words();
            crate::say!("refused: {what}");
            crate::say!("hint: {hint}");
            return 78;
        }
    };
    match marker.map(|m| m.dirs).or_else(Dirs::of_user) {
        Some(dirs) => run::shimmed(handover, &dirs),
        None => {
            crate::say!("refused: no home directory: HOME is not set and the passwd entry has none");
            78
        }
    }
}

/// guard's own executables, by which shims are recognised and made.
pub struct Executables {
    pub guard: PathBuf,
    pub shim: PathBuf,
}

/// This executable, and the small shim beside it (itself where there is none).
pub fn executables() -> Executables {
    let guard = std::env::current_exe().unwrap_or_default();
    let beside = guard.with_file_name("guard-shim");
    let shim = if beside.exists() { beside } else { guard.clone() };
    Executables { guard, shim }
}

impl Executables {
    pub fn finder(&self) -> crate::exec::Finder {
        crate::exec::Finder::new(&[&self.guard, &self.shim])
    }
}
