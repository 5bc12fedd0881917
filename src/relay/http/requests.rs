//! Taking statements in: requests, what is said about them, claims and tickets.

use super::answer::{entries, json, quoted};
use super::app::{App, Caller};
use super::body;
use super::problem::Problem;
use crate::relay::limits::Counted;
use crate::relay::mail::{Content, Letter, digest_text, parse_digest};
use crate::relay::now;
use crate::relay::store::{Effect, Header, Kept, Posted, Refused, State as RequestState};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;

/// A request may wait at most this long (seconds).
const LONGEST: i64 = 7 * 86_400;
/// A ticket waits for its whole life: so many times the limit of waiting requests.
const TICKETS: u32 = 10;
/// Clocks may differ by this much (seconds).
const SKEW: i64 = 600;

/// Asks who sends, reads the body, opens the envelope.
async fn letter(
    app: &App,
    headers: &HeaderMap,
    team: &str,
    body: Body,
    what: Counted,
) -> Result<(Caller, Letter), Problem> {
    let caller = app.caller(headers, team, what).await?;
    let bytes = body::read(app, headers, body, body::LARGEST).await?;
    let letter = caller.roster.open(&bytes, now())?;
    Ok((caller, letter))
}

fn wrong_place() -> Problem {
    Problem::new(
        422,
        "wrong-place",
        "this kind of statement is not taken here",
        "requests, statements, claims, tickets and checkpoints have their own addresses",
    )
}

/// Puts a letter into the store and says what became of it.
pub async fn keep(
    app: &App,
    team: &str,
    letter: Letter,
    effect: Effect,
) -> Result<(Kept, [u8; 32]), Problem> {
    let rd = letter.rd;
    let kind = letter.kind;
    let posted = Posted {
        team: team.to_owned(),
        rd,
        kind,
        kid: letter.kid,
        person: letter.person,
        digest: letter.digest,
        envelope: letter.envelope,
        at: now(),
        effect,
    };
    let kept = app.store.append(posted).await?;
    if matches!(kept, Kept::New { .. }) {
        app.measures.kept(kind);
    }
    Ok((kept, rd))
}

/// 201 for a new statement, 200 for one that is here already.
fn receipt(kept: Kept, rd: [u8; 32]) -> Result<Response, Problem> {
    let (status, seq) = match kept {
        Kept::New { seq } => (StatusCode::CREATED, seq),
        Kept::Known { seq } => (StatusCode::OK, seq),
        Kept::Refused(refused) => return Err(refusal(&refused)),
    };
    Ok(json(status, format!("{{\"seq\":{seq},\"request\":\"{}\"}}", digest_text(&rd))))
}

pub fn refusal(refused: &Refused) -> Problem {
    match refused {
        Refused::NoSuchRequest => Problem::missing("request"),
        Refused::NotTheRequester => Problem::new(
            422,
            "disagrees",
            "only who asked can say this",
            "sign it with a key of the requester",
        ),
        Refused::TooManyPending => Problem::too_many("too many requests of this person wait already", 30),
        Refused::Frozen => Problem::new(
            403,
            "frozen",
            "a teammate reported a request of this person, so no more are taken",
            "an admin of the team looks at the report and clears it",
        ),
        Refused::Spent => Problem::new(409, "spent", "this was used already", "ask for a new approval"),
        Refused::RosterVersionTaken => Problem::new(
            409,
            "roster",
            "this roster version is here with other content",
            "fetch the newest roster and make the change on top of it",
        ),
        Refused::WentBack { size } => Problem {
            size: Some(*size),
            ..Problem::new(
                409,
                "went-back",
                "this log was larger before, or had another root at this size",
                "compare with guard audit verify; a log that went back was changed",
            )
        },
    }
}

