//! Keys from a forge: read once, shown, and nothing but keys.

use crate::home::Place;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

/// Answers one request with this body; the address.
fn serve(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
            line.clear();
        }
        let head = format!(
            "HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    });
    format!("http://{address}/bob")
}

const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 old";

#[test]
fn a_forge_s_keys_come_into_the_draft_once() {
    let place = Place::new("import");
    let (dora, bob, spare) = (place.home("dora"), place.home("bob"), place.home("spare"));
    dora.found(&[]);
    let json = format!(r#"[{{"id":1,"key":"{}","title":"a"}},{{"id":2,"key":"{RSA}"}}]"#, bob.key());
    let said = dora.team(&["import", "bob", &serve("200 OK", json), "--group", "sre", "--yes"]).good();
    assert!(said.out.contains("adds bob, in sre") && said.out.contains(&bob.kid()), "{said:?}");
    assert!(said.err.contains("passed over"), "{said:?}");
    dora.team(&["sign", "--yes"]).good();
    // Later only what is new; what is gone there stays here until somebody takes it out.
    let list = format!("{}\n{RSA}\n\n# comment\n", spare.key());
    let said = dora.team(&["import", "bob", &serve("200 OK", list), "--use", "approve", "--yes"]).good();
    assert!(said.err.contains(&format!("{} is in the roster and not in this list", bob.kid())), "{said:?}");
    dora.team(&["sign", "--yes"]).good();
    std::fs::write(dora.file("keys"), format!("{}\n", bob.key())).expect("written");
    dora.team(&["import", "bob", "keys", "--yes"]).bad(64, "no key that is new");
}

#[test]
fn a_forge_that_answers_otherwise_changes_nothing() {
    let place = Place::new("forge");
    let dora = place.home("dora");
    dora.found(&[]);
    let refused =
        |status, body: &str| dora.team(&["import", "bob", &serve(status, body.to_owned()), "--yes"]);
    refused("404 Not Found", "").bad(69, "it answers 404");
    refused("302 Found", "").bad(69, "it answers 302");
    refused("200 OK", "<html>sign in</html>").bad(64, "no key that is new");
    refused("200 OK", &"x".repeat((1 << 20) + 1)).bad(69, "too long");
    dora.team(&["import", "bob", "github:../../evil", "--yes"]).bad(64, "is no login");
    dora.team(&["import", "bob", "http://forge.example/bob.keys", "--yes"]).bad(78, "neither https");
    dora.team(&["diff"]).bad(64, "there is no draft");
}
