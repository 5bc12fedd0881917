//! How a request ends, as its requester sees it: taken back, refused, left by a signal, used, over; and what each says later.

use super::later::{kubectl, text};
use super::pty::Pty;
use super::{DELETE, Night, number_of};
use guard::statement::approval::{Approval, Decision};
use guard::statement::{Draft, Envelope, read};
use guard::team::paste;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::os::unix::process::ExitStatusExt;
use std::process::Output;
use std::time::{Duration, Instant};

const TWO: &str = "[[policy]]\nname = \"production\"\nwhen = { environment = \"production\", severity = [\"critical\", \"high\"] }\n\
                   require = [\"approval:sre*2\"]\n";
const ESCAPES: &str = "the wrong\u{1b}[2J cluster";

impl Night {
    fn needs_two(&self) {
        self.scene.write("home/.config/guard/policy.toml", TWO);
    }

    fn revocation(&self, request: &Envelope, note: &str) -> Envelope {
        let said = self.approval("bob", request, Decision::Revoke, None);
        let mut said = read::<Approval>(said.payload()).expect("an approval");
        said.note = Some(note.to_owned());
        Draft::of(&said).expect("canonical").sign(self.team.key("bob"))
    }

    /// What `guard requests` says of the only request.
    fn requests(&self) -> Value {
        let listed = self.done(&["requests", "--json"]);
        let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        listed["requests"][0].clone()
    }

    /// Each of the verbs on a request that ended: the same status and words.
    fn has_ended(&self, id: &str, status: i32, words: &str) {
        for verb in ["run", "show", "cancel"] {
            let output = self.done(&["requests", verb, id]);
            assert_eq!(output.status.code(), Some(status), "{verb}: {output:?}");
            assert!(text(&output).contains(words) && !text(&output).contains("ran:"), "{verb}: {output:?}");
        }
    }

    /// alice asks at her terminal: it, and the request at the relay. Others may still be listed there as pending.
    fn asks(&self) -> (Pty, Envelope) {
        let mut pty = self.kubectl(DELETE);
        pty.wait_for("request ");
        let id: String = pty.rest_of_row().chars().take(8).collect();
        pty.wait_for("these people can approve");
        let request = self.at_relay(&id);
        (pty, request)
    }

    /// A request that is in the mailbox.
    pub fn at_relay(&self, id: &str) -> Envelope {
        let bob = self.caller("bob");
        let inbox = bob.get(&bob.at("/inbox?state=pending"));
        let rows = inbox.body["requests"].as_array().expect("rows").clone();
        let mut digests = rows.iter().filter_map(|row| row["request"].as_str());
        let digest = digests.find(|digest| digest.contains(id)).expect("listed");
        let thread = bob.get(&bob.at(&format!("/requests/{digest}?after=0&wait=0")));
        let envelope = thread.body["statements"][0]["envelope"].to_string();
        Envelope::from_bytes(envelope.as_bytes()).expect("an envelope")
    }

    /// bob approves what waits at the terminal, with its number.
    fn bob_agrees(&self, pty: &mut Pty, request: &Envelope) {
        let bob = self.caller("bob");
        bob.say(request, &self.approval("bob", request, Decision::Viewing, None));
        let number = number_of(pty, "bob");
        let said = bob.say(request, &self.approval("bob", request, Decision::Approve, Some(&number)));
        assert_eq!(said.status, 201, "{said:?}");
    }

    fn state_at_relay(&self, request: &Envelope) -> Value {
        let bob = self.caller("bob");
        bob.poll(request, 0, 0).body["state"].clone()
    }
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_approval_that_is_taken_back_says_why() {
    let night = Night::new("why", true);
    night.needs_two();
    let mut pty = night.kubectl(DELETE);
    let request = night.bob_decides(&mut pty, Decision::Approve);
    pty.wait_for("bob approves (sre)");
    pty.wait_for("waiting for 1 more of sre");
    night.caller("bob").say(&request, &night.revocation(&request, ESCAPES));
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("bob took the approval back: the wrong"), "{shown}");
    assert!(!shown.contains("\u{1b}[2J") && !shown.contains("ran:"), "{shown:?}");
    night.has_ended(&request.digest().hex()[..8], 77, "bob took the approval back: the wrong");
    // The same for a request that was left.
    let id = night.leave(&[], &kubectl());
    let request = night.bob_approves_this(night.at_relay(&id));
    night.caller("bob").say(&request, &night.revocation(&request, ESCAPES));
    let listed = text(&night.done(&["requests"]));
    assert!(listed.contains("revoked") && listed.contains("bob: the wrong"), "{listed}");
    assert!(!listed.contains('\u{1b}'), "{listed:?}");
    assert_eq!(night.requests()["notes"][0]["by"], "bob");
    let run = night.done(&["requests", "run", &id]);
    assert_eq!(run.status.code(), Some(77), "{run:?}");
    assert!(text(&run).contains("bob took the approval back: the wrong"), "{run:?}");
    assert!(!text(&run).contains('\u{1b}'), "{run:?}");
    night.has_ended(&id, 77, "bob took the approval back: the wrong");
}

