//! `guard audit`: reading the log. Must never change it, and never print foreign text raw.

mod show;
mod verify;

use crate::audit::AuditError;
use crate::settings::Dirs;

/// Read the audit log
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Show(show::Args),
    Verify(verify::Args),
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    match &args.command {
        Command::Show(args) => show::run(args, dirs),
        Command::Verify(args) => verify::run(args, dirs),
    }
}

fn complain(error: &AuditError) {
    crate::say!("{error}");
    crate::say!("hint: {}", error.hint());
}

/// Prints, and says whether somebody was there to read it.
fn print(text: &str) -> bool {
    crate::sys::say::data(text);
    !crate::sys::say::lost()
}
