//! Errors as `application/problem+json` (RFC 9457): a stable type, a sentence, and what to do next. Must never
//! repeat foreign text.

use crate::relay::mail::Malformed;
use crate::relay::store::StoreError;
use crate::statement::Why;
use crate::statement::roster::NotARoster;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

pub const MEDIA: &str = "application/problem+json";

/// One kind of trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    /// Last part of `urn:guard:problem:…`.
    pub kind: &'static str,
    pub detail: String,
    pub hint: &'static str,
    /// Seconds until it is worth trying again.
    pub retry_after: Option<u64>,
    /// The size of a log as this relay saw it last.
    pub size: Option<i64>,
}

impl Problem {
    pub fn new(status: u16, kind: &'static str, detail: impl Into<String>, hint: &'static str) -> Problem {
        Problem { status, kind, detail: detail.into(), hint, retry_after: None, size: None }
    }

    pub fn bad(detail: impl Into<String>) -> Problem {
        Problem::new(400, "bad-request", detail, "see openapi.yaml for the shape of this call")
    }

    pub fn sign_in() -> Problem {
        Problem::new(
            401,
            "sign-in",
            "no valid bearer",
            "sign a challenge of /v1/auth/challenge with a key of the team's roster",
        )
    }

    pub fn not_yours() -> Problem {
        Problem::new(403, "other-team", "the bearer is for another team", "sign in to this team")
    }

    pub fn missing(what: &str) -> Problem {
        let hint = "check the address; what ended long ago is removed";
        Problem::new(404, "not-found", format!("there is no such {what}"), hint)
    }

    pub fn too_large(largest: usize) -> Problem {
        let detail = format!("the body has more than {largest} bytes");
        Problem::new(413, "too-large", detail, "send large inputs as hashes")
    }

    pub fn too_many(detail: &'static str, seconds: u64) -> Problem {
        let hint = "wait as long as Retry-After says; a waiting command does so by itself";
        Problem { retry_after: Some(seconds), ..Problem::new(429, "too-many", detail, hint) }
    }

    pub fn ending() -> Problem {
        let hint = "ask again, another instance answers";
        Problem { retry_after: Some(1), ..Problem::new(503, "ending", "this instance ends", hint) }
    }

    fn document(&self) -> String {
        let title =
            StatusCode::from_u16(self.status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
        let mut document = serde_json::json!({
            "type": format!("urn:guard:problem:{}", self.kind), "title": title, "status": self.status,
            "detail": self.detail, "hint": self.hint,
        });
        if let Some(size) = self.size {
            document["size"] = size.into();
        }
        document.to_string()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.document()));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == 413 || self.status == 408 {
            // The rest of the body is not read.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        // What the database said goes to the log, not to strangers.
        tracing::error!(error = %error, "the database did not do it");
        let (kind, detail) = match error {
            StoreError::Full => ("database-full", "the relay's database is full; nothing was kept"),
            StoreError::Gone(_)
            | StoreError::Layout { .. }
            | StoreError::Held
            | StoreError::Broken(_)
            | StoreError::File(_) => ("database", "the relay cannot use its database; nothing was kept"),
        };
        let hint = "try again soon, or pass request and approval on as text (guard approve --paste)";
        Problem { retry_after: Some(2), ..Problem::new(503, kind, detail, hint) }
    }
}

/// The stable word for why a statement was not taken; what is not listed is a matter of its form.
fn reason(why: &Why) -> &'static str {
    match why {
        Why::Signature(_) => "signature",
        Why::UnknownKey
        | Why::KeyUse(_)
        | Why::KeyNotYet
        | Why::KeyOver
        | Why::KeyRevoked
        | Why::Flags(_) => "key",
        Why::OtherTeam => "other-team",
        Why::OtherPerson | Why::OtherKey | Why::NotTheRequester => "disagrees",
        _ => "malformed",
    }
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Problem {
        let (status, kind) = match &malformed {
            Malformed::Roster(NotARoster::Shape(_) | NotARoster::Content(_)) => (422, "malformed"),
            Malformed::Roster(_) => (409, "roster"),
            Malformed::Statement(why) => (422, reason(why)),
        };
        let hint = "check the team's roster (guard team show), then sign it again";
        Problem::new(status, kind, malformed.words(), hint)
    }
}
