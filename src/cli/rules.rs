//! `guard rules`: the rules that count, and their own tests.

use crate::invocation::{Invocation, Stdin};
use crate::reading::words::{Line, split};
use crate::rules::load::{self, Case, Loaded};
use crate::rules::pack::Pack;
use crate::rules::{Coverage, Match, match_rule, sources};
use crate::settings::Dirs;
use std::ffi::OsStr;
use std::path::PathBuf;

/// Show the rules that count, or test rule files
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// One line a rule: id, severity, effect, file and line
    List,
    /// Load rule files and run each rule's own hits and misses
    Test {
        /// Files or directories [default: the rules.d of the configuration directory]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    match &args.action {
        Action::List => list(dirs),
        Action::Test { paths } => test(paths, dirs),
    }
}

fn list(dirs: &Dirs) -> i32 {
    let compiled = sources::current(dirs);
    let mut status = 0;
    for program in compiled.rules.programs().unwrap_or_default() {
        match compiled.rules.coverage(program.as_bytes()) {
            Coverage::Covered(pack) if pack.tool.program == program => {
                for rule in &pack.rules {
                    let place = format!("{}:{}", rule.place.file, rule.place.line);
                    crate::outln!("{}\t{}\t{}\t{place}", rule.id, rule.severity.word(), rule.effect.word());
                }
            }
            Coverage::Broken(message) => {
                crate::say!("{message}");
                status = 78;
            }
            Coverage::Covered(_) | Coverage::Uncovered(_) => {}
        }
    }
    status
}

fn test(paths: &[PathBuf], dirs: &Dirs) -> i32 {
    let default = [dirs.config.join("rules.d")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &default[..] } else { paths } {
        let found = if path.is_dir() { load::directory(path) } else { load::file(path).map(|f| vec![f]) };
        match found {
            Ok(mut found) => files.append(&mut found),
            Err(error) => {
                crate::say!("{}: {error}", path.display());
                return 78;
            }
        }
    }
    let loaded = load::everything(&files);
    let failures = failures(&loaded);
    for line in loaded.errors.iter().map(ToString::to_string).chain(failures.iter().cloned()) {
        crate::say!("{line}");
    }
    crate::outln!(
        "{} cases, {} failed, {} files with errors",
        loaded.cases.len(),
        failures.len(),
        loaded.errors.len()
    );
    if failures.is_empty() && loaded.errors.is_empty() { 0 } else { 78 }
}

/// Every hit that does not match its rule and every miss that does, with file and line.
pub fn failures(loaded: &Loaded) -> Vec<String> {
    loaded
        .cases
        .iter()
        .filter_map(|case| {
            let pack = loaded.packs.iter().find(|p| p.rules.iter().any(|r| r.id == case.rule))?;
            failure(case, pack).map(|why| {
                let kind = if case.hit { "hit" } else { "miss" };
                format!(
                    "{}:{}: {} {kind} {:?}: {why}",
                    case.place.file, case.place.line, case.rule, case.line
                )
            })
        })
        .collect()
}

/// A case is judged on the reading; where a rule also asks for a kind of target, a hit may still be open.
fn failure(case: &Case, pack: &Pack) -> Option<String> {
    let Line::Simple { variables, words } = split(OsStr::new(&case.line)) else {
        return Some("is not one plain command line".into());
    };
    let invocation = match Invocation::here(words, Stdin::Terminal) {
        Ok(invocation) => invocation,
        Err(error) => return Some(error.to_string()),
    };
    let environment = variables.iter().fold(invocation.environment().clone(), |all, (n, v)| all.set(n, v));
    let invocation = invocation.with_environment(environment);
    let rule = pack.rules.iter().find(|r| r.id == case.rule)?;
    let reading = crate::reading::read(&invocation, &pack.tool);
    let command = reading.commands.first()?;
    let acts = !matches!(command.does, crate::reading::Does::Nothing(_));
    let matched = match match_rule(rule, command, None) {
        Match::Yes => acts,
        Match::Maybe => acts && case.hit,
        Match::No(_) => false,
    };
    (matched != case.hit).then(|| if case.hit { "does not match".into() } else { "matches".into() })
}
