//! The relay's pages for phones: a request to decide on, and a passkey to enrol. They show and forward; every
//! decision is a passkey's signature that the requester's guard checks. Must never run a script of another origin.

mod signed;

pub use signed::{passkey, signed};

use super::http::problem::Problem;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::Response;

const APPROVE: &str = include_str!("assets/approve.html");
const ENROL: &str = include_str!("assets/enrol.html");
const SCRIPT: &str = "text/javascript; charset=utf-8";
const FILES: &[(&str, &str, &str)] = &[
    ("approve.js", SCRIPT, include_str!("assets/approve.js")),
    ("common.js", SCRIPT, include_str!("assets/common.js")),
    ("enrol.js", SCRIPT, include_str!("assets/enrol.js")),
    ("page.css", "text/css; charset=utf-8", include_str!("assets/page.css")),
];

/// What a browser is told beside the content: nothing from elsewhere, nothing inline, no frame, no form, no referrer.
const HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; \
         frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), \
         geolocation=()",
    ),
    // A page that was updated must not meet a script that was not.
    ("cache-control", "no-store"),
];

fn answer(kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        headers.insert(*name, HeaderValue::from_static(value));
    }
    response
}

/// The same for every address: what it is about is read by the script, and fetched with a signature.
pub async fn approve() -> Response {
    answer("text/html; charset=utf-8", APPROVE)
}

pub async fn enrol() -> Response {
    answer("text/html; charset=utf-8", ENROL)
}

pub async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(known, ..)| *known == name);
    found.map(|(_, kind, text)| answer(kind, text)).ok_or_else(|| Problem::missing("file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inline_foreign_or_markup() {
        for page in [APPROVE, ENROL] {
            assert_eq!(page.matches("<script").count(), 1);
            assert!(page.contains("<script type=\"module\" src=\"/page/"));
            for never in ["style=", " onclick", " onload", "http:", "https:", "<form", "<iframe", "<style"] {
                assert!(!page.contains(never), "{never}");
            }
        }
        for (name, _, text) in FILES {
            for never in
                ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "://", "@import"]
            {
                assert!(!text.contains(never), "{name}: {never}");
            }
        }
    }
}
