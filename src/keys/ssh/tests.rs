//! Keys and signatures against OpenSSH itself, and a hardware token in software for the tests of statements.

use super::*;
use crate::keys::{Secret, SigningKey};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

/// What kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Ed25519,
    P256,
}

/// A hardware token made of software: signs what it is told, with the flags it is told.
pub struct SoftToken {
    kind: TokenKind,
    seed: [u8; 32],
    pub public: SshPublicKey,
}

impl SoftToken {
    pub fn new(kind: TokenKind, seed: [u8; 32]) -> SoftToken {
        let mut blob = Vec::new();
        match kind {
            TokenKind::Ed25519 => {
                wire::put_string(&mut blob, SshAlgorithm::SkEd25519.name().as_bytes());
                wire::put_string(&mut blob, &SigningKey::new(&Secret::from_bytes(seed)).public().0);
            }
            TokenKind::P256 => {
                wire::put_string(&mut blob, SshAlgorithm::SkP256.name().as_bytes());
                wire::put_string(&mut blob, b"nistp256");
                wire::put_string(&mut blob, &p256_point(&seed));
            }
        }
        wire::put_string(&mut blob, b"ssh:");
        SoftToken { kind, seed, public: SshPublicKey::from_blob(&blob).expect("a key") }
    }

    /// What an agent would answer for `to_sign`.
    pub fn sign(&self, to_sign: &[u8], flags: u8, counter: u32) -> Vec<u8> {
        let message = sshsig::hardware_message(b"ssh:", flags, counter, to_sign);
        let mut out = match self.kind {
            TokenKind::Ed25519 => ssh_signature(
                SshAlgorithm::SkEd25519,
                &SigningKey::new(&Secret::from_bytes(self.seed)).sign(&message),
            ),
            TokenKind::P256 => ssh_signature(SshAlgorithm::SkP256, &p256_signature(&self.seed, &message)),
        };
        out.push(flags);
        out.extend_from_slice(&counter.to_be_bytes());
        out
    }
}

fn p256_point(seed: &[u8; 32]) -> Vec<u8> {
    let key = p256::ecdsa::SigningKey::from_slice(seed).expect("a scalar");
    key.verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

fn p256_signature(seed: &[u8; 32], message: &[u8]) -> Vec<u8> {
    use p256::ecdsa::signature::Signer as _;
    let key = p256::ecdsa::SigningKey::from_slice(seed).expect("a scalar");
    let signature: p256::ecdsa::Signature = key.sign(message);
    let (r, s) = signature.split_bytes();
    let mut out = Vec::new();
    for number in [r, s] {
        let start = number.iter().position(|b| *b != 0).unwrap_or(31);
        let mut digits = number[start..].to_vec();
        if digits[0] & 0x80 != 0 {
            digits.insert(0, 0);
        }
        wire::put_string(&mut out, &digits);
    }
    out
}

fn key(seed: u8) -> SigningKey {
    SigningKey::new(&Secret::from_bytes([seed; 32]))
}

/// ssh-keygen, in a directory of its own; `None` (said loudly) where there is none.
fn keygen(arguments: &[&str], directory: &Path, stdin: &[u8]) -> Option<Output> {
    #[expect(clippy::disallowed_methods, reason = "a test asks the real ssh-keygen")]
    let child = std::process::Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        assert!(std::env::var_os("CI").is_none_or(|v| v != "true"), "CI must have ssh-keygen");
        crate::say!("SKIPPED: ssh-keygen is not installed");
        return None;
    };
    child.stdin.take().expect("piped").write_all(stdin).expect("taken");
    Some(child.wait_with_output().expect("ends"))
}

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("guard-sshsig-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("made");
    path
}

/// Whether ssh-keygen accepts the signature of `public` for `namespace` over `message`.
fn openssh_accepts(
    name: &str,
    public: &SshPublicKey,
    namespace: &str,
    message: &[u8],
    blob: &[u8],
) -> Option<bool> {
    let place = directory(name);
    std::fs::write(place.join("allowed"), format!("bob {}\n", public.to_line())).expect("written");
    std::fs::write(place.join("sig"), sshsig_armour(blob)).expect("written");
    let arguments = ["-Y", "verify", "-f", "allowed", "-I", "bob", "-n", namespace, "-s", "sig"];
    let output = keygen(&arguments, &place, message)?;
    let _ = std::fs::remove_dir_all(&place);
    Some(output.status.success())
}

#[test]
fn openssh_accepts_what_guard_signs() {
    let own = key(1);
    let public = SshPublicKey::from_ed25519(own.public());
    let blob = sshsig_sign(&own, "guard-approval-v1@sre", b"text");
    assert_eq!(verify_sshsig(&public, "guard-approval-v1@sre", b"text", &blob), Ok(Flags::default()));
    if let Some(good) = openssh_accepts("own", &public, "guard-approval-v1@sre", b"text", &blob) {
        assert!(good);
        assert_eq!(openssh_accepts("own-ns", &public, "git", b"text", &blob), Some(false));
        assert_eq!(
            openssh_accepts("own-text", &public, "guard-approval-v1@sre", b"texT", &blob),
            Some(false)
        );
    }
}

