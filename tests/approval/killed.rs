//! guard killed at any moment between the claim of a request and its start: it never runs twice, and what was used up and did
//! not run is said.

use super::Night;
use super::later::{kubectl, text};
use guard::statement::approval::Decision;
use guard::team::paste;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

impl Night {
    /// The program leaves a line for each time that it ran.
    fn counts(&self) {
        let log = self.scene.path("runs");
        self.scene
            .stub("kubectl", &format!("#!/bin/sh\necho \"$*\" >> '{}'\necho \"ran: $*\"\n", log.display()));
    }

    fn runs(&self) -> usize {
        std::fs::read_to_string(self.scene.path("runs")).unwrap_or_default().lines().count()
    }

    /// bob answers what was left by text.
    pub fn bob_answers(&self, id: &str) {
        let shown = self.done(&["requests", "show", id]);
        let said = String::from_utf8_lossy(&shown.stderr).into_owned();
        let number = said.split("as text: bob ").nth(1).expect(&said)[..3].to_owned();
        let request = paste::envelope(&String::from_utf8_lossy(&shown.stdout)).expect("the request");
        let answer = self.approval("bob", &request, Decision::Approve, Some(&number));
        let answer = paste::to_text(paste::Form::Answer, &answer.to_bytes());
        assert!(self.done(&["requests", "answer", &answer]).status.success());
    }

    /// Says it of the request, whatever became of it: never nothing, and never that it ran where it did not.
    fn told(&self, id: &str, before: usize) {
        let ran = self.runs() - before;
        assert!(ran <= 1, "it ran {ran} times");
        let listed = text(&self.done(&["requests"]));
        let all = text(&self.done(&["requests", "--ended"]));
        let again = self.done(&["requests", "run", id]);
        let words = text(&again);
        let now = self.runs() - before;
        assert!(now <= 1, "it ran {now} times: {words}");
        if again.status.success() {
            assert_eq!((ran, now), (0, 1), "{words}");
            assert!(listed.contains(&id[..8]) && listed.contains("approved"), "{listed}");
            return;
        }
        assert_eq!(again.status.code(), Some(77), "{words}");
        assert_eq!(now, ran);
        match all.contains(&format!("{}  high      started", &id[..8])) {
            // It had taken guard's place when the signal came; whether it came to its first line is its own matter.
            true => assert!(words.contains("and guard started it"), "{words}"),
            false => {
                assert_eq!(ran, 0, "{all}");
                assert!(listed.contains(&id[..8]), "nothing is said: {listed}");
                let said = ["did not run: guard was ended in between", "its one use is claimed"];
                assert!(said.iter().any(|said| listed.contains(said)), "{listed}");
                assert!(words.contains("did not run") || words.contains("used already"), "{words}");
            }
        }
    }
}

fn end(mut job: Child) {
    let pid = Pid::from_raw(i32::try_from(job.id()).expect("a pid"));
    kill(pid, Signal::SIGKILL).expect("it is this test's own child");
    job.wait().expect("it ends");
}

#[test]
fn killed_at_any_moment_it_runs_once_at_most_and_says_what_was_lost() {
    for relayed in [true, false] {
        let night = Night::new(if relayed { "kill-relay" } else { "kill-alone" }, relayed);
        night.counts();
        let leave = || {
            let id = night.leave(&[], &kubectl());
            match relayed {
                true => drop(night.bob_approves_this(night.at_relay(&id))),
                false => night.bob_answers(&id),
            }
            id
        };
        let id = leave();
        let began = Instant::now();
        let whole = night.done(&["requests", "run", &id]);
        assert!(whole.status.success(), "{whole:?}");
        let took = began.elapsed();
        for step in 0..12 {
            let id = leave();
            let before = night.runs();
            let began = Instant::now();
            let job = night.job(&["requests", "run", &id]);
            // The later half is where it is claimed and started.
            let at = took * (10 + step) / 22;
            while began.elapsed() < at {
                std::thread::sleep(Duration::from_millis(1));
            }
            end(job);
            night.told(&id, before);
        }
    }
}

#[test]
fn a_use_that_was_spent_and_did_not_run_is_said() {
    let night = Night::new("spent", true);
    night.counts();
    let file = night.state_file("requests/ENDED");
    let spent = |id: &str| {
        let all = std::fs::read_to_string(&file).unwrap_or_default();
        let line = all.lines().find(|line| line.contains(id)).unwrap_or_default().to_owned();
        (line.contains("\"starting\""), line.contains("\"started\""))
    };
    for _ in 0..40 {
        let id = night.leave(&[], &kubectl());
        night.bob_approves_this(night.at_relay(&id));
        let before = night.runs();
        let mut job = night.job(&["requests", "run", &id]);
        loop {
            let (starting, started) = spent(&id);
            if starting {
                break end(job);
            }
            if started || job.try_wait().expect("waitpid").is_some() {
                break end(job);
            }
        }
        let (starting, _) = spent(&id);
        if !starting {
            continue;
        }
        let listed = text(&night.done(&["requests"]));
        assert!(listed.contains(&id[..8]) && listed.contains("not-run"), "{listed}");
        assert!(
            listed.contains("approved by bob (sre) and its one use is spent, but it did not run"),
            "{listed}"
        );
        assert_eq!(night.runs(), before);
        let again: Output = night.done(&["requests", "run", &id]);
        assert_eq!(again.status.code(), Some(77), "{again:?}");
        assert!(text(&again).contains("did not run: guard was ended in between"), "{again:?}");
        assert_eq!(night.runs(), before);
        return;
    }
    panic!("it was never killed between its use and its start");
}

#[test]
fn a_start_that_fails_after_the_use_is_said() {
    let night = Night::new("unstarted", true);
    // Approved as it is, and no program that the kernel starts.
    night.scene.stub("kubectl", "#!/nonexistent/interpreter\n");
    let id = night.leave(&[], &kubectl());
    night.bob_approves_this(night.at_relay(&id));
    let run = night.done(&["requests", "run", &id]);
    assert_eq!(run.status.code(), Some(127), "{run:?}");
    let listed = text(&night.done(&["requests"]));
    assert!(
        listed.contains("not-run") && listed.contains("its one use is spent, but it did not run: "),
        "{listed}"
    );
}
