//! 32 secret bytes that are wiped when dropped and never printed.

use super::{decode, encode};
use zeroize::Zeroizing;

/// A secret key. It lives on the heap so that moving it leaves no copy behind.
pub struct Secret(Box<Zeroizing<[u8; 32]>>);

/// The kernel gave no random bytes.
#[derive(Debug)]
pub struct NoRandomness;

/// Random bytes that need not be kept secret.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

impl Secret {
    pub fn random() -> Result<Secret, NoRandomness> {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
        Ok(Secret(bytes))
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Secret {
        Secret(Box::new(Zeroizing::new(bytes)))
    }

    /// Reads `to_text`'s form.
    pub fn from_text(text: &str) -> Option<Secret> {
        decode(text).map(Secret::from_bytes)
    }

    /// Base64, wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(self.expose()))
    }

    /// The bytes, for the one call that needs them.
    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_not_printed_and_reads_back() {
        let secret = Secret::from_bytes([7; 32]);
        assert_eq!(format!("{secret:?}"), "Secret(not shown)");
        assert_eq!(Secret::from_text(&secret.to_text()).expect("own form").expose(), &[7; 32]);
    }
}
