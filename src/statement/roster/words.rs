//! A digest as six words that can be read over the phone: proquints (Wilkerson, arXiv:0901.4016) of its first 96
//! bits. Must never be shorter: whoever joins a team trusts it by these words alone.

use super::super::scalar::Hash;

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

/// Six words of five letters, with spaces between.
pub fn fingerprint_words(digest: &Hash) -> String {
    let word = |pair: &[u8]| -> String {
        let bits = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
        let consonant = |shift: usize| char::from(CONSONANTS[bits >> shift & 15]);
        let vowel = |shift: usize| char::from(VOWELS[bits >> shift & 3]);
        [consonant(12), vowel(10), consonant(6), vowel(4), consonant(0)].iter().collect()
    };
    digest.0[..12].chunks(2).map(word).collect::<Vec<_>>().join(" ")
}

/// Whether somebody's spelling means this digest: letters in any case, words apart by spaces, dashes or commas.
pub fn same_words(digest: &Hash, spelled: &str) -> bool {
    let words = spelled.split(|c: char| c.is_whitespace() || c == '-' || c == ',').filter(|w| !w.is_empty());
    let plain: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    plain.join(" ") == fingerprint_words(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_paper() {
        // arXiv:0901.4016: 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad.
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&[127, 0, 0, 1, 63, 84, 220, 193]);
        let words = fingerprint_words(&Hash(digest));
        assert_eq!(words, "lusab babad gutih tugad babab babab");
        assert!(same_words(&Hash(digest), "Lusab-babad gutih,tugad  babab babab"));
        assert!(!same_words(&Hash(digest), "lusab babad gutih tugad babab"));
        assert!(!same_words(&Hash(digest), "lusab babad gutih tugad babab babad"));
    }
}
