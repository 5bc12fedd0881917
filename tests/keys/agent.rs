//! A real ssh-agent: keys of every kind, hardware keys by OpenSSH's own software token, and every way in which an
//! agent can fail to sign.

use super::home::{Home, Said, Service, until};
use super::proxy::{self, Treatment};
use super::support::have;
use guard::keys::agent::{self, AgentKey, Origin};
use guard::keys::{AgentError, verify_sshsig};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// OpenSSH's regression tests come with a token in software (Debian: openssh-tests).
const TOKEN: &str = "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so";

/// A home with an agent of its own.
struct WithAgent {
    home: Home,
    socket: PathBuf,
    agent: Option<Service>,
}

impl WithAgent {
    fn new(name: &str) -> Option<WithAgent> {
        if !["ssh-agent", "ssh-add", "ssh-keygen"].into_iter().all(have) {
            return None;
        }
        let mut home = Home::new(name);
        let socket = home.scene.path("run/agent");
        home.set("SSH_AUTH_SOCK", socket.display().to_string());
        let mut own = WithAgent { home, socket, agent: None };
        own.start();
        Some(own)
    }

    /// Starts an agent that asks `run/confirm` whether it may use a key added with `-c`.
    fn start(&mut self) {
        let mut command = self.home.command(
            "ssh-agent",
            &["-D", "-a", self.socket.to_str().expect("utf-8"), "-P", "/usr/lib/openssh/*"],
        );
        command.env("SSH_ASKPASS", self.home.scene.path("run/confirm")).env("DISPLAY", ":none");
        self.agent = Some(Service::start(command));
        let socket = self.socket.clone();
        until("the agent", || socket.exists());
    }

    fn make(&self, name: &str, kind: &str) -> PathBuf {
        let file = self.home.scene.path(name);
        self.home.tool("ssh-keygen", &["-q", "-t", kind, "-N", "", "-C", name, "-f", path(&file)]);
        file
    }

    fn add(&self, name: &str, kind: &str) -> PathBuf {
        let file = self.make(name, kind);
        self.home.tool("ssh-add", &["-q", path(&file)]);
        file
    }

    fn fingerprint(&self, file: &Path) -> String {
        let line = self.home.tool("ssh-keygen", &["-lf", path(file)]);
        line.split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    /// What the agent is answered when it asks whether a key may be used.
    fn confirm(&self, yes: bool) {
        let script = if yes { "#!/bin/sh\nexit 0\n" } else { "#!/bin/sh\nexit 1\n" };
        let file = self.home.scene.write("run/confirm", script);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("mode");
    }

    /// `ssh-add -x` or `-X`, the password given by a program.
    fn lock(&self, option: &str) {
        let file = self.home.scene.write("run/password", "#!/bin/sh\necho pw\n");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("mode");
        let mut command = self.home.command("ssh-add", &[option]);
        command.env("SSH_ASKPASS", &file).env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", ":none");
        let output = command.output().expect("ssh-add");
        assert!(output.status.success(), "{output:?}");
    }
}

fn path(file: &Path) -> &str {
    file.to_str().expect("utf-8")
}

fn public(file: &Path) -> guard::keys::SshPublicKey {
    let line = fs::read_to_string(file.with_extension("pub")).expect("public key");
    guard::keys::SshPublicKey::from_line(&line).expect("a key")
}

fn good(said: &Said) {
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
}

#[test]
fn the_only_key_in_the_agent_becomes_the_identity_and_back() {
    let Some(with) = WithAgent::new("agent-one") else { return };
    let own = with.home.fingerprint();
    let file = with.add("id", "ed25519");
    good(&with.home.guard(&["key", "use", "ssh"]));
    let shown = with.home.shown();
    assert_eq!(shown["fingerprint"], with.fingerprint(&file));
    assert_eq!((shown["custody"].as_str(), shown["hardware"].as_bool()), (Some("agent"), Some(false)));
    assert_eq!(shown["former"][0]["fingerprint"], own);
    assert_eq!(with.home.key_files(), [""; 0], "guard's own secret is destroyed");
    // The same again changes nothing.
    good(&with.home.guard(&["key", "use", "ssh"]));
    let rotate = with.home.guard(&["key", "rotate"]);
    assert_eq!(rotate.status, Some(64));
    rotate.one_message("your own SSH key");

    good(&with.home.guard(&["key", "use", "own"]));
    assert_eq!(with.home.shown()["custody"], "file");
    let report = with.home.log_holds();
    assert_eq!(report["notes"].as_array().map(Vec::len), Some(0), "{report}");
    let changes: Vec<_> = with.home.entries().iter().filter(|e| e["event"] == "identity").cloned().collect();
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|e| e["identity"]["sig"].is_string() && e["identity"]["proof"].is_string()));
}

