//! `guard shim add|remove|list`.

use super::executables;
use crate::intercept::{Added, ShimDirectory, ShimError, installed};
use crate::rules::{Coverage, sources};
use crate::settings::{Dirs, default_shims};
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::PathBuf;

/// Put guard before programs on PATH, or take it away
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make shims; without a name, choose from the covered programs that are installed
    Add {
        /// Every covered program that is installed, but those that every script runs (cp, mv, chmod …)
        #[arg(long, conflicts_with = "programs")]
        all: bool,
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "PROGRAM")]
        programs: Vec<String>,
    },
    /// Remove shims
    Remove {
        /// Every shim, and the directory with them
        #[arg(long, conflicts_with = "programs")]
        all: bool,
        #[command(flatten)]
        place: Place,
        #[arg(value_name = "PROGRAM", required_unless_present = "all")]
        programs: Vec<String>,
    },
    /// List shims and the programs behind them
    List {
        #[command(flatten)]
        place: Place,
    },
}

/// Where the shims are.
#[derive(Debug, clap::Args)]
pub struct Place {
    /// The shim directory [default: share/guard/shims beside lib/guard, else ~/.local/share/guard/shims]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

impl Place {
    /// The directory, absolute.
    pub fn directory(&self) -> Option<ShimDirectory> {
        let path = self.dir.clone().or_else(installed_shims).or_else(default_shims)?;
        Some(ShimDirectory { path: std::path::absolute(&path).unwrap_or(path) })
    }
}

/// `PREFIX/share/guard/shims` of an installed `PREFIX/lib/guard/guard`.
fn installed_shims() -> Option<PathBuf> {
    let guard = executables().guard;
    let library = guard.parent().filter(|d| d.ends_with("lib/guard"))?;
    Some(library.parent()?.parent()?.join("share/guard/shims"))
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let (Action::Add { place, .. } | Action::Remove { place, .. } | Action::List { place }) = &args.action;
    let Some(directory) = place.directory() else {
        crate::say!("no home directory: give --dir");
        return 78;
    };
    let outcome = match &args.action {
        Action::Add { all, programs, .. } => match chosen(*all, programs, dirs) {
            Ok(programs) => add(&directory, &programs, dirs),
            Err(status) => return status,
        },
        Action::Remove { all, programs, .. } => remove(&directory, *all, programs),
        Action::List { .. } => list(&directory),
    };
    match outcome {
        Ok(()) => 0,
        Err(error) => {
            crate::say!("{error}");
            crate::say!("hint: {}", error.hint());
            error.status()
        }
    }
}

/// Which programs to add: named, all, or picked from a list on the terminal.
fn chosen(all: bool, named: &[String], dirs: &Dirs) -> Result<Vec<String>, i32> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let rules = sources::current(dirs).rules;
    let present = installed(&rules.programs().unwrap_or_default(), &executables().finder());
    let everyday = |program: &String| match rules.coverage(program.as_bytes()) {
        Coverage::Covered(pack) => pack.tool.by_name,
        Coverage::Broken(_) | Coverage::Uncovered(_) => false,
    };
    if all {
        let (left_out, wanted): (Vec<String>, Vec<String>) = present.into_iter().partition(everyday);
        if !left_out.is_empty() {
            crate::say!("left out, because every script runs them: {}", left_out.join(" "));
            crate::say!("hint: `guard shim add {}` adds one", left_out[0]);
        }
        return Ok(wanted);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        crate::say!("name the programs, or give --all: {}", present.join(" "));
        return Err(64);
    }
    let picked = dialoguer::MultiSelect::new()
        .with_prompt("Put guard before (space marks, Enter ends, Esc leaves)")
        .items(&present)
        .defaults(&present.iter().map(|p| !everyday(p)).collect::<Vec<_>>())
        .interact_opt();
    match picked {
        Ok(Some(marks)) => Ok(marks.into_iter().filter_map(|i| present.get(i).cloned()).collect()),
        Ok(None) => Err(130),
        Err(error) => {
            crate::say!("{error}");
            Err(70)
        }
    }
}

fn add(directory: &ShimDirectory, programs: &[String], dirs: &Dirs) -> Result<(), ShimError> {
    let own = executables();
    directory.prepare(&own.guard, dirs)?;
    for program in programs {
        let said = match directory.add(program, &own.shim)? {
            Added::New => "added",
            Added::Already => "already there",
            Added::Relinked => "updated",
        };
        crate::outln!("{program}: {said}");
    }
    let covered = sources::current(dirs).rules.programs().unwrap_or_default();
    for program in programs.iter().filter(|p| !covered.contains(p)) {
        crate::say!("notice: no rules cover {program}: its shim lets everything pass");
    }
    Ok(())
}

fn remove(directory: &ShimDirectory, all: bool, programs: &[String]) -> Result<(), ShimError> {
    let programs = if all { directory.names()? } else { programs.to_vec() };
    for program in &programs {
        let said = if directory.remove(program)? { "removed" } else { "no such shim" };
        crate::outln!("{}: {said}", crate::text::show(program));
    }
    directory.remove_if_empty()
}

fn list(directory: &ShimDirectory) -> Result<(), ShimError> {
    let finder = executables().finder();
    for name in directory.names()? {
        match finder.find(OsStr::new(&name)) {
            Ok(program) => crate::outln!("{name}\t{}", program.path.display()),
            Err(_) => crate::outln!("{name}\t(not installed)"),
        }
    }
    Ok(())
}
