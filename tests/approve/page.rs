//! The page on loopback, as a browser talks to it and as an attacker would.

use crate::desk::{Desk, command};
use crate::server::Place;
use guard::statement::{Decision, Envelope, Surface};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Page {
    child: Child,
    host: String,
    path: String,
    secret: String,
}

pub struct Reply {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }
}

impl Page {
    pub fn start(place: &Place) -> Page {
        let mut command = command(place, "bob", &["inbox", "--web"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("guard runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let rest = line.trim().strip_prefix("http://").unwrap_or_else(|| panic!("no address: {line:?}"));
        let (host, path) = rest.split_once('/').expect("a path");
        let mut page = Page { child, host: host.into(), path: format!("/{path}"), secret: String::new() };
        let html = page.get("").body;
        let (_, rest) = html
            .split_once("content=\"")
            .and_then(|(_, rest)| rest.split_once("guard-page\" content=\""))
            .expect("a secret");
        page.secret = rest.split('"').next().expect("a secret").to_owned();
        page
    }

    fn raw(&self, text: &str) -> Reply {
        let mut stream = TcpStream::connect(&self.host).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        stream.write_all(text.as_bytes()).expect("written");
        let mut all = String::new();
        stream.read_to_string(&mut all).expect("an answer");
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{all:?}"));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
        Reply { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        self.raw(&format!("{method} {path} HTTP/1.1\r\n{headers}{length}\r\n{body}"))
    }

    pub fn get(&self, rest: &str) -> Reply {
        let headers = format!("Host: {}\r\nX-Guard-Page: {}\r\n", self.host, self.secret);
        self.send("GET", &format!("{}{rest}", self.path), &headers, "")
    }

    fn headers(&self) -> String {
        format!(
            "Host: {0}\r\nOrigin: http://{0}\r\nContent-Type: application/json\r\nSec-Fetch-Site: same-origin\r\nX-Guard-Page: {1}\r\n",
            self.host, self.secret
        )
    }

    pub fn post(&self, about: &Envelope, body: &Value) -> Reply {
        let path = format!("{}request/{}", self.path, about.digest().hex());
        self.send("POST", &path, &self.headers(), &body.to_string())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn decision(verb: &str, shown: &Value) -> Value {
    json!({ "verb": verb, "number": null, "note": "from the page", "typed": null, "end": true, "shown": shown })
}

#[test]
fn the_page_shows_everything_and_approves_what_it_showed() {
    let desk = Desk::new("page");
    let request = desk.ask(&["kubectl", "delete", "ns", "pay<b>ments"], |_| {});
    let page = Page::start(&desk.place);
    let listed = page.get("list").json();
    assert_eq!(listed["lines"][0]["hex"], request.digest().hex(), "{listed}");
    let shown = page.get(&format!("request/{}", request.digest().hex())).json();
    assert!(
        shown["lines"].to_string().contains("pay<b>ments") && shown["cannot_approve"].is_null(),
        "{shown}"
    );
    // Faster than anybody reads.
    let reply = page.post(&request, &decision("approve", &shown["shown"]));
    assert_eq!(reply.status, 403, "{}", reply.body);
    assert!(desk.decided(&request).is_none());
    std::thread::sleep(Duration::from_millis(900));
    // Another text than the one that was shown; and not read to its end.
    assert_eq!(page.post(&request, &decision("approve", &json!("sha256:00"))).status, 403);
    let mut unread = decision("approve", &shown["shown"]);
    unread["end"] = json!(false);
    assert_eq!(page.post(&request, &unread).status, 403);
    assert!(desk.decided(&request).is_none());
    let reply = page.post(&request, &decision("approve", &shown["shown"]));
    assert_eq!(reply.status, 200, "{}", reply.body);
    let said = desk.decided(&request).expect("a decision");
    assert_eq!((said.decision, said.surface), (Decision::Approve, Surface::Loopback));
    assert!(said.saw.is_some_and(|saw| saw.end && saw.ms >= 800));
}

#[test]
fn other_pages_and_other_names_cannot_reach_the_page() {
    let desk = Desk::new("csrf");
    let request = desk.ask(&["kubectl", "delete", "ns", "payments"], |_| {});
    let page = Page::start(&desk.place);
    let shown = page.get(&format!("request/{}", request.digest().hex())).json();
    std::thread::sleep(Duration::from_millis(900));
    let body = decision("approve", &shown["shown"]).to_string();
    let path = format!("{}request/{}", page.path, request.digest().hex());
    let good = page.headers();
    for (change, headers) in [
        ("another name that leads here", good.replace(&format!("Host: {}", page.host), "Host: evil.example")),
        ("localhost by name", good.replace(&format!("Host: {}", page.host), "Host: localhost")),
        ("two names", format!("Host: {}\r\n{good}", page.host)),
        ("no origin", good.replace("Origin", "X-Origin")),
        ("another origin", good.replace("Origin: http://", "Origin: https://evil.example/")),
        ("a form", good.replace("application/json", "text/plain")),
        ("another site", good.replace("same-origin", "cross-site")),
        ("a page on another port", good.replace("same-origin", "same-site")),
        ("without the page's secret", good.replace("X-Guard-Page", "X-Other")),
        ("with the path as secret", good.replace(&page.secret, page.path.trim_matches('/'))),
    ] {
        let reply = page.send("POST", &path, &headers, &body);
        assert!([403, 421].contains(&reply.status), "{change}: {} {}", reply.status, reply.body);
    }
    for (method, path, status) in [
        ("GET", "/".to_owned(), 404),
        ("GET", "/list".to_owned(), 404),
        ("GET", format!("/{}/list", "A".repeat(43)), 404),
        ("GET", format!("{}../list", page.path), 404),
        ("PUT", path.clone(), 405),
        ("OPTIONS", path.clone(), 405),
    ] {
        let reply = page.send(method, &path, &good, "");
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(!reply.body.contains("kubectl") && !reply.head.contains("Access-Control"), "{}", reply.head);
    }
    let nobody = format!("Host: {}\r\n", page.host);
    assert_eq!(page.send("GET", &format!("{}list", page.path), &nobody, "").status, 403);
    assert!(desk.decided(&request).is_none());
}

#[test]
fn the_page_runs_nothing_from_elsewhere() {
    let desk = Desk::new("csp");
    let page = Page::start(&desk.place);
    for path in ["", "page.js", "page.css", "list"] {
        let reply = page.get(path);
        assert_eq!(reply.status, 200, "{path}");
        for wanted in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "nosniff",
            "no-referrer",
            "no-store",
        ] {
            assert!(reply.head.contains(wanted), "{path}: {}", reply.head);
        }
        assert!(!reply.head.contains("unsafe"), "{}", reply.head);
        assert!(!reply.body.contains("http://") && !reply.body.contains("https://"), "{path}");
    }
    assert!(!page.get("page.js").body.contains("innerHTML"));
}

/// Chromium's own view of the page, where it is installed.
#[test]
fn a_browser_shows_the_list() {
    let found = ["/usr/bin/chromium"].into_iter().find(|p| std::path::Path::new(p).is_file());
    let Some(chromium) = found else {
        assert!(std::env::var_os("CI").is_none(), "chromium is missing, and CI installs it");
        eprintln!("SKIPPED: chromium is not installed");
        return;
    };
    let desk = Desk::new("browser");
    desk.ask(&["kubectl", "delete", "ns", "<img src=x onerror=alert(1)>"], |_| {});
    let page = Page::start(&desk.place);
    let profile = format!("--user-data-dir={}", desk.place.path("profile").display());
    let address = format!("http://{}{}", page.host, page.path);
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=4000",
            "--window-size=360,740",
        ])
        .args([profile.as_str(), "--dump-dom", &address])
        .output()
        .expect("chromium runs");
    let dom = String::from_utf8_lossy(&output.stdout);
    assert!(dom.contains("kubectl delete ns") && dom.contains("you are bob"), "{dom}");
    assert!(dom.contains("&lt;img src=x") && !dom.contains("<img"), "{dom}");
}
