//! Tickets where they are used: the real program without a terminal, a real relay; each way in which a ticket does not fit
//! refuses in one sentence, and nothing runs.

use super::Night;
use guard::keys::{SigningKey, SshPublicKey};
use guard::statement::approval::{Approval, Decision, Saw};
use guard::statement::roster::{Oidc, PersonKind};
use guard::statement::ticket::Ticket;
use guard::statement::{Draft, Envelope, read, render};
use guard::team::ticket::Found;
use std::process::Output;

pub const COMMAND: &[&str] = &["kubectl", "scale", "deployment", "web", "--replicas={n:number<=9}"];
pub const RUN: &[&str] = &["kubectl", "scale", "deployment", "web", "--replicas=3"];

/// The night, in which alice's machine is a workload's.
pub fn workload(name: &str) -> Night {
    workload_that(name, "\"approval:sre\"", &[])
}

/// The same with what policy asks for, and with more words for the relay.
pub fn workload_that(name: &str, require: &str, relay: &[&str]) -> Night {
    let mut night = Night::new(name, true);
    night.policy(require);
    // alice's place among the people goes to the workload ci, with this machine's key.
    let key = night.team.file.persons[0].keys[0].clone();
    let person = &mut night.team.file.persons[0];
    person.id = "ci".to_owned();
    person.kind = PersonKind::Workload;
    person.human = None;
    person.groups = Vec::new();
    person.oidc = Some(oidc());
    person.keys = vec![key];
    person.keys[0].uses = vec![guard::statement::roster::Use::Request];
    night.team.roster = night.team.sign_roster(&night.team.file, &["dora", "eli"]);
    night.place = super::Place::new(&format!("{name}-ci"));
    let more = [super::GENEROUS, relay].concat();
    night.relay = Some(super::Relay::start(&night.place, &night.place.sqlite(), &night.team, &more));
    night.join(night.relay.as_ref().map(|relay| relay.url.clone()));
    night
}

fn oidc() -> Oidc {
    Oidc { iss: "https://ci.example".to_owned(), sub: "repo:acme/infra".to_owned() }
}

impl Night {
    /// What policy asks for, of everything that has a rule.
    pub fn policy(&self, require: &str) {
        let policy = format!(
            "[[policy]]\nname = \"production\"\nwhen = {{ severity = [\"critical\", \"high\", \"medium\", \"low\"] }}\n\
             require = [{require}]\n"
        );
        self.scene.write("home/.config/guard/policy.toml", &policy);
    }

    /// dora asks for a ticket; bob approves it. The command is read on this machine, then signed anew by dora.
    pub fn ticket(&self, more: &[&str], words: &[&str], change: impl FnOnce(&mut Ticket)) -> Found {
        let issued = self.done(
            &[&["ticket", "issue", "--workload", "ci", "--yes", "--print"][..], more, &["--"], words]
                .concat(),
        );
        assert_eq!(issued.status.code(), Some(0), "{issued:?}");
        let out = String::from_utf8_lossy(&issued.stdout).into_owned();
        let found = Found::read(out.lines().last().expect("a text").as_bytes()).expect("a ticket");
        let mut ticket = found.ticket;
        let dora: &SigningKey = self.team.key("dora");
        ticket.person = "dora".to_owned();
        ticket.key = SshPublicKey::from_ed25519(dora.public()).fingerprint();
        change(&mut ticket);
        let envelope = Draft::of(&ticket).expect("canonical").sign(dora);
        let posted = self.caller("dora").post("/tickets", &envelope);
        assert_eq!(posted.status, 201, "{posted:?}");
        Found { envelope, ticket, statements: Vec::new() }
    }

    /// What somebody's guard would say about a ticket.
    pub fn said_by(&self, who: &str, about: &Envelope, decision: Decision) -> Envelope {
        let ticket = read::<Ticket>(about.payload()).expect("a ticket");
        let decided = self.team.decide(who, about, decision);
        let mut approval = read::<Approval>(decided.payload()).expect("an approval");
        let digest = render::ticket(&ticket).digest;
        approval.saw = Some(Saw { render: render::RENDER.to_owned(), digest, end: true, ms: 9000 });
        approval.exp = ticket.not_after.max(approval.iat + 300);
        approval.note = (decision == Decision::Revoke).then(|| "wrong \u{202e}cluster".to_owned());
        Draft::of(&approval).expect("canonical").sign(self.team.key(who))
    }

    pub fn says(&self, who: &str, about: &Envelope, decision: Decision) {
        let said = self.caller(who).say(about, &self.said_by(who, about, decision));
        assert_eq!(said.status, 201, "{said:?}");
    }

    pub fn approved(&self, more: &[&str], change: impl FnOnce(&mut Ticket)) -> Found {
        let found = self.ticket(more, COMMAND, change);
        self.says("bob", &found.envelope, Decision::Approve);
        found
    }

