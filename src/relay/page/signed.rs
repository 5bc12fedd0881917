//! Statements that a passkey signed on the page. The signature is the proof of who asks: it reads the one request
//! it is about, and nothing else. Must never answer a statement that is old, or that no passkey signed.

use crate::keys::decode_url;
use crate::relay::http::answer::{json, quoted};
use crate::relay::http::app::App;
use crate::relay::http::body;
use crate::relay::http::problem::Problem;
use crate::relay::http::requests::{keep, refusal};
use crate::relay::limits::Counted;
use crate::relay::mail::{Content, Malformed, Roster, digest_text, parse_digest};
use crate::relay::now;
use crate::relay::store::{Effect, Entry, Kept, State as RequestState, Thread};
use crate::statement::render::{self, Line, Tone};
use crate::statement::{Approval, Envelope, Request, Severity, Ticket, Why, read};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// A signature reads a request for so many seconds; clocks may differ by as much.
const FRESH: u64 = 600;

#[derive(Deserialize)]
struct Ask {
    credential: String,
}

/// Whose passkey it is. Credential ids are long random numbers that only their device and the roster have.
pub async fn passkey(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = body::read(&app, &headers, body, body::SMALL).await?;
    let ask: Ask = serde_json::from_slice(&bytes).map_err(|_| Problem::bad("no JSON with credential"))?;
    let id = decode_url(&ask.credential).ok_or_else(|| Problem::bad("the credential is not base64url"))?;
    let roster = app.roster(&team).await?.ok_or_else(unknown)?;
    let (person, kid) = roster.passkey(&id, now()).ok_or_else(unknown)?;
    app.count(Counted::Reads, &team, kid)?;
    let text = format!(
        "{{\"person\":{},\"key\":{},\"roster\":{{\"version\":{},\"digest\":\"{}\"}},\"now\":{}}}",
        quoted(person),
        quoted(kid),
        roster.version(),
        digest_text(&roster.digest()),
        now()
    );
    Ok(json(StatusCode::OK, text))
}

fn unknown() -> Problem {
    let hint = "make one at /enrol/TEAM and have an admin put it into the roster";
    Problem::new(404, "not-found", "this passkey is in no roster of that team", hint)
}

/// Takes an approval statement, as `…/statements` does, and answers with what it is about.
pub async fn signed(
    State(app): State<Arc<App>>,
    Path((team, rd)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = body::read(&app, &headers, body, body::SMALL).await?;
    let roster = app.roster(&team).await?.ok_or_else(unknown)?;
    let letter = roster.open(&bytes, now())?;
    let effect = match &letter.content {
        Content::Approval { end: Some(state), report, .. } => Effect::End { state: *state, report: *report },
        Content::Approval { end: None, heard: Some(event), .. } => Effect::Heard { event: *event },
        Content::Approval { end: None, heard: None, .. } => Effect::Remark,
        Content::Request { .. }
        | Content::Ticket { .. }
        | Content::Cancel
        | Content::Claim { .. }
        | Content::Receipt
        | Content::Heard
        | Content::Breakglass { .. }
        | Content::Review { .. }
        | Content::Checkpoint { .. } => return Err(not_for_the_page()),
    };
    // The roster says so: a key id is of the kind of its key.
    if !letter.kid.starts_with("webauthn:") {
        return Err(not_for_the_page());
    }
    app.count(Counted::Decisions, &team, &letter.kid)?;
    fresh(&letter.envelope)?;
    if parse_digest(&rd) != Some(letter.rd) {
        let hint = "send it to the request that it names";
        let words = "the statement is about another request than its address";
        return Err(Problem::new(422, "other-request", words, hint));
    }
    let (kept, rd) = keep(&app, &team, letter, effect).await?;
    let status = match kept {
        Kept::New { .. } => StatusCode::CREATED,
        Kept::Known { .. } => StatusCode::OK,
        Kept::Refused(refused) => return Err(refusal(&refused)),
    };
    let thread = app.store.thread(&team, rd, 0).await?.ok_or_else(|| Problem::missing("request"))?;
    Ok(json(status, view(&roster, &thread)?))
}

fn not_for_the_page() -> Problem {
    let hint = "other statements and keys sign in with /v1/auth/challenge";
    Problem::new(422, "wrong-place", "only approvals and refusals by a passkey are taken here", hint)
}

/// A statement that somebody kept must not open the door later.
fn fresh(envelope: &str) -> Result<(), Problem> {
    let envelope =
        Envelope::from_bytes(envelope.as_bytes()).map_err(|e| Malformed::from(Why::Envelope(e)))?;
    let said: Approval = read(envelope.payload()).map_err(Malformed::from)?;
    if said.iat.abs_diff(now().unsigned_abs()) > FRESH {
        let hint = "check this device's clock, then sign again";
        return Err(Problem::new(422, "times", "the statement was not made just now", hint));
    }
    Ok(())
}

/// The request as it came, how it reads, and how it stands.
fn view(roster: &Roster, thread: &Thread) -> Result<String, Problem> {
    let subject = |entry: &&Entry| ["request", "ticket"].contains(&entry.kind.as_str());
    let entry = thread.entries.iter().find(subject).ok_or_else(|| Problem::missing("request"))?;
    let envelope =
        Envelope::from_bytes(entry.envelope.as_bytes()).map_err(|e| Malformed::from(Why::Envelope(e)))?;
    let (severity, shown) = rendered(entry, &envelope).map_err(Malformed::from)?;
    let over = thread.state == RequestState::Pending && thread.exp < now();
    let state = if over { RequestState::Expired } else { thread.state };
    let lines: Vec<String> = shown.iter().map(line).collect();
    Ok(format!(
        "{{\"state\":\"{}\",\"counts\":{},\"lines\":[{}],\"subject\":{}}}",
        state.word(),
        roster.counts_here(severity),
        lines.join(","),
        entry.envelope
    ))
}

fn rendered(entry: &Entry, envelope: &Envelope) -> Result<(Severity, Vec<Line>), Why> {
    if entry.kind == "ticket" {
        let ticket: Ticket = read(envelope.payload())?;
        return Ok((ticket.policy.severity, render::ticket(&ticket).lines));
    }
    let request: Request = read(envelope.payload())?;
    Ok((request.policy.severity, render::request(&request).lines))
}

fn line(line: &Line) -> String {
    let tone = match line.tone {
        Tone::Own => "own",
        Tone::Foreign => "foreign",
        Tone::Warning => "warning",
    };
    format!("{{\"tone\":\"{tone}\",\"text\":{}}}", quoted(&line.text))
}
