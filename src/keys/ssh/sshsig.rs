//! SSHSIG, the signature format of `ssh-keygen -Y sign` (OpenSSH, PROTOCOL.sshsig), made and checked. Must never
//! accept a signature of another namespace, of another key, or one with bytes left over.

use super::public::{SshAlgorithm, SshPublicKey};
use super::wire::{Reader, put_string};
use crate::keys::{Digest, SigningKey, decode_bytes, encode, sha256};
use sha2::{Digest as _, Sha512};
use std::fmt::{self, Display, Formatter};

const MAGIC: &[u8] = b"SSHSIG";
const VERSION: u32 = 1;
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Longest signature that is read.
const LONGEST: usize = 4096;
/// The token was touched (FIDO's user presence).
const PRESENT: u8 = 0x01;
/// The token asked for a PIN or a fingerprint (FIDO's user verification).
const VERIFIED: u8 = 0x04;

/// What a hardware token vouches for inside its signature; a key in a file vouches for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub user_present: bool,
    pub user_verified: bool,
    /// How often the token has signed; `None` for a key in a file.
    pub counter: Option<u32>,
}

impl Flags {
    pub(in crate::keys) fn of(byte: u8, counter: u32) -> Flags {
        Flags {
            user_present: byte & PRESENT != 0,
            user_verified: byte & VERIFIED != 0,
            counter: Some(counter),
        }
    }
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSignature {
    /// Not the bytes of such a signature, or something is left over.
    Malformed,
    /// A version that is not known.
    Version(u32),
    /// Made for another purpose.
    Namespace,
    /// Made with a hash other than SHA-256 and SHA-512.
    Hash,
    /// It carries another key than the one that should have signed.
    OtherKey,
    /// The key did not sign this.
    Wrong,
    /// A passkey's: another site, another request, another kind of ceremony.
    Ceremony(&'static str),
}

impl Display for BadSignature {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            BadSignature::Malformed => f.write_str("the signature is malformed"),
            BadSignature::Version(n) => write!(f, "the signature has version {n}, which is not known"),
            BadSignature::Namespace => f.write_str("the signature was made for another purpose or team"),
            BadSignature::Hash => f.write_str("the signature uses a hash other than sha256 and sha512"),
            BadSignature::OtherKey => f.write_str("the signature was made with another key"),
            BadSignature::Wrong => f.write_str("the signature does not fit the text"),
            BadSignature::Ceremony(what) => write!(f, "the passkey's answer is for another {what}"),
        }
    }
}

/// The bytes that a key, an agent or a token has to sign. `namespace` must not be empty.
pub fn sshsig_to_sign(namespace: &str, message: &[u8]) -> Vec<u8> {
    signed_data(namespace.as_bytes(), b"", b"sha512", &Sha512::digest(message))
}

/// The signature as a blob, from what the agent gave for `sshsig_to_sign` (`string type, string signature`, for
/// hardware keys with flags and counter behind). Whether it is right shows when it is verified.
pub fn sshsig_assemble(public: &SshPublicKey, namespace: &str, signature: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_be_bytes());
    put_string(&mut out, public.blob());
    put_string(&mut out, namespace.as_bytes());
    put_string(&mut out, b"");
    put_string(&mut out, b"sha512");
    // Agents give a hardware signature's flags and counter inside the same string.
    put_string(&mut out, signature);
    out
}

/// Signs with a key that guard holds.
pub fn sshsig_sign(key: &SigningKey, namespace: &str, message: &[u8]) -> Vec<u8> {
    let public = SshPublicKey::from_ed25519(key.public());
    let raw = key.sign(&sshsig_to_sign(namespace, message));
    sshsig_assemble(&public, namespace, &ssh_signature(SshAlgorithm::Ed25519, &raw))
}

/// `string type, string signature`: how agents spell the 64 bytes of an Ed25519 signature.
pub fn ssh_signature(algorithm: SshAlgorithm, raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_string(&mut out, algorithm.name().as_bytes());
    put_string(&mut out, raw);
    out
}

/// The form that `ssh-keygen -Y verify -s FILE` reads.
pub fn sshsig_armour(blob: &[u8]) -> String {
    let text = encode(blob);
    let mut out = format!("{BEGIN}\n");
    for line in text.as_bytes().chunks(70) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out + END + "\n"
}

/// The blob of an armoured signature.
pub fn sshsig_unarmour(text: &str) -> Option<Vec<u8>> {
    let inner = text.trim_end().strip_prefix(BEGIN)?.strip_suffix(END)?;
    decode_bytes(&inner.lines().collect::<String>())
}