#[test]
fn openssh_accepts_what_a_token_signs() {
    for kind in [TokenKind::Ed25519, TokenKind::P256] {
        let token = SoftToken::new(kind, [9; 32]);
        let answer = token.sign(&sshsig_to_sign("n@t", b"text"), 0x05, 77);
        let blob = sshsig_assemble(&token.public, "n@t", &answer);
        let flags = Flags { user_present: true, user_verified: true, counter: Some(77) };
        assert_eq!(verify_sshsig(&token.public, "n@t", b"text", &blob), Ok(flags), "{kind:?}");
        if let Some(good) = openssh_accepts(&format!("{kind:?}"), &token.public, "n@t", b"text", &blob) {
            assert!(good, "{kind:?}");
        }
    }
}

#[test]
fn guard_accepts_what_openssh_signs() {
    let place = directory("theirs");
    for kind in ["ed25519", "ecdsa"] {
        let made = keygen(&["-q", "-t", kind, "-N", "", "-C", "c o m", "-f", kind], &place, b"");
        let Some(made) = made else { return };
        assert!(made.status.success(), "{made:?}");
        let line = std::fs::read_to_string(place.join(format!("{kind}.pub"))).expect("a key");
        let public = SshPublicKey::from_line(&line).expect("a key that is taken");
        let listed = keygen(&["-l", "-f", kind], &place, b"").expect("there").stdout;
        assert!(String::from_utf8_lossy(&listed).contains(&public.fingerprint()), "{kind}");
        for hash in ["sha256", "sha512"] {
            let option = format!("hashalg={hash}");
            let arguments = ["-Y", "sign", "-q", "-O", &option, "-n", "n@t", "-f", kind];
            let signed = keygen(&arguments, &place, b"text").expect("there");
            assert_eq!(
                verify_sshsig(&public, "n@t", b"text", &signed.stdout),
                Ok(Flags::default()),
                "{kind}"
            );
            assert_eq!(verify_sshsig(&public, "n@u", b"text", &signed.stdout), Err(BadSignature::Namespace));
            assert_eq!(verify_sshsig(&public, "n@t", b"Text", &signed.stdout), Err(BadSignature::Wrong));
        }
    }
    let made = keygen(&["-q", "-t", "rsa", "-N", "", "-f", "rsa"], &place, b"").expect("there");
    assert!(made.status.success());
    let line = std::fs::read_to_string(place.join("rsa.pub")).expect("a key");
    let refused = SshPublicKey::from_line(&line).expect_err("RSA");
    assert!(refused.to_string().contains("ssh-keygen -t ed25519"), "{refused}");
    let _ = std::fs::remove_dir_all(&place);
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let token = SoftToken::new(TokenKind::P256, [3; 32]);
    let own = key(1);
    let public = SshPublicKey::from_ed25519(own.public());
    let pairs = [
        (public.clone(), sshsig_sign(&own, "n@t", b"text")),
        (
            token.public.clone(),
            sshsig_assemble(&token.public, "n@t", &token.sign(&sshsig_to_sign("n@t", b"text"), 1, 2)),
        ),
    ];
    for (public, blob) in pairs {
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 0x01;
            assert!(verify_sshsig(&public, "n@t", b"text", &changed).is_err(), "byte {at}");
        }
        assert!(verify_sshsig(&public, "n@t", b"text", &blob[..blob.len() - 1]).is_err());
        assert!(verify_sshsig(&public, "n@t", b"text", &[&blob[..], b"x"].concat()).is_err());
        assert!(verify_sshsig(&public, "", b"text", &blob).is_err());
    }
    let other = SshPublicKey::from_ed25519(key(2).public());
    let blob = sshsig_sign(&own, "n@t", b"text");
    assert_eq!(verify_sshsig(&other, "n@t", b"text", &blob), Err(BadSignature::OtherKey));
}

#[test]
fn only_keys_that_can_be_checked_are_taken() {
    let own = SshPublicKey::from_ed25519(key(1).public());
    assert_eq!(SshPublicKey::from_line(&format!("{} bob@lap\n", own.to_line())), Ok(own.clone()));
    let restricted = format!("restrict,no-pty {}", own.to_line());
    assert_eq!(SshPublicKey::from_line(&restricted), Err(SshKeyError::Options));
    assert_eq!(SshPublicKey::from_line("hello"), Err(SshKeyError::NotAKey));
    assert_eq!(SshPublicKey::from_line("ssh-rsa AAAA"), Err(SshKeyError::TooOld("RSA")));
    assert_eq!(
        SshPublicKey::from_line("ssh-ed25519-cert-v01@openssh.com AAAA"),
        Err(SshKeyError::Certificate)
    );
    assert_eq!(
        SshPublicKey::from_line("ecdsa-sha2-nistp384 AAAA"),
        Err(SshKeyError::Unknown("ecdsa-sha2-nistp384".to_owned()))
    );
    let swapped = own.to_line().replace("ssh-ed25519 ", "ecdsa-sha2-nistp256 ");
    assert_eq!(SshPublicKey::from_line(&swapped), Err(SshKeyError::Damaged));
    // The identity point has small order: its signatures would fit everything.
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = SshPublicKey::from_ed25519(crate::keys::PublicKey(identity));
    assert_eq!(SshPublicKey::from_blob(weak.blob()), None);
}
