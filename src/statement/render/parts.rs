//! The order of a rendering: who, on what, which command, what it would do, why. Must never show a field's claim in
//! guard's own voice where the requester wrote it.

use super::super::request::{Exec, Need, Origin, Policy, Request, Severity, StdinKind, Target};
use super::super::ticket::{Hole, HoleKind, Ticket, Word};
use super::{Page, RENDER, utc};

pub(super) fn request(page: &mut Page, request: &Request) {
    page.own(format!("{RENDER} request"));
    page.foreign("id", request.id.as_bytes());
    let who = &request.requester;
    asker(page, &request.team, &who.person, &who.key);
    page.foreign("on host", who.host.as_bytes());
    for program in &who.ancestry {
        page.foreign("started by", &program.0);
    }
    match who.origin {
        Origin::Tty => page.own("asked at a terminal"),
        Origin::Script => page.own("asked by a script"),
        Origin::Ci => page.own("asked by CI"),
        Origin::Agent => page.warn("asked by an agent, not by a person"),
    }
    page.own(format!("asked {}, open until {}", utc(request.iat), utc(request.exp)));
    policy(page, &request.policy);
    target(page, &request.target);
    exec(page, &request.exec);
    if let Some(effects) = &request.effects {
        page.own("what it would do, by the requester's look beforehand");
        page.foreign("looked by", effects.kind.as_bytes());
        page.own(format!("  {}", effects.digest));
        for (kind, count) in &effects.summary {
            page.foreign(&count.to_string(), kind.as_bytes());
        }
    }
    reason(page, request.reason.as_deref());
    if let Some(ticket) = &request.ticket {
        page.foreign("ticket", ticket.as_bytes());
    }
    let usage = &request.usage;
    page.own(format!("may start {} s after the last approval, {}", usage.within, times(usage.max)));
    match &request.chain {
        Some(chain) => page.own(format!("requester's log: {} entries, head {}", chain.seq, chain.head)),
        None => page.own("requester's log: none"),
    }
    page.own("end");
}

pub(super) fn ticket(page: &mut Page, ticket: &Ticket) {
    page.own(format!("{RENDER} ticket"));
    page.foreign("id", ticket.id.as_bytes());
    asker(page, &ticket.team, &ticket.person, &ticket.key);
    page.own(format!("made {}", utc(ticket.iat)));
    policy(page, &ticket.policy);
    target(page, &ticket.target);
    page.own(format!("command of {} words", ticket.argv.len()));
    for (at, word) in ticket.argv.iter().enumerate() {
        match word {
            Word::Exact(word) => argument(page, at, &word.0),
            Word::Hole(word) => hole(page, at, word),
        }
    }
    if let Some(commit) = &ticket.commit {
        page.foreign("at commit", commit.as_bytes());
    }
    if let Some(plan) = ticket.plan {
        page.own(format!("plan file {plan}"));
    }
    page.own("used by a workload");
    page.foreign("issuer", ticket.workload.iss.as_bytes());
    page.foreign("subject", ticket.workload.sub.as_bytes());
    match &ticket.run {
        Some(run) => page.foreign("run", run.as_bytes()),
        None => page.own("in any run"),
    }
    page.own(format!(
        "counts from {} until {}, {}",
        utc(ticket.not_before),
        utc(ticket.not_after),
        times(ticket.max)
    ));
    reason(page, ticket.reason.as_deref());
    page.own("end");
}

fn asker(page: &mut Page, team: &str, person: &str, key: &str) {
    page.foreign("team", team.as_bytes());
    page.foreign("asked by", person.as_bytes());
    page.foreign("key", key.as_bytes());
}

fn policy(page: &mut Page, policy: &Policy) {
    page.foreign("rule", policy.rule.as_bytes());
    let severity = format!("severity {}", policy.severity.word());
    match policy.severity {
        Severity::Critical => page.warn(&severity),
        Severity::Low | Severity::Medium | Severity::High => page.own(severity),
    }
    for Need { group, n } in &policy.needs {
        page.foreign(&format!("needs {n} of"), group.as_bytes());
    }
}

fn target(page: &mut Page, target: &Target) {
    page.foreign("target", target.kind.as_bytes());
    page.foreign("environment", target.class.as_bytes());
    for (fact, value) in &target.ident {
        page.foreign("fact", fact.as_bytes());
        page.foreign("  is", &value.0);
    }
    for (fact, why) in &target.unknown {
        page.foreign("fact", fact.as_bytes());
        page.warn("not known");
        page.foreign("  because", &why.0);
    }
}

fn exec(page: &mut Page, exec: &Exec) {
    page.own(format!("command of {} words", exec.argv.len()));
    for (at, word) in exec.argv.iter().enumerate() {
        argument(page, at, &word.0);
    }
    for secret in &exec.redacted {
        page.foreign("secret at", secret.at.as_bytes());
        page.foreign("  is a", secret.class.as_bytes());
        page.own(format!("  of {} bytes, not shown", secret.len));
    }
    page.foreign("program", &exec.exe.path.0);
    page.own(format!("  {}", exec.exe.sha256));
    page.foreign("directory", &exec.cwd.0);
    for (name, value) in &exec.env.shown {
        page.foreign("variable", name.as_bytes());
        page.foreign("  is", &value.0);
    }
    for name in &exec.env.scrubbed {
        page.foreign("without", &name.0);
    }
    match exec.stdin.kind {
        StdinKind::Tty => page.own("standard input: the terminal"),
        StdinKind::Null => page.own("standard input: empty"),
        StdinKind::Closed => page.own("standard input: closed"),
        StdinKind::Spooled => {
            page.own(format!("standard input: {} bytes", exec.stdin.size.unwrap_or_default()));
            if let Some(hash) = exec.stdin.sha256 {
                page.own(format!("  {hash}"));
            }
        }
    }
    if let Some(text) = &exec.stdin.text {
        page.prose("input", &text.0);
    }
    for input in &exec.inputs {
        page.foreign("reads", &input.path.0);
        page.foreign("  as", input.role.as_bytes());
        let kind = if input.frozen { "a sealed copy" } else { "the file" };
        page.own(format!("  {kind}, {} bytes, {}", input.size, input.sha256));
    }
}

fn argument(page: &mut Page, at: usize, word: &[u8]) {
    if word.is_empty() {
        page.own(format!("[{at}] is empty"));
    } else {
        page.foreign(&format!("[{at}]"), word);
    }
}

fn hole(page: &mut Page, at: usize, hole: &Hole) {
    page.warn(&format!("[{at}] varies: {}", kind(hole.kind)));
    page.foreign("  called", hole.hole.as_bytes());
    if let Some(text) = &hole.prefix {
        page.foreign("  after", text.as_bytes());
    }
    if let Some(text) = &hole.suffix {
        page.foreign("  before", text.as_bytes());
    }
    for choice in &hole.of {
        page.foreign("  one of", choice.as_bytes());
    }
    if let Some(max) = hole.max {
        page.own(format!("  at most {max}"));
    }
}

fn kind(kind: HoleKind) -> &'static str {
    match kind {
        HoleKind::Version => "a version",
        HoleKind::Number => "a number",
        HoleKind::Commit => "a commit",
        HoleKind::Digest => "a digest",
        HoleKind::Name => "a name",
        HoleKind::Choice => "a choice",
    }
}

fn reason(page: &mut Page, reason: Option<&str>) {
    match reason {
        Some(reason) => page.prose("reason", reason.as_bytes()),
        None => page.own("no reason given"),
    }
}

fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}
