//! What the page asks for. Must never let a decision through that the page did not make, on what it did not show.

use super::Door;
use super::http::{Answer, Request};
use crate::inbox::reading::QUIET;
use crate::inbox::{Answered, Ask, Case, Choice, Office, Seen, Trouble, Verb, Weight, as_json, body};
use crate::keys::sha256;
use crate::statement::render::Tone;
use crate::statement::{Hash, Severity, Surface};
use crate::sys::terminal::since_boot;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const HTML: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");
/// The relay is not asked more often, however many pages are open.
const FRESH: Duration = Duration::from_millis(1500);

/// What the page works on.
pub struct State<'a> {
    office: Office<'a>,
    cases: Vec<Case>,
    fetched: Option<Duration>,
    /// When each request was first shown, and the digest of what was shown.
    shown: BTreeMap<Hash, (Duration, Hash)>,
}

impl State<'_> {
    pub fn new(office: Office<'_>) -> State<'_> {
        State { office, cases: Vec::new(), fetched: None, shown: BTreeMap::new() }
    }

    fn refresh(&mut self) -> Result<(), Trouble> {
        let now = since_boot();
        if self.fetched.is_none_or(|at| now.saturating_sub(at) >= FRESH) {
            self.cases = self.office.refresh(None)?;
            self.fetched = Some(now);
        }
        Ok(())
    }
}

/// A decision as the page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    verb: String,
    number: Option<String>,
    note: Option<String>,
    /// The environment's name, typed, at critical severity.
    typed: Option<String>,
    /// Whether the last line was shown.
    end: bool,
    /// Digest of the rendering on the page.
    shown: String,
}

pub fn answer(request: &Request, door: &Door, state: &Mutex<State<'_>>) -> Answer {
    // A name that was made to point here (DNS rebinding) is another Host.
    if request.header("host") != Some(door.host.as_str()) {
        return Answer::error(421);
    }
    let Some((path, rest)) = request.path[1..].split_once('/') else { return Answer::error(404) };
    if !same(path, &door.path) {
        return Answer::error(404);
    }
    let foreign = |site: &str| !matches!(site, "same-origin" | "none");
    if request.has("sec-fetch-site") && request.header("sec-fetch-site").is_none_or(foreign) {
        return Answer::error(403);
    }
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    match (request.method.as_str(), rest) {
        ("GET", "") => Answer::html(HTML.replace("{secret}", &door.secret)),
        ("GET", "page.js") => Answer::asset("text/javascript; charset=utf-8", SCRIPT),
        ("GET", "page.css") => Answer::asset("text/css; charset=utf-8", STYLE),
        ("GET", "list") if ours(request, door) => said(list(&mut state)),
        ("GET", path) if path.starts_with("request/") && ours(request, door) => {
            said(digest(path).and_then(|digest| one(&mut state, digest)))
        }
        ("POST", path) if path.starts_with("request/") => {
            let origin = format!("http://{}", door.host);
            let json = request.header("content-type") == Some("application/json");
            if request.header("origin") != Some(origin.as_str()) || !json || !ours(request, door) {
                return Answer::error(403);
            }
            said(digest(path).and_then(|digest| decide(&mut state, digest, &request.body)))
        }
        ("GET", "list") => Answer::error(403),
        ("GET", path) if path.starts_with("request/") => Answer::error(403),
        ("GET", _) => Answer::error(404),
        _ => Answer::error(405),
    }
}

/// Whether the page itself sent it: only the page knows the secret, and only a page of this origin may set the header.
fn ours(request: &Request, door: &Door) -> bool {
    request.header("x-guard-page").is_some_and(|given| same(given, &door.secret))
}

/// Compares without telling by its time where two texts differ.
fn same(one: &str, other: &str) -> bool {
    sha256(&[one.as_bytes()]) == sha256(&[other.as_bytes()])
}

fn said(done: Result<Value, Trouble>) -> Answer {
    match done {
        Ok(value) => Answer::json(200, &value),
        Err(trouble) => {
            let status = match trouble.status() {
                64 => 400,
                69 => 502,
                75 => 410,
                77 => 403,
                _ => 500,
            };
            Answer::json(status, &json!({ "error": trouble.to_string(), "hint": trouble.hint() }))
        }
    }
}

fn digest(path: &str) -> Result<Hash, Trouble> {
    let hex = path.strip_prefix("request/").unwrap_or_default();
    Hash::from_hex(hex).ok_or_else(|| Trouble::Nothing("there is no such request".into()))
}

