//! What arrives at Slack, Teams, webhooks, ntfy and mail servers: its shape, what hostile text becomes, what happens
//! when a server fails, and that each message comes once.

use crate::recorder::{Call, Post, Recorder, Reply};
use crate::server::{Caller, GENEROUS, Place, Relay, database, guard, on_each, shared};
use crate::team::Team;
use guard::statement::request::Severity;
use guard::statement::{Decision, Envelope};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

const HOSTILE: &str = "<!channel> *b* _i_ [l](http://evil.example) <at>x</at> {{DATE(2026-01-01T00:00:00Z)}}";

/// A file of channels as the operator writes it.
fn file(place: &Place, text: &str) -> String {
    let path = place.path("channels.toml");
    std::fs::write(&path, text).expect("write");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
    format!("--notify={}", path.display())
}

fn start(place: &Place, db: &str, team: &Team, text: &str) -> Relay {
    let notify = file(place, text);
    Relay::start(place, db, team, &[GENEROUS, &["--verbose", &notify]].concat())
}

fn webhook(recorder: &Recorder) -> String {
    let secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    format!(
        "[[webhook]]\nname = \"hook\"\nurl = \"{}\"\nsecret = \"{secret}\"\n",
        recorder.url("/hook/SECRETPATH")
    )
}

fn bot(recorder: &Recorder) -> String {
    let api = recorder.url("/api");
    format!("[[slack]]\nname = \"ops\"\ntoken = \"xoxb-SECRET\"\nchannel = \"C1\"\napi = \"{api}\"\n")
}

fn slack_answers() -> Recorder {
    Recorder::start(|number, _| {
        Reply::Status(200, format!("{{\"ok\":true,\"channel\":\"C1\",\"ts\":\"{}.5\"}}", number + 1))
    })
}

/// A request whose words are an attack.
fn hostile(team: &Team) -> Envelope {
    team.request_with("alice", &["SECRETWORD"], |r| {
        r.requester.host = HOSTILE.to_owned();
        r.target.class = format!("{HOSTILE}\r\nBcc: evil@evil.example{}", "x".repeat(300));
    })
}

fn open(relay: &Relay, team: &Team, request: &Envelope) -> (Caller, Caller) {
    let (alice, bob) = (relay.sign_in(team, "alice"), relay.sign_in(team, "bob"));
    assert_eq!(alice.submit(request).status, 201);
    (alice, bob)
}

/// Every string in a value with the key it stands under.
fn strings(value: &Value, key: &str, all: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => all.push((key.to_owned(), text.clone())),
        Value::Array(list) => list.iter().for_each(|v| strings(v, key, all)),
        Value::Object(map) => map.iter().for_each(|(k, v)| strings(v, k, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Foreign text stands only in elements of these types.
fn only_in(value: &Value, types: &[&str]) {
    match value {
        Value::Array(list) => list.iter().for_each(|v| only_in(v, types)),
        Value::Object(map) => {
            for (key, inner) in map {
                let foreign = inner.as_str().is_some_and(|t| t.contains("evil") || t.contains("*b*"));
                let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
                assert!(!foreign || (types.contains(&kind) && key == "text"), "{key} of {kind:?}: {inner}");
                only_in(inner, types);
            }
        }
        _ => {}
    }
}

fn no_command(call: &Call) {
    assert!(!call.text.contains("SECRETWORD"), "the command is never told: {}", call.text);
}

#[test]
fn slack_message_is_plain_and_updated_after_a_restart() {
    on_each("slack", |place, db| {
        let (team, slack) = (Team::new(), slack_answers());
        let mut relay = start(place, db, &team, &bot(&slack));
        let request = hostile(&team);
        open(&relay, &team, &request);
        let first = slack.next();
        assert_eq!(first.path, "/api/chat.postMessage");
        assert_eq!(first.header("authorization"), "Bearer xoxb-SECRET");
        assert_eq!((&first.body["channel"], &first.body["mrkdwn"]), (&"C1".into(), &false.into()));
        assert_eq!(first.body["blocks"][0]["text"]["type"], "plain_text");
        only_in(&first.body, &["plain_text", "text"]);
        no_command(&first);
        assert!(first.text.contains("more)") && !first.text.contains("\\r\\nBcc"), "{}", first.text);
        let mut all = Vec::new();
        strings(&first.body, "", &mut all);
        let links: Vec<_> = all.iter().filter(|(key, _)| key == "url").collect();
        assert_eq!(links.len(), 1, "nothing to press but a link: {links:?}");
        assert!(links[0].1.ends_with(&format!("/a/{}", request.digest())), "{links:?}");
        assert!(!first.text.contains("\"button\"") && !first.text.contains("action_id"));
        while !relay.stranger().get("/metrics").body.as_str().expect("text").contains("outcome=\"sent\"} 1") {
        }
        relay.end();

        let relay = start(place, db, &team, &bot(&slack));
        let bob = relay.sign_in(&team, "bob");
        assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Deny)).status, 201);
        let update = slack.next();
        assert_eq!((update.path.as_str(), &update.body["ts"]), ("/api/chat.update", &"1.5".into()));
        assert!(
            update.text.contains("bob denied") && update.text.contains("\"strike\":true"),
            "{}",
            update.text
        );
        only_in(&update.body, &["plain_text", "text"]);
        assert!(!relay.log().contains("SECRET"), "{}", relay.log());
    });
}

