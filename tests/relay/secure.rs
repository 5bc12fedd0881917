//! TLS, files and addresses: what would open the relay to strangers is refused before anything listens.

use crate::server::{GENEROUS, Place, Relay, guard};
use crate::team::Team;
use std::os::unix::fs::PermissionsExt;

/// Options for a certificate and its key, and the certificate.
pub fn certificate(place: &Place, name: &str) -> (String, String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    let (chain, key) = (place.path(&format!("{name}.pem")), place.path(&format!("{name}.key.pem")));
    std::fs::write(&chain, made.cert.pem()).expect("write");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("write");
    let args = (format!("--tls-cert={}", chain.display()), format!("--tls-key={}", key.display()));
    (args.0, args.1, made.cert.pem())
}

pub fn trusting(pem: &str) -> reqwest::blocking::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = reqwest::Certificate::from_pem(pem.as_bytes()).expect("a certificate");
    let builder = reqwest::blocking::Client::builder().tls_certs_only([root]);
    builder.timeout(std::time::Duration::from_secs(20)).build().expect("a client")
}

#[test]
fn tls_serves_a_certificate_and_takes_a_new_one_without_a_restart() {
    let (place, team) = (Place::new("tls"), Team::new());
    let (chain, key, first) = certificate(&place, "a");
    let relay = Relay::start(&place, &place.sqlite(), &team, &[GENEROUS, &[&chain, &key]].concat());
    assert!(relay.url.starts_with("https://127.0.0.1:"), "{}", relay.url);
    let address = format!("{}/readyz", relay.url);
    assert_eq!(trusting(&first).get(&address).send().expect("trusted").status(), 200);
    let plain = relay.url.replace("https://", "http://");
    assert!(reqwest::blocking::get(format!("{plain}/healthz")).is_err(), "no clear text on a TLS port");

    let (_, _, second) = certificate(&place, "a");
    assert!(trusting(&second).get(&address).send().is_err());
    relay.signal(nix::sys::signal::Signal::SIGHUP);
    while !relay.log().contains("the certificate was read again") {}
    assert_eq!(trusting(&second).get(&address).send().expect("the new one").status(), 200);
}

#[test]
fn clear_text_beyond_loopback_is_refused() {
    let place = Place::new("clear");
    let db = format!("--db={}", place.sqlite());
    for listen in ["--listen=0.0.0.0:0", "--listen=[::]:0", "--listen=192.0.2.1:80"] {
        let output = guard(&["serve", listen, &db]).output().expect("guard runs");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{words}");
        assert!(words.contains("clear text"), "{words}");
        assert!(!place.path("relay.db").exists(), "nothing was begun");
    }
}

#[test]
fn a_certificate_that_does_not_fit_its_key_is_refused() {
    let place = Place::new("unfit");
    let (chain, _, _) = certificate(&place, "a");
    let (_, key, _) = certificate(&place, "b");
    let db = format!("--db={}", place.sqlite());
    let output = guard(&["serve", "--listen=127.0.0.1:0", &db, &chain, &key]).output().expect("guard runs");
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("a.pem"), "{output:?}");
}

#[test]
fn files_are_for_one_user_and_one_relay() {
    let (place, team) = (Place::new("files"), Team::new());
    let relay = Relay::start(&place, &place.sqlite(), &team, GENEROUS);
    for name in ["relay.db", "relay.db-wal", "relay.key"] {
        let mode = std::fs::metadata(place.path(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let db = format!("--db={}", place.sqlite());
    let second = guard(&["serve", "--listen=127.0.0.1:0", &db]).output().expect("guard runs");
    assert_eq!(second.status.code(), Some(69), "{second:?}");
    assert!(String::from_utf8_lossy(&second.stderr).contains("another relay"), "{second:?}");
    drop(relay);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(place.path("relay.key"), open).expect("mode");
    let readable = guard(&["serve", "--listen=127.0.0.1:0", &db]).output().expect("guard runs");
    assert_eq!(readable.status.code(), Some(78), "{readable:?}");
}

#[test]
fn a_connection_string_is_never_repeated() {
    for url in ["postgres://u:hunter2@127.0.0.1:1/x", "postgres://u:hunter2@[", "mysql://u:hunter2@h/x"] {
        let output = guard(&["migrate", "--db", url]).output().expect("guard runs");
        assert!(matches!(output.status.code(), Some(64 | 69)), "{output:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"), "{output:?}");
    }
}
