//! `guard rules`: the rules that count, and their own tests.

use crate::invocation::{Invocation, Stdin};
use crate::reading::words::{Line, split};
use crate::rules::load::{self, Case, File, Loaded};
use crate::rules::pack::{Condition, Pack, Rule};
use crate::rules::{Coverage, Match, lint, match_rule, sources};
use crate::settings::Dirs;
use crate::text::show;
use std::ffi::OsStr;
use std::fmt::Write;
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
    /// Show a rule, or all rules of a program, in full
    Show {
        /// `kubectl.delete-namespace`, or `kubectl`
        #[arg(value_name = "RULE|PROGRAM")]
        name: String,
    },
    /// Find rules that can never match or say too little, with file, line and column; run their cases, too
    Lint {
        /// Files or directories [default: the rules.d of the configuration directory]
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
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
        Action::Show { name } => show_rules(name, dirs),
        Action::Lint { paths } => lint_files(paths, dirs),
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

/// 0 when something of that name was found, 66 when not.
fn show_rules(name: &str, dirs: &Dirs) -> i32 {
    let compiled = sources::current(dirs);
    let program = name.split('.').next().unwrap_or(name);
    // `kafka-topics.sh` has a dot of its own.
    let names = compiled.rules.programs().unwrap_or_default();
    let program = names.iter().find(|n| *n == name).map_or(program, String::as_str);
    let longest = names.iter().filter(|n| name.starts_with(&format!("{n}."))).max_by_key(|n| n.len());
    let program = longest.map_or(program, String::as_str);
    let pack = match compiled.rules.coverage(program.as_bytes()) {
        Coverage::Covered(pack) => pack,
        Coverage::Broken(message) => {
            crate::say!("{message}");
            return 78;
        }
        Coverage::Uncovered(_) => {
            crate::say!("there are no rules for {}", show(name));
            crate::say!("hint: `guard rules list` shows all");
            return 66;
        }
    };
    let wanted = |rule: &&Rule| name == program || rule.id == name;
    let rules: Vec<&Rule> = pack.rules.iter().filter(wanted).collect();
    for (i, rule) in rules.iter().enumerate() {
        crate::outln!("{}{}", if i == 0 { "" } else { "\n" }, describe(rule).trim_end());
    }
    if rules.is_empty() {
        crate::say!("there is no rule {}", show(name));
        crate::say!("hint: `guard rules show {program}` shows those of {program}");
        return 66;
    }
    0
}

fn describe(rule: &Rule) -> String {
    let mut text = format!("{}\n", rule.id);
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "  {label:<9}{}", show(value));
    };
    line("is", &format!("{}, {}", rule.severity.word(), rule.effect.word()));
    line("why", &rule.why);
    line("undo", &rule.undo);
    if let Some(safer) = &rule.safer {
        line("safer", safer);
    }
    for condition in &rule.when {
        line("when", &words_of(condition));
    }
    for group in &rule.unless {
        line("unless", &group.iter().map(words_of).collect::<Vec<_>>().join(" and "));
    }
    line("from", &format!("{}:{}:{}", rule.place.file, rule.place.line, rule.place.column));
    text
}

fn words_of(condition: &Condition) -> String {
    match condition.any.as_slice() {
        [any] if any == "*" => format!("{} is given", condition.key),
        [one] => format!("{} is {one}", condition.key),
        many => format!("{} is one of {}", condition.key, many.join(", ")),
    }
}

/// Files named on the command line, or the user's own; a status instead where one cannot be read.
fn files(paths: &[PathBuf], dirs: &Dirs) -> Result<Vec<File>, i32> {
    let default = [dirs.config.join("rules.d")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &default[..] } else { paths } {
        let read = if path.is_dir() {
            load::directory(path)
        } else {
            load::file(path).map(|file| load::Files { found: vec![file], unreadable: Vec::new() })
        };
        let mut read =
            read.unwrap_or_else(|e| load::Files { found: Vec::new(), unreadable: vec![(path.clone(), e)] });
        for (path, why) in &read.unreadable {
            crate::say!("{}:1:1: cannot be read: {why}", path.display());
        }
        if !read.unreadable.is_empty() {
            return Err(78);
        }
        files.append(&mut read.found);
    }
    Ok(files)
}

fn lint_files(paths: &[PathBuf], dirs: &Dirs) -> i32 {
    let loaded = match files(paths, dirs) {
        Ok(files) => load::everything(&files),
        Err(status) => return status,
    };
    let found: Vec<String> = loaded
        .errors
        .iter()
        .cloned()
        .chain(lint::lint(&loaded))
        .map(|e| e.to_string())
        .chain(failures(&loaded))
        .collect();
    found.iter().for_each(|line| crate::say!("{line}"));
    if found.is_empty() { 0 } else { 78 }
}

fn test(paths: &[PathBuf], dirs: &Dirs) -> i32 {
    let loaded = match files(paths, dirs) {
        Ok(files) => load::everything(&files),
        Err(status) => return status,
    };
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