#[test]
fn slack_message_that_somebody_removed_is_sent_anew() {
    let (place, team) = (Place::new("removed"), Team::new());
    let slack = Recorder::start(|_, call| {
        let gone = call.path.ends_with("update");
        let answer = if gone {
            "{\"ok\":false,\"error\":\"message_not_found\"}"
        } else {
            "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1.5\"}"
        };
        Reply::Status(200, answer.to_owned())
    });
    let relay = start(&place, &place.sqlite(), &team, &bot(&slack));
    let request = team.request("alice", &["x"]);
    let (_, bob) = open(&relay, &team, &request);
    assert_eq!(slack.next().path, "/api/chat.postMessage");
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Approve)).status, 201);
    let paths = [slack.next().path, slack.next().path];
    assert_eq!(paths, ["/api/chat.update", "/api/chat.postMessage"]);
}

#[test]
fn slack_webhook_only_adds() {
    let (place, team, slack) = (Place::new("hook"), Team::new(), Recorder::fine());
    let text = format!("[[slack]]\nname = \"ops\"\nwebhook = \"{}\"\n", slack.url("/services/T/B/SECRET"));
    let relay = start(&place, &place.sqlite(), &team, &text);
    let request = hostile(&team);
    let (_, bob) = open(&relay, &team, &request);
    only_in(&slack.next().body, &["plain_text", "text"]);
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Report)).status, 201);
    let second = slack.next();
    assert!(second.path.ends_with("/SECRET") && second.text.contains("REPORTED"), "{}", second.text);
    assert!(second.body.get("ts").is_none());
    assert!(!relay.log().contains("SECRET"), "{}", relay.log());
}

#[test]
fn teams_card_reads_no_markdown() {
    let (place, team, teams) = (Place::new("teams"), Team::new(), Recorder::fine());
    let text = format!("[[teams]]\nname = \"ops\"\nwebhook = \"{}\"\n", teams.url("/workflow?sig=SECRET"));
    let relay = start(&place, &place.sqlite(), &team, &text);
    let request = hostile(&team);
    let (_, bob) = open(&relay, &team, &request);
    let first = teams.next();
    assert_eq!(first.path, "/workflow?sig=SECRET");
    let card = &first.body["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["type"], "AdaptiveCard");
    only_in(&first.body, &["TextRun"]);
    no_command(&first);
    assert!(!first.text.contains("{{DATE"), "{}", first.text);
    let actions = card["content"]["actions"].as_array().expect("actions");
    assert_eq!((actions.len(), &actions[0]["type"]), (1, &"Action.OpenUrl".into()), "nothing but a link");
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Deny)).status, 201);
    assert!(teams.next().text.contains("\"strikethrough\":true"));
    assert!(!relay.log().contains("SECRET"), "{}", relay.log());
}

