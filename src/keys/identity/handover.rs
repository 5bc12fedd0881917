//! The statement by which one key names the next as the same person's. Must never be believed without the
//! signature of the key before; where that is lost, the statement says so by having none.

use super::super::{SshPublicKey, decode_bytes, encode, verify_sshsig};
use super::record::{read_key, write_key};
use serde::{Deserialize, Serialize};

/// The SSHSIG namespace of these statements.
pub const NAMESPACE: &str = "guard-identity-v1";

/// From this key to that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// Seconds since 1970.
    pub at: u64,
    /// Where the new key's secret is: `keyring`, `file`, `agent`.
    pub custody: String,
    /// `None` when the old key is lost, and with it its word.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    pub from: Option<SshPublicKey>,
    #[serde(serialize_with = "write_key", deserialize_with = "read_key")]
    pub key: SshPublicKey,
    /// SSHSIG by the new key: it is really there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// SSHSIG by the old key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sig: Option<String>,
}

impl Handover {
    /// What both keys sign.
    pub fn message(&self) -> Vec<u8> {
        let from = self.from.as_ref().map_or_else(|| "none".to_owned(), SshPublicKey::to_line);
        format!("guard-identity/v1\nfrom {from}\nto {}\nat {}\n", self.key.to_line(), self.at).into_bytes()
    }

    /// What is wrong with its signatures, if anything.
    pub fn fault(&self) -> Option<&'static str> {
        let holds = |key: &SshPublicKey, text: &str| {
            decode_bytes(text)
                .is_some_and(|blob| verify_sshsig(key, NAMESPACE, &self.message(), &blob).is_ok())
        };
        match (&self.from, &self.sig) {
            (Some(from), Some(sig)) if holds(from, sig) => {}
            (None, None) => {}
            (Some(_), Some(_)) => return Some("the old key did not sign it"),
            (Some(_), None) | (None, Some(_)) => return Some("it names an old key without its signature"),
        }
        match &self.proof {
            Some(proof) if !holds(&self.key, proof) => Some("the new key did not sign it"),
            Some(_) | None => None,
        }
    }

    /// How signatures stand in it.
    pub fn spelled(blob: &[u8]) -> String {
        encode(blob)
    }
}

mod optional {
    use super::SshPublicKey;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(key: &Option<SshPublicKey>, to: S) -> Result<S::Ok, S::Error> {
        match key {
            Some(key) => to.serialize_str(&key.to_line()),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SshPublicKey>, D::Error> {
        let line = Option::<String>::deserialize(from)?;
        line.map(|line| SshPublicKey::from_line(&line).map_err(serde::de::Error::custom)).transpose()
    }
}
