//! Number matching: three digits that only the requester's terminal shows and each approver must type. Must never
//! give two people the same secret, or be taken for one: it forces people to talk, it hides nothing.

use super::scalar::{Bytes32, Hash};
use crate::keys::{NoRandomness, Secret, keyed_hash};

const LABEL: &[u8] = b"guard-match-v1\0";

/// The secret that a request commits to; told in the receipt.
#[derive(Debug)]
pub struct MatchKey {
    secret: Secret,
    commit: Hash,
}

impl MatchKey {
    pub fn random() -> Result<MatchKey, NoRandomness> {
        Ok(MatchKey::from_bytes(crate::keys::random()?))
    }

    pub fn from_bytes(bytes: [u8; 32]) -> MatchKey {
        MatchKey { commit: Hash::of(&[LABEL, &bytes]), secret: Secret::from_bytes(bytes) }
    }

    /// What the request carries: SHA-256 of the label and the key.
    pub fn commit(&self) -> Hash {
        self.commit
    }

    /// The number of one person for one request, three digits.
    pub fn code(&self, request: &Hash, person: &str) -> String {
        let mac = keyed_hash(&self.secret, &[LABEL, &request.0, &[0], person.as_bytes()]);
        format!("{:03}", u32::from_be_bytes([mac[0], mac[1], mac[2], mac[3]]) % 1000)
    }

    /// For the receipt, once the request is over, and for a request that is claimed later.
    pub fn reveal(&self) -> Bytes32 {
        // The secret's own text form is base64 of its 32 bytes.
        Bytes32(crate::keys::decode(&self.secret.to_text()).unwrap_or_default())
    }
}

impl From<Bytes32> for MatchKey {
    fn from(told: Bytes32) -> MatchKey {
        MatchKey::from_bytes(told.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_belongs_to_one_person_and_one_request() {
        let key = MatchKey::from_bytes([7; 32]);
        let (one, other) = (Hash([1; 32]), Hash([2; 32]));
        let numbers: Vec<String> = ["bob", "carol", "dora", "eli"].map(|p| key.code(&one, p)).to_vec();
        assert!(numbers.iter().all(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit())));
        assert!(numbers.iter().any(|n| *n != numbers[0]));
        assert_ne!(key.code(&one, "bob"), key.code(&other, "bob"));
        assert_eq!(MatchKey::from(key.reveal()).code(&one, "bob"), numbers[0]);
        assert_ne!(MatchKey::from_bytes([8; 32]).commit(), key.commit());
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
