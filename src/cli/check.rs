//! `guard check`: the verdict, and nothing else: asks nothing, runs nothing, changes nothing.

use super::report;
use crate::invocation::Invocation;
use crate::rules::{Coverage, Decision, Depth, Verdict, judge, sources};
use crate::settings::Dirs;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// Say what would happen to a command, without asking or running anything
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the verdict as one JSON object
    #[arg(long)]
    json: bool,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let invocation = match Invocation::here(args.command.clone(), super::stdin_for_reading()) {
        Ok(invocation) => invocation,
        Err(error) => {
            eprintln!("guard: the working directory cannot be determined: {error}");
            return 70;
        }
    };
    let verdict = match verdict(&invocation, dirs) {
        Ok(verdict) => verdict,
        Err(message) => {
            eprintln!("guard: {message}");
            return 78;
        }
    };
    if args.json {
        println!("{}", report::json(&verdict, None));
    } else {
        print!("{}", report::text(&verdict));
    }
    match verdict.decision {
        Decision::Pass | Decision::Notice => 0,
        Decision::Gate(_) | Decision::Refuse => 77,
    }
}

/// The full verdict of a command; a broken rule file is the error.
pub fn verdict(invocation: &Invocation, dirs: &Dirs) -> Result<Verdict, String> {
    let compiled = sources::current(dirs);
    let around = compiled.rules.decide_by()?;
    match compiled.rules.coverage(invocation.program().as_bytes()) {
        Coverage::Broken(message) => Err(message),
        Coverage::Uncovered(_) => {
            let command = crate::reading::Command::new(invocation, &invocation.program().to_string_lossy());
            Ok(judge(vec![(command, None)], &around, Depth::Full))
        }
        Coverage::Covered(pack) => {
            Ok(crate::flow::verdict(invocation, &pack, &compiled.rules, &around, Depth::Full))
        }
    }
}