#[test]
fn of_several_keys_one_has_to_be_named_and_odd_ones_are_in_nobodys_way() {
    let Some(with) = WithAgent::new("agent-many") else { return };
    with.add("old", "rsa");
    let said = with.home.guard(&["key", "use", "ssh"]);
    assert_eq!(said.status, Some(64));
    said.one_message("none of the 1 keys in the ssh-agent can be used");
    let a = with.add("a", "ed25519");
    let b = with.add("b", "ecdsa");
    let said = with.home.guard(&["key", "use", "ssh"]);
    assert_eq!(said.status, Some(64));
    said.one_message("holds 2 keys that fit: ");
    assert!(said.err.contains(&with.fingerprint(&a)) && said.err.contains("(b)"), "{}", said.err);
    let said = with.home.guard(&["key", "use", "ssh", "SHA256:nosuch"]);
    assert_eq!(said.status, Some(64));
    said.one_message("holds no key SHA256:nosuch, but ");

    let wanted = with.fingerprint(&b);
    good(&with.home.guard(&["key", "use", "ssh", &wanted["SHA256:".len()..20]]));
    assert_eq!(with.home.shown()["fingerprint"], wanted);
    assert_eq!(with.home.shown()["type"], "ecdsa-sha2-nistp256");
}

#[test]
fn hardware_keys_sign_through_the_agent() {
    let Some(with) = WithAgent::new("agent-token") else { return };
    if !Path::new(TOKEN).exists() {
        assert!(std::env::var_os("CI").is_none(), "{TOKEN} is missing, and CI installs it");
        eprintln!("SKIPPED: no {TOKEN} (Debian: openssh-tests)");
        return;
    }
    for (name, kind) in [("t1", "ed25519-sk"), ("t2", "ecdsa-sk")] {
        let file = with.home.scene.path(name);
        let make = ["-q", "-t", kind, "-w", TOKEN, "-N", "", "-C", name, "-f", path(&file)];
        with.home.tool("ssh-keygen", &make);
        with.home.tool("ssh-add", &["-q", "-S", TOKEN, path(&file)]);
        good(&with.home.guard(&["key", "use", "ssh", &with.fingerprint(&file)]));
        let shown = with.home.shown();
        assert_eq!(
            (&shown["fingerprint"], &shown["hardware"]),
            (&with.fingerprint(&file).into(), &true.into())
        );
        let key = AgentKey { public: public(&file), socket: with.socket.clone() };
        let signature = key.sign("guard-test", b"message").expect("signed");
        let flags = verify_sshsig(&key.public, "guard-test", b"message", &signature).expect("holds");
        assert!(flags.user_present);
    }
    with.home.log_holds();
}

/// A change that needs the agent's key and does not get its signature: one message, nothing changed.
fn refuses(with: &WithAgent, status: i32, words: &str, limit: Duration) {
    let before = with.home.keys();
    let start = Instant::now();
    let said = with.home.guard(&["key", "use", "own"]);
    assert!(start.elapsed() < limit, "{:?}", start.elapsed());
    assert_eq!(said.status, Some(status), "{}", said.err);
    said.one_message(words);
    assert!(said.err.contains("guard: hint: "), "{}", said.err);
    let kept: Vec<_> = with.home.keys();
    assert_eq!(kept, before);
}

