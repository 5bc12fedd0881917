//! The relay's page on a phone: a real Chromium, 360 px wide, with a virtual authenticator, against a real relay; what
//! it sends is judged by `verify()` as the requester's guard would.

use crate::browser::Browser;
use crate::server::{Caller, GENEROUS, Place, Relay};
use crate::team::{Team, now};
use guard::statement::approval::Surface;
use guard::statement::request::{Match, MatchMode, Need, Severity};
use guard::statement::roster::{KeyLine, MinFlags};
use guard::statement::{Answer, Envelope, Foreign, MatchKey, Needs, Question, Roster, Verdict, Why, verify};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// bob with a passkey that he made on the page, and everybody else.
struct Scene {
    browser: Browser,
    device: String,
    relay: Relay,
    team: Team,
    roster: Roster,
    alice: Caller,
    number: MatchKey,
    _place: Place,
}

fn here(relay: &Relay) -> String {
    relay.url.replace("127.0.0.1", "localhost")
}

/// bob makes a passkey; an admin puts the line into the roster.
fn scene(name: &str) -> Option<Scene> {
    limited(name, GENEROUS)
}

fn limited(name: &str, limits: &[&str]) -> Option<Scene> {
    let place = Place::new(name);
    let browser = Browser::start(&place)?;
    let mut team = Team::new();
    let relay = Relay::start(&place, &place.sqlite(), &team, limits);
    let device = browser.authenticator(true);
    browser.open(&format!("{}/enrol/{}", here(&relay), team.name));
    browser.write("person", "bob");
    browser.click("go");
    browser.until("the line is there", "return document.getElementById('line').textContent !== ''");
    browser.picture("enrol");
    let mut line: KeyLine = serde_json::from_str(&browser.text("line")).expect("a line of the roster");
    assert_eq!((line.min_flags, line.rp.as_deref()), (Some(MinFlags::Uv), Some("localhost")));
    // A page on localhost alone would be the person's own machine; a relay has a public address, too.
    line.origins.push("https://approve.acme.example".to_owned());
    let root = Roster::root(&team.roster).expect("a roster");
    let (file, envelope) = team.next(|file| {
        file.persons.iter_mut().find(|p| p.id == "bob").expect("bob").keys.push(line);
    });
    let roster = root.next(&envelope).expect("it follows");
    let dora = relay.sign_in(&team, "dora");
    let put = dora.send("PUT", &dora.at("/roster"), Some(envelope.to_bytes()));
    assert_eq!(put.status, 201, "{put:?}");
    (team.file, team.roster) = (file, envelope);
    let alice = relay.sign_in(&team, "alice");
    let number = MatchKey::from_bytes([42; 32]);
    Some(Scene { browser, device, relay, team, roster, alice, number, _place: place })
}

impl Scene {
    fn request(&self, words: &[&str]) -> Envelope {
        let request = self.team.request_with("alice", words, |request| {
            request.number = Some(Match { mode: MatchMode::ApproverTypes, commit: self.number.commit() });
            request.exec.argv.push(Foreign(b"p\xe2\x80\xaedorp <b id=status>approved</b>".to_vec()));
        });
        assert_eq!(self.alice.submit(&request).status, 201);
        request
    }

    fn open(&self, request: &Envelope) {
        self.browser.open(&format!("{}/a/{}", here(&self.relay), request.digest()));
        self.browser.click("look-at");
    }

    fn shown(&self) {
        self.browser.until("the text is there", "return !document.getElementById('request').hidden");
    }

    fn scroll(&self) {
        self.browser.run("document.getElementById('end').scrollIntoView()");
    }

    fn wait_said(&self, request: &Envelope, count: usize) -> Vec<Vec<u8>> {
        let mut after = 0;
        let mut all = Vec::new();
        while all.len() < count + 1 {
            let answer = self.alice.poll(request, after, 25);
            assert_eq!(
                answer.status,
                200,
                "nothing came: {}",
                self.browser.run("return document.body.innerText")
            );
            after = answer.body["next"].as_i64().expect("next");
            all.extend(answer.body["statements"].as_array().expect("statements").clone());
        }
        all.iter().skip(1).map(|s| s["envelope"].to_string().into_bytes()).collect()
    }

