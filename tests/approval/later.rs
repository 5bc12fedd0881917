//! Requests without a terminal: waited for by a script, or left and run later, once.

use super::{DELETE, Night};
use guard::keys::Signer;
use guard::statement::approval::Decision;
use guard::statement::{Envelope, MatchKey, Request, read};
use guard::team::{Courier, Team, User, Way, claim};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, setsid};
use serde_json::Value;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};

/// Without a controlling terminal, as a job of CI runs.
pub fn alone(mut command: Command) -> Child {
    // SAFETY: setsid is async-signal-safe.
    unsafe {
        command.pre_exec(|| setsid().map(drop).map_err(std::io::Error::from));
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

impl Night {
    pub fn job(&self, args: &[&str]) -> Child {
        alone(self.scene.command(self.scene.path("lib/guard"), args))
    }

    pub fn done(&self, args: &[&str]) -> Output {
        self.job(args).wait_with_output().expect("it ends")
    }

    /// Leaves a request: its id.
    pub fn leave(&self, args: &[&str], words: &[&str]) -> String {
        let made = self.done(&[&["requests", "make"], args, &["--"], words].concat());
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        String::from_utf8_lossy(&made.stdout).trim().to_owned()
    }

    /// bob approves what was left, with the number that `guard requests` shows.
    pub fn bob_approves(&self) -> Envelope {
        let bob = self.caller("bob");
        let request = self.request(&bob);
        bob.say(&request, &self.approval("bob", &request, Decision::Viewing, None));
        let listed = text(&self.done(&["requests"]));
        let number = listed.split("the number for bob is ").nth(1).expect(&listed)[..3].to_owned();
        let said = bob.say(&request, &self.approval("bob", &request, Decision::Approve, Some(&number)));
        assert_eq!(said.status, 201, "{said:?}");
        request
    }

    fn state_file(&self, name: &str) -> std::path::PathBuf {
        self.scene.path("home/.local/state/guard/team").join(name)
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn kubectl() -> Vec<&'static str> {
    [&["kubectl"], DELETE].concat()
}

#[test]
fn a_script_waits_and_runs_once_it_is_approved() {
    let night = Night::new("wait", true);
    let job = night.job(&[&["run", "--wait", "1m", "--"][..], &kubectl()].concat());
    let bob = night.caller("bob");
    let request = night.request(&bob);
    bob.say(&request, &night.approval("bob", &request, Decision::Viewing, None));
    // The number stands in the job's log; here it is made from what the log would show.
    let mut job = job;
    let number = number_in(&mut job);
    bob.say(&request, &night.approval("bob", &request, Decision::Approve, Some(&number)));
    let output = job.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(&output).contains("ran: delete deployment web"), "{output:?}");
    assert_eq!(night.outcomes(), ["ran"]);
    assert!(night.bundle().verify(None).expect("proven").ran());
}

/// Reads the job's stderr up to bob's number.
fn number_in(job: &mut Child) -> String {
    use std::io::{BufRead, BufReader};
    let mut lines = BufReader::new(job.stderr.as_mut().expect("a pipe"));
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).expect("text") > 0, "no number: {seen}");
        if let Some(number) = line.trim_end().split("the number for bob is ").nth(1) {
            return number.to_owned();
        }
        seen.push_str(&line);
    }
}

#[test]
fn a_wait_that_ends_is_75_and_a_signal_takes_it_back() {
    let night = Night::new("waited", true);
    let over = night.done(&[&["run", "--wait", "1s", "--"][..], &kubectl()].concat());
    assert_eq!(over.status.code(), Some(75), "{over:?}");
    assert!(text(&over).contains("guard approve ") && !text(&over).contains("ran:"), "{over:?}");
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let job = night.job(&[&["run", "--wait", "1m", "--"][..], &kubectl()].concat());
        let bob = night.caller("bob");
        let request = pending(&night);
        kill(Pid::from_raw(i32::try_from(job.id()).expect("a pid")), signal).expect("sent");
        let output = job.wait_with_output().expect("it ends");
        assert!(!output.status.success() && !text(&output).contains("ran:"), "{output:?}");
        let thread = bob.poll(&request, 0, 5);
        assert_eq!(thread.body["state"], "cancelled", "{thread:?}");
    }
    let none = night.done(&[&["run", "--"][..], &kubectl()].concat());
    assert_eq!(none.status.code(), Some(77), "{none:?}");
    assert!(text(&none).contains("no terminal to wait on") && text(&none).contains("--wait"), "{none:?}");
}