#[test]
fn webhook_is_signed_over_time_and_body() {
    let (place, team, hook) = (Place::new("signed"), Team::new(), Recorder::fine());
    let relay = start(&place, &place.sqlite(), &team, &webhook(&hook));
    let request = hostile(&team);
    let (_, bob) = open(&relay, &team, &request);
    let call = hook.next();
    let signature = call.header("guard-signature");
    // As docs/relay/notifications.md tells receivers.
    let check = "import hmac,sys\nt,v=[p.split('=',1)[1] for p in sys.argv[1].split(',')]\n\
                 want=hmac.new(b'\\7'*32,t.encode()+b'.'+sys.argv[2].encode(),'sha256').hexdigest()\n\
                 sys.exit(0 if hmac.compare_digest(want,v) else 1)";
    let python = |body: &str| {
        let run = std::process::Command::new("python3").args(["-c", check, &signature, body]).status();
        run.expect("python3 runs").success()
    };
    assert!(python(&call.text), "{signature}");
    assert!(!python(&format!("{} ", call.text)), "one changed byte");
    assert_eq!(call.body["event"], "opened");
    assert_eq!(call.body["requester"], "alice");
    assert_eq!(call.body["request"], request.digest().to_string());
    assert_eq!(call.header("guard-notification"), call.body["id"].as_str().expect("an id"));
    no_command(&call);
    let wanted = [(Decision::Approve, "approved"), (Decision::Revoke, "revoked"), (Decision::Deny, "denied")];
    for (decision, event) in wanted {
        assert_eq!(bob.say(&request, &team.decide("bob", &request, decision)).status, 201);
        let call = hook.next();
        assert_eq!((&call.body["event"], &call.body["by"]), (&event.into(), &"bob".into()));
        assert_eq!(call.body["over"], event == "denied", "a yes may not be enough");
    }
    assert!(!relay.log().contains("SECRET"), "{}", relay.log());
}

#[test]
fn ntfy_has_a_view_action_only() {
    let (place, team) = (Place::new("ntfy"), Team::new());
    let ntfy = Recorder::start(|_, _| Reply::Status(200, "{\"id\":\"abc123\"}".to_owned()));
    let server = ntfy.url("/");
    let text = format!(
        "[[ntfy]]\nname = \"phones\"\nserver = \"{server}\"\ntopic = \"SECRET-t\"\ntoken = \"tk_SECRET\"\n"
    );
    let relay = start(&place, &place.sqlite(), &team, &text);
    let request = hostile(&team);
    let (alice, bob) = open(&relay, &team, &request);
    let first = ntfy.next();
    assert_eq!((first.path.as_str(), &first.body["topic"]), ("/", &"SECRET-t".into()));
    assert_eq!(first.header("authorization"), "Bearer tk_SECRET");
    assert_eq!((&first.body["markdown"], &first.body["priority"]), (&false.into(), &3.into()));
    let actions = first.body["actions"].as_array().expect("actions");
    assert_eq!((actions.len(), &actions[0]["action"]), (1, &"view".into()));
    assert!(!first.body["message"].as_str().expect("text").contains("\nBcc"), "{}", first.text);
    no_command(&first);
    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Deny)).status, 201);
    assert_eq!(ntfy.next().body["sequence_id"], "abc123", "the same message");
    assert_eq!(alice.submit(&team.breakglass("alice", &request)).status, 201);
    let alarm = ntfy.next();
    assert_eq!((&alarm.body["priority"], alarm.body.get("sequence_id")), (&5.into(), None), "{}", alarm.text);
    assert!(!relay.log().contains("SECRET"), "{}", relay.log());
}