    fn judge(&self, request: &Envelope, statements: &[Vec<u8>]) -> Answer {
        let needs = Needs {
            seats: vec![Need { group: "sre".to_owned(), n: 1 }],
            severity: Severity::High,
            surfaces: Surface::ALL.to_vec(),
            number: true,
            end_of_text: true,
            deny_quorum: 1,
        };
        verify(&Question {
            subject: request,
            statements,
            roster: &self.roster,
            needs: &needs,
            match_key: Some(&self.number),
            now: now(),
        })
    }

    fn code(&self, request: &Envelope) -> String {
        self.number.code(&request.digest(), "bob")
    }
}

#[test]
fn a_phone_approves_and_the_requester_s_guard_agrees() {
    let Some(scene) = scene("page") else { return };
    let browser = &scene.browser;
    let request = scene.request(&["kubectl", "--context", "prod-eu", "delete", "ns", "payments"]);
    browser.open(&format!("{}/a/{}", here(&scene.relay), request.digest()));
    browser.until("bob is known", "return document.getElementById('who').textContent.includes('bob')");
    assert!(!browser.run("return document.body.innerText").to_string().contains("kubectl"), "shown unproved");
    browser.click("look-at");
    scene.shown();

    // It says who looks before anything is decided: then the requester's terminal shows the number.
    let said = scene.wait_said(&request, 1);
    let answer = scene.judge(&request, &said);
    assert_eq!(
        answer.viewers.first().map(|v| (v.person.as_str(), v.surface)),
        Some(("bob", Surface::RelayWeb))
    );

    // All of it, as text: a hidden character is spelled out, a tag is no tag.
    let lines = browser.text("lines");
    assert!(lines.contains("p\\u{202e}dorp <b id=status>approved</b>"), "{lines}");
    assert_eq!(browser.run("return document.querySelectorAll('#lines b').length"), 0);
    let wide = "return document.documentElement.scrollWidth";
    assert_eq!(browser.run(wide), 360);

    let disabled = |id: &str| browser.run(&format!("return document.getElementById('{id}').disabled"));
    assert_eq!(disabled("approve"), true);
    assert!(browser.text("why").contains("Scroll to the end"), "{}", browser.text("why"));
    scene.scroll();
    browser.until(
        "the number is asked for",
        "return document.getElementById('why').textContent.includes('digits')",
    );
    assert_eq!(
        (disabled("approve"), disabled("deny"), disabled("report")),
        (true.into(), true.into(), true.into())
    );
    browser.write("number", &scene.code(&request));
    browser.picture("approve");
    browser.click("approve");
    browser.says("Your approval was sent");
    let said = scene.wait_said(&request, 2);
    let answer = scene.judge(&request, &said);
    assert!(matches!(answer.verdict, Verdict::Approved { .. }), "{answer:?}");
    browser.picture("approved");

    // Until it has started, an approval can be taken back.
    browser.click("revoke");
    browser.says("taken back");
    let answer = scene.judge(&request, &scene.wait_said(&request, 3));
    assert!(matches!(answer.verdict, Verdict::Revoked { .. }), "{answer:?}");
}

#[test]
fn a_wrong_number_does_not_count_and_the_second_ends_it() {
    let Some(scene) = scene("wrong") else { return };
    let browser = &scene.browser;
    let request = scene.request(&["kubectl", "delete", "ns", "a"]);
    scene.open(&request);
    scene.shown();
    scene.scroll();
    let wrong = if scene.code(&request) == "000" { "001" } else { "000" };
    browser.write("number", wrong);
    browser.click("approve");
    browser.says("Your approval was sent");
    let answer = scene.judge(&request, &scene.wait_said(&request, 2));
    assert!(answer.ignored.iter().any(|i| i.why == Why::WrongNumber), "{answer:?}");
    assert!(matches!(answer.verdict, Verdict::Pending { .. }), "{answer:?}");
    browser.write("number", wrong);
    browser.click("approve");
    let answer = scene.judge(&request, &scene.wait_said(&request, 3));
    assert!(matches!(answer.verdict, Verdict::Mismatch { .. }), "{answer:?}");
}

