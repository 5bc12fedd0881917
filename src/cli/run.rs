//! `guard run`, and the road of a shim: gate, then exec.

use super::executables;
use crate::flow::{Run, Way, full};
use crate::gates::Mode;
use crate::invocation::Handover;
use crate::settings::Dirs;
use std::ffi::OsString;

/// Ask what policy asks for, then become the command
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whether questions may be asked; enforce refuses what would need one
    #[arg(long, value_enum, default_value = "interactive")]
    mode: ModeWord,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ModeWord {
    Interactive,
    Enforce,
}

pub fn run(args: Args, dirs: &Dirs) -> i32 {
    let Some(tool) = args.command.first().filter(|word| !word.is_empty()).cloned() else {
        crate::say!("the command has no name");
        return 64;
    };
    let mode = match args.mode {
        ModeWord::Interactive => Mode::Interactive,
        ModeWord::Enforce => Mode::Enforce,
    };
    go(&Handover { tool, shim: None, argv: args.command }, mode, dirs)
}

/// A shim asks where there is a terminal, and refuses where there is none.
pub fn shimmed(handover: &Handover, dirs: &Dirs) -> i32 {
    go(handover, Mode::Interactive, dirs)
}

fn go(handover: &Handover, mode: Mode, dirs: &Dirs) -> i32 {
    let finder = executables().finder();
    full(&Run { handover, mode, way: Way::Gates, dirs, finder: &finder })
}
