//! Passkeys: whether a WebAuthn assertion (W3C WebAuthn level 2, section 7.2) by a P-256 key answers our
//! challenge on our site. Must never accept another origin, another ceremony, or an answer inside a frame.

use super::ssh::{BadSignature, Flags};
use super::{Digest, encode_url, sha256};
use serde::Deserialize;

/// A COSE key of type EC2, ES256 on P-256, in the canonical CBOR that authenticators must write:
/// {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
const BEFORE_X: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const BEFORE_Y: &[u8] = &[0x22, 0x58, 0x20];
/// Longest part of an assertion that is read.
const LONGEST: usize = 8192;
/// Attested credential data follow: not in an assertion.
const ATTESTED: u8 = 0x40;
/// Extension data follow.
const EXTENDED: u8 = 0x80;

/// A passkey's public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyPublic {
    cose: Vec<u8>,
    point: [u8; 65],
}

/// What the browser hands over after `navigator.credentials.get`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion<'a> {
    pub authenticator_data: &'a [u8],
    pub client_data: &'a [u8],
    /// ASN.1 DER.
    pub signature: &'a [u8],
}

/// CollectedClientData, the part that matters; browsers may add more.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<String>,
}

impl PasskeyPublic {
    /// Reads the COSE key that registration gave.
    pub fn from_cose(cose: &[u8]) -> Option<PasskeyPublic> {
        let (x, rest) = cose.strip_prefix(BEFORE_X)?.split_first_chunk::<32>()?;
        let y: &[u8; 32] = rest.strip_prefix(BEFORE_Y)?.try_into().ok()?;
        let mut point = [4; 65];
        point[1..33].copy_from_slice(x);
        point[33..].copy_from_slice(y);
        p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
        Some(PasskeyPublic { cose: cose.to_vec(), point })
    }

    /// `webauthn:` and the SHA-256 of the COSE key in base64url.
    pub fn kid(&self) -> String {
        format!("webauthn:{}", encode_url(&sha256(&[&self.cose])))
    }

    /// Whether the assertion answers `challenge` for site `rp` on one of `origins`.
    pub fn verify(
        &self,
        rp: &str,
        origins: &[String],
        challenge: &Digest,
        assertion: &Assertion<'_>,
    ) -> Result<Flags, BadSignature> {
        check_client(assertion.client_data, origins, challenge)?;
        let flags = check_authenticator(assertion.authenticator_data, rp)?;
        let signed = [assertion.authenticator_data, &sha256(&[assertion.client_data])].concat();
        if self.signed(&signed, assertion.signature) { Ok(flags) } else { Err(BadSignature::Wrong) }
    }

    fn signed(&self, message: &[u8], der: &[u8]) -> bool {
        use p256::ecdsa::signature::Verifier as _;
        let Ok(signature) = p256::ecdsa::Signature::from_der(der) else { return false };
        p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point)
            .is_ok_and(|key| key.verify(message, &signature).is_ok())
    }
}

fn check_client(bytes: &[u8], origins: &[String], challenge: &Digest) -> Result<(), BadSignature> {
    if bytes.len() > LONGEST {
        return Err(BadSignature::Malformed);
    }
    let client: ClientData = serde_json::from_slice(bytes).map_err(|_| BadSignature::Malformed)?;
    if client.kind != "webauthn.get" {
        return Err(BadSignature::Ceremony("ceremony"));
    }
    if client.challenge != encode_url(challenge) {
        return Err(BadSignature::Ceremony("text"));
    }
    let framed = client.cross_origin || client.top_origin.is_some();
    if framed || !origins.contains(&client.origin) {
        return Err(BadSignature::Ceremony("site"));
    }
    Ok(())
}

fn check_authenticator(data: &[u8], rp: &str) -> Result<Flags, BadSignature> {
    let (head, rest) = data.split_first_chunk::<37>().ok_or(BadSignature::Malformed)?;
    let flags = head[32];
    let extended = flags & EXTENDED != 0;
    if data.len() > LONGEST || flags & ATTESTED != 0 || extended == rest.is_empty() {
        return Err(BadSignature::Malformed);
    }
    if head[..32] != sha256(&[rp.as_bytes()]) {
        return Err(BadSignature::Ceremony("site"));
    }
    let counter = u32::from_be_bytes([head[33], head[34], head[35], head[36]]);
    Ok(Flags::of(flags, counter))
}

