//! The envelope that statements travel in: DSSE v1.0.2 (github.com/secure-systems-lab/dsse), spelled canonically. Must
//! never say by which algorithm a signature is to be checked: the roster says that.

use super::canonical::{self, LARGEST, NotCanonical};
use super::scalar::Hash;
use super::{Kind, Statement};
use crate::keys::{Digest, SigningKey, SshPublicKey, sshsig_assemble, sshsig_sign, sshsig_to_sign};
use crate::keys::{decode_bytes, encode, sha256};
use serde::{Deserialize, Serialize};

/// Most signatures on one envelope; only a roster has more than one.
const MOST: usize = 32;
/// What signatures and names around a payload may take.
const ROOM: usize = 16 * 1024;

/// Signed bytes of a kind; whose signature it is, and whether it is right, shows when it is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Spelled", try_from = "Spelled")]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

/// A signature with the id of the key that should have made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(super) keyid: String,
    pub(super) proof: Proof,
}

/// What was signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// An SSHSIG blob.
    Ssh(Vec<u8>),
    /// A WebAuthn assertion.
    Passkey { signature: Vec<u8>, authenticator_data: Vec<u8>, client_data: Vec<u8> },
}

#[derive(Serialize, Deserialize)]
struct Spelled {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<SpelledSignature>,
}

#[derive(Serialize, Deserialize)]
struct SpelledSignature {
    keyid: String,
    sig: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webauthn: Option<SpelledPasskey>,
}

#[derive(Serialize, Deserialize)]
struct SpelledPasskey {
    #[serde(rename = "authenticatorData")]
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
}

impl TryFrom<Spelled> for Envelope {
    type Error = &'static str;

    fn try_from(spelled: Spelled) -> Result<Envelope, &'static str> {
        let base64 = |text: &str| decode_bytes(text).ok_or("not base64");
        let mut signatures = Vec::new();
        for signature in &spelled.signatures {
            let sig = base64(&signature.sig)?;
            let proof = match &signature.webauthn {
                None => Proof::Ssh(sig),
                Some(passkey) => Proof::Passkey {
                    signature: sig,
                    authenticator_data: base64(&passkey.authenticator_data)?,
                    client_data: base64(&passkey.client_data)?,
                },
            };
            signatures.push(Signature { keyid: signature.keyid.clone(), proof });
        }
        if signatures.is_empty() || signatures.len() > MOST {
            return Err("no signatures, or too many");
        }
        Ok(Envelope { payload_type: spelled.payload_type, payload: base64(&spelled.payload)?, signatures })
    }
}

impl From<Envelope> for Spelled {
    fn from(envelope: Envelope) -> Spelled {
        let spell = |signature: &Signature| match &signature.proof {
            Proof::Ssh(sig) => {
                SpelledSignature { keyid: signature.keyid.clone(), sig: encode(sig), webauthn: None }
            }
            Proof::Passkey { signature: sig, authenticator_data, client_data } => SpelledSignature {
                keyid: signature.keyid.clone(),
                sig: encode(sig),
                webauthn: Some(SpelledPasskey {
                    authenticator_data: encode(authenticator_data),
                    client_data: encode(client_data),
                }),
            },
        };
        Spelled {
            payload: encode(&envelope.payload),
            payload_type: envelope.payload_type,
            signatures: envelope.signatures.iter().map(spell).collect(),
        }
    }
}

/// DSSE's pre-authentication encoding: what is really signed.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

impl Envelope {
    /// Reads an envelope from its canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Envelope, NotCanonical> {
        canonical::parse(bytes)
    }

    /// The canonical bytes; two equal statements by the same deterministic key have equal ones.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Structs of strings: sorted by the tree as `canonical::bytes` does, with no number that could be wrong. Not
        // limited in size here; every reader limits it.
        serde_json::to_value(self).and_then(|tree| serde_json::to_vec(&tree)).unwrap_or_default()
    }

    /// What it says it is; `None` for a type that this version does not know.
    pub fn kind(&self) -> Option<Kind> {
        Kind::of_payload_type(&self.payload_type)
    }

    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// SHA-256 of the PAE: how other statements refer to this one, whoever signed it how often.
    pub fn digest(&self) -> Hash {
        Hash(sha256(&[&self.pae()]))
    }

    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Key ids as the envelope claims them, for finding the keys; they prove nothing.
    pub fn claimed_keys(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|s| s.keyid.as_str())
    }

    /// Adds a signature over the same bytes (a roster needs several); one of the same key is replaced.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.retain(|s| s.keyid != signature.keyid);
        self.signatures.push(signature);
    }
}

