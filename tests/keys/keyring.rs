//! A real keyring: unlocked, locked, missing, late, garbled, cut off. Where the key is being made another place is taken;
//! where the key is in the keyring alone, the command is refused; in bounded time, with one message, nothing lost.

use super::home::{Home, Said, Service, until};
use super::proxy::{self, Treatment};
use super::support::have;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A session bus that starts no services by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=ADDRESS</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"#;

/// A home with a bus, and a keyring on it if wanted.
struct Session {
    home: Home,
    _bus: Service,
    keyring: Option<Service>,
}

impl Session {
    fn new(name: &str) -> Option<Session> {
        let tools = ["dbus-daemon", "gnome-keyring-daemon", "secret-tool", "dbus-send"];
        if !tools.into_iter().all(have) {
            return None;
        }
        let mut home = Home::new(name);
        let socket = home.scene.path("run/bus");
        let config = home.scene.write("bus.conf", &BUS.replace("ADDRESS", &socket.display().to_string()));
        home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()));
        let config = format!("--config-file={}", config.display());
        let bus = Service::start(home.command("dbus-daemon", &[&config, "--nofork", "--nosyslog"]));
        until("the bus", || socket.exists());
        Some(Session { home, _bus: bus, keyring: None })
    }

    /// Starts gnome-keyring; its keyring is made with a password the first time, and locked without it later.
    fn keyring(&mut self, unlock: bool) {
        self.keyring = None;
        until("the old keyring is gone", || !self.answers());
        let mut args = vec!["--foreground", "--components=secrets"];
        args.extend(unlock.then_some("--unlock"));
        let mut command = self.home.command("gnome-keyring-daemon", &args);
        command.stdin(Stdio::piped());
        let mut service = Service::start(command);
        let mut stdin = service.0.stdin.take().expect("piped");
        stdin.write_all(if unlock { b"pw" } else { b"" }).expect("stdin");
        drop(stdin);
        self.keyring = Some(service);
        until("the keyring", || self.answers());
    }

    fn answers(&self) -> bool {
        let args = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
            "string:org.freedesktop.secrets",
        ];
        let output = self.home.command("dbus-send", &args).output().expect("dbus-send");
        String::from_utf8_lossy(&output.stdout).contains("boolean true")
    }

    /// What the keyring holds for guard, as secret-tool prints it.
    fn held(&self) -> String {
        let output = self
            .home
            .command("secret-tool", &["search", "--all", "service", "guard"])
            .output()
            .expect("secret-tool");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Puts something before the bus.
    fn treat(&mut self, treatment: Treatment) {
        let at = self.home.scene.path("run/proxy");
        proxy::before(&self.home.scene.path("run/bus"), &at, treatment);
        self.home.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", at.display()));
    }
}

fn timed(home: &Home, args: &[&str]) -> (Said, Duration) {
    let start = Instant::now();
    let said = home.guard(args);
    (said, start.elapsed())
}

/// A new key goes into a file, with one message, within the limit of 1.5 s and the slack of a busy machine.
fn goes_to_a_file(home: &Home, words: &str) {
    let (said, time) = timed(home, &["key", "show", "--json"]);
    assert_eq!(said.status, Some(0), "{}", said.err);
    said.one_message(words);
    assert!(said.out.contains("\"custody\":\"file\""), "{}", said.out);
    assert_eq!(home.key_files().len(), 1);
    assert!(time < Duration::from_secs(6), "{time:?}");
}

#[test]
fn an_unlocked_keyring_keeps_each_key_and_loses_the_one_before() {
    let Some(mut session) = Session::new("ring") else { return };
    session.keyring(true);
    let said = session.home.guard(&["key", "show", "--json"]);
    said.one_message("in your keyring");
    assert!(said.out.contains("\"custody\":\"keyring\""), "{}", said.out);
    assert_eq!(session.home.key_files(), [""; 0]);
    let before = session.held();
    assert_eq!(before.matches("username = identity-").count(), 1, "{before}");
    let first = session.home.fingerprint();

    let said = session.home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(0), "{}", said.err);
    let after = session.held();
    assert_eq!(after.matches("username = identity-").count(), 1, "{after}");
    assert_ne!(
        before.lines().find(|l| l.contains("username")),
        after.lines().find(|l| l.contains("username"))
    );
    assert_ne!(session.home.fingerprint(), first);
    let report = session.home.log_holds();
    assert_eq!(report["identity_now"]["custody"], "keyring");
    assert_eq!(report["custody"], "keyring");
}

#[test]
fn a_keyring_that_cannot_take_the_key_means_a_file() {
    let Some(bare) = Session::new("ring-none") else { return };
    goes_to_a_file(&bare.home, "because there is no keyring here");

    let Some(mut locked) = Session::new("ring-locked") else { return };
    locked.keyring(true);
    locked.home.tool("sh", &["-c", "printf x | secret-tool store --label=x service other"]);
    locked.keyring(false);
    goes_to_a_file(&locked.home, "because the keyring is locked");

    let home = Home::new("ring-no-bus");
    goes_to_a_file(&home, "because there is no keyring here");
    let mut home = Home::new("ring-no-address");
    home.unset("DBUS_SESSION_BUS_ADDRESS");
    goes_to_a_file(&home, "because there is no keyring here");
}

