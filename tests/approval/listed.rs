//! What lists and exports say of a ticket at each point of its life: never that it is approved when it lets nothing run.

use super::Night;
use super::tickets::{COMMAND, RUN, workload_that};
use guard::statement::approval::Decision;
use guard::team::ticket::Found;
use serde_json::Value;

fn night(name: &str, require: &str) -> Night {
    workload_that(name, require, &[])
}

impl Night {
    fn out(&self, args: &[&str]) -> String {
        let output = self.done(args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// How the list has a ticket: its lines, and its object.
    fn listed(&self, found: &Found) -> (String, Value) {
        let short = &found.envelope.digest().hex()[..12];
        let text = self.out(&["ticket", "list"]);
        let mut lines = text.lines().skip_while(|line| !line.starts_with(short));
        let first = lines.next().unwrap_or_else(|| panic!("{short} in {text}")).to_owned();
        let more = lines.take_while(|line| line.starts_with("   "));
        let lines = more.fold(first, |all, line| format!("{all}\n{}", line.trim()));
        let json: Value = serde_json::from_str(&self.out(&["ticket", "list", "--json"])).expect("JSON");
        let all = json["tickets"].as_array().expect("tickets").clone();
        let digest = found.envelope.digest().to_string();
        let one = all.into_iter().find(|one| one["digest"] == digest.as_str()).expect("listed");
        assert!(!lines.contains('\u{202e}'), "raw foreign text: {lines}");
        (lines, one)
    }

    #[track_caller]
    fn stands(&self, found: &Found, words: &str, state: &str, left: u64) {
        let (lines, one) = self.listed(found);
        assert!(lines.contains(words), "{words}: {lines}");
        assert_eq!((one["state"].as_str(), one["left"].as_u64()), (Some(state), Some(left)), "{one}");
    }
}

#[test]
fn a_ticket_is_listed_as_it_stands_at_each_point_of_its_life() {
    let night = night("listed", "\"approval:sre*2\"");
    let found = night.ticket(&["--max", "2"], COMMAND, |_| {});
    night.stands(&found, "  waiting (0 of 2)  ", "pending", 0);
    night.says("bob", &found.envelope, Decision::Approve);
    night.stands(&found, "  waiting (1 of 2)  ", "pending", 0);
    night.stands(&found, "\napproved by bob\nneeds 1 more of sre", "pending", 0);
    night.says("carol", &found.envelope, Decision::Approve);
    night.stands(&found, "  approved (2 of 2 uses left)  ", "approved", 2);
    let run = || assert_eq!(night.run_with(&found, &[], RUN).status.code(), Some(0));
    run();
    night.stands(&found, "  approved (1 of 2 uses left)  ", "approved", 1);
    run();
    night.stands(&found, "  used up (2 of 2)  ", "used-up", 0);
    let (_, one) = night.listed(&found);
    assert_eq!(one["uses"][1]["number"], 2);
    assert_eq!(one["uses"][1]["person"], "ci");
    let shown = night.out(&["ticket", "show", &found.envelope.digest().hex()[..6]]);
    assert!(shown.contains("used up (2 of 2)") && shown.contains("use 2 is gone: by ci"), "{shown}");
    assert!(shown.contains("kubectl") && shown.contains("repo:acme/infra"), "{shown}");
}

#[test]
fn a_ticket_that_is_over_is_listed_with_how_it_ended() {
    let night = night("listed-over", "\"approval:sre\"");
    let taken = night.approved(&["--max", "3"], |_| {});
    assert_eq!(night.run_with(&taken, &[], RUN).status.code(), Some(0));
    night.says("bob", &taken.envelope, Decision::Revoke);
    let words = "  revoked by bob: wrong \\u{202e}cluster (1 of 3 uses gone)  ";
    night.stands(&taken, words, "revoked", 0);
    let refused = night.ticket(&["--max", "4"], COMMAND, |_| {});
    night.says("carol", &refused.envelope, Decision::Deny);
    night.stands(&refused, "  denied by carol  ", "denied", 0);
    let over = night.approved(&["--max", "6"], |t| {
        (t.iat, t.not_before, t.not_after) = (t.iat - 60, t.not_before - 60, t.not_before - 1);
    });
    night.stands(&over, "  expired  ", "expired", 0);
    let early = night.approved(&["--max", "7"], |t| t.not_before += 600);
    night.stands(&early, "\ncounts from ", "approved", 7);
}

#[test]
fn a_use_that_ended_in_drift_is_listed_and_not_counted() {
    let (night, meddler) = super::changing::behind("listed-drift");
    night.scene.write("work/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
    let delete = ["kubectl", "delete", "-f", "web.yaml"];
    let found = night.ticket(&["--max", "3"], &delete, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    let path = night.scene.path("work/web.yaml");
    meddler.set(super::changing::before("GET", "/requests/", 1, move || {
        std::fs::write(&path, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n# more\n")
            .expect("written");
    }));
    assert_eq!(night.run_with(&found, &[], &delete).status.code(), Some(65));
    meddler.set(super::meddler::honest());
    night.stands(&found, "  approved (3 of 3 uses left)  ", "approved", 3);
    night.stands(&found, "\ndrift here at ", "approved", 3);
    let (_, one) = night.listed(&found);
    assert!(one["drift"][0]["what"][0].as_str().expect("words").contains("changed"), "{one}");
}

#[test]
fn an_export_says_how_the_ticket_stands_and_stays_the_same_bytes() {
    let night = night("export", "\"approval:sre\"");
    let found = night.ticket(&[], COMMAND, |_| {});
    let id = &found.envelope.digest().hex()[..8];
    let export = || night.done(&["ticket", "export", id]);
    let waiting = export();
    assert_eq!(waiting.status.code(), Some(0), "{waiting:?}");
    let said = String::from_utf8_lossy(&waiting.stderr).into_owned();
    assert!(said.contains("waiting (0 of 1)") && said.contains("hint: it lets nothing run before"), "{said}");
    assert_eq!(String::from_utf8_lossy(&waiting.stdout).trim_end(), found.to_text());
    night.says("bob", &found.envelope, Decision::Approve);
    let approved = export();
    let said = String::from_utf8_lossy(&approved.stderr).into_owned();
    assert!(said.contains("approved (1 of 1 use left), approved by bob"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let read =
        Found::read(String::from_utf8_lossy(&approved.stdout).trim_end().as_bytes()).expect("a ticket");
    assert_eq!((read.envelope.digest(), read.statements.len()), (found.envelope.digest(), 1));
    let json: Value = serde_json::from_str(&night.out(&["ticket", "export", "--json", id])).expect("JSON");
    assert_eq!((json["state"].as_str(), json["by"][0].as_str()), (Some("approved"), Some("bob")));
    assert_eq!(json["text"].as_str(), Some(read.to_text().as_str()));
    assert_eq!(night.run_with(&found, &[], RUN).status.code(), Some(0));
    let used = export();
    let said = String::from_utf8_lossy(&used.stderr).into_owned();
    assert!(said.contains("used up (1 of 1)") && said.contains("it lets nothing run"), "{said}");
}

#[test]
fn a_ticket_is_verified_by_its_id() {
    let night = night("verify-id", "\"approval:sre\"");
    let found = night.ticket(&[], COMMAND, |_| {});
    let id = found.envelope.digest().hex();
    let verify = |id: &str, words: &[&str]| night.done(&[&["ticket", "verify", id, "--"], words].concat());
    let why = |id: &str, words: &[&str], status: i32, why: &str| {
        let output = verify(id, words);
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(why), "{why}: {said}");
    };
    why(&id[..12], RUN, 1, "still needs an approval by sre (0 of 1)");
    night.says("bob", &found.envelope, Decision::Approve);
    for id in [&id[..12], &id[..4], &id, &format!("sha256:{id}"), &id[..8].to_uppercase()] {
        why(id, RUN, 0, "covers it, approved by bob");
    }
    why(&id[..12], &["kubectl", "scale", "deployment", "web", "--replicas=10"], 1, "word 4 differs");
    let none = if id.starts_with("ffff") { "eeeeeeee" } else { "ffffffff" };
    why(none, RUN, 64, &format!("0 tickets begin with {none}"));
    why("no-such-file", RUN, 64, "`guard ticket list` shows ids");
    // A file of that name is what is there.
    night.scene.write(&format!("work/{}", &id[..12]), "no ticket");
    why(&id[..12], RUN, 64, "this is no ticket");
    assert_eq!(night.run_with(&found, &[], RUN).status.code(), Some(0));
    why(&id[..8], RUN, 1, "the ticket is used up (1 of 1)");
    // The text of it does not bring a use back.
    let text = night.out(&["ticket", "export", &id[..8]]);
    why(text.trim_end(), RUN, 1, "the ticket is used up (1 of 1)");
}

#[test]
fn of_two_tickets_that_fit_the_one_that_is_left_is_used() {
    let night = night("two-tickets", "\"approval:sre\"");
    let job = || {
        let command = night.scene.command("kubectl", &RUN[1..]);
        super::later::alone(command).wait_with_output().expect("it ends")
    };
    night.approved(&["--reason", "one"], |_| {});
    assert_eq!(job().status.code(), Some(0));
    night.refuses(&job(), 77, "the ticket is used up (1 of 1)");
    let second = night.ticket(&["--reason", "two"], COMMAND, |t| t.iat += 1);
    night.refuses(&job(), 75, "the ticket still needs an approval by sre (0 of 1)");
    night.says("bob", &second.envelope, Decision::Approve);
    let ran = job();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    night.refuses(&job(), 77, "the ticket is used up (1 of 1)");
}

#[test]
fn a_text_is_verified_with_what_the_relay_knows_of_it() {
    let mut night = night("verify-text", "\"approval:sre\"");
    let found = night.approved(&["--max", "4"], |_| {});
    let short = found.envelope.digest().hex()[..12].to_owned();
    let text = night.done(&["ticket", "export", &short]);
    assert_eq!(text.status.code(), Some(0), "{text:?}");
    let file = night.scene.write("work/exported", &String::from_utf8_lossy(&text.stdout));
    let file = file.to_str().expect("text").to_owned();
    // Without the approval, which the relay has.
    let bare = night.scene.write("work/bare", &found.to_text());
    let bare = bare.to_str().expect("text").to_owned();
    let verify = |night: &Night, file: &str, more: &[&str]| {
        let output = night.done(&[&["ticket", "verify", file][..], more, &["--"], RUN].concat());
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    };
    for file in [&file, &bare] {
        let (status, said) = verify(&night, file, &[]);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains("approved by bob") && !said.contains("text alone"), "{said}");
    }
    night.says("bob", &found.envelope, Decision::Revoke);
    let (status, said) = verify(&night, &file, &[]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("the ticket is revoked"), "{said}");
    let (status, said) = verify(&night, &file, &["--json"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("\"covers\":false") && said.contains("\"unasked\":null"), "{said}");
    night.relay.as_mut().expect("a relay").kill();
    let (status, said) = verify(&night, &file, &[]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("by the text alone; the relay was not asked: "), "{said}");
    let (_, said) = verify(&night, &file, &["--json"]);
    assert!(said.contains("\"unasked\":\""), "{said}");
    let (status, said) = verify(&night, &bare, &[]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("still needs") && said.contains("the relay was not asked: "), "{said}");
}
