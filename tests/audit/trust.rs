//! Files that are not this user's alone are refused; disks that cannot take an entry say so.

use crate::helper::*;
use guard::audit::{self, AuditError, FileError, Log, Untrusted};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).expect("stat").permissions().mode() & 0o7777
}

/// Both opening or appending, and verifying, must refuse for the same reason.
fn refused(state: &Path, why: Untrusted) {
    let appended = Log::open(&dirs(state)).and_then(|(log, _)| log.intent(&intent(&["rm", "x"])));
    match appended.expect_err("not trusted") {
        AuditError::File(FileError::Untrusted { why: found, path }) => {
            assert_eq!(found, why, "{}", path.display());
            assert!(path.starts_with(state));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn everything_is_made_for_this_user_only() {
    let scratch = Scratch::new();
    let state = scratch.0.join("deep/er/guard");
    command(&fresh(&state), &["rm", "token=abcdefgh"]);
    for directory in ["", "audit", "audit/keys", "keys"] {
        assert_eq!(mode_of(&state.join(directory)), 0o700, "{directory}");
    }
    for file in ["LOCK", SEGMENT, "keys/epoch.key", "keys/redact.key", "keys/log.vkey", "keys/genesis.pin"] {
        assert_eq!(mode_of(&state.join("audit").join(file)), 0o600, "{file}");
    }
    assert_eq!(fs::read_dir(state.join("audit")).expect("list").count(), 3, "no temporary files are left");
    let own: Vec<_> = fs::read_dir(state.join("keys")).expect("list").flatten().map(|e| e.path()).collect();
    assert_eq!(own.len(), 3, "lock, record and key: {own:?}");
    for file in own {
        assert_eq!(mode_of(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn symbolic_links_are_refused() {
    for name in [SEGMENT, "LOCK", "keys/epoch.key", "keys"] {
        let scratch = Scratch::new();
        let state = scratch.0.join("guard");
        drop(fresh(&state));
        let (path, aside) = (state.join("audit").join(name), scratch.0.join("aside"));
        fs::rename(&path, &aside).expect("rename");
        symlink(&aside, &path).expect("symlink");
        refused(&state, Untrusted::SymbolicLink);
    }
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    drop(fresh(&state));
    fs::rename(state.join("audit"), scratch.0.join("aside")).expect("rename");
    symlink(scratch.0.join("aside"), state.join("audit")).expect("symlink");
    refused(&state, Untrusted::SymbolicLink);
    assert!(matches!(audit::verify(&dirs(&state)), Err(AuditError::File(FileError::Untrusted { .. }))));
}

#[test]
fn a_state_directory_may_be_a_link_its_owner_made() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.0.join("elsewhere")).expect("mkdir");
    mode(&scratch.0.join("elsewhere"), 0o755);
    let state = scratch.0.join("guard");
    symlink("elsewhere", &state).expect("symlink");
    command(&fresh(&state), &["rm", "a"]);
    assert_ok(&state);
    mode(&scratch.0.join("elsewhere"), 0o777);
    let error = Log::open(&dirs(&state)).expect_err("anybody could put another log there");
    assert!(error.to_string().contains("can be written by others (mode 0777)"), "{error}");
}

#[test]
fn permissions_for_others_are_refused() {
    let cases: [(&str, u32, Untrusted); 6] = [
        (SEGMENT, 0o620, Untrusted::WritableByOthers(0o620)),
        (SEGMENT, 0o602, Untrusted::WritableByOthers(0o602)),
        ("", 0o770, Untrusted::WritableByOthers(0o770)),
        ("keys", 0o707, Untrusted::WritableByOthers(0o707)),
        ("keys/epoch.key", 0o640, Untrusted::ReadableByOthers(0o640)),
        ("keys/epoch.key", 0o604, Untrusted::ReadableByOthers(0o604)),
    ];
    for (name, bits, why) in cases {
        let scratch = Scratch::new();
        let state = scratch.0.join("guard");
        drop(fresh(&state));
        mode(&state.join("audit").join(name), bits);
        refused(&state, why);
    }
}

#[test]
fn what_is_no_file_is_refused_and_does_not_hang() {
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    drop(fresh(&state));
    let key = state.join("audit/keys/epoch.key");
    fs::remove_file(&key).expect("own file");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&key).status().expect("mkfifo").success());
    refused(&state, Untrusted::NotAFile);
    fs::remove_file(&key).expect("own file");
    fs::create_dir(&key).expect("mkdir");
    refused(&state, Untrusted::NotAFile);
    fs::remove_dir_all(state.join("audit")).expect("own directory");
    fs::write(state.join("audit"), "").expect("write");
    assert!(Log::open(&dirs(&state)).is_err());
}

#[test]
fn a_foreign_owner_is_refused() {
    if !is_root() {
        return skip("only root can give files away");
    }
    for name in [SEGMENT, "LOCK", "keys/epoch.key", "keys", ""] {
        let scratch = Scratch::new();
        let state = scratch.0.join("guard");
        drop(fresh(&state));
        chown(state.join("audit").join(name), Some(4321), None).expect("chown");
        refused(&state, Untrusted::ForeignOwner(4321));
        let output = guard(&state, &["verify"]);
        // The verifier does not look into secret keys; everything it reads is checked.
        if name != "keys/epoch.key" {
            assert_eq!(output.status.code(), Some(4), "{name}");
        }
    }
}

/// A small file system of its own; unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(at: PathBuf, size: &str) -> Option<Mount> {
        fs::create_dir(&at).expect("mkdir");
        let options = format!("size={size},mode=0700");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &options, "guard-test"]).arg(&at).output();
        mounted.is_ok_and(|o| o.status.success()).then_some(Mount(at))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_loses_nothing_and_says_what_to_do() {
    let scratch = Scratch::new();
    let Some(mount) = Mount::new(scratch.0.join("small"), "96k") else {
        return skip("mounting a file system needs root");
    };
    let state = mount.0.join("guard");
    let log = fresh(&state);
    let mut acknowledged = 0_u64;
    let error = loop {
        match log.intent(&intent(&["rm", "-rf", "/srv/some/where"])) {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
        assert!(acknowledged < 1000, "the file system never fills");
    };
    assert!(
        matches!(error, AuditError::Short { .. } | AuditError::File(FileError::System { .. })),
        "{error}"
    );
    assert!(error.hint().contains("make room"), "{}", error.hint());
    assert!(log.intent(&intent(&["rm", "again"])).is_err(), "still full");
    let report = audit::verify(&dirs(&state)).expect("verify");
    assert_eq!(report.entries, acknowledged + 1);
    assert!(
        Command::new("mount")
            .args(["-o", "remount,size=1m"])
            .arg(&mount.0)
            .status()
            .expect("mount")
            .success()
    );
    command(&log, &["rm", "room again"]);
    let standing = both(&state).0;
    assert!(standing == "damaged" || standing == "ok", "{standing}");
    let report = audit::verify(&dirs(&state)).expect("verify");
    assert_eq!(report.entries, acknowledged + 3 + report.recovered.len() as u64);
}

#[test]
fn a_full_disk_before_the_first_entry_leaves_no_half_log() {
    let scratch = Scratch::new();
    let Some(mount) = Mount::new(scratch.0.join("small"), "64k") else {
        return skip("mounting a file system needs root");
    };
    let state = mount.0.join("guard");
    fs::write(mount.0.join("filler"), vec![0; 1 << 20]).expect_err("full");
    let output = appender(&state, 1).output().expect("child");
    assert_eq!(said(&output.stdout, "ack"), Vec::<String>::new());
    assert_eq!(said(&output.stdout, "error").len(), 1);
    fs::remove_file(mount.0.join("filler")).expect("own file");
    let output = appender(&state, 1).output().expect("child");
    assert_eq!(said(&output.stdout, "ack").len(), 1);
    assert_ok(&state);
}

#[test]
fn a_read_only_file_system_is_named() {
    let scratch = Scratch::new();
    let Some(mount) = Mount::new(scratch.0.join("small"), "1m") else {
        return skip("mounting a file system needs root");
    };
    let state = mount.0.join("guard");
    let log = fresh(&state);
    command(&log, &["rm", "a"]);
    assert!(
        Command::new("mount").args(["-o", "remount,ro"]).arg(&mount.0).status().expect("mount").success()
    );
    let error = log.intent(&intent(&["rm", "b"])).expect_err("read-only");
    assert!(error.hint().contains("XDG_STATE_HOME"), "{error}: {}", error.hint());
    assert_ok(&state);
    let error = Log::open(&dirs(&mount.0.join("other"))).expect_err("read-only");
    assert!(error.to_string().contains("cannot be created: read-only file system"), "{error}");
}

#[test]
fn a_directory_without_permission_is_named() {
    if is_root() {
        return eprintln!("root may write everywhere: run as another user to see this");
    }
    let scratch = Scratch::new();
    let state = scratch.0.join("guard");
    let log = fresh(&state);
    mode(&segment(&state), 0o400);
    let error = log.intent(&intent(&["rm", "b"])).expect_err("no permission");
    assert!(error.hint().contains("ls -ld"), "{error}");
}
