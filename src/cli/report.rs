//! A verdict for programs (`guard check --json`, stable within `v`) and for people.

use crate::rules::{Decision, EnvironmentName, Judged, Verdict};
use crate::targets::{Datum, Fact, Value};
use crate::text::show;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write;

/// One JSON object.
pub fn json(verdict: &Verdict) -> Json {
    let unsure = verdict.commands.iter().find_map(|j| j.unsure.clone());
    json!({
        "v": 1,
        "decision": decision_word(&verdict.decision),
        "dangerous": verdict.is_dangerous(),
        "severity": verdict.severity.map(|s| s.word()),
        "environment": verdict.environment.word(),
        "requires": verdict.requires.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "unsure": unsure,
        "commands": verdict.commands.iter().map(command).collect::<Vec<_>>(),
        "policy": verdict.commands.iter().flat_map(|j| &j.contributions).map(|c| json!({
            "rule": c.name,
            "file": c.place.file,
            "line": c.place.line,
            "adds": c.adds.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "count": c.count.map(|bound| bound.to_string()),
            "again_after_s": c.again_s,
        })).collect::<Vec<_>>(),
    })
}

pub fn decision_word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Pass => "pass",
        Decision::Notice => "notice",
        Decision::Gate(_) => "gate",
        Decision::Refuse => "refuse",
    }
}

fn command(judged: &Judged) -> Json {
    let mut target = Map::new();
    for fact in judged.facts() {
        target.insert(fact.key.clone().into_owned(), fact_json(&fact));
    }
    json!({
        "tool": judged.command.tool,
        "argv": judged.command.invocation.argv().iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>(),
        "verb": judged.command.verb,
        "does": match &judged.command.does {
            crate::reading::Does::Acts => "acts",
            crate::reading::Does::Nothing(_) => "nothing",
            crate::reading::Does::Unsure(_) => "unsure",
        },
        "rules": judged.matched.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(),
        "severity": judged.severity.map(|s| s.word()),
        "effect": judged.effect.map(|e| e.word()),
        "environment": match (&judged.resolution, &judged.environment) {
            (None, _) => Json::Null,
            (Some(_), environment) => EnvironmentName::word(environment).into(),
        },
        "target": target,
        "objects": judged.targets().map_or(&[][..], |t| &t.objects),
        "deletes": judged.targets().map_or(&[][..], |t| &t.deletes),
        "unsure": judged.unsure,
    })
}

fn fact_json(fact: &Fact) -> Json {
    match &fact.value {
        Value::Known(datum) => json!({ "value": datum_json(datum), "source": fact.source }),
        Value::Unknown(why) => json!({ "value": fact.stand_in, "unknown": why, "source": fact.source }),
    }
}

fn datum_json(datum: &Datum) -> Json {
    match datum {
        Datum::Null => Json::Null,
        Datum::Text(text) => text.as_str().into(),
        Datum::Number(number) => (*number).into(),
        Datum::List(items) => items.iter().map(datum_json).collect(),
    }
}

/// The verdict in a few lines: what is decided, then one line for each command that made it so.
pub fn text(verdict: &Verdict) -> String {
    let mut out = String::new();
    let gates: Vec<String> = verdict.requires.iter().map(ToString::to_string).collect();
    let asks = if gates.is_empty() { String::new() } else { format!(": {}", gates.join(", ")) };
    let _ = writeln!(out, "{}{asks}", decision_word(&verdict.decision));
    for judged in verdict.commands.iter().filter(|j| j.is_dangerous() || !j.contributions.is_empty()) {
        let severity = judged.severity.map_or("harmless", |s| s.word());
        let what = format!("{}: {}", judged.command.tool, judged.headline());
        let target = judged.targets().map(|t| t.typed.as_str()).filter(|t| !t.is_empty());
        let target = target.map(|t| format!(" ({})", show(t))).unwrap_or_default();
        let _ = writeln!(out, "{severity}: {} on {}{target}", show(what), judged.environment.word());
        if let Some(why) = &judged.unsure {
            let _ = writeln!(out, "not sure: {}", show(why));
        }
        for rule in &judged.matched {
            let _ = writeln!(out, "rule {}: {}", rule.id, show(&rule.why));
        }
    }
    out
}
