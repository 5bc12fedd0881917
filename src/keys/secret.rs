//! 32 secret bytes in a page of their own, wiped when dropped and never printed.

use super::{decode, encode};
use crate::sys::memory::Page;
use zeroize::{Zeroize, Zeroizing};

/// A secret key. Moving it leaves no copy behind; its page is kept out of swap and core files.
pub struct Secret(Page);

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
        let mut page = Page::new();
        getrandom::fill(&mut page.bytes_mut()[..32]).map_err(|_| NoRandomness)?;
        Ok(Secret(page))
    }

    pub fn from_bytes(mut bytes: [u8; 32]) -> Secret {
        let mut page = Page::new();
        page.bytes_mut()[..32].copy_from_slice(&bytes);
        bytes.zeroize();
        Secret(page)
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
        // A page is at least 4096 bytes.
        self.0.bytes().first_chunk().expect("a page has more than 32 bytes")
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
