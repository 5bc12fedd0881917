//! `guard doctor`: what is covered, at which tier, and what is wrong.

use super::{executables, shim::Place};
use crate::audit::{self, AuditError, Standing};
use crate::intercept::doctor::{Finding, Level, examine};
use crate::settings::{Dirs, Marker};
use crate::sys::file::can_be_made;

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
        crate::say!("no home directory: give --dir");
        return 78;
    };
    let mut findings = examine(&directory, dirs, &executables().finder());
    findings.insert(1.min(findings.len()), log(dirs));
    findings.extend(super::key::findings(dirs));
    findings.extend(super::totp::findings(dirs));
    findings.extend(super::breakglass::findings(dirs));
    findings.extend(super::ticket::findings(dirs));
    findings.extend(ignored());
    findings.extend(elsewhere(dirs));
    if args.json {
        crate::outln!("{}", crate::text::json(json(&findings)));
    } else {
        for finding in &findings {
            print(finding.level.word(), &finding.text);
            if let Some(hint) = &finding.hint {
                print("", &format!("-> {hint}"));
            }
        }
    }
    if findings.iter().any(|f| f.level == Level::Broken) { 78 } else { 0 }
}

/// Columns of the text; the level stands before it.
const WIDTH: usize = 70;

/// One finding, wrapped between words.
fn print(level: &str, text: &str) {
    let mut line = String::new();
    let mut level = level;
    for word in crate::text::show(text).split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            crate::outln!("{level:<8} {line}");
            (level, line) = ("", String::new());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    crate::outln!("{level:<8} {line}");
}

/// Variables that name no absolute path: the specification has them ignored, and files are not where somebody looks.
fn ignored() -> Vec<Finding> {
    ["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"]
        .into_iter()
        .filter(|name| {
            let value = crate::sys::entry::variable(name).unwrap_or_default();
            !value.is_empty() && !std::path::Path::new(value).is_absolute()
        })
        .map(|name| Finding {
            level: Level::Warning,
            text: format!("{name} is no absolute path, and is ignored"),
            hint: Some(format!("`export {name}=\"$PWD/…\"`, or unset it")),
        })
        .collect()
}

/// Shims that keep their state in another place than guard's commands do in this shell.
fn elsewhere(dirs: &Dirs) -> Option<Finding> {
    let marker = Marker::on_path().into_iter().next()?;
    let (shims, here) = (&marker.dirs.state, &dirs.state);
    (shims != here).then(|| Finding {
        level: Level::Warning,
        text: format!(
            "the shims keep their state below {}, this shell's guard below {}",
            shims.display(),
            here.display()
        ),
        hint: Some("unset XDG_STATE_HOME, or `guard shim add` again with it set".into()),
    })
}

/// Whether the audit log holds.
fn log(dirs: &Dirs) -> Finding {
    let found = |level, text: String, hint: Option<String>| Finding { level, text, hint };
    match audit::verify(dirs) {
        Err(AuditError::NoLog { .. }) if !can_be_made(&dirs.state) => found(
            Level::Broken,
            format!("the audit log cannot be made in {}: gated commands are refused", dirs.state.display()),
            Some(
                "point XDG_STATE_HOME at a directory that you can write, or unset it for ~/.local/state"
                    .into(),
            ),
        ),
        Err(AuditError::NoLog { .. }) => {
            found(Level::Good, "no audit log yet: the first gated command begins it".into(), None)
        }
        Err(error) => found(Level::Broken, error.to_string(), Some(error.hint())),
        Ok(report) => {
            let entries = if report.entries == 1 { "entry" } else { "entries" };
            let text = format!("audit log: {} {entries} below {}", report.entries, dirs.state.display());
            match report.standing() {
                Standing::Ok => found(Level::Good, text, None),
                Standing::Damaged | Standing::Unknown => found(
                    Level::Warning,
                    format!("{text}, not all of it whole"),
                    Some("`guard audit verify` says where".into()),
                ),
                Standing::Tampered => found(
                    Level::Broken,
                    format!("{text}, tampered with"),
                    Some("`guard audit verify` says where".into()),
                ),
            }
        }
    }
}

fn json(findings: &[Finding]) -> serde_json::Value {
    let list: Vec<_> = findings
        .iter()
        .map(|f| serde_json::json!({ "level": f.level.word(), "text": f.text, "hint": f.hint }))
        .collect();
    serde_json::json!({ "v": 1, "findings": list })
}
