//! Every call the relay takes, in one table; the router is built from it and openapi.yaml is compared with it.

use super::app::App;
use super::{checkpoints, events, health, inbox, poll, requests, rosters, sign_in, watch};
use crate::relay::page;
use axum::Router;
use axum::routing::{MethodRouter, delete, get, post, put};
use std::sync::Arc;

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    /// Every status it may answer with.
    pub statuses: &'static [u16],
    call: Call,
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Challenge,
    Token,
    Submit,
    Poll,
    Say,
    Claim,
    Inbox,
    Events,
    Roster,
    RosterVersion,
    PutRoster,
    Tickets,
    IssueTicket,
    Checkpoint,
    Frozen,
    Thaw,
    ApprovePage,
    EnrolPage,
    PageFile,
    Passkey,
    Signed,
    Alive,
    Ready,
    Metrics,
}

const fn route(method: &'static str, path: &'static str, call: Call, statuses: &'static [u16]) -> Route {
    Route { method, path, statuses, call }
}

pub const ROUTES: &[Route] = &[
    route("POST", "/v1/auth/challenge", Call::Challenge, &[200, 400, 408, 413, 503]),
    route("POST", "/v1/auth/token", Call::Token, &[200, 400, 401, 408, 413, 503]),
    route("POST", "/v1/t/{team}/requests", Call::Submit, &[200, 201, 400, 401, 403, 408, 413, 422, 429, 503]),
    route("GET", "/v1/t/{team}/requests/{rd}", Call::Poll, &[200, 204, 400, 401, 403, 404, 429, 503]),
    route(
        "POST",
        "/v1/t/{team}/requests/{rd}/statements",
        Call::Say,
        &[200, 201, 400, 401, 403, 404, 408, 413, 422, 429, 503],
    ),
    route(
        "POST",
        "/v1/t/{team}/claims",
        Call::Claim,
        &[200, 201, 400, 401, 403, 404, 408, 409, 413, 422, 429, 503],
    ),
    route("GET", "/v1/t/{team}/inbox", Call::Inbox, &[200, 400, 401, 403, 429, 503]),
    route("GET", "/v1/t/{team}/events", Call::Events, &[200, 400, 401, 403, 429, 503]),
    route("GET", "/v1/t/{team}/roster", Call::Roster, &[200, 400, 401, 403, 429, 503]),
    route(
        "PUT",
        "/v1/t/{team}/roster",
        Call::PutRoster,
        &[200, 201, 400, 401, 403, 408, 409, 413, 422, 429, 503],
    ),
    route("GET", "/v1/t/{team}/roster/{version}", Call::RosterVersion, &[200, 400, 401, 403, 404, 429, 503]),
    route("GET", "/v1/t/{team}/tickets", Call::Tickets, &[200, 400, 401, 403, 429, 503]),
    route(
        "POST",
        "/v1/t/{team}/tickets",
        Call::IssueTicket,
        &[200, 201, 400, 401, 403, 408, 413, 422, 429, 503],
    ),
    route(
        "POST",
        "/v1/t/{team}/checkpoints",
        Call::Checkpoint,
        &[200, 201, 400, 401, 403, 408, 409, 413, 422, 429, 503],
    ),
    route("GET", "/v1/t/{team}/frozen", Call::Frozen, &[200, 400, 401, 403, 429, 503]),
    route("DELETE", "/v1/t/{team}/frozen/{person}", Call::Thaw, &[204, 400, 401, 403, 404, 429, 503]),
    route("GET", "/a/{rd}", Call::ApprovePage, &[200]),
    route("GET", "/enrol/{team}", Call::EnrolPage, &[200]),
    route("GET", "/page/{file}", Call::PageFile, &[200, 400, 404]),
    route("POST", "/v1/page/{team}/passkey", Call::Passkey, &[200, 400, 404, 408, 413, 429, 503]),
    route("POST", "/v1/page/{team}/{rd}", Call::Signed, &[200, 201, 400, 403, 404, 408, 413, 422, 429, 503]),
    route("GET", "/healthz", Call::Alive, &[200]),
    route("GET", "/readyz", Call::Ready, &[200, 503]),
    route("GET", "/metrics", Call::Metrics, &[200]),
];

fn handler(call: Call) -> MethodRouter<Arc<App>> {
    match call {
        Call::Challenge => post(sign_in::challenge),
        Call::Token => post(sign_in::token),
        Call::Submit => post(requests::submit),
        Call::Poll => get(poll::poll),
        Call::Say => post(requests::say),
        Call::Claim => post(requests::claim),
        Call::Inbox => get(inbox::inbox),
        Call::Events => get(events::events),
        Call::Roster => get(rosters::newest),
        Call::RosterVersion => get(rosters::version),
        Call::PutRoster => put(rosters::put),
        Call::Tickets => get(requests::tickets),
        Call::IssueTicket => post(requests::issue_ticket),
        Call::Checkpoint => post(checkpoints::witness),
        Call::Frozen => get(inbox::frozen),
        Call::Thaw => delete(inbox::thaw),
        Call::ApprovePage => get(page::approve),
        Call::EnrolPage => get(page::enrol),
        Call::PageFile => get(page::file),
        Call::Passkey => post(page::passkey),
        Call::Signed => post(page::signed),
        Call::Alive => get(health::alive),
        Call::Ready => get(health::ready),
        Call::Metrics => get(health::metrics),
    }
}

pub fn router(app: Arc<App>) -> Router {
    let routes = ROUTES.iter().fold(Router::new(), |router, r| router.route(r.path, handler(r.call)));
    routes.layer(axum::middleware::from_fn_with_state(Arc::clone(&app), watch::watch)).with_state(app)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_served_by_the_method_it_names() {
        for route in ROUTES {
            let shown = format!("{:?}", handler(route.call));
            let filled = format!("{}: Route", route.method.to_lowercase());
            let boxed = format!("{}: BoxedHandler", route.method.to_lowercase());
            assert!(
                shown.contains(&filled) || shown.contains(&boxed),
                "{} {}: {shown}",
                route.method,
                route.path
            );
        }
    }
}
