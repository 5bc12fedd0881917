//! Ed25519 (RFC 8032). Verification is the cofactored check of section 5.1.7 with the encoding rules of
//! ZIP 215: one answer for every verifier, single or in batches, whatever a key holder crafts.

use super::{Digest, Secret, decode, encode, sha256};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use ed25519_dalek::Signer;
use sha2::{Digest as _, Sha512};

/// Length of a signature in bytes.
pub const SIGNATURE: usize = 64;
/// Ed25519 in a C2SP verifier key (signed-note, "Signature types").
const ED25519: u8 = 0x01;

/// A signing key; wiped when dropped, never printed.
pub struct SigningKey(Box<ed25519_dalek::SigningKey>);

/// A public key as 32 bytes; whether it is a point on the curve shows when something is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl SigningKey {
    pub fn new(seed: &Secret) -> SigningKey {
        SigningKey(Box::new(ed25519_dalek::SigningKey::from_bytes(seed.expose())))
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
        self.0.sign(message).to_bytes()
    }
}

impl PublicKey {
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        self.check(message, signature).unwrap_or(false)
    }

    fn check(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> Option<bool> {
        let (r, s) = signature.split_first_chunk::<32>()?;
        let s = Option::<Scalar>::from(Scalar::from_canonical_bytes(s.try_into().ok()?))?;
        let hash = Sha512::new().chain_update(r).chain_update(self.0).chain_update(message).finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        let a = CompressedEdwardsY(self.0).decompress()?;
        let r = CompressedEdwardsY(*r).decompress()?;
        let difference = r - EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-a, &s);
        Some(difference.mul_by_cofactor().is_identity())
    }

    /// C2SP signed-note verifier key: `name+hash+base64(0x01 ‖ key)`.
    pub fn to_vkey(self, name: &str) -> String {
        let typed = [&[ED25519][..], &self.0].concat();
        format!("{name}+{}+{}", hex(&self.key_hash(name)), encode(&typed))
    }

    /// Reads a verifier key; its hash must be right.
    pub fn from_vkey(vkey: &str) -> Option<(&str, PublicKey)> {
        let (name, rest) = vkey.split_once('+')?;
        let (_, typed) = rest.split_once('+')?;
        let bytes: [u8; 33] = decode(typed)?;
        let key = PublicKey(bytes[1..].try_into().ok()?);
        (bytes[0] == ED25519 && key.to_vkey(name) == vkey).then_some((name, key))
    }

    fn key_hash(self, name: &str) -> [u8; 4] {
        let hash: Digest = sha256(&[name.as_bytes(), b"\n", &[ED25519], &self.0]);
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"))
    }

    #[test]
    fn rfc_8032_test_vector_2() {
        let seed = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::new(&Secret::from_bytes(seed));
        let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public(), PublicKey(public));
        let signature = key.sign(&[0x72]);
        assert_eq!(
            signature,
            bytes(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                 085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            )
        );
        assert!(key.public().verify(&[0x72], &signature));
        assert!(!key.public().verify(&[0x73], &signature));
    }

    #[test]
    fn the_cofactored_rule_accepts_small_order_keys_as_zip_215_says() {
        // A and R of order 1, S = 0: valid for every message under ZIP 215.
        let mut identity = [0; 32];
        identity[0] = 1;
        let signature: [u8; 64] = [identity, [0; 32]].concat().try_into().expect("64 bytes");
        assert!(PublicKey(identity).verify(b"anything", &signature));
        // S = L is not canonical.
        let mut order = signature;
        order[32..].copy_from_slice(&bytes::<32>(
            "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010",
        ));
        assert!(!PublicKey(identity).verify(b"anything", &order));
    }

    #[test]
    fn a_verifier_key_reads_back_and_guards_its_hash() {
        let own = PublicKey([9; 32]).to_vkey("guard.local/ab/0");
        assert_eq!(PublicKey::from_vkey(&own), Some(("guard.local/ab/0", PublicKey([9; 32]))));
        assert_eq!(PublicKey::from_vkey(&own.replace("/ab/", "/ac/")), None);
    }
}
