//! An enrolled second factor, set up as a person sets it up: on a terminal, with the codes an app would show.

use crate::pty::{Pty, plain};
use crate::support::Scene;
use std::time::{SystemTime, UNIX_EPOCH};
use totp_rs::Builder;

pub const PASSPHRASE: &str = "correct horse battery";
const STEP: u64 = 30;

/// What the person has.
pub struct Phone {
    secret: Vec<u8>,
    /// Written down.
    pub recovery: Vec<String>,
    /// Steps that are used up.
    next: u64,
}

/// Runs `guard totp enroll`; the secret lies in a file, as there is no keyring in a scene.
pub fn enroll(scene: &Scene) -> Phone {
    let command = scene.command(scene.path("lib/guard"), &["totp", "enroll", "--passphrase", "--text"]);
    let mut pty = Pty::start(command, 200, 60, true);
    pty.wait_for("that the app shows now:");
    pty.wait_for("> ");
    let at = pty.shown.find("secret=").expect("a URI") + 7;
    let text: String = pty.shown[at..].chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / STEP;
    let mut phone = Phone { secret: base32(&text), recovery: Vec::new(), next: now - 1 };
    let code = phone.code();
    pty.type_text(&code);
    pty.enter();
    for ask in ["a new passphrase", "the same passphrase again"] {
        pty.wait_for(ask);
        pty.wait_for("> ");
        pty.send(PASSPHRASE.as_bytes());
        pty.enter();
    }
    pty.wait_for("the second factor is set up");
    let shown = plain(&pty.shown);
    let is_code = |word: &&str| word.len() == 19 && word.matches('-').count() == 3;
    phone.recovery = shown.split_whitespace().filter(is_code).map(str::to_owned).collect();
    assert_eq!(phone.recovery.len(), 10, "{shown}");
    assert_eq!(pty.finish().0.code(), Some(0));
    phone
}

impl Phone {
    /// A code that was not used yet. Those of the step before now, of now and of the next one are accepted.
    pub fn code(&mut self) -> String {
        let seconds = self.next * STEP;
        self.next += 1;
        let totp = Builder::new().with_secret(&*self.secret).build().expect("a secret of 20 bytes");
        totp.generate(seconds).to_string()
    }

    /// A recovery code.
    pub fn recovery(&mut self) -> String {
        self.recovery.pop().expect("ten of them")
    }
}

fn base32(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for c in text.bytes() {
        let value = if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' };
        held = held << 5 | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 0xff) as u8);
        }
    }
    bytes
}
