//! Reading a body: at most 256 KiB, within 15 seconds, a bounded number at once.

use super::app::App;
use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use std::time::Duration;

/// The largest body that is read.
pub const LARGEST: usize = 256 * 1024;
/// For what strangers may send.
pub const SMALL: usize = 8 * 1024;
const PATIENCE: Duration = Duration::from_secs(15);

pub async fn read(app: &App, headers: &HeaderMap, body: Body, largest: usize) -> Result<Bytes, Problem> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > largest as u64) {
        return Err(Problem::too_large(largest));
    }
    let reading = async {
        // Strangers' bodies are small, and must not take the places of those who signed in.
        let _place = if largest > SMALL { app.bodies.acquire().await.ok() } else { None };
        axum::body::to_bytes(body, largest).await
    };
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The only way to ask: the error's type has no name here.
        Ok(Err(error)) if error.to_string().contains("length limit") => Err(Problem::too_large(largest)),
        Ok(Err(_)) => Err(Problem::bad("the body ended early")),
        Err(_) => Err(Problem::new(408, "slow", "the body came too slowly", "send it again")),
    }
}