    pub fn run_with(&self, found: &Found, env: &[(&str, &str)], words: &[&str]) -> Output {
        let mut command = self.scene.command(self.scene.path("lib/guard"), &[&["run", "--"], words].concat());
        command.env("GUARD_TICKET", found.to_text()).envs(env.iter().copied());
        super::later::alone(command).wait_with_output().expect("it ends")
    }

    #[track_caller]
    pub fn refuses(&self, output: &Output, status: i32, why: &str) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert!(said.contains(why), "{why}: {said}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(said.lines().filter(|line| line.starts_with("guard: refused:")).count(), 1, "{said}");
    }
}

#[test]
fn a_ticket_lets_a_job_run_as_often_as_it_says() {
    let night = workload("ticket-runs");
    let found = night.approved(&["--max", "2"], |_| {});
    let one = night.run_with(&found, &[], RUN);
    assert_eq!(one.status.code(), Some(0), "{one:?}");
    assert!(String::from_utf8_lossy(&one.stdout).contains("ran: scale"), "{one:?}");
    let report = night.bundle().verify(Some(night.team.roster.digest())).expect("proven");
    assert!(report.ran() && report.seats[0].person == "bob");
    assert_eq!(report.ticket.expect("a ticket").1, Some(1));
    let short = &found.envelope.digest().hex()[..12];
    let log = night.scene.guard(&["audit", "show", "--json"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    let digest = found.envelope.digest();
    assert!(
        log.contains(&format!("\"ticket\":\"{digest}\",\"use\":1")) && log.contains("\"by\":[\"bob\"]"),
        "{log}"
    );
    let log = night.scene.guard(&["audit", "show"]);
    let log = String::from_utf8_lossy(&log.stdout).into_owned();
    assert!(log.contains(&format!("ticket {short}, use 1 of 2, approved by bob")), "{log}");
    // Without the variable it is found at the relay; shims take it, too.
    let shimmed =
        super::later::alone(night.scene.command("kubectl", &RUN[1..])).wait_with_output().expect("ends");
    assert_eq!(shimmed.status.code(), Some(0), "{shimmed:?}");
    night.refuses(&night.run_with(&found, &[], RUN), 77, "the ticket is used up (2 of 2)");
}

#[test]
fn a_ticket_for_paths_is_for_what_stands_there_when_it_is_used() {
    let night = workload("ticket-paths");
    night.scene.write("work/data/one", "1");
    let words = ["rm", "-r", "data"];
    let found = night.ticket(&["--max", "2"], &words, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    for _ in 0..2 {
        night.scene.write("work/data/one", "1");
        let ran = night.run_with(&found, &[], &words);
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        assert!(!night.scene.path("work/data").exists());
    }
}

#[test]
fn a_ticket_that_does_not_fit_refuses_in_one_sentence() {
    let night = workload("ticket-fits");
    let found = night.approved(&["--commit", "abc", "--max", "9"], |_| {});
    let at = [("GUARD_COMMIT", "abc")];
    let word = |words: &[&str]| night.run_with(&found, &at, words);
    night.refuses(&word(&["kubectl", "scale", "deployment", "web", "--replicas=10"]), 77, "word 4 differs");
    night.refuses(&word(&["kubectl", "scale", "deployment", "api", "--replicas=3"]), 77, "another target");
    night.refuses(&night.run_with(&found, &[("GUARD_COMMIT", "abd")], RUN), 77, "another commit");
    night.refuses(&night.run_with(&found, &[], RUN), 77, "another commit");
    night.scene.kubeconfig("prod-us");
    night.refuses(&night.run_with(&found, &at, RUN), 77, "another target");
    night.scene.kubeconfig("prod-eu");
    let other = night.approved(&["--max", "8"], |t| t.workload.sub = "repo:acme/other".to_owned());
    night.refuses(&night.run_with(&other, &[], RUN), 77, "another workload");
    let early = night.approved(&["--max", "7"], |t| t.not_before += 600);
    night.refuses(&night.run_with(&early, &[], RUN), 75, "the ticket counts in");
    let over = night.approved(&["--max", "6"], |t| {
        (t.iat, t.not_before, t.not_after) = (t.iat - 60, t.not_before - 60, t.not_before - 1);
    });
    night.refuses(&night.run_with(&over, &[], RUN), 75, "expired");
    let unapproved = night.ticket(&["--max", "5"], COMMAND, |_| {});
    night.refuses(&night.run_with(&unapproved, &[], RUN), 75, "still needs an approval by sre (0 of 1)");
    assert_eq!(night.run_with(&found, &at, RUN).status.code(), Some(0));
    // Exported before it was taken back: the relay knows better.
    night.says("bob", &found.envelope, Decision::Revoke);
    night.refuses(&night.run_with(&found, &at, RUN), 77, "the ticket is revoked");
    let nonsense = Found { statements: vec![b"x".to_vec()], ..found };
    night.refuses(&night.run_with(&nonsense, &at, RUN), 77, "the ticket is revoked");
}

/// A plan file for a local backend that changes `address` (terraform 1.x, planfile.proto, in a stored ZIP archive).
pub fn plan(address: &str) -> Vec<u8> {
    let field = |number: u8, content: &[u8]| [&[number << 3 | 2, content.len() as u8], content].concat();
    let change = field(3, &[field(9, &[0x08, 3]), field(13, address.as_bytes())].concat());
    let config = field(1, b"\x82\xa4path\xc0\xadworkspace_dir\xc0");
    let backend = [field(1, b"local"), field(2, &config), field(3, b"default")].concat();
    let content = [&[0x08, 3][..], &change, &field(13, &backend)].concat();
    let (name, size) = (b"tfplan", (content.len() as u32).to_le_bytes());
    let length = (name.len() as u16).to_le_bytes();
    let mut out =
        [&0x0403_4b50_u32.to_le_bytes()[..], &[0; 14], &size, &size, &length, &[0; 2], name, &content]
            .concat();
    let directory = (out.len() as u32).to_le_bytes();
    out.extend(
        [&0x0201_4b50_u32.to_le_bytes()[..], &[0; 16], &size, &size, &length, &[0; 16], name].concat(),
    );
    let end = (out.len() as u32 - u32::from_le_bytes(directory)).to_le_bytes();
    out.extend(
        [&0x0605_4b50_u32.to_le_bytes()[..], &[0, 0, 0, 0, 1, 0, 1, 0], &end, &directory, &[0; 2]].concat(),
    );
    out
}

#[test]
fn an_apply_is_bound_to_its_plan_file() {
    let night = workload("ticket-plan");
    night.scene.stub("terraform", "#!/bin/sh\necho \"ran: $*\"\n");
    night.scene.write(
        "home/.config/guard/environments.toml",
        "[[environment]]\nname = \"production\"\nmatch = [{ terraform.dir = \"*work*\" }]\n",
    );
    let file = night.scene.path("work/p");
    std::fs::write(&file, plan("a.a")).expect("written");
    let apply = ["terraform", "apply", "p"];
    let bare = ["ticket", "issue", "--workload", "ci", "--yes", "--print", "--"];
    let bare = night.done(&[&bare[..], &apply].concat());
    assert_eq!(bare.status.code(), Some(64), "{bare:?}");
    assert!(String::from_utf8_lossy(&bare.stderr).contains("--plan"), "{bare:?}");
    let found = night.ticket(&["--plan", "p", "--max", "3"], &apply, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    let without = night.ticket(&["--plan", "p", "--max", "4"], &apply, |ticket| ticket.plan = None);
    night.says("bob", &without.envelope, Decision::Approve);
    night.refuses(&night.run_with(&without, &[], &apply), 77, "the ticket names no plan file");
    let ran = night.run_with(&found, &[], &apply);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert!(night.bundle().verify(None).expect("proven").ran());
    // Another plan under the same name.
    std::fs::write(&file, plan("a.b")).expect("written");
    night.refuses(&night.run_with(&found, &[], &apply), 77, "another plan file");
}

#[test]
fn two_machines_race_for_the_last_use() {
    let night = workload("ticket-race");
    let found = night.approved(&[], |_| {});
    let jobs: Vec<_> = (0..2)
        .map(|machine| {
            // Each has a state directory of its own, and with it a ledger that knows nothing of the other.
            let home = night.scene.path(&format!("machine-{machine}"));
            let copied =
                std::process::Command::new("cp").arg("-a").arg(night.scene.path("home")).arg(&home).status();
            assert!(copied.expect("cp").success());
            let mut command =
                night.scene.command(night.scene.path("lib/guard"), &[&["run", "--"], RUN].concat());
            command.env("HOME", &home).env("GUARD_TICKET", found.to_text());
            command.env("KUBECONFIG", night.scene.path("home/.kube/config"));
            super::later::alone(command)
        })
        .collect();
    let outputs: Vec<Output> = jobs.into_iter().map(|job| job.wait_with_output().expect("ends")).collect();
    let ran = outputs.iter().filter(|o| o.status.success()).count();
    assert_eq!(ran, 1, "{outputs:?}");
    let lost = outputs.iter().find(|o| !o.status.success()).expect("one");
    night.refuses(lost, 77, "the ticket is used up (1 of 1)");
}

#[test]
fn on_a_terminal_a_ticket_counts_and_is_said_in_a_line() {
    let night = workload("ticket-terminal");
    night.approved(&[], |_| {});
    let (status, shown) = night.kubectl(&RUN[1..]).finish();
    assert_eq!(status.code(), Some(0), "{shown}");
    assert!(shown.contains("covers it, approved by bob") && shown.contains("ran: scale"), "{shown}");
    // Used up.
    let mut pty = night.kubectl(&RUN[1..]);
    // It is said, and people can be asked.
    pty.wait_for("the ticket is used up (1 of 1)");
    pty.wait_for("these people can approve");
    pty.send(b"\x1b");
    assert!(!pty.finish().1.contains("ran:"));
}
