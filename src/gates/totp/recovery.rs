//! Recovery codes: for a lost phone, each good once. 80 random bits each, so that a plain salted hash keeps them. Must never
//! be kept anywhere but on the person's paper.

use super::otp::base32;
use crate::keys::vault::Seed;
use crate::keys::{Digest, NoRandomness, sha256};
use zeroize::Zeroizing;

/// How many are made.
pub const COUNT: usize = 10;
const BYTES: usize = 10;
const CHARACTERS: usize = 16;

/// The codes as they are shown, and their hashes.
pub struct Fresh {
    pub shown: Vec<Zeroizing<String>>,
    pub hashes: Vec<Digest>,
}

/// New codes, bound to the enrolment.
pub fn generate(id: &str) -> Result<Fresh, NoRandomness> {
    let mut fresh = Fresh { shown: Vec::new(), hashes: Vec::new() };
    for _ in 0..COUNT {
        let code = base32(Seed::random(BYTES)?.expose());
        fresh.hashes.push(hash(id, &code));
        let mut shown = Zeroizing::new(String::with_capacity(CHARACTERS + 8));
        for (at, c) in code.char_indices() {
            if at > 0 && at % 4 == 0 {
                shown.push('-');
            }
            shown.push(c.to_ascii_lowercase());
        }
        fresh.shown.push(shown);
    }
    Ok(fresh)
}

/// Capitals without hyphens; `None` for what is no recovery code.
pub fn canonical(text: &str) -> Option<Zeroizing<String>> {
    let mut code = Zeroizing::new(String::with_capacity(text.len()));
    code.extend(text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()));
    let known = |c: char| c.is_ascii_uppercase() || ('2'..='7').contains(&c);
    (code.len() == CHARACTERS && code.chars().all(known)).then_some(code)
}

/// What is kept of a code in canonical form.
pub fn hash(id: &str, code: &str) -> Digest {
    sha256(&[b"guard-totp-recovery/1\n", id.as_bytes(), b"\n", code.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::{COUNT, canonical, generate, hash};

    #[test]
    fn shown_codes_are_found_by_their_hash_and_by_no_other_enrolment() {
        let fresh = generate("a").expect("random");
        assert_eq!((fresh.shown.len(), fresh.hashes.len()), (COUNT, COUNT));
        for (shown, kept) in fresh.shown.iter().zip(&fresh.hashes) {
            assert_eq!(shown.len(), 19, "four groups of four");
            let code = canonical(shown).expect("own form");
            assert_eq!(&hash("a", &code), kept);
            assert_ne!(&hash("b", &code), kept);
        }
    }
}