/// A passkey made of software, for tests: answers what it is told.
#[cfg(test)]
pub struct SoftPasskey {
    key: p256::ecdsa::SigningKey,
    pub cose: Vec<u8>,
}

#[cfg(test)]
impl SoftPasskey {
    pub fn new(seed: [u8; 32]) -> SoftPasskey {
        let key = p256::ecdsa::SigningKey::from_slice(&seed).expect("a scalar");
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        SoftPasskey { cose: [BEFORE_X, x, BEFORE_Y, y].concat(), key }
    }

    /// Authenticator data, client data and signature.
    pub fn answer(&self, rp: &str, client_data: &str, flags: u8) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        use p256::ecdsa::signature::Signer as _;
        let data = [&sha256(&[rp.as_bytes()])[..], &[flags], &7_u32.to_be_bytes()].concat();
        let signed = [&data[..], &sha256(&[client_data.as_bytes()])].concat();
        let signature: p256::ecdsa::Signature = self.key.sign(&signed);
        (data, client_data.as_bytes().to_vec(), signature.to_der().as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(kind: &str, challenge: &Digest, origin: &str, more: &str) -> String {
        let challenge = encode_url(challenge);
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
    }

    fn verdict(client: &str, rp: &str, flags: u8) -> Result<Flags, BadSignature> {
        let passkey = SoftPasskey::new([5; 32]);
        let (data, client_data, signature) = passkey.answer(rp, client, flags);
        let public = PasskeyPublic::from_cose(&passkey.cose).expect("a key");
        let assertion =
            Assertion { authenticator_data: &data, client_data: &client_data, signature: &signature };
        public.verify("guard.example", &["https://guard.example".to_owned()], &[7; 32], &assertion)
    }

    #[test]
    fn only_our_challenge_on_our_site_counts() {
        let good = client("webauthn.get", &[7; 32], "https://guard.example", r#","crossOrigin":false"#);
        let flags = Flags { user_present: true, user_verified: true, counter: Some(7) };
        assert_eq!(verdict(&good, "guard.example", 0x05), Ok(flags));
        assert!(verdict(&good, "evil.example", 0x05).is_err());
        assert!(verdict(&good, "guard.example", 0x45).is_err(), "attested data");
        for bad in [
            client("webauthn.create", &[7; 32], "https://guard.example", ""),
            client("webauthn.get", &[8; 32], "https://guard.example", ""),
            client("webauthn.get", &[7; 32], "https://guard.example.evil.example", ""),
            client("webauthn.get", &[7; 32], "http://guard.example", ""),
            client("webauthn.get", &[7; 32], "https://guard.example", r#","crossOrigin":true"#),
            client("webauthn.get", &[7; 32], "https://guard.example", r#","topOrigin":"https://evil""#),
            client("webauthn.get", &[7; 32], "https://guard.example", r#","type":"webauthn.get""#),
            "{}".to_owned(),
        ] {
            assert!(verdict(&bad, "guard.example", 0x05).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_changed_byte_anywhere_is_refused() {
        let passkey = SoftPasskey::new([5; 32]);
        let public = PasskeyPublic::from_cose(&passkey.cose).expect("a key");
        let text = client("webauthn.get", &[7; 32], "https://guard.example", "");
        let (data, client_data, signature) = passkey.answer("guard.example", &text, 0x05);
        let origins = ["https://guard.example".to_owned()];
        let check = |data: &[u8], client_data: &[u8], signature: &[u8]| {
            let assertion = Assertion { authenticator_data: data, client_data, signature };
            public.verify("guard.example", &origins, &[7; 32], &assertion)
        };
        assert!(check(&data, &client_data, &signature).is_ok());
        let flipped = |bytes: &[u8], at: usize| {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            changed
        };
        assert!((0..data.len()).all(|i| check(&flipped(&data, i), &client_data, &signature).is_err()));
        assert!((0..client_data.len()).all(|i| check(&data, &flipped(&client_data, i), &signature).is_err()));
        assert!((0..signature.len()).all(|i| check(&data, &client_data, &flipped(&signature, i)).is_err()));
        assert!(PasskeyPublic::from_cose(&passkey.cose[1..]).is_none());
        assert!(PasskeyPublic::from_cose(&[&passkey.cose[..], b"x"].concat()).is_none());
    }
}