#[test]
fn an_agent_that_does_not_sign_is_told_apart() {
    let Some(mut with) = WithAgent::new("agent-no") else { return };
    let soon = Duration::from_secs(8);
    with.confirm(true);
    // So that the log begins before something fails.
    assert!(!with.home.fingerprint().is_empty());
    let file = with.make("id", "ed25519");
    with.home.tool("ssh-add", &["-q", "-c", path(&file)]);
    good(&with.home.guard(&["key", "use", "ssh"]));

    with.confirm(false);
    refuses(&with, 77, "would not sign with SHA256:", soon);
    with.confirm(true);

    with.lock("-x");
    refuses(&with, 69, "is locked or empty: it does not offer SHA256:", soon);
    let other = Home::new("agent-locked-new");
    let said = {
        let mut command = other.command(other.scene.path("lib/guard"), &["key", "use", "ssh"]);
        Said::of(&command.env("SSH_AUTH_SOCK", &with.socket).output().expect("guard"))
    };
    assert_eq!(said.status, Some(69));
    said.one_message("is locked or empty");
    with.lock("-X");

    with.home.tool("ssh-add", &["-q", "-d", path(&file)]);
    refuses(&with, 69, "is locked or empty", soon);
    with.add("another", "ed25519");
    refuses(&with, 69, "does not hold SHA256:", soon);

    with.agent = None;
    refuses(&with, 69, "no ssh-agent answers at ", soon);
    with.home.unset("SSH_AUTH_SOCK");
    refuses(&with, 69, "SSH_AUTH_SOCK is not set", soon);
    let socket = with.socket.display().to_string();
    with.home.set("SSH_AUTH_SOCK", &socket);
    let _ = fs::remove_file(&with.socket);
    let hanging = UnixListener::bind(&with.socket).expect("bind");
    refuses(&with, 69, "did not answer within 3 s", Duration::from_secs(12));
    drop(hanging);

    // All of it was for nothing: with its agent back the key signs.
    let _ = fs::remove_file(&with.socket);
    with.start();
    with.home.tool("ssh-add", &["-q", path(&file)]);
    good(&with.home.guard(&["key", "use", "own"]));
    with.home.log_holds();
}

#[test]
fn an_agent_that_talks_nonsense_or_too_slowly_is_not_believed() {
    let Some(with) = WithAgent::new("agent-odd") else { return };
    let file = with.add("id", "ed25519");
    let at = with.home.scene.path("run/proxy");
    let key = AgentKey { public: public(&file), socket: at.clone() };
    let sign = |treatment, limit| {
        proxy::before(&with.socket, &at, treatment);
        let start = Instant::now();
        let answer = key.sign_within("guard-test", b"message", limit);
        assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
        answer
    };
    let second = Duration::from_secs(1);
    for after in [0, 3, 5, 9, 30] {
        let garbled = sign(Treatment::Garbled(after), second).expect_err("nonsense");
        // A length that is garbled may promise more than will ever come.
        let wanted = matches!(
            garbled,
            AgentError::Garbled { .. } | AgentError::NotHeld { .. } | AgentError::Silent { .. }
        );
        assert!(wanted, "{after}: {garbled}");
        let cut = sign(Treatment::Cut(after + 1), second).expect_err("cut off");
        assert!(matches!(cut, AgentError::Garbled { .. }), "{after}: {cut}");
    }
    // 100 bytes at 100 ms each: every single read is in time, the whole is not.
    assert!(matches!(
        sign(Treatment::Drip(Duration::from_millis(100)), second),
        Err(AgentError::Silent { seconds: 3, .. })
    ));
    assert!(matches!(sign(Treatment::Silence, second), Err(AgentError::Silent { .. })));
    assert!(sign(Treatment::Late(Duration::from_millis(300)), second).is_ok());
}

