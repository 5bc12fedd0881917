//! Requests that ended: one by its id, or all that are kept. Must never call one unknown that was seen here.

use super::failed;
use crate::cli::team::now;
use crate::gates::approval::{Fate, Past, ended};
use crate::inbox::span;
use crate::settings::Dirs;
use crate::statement::Hash;
use crate::text::show_line;

/// Seconds for which a request that was approved and did not run stands among those that wait.
const LOST: u64 = 24 * 3600;

/// How the one that is meant ended, with its exit status.
pub fn say(dirs: &Dirs, fits: &dyn Fn(Hash) -> bool) -> i32 {
    let all = match ended(dirs) {
        Ok(all) => all,
        Err(error) => return failed(78, &error.to_string(), &error.hint()),
    };
    match all.iter().filter(|past| fits(past.request)).collect::<Vec<_>>().as_slice() {
        [past] => too_late(past),
        [] => failed(64, "no request with that id was made here", "`guard requests` lists what waits"),
        _ => failed(64, "several requests begin so", "`guard requests --ended` lists them"),
    }
}

pub fn too_late(past: &Past) -> i32 {
    let id = &past.request.hex()[..8];
    let what = format!("request {id} has ended, {} ago: {}", ago(past), past.words());
    failed(past.fate.status(), &what, past.fate.hint())
}

fn ago(past: &Past) -> String {
    span(now().saturating_sub(past.at))
}

/// Those that were approved and did not run, of the last day: nobody else says it.
pub fn lost(dirs: &Dirs) -> Vec<Past> {
    let mut all = ended(dirs).unwrap_or_default();
    all.retain(|past| past.fate == Fate::NotStarted && past.at.saturating_add(LOST) > now());
    all
}

/// A record in two lines.
pub fn tell(past: &Past) {
    let (id, word) = (&past.request.hex()[..8], past.fate.word());
    crate::outln!("{id}  {:<8}  {word:<9}  {}", show_line(&past.severity, 8), show_line(&past.what, 110));
    crate::outln!("          {} ago: {}", ago(past), past.words());
}

/// Everything that is kept, the newest first.
pub fn list(json: bool, dirs: &Dirs) -> i32 {
    let all = match ended(dirs) {
        Ok(all) => all,
        Err(error) => return failed(78, &error.to_string(), &error.hint()),
    };
    if json {
        let ended: Vec<_> = all.iter().rev().map(as_json).collect();
        crate::outln!("{}", crate::text::json(serde_json::json!({ "v": 1, "ended": ended })));
        return 0;
    }
    all.iter().rev().for_each(tell);
    0
}

pub fn as_json(past: &Past) -> serde_json::Value {
    serde_json::json!({
        "id": past.request.hex(), "state": past.fate.word(), "at": past.at, "by": past.by, "why": past.why,
        "severity": past.severity, "command": past.what, "status": past.fate.status(),
    })
}
