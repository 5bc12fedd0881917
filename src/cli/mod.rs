//! guard's own command line: definitions, and one file per subcommand. Must never print foreign text raw.

mod audit;
mod check;
mod report;

use crate::invocation::Stdin;
use crate::settings::Dirs;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// Stands between an engineer and the command that ruins their night
#[derive(Debug, Parser)]
#[command(name = "guard", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Read environments.toml, policy.toml and rules.d/ from DIR
    #[arg(long, global = true, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Audit(audit::Args),
    Check(check::Args),
}

/// Runs guard's own command line; returns the exit status.
pub fn run(argv: Vec<OsString>) -> i32 {
    let cli = match Cli::try_parse_from(argv) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { 64 } else { 0 };
        }
    };
    let Some(mut dirs) = Dirs::of_user() else {
        eprintln!("guard: no home directory: HOME is not set and the passwd entry has none");
        return 78;
    };
    if let Some(config) = cli.config {
        dirs.config = std::path::absolute(&config).unwrap_or(config);
    }
    match cli.command {
        Command::Audit(args) => audit::run(&args, &dirs),
        Command::Check(args) => check::run(&args, &dirs),
    }
}

/// Standard input as `guard check` may read it: whole, up to the limit, when it is not a terminal.
fn stdin_for_reading() -> Stdin {
    use std::io::{IsTerminal, Read};
    let input = std::io::stdin();
    if input.is_terminal() {
        return Stdin::Terminal;
    }
    let mut bytes = Vec::new();
    match input.take(crate::invocation::LIMIT as u64 + 1).read_to_end(&mut bytes) {
        Ok(n) if n > crate::invocation::LIMIT => Stdin::TooMuch,
        Ok(_) => Stdin::Content(bytes.into()),
        Err(_) => Stdin::Unread,
    }
}
