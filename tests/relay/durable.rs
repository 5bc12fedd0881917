//! What was acknowledged is on disk: killed processes, a full disk, copies of one statement in flight.

use crate::postgres;
use crate::server::{Caller, GENEROUS, Place, Relay, database};
use crate::team::Team;
use guard::statement::Envelope;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Sends requests from several threads until told to end; returns those that were acknowledged.
fn flood(
    alice: &Caller,
    team: &Arc<Team>,
    stop: &Arc<AtomicBool>,
    count: &Arc<AtomicUsize>,
) -> Vec<std::thread::JoinHandle<Vec<Envelope>>> {
    let send = |thread: usize| {
        let (alice, team, stop, count) =
            (alice.clone(), Arc::clone(team), Arc::clone(stop), Arc::clone(count));
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            let mut number = 0;
            while !stop.load(Ordering::SeqCst) {
                number += 1;
                let words = [thread.to_string(), number.to_string()];
                let request = team.request("alice", &[&words[0], &words[1]]);
                match alice.try_send("POST", &alice.at("/requests"), Some(request.to_bytes())) {
                    Ok(answer) if answer.status == 201 => {
                        kept.push(request);
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    // Killed in the middle: not acknowledged.
                    _ => break,
                }
            }
            kept
        })
    };
    (0..16).map(send).collect()
}

/// Three rounds of: many in flight, kill -9 once so many were acknowledged, start again, look.
fn killed_at_random(place: &Place, db: &str, moments: [usize; 3]) {
    let team = Arc::new(Team::new());
    let mut all = Vec::new();
    for moment in moments {
        let mut relay = Relay::start(place, db, &team, GENEROUS);
        let alice = relay.sign_in(&team, "alice");
        let stop = Arc::new(AtomicBool::new(false));
        let count = Arc::new(AtomicUsize::new(0));
        let sending = flood(&alice, &team, &stop, &count);
        while count.load(Ordering::SeqCst) < moment {
            std::thread::yield_now();
        }
        relay.kill();
        stop.store(true, Ordering::SeqCst);
        let kept: Vec<Envelope> = sending.into_iter().flat_map(|s| s.join().expect("thread")).collect();
        all.extend(kept);
    }
    assert!(!all.is_empty(), "some were acknowledged");
    let relay = Relay::start(place, db, &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    for request in &all {
        let answer = alice.poll(request, 0, 0);
        assert_eq!(answer.status, 200, "acknowledged and lost: {}", request.digest());
        assert_eq!(answer.body["statements"].as_array().map(Vec::len), Some(1));
    }
    eprintln!("{} acknowledged requests are there after {} kills", all.len(), moments.len());
}

#[test]
fn kill_9_loses_nothing_that_was_acknowledged() {
    let place = Place::new("kill");
    killed_at_random(&place, &place.sqlite(), [41, 1, 113]);
}

#[test]
fn kill_9_of_an_instance_on_postgresql_loses_nothing() {
    let Some(server) = crate::server::shared() else { return };
    let place = Place::new("kill-pg");
    killed_at_random(&place, &database(&server, "kill"), [41, 1, 113]);
}

#[test]
fn kill_9_of_postgresql_loses_nothing() {
    let Some(mut server) = postgres::Server::start("relay-crash") else { return };
    // With its own sync, which tests otherwise do without.
    server.stop();
    server.start_again(&[]);
    let (place, team) = (Place::new("crash"), Arc::new(Team::new()));
    let relay = Relay::start(&place, &database(&server, "crash"), &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    let stop = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicUsize::new(0));
    let sending = flood(&alice, &team, &stop, &count);
    while count.load(Ordering::SeqCst) < 53 {
        std::thread::yield_now();
    }
    server.crash();
    stop.store(true, Ordering::SeqCst);
    let kept: Vec<Envelope> = sending.into_iter().flat_map(|s| s.join().expect("thread")).collect();
    assert!(!kept.is_empty());
    server.start_again(&[]);
    while relay.stranger().get("/readyz").status != 200 {}
    for request in &kept {
        assert_eq!(alice.poll(request, 0, 0).status, 200, "acknowledged and lost");
    }
}

/// A file system of two megabytes; only root can make one.
struct Tiny(std::path::PathBuf);

impl Tiny {
    fn mount(place: &Place) -> Option<Tiny> {
        let at = place.path("tiny");
        std::fs::create_dir_all(&at).expect("directory");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&at).status();
        if mounted.is_ok_and(|s| s.success()) {
            return Some(Tiny(at));
        }
        eprintln!("SKIPPED: a small file system cannot be mounted here");
        None
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_refuses_and_heals() {
    let place = Place::new("full");
    let Some(tiny) = Tiny::mount(&place) else { return };
    let team = Team::new();
    let db = format!("sqlite:{}", tiny.0.join("relay.db").display());
    let relay = Relay::start(&place, &db, &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    let filler = tiny.0.join("filler");
    std::fs::write(&filler, vec![0; 512 * 1024]).expect("write");
    let kept = Mutex::new(Vec::new());
    let large = "x".repeat(20_000);
    let refused = (0..1000).find_map(|number| {
        let request = team.request("alice", &[&large, &number.to_string()]);
        let answer = alice.submit(&request);
        if answer.status == 201 {
            kept.lock().expect("lock").push(request);
            return None;
        }
        Some(answer)
    });
    refused.expect("the disk is full at some time").is_problem(503, "database-full");
    // What is left has room for small ones.
    while alice.submit(&team.request("alice", &["small"])).status == 201 {}
    relay.stranger().get("/readyz").is_problem(503, "database-full");
    let kept = kept.into_inner().expect("lock");
    assert!(!kept.is_empty());
    assert_eq!(alice.poll(&kept[0], 0, 0).status, 200, "reading goes on");

    std::fs::remove_file(&filler).expect("removed");
    assert_eq!(relay.stranger().get("/readyz").status, 200);
    assert_eq!(alice.submit(&team.request("alice", &["small"])).status, 201);
    for request in &kept {
        assert_eq!(alice.poll(request, 0, 0).status, 200);
    }
}
