//! From a passphrase to a key: argon2id, version 1.3. Must never use parameters a file merely claims without bounds: a
//! damaged header could ask for all memory there is.

use super::VaultKey;
use crate::keys::Secret;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize as _, Zeroizing};

/// What making the key costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// RFC 9106, section 4, second recommendation, with one lane as only one is computed at a time.
const USUAL: Stretch = Stretch { memory_kib: 64 << 10, passes: 3, lanes: 1 };
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 20;
const MOST_LANES: u32 = 8;

impl Default for Stretch {
    fn default() -> Stretch {
        USUAL
    }
}

impl Stretch {
    /// Neither weaker than RFC 9106 allows, nor more than a machine can do.
    pub fn is_sane(self) -> bool {
        (8 * self.lanes..=MOST_MEMORY_KIB).contains(&self.memory_kib)
            && (1..=MOST_PASSES).contains(&self.passes)
            && (1..=MOST_LANES).contains(&self.lanes)
    }

    /// `None` where there is not memory enough.
    pub fn key(self, passphrase: &str, salt: &[u8]) -> Option<VaultKey> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).ok()?;
        memory.resize(params.block_count(), Block::default());
        let mut key = Zeroizing::new([0; 32]);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let made = argon.hash_password_into_with_memory(
            passphrase.as_bytes(),
            salt,
            key.as_mut_slice(),
            &mut memory,
        );
        // What is left in it would let a guess be tried without the work.
        memory.iter_mut().for_each(|block| block.as_mut().zeroize());
        made.ok()?;
        Some(VaultKey(Secret::from_bytes(*key)))
    }
}

#[cfg(test)]
mod tests {
    use super::Stretch;

    #[test]
    fn the_bounds_hold() {
        assert!(Stretch::default().is_sane());
        let odd = |memory_kib, passes, lanes| Stretch { memory_kib, passes, lanes }.is_sane();
        assert!(!odd(u32::MAX, 3, 1) && !odd(65536, 0, 1) && !odd(65536, u32::MAX, 1) && !odd(7, 1, 1));
        assert!(!odd(65536, 1, 0) && !odd(65536, 1, 9) && odd(8, 1, 1));
    }

    #[test]
    fn a_known_answer_of_the_reference_implementation() {
        // phc-winner-argon2, src/test.c: argon2id, version 0x13.
        let key =
            Stretch { memory_kib: 256, passes: 2, lanes: 1 }.key("password", b"somesalt").expect("memory");
        let hex: String = key.0.expose().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    }
}