#[test]
fn mail_headers_hold_no_foreign_lines_and_the_requester_gets_none() {
    let (place, team, post) = (Place::new("mail"), Team::new(), Post::start());
    let text = format!(
        "[[email]]\nname = \"mail\"\nserver = \"127.0.0.1:{}\"\nsecurity = \"none\"\nfrom = \"guard <guard@acme.example>\"\n\
         to = [\"sre@acme.example\"]\npeople = {{ alice = \"alice@acme.example\", bob = \"bob@acme.example\" }}\n",
        post.port
    );
    let relay = start(&place, &place.sqlite(), &team, &text);
    let request = hostile(&team);
    let (alice, bob) = open(&relay, &team, &request);
    let first = post.next();
    assert!(first.from.contains("<guard@acme.example>"), "{first:?}");
    let to = first.to.join(" ");
    assert!(to.contains("sre@") && to.contains("bob@") && !to.contains("alice@"), "her own request: {to}");
    assert!(!to.contains("evil"), "{to}");
    let head = first.head();
    assert!(!head.contains("evil") && !head.contains("\r\nBcc"), "{head}");
    assert!(head.contains("Subject: [guard] alice asks for approval"), "{head}");
    assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
    assert!(!first.text.contains("\r\nBcc:") && !first.text.contains("SECRETWORD"), "{}", first.text);
    let id = head.lines().find_map(|l| l.strip_prefix("Message-ID: ")).expect("an id").to_owned();

    assert_eq!(bob.say(&request, &team.decide("bob", &request, Decision::Deny)).status, 201);
    let second = post.next();
    assert!(second.head().contains(&format!("In-Reply-To: {id}")), "{}", second.head());
    assert!(second.to.join(" ").contains("alice@"), "she hears how it ended");
    assert_eq!(alice.submit(&team.breakglass("alice", &request)).status, 201);
    let alarm = post.next();
    assert!(alarm.head().contains("BREAK-GLASS") && alarm.head().contains("Importance: high"), "{alarm:?}");
}

#[test]
fn a_break_glass_overtakes_what_cannot_be_sent() {
    on_each("alarm", |place, db| {
        let team = Team::new();
        let hook = Recorder::start(|_, call| {
            Reply::Status(if call.body["event"] == "breakglass" { 200 } else { 500 }, String::new())
        });
        let relay = start(place, db, &team, &webhook(&hook));
        let request = team.request("alice", &["x"]);
        let (alice, _) = open(&relay, &team, &request);
        assert_eq!(hook.next().body["event"], "opened");
        assert_eq!(alice.submit(&team.breakglass("alice", &request)).status, 201);
        let alarm = std::iter::repeat_with(|| hook.next()).find(|c| c.body["event"] == "breakglass");
        let alarm = alarm.expect("it comes although the thread's first message does not leave");
        assert_eq!((&alarm.body["alarm"], &alarm.body["severity"]), (&true.into(), &"critical".into()));
    });
}

#[test]
fn errors_silence_and_broken_answers_are_tried_again() {
    let (place, team) = (Place::new("again"), Team::new());
    let hook = Recorder::start(|number, _| match number {
        0 => Reply::Status(500, "x".repeat(1 << 20)),
        1 => Reply::Nothing,
        2 => Reply::Hang,
        _ => Reply::Status(200, "x".repeat(1 << 20)),
    });
    let relay = start(&place, &place.sqlite(), &team, &webhook(&hook));
    open(&relay, &team, &team.request("alice", &["x"]));
    let ids: Vec<_> = (0..4).map(|_| hook.next().header("guard-notification")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "a receiver can tell it is the same: {ids:?}");
    while !relay.stranger().get("/metrics").body.as_str().expect("text").contains("outcome=\"sent\"} 1") {}
    assert_eq!(hook.rest().len(), 0);
    for why in ["has an error of its own", "the connection broke", "no answer in time"] {
        assert!(relay.log().contains(why), "{why}: {}", relay.log());
    }
    assert!(!relay.log().contains("SECRET"), "{}", relay.log());
}

