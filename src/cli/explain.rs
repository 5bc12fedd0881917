//! `guard explain`: how a command was read, each fact and its source, each rule that matched or nearly did.

use super::check;
use super::report::decision_word;
use crate::gates::totp::span;
use crate::reading::Does;
use crate::rules::pack::{Condition, PreviewSettings};
use crate::rules::{Coverage, Judged, Match, Miss, MoreThan, match_rule, sources};
use crate::settings::Dirs;
use crate::targets::Resolution;
use crate::text::{quote_line, show};
use std::fmt::Write;

/// Say how a command is read, what it would touch and why, and which rules match
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: check::Subject,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let (invocation, verdict) = match check::examine(&args.subject, dirs) {
        Ok(found) => found,
        Err(stopped) => return stopped.say(),
    };
    let rules = sources::looked_up(dirs);
    let mut out = String::new();
    let _ = writeln!(out, "command      {}", show(quote_line(invocation.argv())));
    for judged in &verdict.commands {
        command(&mut out, judged, &rules.coverage(judged.command.tool.as_bytes()));
    }
    let gates: Vec<String> = verdict.requires.iter().map(ToString::to_string).collect();
    let asks = if gates.is_empty() { String::new() } else { format!(": {}", gates.join(", ")) };
    let _ = writeln!(out, "\ndecision     {}{asks}", decision_word(&verdict.decision));
    crate::out!("{out}");
    0
}

fn command(out: &mut String, judged: &Judged, coverage: &Coverage) {
    let command = &judged.command;
    let _ = writeln!(out, "\nprogram      {}", show(&command.tool));
    let words = &command.invocation.argv();
    let _ = writeln!(out, "  argv       {}", show(quote_line(words)));
    let does = match &command.does {
        Does::Acts => "acts as its words say".to_owned(),
        Does::Nothing(why) => format!("changes nothing: {}", show(why)),
        Does::Unsure(why) => format!("cannot be read with certainty: {}", show(why)),
    };
    let _ = writeln!(out, "  reading    {does}");
    let _ = writeln!(out, "  would      {}", show(judged.headline()));
    reading(out, judged);
    target(out, judged);
    if judged.is_dangerous()
        && let Some(targets) = judged.targets()
    {
        let limit = PreviewSettings::default().limit_ms;
        if let Some(how) = crate::preview::plan(command, targets, limit).describe() {
            let _ = writeln!(out, "  preview    {}", show(how));
        }
    }
    let Coverage::Covered(pack) = coverage else {
        let _ = writeln!(out, "  rules      none cover this program");
        return;
    };
    for rule in &pack.rules {
        match match_rule(rule, command, judged.targets()) {
            Match::Yes if judged.matched.iter().any(|m| m.id == rule.id) => {
                let _ = writeln!(
                    out,
                    "  matches    {} ({}, {}) {}:{}: {}",
                    rule.id,
                    rule.severity.word(),
                    rule.effect.word(),
                    rule.place.file,
                    rule.place.line,
                    show(&rule.why)
                );
            }
            Match::No(Miss::Unless(group)) => {
                let _ = writeln!(out, "  nearly     {}: excepted, as {}", rule.id, conditions(group));
            }
            Match::No(Miss::When { held, failed }) if held > 0 => {
                let _ = writeln!(out, "  nearly     {}: but {} does not hold", rule.id, condition(failed));
            }
            Match::Yes | Match::Maybe | Match::No(_) => {}
        }
    }
    for contribution in &judged.contributions {
        let name = contribution.name.as_deref().unwrap_or("(unnamed)");
        let adds: Vec<String> = contribution.adds.iter().map(ToString::to_string).collect();
        let place = &contribution.place;
        let _ = writeln!(
            out,
            "  policy     {} {}:{} adds {}{}{}",
            show(name),
            show(&place.file),
            place.line,
            adds.join(", "),
            again(contribution.again_s),
            counts(contribution.count)
        );
    }
}

/// How long what was passed counts.
fn again(seconds: Option<u32>) -> String {
    seconds.map(|s| format!(", accepted again for {}", span(s.into()))).unwrap_or_default()
}

/// Nothing is counted here, and what is not known counts as many.
fn counts(bound: Option<MoreThan>) -> String {
    bound.map(|bound| format!(" when the count is {bound}; counted when it runs")).unwrap_or_default()
}

fn reading(out: &mut String, judged: &Judged) {
    let command = &judged.command;
    if !command.verb.is_empty() {
        let _ = writeln!(out, "  verb       {}", show(&command.verb));
    }
    for option in &command.options {
        let value = option.value.as_deref().map(|v| format!(" = {}", show(v))).unwrap_or_default();
        let _ = writeln!(out, "  option     {}{value}", show(&option.name));
    }
    if !command.operands.is_empty() {
        let _ = writeln!(out, "  operands   {}", show(quote_line(&command.operands)));
    }
    for (name, value) in command.traits.iter() {
        let _ = writeln!(out, "  {name:<10} {}", show(value));
    }
}

fn target(out: &mut String, judged: &Judged) {
    for fact in &judged.inner {
        let _ = writeln!(out, "  starts on  {} = {}  ({})", fact.key, fact.value, show(&fact.source));
    }
    match &judged.resolution {
        None => {}
        Some(Resolution::Nothing(why)) => {
            let _ = writeln!(out, "  target     none: {}", show(why));
        }
        Some(Resolution::Hits(targets)) => {
            for fact in &targets.facts {
                let _ = writeln!(out, "  target     {} = {}  ({})", fact.key, fact.value, show(&fact.source));
            }
            for object in &targets.objects {
                let _ = writeln!(out, "  object     {}", show(object));
            }
            for deleted in &targets.deletes {
                let _ = writeln!(out, "  deletes    {}", show(deleted));
            }
            for (name, value) in targets.traits.iter() {
                let _ = writeln!(out, "  {name:<10} {}", show(value));
            }
            let because = if judged.because.is_empty() {
                String::new()
            } else {
                format!(" (by {})", judged.because.join(", "))
            };
            let _ = writeln!(out, "  environment {}{because}", judged.environment.word());
            if !targets.typed.is_empty() {
                let _ = writeln!(out, "  to type    {}", show(&targets.typed));
            }
        }
    }
}

fn conditions(group: &[Condition]) -> String {
    group.iter().map(condition).collect::<Vec<_>>().join(" and ")
}

fn condition(condition: &Condition) -> String {
    match condition.any.as_slice() {
        [one] => format!("{} is {}", condition.key, show(one)),
        many => format!("{} is one of {}", condition.key, show(many.join(", "))),
    }
}