fn list(state: &mut State<'_>) -> Result<Value, Trouble> {
    state.refresh()?;
    let desk = state.office.desk();
    let ask = Ask { team: desk.roster().team(), person: desk.person() };
    let mut listed = as_json(&ask, &state.cases, crate::inbox::desk::now());
    let lines: Vec<Value> = state
        .cases
        .iter()
        .map(|case| json!({ "hex": case.digest.hex(), "command": case.command_line(160), "target": case.target_line(60) }))
        .collect();
    listed["lines"] = Value::Array(lines);
    Ok(listed)
}

fn one(state: &mut State<'_>, digest: Hash) -> Result<Value, Trouble> {
    let case = state.office.look(digest)?;
    if !state.shown.contains_key(&digest) {
        state.office.view(&case, Surface::Loopback)?;
        state.shown.insert(digest, (since_boot(), case.rendered.digest));
    }
    let tone = |tone: Tone| match tone {
        Tone::Own => "own",
        Tone::Foreign => "foreign",
        Tone::Warning => "warning",
    };
    let lines: Vec<Value> = case
        .rendered
        .lines
        .iter()
        .map(|line| json!({ "tone": tone(line.tone), "text": line.text }))
        .collect();
    let notes: Vec<Value> = case
        .notes
        .iter()
        .map(|note| json!({ "warning": note.weight == Weight::Warning, "text": note.text }))
        .collect();
    let answers: BTreeMap<String, Value> = case
        .answers
        .iter()
        .map(|(about, answered)| match answered {
            Answered::WrongNumber { left } => {
                (about.to_string(), json!({ "finding": answered.word(), "left": left }))
            }
            Answered::Counts | Answered::NotCounted => {
                (about.to_string(), json!({ "finding": answered.word() }))
            }
        })
        .collect();
    let now = crate::inbox::desk::now();
    Ok(json!({
        "hex": digest.hex(),
        "shown": case.rendered.digest.to_string(),
        "person": case.asked.person(),
        "severity": case.severity().word(),
        "seconds_left": case.asked.exp().saturating_sub(now),
        "over": case.over_at(now),
        "cannot_refuse": case.past_refusing(),
        "cannot_approve": case.obstacle(Surface::Loopback),
        "genuine": case.genuine.is_ok(),
        "number": case.wants_number(),
        "end": case.wants_end(),
        "type": word(&case),
        "answers": answers,
        "notes": notes,
        "lines": lines,
    }))
}

/// What has to be typed last, at critical severity.
fn word(case: &Case) -> Option<String> {
    (case.severity() == Severity::Critical).then(|| body::ascii(&case.asked.target().class, false))
}

fn decide(state: &mut State<'_>, digest: Hash, sent: &[u8]) -> Result<Value, Trouble> {
    let refused = |why: &str| Trouble::Refused { why: why.into(), hint: "open the request again".into() };
    let sent: Sent = serde_json::from_slice(sent)
        .map_err(|_| Trouble::Usage { what: "this is no decision".into(), hint: "reload the page".into() })?;
    let verb = match sent.verb.as_str() {
        "approve" => Verb::Approve,
        "deny" => Verb::Deny,
        "report" => Verb::Report,
        _ => return Err(refused("there is no such decision")),
    };
    let (since, shown) = state.shown.get(&digest).copied().ok_or_else(|| refused("it was not shown yet"))?;
    let shown_for = since_boot().saturating_sub(since);
    if shown_for < QUIET {
        return Err(refused("too fast: that was not read"));
    }
    let case = state.office.look(digest)?;
    if shown != case.rendered.digest || sent.shown != shown.to_string() {
        return Err(refused("the page shows another request"));
    }
    if verb == Verb::Approve && word(&case) != sent.typed {
        return Err(refused("the word that has to be typed is another one"));
    }
    let ms = u64::try_from(shown_for.as_millis()).unwrap_or(0);
    let choice = Choice {
        verb,
        number: sent.number,
        note: sent.note,
        seen: Seen { end: sent.end, ms },
        surface: Surface::Loopback,
    };
    let about = state.office.decide(digest, &choice)?;
    state.fetched = None;
    // Only the requester's terminal knows whether a number is right: the page asks what it said.
    let about = (verb == Verb::Approve && case.wants_number()).then(|| about.to_string());
    Ok(json!({ "said": format!("{}: {}", verb.word(), case.command_line(160)), "about": about }))
}
