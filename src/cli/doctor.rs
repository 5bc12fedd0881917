//! `guard doctor`: what is covered, at which tier, and what is wrong.

use super::{executables, shim::Place};
use crate::intercept::doctor::{Finding, Level, examine};
use crate::settings::Dirs;

/// Say what is covered, what is not, and what is wrong
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the findings as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let Some(directory) = args.place.directory() else {
        eprintln!("guard: no home directory: give --dir");
        return 78;
    };
    let findings = examine(&directory, dirs, &executables().finder());
    if args.json {
        println!("{}", json(&findings));
    } else {
        for finding in &findings {
            println!("{:<8} {}", finding.level.word(), crate::text::show(&finding.text));
            if let Some(hint) = &finding.hint {
                println!("{:<8} {}", "", crate::text::show(hint));
            }
        }
    }
    if findings.iter().any(|f| f.level == Level::Broken) { 78 } else { 0 }
}

fn json(findings: &[Finding]) -> serde_json::Value {
    let list: Vec<_> = findings
        .iter()
        .map(|f| serde_json::json!({ "level": f.level.word(), "text": f.text, "hint": f.hint }))
        .collect();
    serde_json::json!({ "v": 1, "findings": list })
}
