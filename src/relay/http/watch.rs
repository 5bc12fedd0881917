//! Around every call: counts it, logs it without foreign text, and makes every error a problem document.

use super::app::App;
use super::problem::{MEDIA, Problem};
use super::routes::ROUTES;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub async fn watch(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let start = crate::relay::boot_millis();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let mut response = documented(next.run(request).await);
    let status = response.status().as_u16();
    let route = route_of(&method, path.as_ref().map(MatchedPath::as_str));
    let shown = route.unwrap_or("other");
    let millis = crate::relay::boot_millis().saturating_sub(start);
    app.measures.called(method.as_str(), shown, status, millis);
    if let Some(route) = ROUTES.iter().find(|r| r.method == method.as_str() && r.path == shown)
        && !route.statuses.contains(&status)
    {
        // openapi.yaml is held against the same table; the tests look for this line.
        tracing::error!(route = shown, status, "undeclared status");
    }
    if status >= 500 {
        tracing::warn!(method = method.as_str(), route = shown, status, millis, "call");
    } else {
        tracing::debug!(method = method.as_str(), route = shown, status, millis, "call");
    }
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

fn route_of(method: &Method, path: Option<&str>) -> Option<&'static str> {
    let path = path?;
    let known = |r: &&super::routes::Route| r.method == method.as_str() && r.path == path;
    ROUTES.iter().find(known).map(|r| r.path)
}

/// Errors of the framework (404, 405, bad escapes in a path) in our own words.
fn documented(response: Response) -> Response {
    let status = response.status().as_u16();
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes() == MEDIA.as_bytes());
    if status < 400 || ours {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut problem = match status {
        404 => Problem::missing("address").into_response(),
        405 => {
            let hint = "see openapi.yaml for what this address takes";
            Problem::new(405, "method", "this address does not take that method", hint).into_response()
        }
        400..500 => Problem { status, ..Problem::bad("the call cannot be read") }.into_response(),
        _ => Problem::new(500, "internal", "the relay failed", "see its log, and report it").into_response(),
    };
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}
