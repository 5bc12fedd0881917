//! How the relay carries its load. Run it with `cargo bench --bench relay` (about two minutes, on an idle machine).
//!
//! Method. The relay is the real program (`guard relay serve`, release build) in a process of its own, on loopback
//! without TLS, with rate limits out of the way; this program is the clients. The database lies in the directory
//! that GUARD_BENCH_DIR names, else below target/, so that it is on a disk and not in memory.
//!
//! 1. Durable statements a second: requests of 250 people, about 2 KiB each, signed ahead of time, are posted over 128 connections
//!    for five seconds after one second of warming up; only answers with 201 count. Beside it, in the same run and
//!    on the same disk, the raw rate: one connection to the same database kind inserts rows of the same size, each
//!    with its own commit and sync, for five seconds. PostgreSQL runs with its defaults (fsync, synchronous_commit).
//! 2. Memory: 10,000 requests are posted, then 10,000 connections each wait for one (`wait=55`, asked again after
//!    204). When the relay counts 10,000 waiters, its VmRSS is read, and its peak (VmHWM) at the end.
//! 3. Approve to wake, at that load: 1,000 approvals, one after the other, every 10 ms; measured from before the
//!    POST is written to after the waiter's answer is read.
//!
//! `cargo bench --bench relay -- rates` or `-- waiters` runs one half.
//!
//! Reported: rates, the relay's rate divided by the raw one, MiB, p50 and p99 in milliseconds.

#[path = "../../tests/support/postgres.rs"]
mod postgres;
#[path = "../../tests/relay/team.rs"]
mod team;

mod client;
mod load;
mod raw;
mod waiters;

use client::Relay;
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    let given = std::env::var_os("GUARD_BENCH_DIR").map(PathBuf::from);
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-relay");
    let directory = given.unwrap_or_else(own).join(std::process::id().to_string());
    std::fs::create_dir_all(&directory).expect("a directory");
    directory
}

/// Requesters; a person has few requests that wait.
const PEOPLE: usize = 250;

/// Who asks for the `n`th command.
fn requester(n: usize) -> String {
    format!("person-{}", n % PEOPLE)
}

fn main() {
    // `cargo test` starts benches too, with an argument.
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let wanted = |part: &str| {
        let other = if part == "rates" { "waiters" } else { "rates" };
        !std::env::args().any(|a| a == other)
    };
    guard::sys::process::open_many_files();
    let directory = directory();
    let mut ids: Vec<String> = (0..PEOPLE).map(requester).collect();
    ids.extend(["alice", "bob", "dora", "eli"].map(str::to_owned));
    let team = team::Team::of(team::TEAM, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");

    if wanted("rates") {
        rates(&directory, &team, &runtime);
    }
    if wanted("waiters") {
        let count = std::env::var("GUARD_BENCH_WAITERS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
        let relay =
            Relay::start(&directory, &format!("sqlite:{}", directory.join("wait.db").display()), &team);
        runtime.block_on(waiters::measure(&relay, &team, count));
    }
    let _ = std::fs::remove_dir_all(&directory);
}

fn rates(directory: &Path, team: &team::Team, runtime: &tokio::runtime::Runtime) {
    let raw = raw::sqlite(directory);
    let relay = Relay::start(directory, &format!("sqlite:{}", directory.join("rate.db").display()), team);
    let rate = runtime.block_on(load::rate(&relay, team));
    drop(relay);
    report("SQLite", rate, raw);

    match postgres::Server::start("bench") {
        Some(mut server) => {
            // The tests' server does not sync; this one does.
            server.stop();
            server.start_again(&[]);
            let raw = runtime.block_on(raw::postgres(&server));
            let url = format!("postgres://app@127.0.0.1:{}/postgres?sslmode=disable", server.port);
            let relay = Relay::start(directory, &url, team);
            let rate = runtime.block_on(load::rate(&relay, team));
            drop(relay);
            report("PostgreSQL", rate, raw);
        }
        None => println!("PostgreSQL is not installed: not measured"),
    }
}

fn report(name: &str, rate: f64, raw: f64) {
    println!(
        "{name}: {rate:.0} durable statements/s; raw insert and sync {raw:.0}/s; ratio {:.2}",
        rate / raw
    );
}
