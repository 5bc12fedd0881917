//! The long poll: a request and what was said about it, or 204 when nothing came in time. Ten thousand of these
//! wait at once, so a waiter keeps little more than its place in the hub.

use super::answer::{entries, json, nothing};
use super::app::App;
use super::problem::Problem;
use super::query::Query;
use crate::relay::limits::Counted;
use crate::relay::mail::{digest_text, parse_digest};
use crate::relay::now;
use crate::relay::store::{State as RequestState, Thread};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait in seconds; proxies cut at 30 or 60.
const LONGEST: i64 = 55;

pub async fn poll(
    State(app): State<Arc<App>>,
    Path((team, rd)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let query = Query::of(&uri);
    let (after, wait) = (query.number("after", i64::MAX)?, query.number("wait", LONGEST)?);
    let caller = app.caller(&headers, &team, Counted::Reads).await?;
    // What is not needed while waiting is given back.
    drop((uri, headers));
    let rd = parse_digest(&rd).ok_or_else(|| Problem::missing("request"))?;
    let until = tokio::time::Instant::now() + Duration::from_secs(wait.unsigned_abs());
    // Who only looks does not wait for it.
    let _here = (wait > 0).then(|| app.presence.mark(rd, &caller.person));
    drop(caller);
    let waiting = app.hub.wait_for(rd);
    loop {
        let heard = waiting.notify.notified();
        tokio::pin!(heard);
        // From here on nothing is missed, the look into the database included.
        heard.as_mut().enable();
        let thread = app.store.thread(&team, rd, after).await?.ok_or_else(|| Problem::missing("request"))?;
        if !thread.entries.is_empty() {
            return Ok(found(rd, &thread));
        }
        drop(thread);
        tokio::select! {
            biased;
            () = &mut heard => {}
            () = tokio::time::sleep_until(until) => return Ok(nothing()),
            () = app.hub.closed() => {
                let mut response = nothing();
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                return Ok(response);
            }
        }
    }
}

fn found(rd: [u8; 32], thread: &Thread) -> Response {
    let over = thread.state == RequestState::Pending && thread.exp < now();
    let state = if over { RequestState::Expired } else { thread.state };
    let next = thread.entries.last().map_or(0, |entry| entry.seq);
    let text = format!(
        "{{\"request\":\"{}\",\"state\":\"{}\",\"exp\":{},\"next\":{next},\"statements\":[{}]}}",
        digest_text(&rd),
        state.word(),
        thread.exp,
        entries(&thread.entries)
    );
    json(StatusCode::OK, text)
}