#[test]
fn a_refusal_needs_a_reason_and_ends_the_request() {
    let Some(scene) = scene("deny") else { return };
    let browser = &scene.browser;
    for (button, report) in [("deny", false), ("report", true)] {
        let request = scene.request(&["kubectl", "delete", "ns", button]);
        scene.open(&request);
        scene.shown();
        browser.write("reason", "not during the sale \u{1f6d1}\n\u{7f}");
        browser.click(button);
        browser.says(if report { "Your report" } else { "Your refusal" });
        let answer = scene.judge(&request, &scene.wait_said(&request, 2));
        let Verdict::Denied { by } = &answer.verdict else { panic!("{answer:?}") };
        assert_eq!((by[0].person.as_str(), by[0].report), ("bob", report));
        assert!(by[0].note.as_deref().is_some_and(|n| n.starts_with("not during the sale \u{1f6d1}")));
        assert_eq!(scene.alice.poll(&request, 0, 0).body["state"], "denied");
        assert_eq!(browser.run("return document.getElementById('decide').hidden"), true);
    }
}

#[test]
fn what_the_relay_changed_is_found_out() {
    let Some(scene) = scene("tampered") else { return };
    let browser = &scene.browser;
    let request = scene.request(&["kubectl", "delete", "ns", "payments"]);
    // A relay that answers with something else than it was sent: `fetch` hands the page the changed answer.
    let lie = |change: &str| {
        browser.open(&format!("{}/a/{}", here(&scene.relay), request.digest()));
        browser.run(&format!(
            "const real = window.fetch; window.fetch = async (...all) => {{
               const answer = await real(...all); const body = await answer.json();
               if (body.subject) {{ {change} }}
               return new Response(JSON.stringify(body), {{ status: answer.status }}); }}"
        ));
        browser.click("look-at");
    };
    lie(
        "const p = atob(body.subject.payload).replace('payments', 'scratch0'); body.subject.payload = btoa(p);",
    );
    browser.says("another request than this address names");
    assert_eq!(browser.run("return document.getElementById('request').hidden"), true);

    // Other lines than the request's: what was shown is signed, and the requester's guard compares.
    lie("for (const l of body.lines) l.text = l.text.replace('payments', 'scratch0');");
    scene.shown();
    assert!(browser.text("lines").contains("scratch0"));
    scene.scroll();
    browser.write("number", &scene.code(&request));
    browser.click("approve");
    browser.says("Your approval was sent");
    // Two looks within a second are one statement.
    let answer = scene.judge(&request, &scene.wait_said(&request, 2));
    assert!(answer.ignored.iter().any(|i| i.why == Why::OtherText), "{answer:?}");
    assert!(matches!(answer.verdict, Verdict::Pending { .. }), "{answer:?}");
}

#[test]
fn nothing_is_signed_or_shown_without_the_user_s_pin() {
    let Some(scene) = scene("pin") else { return };
    let browser = &scene.browser;
    let request = scene.request(&["kubectl", "delete", "ns", "payments"]);
    browser.verifies(&scene.device, false);
    scene.open(&request);
    browser.says("The passkey was not used");
    assert_eq!(scene.alice.poll(&request, 0, 0).body["statements"].as_array().map(Vec::len), Some(1));

    // What was signed long ago, by somebody who kept it, reads nothing.
    browser.verifies(&scene.device, true);
    browser.open(&format!("{}/a/{}", here(&scene.relay), request.digest()));
    browser.run("const real = Date.now; Date.now = () => real() - 700000;");
    browser.click("look-at");
    browser.says("not made just now");
    assert_eq!(scene.alice.poll(&request, 0, 0).body["statements"].as_array().map(Vec::len), Some(1));

    // Critical: the default of the roster does not count this page; a refusal still does.
    let critical = scene.team.request_with("alice", &["x"], |r| r.policy.severity = Severity::Critical);
    assert_eq!(scene.alice.submit(&critical).status, 201);
    scene.open(&critical);
    scene.shown();
    scene.scroll();
    assert!(browser.text("why").contains("does not count approvals made here"), "{}", browser.text("why"));

    // A browser that remembers nothing finds the team in the passkey.
    browser.run("localStorage.clear()");
    browser.open(&format!("{}/a/{}", here(&scene.relay), request.digest()));
    browser.click("find-me");
    browser.click("look-at");
    scene.shown();
}