#[test]
fn a_waiting_terminal_that_was_killed_is_said_to_be_gone_and_can_be_taken_back() {
    let night = Night::new("gone", true);
    let (pty, request) = night.asks();
    let id = &request.digest().hex()[..8];
    assert_eq!(night.requests()["state"], "waited");
    let waits = night.done(&["requests", "run", id]);
    assert_eq!(waits.status.code(), Some(75), "{waits:?}");
    kill(Pid::from_raw(i32::try_from(pty.id()).expect("a pid")), Signal::SIGKILL).expect("killed");
    assert_eq!(pty.finish().0.signal(), Some(9));
    assert_eq!(night.requests()["state"], "gone");
    let listed = text(&night.done(&["requests"]));
    assert!(listed.contains(&format!("gone; `guard requests cancel {id}` takes it back")), "{listed}");
    let run = night.done(&["requests", "run", id]);
    assert_eq!(run.status.code(), Some(75), "{run:?}");
    assert!(text(&run).contains("the command that waited for it is gone"), "{run:?}");
    let taken = night.done(&["requests", "cancel", id]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    assert_eq!(night.state_at_relay(&request), "cancelled");
    assert_eq!(text(&night.done(&["requests"])), "");
    night.has_ended(id, 77, "it was taken back");
}

#[test]
fn a_living_terminal_ends_when_its_request_is_taken_back_elsewhere() {
    let night = Night::new("elsewhere", true);
    let (pty, request) = night.asks();
    let id = &request.digest().hex()[..8];
    assert_eq!(night.done(&["requests", "cancel", id]).status.code(), Some(0));
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "{shown}");
    assert!(shown.contains("the request was taken back"), "{shown}");
    night.has_ended(id, 77, "it was taken back");
}

#[test]
fn a_hang_up_and_a_signal_take_the_request_back_and_end_guard() {
    let night = Night::new("hangup", true);
    let (pty, request) = night.asks();
    let status = pty.hang_up();
    assert_eq!(status.signal(), Some(Signal::SIGHUP as i32), "{status:?}");
    assert_eq!(night.state_at_relay(&request), "cancelled");
    night.has_ended(&request.digest().hex()[..8], 77, "it was taken back");
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let (pty, request) = night.asks();
        kill(Pid::from_raw(i32::try_from(pty.id()).expect("a pid")), signal).expect("sent");
        let (status, shown) = pty.finish();
        assert_eq!(status.signal(), Some(signal as i32), "{shown}");
        assert_eq!(night.state_at_relay(&request), "cancelled");
    }
    assert_eq!(night.outcomes(), ["cancelled"; 3]);
}

#[test]
fn a_relay_that_hangs_holds_a_signal_up_for_a_short_time_only() {
    let night = Night::new("hangs", true);
    let (pty, request) = night.asks();
    night.relay.as_ref().expect("a relay").signal(Signal::SIGSTOP);
    let began = Instant::now();
    kill(Pid::from_raw(i32::try_from(pty.id()).expect("a pid")), Signal::SIGTERM).expect("sent");
    let (status, shown) = pty.finish();
    let took = began.elapsed();
    night.relay.as_ref().expect("a relay").signal(Signal::SIGCONT);
    assert_eq!(status.signal(), Some(Signal::SIGTERM as i32), "{shown}");
    assert!(took < Duration::from_secs(4), "{took:?}");
    night.has_ended(&request.digest().hex()[..8], 77, "it was taken back");
}

