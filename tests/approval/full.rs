//! A disk without room under a request that was left: nothing is used up at the relay that cannot be kept here, and nothing
//! is called taken back that is not.

use super::Night;
use super::later::{alone, kubectl, text};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

impl Night {
    /// guard that can write no file beyond this: a full disk for whoever may not mount one.
    fn limited(&self, kilobytes: u32, args: &[&str]) -> Output {
        let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
        let guard = self.scene.path("lib/guard");
        let words = [&["-c", &script, guard.to_str().expect("text")][..], args].concat();
        alone(self.scene.command("/bin/bash", &words)).wait_with_output().expect("it ends")
    }

    /// Nothing ran, nothing is used, and with room it runs.
    fn is_unspent(&self, full: &Output, id: &str) {
        let said = text(full);
        assert_eq!(full.status.code(), Some(77), "{said}");
        assert!(said.contains("nothing ran and the approval is not spent"), "{said}");
        assert!(!said.contains("ran: "), "{said}");
        let ended = text(&self.done(&["requests", "--ended"]));
        assert!(!ended.contains(&id[..8]), "{ended}");
        let listed = text(&self.done(&["requests"]));
        assert!(listed.contains(&id[..8]) && listed.contains("approved"), "{listed}");
        assert!(!listed.contains("claimed"), "{listed}");
    }

    fn runs_now(&self, id: &str) {
        let run = self.done(&["requests", "run", id]);
        assert_eq!(run.status.code(), Some(0), "{run:?}");
        assert!(text(&run).contains("ran: delete deployment web"), "{run:?}");
        let again = self.done(&["requests", "run", id]);
        assert_eq!(again.status.code(), Some(77), "{again:?}");
        assert!(text(&again).contains("guard started it"), "{again:?}");
        let left = fs::read_dir(self.state_file("requests")).expect("a directory");
        let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
        assert!(left.iter().all(|name| name == "LOCK" || name == "ENDED"), "{left:?}");
    }
}

#[test]
fn a_use_that_cannot_be_kept_is_not_claimed() {
    for relayed in [true, false] {
        let night = Night::new(if relayed { "room-relay" } else { "room-alone" }, relayed);
        let id = night.leave(&[], &kubectl());
        match relayed {
            true => drop(night.bob_approves()),
            false => night.bob_answers(&id),
        }
        // Everything but the room for what a use writes.
        let full = night.limited(60, &["requests", "run", &id]);
        night.is_unspent(&full, &id);
        night.runs_now(&id);
    }
}

#[test]
fn what_cannot_be_kept_is_not_called_taken_back() {
    let night = Night::new("room-back", true);
    let id = night.leave(&[], &kubectl());
    let request = night.bob_approves();
    let full = night.limited(0, &["requests", "cancel", &id]);
    let said = text(&full);
    assert_eq!(full.status.code(), Some(69), "{said}");
    assert!(said.contains("it is not taken back: that cannot be kept: "), "{said}");
    assert!(said.contains("it stands as before; "), "{said}");
    let thread = night.caller("bob").poll(&request, 0, 5);
    assert_ne!(thread.body["state"], "cancelled", "{thread:?}");
    let listed = text(&night.done(&["requests"]));
    assert!(listed.contains(&id[..8]) && listed.contains("approved"), "{listed}");
    let taken = night.done(&["requests", "cancel", &id]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    let late = night.done(&["requests", "run", &id]);
    assert_eq!(late.status.code(), Some(77), "{late:?}");
    assert!(text(&late).contains("it was taken back"), "{late:?}");
}

/// A small file system over the state directory; unmounted when dropped, also under what still delivers a receipt.
struct Small(PathBuf);

impl Small {
    fn over(night: &Night) -> Option<Small> {
        let (at, copy) = (night.scene.path("home/.local/state/guard"), night.scene.path("copy"));
        let run = |name: &str, args: &[&str]| {
            Command::new(name).args(args).output().is_ok_and(|output| output.status.success())
        };
        let [at_word, copy_word] = [&at, &copy].map(|path| path.to_str().expect("text").to_owned());
        assert!(run("cp", &["-a", &at_word, &copy_word]));
        run("mount", &["-t", "tmpfs", "-o", "size=3m,mode=0700", "guard-test", &at_word]).then(|| {
            assert!(run("cp", &["-a", &format!("{copy_word}/."), &at_word]));
            Small(at)
        })
    }

    /// To the last byte.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let full = fs::write(&path, vec![1; 4 << 20]).expect_err("it is smaller");
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        path
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_spends_no_approval_and_takes_nothing_back() {
    let night = Night::new("room-full", true);
    let Some(small) = Small::over(&night) else {
        assert!(std::env::var_os("CI").is_none(), "mounting a file system needs root");
        eprintln!("SKIPPED: mounting a file system needs root");
        return;
    };
    let id = night.leave(&[], &kubectl());
    night.bob_approves();
    let filler = small.fill();
    let run = night.done(&["requests", "run", &id]);
    let cancel = night.done(&["requests", "cancel", &id]);
    assert_eq!(cancel.status.code(), Some(69), "{cancel:?}");
    assert!(
        text(&cancel).contains("it is not taken back") && text(&cancel).contains("make room"),
        "{cancel:?}"
    );
    assert!(text(&run).contains("make room"), "{run:?}");
    fs::remove_file(filler).expect("there");
    night.is_unspent(&run, &id);
    night.runs_now(&id);
}
