//! Whether the process lives, whether it can serve, and how it fares.

use super::answer::json;
use super::app::App;
use super::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;

/// A database that takes longer is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

pub async fn alive() -> Response {
    json(StatusCode::OK, "{\"status\":\"alive\"}".to_owned())
}

pub async fn ready(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    if app.hub.is_closing() {
        return Err(Problem::ending());
    }
    match tokio::time::timeout(PATIENCE, app.store.ready()).await {
        Ok(Ok(())) => Ok(json(StatusCode::OK, "{\"status\":\"ready\"}".to_owned())),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(crate::relay::store::StoreError::Gone("no answer within 3 s".to_owned()).into()),
    }
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let mut response = Response::new(Body::from(app.measures.text(app.hub.waiting())));
    let media = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}
