//! The enrolment as it stands on disk: one file for everything that must change together, `guard-totp/1 <checksum>` and one
//! line of JSON. Must never be taken for whole when a byte of it is missing; holds no secret.

use super::memory::{Memory, Now};
use super::otp::{Algorithm, Parameters};
use crate::keys::{Digest, decode, encode, sha256};
use serde::{Deserialize, Serialize};

const FORM: &str = "guard-totp/1 ";

/// Where the secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    /// In the Secret Service.
    Keyring,
    /// In a file under a passphrase.
    Passphrase,
    /// In a file that only the managed verifier can read.
    Managed,
}

/// An enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Names the secret that belongs to it.
    pub id: String,
    pub parameters: Parameters,
    pub custody: Custody,
    /// Microseconds since the epoch.
    pub created: u64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<Digest>,
    pub memory: Memory,
}

/// Why a file is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRecord {
    Damaged,
    /// Written by a newer guard.
    Newer,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    id: String,
    algorithm: String,
    digits: u8,
    issuer: String,
    account: String,
    custody: String,
    created_us: u64,
    recovery: Vec<String>,
    last_step: u64,
    failures: u32,
    lockout_s: u64,
    seen_us: u64,
    seen_boot_us: u64,
    seen_boot: String,
}

impl Custody {
    pub const ALL: [Custody; 3] = [Custody::Keyring, Custody::Passphrase, Custody::Managed];

    pub fn word(self) -> &'static str {
        match self {
            Custody::Keyring => "keyring",
            Custody::Passphrase => "passphrase",
            Custody::Managed => "managed",
        }
    }
}

impl Record {
    pub fn to_bytes(&self) -> Vec<u8> {
        let Parameters { algorithm, digits, issuer, account } = &self.parameters;
        let form = Form {
            id: self.id.clone(),
            algorithm: algorithm.word().to_owned(),
            digits: *digits,
            issuer: issuer.clone(),
            account: account.clone(),
            custody: self.custody.word().to_owned(),
            created_us: self.created,
            recovery: self.recovery.iter().map(|hash| encode(hash)).collect(),
            last_step: self.memory.last_step,
            failures: self.memory.failures,
            lockout_s: self.memory.lockout,
            seen_us: self.memory.seen.real,
            seen_boot_us: self.memory.seen.boot,
            seen_boot: self.memory.seen.boot_id.clone(),
        };
        // Strings and numbers always have a JSON form.
        let json = serde_json::to_string(&form).unwrap_or_default();
        format!("{FORM}{}\n{json}\n", checksum(&json)).into_bytes()
    }

    /// Reads exactly what `to_bytes` makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Record, NoRecord> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoRecord::Damaged)?;
        let version = text.strip_prefix("guard-totp/").and_then(|rest| rest.split(' ').next());
        if version.and_then(|v| v.parse::<u32>().ok()).is_some_and(|v| v > 1) {
            return Err(NoRecord::Newer);
        }
        Record::parse(text).filter(|record| record.to_bytes() == bytes).ok_or(NoRecord::Damaged)
    }

    fn parse(text: &str) -> Option<Record> {
        let (sum, json) = text.strip_prefix(FORM)?.strip_suffix('\n')?.split_once('\n')?;
        if sum != checksum(json) {
            return None;
        }
        let form: Form = serde_json::from_str(json).ok()?;
        let recovery = form.recovery.iter().map(|text| decode(text)).collect::<Option<Vec<Digest>>>()?;
        Some(Record {
            id: form.id,
            parameters: Parameters {
                algorithm: Algorithm::from_word(&form.algorithm)?,
                digits: Some(form.digits).filter(|d| [6, 8].contains(d))?,
                issuer: form.issuer,
                account: form.account,
            },
            custody: Custody::ALL.into_iter().find(|c| c.word() == form.custody)?,
            created: form.created_us,
            recovery,
            memory: Memory {
                last_step: form.last_step,
                failures: form.failures,
                lockout: form.lockout_s,
                seen: Now { real: form.seen_us, boot: form.seen_boot_us, boot_id: form.seen_boot },
            },
        })
    }
}

fn checksum(json: &str) -> String {
    encode(&sha256(&[json.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::super::memory::{Memory, Now};
    use super::super::otp::{Algorithm, Parameters};
    use super::{Custody, NoRecord, Record};

    fn record() -> Record {
        Record {
            id: "AbCd".into(),
            parameters: Parameters {
                algorithm: Algorithm::Sha256,
                digits: 8,
                issuer: "guard \"x\"".into(),
                account: "né@h".into(),
            },
            custody: Custody::Passphrase,
            created: 1,
            recovery: vec![[7; 32], [8; 32]],
            memory: Memory {
                last_step: 59_000_000,
                failures: 2,
                lockout: 30,
                seen: Now { real: u64::MAX, boot: 5, boot_id: "b".into() },
            },
        }
    }

    #[test]
    fn it_reads_back() {
        assert_eq!(Record::from_bytes(&record().to_bytes()), Ok(record()));
        assert_eq!(Record::from_bytes(b"guard-totp/2 x\n"), Err(NoRecord::Newer));
    }

    #[test]
    fn damage_at_every_byte_and_every_length_is_named() {
        let whole = record().to_bytes();
        for at in 0..whole.len() {
            assert_eq!(Record::from_bytes(&whole[..at]), Err(NoRecord::Damaged));
            for change in [1, 4, 0x20, 0x80] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                assert!(Record::from_bytes(&bytes).is_err(), "byte {at}");
            }
        }
    }
}