#[test]
fn a_passkey_s_share_of_statements_is_limited() {
    let Some(scene) = limited("share", &["--decisions-per-minute=1"]) else { return };
    let request = scene.request(&["kubectl", "delete", "ns", "payments"]);
    scene.open(&request);
    scene.shown();
    scene.open(&request);
    scene.browser.says("too many statements from this key");
}

#[test]
fn keys_are_still_after_the_text_appears() {
    let Some(scene) = scene("still") else { return };
    let browser = &scene.browser;
    let request = scene.request(&["kubectl", "delete", "ns", "payments"]);
    browser.open(&format!("{}/a/{}", here(&scene.relay), request.digest()));
    // Notes when the text appeared and when a key first worked, by the page's own clock.
    browser.run(
        "window.noted = {}; document.getElementById('reason').value = 'no';
         new MutationObserver(() => {
           if (!document.getElementById('request').hidden) window.noted.shown ??= performance.now();
           if (!document.getElementById('deny').disabled) window.noted.open ??= performance.now();
         }).observe(document.body, { attributes: true, subtree: true });",
    );
    browser.click("look-at");
    browser.until("a key works", "return window.noted.open !== undefined");
    let still = browser.run("return window.noted.open - window.noted.shown").as_f64().expect("a time");
    assert!(still >= 790.0, "{still}");
}

/// Without a browser: what is served to strangers, and what is refused.
#[test]
fn the_page_brings_its_own_scripts_only_and_strangers_read_nothing() {
    let (place, team) = (Place::new("headers"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    let stranger = relay.stranger();
    let headers = |path: &str| -> HeaderMap {
        let answer = stranger.http.get(format!("{}{path}", relay.url)).send().expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.headers().clone()
    };
    let digest = team.request("alice", &["x"]).digest();
    for path in [format!("/a/{digest}"), "/enrol/sre".to_owned(), "/page/approve.js".to_owned()] {
        let found = headers(&path);
        let policy = found["content-security-policy"].to_str().expect("text");
        for wanted in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self';",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(wanted), "{path}: {wanted}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(found["referrer-policy"], "no-referrer");
        assert_eq!(found["x-content-type-options"], "nosniff");
        assert_eq!(found["cache-control"], "no-store");
    }
    stranger.get("/page/other.js").is_problem(404, "not-found");

    let alice = relay.sign_in(&team, "alice");
    let request = team.request("alice", &["x"]);
    assert_eq!(alice.submit(&request).status, 201);
    let at = format!("/v1/page/{}/{}", team.name, request.digest());
    // Right, and by a key that is no passkey: such keys sign in.
    let approval = team.decide("bob", &request, guard::statement::Decision::Viewing);
    stranger.send("POST", &at, Some(approval.to_bytes())).is_problem(422, "wrong-place");
    stranger.send("POST", &at, Some(request.to_bytes())).is_problem(422, "wrong-place");
    stranger.send("POST", &at, Some(vec![b' '; 8 * 1024 + 1])).is_problem(413, "too-large");
    let ask = |body: Value| stranger.post_json(&format!("/v1/page/{}/passkey", team.name), &body);
    ask(serde_json::json!({ "credential": "AAAA" })).is_problem(404, "not-found");
    ask(serde_json::json!({ "credential": "?" })).is_problem(400, "bad-request");
    ask(serde_json::json!({})).is_problem(400, "bad-request");
}
