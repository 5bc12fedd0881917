//! A thousand requesters at once while what they depend on is killed at random moments: nothing that was acknowledged
//! is lost, nothing is kept twice, and everybody who waits goes on where they were.

use crate::postgres;
use crate::server::{Caller, GENEROUS, Place, Relay, database, shared};
use crate::team::Team;
use guard::statement::{Decision, Envelope};
use serde_json::Value;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REQUESTERS: usize = 1000;
/// Approvers at once.
const APPROVERS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the instances are, and bearers that count at each.
struct Site {
    addresses: Vec<String>,
    team: Arc<Team>,
    alice: String,
    bob: String,
    /// Requests and approvals that were acknowledged.
    acknowledged: AtomicUsize,
    /// Times that somebody had to ask again.
    again: AtomicUsize,
    until: Instant,
}

/// A status and a body over one connection; `None` when the other side went away.
async fn exchange(stream: &mut TcpStream, call: &[u8]) -> Option<(u16, Value)> {
    stream.write_all(call).await.ok()?;
    let (mut buffer, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        buffer.extend_from_slice(&chunk[..read]);
        let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")?.trim().parse().ok());
        if buffer.len() >= end + 4 + length.unwrap_or(0) {
            let status = head[9..12].parse().expect("a status");
            return Some((status, serde_json::from_slice(&buffer[end + 4..]).unwrap_or_default()));
        }
    }
}

