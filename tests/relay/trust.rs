//! Notifications over TLS: a server with a certificate of one's own authority, what is not trusted, and the signature
//! of a webhook checked by the receiver that the documentation shows.

use crate::recorder::{Post, Recorder, Reply, Speech};
use crate::server::{GENEROUS, Place, Relay, guard};
use crate::team::Team;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

const SECRET: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// An authority's certificate, and a server's configuration with a certificate of it for 127.0.0.1.
fn authority() -> (String, Arc<ServerConfig>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).expect("an authority");
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("names");
    let leaf = params.signed_by(&own, &issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], secret))
        .expect("they fit");
    (ca.pem(), Arc::new(config))
}

fn write(place: &Place, name: &str, text: &str, mode: u32) -> String {
    let path = place.path(name);
    std::fs::write(&path, text).expect("write");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode");
    path.display().to_string()
}

fn start(place: &Place, team: &Team, text: &str) -> Relay {
    let notify = format!("--notify={}", write(place, "channels.toml", text, 0o600));
    Relay::start(place, &place.sqlite(), team, &[GENEROUS, &[&notify]].concat())
}

fn ask(relay: &Relay, team: &Team) {
    let alice = relay.sign_in(team, "alice");
    assert_eq!(alice.submit(&team.request("alice", &["x"])).status, 201);
}

