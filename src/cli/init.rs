//! `guard init`: what goes into a shell's start-up file, on stdout.

use super::{executables, shim::Place};
use crate::intercept::{Shell, StartUp, installed, start_up};
use crate::rules::sources;
use crate::settings::Dirs;

/// Print what to put in the shell's start-up file: eval "$(guard init bash)"
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: ShellWord,
    /// Shims cover scripts too; aliases only what is typed, and change no PATH
    #[arg(long, value_enum, default_value = "shim")]
    mode: ModeWord,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ShellWord {
    Bash,
    Zsh,
    Fish,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ModeWord {
    Shim,
    Alias,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let shell = match args.shell {
        ShellWord::Bash => Shell::Bash,
        ShellWord::Zsh => Shell::Zsh,
        ShellWord::Fish => Shell::Fish,
    };
    match args.mode {
        ModeWord::Shim => {
            let Some(directory) = args.place.directory() else {
                crate::say!("no home directory: give --dir");
                return 78;
            };
            crate::out!("{}", start_up(shell, &StartUp::Shims(&directory.path)));
        }
        ModeWord::Alias => {
            let own = executables();
            let programs = sources::current(dirs).rules.programs().unwrap_or_default();
            let programs = installed(&programs, &own.finder());
            let config =
                Dirs::of_user().filter(|usual| usual.config != dirs.config).map(|_| dirs.config.as_path());
            crate::out!(
                "{}",
                start_up(shell, &StartUp::Aliases { guard: &own.guard, config, programs: &programs })
            );
        }
    }
    0
}