/// What a requester may ask the mailbox to hold.
fn sensible(header: &Header) -> Result<(), Problem> {
    let (from, now) = (header.iat, now());
    let hint = "check the clock of this machine, then ask again";
    if header.exp <= now - SKEW {
        return Err(Problem::new(422, "over", "the request has expired", hint));
    }
    if from > now + SKEW || header.exp - from > LONGEST {
        return Err(Problem::new(
            422,
            "times",
            "the request's times are not within seven days from now",
            hint,
        ));
    }
    Ok(())
}

pub async fn submit(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (_, letter) = letter(&app, &headers, &team, body, Counted::Requests).await?;
    let effect = match &letter.content {
        Content::Request { header, shape } => {
            sensible(header)?;
            app.count(Counted::HostRequests, &team, &header.host)?;
            let pending_limit = app.settings.limits.pending;
            Effect::Open { header: header.clone(), shape: *shape, pending_limit }
        }
        Content::Breakglass { header } => Effect::Alarm { header: header.clone() },
        Content::Approval { .. }
        | Content::Cancel
        | Content::Claim { .. }
        | Content::Receipt
        | Content::Heard
        | Content::Ticket { .. }
        | Content::Review { .. }
        | Content::Checkpoint { .. } => return Err(wrong_place()),
    };
    let (kept, rd) = keep(&app, &team, letter, effect).await?;
    let mut response = receipt(kept, rd)?;
    let place = format!("/v1/t/{team}/requests/{}", digest_text(&rd));
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

pub async fn say(
    State(app): State<Arc<App>>,
    Path((team, rd)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (_, letter) = letter(&app, &headers, &team, body, Counted::Decisions).await?;
    let effect = match &letter.content {
        Content::Approval { end: Some(state), report, .. } => Effect::End { state: *state, report: *report },
        Content::Approval { end: None, heard: Some(event), .. } => Effect::Heard { event: *event },
        Content::Approval { end: None, heard: None, .. } | Content::Heard => Effect::Remark,
        Content::Cancel => Effect::EndOwn { state: RequestState::Cancelled },
        Content::Receipt => Effect::EndOwn { state: RequestState::Done },
        Content::Breakglass { header } => Effect::Alarm { header: header.clone() },
        Content::Review { about } => Effect::Review { about: *about },
        Content::Request { .. }
        | Content::Claim { .. }
        | Content::Ticket { .. }
        | Content::Checkpoint { .. } => {
            return Err(wrong_place());
        }
    };
    let place = parse_digest(&rd);
    // A review names the break-glass; the store looks whether that is in this thread.
    let letter = match (&letter.content, place) {
        (Content::Review { .. }, Some(rd)) => Letter { rd, ..letter },
        _ => letter,
    };
    if place != Some(letter.rd) {
        return Err(Problem::new(
            422,
            "other-request",
            "the statement is about another request than its address",
            "send it to the request that it names",
        ));
    }
    let (kept, rd) = keep(&app, &team, letter, effect).await?;
    receipt(kept, rd)
}

pub async fn claim(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (_, letter) = letter(&app, &headers, &team, body, Counted::Decisions).await?;
    let Content::Claim { nonce } = &letter.content else { return Err(wrong_place()) };
    let effect = Effect::Claim { nonce: nonce.clone() };
    let (kept, rd) = keep(&app, &team, letter, effect).await?;
    receipt(kept, rd)
}

pub async fn issue_ticket(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (_, letter) = letter(&app, &headers, &team, body, Counted::Requests).await?;
    let Content::Ticket { header, shape } = &letter.content else { return Err(wrong_place()) };
    sensible(header)?;
    let pending_limit = app.settings.limits.pending.saturating_mul(TICKETS);
    let effect = Effect::Open { header: header.clone(), shape: *shape, pending_limit };
    let (kept, rd) = keep(&app, &team, letter, effect).await?;
    receipt(kept, rd)
}

pub async fn tickets(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.caller(&headers, &team, Counted::Reads).await?;
    let all = app.store.of_kind(&team, "ticket").await?;
    Ok(json(StatusCode::OK, format!("{{\"team\":{},\"tickets\":[{}]}}", quoted(&team), entries(&all))))
}