#[test]
fn each_end_has_its_words_and_status_later() {
    let night = Night::new("later", true);
    // Never seen.
    night.has_ended("0123456789ab", 64, "no request with that id was made here");
    // Used.
    let id = night.leave(&[], &kubectl());
    night.bob_approves_this(night.at_relay(&id));
    let ran = night.done(&["requests", "run", &id]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    night.has_ended(&id, 77, "it was approved by bob (sre), and guard started it");
    // Used at a terminal that waited.
    let (mut pty, request) = night.asks();
    night.bob_agrees(&mut pty, &request);
    assert_eq!(pty.finish().0.code(), Some(0));
    night.has_ended(&request.digest().hex()[..12], 77, "and guard started it");
    // Denied.
    let id = night.leave(&[], &kubectl());
    let request = night.at_relay(&id);
    let bob = night.caller("bob");
    bob.say(&request, &night.approval("bob", &request, Decision::Deny, None));
    assert_eq!(night.done(&["requests", "run", &id]).status.code(), Some(77));
    night.has_ended(&id, 77, "it was denied by bob: not during the freeze");
    let late = paste::to_text(
        paste::Form::Answer,
        &night.approval("carol", &request, Decision::Approve, None).to_bytes(),
    );
    let late = night.done(&["requests", "answer", &late]);
    assert_eq!(late.status.code(), Some(77), "{late:?}");
    assert!(text(&late).contains("it was denied by bob"), "{late:?}");
    // Drift at a terminal.
    let (mut pty, request) = night.asks();
    night.scene.stub("kubectl", "#!/bin/sh\necho \"ran: other\"\n");
    night.bob_agrees(&mut pty, &request);
    assert_eq!(pty.finish().0.code(), Some(65));
    night.has_ended(&request.digest().hex()[..12], 65, "what would have run was not what was approved: ");
    // Expired.
    let id = night.leave(&["--open", "1s"], &kubectl());
    let over = loop {
        let run = night.done(&["requests", "run", &id]);
        assert_eq!(run.status.code(), Some(75), "{run:?}");
        if text(&run).contains("its time is over") {
            break run;
        }
    };
    assert!(text(&over).contains("has ended"), "{over:?}");
    night.has_ended(&id, 75, "its time is over");
    let ended = text(&night.done(&["requests", "--ended"]));
    let states: Vec<&str> = ended.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(states.len(), 5, "{ended}");
    for (row, word) in states.iter().zip(["expired", "drift", "denied", "started", "started"]) {
        assert!(row.contains(word) && row.contains("kubectl delete deployment web"), "{ended}");
    }
    use std::os::unix::fs::PermissionsExt;
    let file = night.state_file("requests/ENDED");
    let mode = std::fs::metadata(&file).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept: Vec<_> = std::fs::read_dir(file.parent().expect("a directory")).expect("read").collect();
    assert_eq!(kept.len(), 2, "the records and their lock: {kept:?}");
}

#[test]
fn without_a_relay_the_numbers_stand_beside_the_text() {
    let night = Night::new("numbers-left", false);
    let made = night.done(&[&["requests", "make", "--"][..], &kubectl()].concat());
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let id = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    let number = |said: &str| {
        let numbers = said.split("the numbers, for answers that come as text: ").nth(1).expect(said);
        assert!(["bob ", "carol ", "dora ", "eli "].iter().all(|who| numbers.contains(who)), "{said}");
        numbers[4..7].to_owned()
    };
    let bob = number(&err(&made));
    let shown = night.done(&["requests", "show", &id]);
    assert_eq!(number(&err(&shown)), bob);
    let out = String::from_utf8_lossy(&shown.stdout).trim().to_owned();
    assert!(out.starts_with("guard-req1:") && !out.contains(char::is_whitespace), "{out}");
    let request = paste::envelope(&out).expect("the request");
    let answer = night.approval("bob", &request, Decision::Approve, Some(&bob));
    let answer = paste::to_text(paste::Form::Answer, &answer.to_bytes());
    assert_eq!(night.done(&["requests", "answer", &answer]).status.code(), Some(0));
    let ran = night.done(&["requests", "run", &id]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert!(text(&ran).contains("ran: delete deployment web"), "{ran:?}");
}

#[test]
fn of_two_approvals_the_missing_one_is_said_with_who_can_give_it() {
    let night = Night::new("quorum", true);
    night.needs_two();
    let id = night.leave(&[], &kubectl());
    let none = night.done(&["requests", "run", &id]);
    assert!(
        text(&none).contains("it is not approved yet: 0 of 2 approve; 2 of sre have to: bob, carol"),
        "{none:?}"
    );
    night.bob_approves_this(night.at_relay(&id));
    let one = night.done(&["requests", "run", &id]);
    assert_eq!(one.status.code(), Some(75), "{one:?}");
    let words = "1 of 2 approves (bob); 1 more of sre has to: carol, dora, eli can";
    assert!(text(&one).contains(&format!("it is not approved yet: {words}")), "{one:?}");
    let listed = text(&night.done(&["requests"]));
    assert!(listed.contains(words), "{listed}");
    // A script that waits says it, too.
    let over = night.done(&["requests", "run", "--wait", "1s", &id]);
    assert!(text(&over).contains(words), "{over:?}");
    let mut pty = night.kubectl(DELETE);
    pty.wait_for("waiting for 2 of sre");
    pty.send(b"\x1b");
    assert_eq!(pty.finish().0.code(), Some(77));
}
