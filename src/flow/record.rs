//! What the journey tells the audit log. Must never let a refusal depend on whether it could be written.

use crate::audit::{
    self, AuditError, Decision, Intent, IntentId, Log, Mode, Outcome, Receipt, TargetFact, stdin_kind,
};
use crate::exec::Program;
use crate::gates::Clearance;
use crate::gates::approval::Approved;
use crate::invocation::Handover;
use crate::preview::{Preview, Seen};
use crate::rules::{Count, Judged, Verdict};
use crate::settings::Dirs;
use crate::targets::{Fact, Value};
use crate::{gates, tty};

/// The log with one intent in it that waits for its decision.
pub struct Recorder {
    log: Log,
    intent: IntentId,
    preview: Option<audit::Preview>,
}

impl Recorder {
    /// Writes the intent; durable on return.
    pub fn begin(dirs: &Dirs, intent: Intent) -> Result<Recorder, AuditError> {
        let (log, notices) = Log::open(dirs)?;
        for line in notices {
            tty::notice(&line);
        }
        let intent = log.intent(&intent)?;
        Ok(Recorder { log, intent, preview: None })
    }

    /// The name of the intent in the log.
    pub fn intent(&self) -> &str {
        self.intent.as_str()
    }

    /// What was seen of the command at `at`; goes into the decision.
    pub fn saw(&mut self, preview: &Preview, at: Option<usize>) {
        self.preview = at.and_then(|at| preview.outcome(at)).map(|outcome| match outcome {
            Ok(seen) => audit::Preview::Seen { count: count(seen), words: seen.words.clone() },
            Err(why) => audit::Preview::Failed(why.to_owned()),
        });
    }

    /// The decision to run, durable on return.
    pub fn cleared(&self, clearance: &Clearance) -> Result<Option<Receipt>, AuditError> {
        let outcome = if clearance.without.is_some() { Outcome::BreakGlass } else { Outcome::Ran };
        let decision = Decision {
            detail: clearance.without.as_ref().map(|gates| format!("without {gates}")),
            approval: clearance.approved().map(Approved::recorded),
            method: Some(clearance.method.clone()),
            again: clearance.again.clone(),
            reason: clearance.reason.clone(),
            attempts: clearance.attempts,
            wait_ms: clearance.waited_ms,
            opened: clearance.opening.as_ref().map(|_| "read-only"),
            preview: self.preview.clone(),
            ..Decision::new(outcome)
        };
        self.log.decision(&self.intent, &decision)
    }

    /// Something differed from what was asked about, or approved.
    pub fn drifted(&self, change: &str, approved: Option<&Approved>) {
        let approval = approved.map(Approved::recorded);
        self.end(Decision { approval, detail: Some(change.to_owned()), ..Decision::new(Outcome::Drift) });
    }

    /// A decision that needs no receipt. It cannot be undone by a log that cannot be written: it is said.
    pub fn stopped(&self, outcome: Outcome, detail: &str) {
        let detail = Some(detail.to_owned()).filter(|d| !d.is_empty());
        self.end(Decision { detail, ..Decision::new(outcome) });
    }

    fn end(&self, decision: Decision) {
        let decision = Decision { preview: self.preview.clone(), ..decision };
        if let Err(error) = self.log.decision(&self.intent, &decision) {
            crate::say!("the decision could not be recorded: {error}");
        }
    }
}

fn count(seen: &Seen) -> Option<(u64, &'static str)> {
    match seen.count {
        Count::Exactly(n) => Some((n, "exact")),
        Count::About(n) => Some((n, "about")),
        Count::AtLeast(n) => Some((n, "at-least")),
        Count::Unknown => None,
    }
}

/// Everything known about a command before the first question.
pub fn intent(handover: &Handover, verdict: &Verdict, program: &Program) -> Intent {
    let worst = verdict.worst();
    let targets = worst.and_then(Judged::targets);
    Intent {
        tool: worst.map_or_else(|| handover.tool.to_string_lossy().into_owned(), |j| j.command.tool.clone()),
        program: Some(program.path.clone()),
        argv: handover.argv.clone(),
        cwd: std::env::current_dir().unwrap_or_else(|_| "(a directory that was removed)".into()),
        stdin: stdin_kind(),
        shim: handover.shim.clone(),
        mode: Mode::Exec,
        summary: worst.map(|j| format!("{}: {}", gates::expected(j), j.headline())).unwrap_or_default(),
        facts: targets.map(|t| t.facts.iter().map(fact).collect()).unwrap_or_default(),
        environment: verdict.environment.word().to_owned(),
        severity: verdict.severity.map(|s| s.word().to_owned()),
        effect: worst.and_then(|j| j.effect).map(|e| e.word().to_owned()),
        rules: verdict.commands.iter().flat_map(|j| &j.matched).map(|r| r.id.clone()).collect(),
        requires: verdict.requires.iter().map(ToString::to_string).collect(),
        policy: verdict
            .commands
            .iter()
            .flat_map(|j| &j.contributions)
            .map(|c| (c.place.file.clone(), c.place.line))
            .collect(),
        unsure: worst.and_then(|j| j.unsure.clone()),
    }
}

fn fact(fact: &Fact) -> TargetFact {
    let value = match &fact.value {
        Value::Known(datum) => Ok(datum.to_string()),
        Value::Unknown(why) => Err(why.clone()),
    };
    TargetFact { key: fact.key.clone().into_owned(), value, source: fact.source.clone() }
}
