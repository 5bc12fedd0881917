//! A real headless Chromium with a virtual authenticator, spoken to by WebDriver: JSON over HTTP to chromedriver.

use crate::server::Place;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Browser {
    driver: Child,
    session: String,
    http: Client,
}

/// The key that names an element in WebDriver's answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

impl Browser {
    /// `None`, loudly, where there is no Chromium; a failure where CI promised one.
    pub fn start(place: &Place) -> Option<Browser> {
        let there = ["chromium", "chromedriver"].iter().all(|program| {
            Command::new(program).arg("--version").output().is_ok_and(|out| out.status.success())
        });
        if !there {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "no chromium and chromedriver in CI");
            eprintln!("SKIPPED: no chromium and chromedriver (Debian: chromium, chromium-driver)");
            return None;
        }
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver runs");
        let out = BufReader::new(driver.stdout.take().expect("piped"));
        let port = out.lines().map_while(Result::ok).find_map(|line| {
            let rest = line.split("successfully on port ").nth(1)?;
            rest.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver listens");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().timeout(Duration::from_secs(120)).no_proxy().build().expect("a client");
        let profile = format!("--user-data-dir={}", place.path("profile").display());
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &profile,
        ];
        // 360 px is a phone; a window on a desktop cannot be that narrow.
        let phone =
            json!({ "deviceMetrics": { "width": 360, "height": 740, "pixelRatio": 2.0, "touch": true } });
        let options = json!({ "args": flags, "mobileEmulation": phone });
        let ask = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let mut browser = Browser { driver, session: format!("http://127.0.0.1:{port}/session"), http };
        let made = browser.call("POST", "", &ask);
        let id = made["sessionId"].as_str().expect("a session").to_owned();
        browser.session = format!("{}/{id}", browser.session);
        Some(browser)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.session));
        if !body.is_null() {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let text = request.send().expect("chromedriver answers").text().expect("text");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let value = answer["value"].clone();
        assert!(value.get("error").is_none(), "{path}: {text}");
        value
    }

    /// A device that holds passkeys; `verifies`: its user gives the PIN.
    pub fn authenticator(&self, verifies: bool) -> String {
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserConsenting": true, "isUserVerified": verifies,
        });
        let id = self.call("POST", "/webauthn/authenticator", &device);
        id.as_str().expect("an id").to_owned()
    }

    /// Whether the user of a device gives the PIN from now on.
    pub fn verifies(&self, device: &str, yes: bool) {
        self.call("POST", &format!("/webauthn/authenticator/{device}/uv"), &json!({ "isUserVerified": yes }));
    }

    pub fn open(&self, url: &str) {
        self.call("POST", "/url", &json!({ "url": url }));
    }

    pub fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn element(&self, id: &str) -> String {
        let how = json!({ "using": "css selector", "value": format!("#{id}") });
        self.call("POST", "/element", &how)[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// As a finger does it: the element must be visible and nothing may lie over it.
    pub fn click(&self, id: &str) {
        self.until(&format!("{id} can be pressed"), &format!(
            "const b = document.getElementById('{id}'); return b && !b.disabled && b.offsetParent !== null"
        ));
        self.call("POST", &format!("/element/{}/click", self.element(id)), &json!({}));
    }

    pub fn write(&self, id: &str, text: &str) {
        self.call("POST", &format!("/element/{}/value", self.element(id)), &json!({ "text": text }));
    }

    pub fn text(&self, id: &str) -> String {
        self.run(&format!("return document.getElementById('{id}').textContent"))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until a script says yes.
    pub fn until(&self, what: &str, script: &str) {
        let begun = Instant::now();
        while self.run(script) != Value::Bool(true) {
            let status = || self.run("return document.body.innerText");
            assert!(begun.elapsed() < PATIENCE, "never: {what}; the page says {}", status());
        }
    }

    /// Waits until the page says something.
    pub fn says(&self, words: &str) {
        let script = format!("return document.getElementById('status').textContent.includes({words:?})");
        self.until(words, &script);
    }

    /// Kept below target/, for people to look at.
    pub fn picture(&self, name: &str) -> PathBuf {
        let size = "return Math.ceil(document.documentElement.scrollHeight)";
        let height = self.run(size).as_u64().unwrap_or(740).max(740);
        let whole = json!({
            "cmd": "Page.captureScreenshot",
            "params": {
                "format": "png", "captureBeyondViewport": true,
                "clip": { "x": 0, "y": 0, "width": 360, "height": height, "scale": 1 },
            },
        });
        let data = self.call("POST", "/goog/cdp/execute", &whole);
        let png = guard::keys::decode_bytes(data["data"].as_str().expect("a picture")).expect("base64");
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../page");
        std::fs::create_dir_all(&place).expect("directory");
        let path = place.join(format!("{name}.png"));
        std::fs::write(&path, png).expect("write");
        path
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; chromedriver alone would leave it running.
        let _ = self.http.delete(&self.session).send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
