//! `guard requests make|run|cancel`: ask now and run later. Must never run anything but what was asked about, in its own
//! directory and environment, nor twice.

use super::failed;
use crate::cli::run::{duration, go, reason};
use crate::gates::Mode;
use crate::gates::approval::{Again, How, Left, NotTaken, Stage, is_abandoned, take_back};
use crate::invocation::Handover;
use crate::settings::Dirs;
use crate::statement::Envelope;
use crate::sys::{process, stdin};
use std::ffi::OsString;
use std::time::Duration;

/// Ask for the approval of a command and leave; `run` runs it once it is approved
///
/// Prints the request's id and ends with 0 as soon as the request is made; nothing has run then. The command, its directory,
/// environment and standard input are kept, readable for you alone, until it is run, taken back or over; without what guard
/// takes for a secret: variables, a command or an input with one in it have to be there again for `run`.
#[derive(Debug, clap::Args)]
pub struct Make {
    /// Why it has to be done
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// How long it may be approved, as 90s, 10m or 2h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    open: Duration,
    /// How long after the last approval it may start
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    within: Duration,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Run a request that was left, once, as it was asked about
///
/// Exit status 65 when anything differs from what was approved, 75 while it is not approved or when it is over, 77 when it
/// was refused, taken back or used before; else the command's own. Where a secret is missing or differs, 65 too, and the
/// approval can still be used.
#[derive(Debug, clap::Args)]
pub struct Claim {
    /// The beginning of the request's id
    pub id: String,
    /// Wait so long for the approval, as 90s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    wait: Option<Duration>,
    /// This process has its directory and environment already
    #[arg(long, hide = true)]
    restored: bool,
    /// The command again, where there is a secret in it
    #[arg(last = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub fn make(args: &Make, dirs: &Dirs) -> i32 {
    let Some(tool) = args.command.first().filter(|word| !word.is_empty()).cloned() else {
        crate::say!("the command has no name");
        return 64;
    };
    let stage = Stage::Leave { open: args.open.as_secs(), within: args.within.as_secs() };
    let how = How { reason: args.reason.as_deref(), wait: None, stage };
    go(&Handover { tool, shim: None, argv: args.command.clone() }, Mode::Interactive, how, dirs)
}

pub fn run(request: &Envelope, args: &Claim, dirs: &Dirs) -> i32 {
    let left = match Left::of(dirs, request) {
        Ok(Some(left)) => left,
        Ok(None) if is_abandoned(dirs, &request.digest()) => {
            let id = &request.digest().hex()[..8];
            let hint =
                format!("nothing ran; `guard requests cancel {id}` takes the request back, then ask again");
            return failed(75, "the command that waited for it is gone, and it cannot run later", &hint);
        }
        Ok(None) => {
            let hint = "it runs there as soon as it is approved";
            return failed(75, "the command that asked waits for the answer itself", hint);
        }
        Err(error) => return failed(78, &error.to_string(), &error.hint()),
    };
    match whole(&left, args) {
        Ok(whole) => go_on(&left, whole, args, dirs),
        Err(Again { what, how }) => failed(65, &format!("refused: {what}"), &how),
    }
}

/// What was left, and what was given again because it is secret.
struct Whole {
    environment: Vec<OsString>,
    words: Vec<OsString>,
    stdin: Option<Vec<u8>>,
}

/// Looked at before anything is asked for or used up.
fn whole(left: &Left, args: &Claim) -> Result<Whole, Again> {
    Ok(Whole { environment: left.environment()?, words: left.words(&args.command)?, stdin: left.stdin()? })
}

fn go_on(left: &Left, whole: Whole, args: &Claim, dirs: &Dirs) -> i32 {
    if !left.is_here(&whole.environment) {
        if args.restored {
            return failed(65, "its directory or environment cannot be restored", "ask again");
        }
        return restore(left, &whole.environment, args, dirs);
    }
    if let Some(bytes) = &whole.stdin
        && let Err(error) = stdin::give(bytes)
    {
        return failed(70, &format!("its standard input cannot be given back: {error}"), "try again");
    }
    let how = How { wait: args.wait, reason: None, stage: Stage::Claim(left) };
    let tool = whole.words.first().cloned().unwrap_or_default();
    go(&Handover { tool, shim: None, argv: whole.words }, Mode::Interactive, how, dirs)
}

/// The same again, in the directory and environment that were asked about.
fn restore(left: &Left, environment: &[OsString], args: &Claim, dirs: &Dirs) -> i32 {
    if let Err(error) = std::env::set_current_dir(&left.cwd) {
        let what = format!("refused: its directory {} is not there: {error}", crate::text::quote(&left.cwd));
        return failed(65, &what, "nothing ran; ask again");
    }
    let Ok(guard) = std::env::current_exe() else {
        return failed(70, "guard cannot find itself", "please report this");
    };
    let mut words: Vec<OsString> = vec!["guard".into(), "--config".into(), dirs.config.clone().into()];
    words.extend(["requests", "run", "--restored"].map(OsString::from));
    if let Some(wait) = args.wait {
        words.extend([OsString::from("--wait"), format!("{}s", wait.as_secs()).into()]);
    }
    words.push(left.request.digest().hex().into());
    if !args.command.is_empty() {
        words.push("--".into());
        words.extend_from_slice(&args.command);
    }
    let error = process::replace_within(&guard, &words, environment);
    failed(70, &format!("guard cannot start itself: {error}"), "please report this")
}

pub fn cancel(request: &Envelope, dirs: &Dirs) -> i32 {
    let id = &request.digest().hex()[..12];
    match take_back(dirs, request) {
        Ok(()) => {
            crate::outln!("{id} is taken back");
            0
        }
        Err(NotTaken::Untold(why)) => {
            crate::outln!("{id} is taken back on this machine");
            failed(
                69,
                &format!("the relay was not told: {why}"),
                "there it ends by itself when its time is over",
            )
        }
        Err(NotTaken::Unkept(why)) => failed(
            69,
            &format!("it is not taken back: that cannot be kept: {why}"),
            &format!("it stands as before; {}", why.hint()),
        ),
        Err(NotTaken::Not(why)) => {
            failed(77, &format!("it cannot be taken back: {why}"), "`guard key show`, `guard team show`")
        }
    }
}
