//! Server-sent events: one small event for each statement of a team, from `Last-Event-ID` on. An event names a
//! statement; whoever wants it asks for it.

use super::app::App;
use super::problem::Problem;
use super::query::Query;
use crate::relay::limits::Counted;
use crate::relay::mail::digest_text;
use crate::relay::now;
use crate::relay::store::Entry;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use futures_core::Stream;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

const HEARTBEAT: Duration = Duration::from_secs(15);
/// Chunks that may wait for a slow reader; then the sender waits.
const AHEAD: usize = 4;

struct Chunks(mpsc::Receiver<Bytes>);

impl Stream for Chunks {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(Ok))
    }
}

pub async fn events(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = app.caller(&headers, &team, Counted::Reads).await?;
    let last = headers.get("last-event-id").map(|id| id.to_str().ok().and_then(|id| id.parse().ok()));
    let after: i64 = match last {
        Some(Some(id)) if id >= 0 => id,
        Some(_) => return Err(Problem::bad("Last-Event-ID is not a sequence number")),
        None => Query::of(&uri).number("after", i64::MAX)?,
    };
    let (chunks, body) = mpsc::channel(AHEAD);
    let left = u64::try_from(caller.bearer.exp - now()).unwrap_or(0);
    tokio::spawn(async move {
        // The stream ends with the bearer; the reader comes back with a new one and the last id.
        let _ = tokio::time::timeout(Duration::from_secs(left), follow(&app, &team, after, &chunks)).await;
    });
    let mut response = Response::new(Body::from_stream(Chunks(body)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Sends until the reader or this instance goes.
async fn follow(app: &App, team: &str, mut after: i64, chunks: &mpsc::Sender<Bytes>) -> Option<()> {
    let mut newest = app.hub.follow(team);
    chunks.send(Bytes::from_static(b"retry: 1000\n\n")).await.ok()?;
    loop {
        newest.mark_unchanged();
        // When the database is away the reader comes back and asks again.
        let entries = app.store.since(team, after).await.ok()?;
        if let Some(last) = entries.last() {
            after = last.seq;
            let text: String = entries.iter().map(event).collect();
            chunks.send(Bytes::from(text)).await.ok()?;
            continue;
        }
        tokio::select! {
            changed = newest.changed() => changed.ok()?,
            () = tokio::time::sleep(HEARTBEAT) => chunks.send(Bytes::from_static(b": here\n\n")).await.ok()?,
            () = chunks.closed() => return None,
            () = app.hub.closed() => return None,
        }
    }
}

fn event(entry: &Entry) -> String {
    let data = serde_json::json!({
        "seq": entry.seq, "type": entry.kind, "request": digest_text(&entry.rd), "person": entry.person,
    });
    format!("id: {}\nevent: statement\ndata: {data}\n\n", entry.seq)
}
