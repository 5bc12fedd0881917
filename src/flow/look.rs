//! When guard looks at a target: for a policy that counts before the verdict is final, and beside the question. Must
//! never look for a command that simply passes.

use super::Run;
use crate::gates::Mode;
use crate::preview::{self, Plan, Preview, Subject};
use crate::rules::Verdict;
use crate::rules::pack::PreviewSettings;
use crate::tty;
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// More commands of one line than this are not looked at; what was not looked at counts as many.
const MOST: usize = 16;

/// The verdict once everything is counted that a policy asks for, and what was seen.
pub fn counted(run: &Run, verdict: Verdict, settings: PreviewSettings) -> (Verdict, Preview) {
    let mut waiting = verdict.waits_for_count();
    if waiting.is_empty() {
        return (verdict, Preview::default());
    }
    // The question will be about this one.
    if let Some(worst) = verdict.worst_at().filter(|at| !waiting.contains(at)) {
        waiting.insert(0, worst);
    }
    let mut preview = start(run, &verdict, &waiting, settings);
    settle(&mut preview, settings);
    let verdict = verdict.counted(&preview.counts());
    (verdict, preview)
}

/// Starts to look at what the question is about, unless that is known or nobody can be asked.
pub fn begin(run: &Run, verdict: &Verdict, settings: PreviewSettings, preview: &mut Preview) {
    if run.mode == Mode::Enforce || !tty::is_there() {
        return;
    }
    if let Some(at) = verdict.worst_at().filter(|at| !preview.knows(*at)) {
        *preview = start(run, verdict, &[at], settings);
    }
}

/// Looks for an approver, who has to know how much it is before anybody is asked: waits for the end of the look, also
/// where there is no terminal.
pub fn for_approval(run: &Run, verdict: &Verdict, settings: PreviewSettings, preview: &mut Preview) {
    let Some(at) = verdict.worst_at() else { return };
    if !preview.knows(at) {
        *preview = start(run, verdict, &[at], settings);
    }
    settle(preview, settings);
}

/// What a second look finds, just before it starts; `None` where looking again is not asked for. It is where a policy
/// counts, and for files, where it costs little.
pub fn again(run: &Run, verdict: &Verdict, settings: PreviewSettings) -> Option<Preview> {
    let at = verdict.worst_at()?;
    let judged = verdict.commands.get(at)?;
    let counts = judged.contributions.iter().any(|c| c.count.is_some());
    let files = judged.targets().is_some_and(|targets| targets.family == "path");
    if !(counts || files) {
        return None;
    }
    let mut preview = start(run, verdict, &[at], settings);
    settle(&mut preview, settings);
    Some(preview)
}

fn settle(preview: &mut Preview, settings: PreviewSettings) {
    let limit = settings.limit_ms.div_ceil(1000);
    // Only for a person who waits: a script's stderr is not guard's.
    preview.settle(|subject| {
        if std::io::stderr().is_terminal() {
            tty::notice(&format!("counting {subject}, at most {limit} s"));
        }
    });
}

fn start(run: &Run, verdict: &Verdict, which: &[usize], settings: PreviewSettings) -> Preview {
    if !settings.enabled {
        return Preview::default();
    }
    let subjects = which.iter().take(MOST).filter_map(|at| subject(run, verdict, *at, settings.limit_ms));
    Preview::start(subjects.collect(), Duration::from_millis(settings.limit_ms.into()))
}

fn subject(run: &Run, verdict: &Verdict, at: usize, limit_ms: u32) -> Option<Subject> {
    let judged = verdict.commands.get(at)?;
    let plan = preview::plan(&judged.command, judged.targets()?, limit_ms);
    let program = match &plan {
        Plan::Ask(ask) => Some(program(run, &ask.program, &ask.directory)),
        Plan::Nothing | Plan::Known(_) | Plan::Unable(_) | Plan::Walk(_) => None,
    };
    Some(Subject { at, plan, program })
}

/// The real program, never a shim; absolute, as the look may start in another directory than guard's.
fn program(run: &Run, word: &OsStr, directory: &Path) -> Result<PathBuf, String> {
    let named = directory.join(word);
    let word = if word.as_encoded_bytes().contains(&b'/') { named.as_os_str() } else { word };
    let found = run.finder.find(word).map_err(|error| error.to_string())?;
    std::path::absolute(&found.path).map_err(|error| error.to_string())
}