/// Whether `key` signed `message` for `namespace`; the signature as a blob or armoured.
pub fn verify_sshsig(
    key: &SshPublicKey,
    namespace: &str,
    message: &[u8],
    signature: &[u8],
) -> Result<Flags, BadSignature> {
    if signature.len() > LONGEST {
        return Err(BadSignature::Malformed);
    }
    if signature.starts_with(BEGIN.as_bytes()) {
        let text = std::str::from_utf8(signature).map_err(|_| BadSignature::Malformed)?;
        let blob = sshsig_unarmour(text).ok_or(BadSignature::Malformed)?;
        return verify_blob(key, namespace, message, &blob);
    }
    verify_blob(key, namespace, message, signature)
}

fn verify_blob(
    key: &SshPublicKey,
    namespace: &str,
    message: &[u8],
    blob: &[u8],
) -> Result<Flags, BadSignature> {
    let parts = Parts::read(blob).ok_or(BadSignature::Malformed)?;
    if parts.version != VERSION {
        return Err(BadSignature::Version(parts.version));
    }
    if namespace.is_empty() || parts.namespace != namespace.as_bytes() {
        return Err(BadSignature::Namespace);
    }
    if parts.key != key.blob() {
        return Err(BadSignature::OtherKey);
    }
    let hash = match parts.hash {
        b"sha256" => sha256(&[message]).to_vec(),
        b"sha512" => Sha512::digest(message).to_vec(),
        _ => return Err(BadSignature::Hash),
    };
    let signed = signed_data(parts.namespace, parts.reserved, parts.hash, &hash);
    check(key, &signed, parts.signature)
}

struct Parts<'a> {
    version: u32,
    key: &'a [u8],
    namespace: &'a [u8],
    reserved: &'a [u8],
    hash: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(blob: &'a [u8]) -> Option<Parts<'a>> {
        let mut reader = Reader::new(blob);
        (reader.take(MAGIC.len())? == MAGIC).then_some(())?;
        let parts = Parts {
            version: reader.u32()?,
            key: reader.string()?,
            namespace: reader.string()?,
            reserved: reader.string()?,
            hash: reader.string()?,
            signature: reader.string()?,
        };
        // guard writes no reserved bytes; some would mean a rule that is not known here.
        (reader.finished() && parts.reserved.is_empty()).then_some(parts)
    }
}

fn signed_data(namespace: &[u8], reserved: &[u8], hash_name: &[u8], hash: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for part in [namespace, reserved, hash_name, hash] {
        put_string(&mut out, part);
    }
    out
}

fn check(key: &SshPublicKey, signed: &[u8], signature: &[u8]) -> Result<Flags, BadSignature> {
    let mut reader = Reader::new(signature);
    let name = reader.string().ok_or(BadSignature::Malformed)?;
    if name != key.algorithm.name().as_bytes() {
        return Err(BadSignature::Malformed);
    }
    let raw = reader.string().ok_or(BadSignature::Malformed)?;
    let (flags, message) = if key.is_hardware() {
        let (byte, counter) = reader.byte().zip(reader.u32()).ok_or(BadSignature::Malformed)?;
        (Flags::of(byte, counter), hardware_message(&key.application, byte, counter, signed))
    } else {
        (Flags::default(), signed.to_vec())
    };
    if !reader.finished() {
        return Err(BadSignature::Malformed);
    }
    let right = match key.algorithm {
        SshAlgorithm::Ed25519 | SshAlgorithm::SkEd25519 => ed25519(&key.point, &message, raw),
        SshAlgorithm::P256 | SshAlgorithm::SkP256 => p256(&key.point, &message, raw),
    };
    if right { Ok(flags) } else { Err(BadSignature::Wrong) }
}

/// What a token signs (PROTOCOL.u2f): hash of the application, flags, counter, hash of the text.
pub(super) fn hardware_message(application: &[u8], flags: u8, counter: u32, signed: &[u8]) -> Vec<u8> {
    let (application, signed): (Digest, Digest) = (sha256(&[application]), sha256(&[signed]));
    [&application[..], &[flags], &counter.to_be_bytes(), &signed].concat()
}

fn ed25519(point: &[u8], message: &[u8], raw: &[u8]) -> bool {
    let (Ok(point), Ok(raw)) = (point.try_into(), raw.try_into()) else { return false };
    let signature = ed25519_dalek::Signature::from_bytes(raw);
    // Strict, as OpenSSH checks, so that ssh-keygen and guard always agree.
    ed25519_dalek::VerifyingKey::from_bytes(point).is_ok_and(|k| k.verify_strict(message, &signature).is_ok())
}

fn p256(point: &[u8], message: &[u8], raw: &[u8]) -> bool {
    use p256::ecdsa::signature::Verifier as _;
    let mut reader = Reader::new(raw);
    let (Some(r), Some(s), true) = (reader.scalar(), reader.scalar(), reader.finished()) else {
        return false;
    };
    let Ok(signature) = p256::ecdsa::Signature::from_scalars(r, s) else { return false };
    p256::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok_and(|k| k.verify(message, &signature).is_ok())
}