#[test]
fn a_redirect_is_not_followed() {
    let (place, team, inside) = (Place::new("redirect"), Team::new(), Recorder::fine());
    let to = inside.url("/latest/meta-data");
    let hook = Recorder::start(move |number, _| match number {
        0 => Reply::Elsewhere(to.clone()),
        _ => Reply::Status(200, String::new()),
    });
    let relay = start(&place, &place.sqlite(), &team, &webhook(&hook));
    open(&relay, &team, &team.request("alice", &["x"]));
    assert_eq!([hook.next().body["event"].clone(), hook.next().body["event"].clone()], ["opened", "opened"]);
    assert_eq!(inside.rest().len(), 0);
    assert!(relay.log().contains("redirect"), "{}", relay.log());
}

#[test]
fn the_queue_outlives_a_killed_relay() {
    on_each("queue", |place, db| {
        let team = Team::new();
        let deaf = Recorder::start(|_, _| Reply::Status(503, String::new()));
        let mut relay = start(place, db, &team, &webhook(&deaf));
        let request = team.request("alice", &["x"]);
        open(&relay, &team, &request);
        deaf.next();
        while !relay.log().contains("notification waits") {}
        relay.kill();
        let hook = Recorder::fine();
        let _relay = start(place, db, &team, &webhook(&hook));
        assert_eq!(hook.next().body["request"], request.digest().to_string());
    });
}

#[test]
fn two_instances_send_each_notification_once() {
    let Some(server) = shared() else { return };
    let (place, team, hook) = (Place::new("hooks"), Team::new(), Recorder::fine());
    let db = database(&server, "hooks");
    let relays = [0, 1].map(|_| start(&place, &db, &team, &webhook(&hook)));
    let callers: Vec<_> = relays.iter().map(|r| r.sign_in(&team, "alice")).collect();
    for number in 0..40_usize {
        let request = team.request("alice", &["x", &number.to_string()]);
        assert_eq!(callers[number % 2].submit(&request).status, 201);
    }
    let mut seen: Vec<_> = (0..40).map(|_| hook.next().header("guard-notification")).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 40);
    let name = db.rsplit('/').next().and_then(|n| n.split('?').next()).expect("a name");
    while server.ask(name, "select count(*) from outbox where done = 1") != "40" {}
    assert_eq!(hook.rest().len(), 0);
}

#[test]
fn another_instance_sends_when_the_lease_of_a_killed_one_is_over() {
    let Some(server) = shared() else { return };
    let (place, team) = (Place::new("lease"), Team::new());
    let db = database(&server, "lease");
    let silent = Recorder::start(|_, _| Reply::Hang);
    let mut one = start(&place, &db, &team, &webhook(&silent));
    open(&one, &team, &team.request("alice", &["x"]));
    silent.next();
    one.kill();
    let hook = Recorder::fine();
    let two = start(&place, &db, &team, &webhook(&hook));
    let alice = two.sign_in(&team, "alice");
    assert_eq!(alice.submit(&team.request("alice", &["y"])).status, 201);
    let other = hook.next();
    let name = db.rsplit('/').next().and_then(|n| n.split('?').next()).expect("a name");
    let held = "select count(*) from outbox where done = 0 and held_until > 0";
    assert_eq!(server.ask(name, held), "1", "what the dead one holds is not touched before its time");
    // A minute passes.
    server.run(name, "update outbox set held_until = held_until - 61 where done = 0");
    let first = hook.next();
    assert_ne!(first.body["request"], other.body["request"]);
}

