//! Ten thousand who wait, what they cost, and how soon one of them hears.

use crate::client::{Relay, connect};
use crate::requester;
use crate::support::Scene;
use crate::team::Team;
use guard::statement::request::Severity;
use guard::statement::{Decision, Envelope};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

const APPROVALS: usize = 1000;

pub async fn measure(relay: &Relay, team: &Team, scene: &Scene, count: usize) {
    println!("before anybody waits: {:.0} MiB", relay.memory("VmRSS"));
    let token = Arc::new(relay.sign_in(team, "alice").await);
    let requests = submit(relay, team, &token, count).await;
    let (heard, mut hearing) = mpsc::unbounded_channel::<(usize, Instant)>();
    for (number, (request, seq)) in requests.iter().enumerate() {
        let mut connection = relay.connect().await;
        let path = format!("/v1/t/{}/requests/{}?after={seq}&wait=55", team.name, request.digest());
        let (token, heard, address) = (Arc::clone(&token), heard.clone(), relay.address.clone());
        tokio::spawn(async move {
            loop {
                match connection.try_call(&path, &token).await {
                    Some(200) => break,
                    Some(204) => {}
                    Some(status) => panic!("status {status}"),
                    None => match connect(&address).await {
                        Some(again) => connection = again,
                        // The measurement is over.
                        None => return,
                    },
                }
            }
            let _ = heard.send((number, Instant::now()));
            // The connection stays, as a client's would.
            std::future::pending::<()>().await;
        });
    }
    wait_for(relay, count).await;
    println!("{count} waiting: {:.0} MiB", relay.memory("VmRSS"));

    let bob = relay.sign_in(team, "bob").await;
    let mut connection = relay.connect().await;
    let mut times = Vec::with_capacity(APPROVALS);
    for step in 0..APPROVALS.min(count) {
        let number = step * 7919 % count;
        let request = &requests[number].0;
        let body = team.decide("bob", request, Decision::Approve).to_bytes();
        let path = format!("/v1/t/{}/requests/{}/statements", team.name, request.digest());
        let begun = Instant::now();
        let (status, _) = connection.call("POST", &path, &bob, &body).await;
        assert_eq!(status, 201);
        let (who, when) = hearing.recv().await.expect("somebody hears");
        assert_eq!(who, number, "and nobody else");
        times.push(when - begun);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    crate::report_times("approve to the waiting connection", &mut times);
    crate::command::measure(relay, team, scene).await;
    println!("peak: {:.0} MiB", relay.memory("VmHWM"));
}

/// Posts from 64 connections; returns the requests with their sequence numbers.
async fn submit(relay: &Relay, team: &Team, token: &Arc<String>, count: usize) -> Vec<(Envelope, i64)> {
    let mut tasks = tokio::task::JoinSet::new();
    let path = Arc::new(format!("/v1/t/{}/requests", team.name));
    for part in 0..64 {
        let mine: Vec<Envelope> = (part..count)
            .step_by(64)
            .map(|n| {
                let words = ["kubectl", "delete", "ns", &n.to_string()];
                // Less severe than what the measured commands ask for, which then stand first in the inbox.
                team.request_with(&requester(n), &words, |r| r.policy.severity = Severity::Low)
            })
            .collect();
        let mut connection = relay.connect().await;
        let (token, path) = (Arc::clone(token), Arc::clone(&path));
        tasks.spawn(async move {
            let mut kept = Vec::with_capacity(mine.len());
            for request in mine {
                let (status, body) = connection.call("POST", &path, &token, &request.to_bytes()).await;
                assert_eq!(status, 201);
                let answer: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
                kept.push((request, answer["seq"].as_i64().expect("seq")));
            }
            kept
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

async fn wait_for(relay: &Relay, count: usize) {
    let wanted = format!("guard_relay_waiting {count}\n");
    loop {
        let (_, body) = relay.connect().await.call("GET", "/metrics", "", b"").await;
        if String::from_utf8_lossy(&body).contains(&wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