#[test]
fn a_keyring_that_misbehaves_means_a_file_too() {
    for (name, treatment, words) in [
        ("silent", Treatment::Silence, "because the keyring does not answer"),
        ("late", Treatment::Late(Duration::from_secs(2)), "because the keyring does not answer"),
        ("garbled", Treatment::Garbled(0), "because the keyring "),
        ("garbled-later", Treatment::Garbled(60), "because the keyring "),
        ("cut", Treatment::Cut(10), "because the keyring "),
        ("cut-later", Treatment::Cut(300), "because the keyring "),
    ] {
        let Some(mut session) = Session::new(&format!("ring-{name}")) else { return };
        session.keyring(true);
        session.treat(treatment);
        goes_to_a_file(&session.home, words);
        // The key works, whatever the keyring does meanwhile.
        let said = session.home.guard(&["key", "export", "--allowed-signers"]);
        assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{name}");
    }
}

/// A key that is in the keyring alone: the command is refused in time, says so once, and changes nothing.
fn refuses(session: &Session, words: &str, limit: Duration) {
    let before = session.home.keys();
    let (said, time) = timed(&session.home, &["key", "rotate"]);
    assert_eq!(said.status, Some(69), "{}", said.err);
    said.one_message(words);
    assert!(said.err.contains("guard: hint: "), "{}", said.err);
    assert!(time < limit, "{time:?}");
    assert_eq!(session.home.keys(), before);
}

#[test]
fn a_key_in_a_keyring_out_of_reach_refuses_and_loses_nothing() {
    let Some(mut session) = Session::new("ring-reach") else { return };
    session.keyring(true);
    let first = session.home.fingerprint();
    let address =
        session.home.env.iter().find(|(n, _)| n == "DBUS_SESSION_BUS_ADDRESS").expect("set").1.clone();
    assert_eq!(session.home.guard(&["audit", "verify"]).status, Some(4), "no log yet");

    for (treatment, words) in [
        (Treatment::Silence, "and the keyring does not answer"),
        (Treatment::Garbled(0), "in the keyring, and the"),
        (Treatment::Cut(10), "in the keyring, and the"),
        (Treatment::Cut(700), "in the keyring, and the"),
    ] {
        session.treat(treatment);
        refuses(&session, words, Duration::from_secs(14));
    }
    session.home.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    refuses(&session, "and there is no keyring here", Duration::from_secs(8));
    session.home.set("DBUS_SESSION_BUS_ADDRESS", address.clone());
    session.keyring(false);
    refuses(&session, "and the keyring is locked", Duration::from_secs(8));

    // Two seconds late is not too late where there is no other place.
    session.keyring(true);
    session.treat(Treatment::Late(Duration::from_secs(2)));
    assert_eq!(session.home.fingerprint(), first);
    let said = session.home.guard(&["key", "rotate"]);
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert_ne!(session.home.fingerprint(), first);
    session.home.set("DBUS_SESSION_BUS_ADDRESS", address);
    session.home.log_holds();
}

#[test]
fn a_key_that_the_keyring_lost_is_replaced_only_as_lost() {
    let Some(mut session) = Session::new("ring-lost") else { return };
    session.keyring(true);
    let first = session.home.fingerprint();
    session.home.tool("secret-tool", &["clear", "service", "guard"]);
    refuses(&session, "and the keyring does not hold it", Duration::from_secs(8));
    let doctor = session.home.guard(&["doctor"]);
    assert!(doctor.out.contains("the keyring does not hold it"), "{}", doctor.out);

    let said = session.home.guard(&["key", "rotate", "--lost"]);
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert_ne!(session.home.fingerprint(), first);
    let report = session.home.log_holds();
    let notes = report["notes"].to_string();
    assert!(notes.contains("without the word of the key before"), "{notes}");
}

#[test]
fn an_old_secret_that_cannot_be_destroyed_is_told_and_tried_again() {
    let Some(mut session) = Session::new("ring-later") else { return };
    session.keyring(true);
    let first = session.home.fingerprint();
    let address =
        session.home.env.iter().find(|(n, _)| n == "DBUS_SESSION_BUS_ADDRESS").expect("set").1.clone();
    session.home.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let said = session.home.guard(&["key", "rotate", "--lost"]);
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert_eq!(said.err.matches("the old key is not destroyed yet").count(), 1, "{}", said.err);
    assert_ne!(session.home.fingerprint(), first);
    let doctor = session.home.guard(&["doctor", "--json"]).out;
    assert!(doctor.contains("is not destroyed yet"), "{doctor}");

    session.home.set("DBUS_SESSION_BUS_ADDRESS", address);
    assert_eq!(session.held().matches("username = identity-").count(), 1);
    assert_eq!(session.home.guard(&["key", "rotate"]).status, Some(0));
    let held = session.held();
    assert_eq!(held.matches("username = identity-").count(), 1, "the new one alone: {held}");
    assert_eq!(session.home.key_files(), [""; 0]);
    let doctor = session.home.guard(&["doctor", "--json"]).out;
    assert!(!doctor.contains("is not destroyed yet"), "{doctor}");
    session.home.log_holds();
}