/// The newest request that is pending and not over.
fn pending(night: &Night) -> Envelope {
    let bob = night.caller("bob");
    for _ in 0..400 {
        let inbox = bob.get(&bob.at("/inbox?state=pending"));
        let rows = inbox.body["requests"].as_array().cloned().unwrap_or_default();
        for row in rows.into_iter().rev() {
            let id = row["request"].as_str().expect("a digest").to_owned();
            let thread = bob.get(&bob.at(&format!("/requests/{id}?after=0&wait=0")));
            let envelope = &thread.body["statements"][0]["envelope"];
            let envelope = Envelope::from_bytes(envelope.to_string().as_bytes()).expect("an envelope");
            let request = read::<Request>(envelope.payload()).expect("a request");
            if request.exp > super::team::now() + 5 {
                return envelope;
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("no request came");
}

#[test]
fn what_was_left_runs_once_however_many_want_it() {
    let night = Night::new("left", true);
    let id = night.leave(&["--reason", "INC-4411"], &kubectl());
    let early = night.done(&["requests", "run", &id]);
    assert_eq!(early.status.code(), Some(75), "{early:?}");
    assert!(text(&early).contains("it is not approved yet"), "{early:?}");
    night.bob_approves();
    let file = |end: &str| night.state_file(&format!("requests/{}.{end}", full_id(&night, &id)));
    let copies: Vec<_> =
        ["json", "left"].map(|end| (file(end), std::fs::read(file(end)).expect("kept"))).into();
    let jobs: Vec<Child> = (0..4).map(|_| night.job(&["requests", "run", &id])).collect();
    let outputs: Vec<Output> = jobs.into_iter().map(|job| job.wait_with_output().expect("ends")).collect();
    let ran = outputs.iter().filter(|o| text(o).contains("ran: delete deployment web")).count();
    assert_eq!(ran, 1, "{outputs:?}");
    assert!(outputs.iter().filter(|o| !o.status.success()).count() == 3, "{outputs:?}");
    // Another machine of the same person, whose ledger knows nothing of it.
    std::fs::remove_file(night.state_file("spent")).expect("there");
    for (path, bytes) in copies {
        std::fs::write(&path, bytes).expect("written");
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
    }
    let again = night.done(&["requests", "run", &id]);
    assert_eq!(again.status.code(), Some(77), "{again:?}");
    assert!(text(&again).contains("used already") && !text(&again).contains("ran:"), "{again:?}");
    assert!(night.bundle().verify(None).expect("proven").ran());
}

fn full_id(night: &Night, id: &str) -> String {
    let listed = night.done(&["requests", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let all = listed["requests"].as_array().expect("a list").clone();
    let one = all.iter().find(|r| r["id"].as_str().is_some_and(|full| full.starts_with(id)));
    one.expect("listed")["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_claim_whose_process_was_killed_is_used() {
    let night = Night::new("killed", true);
    let id = night.leave(&[], &kubectl());
    let request = night.bob_approves();
    // What guard does up to the moment before it becomes the program.
    let way = Way { relay: night.relay.as_ref().map(|relay| relay.url.clone()), ca: None };
    let team = Team::found(&night.place.path("alice"), night.team.roster.clone(), way).expect("joined");
    let identity = guard::keys::Identity::existing(&night.scene.path("home/.local/state/guard"));
    let signer: Signer = identity.expect("read").expect("a key").signer().expect("signs");
    let courier = Courier::to(&team, &signer).expect("a way").expect("a relay");
    let asked = read::<Request>(request.payload()).expect("a request");
    let subject = guard::team::Subject { team: team.name(), digest: request.digest(), nonce: asked.nonce };
    let user = User { person: "alice", signer: &signer, now: super::team::now() };
    assert!(claim(Some(&courier), &subject, 1, &user).expect("reached").is_some());
    let after = night.done(&["requests", "run", &id]);
    assert_eq!(after.status.code(), Some(77), "{after:?}");
    assert!(text(&after).contains("used already") && !text(&after).contains("ran:"), "{after:?}");
}

#[test]
fn what_was_left_and_differs_does_not_run() {
    let night = Night::new("leftdrift", true);
    night.leave(&[], &kubectl());
    let request = night.bob_approves();
    night.scene.stub("kubectl", "#!/bin/sh\necho \"ran: other\"\n");
    let id = &request.digest().hex()[..12];
    let output = night.done(&["requests", "run", id]);
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    assert!(text(&output).contains("the program file changed"), "{output:?}");
    let again = night.done(&["requests", "run", id]);
    assert_eq!(again.status.code(), Some(64), "{again:?}");
}

#[test]
fn what_was_taken_back_or_revoked_does_not_run() {
    let night = Night::new("back-again", true);
    let id = night.leave(&[], &kubectl());
    let request = night.bob_approves();
    let bob = night.caller("bob");
    bob.say(&request, &night.approval("bob", &request, Decision::Revoke, None));
    let revoked = night.done(&["requests", "run", &id]);
    assert_eq!(revoked.status.code(), Some(77), "{revoked:?}");
    assert!(text(&revoked).contains("bob took the approval back"), "{revoked:?}");
    let id = night.leave(&[], &kubectl());
    let request = pending(&night);
    let taken = night.done(&["requests", "cancel", &id]);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    assert_eq!(bob.poll(&request, 0, 5).body["state"], "cancelled");
    assert_eq!(night.done(&["requests", "run", &id]).status.code(), Some(64));
    // Nothing to approve, nothing to leave.
    let harmless = night.done(&["requests", "make", "--", "kubectl", "get", "pods"]);
    assert_eq!(harmless.status.code(), Some(64), "{harmless:?}");
    assert!(!text(&harmless).contains("ran:"), "{harmless:?}");
}

#[test]
fn another_directory_of_the_same_name_is_drift() {
    let night = Night::new("inode", true);
    night.scene.write(
        "home/.config/guard/policy.toml",
        "[[policy]]\nname = \"all\"\nwhen = { severity = [\"critical\", \"high\", \"medium\", \"low\"] }\nrequire = [\"approval:sre\"]\n",
    );
    night.scene.write("work/data/one", "1");
    let id = night.leave(&[], &["rm", "-r", "data"]);
    let request = pending(&night);
    let asked = read::<Request>(request.payload()).expect("a request");
    let effects = asked.effects.expect("counted");
    assert!(effects.summary.keys().any(|words| words.contains("1 file in 1 directory")), "{effects:?}");
    approve_any(&night, &request);
    std::fs::rename(night.scene.path("work/data"), night.scene.path("work/old")).expect("moved");
    night.scene.write("work/data/one", "1");
    let output = night.done(&["requests", "run", &id]);
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    assert!(text(&output).contains("something else stands where the paths lead"), "{output:?}");
    assert!(night.scene.path("work/data/one").exists());
    // More in the same directory.
    let id = night.leave(&[], &["rm", "-r", "data"]);
    approve_any(&night, &pending(&night));
    night.scene.write("work/data/two", "2");
    let output = night.done(&["requests", "run", &id]);
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    assert!(text(&output).contains("grew from 2 to 3"), "{output:?}");
}

/// As bob, with the number where there is one.
fn approve_any(night: &Night, request: &Envelope) {
    let bob = night.caller("bob");
    let kept = std::fs::read(night.state_file(&format!("requests/{}.left", request.digest().hex())));
    let kept: Value = serde_json::from_slice(&kept.expect("left")).expect("JSON");
    let key = kept["number"].as_str().and_then(guard::keys::decode);
    let number = key.map(|key| MatchKey::from_bytes(key).code(&request.digest(), "bob"));
    bob.say(request, &night.approval("bob", request, Decision::Approve, number.as_deref()));
}

#[test]
fn a_camera_reads_a_request() {
    if !super::support::have("zbarimg") {
        return;
    }
    let night = Night::new("qr", true);
    let id = night.leave(&[], &kubectl());
    let wanted = text(&night.done(&["requests", "show", &id])).trim().to_owned();
    let shown = text(&night.done(&["requests", "show", &id, "--qr"]));
    let image = night.scene.path("work/picture.pgm");
    std::fs::write(&image, photograph(&shown)).expect("written");
    let output = Command::new("zbarimg").args(["-q", "--raw"]).arg(&image).output().expect("zbarimg");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), wanted);
}

fn photograph(shown: &str) -> Vec<u8> {
    const SIZE: usize = 4;
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for line in shown.lines() {
        let blocks = line.split("\x1b[0;30;47m").nth(1).and_then(|l| l.split("\x1b[0m").next());
        let Some(blocks) = blocks else { continue };
        rows.push(blocks.chars().map(|c| "\u{2588}\u{2580}".contains(c)).collect());
        rows.push(blocks.chars().map(|c| "\u{2588}\u{2584}".contains(c)).collect());
    }
    let width = rows[0].len();
    let mut image = format!("P5 {} {} 255\n", width * SIZE, rows.len() * SIZE).into_bytes();
    for row in &rows {
        for _ in 0..SIZE {
            image.extend(row.iter().flat_map(|dark| [if *dark { 0 } else { 255 }; SIZE]));
        }
    }
    image
}