fn until_logged(relay: &Relay, text: &str) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !relay.log().contains(text) {
        assert!(std::time::Instant::now() < until, "never said {text:?}: {}", relay.log());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// What the documentation's receiver says to this header and body.
fn receiver_says(header: &str, body: &str) -> Option<String> {
    let page = std::fs::read_to_string("docs/relay/notifications.md").expect("the page");
    let code = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("its code");
    let program = format!(
        "import base64, hmac, sys, time\n{code}\n\
         print(genuine(sys.argv[1], sys.stdin.buffer.read(), base64.b64decode(sys.argv[2])))\n"
    );
    let started = Command::new("python3")
        .args(["-c", &program, header, SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = started else {
        assert!(std::env::var_os("CI").is_none(), "python3 is missing, and CI installs it");
        eprintln!("SKIPPED: python3 is not installed");
        return None;
    };
    python.stdin.take().expect("piped").write_all(body.as_bytes()).expect("written");
    let output = python.wait_with_output().expect("python3 ends");
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn hook(recorder: &Recorder, more: &str) -> String {
    let url = recorder.url("/hook");
    format!("[[webhook]]\nname = \"hook\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{more}")
}

#[test]
fn a_webhook_with_a_certificate_of_ones_own_authority_is_reached_and_its_signature_proves_it() {
    let (place, team, (ca, config)) = (Place::new("own-ca"), Team::new(), authority());
    let recorder = Recorder::start_with(Some(config), |_, _| Reply::Status(200, String::new()));
    write(&place, "ca.pem", &ca, 0o644);
    let relay = start(&place, &team, &hook(&recorder, "ca-file = \"ca.pem\"\n"));
    ask(&relay, &team);
    let call = recorder.next();
    assert_eq!(call.body["event"], "opened");
    let header = call.header("guard-signature");
    let Some(said) = receiver_says(&header, &call.text) else { return };
    assert_eq!(said, "True", "{header}");
    assert_eq!(receiver_says(&header, &format!("{} ", call.text)).as_deref(), Some("False"));
    let (time, code) = header.split_once(',').expect("two parts");
    let seconds: u64 = time.trim_start_matches("t=").parse().expect("seconds");
    let moved = format!("t={},{code}", seconds - 301);
    assert_eq!(receiver_says(&moved, &call.text).as_deref(), Some("False"));
}

#[test]
fn a_webhook_whose_certificate_is_not_trusted_gets_nothing() {
    let ((other, _), (_, config)) = (authority(), authority());
    // Without the option the system's authorities count; with it, only the one in the file.
    for more in ["", "ca-file = \"ca.pem\"\n"] {
        let (place, team) = (Place::new("no-ca"), Team::new());
        let recorder =
            Recorder::start_with(Some(Arc::clone(&config)), |_, _| Reply::Status(200, String::new()));
        write(&place, "ca.pem", &other, 0o644);
        let relay = start(&place, &team, &hook(&recorder, more));
        ask(&relay, &team);
        until_logged(&relay, "its certificate is not trusted");
        assert_eq!(recorder.rest().len(), 0);
    }
}

fn mail(post: &Post, security: &str, more: &str) -> String {
    format!(
        "[[email]]\nname = \"mail\"\nserver = \"127.0.0.1:{}\"\nsecurity = \"{security}\"\nuser = \"guard\"\n\
         password = \"PASSWORD\"\nfrom = \"guard <guard@acme.example>\"\nto = [\"sre@acme.example\"]\n{more}",
        post.port
    )
}

#[test]
fn mail_goes_out_in_tls_and_the_password_only_there() {
    let (ca, config) = authority();
    for (security, speech) in
        [("starttls", Speech::StartTls(Arc::clone(&config))), ("tls", Speech::Tls(Arc::clone(&config)))]
    {
        let (place, team, post) = (Place::new(security), Team::new(), Post::start_with(speech));
        write(&place, "ca.pem", &ca, 0o644);
        let relay = start(&place, &team, &mail(&post, security, "ca-file = \"ca.pem\"\n"));
        ask(&relay, &team);
        let letter = post.next();
        assert!(letter.secure, "{security}");
        // AUTH PLAIN: base64 of NUL guard NUL PASSWORD.
        assert_eq!(letter.login, "AUTH PLAIN AGd1YXJkAFBBU1NXT1JE", "{security}");
        let clear = post.clear();
        assert!(clear.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS\r\n"), "{clear:?}");
        assert_eq!(clear.is_empty(), security == "tls", "{clear:?}");
    }
}

#[test]
fn mail_to_a_server_that_is_not_trusted_or_has_no_tls_is_not_sent() {
    let (_, config) = authority();
    let cases = [
        ("starttls", Speech::StartTls(Arc::clone(&config))),
        ("tls", Speech::Tls(config)),
        // It offers no TLS, as when somebody between takes the offer away.
        ("starttls", Speech::Clear),
    ];
    for (security, speech) in cases {
        let (place, team, post) = (Place::new("untrusted"), Team::new(), Post::start_with(speech));
        let relay = start(&place, &team, &mail(&post, security, ""));
        ask(&relay, &team);
        until_logged(&relay, "notification waits");
        let clear = post.clear().concat();
        assert!(!clear.contains("AUTH") && !clear.contains("MAIL"), "{security}: {clear}");
        assert!(!relay.log().contains("PASSWORD"));
    }
}

#[test]
fn a_wrong_ca_file_is_refused_with_its_place() {
    let place = Place::new("wrong-ca");
    let (ca, _) = authority();
    write(&place, "fine.pem", &ca, 0o644);
    write(&place, "open.pem", &ca, 0o666);
    write(&place, "none.pem", "nothing\n", 0o644);
    let head = format!("[[webhook]]\nname = \"x\"\nsecret = \"{SECRET}\"\n");
    let email = "[[email]]\nname = \"x\"\nserver = \"127.0.0.1\"\nsecurity = \"none\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n";
    let cases = [
        (format!("{head}url = \"https://h.example/\"\nca-file = \"absent.pem\"\n"), "channels.toml:5:11: "),
        (format!("{head}url = \"https://h.example/\"\nca-file = \"open.pem\"\n"), "nobody else may write it"),
        (format!("{head}url = \"https://h.example/\"\nca-file = \"none.pem\"\n"), "no certificate in PEM"),
        (format!("{head}url = \"http://127.0.0.1/\"\nca-file = \"fine.pem\"\n"), "ca-file is for https"),
        (format!("{email}ca-file = \"fine.pem\"\n"), "channels.toml:7:11: ca-file is for starttls and tls"),
    ];
    for (text, wanted) in cases {
        let notify = format!("--notify={}", write(&place, "channels.toml", &text, 0o600));
        let db = format!("--db={}", place.sqlite());
        let output = guard(&["serve", "--listen=127.0.0.1:0", &db, &notify]).output().expect("guard runs");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{text}: {words}");
        assert!(words.contains(wanted), "{text}: {words}");
    }
}
