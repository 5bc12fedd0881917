//! A full disk: what is refused was not kept, what was acknowledged stays, reading goes on, and room heals it. What
//! killing does stands in `thousand`.

use crate::postgres;
use crate::server::{GENEROUS, Place, Relay};
use crate::team::Team;
use std::process::Command;

/// A file system of so many megabytes; only root can make one.
struct Tiny(std::path::PathBuf);

impl Tiny {
    fn mount(place: &Place, megabytes: u32) -> Option<Tiny> {
        let at = place.path("tiny");
        std::fs::create_dir_all(&at).expect("directory");
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).status();
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

/// Fills the file system that the database lies on, and gives it room again.
fn fills_and_heals(place: &Place, tiny: &Tiny, db: &str) {
    let team = Team::new();
    let relay = Relay::start(place, db, &team, GENEROUS);
    let alice = relay.sign_in(&team, "alice");
    let filler = tiny.0.join("filler");
    std::fs::write(&filler, vec![0; 512 * 1024]).expect("write");
    let mut kept = Vec::new();
    let refused = (0..2000).find_map(|_| {
        // Databases store what repeats in little room.
        let large = guard::keys::encode(&guard::keys::random::<16_000>().expect("random"));
        let request = team.request("alice", &[&large]);
        let answer = alice.submit(&request);
        if answer.status == 201 {
            kept.push(request);
            return None;
        }
        Some(answer)
    });
    refused.expect("the disk is full at some time").is_problem(503, "database-full");
    // What is left has room for small ones.
    while alice.submit(&team.request("alice", &["small"])).status == 201 {}
    relay.stranger().get("/readyz").is_problem(503, "database-full");
    assert!(!kept.is_empty());
    assert_eq!(alice.poll(&kept[0], 0, 0).status, 200, "reading goes on");

    std::fs::remove_file(&filler).expect("removed");
    assert_eq!(relay.stranger().get("/readyz").status, 200);
    assert_eq!(alice.submit(&team.request("alice", &["small"])).status, 201);
    for request in &kept {
        assert_eq!(alice.poll(request, 0, 0).status, 200);
    }
}

#[test]
fn a_full_disk_refuses_and_heals() {
    let place = Place::new("full");
    let Some(tiny) = Tiny::mount(&place, 2) else { return };
    let db = format!("sqlite:{}", tiny.0.join("relay.db").display());
    fills_and_heals(&place, &tiny, &db);
}

#[test]
fn a_full_disk_under_postgresql_refuses_and_heals() {
    let place = Place::new("full-pg");
    // An empty database takes seven.
    let Some(tiny) = Tiny::mount(&place, 12) else { return };
    let Some(server) = postgres::Server::start("relay-full") else { return };
    let space = tiny.0.join("space");
    std::fs::create_dir(&space).expect("directory");
    assert!(Command::new("chown").arg("postgres").arg(&space).status().expect("chown runs").success());
    server.run("postgres", &format!("create tablespace tiny location '{}'", space.display()));
    server.run("postgres", "create database tiny tablespace tiny");
    let db = format!("postgres://app@127.0.0.1:{}/tiny?sslmode=disable", server.port);
    fills_and_heals(&place, &tiny, &db);
}
