//! From a verdict to the question on the screen: what, to what, where, how guard knows, what undoes it.

use crate::reading::Command;
use crate::rules::{EnvironmentName, Judged, Verdict};
use crate::targets::Value;
use crate::tty::{FactLine, Level, Question};
use crate::{rules::pack::Severity, text};
use std::time::Duration;

/// A question nobody answers ends by itself.
const TIME_LIMIT: Duration = Duration::from_secs(300);

/// Builds the question. A verdict that asks for a gate has a deciding command; without one the question
/// names nothing and cannot be answered by accident.
pub fn question(verdict: &Verdict) -> Question {
    let Some(judged) = verdict.worst() else {
        return Question {
            title: "unknown command".into(),
            level: Level::Critical,
            environment: "unknown".into(),
            facts: Vec::new(),
            notes: Vec::new(),
            ask: "to run it, type".into(),
            expected: "run unknown command".into(),
            time_limit: TIME_LIMIT,
        };
    };
    Question {
        title: title(&judged.command),
        level: match judged.severity {
            Some(Severity::Critical) | None => Level::Critical,
            Some(Severity::High) => Level::High,
            Some(Severity::Medium | Severity::Low) => Level::Medium,
        },
        environment: environment(judged),
        facts: facts(judged),
        notes: notes(verdict, judged),
        ask: "to run it, type".into(),
        expected: expected(judged),
        time_limit: TIME_LIMIT,
    }
}

fn title(command: &Command) -> String {
    if command.headline.is_empty() {
        text::quote_line(command.invocation.argv())
    } else {
        command.headline.clone()
    }
}

/// What must be typed: the target's own name, or the program's where there is no target.
pub fn expected(judged: &Judged) -> String {
    match judged.targets() {
        Some(targets) if !targets.typed.is_empty() => targets.typed.clone(),
        Some(_) | None => judged.command.tool.clone(),
    }
}

fn environment(judged: &Judged) -> String {
    match &judged.environment {
        EnvironmentName::Named(name) => name.clone(),
        EnvironmentName::Unlabelled => "unlabelled: no environment names this target".into(),
        EnvironmentName::Unknown => "unknown: the target cannot be determined".into(),
    }
}

fn facts(judged: &Judged) -> Vec<FactLine> {
    let named = matches!(judged.environment, EnvironmentName::Named(_));
    // Where only some facts carry the environment's name, the person must see which.
    let disagree = named && judged.because.len() > 1 || judged.because.len() == 1;
    judged
        .targets()
        .into_iter()
        .flat_map(|targets| &targets.facts)
        .map(|fact| {
            let (value, alarm) = match &fact.value {
                Value::Known(datum) => {
                    let says = disagree && judged.because.iter().any(|key| key == fact.key);
                    (datum.to_string(), says && named && judged.environment.word() != "local")
                }
                Value::Unknown(why) => (format!("unknown: {why}"), true),
            };
            FactLine { label: fact.key.to_owned(), value, source: fact.source.clone(), alarm }
        })
        .collect()
}

fn notes(verdict: &Verdict, judged: &Judged) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    let mut note = |label: &str, text: String| notes.push((label.to_owned(), text));
    if let Some(why) = &judged.unsure {
        note("not sure", format!("{why}; judged as the worst that {} can do", judged.command.tool));
    }
    let worst = judged.matched.iter().max_by_key(|rule| rule.severity);
    if let Some(rule) = worst {
        note("why", rule.why.clone());
        note("undo", rule.undo.clone());
        if let Some(safer) = &rule.safer {
            note("safer", safer.clone());
        }
    }
    note("runs", text::show(text::quote_line(judged.command.invocation.argv())));
    let others = verdict.commands.iter().filter(|j| j.is_dangerous()).count();
    if others > 1 {
        note("also", format!("{} more dangerous commands on this line, see `guard explain`", others - 1));
    }
    notes
}