impl Site {
    /// Asks until there is an answer other than "not now", as a client does: at the next instance when one is gone.
    async fn ask(&self, turn: usize, method: &str, path: &str, token: &str, body: &[u8]) -> (u16, Value) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: r\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let call = [head.as_bytes(), body].concat();
        for turn in turn.. {
            let address = &self.addresses[turn % self.addresses.len()];
            if let Ok(mut stream) = TcpStream::connect(address).await
                && let Some(answer) = exchange(&mut stream, &call).await
                && answer.0 != 503
            {
                return answer;
            }
            self.again.fetch_add(1, Ordering::Relaxed);
            assert!(Instant::now() < self.until, "no answer in time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("the turns have no end")
    }

    fn at(&self, rest: &str) -> String {
        format!("/v1/t/{}/requests{rest}", self.team.name)
    }

    /// Posts until it is acknowledged; twice is fine, refused is not.
    async fn post(&self, turn: usize, path: &str, token: &str, envelope: &Envelope) -> i64 {
        let (status, body) = self.ask(turn, "POST", path, token, &envelope.to_bytes()).await;
        assert!(matches!(status, 200 | 201), "{status} {body}");
        self.acknowledged.fetch_add(1, Ordering::SeqCst);
        body["seq"].as_i64().expect("a number")
    }

    /// A requester: asks, then waits for the approval.
    async fn request(
        &self,
        number: usize,
        request: &Envelope,
        told: &tokio::sync::mpsc::UnboundedSender<usize>,
    ) {
        let mut after = self.post(number, &self.at(""), &self.alice, request).await;
        told.send(number).expect("somebody approves");
        loop {
            let path = self.at(&format!("/{}?after={after}&wait=50", request.digest()));
            let (status, body) = self.ask(number, "GET", &path, &self.alice, b"").await;
            if status == 204 {
                assert!(Instant::now() < self.until, "nobody heard");
                continue;
            }
            assert_eq!(status, 200, "{body}");
            let statements = body["statements"].as_array().expect("statements");
            assert_eq!((statements.len(), &statements[0]["type"]), (1, &"approval".into()), "{body}");
            after = statements[0]["seq"].as_i64().expect("a number");
            // Once, and nothing behind it.
            let path = self.at(&format!("/{}?after={after}&wait=0", request.digest()));
            assert_eq!(self.ask(number, "GET", &path, &self.alice, b"").await.0, 204);
            return;
        }
    }
}

/// All requesters and approvers; ends when each requester has its approval.
async fn everybody(site: Arc<Site>, requests: Arc<Vec<Envelope>>) {
    let mut tasks = tokio::task::JoinSet::new();
    let (told, hears) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..requests.len() {
        let (site, requests, told) = (Arc::clone(&site), Arc::clone(&requests), told.clone());
        tasks.spawn(async move { site.request(number, &requests[number], &told).await });
    }
    drop(told);
    let hears = Arc::new(tokio::sync::Mutex::new(hears));
    for turn in 0..APPROVERS {
        let (site, requests, hears) = (Arc::clone(&site), Arc::clone(&requests), Arc::clone(&hears));
        tasks.spawn(async move {
            loop {
                let Some(number) = hears.lock().await.recv().await else { return };
                let request = &requests[number];
                let approval = site.team.decide("bob", request, Decision::Approve);
                let path = site.at(&format!("/{}/statements", request.digest()));
                site.post(turn, &path, &site.bob, &approval).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("nobody fails");
    }
}

/// A port for an instance that is started again.
fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").to_string()
}

fn start(place: &Place, db: &str, team: &Team, address: &str) -> Relay {
    let listen = format!("--listen={address}");
    // One address for all instances, as behind a proxy, so that a bearer counts at each.
    Relay::start(place, db, team, &[GENEROUS, &[&listen, "--url=http://relay.example"]].concat())
}

fn signed_in(relay: &Relay, address: &str, team: &Team, who: &str) -> String {
    let mut caller: Caller = relay.stranger();
    caller.url = format!("http://{address}");
    caller.signed_in(team, who).token.expect("a bearer")
}

/// Runs `REQUESTERS` against these instances; `kill` is called each time so many more were acknowledged.
fn under_fire(
    place: &Place,
    db: &str,
    instances: usize,
    mut kill: impl FnMut(usize, &mut Vec<Relay>, &dyn Fn(usize) -> Relay),
) {
    guard::sys::process::open_many_files();
    let team = Arc::new(Team::new());
    let addresses: Vec<String> = (0..instances).map(|_| free_port()).collect();
    let again = |which: usize| start(place, db, &team, &addresses[which]);
    let mut relays: Vec<Relay> = (0..instances).map(again).collect();
    let site = Arc::new(Site {
        addresses: addresses.clone(),
        alice: signed_in(&relays[0], &addresses[0], &team, "alice"),
        bob: signed_in(&relays[0], &addresses[0], &team, "bob"),
        team: Arc::clone(&team),
        acknowledged: AtomicUsize::new(0),
        again: AtomicUsize::new(0),
        until: Instant::now() + PATIENCE,
    });
    let requests: Arc<Vec<Envelope>> =
        Arc::new((0..REQUESTERS).map(|n| team.request("alice", &["x", &n.to_string()])).collect());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let all = runtime.spawn(everybody(Arc::clone(&site), Arc::clone(&requests)));
    for round in 0..4 {
        // At random, within each fifth of all that there is to acknowledge.
        let random = usize::from(guard::keys::random::<1>().expect("random")[0]);
        let moment = (round * 2 * REQUESTERS + 2 * REQUESTERS * random / 256) / 5 + 1;
        while site.acknowledged.load(Ordering::SeqCst) < moment && !all.is_finished() {
            std::thread::sleep(Duration::from_millis(1));
        }
        kill(round, &mut relays, &again);
    }
    runtime.block_on(all).expect("nobody fails");
    let again = site.again.load(Ordering::Relaxed);
    assert!(again > 0, "the kills were felt");
    eprintln!("{REQUESTERS} requesters, 4 kills, asked again {again} times");
}

#[test]
fn a_thousand_in_flight_survive_kill_9_of_a_relay_on_sqlite() {
    let place = Place::new("thousand");
    under_fire(&place, &place.sqlite(), 1, |_, relays, again| {
        relays[0].kill();
        relays[0] = again(0);
    });
}

#[test]
fn a_thousand_in_flight_survive_kill_9_of_one_of_two_instances() {
    let Some(server) = shared() else { return };
    let place = Place::new("thousand-two");
    let db = database(&server, "thousand");
    under_fire(&place, &db, 2, |round, relays, again| {
        relays[round % 2].kill();
        relays[round % 2] = again(round % 2);
    });
}

#[test]
fn a_thousand_in_flight_survive_kill_9_of_postgresql() {
    let Some(mut server) = postgres::Server::start("thousand") else { return };
    // With its own sync, which tests otherwise do without.
    server.stop();
    server.start_again(&[]);
    let place = Place::new("thousand-pg");
    let db = database(&server, "thousand");
    under_fire(&place, &db, 1, |_, _, _| {
        server.kill();
        server.start_again(&[]);
    });
}