/// Answers one list of keys and one request to sign, then ends.
fn scripted(at: &Path, answers: [Vec<u8>; 2]) {
    let listener = UnixListener::bind(at).expect("bind");
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut length = [0; 4];
            stream.read_exact(&mut length).expect("a request");
            let mut request = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut request).expect("a request");
            stream.write_all(&answer).expect("answered");
        }
    });
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).expect("short").to_be_bytes(), bytes].concat()
}

#[test]
fn a_comment_of_any_bytes_and_an_unknown_key_hide_nothing_and_a_false_signature_is_seen() {
    if !have("ssh-keygen") {
        return;
    }
    let home = Home::new("agent-false");
    let file = home.scene.path("k");
    home.tool("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", path(&file)]);
    let public = public(&file);
    let listed = [
        &[12, 0, 0, 0, 3][..],
        &string(b"\0\0\0\x04what\x01\x02"),
        &string(b"odd"),
        &string(b""),
        &string(b""),
        &string(public.blob()),
        &string(b"caf\xe9"),
    ]
    .concat();
    let signature = [string(b"ssh-ed25519"), string(&[7; 64])].concat();
    let signed = [&[14][..], &string(&signature)].concat();
    let at = home.scene.path("run/agent");
    scripted(&at, [string(&listed), string(&signed)]);
    let (keys, others) = agent::list(&at).expect("a list");
    assert_eq!((keys.len(), others, keys[0].comment.as_str()), (1, 2, "caf\u{fffd}"));

    fs::remove_file(&at).expect("own socket");
    scripted(&at, [string(&listed), string(&signed)]);
    let key = AgentKey { public, socket: at };
    assert!(matches!(key.sign("guard-test", b"message"), Err(AgentError::Garbled { .. })));
}

#[test]
fn an_agent_that_is_forwarded_is_seen_by_who_listens() {
    let Some(with) = WithAgent::new("agent-forward") else { return };
    assert_eq!(agent::origin(&with.socket), Origin::Local);
    let sshd = Path::new("/usr/sbin/sshd");
    if !sshd.exists() {
        assert!(std::env::var_os("CI").is_none(), "sshd is missing, and CI installs it");
        eprintln!("SKIPPED: sshd is not installed");
        return;
    }
    let file = with.add("login", "ed25519");
    let host = with.make("host", "ed25519");
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    fs::copy(file.with_extension("pub"), with.home.scene.path("authorized")).expect("copy");
    let config = with.home.scene.write(
        "sshd_config",
        &format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nAuthorizedKeysFile {}\n",
            host.display(),
            with.home.scene.path("authorized").display()
        ),
    );
    // Where sshd runs as root it wants this directory.
    let _ = fs::create_dir("/run/sshd");
    let _sshd = Service::start(with.home.command(sshd, &["-D", "-e", "-f", path(&config)]));
    until("sshd", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let doctor = format!(
        "env HOME={} XDG_STATE_HOME={} {} doctor --json",
        with.home.scene.path("home").display(),
        with.home.scene.path("home/.local/state").display(),
        with.home.scene.path("lib/guard").display()
    );
    let user = guard::sys::who::user_name().expect("a name");
    let login = format!("{user}@127.0.0.1");
    let port = port.to_string();
    let options = |forward| {
        [
            "-F",
            "none",
            "-p",
            &port,
            "-i",
            path(&file),
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
            forward,
            &login,
            &doctor,
        ]
        .map(str::to_owned)
    };
    let run = |forward| {
        let options = options(forward);
        let args: Vec<&str> = options.iter().map(String::as_str).collect();
        let output = with.home.command("ssh", &args).output().expect("ssh");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let forwarded = run("-A");
    assert!(forwarded.contains("the ssh-agent is forwarded from where you logged in"), "{forwarded}");
    assert!(forwarded.contains("\"warning\""), "{forwarded}");
    let without = run("-a");
    assert!(without.contains("no identity key yet") && !without.contains("forwarded"), "{without}");
}
