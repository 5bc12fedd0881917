//! The team's roster file: handed out as it is, taken when it follows from the version before.

use super::answer::json;
use super::app::App;
use super::body;
use super::problem::Problem;
use super::requests::refusal;
use crate::relay::limits::Counted;
use crate::relay::mail::{Malformed, Roster, digest_text};
use crate::relay::now;
use crate::relay::store::{Effect, Kept, Posted};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;

pub async fn newest(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = app.caller(&headers, &team, Counted::Reads).await?;
    Ok(json(StatusCode::OK, caller.roster.envelope().to_owned()))
}

pub async fn version(
    State(app): State<Arc<App>>,
    Path((team, version)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.caller(&headers, &team, Counted::Reads).await?;
    let version: i64 = version.parse().map_err(|_| Problem::missing("version"))?;
    let envelope = app.store.roster(&team, Some(version)).await?;
    Ok(json(StatusCode::OK, envelope.ok_or_else(|| Problem::missing("version"))?))
}

pub async fn put(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let caller = app.caller(&headers, &team, Counted::Decisions).await?;
    let bytes = body::read(&app, &headers, body, body::LARGEST).await?;
    let sent = Roster::parse(&bytes)?;
    // The one in the database, not the one at hand: another instance may have taken a newer one a moment ago.
    let newest = app.store.roster(&team, None).await?.ok_or_else(|| Problem::missing("roster"))?;
    let newest = Roster::parse(newest.as_bytes())?;
    if sent.digest() == newest.digest() {
        return Ok(said(StatusCode::OK, &sent));
    }
    // What was revoked meanwhile sends nothing any more.
    if newest.person(&caller.bearer.kid, now()) != Some(caller.person.as_str()) {
        return Err(Problem::sign_in());
    }
    let next = newest.next(&bytes)?;
    let kept = app.store.append(posted(&next, &caller.bearer.kid, &caller.person)).await?;
    match kept {
        Kept::New { .. } => {
            tracing::info!(version = next.version(), by = %caller.bearer.kid, "a new roster");
            Ok(said(StatusCode::CREATED, &next))
        }
        Kept::Known { .. } => Ok(said(StatusCode::OK, &next)),
        Kept::Refused(refused) => Err(refusal(&refused)),
    }
}

fn said(status: StatusCode, roster: &Roster) -> Response {
    let text =
        format!("{{\"version\":{},\"digest\":\"{}\"}}", roster.version(), digest_text(&roster.digest()));
    json(status, text)
}

/// A roster as it goes into the store.
fn posted(roster: &Roster, kid: &str, person: &str) -> Posted {
    Posted {
        team: roster.team().to_owned(),
        rd: roster.digest(),
        kind: "roster",
        kid: kid.to_owned(),
        person: person.to_owned(),
        digest: roster.digest(),
        envelope: roster.envelope().to_owned(),
        at: now(),
        effect: Effect::Roster { version: roster.version() },
    }
}

/// What became of a roster file that the operator vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vouched {
    Taken,
    /// It, or a newer one, is here.
    Here,
}

/// Takes a roster file on the operator's word: the first of a team, or a later one that follows. A file that is
/// neither is refused: a relay never goes back.
pub async fn vouch(store: &crate::relay::store::Store, bytes: &[u8]) -> Result<Vouched, String> {
    let words = |m: Malformed| m.words();
    let roster = Roster::parse(bytes).map_err(words)?;
    let kept = store.roster(roster.team(), None).await.map_err(|e| e.to_string())?;
    match kept {
        Some(kept) => {
            let kept = Roster::parse(kept.as_bytes()).map_err(words)?;
            if kept.version() >= roster.version() {
                return Ok(Vouched::Here);
            }
            kept.next(bytes).map_err(words)?;
        }
        None => {
            Roster::root(bytes).map_err(words)?;
        }
    }
    match store.append(posted(&roster, "operator", "operator")).await.map_err(|e| e.to_string())? {
        Kept::New { .. } => Ok(Vouched::Taken),
        Kept::Known { .. } | Kept::Refused(_) => Ok(Vouched::Here),
    }
}
