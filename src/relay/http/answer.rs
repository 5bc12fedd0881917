//! JSON answers. Envelopes are put in as they are kept: they were parsed and spelled again when they came in.

use crate::relay::mail::digest_text;
use crate::relay::store::Entry;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::fmt::Write;

pub fn json(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 204: nothing new yet, which is no error.
pub fn nothing() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// `{"seq":…,"type":…,"envelope":{…}}` and so on, joined by commas.
pub fn entries(all: &[Entry]) -> String {
    joined(all, ",", "")
}

/// The same, each on a line of its own.
pub fn lines(all: &[Entry]) -> String {
    joined(all, "", "\n")
}

fn joined(all: &[Entry], between: &str, behind: &str) -> String {
    let mut text = String::with_capacity(all.iter().map(|e| e.envelope.len() + 320).sum());
    for (number, entry) in all.iter().enumerate() {
        let comma = if number == 0 { "" } else { between };
        let (kid, person) = (quoted(&entry.kid), quoted(&entry.person));
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "{comma}{{\"seq\":{},\"type\":\"{}\",\"request\":\"{}\",\"key\":{kid},\"person\":{person},\"received_at\":{},\"envelope\":{}}}{behind}",
            entry.seq,
            entry.kind,
            digest_text(&entry.rd),
            entry.at,
            entry.envelope
        );
    }
    text
}

/// A JSON string.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
