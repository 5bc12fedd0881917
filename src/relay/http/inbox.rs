//! What waits for a decision, worst first. Titles come from requesters: clients show them as foreign text.

use super::answer::{json, quoted};
use super::app::App;
use super::problem::Problem;
use super::query::Query;
use crate::relay::limits::Counted;
use crate::relay::mail::digest_text;
use crate::relay::now;
use crate::relay::store::{Row, State as RequestState};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use std::sync::Arc;

pub async fn inbox(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let state = match Query::of(&uri).text("state").unwrap_or("pending") {
        "all" => None,
        word => Some(
            RequestState::from_word(word)
                .ok_or_else(|| Problem::bad("state is pending, denied, cancelled, expired, done or all"))?,
        ),
    };
    app.caller(&headers, &team, Counted::Reads).await?;
    let rows = app.store.inbox(&team, state, now()).await?;
    let alone = app.store.is_one_instance_s();
    let waits = |row: &Row| app.presence.waits(row.rd, &row.header.person, alone);
    let lines: Vec<String> = rows.iter().map(|row| line(row, waits(row))).collect();
    Ok(json(StatusCode::OK, format!("{{\"team\":{},\"requests\":[{}]}}", quoted(&team), lines.join(","))))
}

fn line(row: &Row, waits: Option<bool>) -> String {
    let mut value = serde_json::json!({
        "request": digest_text(&row.rd), "seq": row.seq, "state": row.state.word(), "repeats": row.repeats,
        "waits": waits,
    });
    value["header"] = serde_json::to_value(&row.header).unwrap_or_default();
    value.to_string()
}

/// Whose submissions are held back.
pub async fn frozen(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.caller(&headers, &team, Counted::Reads).await?;
    let people = serde_json::to_string(&app.store.frozen(&team).await?).unwrap_or_default();
    Ok(json(StatusCode::OK, format!("{{\"team\":{},\"frozen\":{people}}}", quoted(&team))))
}

/// An admin lets somebody else submit again.
pub async fn thaw(
    State(app): State<Arc<App>>,
    Path((team, person)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = app.caller(&headers, &team, Counted::Decisions).await?;
    if !caller.roster.is_admin(&caller.person) || caller.person == person {
        return Err(Problem::new(
            403,
            "not-admin",
            "only an admin of the team can clear a report, and nobody their own",
            "ask an admin who was not reported",
        ));
    }
    if !app.store.thaw(&team, &person).await? {
        return Err(Problem::missing("report"));
    }
    tracing::info!(by = %caller.bearer.kid, "a report was cleared");
    Ok(super::answer::nothing())
}
