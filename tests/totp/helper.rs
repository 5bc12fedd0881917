//! A person with an app and a terminal.

use crate::pty::{Pty, plain};
use crate::support::Scene;
use guard::gates::totp::{Algorithm, Custody, Enrolment, Journal, Parameters, Replaces};
use guard::keys::vault::Seed;
use guard::settings::Dirs;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

pub const PASSPHRASE: &str = "correct horse";
pub const PROMPT: &str = "  > ";

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// Waits until a step has just begun, so that the steps around it are the same for a while.
pub fn early_in_a_step() {
    while now() % 30 > 15 {
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The app.
pub struct App {
    parameters: Parameters,
    secret: Seed,
}

impl App {
    /// What the camera reads.
    pub fn scan(text: &str) -> App {
        let at = text.find("otpauth://totp/").expect("a URI");
        let uri = text[at..].split_whitespace().next().expect("a URI");
        let value =
            |key: &str| uri.split(['?', '&']).find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
        let parameters = Parameters {
            algorithm: value("algorithm").and_then(Algorithm::from_word).unwrap_or(Algorithm::Sha1),
            digits: value("digits").and_then(|d| d.parse().ok()).unwrap_or(6),
            issuer: value("issuer").expect("an issuer").to_owned(),
            account: String::new(),
        };
        let secret = Zeroizing::new(base32(value("secret").expect("a secret")));
        App { parameters, secret: Seed::new(secret) }
    }

    /// The code now, or some steps away.
    pub fn code(&self, steps: i64) -> String {
        let at = now().checked_add_signed(steps * 30).expect("a time");
        self.parameters.code_at(&self.secret, at).expect("long enough").to_string()
    }

    /// A code that is right in no step near now.
    pub fn wrong(&self) -> String {
        let near: Vec<String> = (-3..=3).map(|steps| self.code(steps)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).expect("a million codes")
    }
}

pub fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for c in text.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base 32") as u32;
        (held, bits) = (held << 5 | value, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}

pub fn state(scene: &Scene) -> PathBuf {
    scene.path("home/.local/state/guard")
}

/// Enrols without a terminal: no code was used yet. Gives the app and the recovery codes.
pub fn enrolled_below(state: &Path, custody: Custody) -> (App, Vec<String>) {
    let parameters =
        Parameters { algorithm: Algorithm::Sha1, digits: 6, issuer: "guard".into(), account: "me".into() };
    let enrolment = Enrolment::begin(parameters).expect("random");
    let app = App::scan(&enrolment.uri());
    let dirs = Dirs { config: state.join("config"), state: state.to_owned(), cache: state.join("cache") };
    let (journal, _) = Journal::open(&dirs, None).expect("a log");
    let codes = enrolment.confirmed(1).finish(state, custody, PASSPHRASE, &Replaces::Nothing, &journal);
    (app, codes.expect("stored").iter().map(|code| code.to_string()).collect())
}

/// The same in this home, with the secret in a file that needs no passphrase.
pub fn enrolled(scene: &Scene) -> (App, Vec<String>) {
    enrolled_below(&state(scene), Custody::Managed)
}

pub fn guard(scene: &Scene, args: &[&str]) -> Command {
    scene.command(scene.path("lib/guard"), args)
}

pub fn on_terminal(scene: &Scene, args: &[&str]) -> Pty {
    Pty::start(guard(scene, args), 100, 50, true)
}

/// `guard totp verify`, up to its prompt.
pub fn verify(scene: &Scene) -> Pty {
    let mut pty = on_terminal(scene, &["totp", "verify"]);
    pty.wait_for(PROMPT);
    pty
}

/// Answers the prompt that stands.
pub fn answer(pty: &mut Pty, text: &str) {
    pty.send(text.as_bytes());
    pty.enter();
}

/// One code to `guard totp verify`: the exit status and what was shown.
pub fn try_code(scene: &Scene, code: &str) -> (Option<i32>, String) {
    let mut pty = verify(scene);
    answer(&mut pty, code);
    end(pty)
}

/// Leaves with Esc where another try is offered.
pub fn try_and_leave(scene: &Scene, code: &str, words: &str) -> (Option<i32>, String) {
    let mut pty = verify(scene);
    answer(&mut pty, code);
    pty.wait_for(words);
    pty.wait_for(PROMPT);
    pty.send(b"\x1b");
    end(pty)
}

pub fn end(pty: Pty) -> (Option<i32>, String) {
    let (status, shown) = pty.finish();
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|n| 128 + n));
    (code, words(&shown))
}

pub fn words(shown: &str) -> String {
    plain(shown).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every file of the enrolment, by name.
pub fn files(state: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(state.join("totp"))
        .expect("enrolled")
        .flatten()
        .filter(|entry| entry.file_name() != "LOCK")
        .map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("readable")))
        .collect();
    all.sort();
    all
}

pub fn record(state: &Path) -> serde_json::Value {
    let text = fs::read_to_string(state.join("totp/record")).expect("a record");
    serde_json::from_str(text.lines().nth(1).expect("two lines")).expect("JSON")
}

/// Changes a number of the record, with the checksum that belongs to it.
pub fn set_number(state: &Path, key: &str, number: u64) {
    let path = state.join("totp/record");
    let text = fs::read_to_string(&path).expect("a record");
    let json = text.lines().nth(1).expect("two lines");
    let old = format!("\"{key}\":{}", record(state)[key]);
    let json = json.replacen(&old, &format!("\"{key}\":{number}"), 1);
    let sum = guard::keys::encode(&guard::keys::sha256(&[json.as_bytes()]));
    fs::write(path, format!("guard-totp/1 {sum}\n{json}\n")).expect("write");
}

pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

pub fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}, and CI has it");
    eprintln!("SKIPPED: {why}");
}