#[test]
fn a_channel_hears_of_its_team_and_severity_only() {
    let (place, team, hook) = (Place::new("least"), Team::new(), Recorder::fine());
    let text = format!("{}least = \"critical\"\nteam = \"{}\"\n", webhook(&hook), team.name);
    let other = webhook(&hook).replace("\"hook\"", "\"other\"") + "team = \"another.example\"\n";
    let relay = start(&place, &place.sqlite(), &team, &(text + &other));
    let alice = relay.sign_in(&team, "alice");
    assert_eq!(alice.submit(&team.request("alice", &["high"])).status, 201);
    let critical = team.request_with("alice", &["critical"], |r| r.policy.severity = Severity::Critical);
    assert_eq!(alice.submit(&critical).status, 201);
    assert_eq!(hook.next().body["request"], critical.digest().to_string());
    let told = |relay: &Relay| relay.stranger().get("/metrics").body.as_str().expect("text").to_owned();
    while !told(&relay).contains("outcome=\"skipped\"} 3") {}
    assert_eq!(hook.rest().len(), 0);
}

#[test]
fn a_wrong_file_of_channels_is_refused_with_its_place_and_without_its_secrets() {
    let place = Place::new("wrong");
    let db = format!("--db={}", place.sqlite());
    let cases: &[(&str, &str)] = &[
        ("[[slack]]\nname = \"x\"\ntoken = [\"SECRET\"]\n", "channels.toml:3:9: invalid type"),
        ("[[slack]]\nname = \"x\"\ntoken = SECRET\n", "channels.toml:3:9: "),
        ("[[slack]]\nname = \"x\"\ntokens = \"SECRET\"\n", "channels.toml:3:1: unknown field `tokens`"),
        ("[[slack]]\nname = \"x\"\ntoken = \"SECRET\"\n", "channels.toml:2:8: with a token, channel is"),
        (
            "[[slack]]\nname = \"x\"\nwebhook = \"http://hooks.example/SECRET\"\n",
            "channels.toml:3:11: webhook must be https",
        ),
        (
            "[[slack]]\nname = \"a b\"\nwebhook = \"https://h.example/SECRET\"\n",
            "channels.toml:2:8: a name has",
        ),
        ("[[teams]]\nname = \"x\"\n", "channels.toml:2:8: this channel needs webhook or webhook-file"),
        ("[[teams]]\nname = \"x\"\nwebhook-file = \"absent\"\n", "channels.toml:3:16: "),
        (
            "[[webhook]]\nname = \"x\"\nurl = \"https://h.example/SECRET\"\nsecret = \"SECRET\"\n",
            "channels.toml:4:10: secret is 32 random bytes",
        ),
        (
            "[[ntfy]]\nname = \"x\"\nserver = \"https://ntfy.example\"\ntopic = \"SECRET/x\"\n",
            "channels.toml:4:9: topic is",
        ),
        (
            "[[email]]\nname = \"x\"\nserver = \"mx.example\"\nsecurity = \"none\"\nfrom = \"g@x.example\"\nto = [\"a@x.example\"]\n",
            "channels.toml:3:10: without TLS",
        ),
        (
            "[[email]]\nname = \"x\"\nserver = \"mx.example\"\nfrom = \"g@x.example\\r\\nBcc: x@y.example\"\n",
            "channels.toml:4:8: is not an address",
        ),
        (
            "[[webhook]]\nname = \"x\"\nleast = \"worst\"\nurl = \"https://h.example/\"\nsecret = \"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\"\n",
            "channels.toml:3:9: least is",
        ),
        ("# nothing\n", "channels.toml:1:1: no channel here"),
    ];
    for (text, wanted) in cases {
        let notify = file(&place, text);
        let output = guard(&["serve", "--listen=127.0.0.1:0", &db, &notify]).output().expect("guard runs");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{text}: {words}");
        assert!(words.contains(wanted), "{text}: {words}");
        assert!(!words.contains("SECRET"), "{text}: {words}");
    }
    let notify = file(&place, cases[0].0);
    let path = place.path("channels.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("mode");
    let output = guard(&["serve", "--listen=127.0.0.1:0", &db, &notify]).output().expect("guard runs");
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("readable by nobody else"), "{output:?}");
}