/// A statement that is still to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    kind: Kind,
    team: String,
    payload: Vec<u8>,
}

impl Draft {
    /// Fixes the bytes.
    pub fn of<S: Statement>(statement: &S) -> Result<Draft, NotCanonical> {
        let (team, payload) = (statement.head().team.to_owned(), canonical::bytes(statement)?);
        // Base64 and the signature around it must fit below the limit, too.
        if payload.len() > LARGEST / 4 * 3 - ROOM {
            return Err(NotCanonical::TooLarge(payload.len()));
        }
        Ok(Draft { kind: S::KIND, team, payload })
    }

    pub fn pae(&self) -> Vec<u8> {
        pae(&self.kind.payload_type(), &self.payload)
    }

    /// As `Envelope::digest`.
    pub fn digest(&self) -> Hash {
        Hash(sha256(&[&self.pae()]))
    }

    pub fn namespace(&self) -> String {
        self.kind.namespace(&self.team)
    }

    /// The bytes that an SSH key, an agent or a token signs.
    pub fn to_sign(&self) -> Vec<u8> {
        sshsig_to_sign(&self.namespace(), &self.pae())
    }

    /// The challenge that a passkey answers.
    pub fn challenge(&self) -> Digest {
        sha256(&[&self.pae()])
    }

    /// The signature from an agent's answer to `to_sign`.
    pub fn answered(&self, key: &SshPublicKey, answer: &[u8]) -> Signature {
        let blob = sshsig_assemble(key, &self.namespace(), answer);
        Signature { keyid: key.fingerprint(), proof: Proof::Ssh(blob) }
    }

    /// The signature from an SSHSIG blob that was made over `pae` for `namespace`.
    pub fn signed(&self, key: &SshPublicKey, blob: Vec<u8>) -> Signature {
        Signature { keyid: key.fingerprint(), proof: Proof::Ssh(blob) }
    }

    /// The signature by a key in hand.
    pub fn signature(&self, key: &SigningKey) -> Signature {
        let public = SshPublicKey::from_ed25519(key.public());
        let blob = sshsig_sign(key, &self.namespace(), &self.pae());
        Signature { keyid: public.fingerprint(), proof: Proof::Ssh(blob) }
    }

    /// The signature from a passkey's answer to `challenge`; `kid` as the roster has it.
    pub fn asserted(kid: &str, authenticator_data: &[u8], client_data: &[u8], signature: &[u8]) -> Signature {
        let proof = Proof::Passkey {
            signature: signature.to_vec(),
            authenticator_data: authenticator_data.to_vec(),
            client_data: client_data.to_vec(),
        };
        Signature { keyid: kid.to_owned(), proof }
    }

    /// The signed statement.
    pub fn seal(self, signature: Signature) -> Envelope {
        Envelope {
            payload_type: self.kind.payload_type(),
            payload: self.payload,
            signatures: vec![signature],
        }
    }

    /// Signs with a key in hand.
    pub fn sign(self, key: &SigningKey) -> Envelope {
        let signature = self.signature(key);
        self.seal(signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_specification_example() {
        // DSSE protocol.md, "test vectors".
        let expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
        assert_eq!(pae("http://example.com/HelloWorld", b"hello world"), expected);
    }

    #[test]
    fn an_envelope_has_one_spelling() {
        let good = r#"{"payload":"e30=","payloadType":"t","signatures":[{"keyid":"k","sig":"AA=="}]}"#;
        let read = Envelope::from_bytes(good.as_bytes()).expect("an envelope");
        assert_eq!(read.to_bytes(), good.as_bytes());
        for bad in [
            good.replace("e30=", "e31="),
            good.replace("\"t\"", "\"t\" "),
            good.replace("\"keyid\":\"k\",", ""),
            good.replace("[{", "[{\"alg\":\"none\","),
            good.replace(r#"{"keyid":"k","sig":"AA=="}"#, ""),
            format!("{good}\n"),
        ] {
            assert!(Envelope::from_bytes(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(matches!(Envelope::from_bytes(&vec![b' '; 262_145]), Err(NotCanonical::TooLarge(262_145))));
    }
}
