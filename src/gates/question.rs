//! From a verdict to the question on the screen: what, to what, where, how guard knows, what undoes it.

use super::wording::fill;
use crate::rules::pack::Severity;
use crate::rules::{EnvironmentName, Judged, Verdict};
use crate::targets::{Datum, Value};
use crate::text::redact;
use crate::tty::{FactLine, Level, Question, TIME_LIMIT};

const ASK: &str = "to run it, type";

/// Builds the question. A verdict that asks for a gate has a deciding command; without one the question
/// names nothing and cannot be answered by accident.
pub fn question(verdict: &Verdict) -> Question {
    let Some(judged) = verdict.worst() else {
        return Question {
            title: "unknown command".into(),
            level: Level::Critical,
            environment: "unknown".into(),
            command: String::new(),
            facts: Vec::new(),
            notes: Vec::new(),
            ask: ASK.into(),
            expected: "run unknown command".into(),
            time_limit: TIME_LIMIT,
        };
    };
    Question {
        title: redact::text_for_people(&judged.headline()),
        level: match judged.severity {
            Some(Severity::Critical) | None => Level::Critical,
            Some(Severity::High) => Level::High,
            Some(Severity::Medium) => Level::Medium,
            Some(Severity::Low) => Level::Low,
        },
        environment: environment(judged),
        command: redact::command_for_people(&judged.command.tool, judged.command.invocation.argv()),
        facts: facts(judged),
        notes: notes(verdict, judged),
        ask: ASK.into(),
        expected: expected(judged),
        time_limit: TIME_LIMIT,
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

/// The fact whose value people call a target by.
const CALLED_BY: &[&str] = &[
    "context",
    "workspace",
    "host",
    "hostname",
    "remote",
    "profile",
    "project",
    "subscription",
    "stack",
    "app",
    "address",
];

/// The facts with their sources. Where a named environment rests on other facts than the one people call the
/// target by, those say so: a context called staging whose server says prod must not be missed.
fn facts(judged: &Judged) -> Vec<FactLine> {
    let name = match &judged.environment {
        EnvironmentName::Named(name) if judged.environment.word() != "local" => Some(name),
        EnvironmentName::Named(_) | EnvironmentName::Unlabelled | EnvironmentName::Unknown => None,
    };
    let facts = judged.facts();
    let called = facts
        .iter()
        .find(|fact| CALLED_BY.contains(&fact.key.as_ref()))
        .map_or("name", |fact| fact.key.as_ref());
    let disagree = !judged.because.iter().any(|key| key == called);
    facts
        .iter()
        .map(|fact| {
            let says = judged.because.iter().any(|key| *key == fact.key);
            let (value, alarm) = match &fact.value {
                Value::Known(datum) => {
                    let alarm = name.filter(|_| says && disagree).map(|n| alarm(&fact.key, datum, n, called));
                    (raw(datum), alarm)
                }
                Value::Unknown(why) => (format!("unknown: {why}"), Some("cannot be determined".to_owned())),
            };
            FactLine { label: fact.key.clone().into_owned(), value, source: fact.source.clone(), alarm }
        })
        .collect()
}

fn alarm(key: &str, datum: &Datum, environment: &str, called: &str) -> String {
    // A list is named in the plural: `paths`.
    let say = if matches!(datum, Datum::List(_)) { "say" } else { "says" };
    format!("the {key} {say} {environment}, the {called} does not")
}

/// The value unescaped: the terminal room makes every text safe itself.
fn raw(datum: &Datum) -> String {
    match datum {
        Datum::Null => "none".into(),
        Datum::Text(text) => text.clone(),
        Datum::Number(number) => number.to_string(),
        Datum::List(items) => items.iter().map(raw).collect::<Vec<_>>().join(", "),
    }
}

fn notes(verdict: &Verdict, judged: &Judged) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    let mut note = |label: &str, text: String| notes.push((label.to_owned(), text));
    if let Some(why) = &judged.unsure {
        note("not sure", format!("{why}; judged as the worst that {} can do", judged.command.tool));
    }
    // Of equals the first: files list the worst first.
    let worst = judged.matched.iter().rev().max_by_key(|rule| rule.severity);
    if let Some(rule) = worst {
        note("why", rule.why.clone());
        note("undo", fill(&rule.undo, judged));
        if let Some(safer) = &rule.safer {
            note("safer", fill(safer, judged));
        }
    }
    let others = verdict.commands.iter().filter(|j| j.is_dangerous()).count();
    if others > 1 {
        note("also", format!("{} more dangerous commands on this line, see `guard explain`", others - 1));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::alarm;
    use crate::targets::Datum;

    #[test]
    fn several_things_say_and_one_says() {
        let paths = alarm("paths", &Datum::texts(vec!["/a".to_owned()]), "production", "name");
        assert_eq!(paths, "the paths say production, the name does not");
        let server = alarm("server", &Datum::Text("https://x".into()), "production", "context");
        assert_eq!(server, "the server says production, the context does not");
    }
}
