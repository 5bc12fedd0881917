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
//! 4. Approve to command, at that load: 40 times a real `guard` asks on a terminal of its own, is approved with its
//!    number, and starts a command; measured from before the POST is written until the command's first word is read
//!    from the terminal. The command is a shell script, so a shell's start is in it.
//!
//! `cargo bench --bench relay -- rates` or `-- waiters` runs one half.
//!
//! `GUARD_BENCH_WAITERS` takes another number than 10,000.
//!
//! Reported: rates, the relay's rate divided by the raw one, statements in one commit, the processor time of the relay for each statement,
//! MiB, p50 and p99 in milliseconds, and the machine's load before and after.

#[path = "../../tests/support/postgres.rs"]
mod postgres;
#[path = "../../tests/support/pty.rs"]
mod pty;
#[path = "../../tests/support/mod.rs"]
mod support;
#[path = "../../tests/relay/team.rs"]
mod team;

mod client;
mod command;
mod load;
mod raw;
mod waiters;

use client::Relay;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    ids.extend([command::WHO, "alice", "bob", "dora", "eli"].map(str::to_owned));
    let mut team = team::Team::of(team::TEAM, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    let scene = command::scene();
    command::enrol(&scene, &mut team, &["dora", "eli"]);
    println!("load before: {}", load());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");

    if wanted("rates") {
        rates(&directory, &team, &runtime);
    }
    if wanted("waiters") {
        let count = std::env::var("GUARD_BENCH_WAITERS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
        let relay =
            Relay::start(&directory, &format!("sqlite:{}", directory.join("wait.db").display()), &team);
        runtime.block_on(waiters::measure(&relay, &team, &scene, count));
    }
    println!("load after: {}", load());
    let _ = std::fs::remove_dir_all(&directory);
}

fn rates(directory: &Path, team: &team::Team, runtime: &tokio::runtime::Runtime) {
    let raw = raw::sqlite(directory);
    let relay = Relay::start(directory, &format!("sqlite:{}", directory.join("rate.db").display()), team);
    let rate = runtime.block_on(load::rate(&relay, team));
    drop(relay);
    report("SQLite", &rate, raw);

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
            report("PostgreSQL", &rate, raw);
        }
        None => println!("PostgreSQL is not installed: not measured"),
    }
}

fn report(name: &str, rate: &load::Rate, raw: f64) {
    println!(
        "{name}: {:.0} durable statements/s; raw insert and sync {raw:.0}/s; ratio {:.2}; {:.0} in a commit; {:.2} ms of processor each; p50 {:.0} ms, p99 {:.0} ms",
        rate.each_second,
        rate.each_second / raw,
        rate.together,
        rate.processor_millis,
        rate.p50.as_secs_f64() * 1000.0,
        rate.p99.as_secs_f64() * 1000.0,
    );
}

/// The part of the way through sorted times.
fn at(times: &[Duration], part: f64) -> Duration {
    times[((times.len() - 1) as f64 * part) as usize]
}

fn report_times(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let millis = |part| at(times, part).as_secs_f64() * 1000.0;
    println!(
        "{name}: p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms ({} samples)",
        millis(0.5),
        millis(0.99),
        millis(1.0),
        times.len()
    );
}

/// Of one, five and fifteen minutes.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
