//! The one-time code itself (RFC 6238, RFC 4226) and the URI that authenticator apps read. Must never be asked twice about
//! one step: whether a step was used is the record's business, not this file's.

use crate::keys::vault::Seed;
use std::fmt::Write;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

/// Seconds of a step. Apps know no other one reliably.
pub const STEP: u64 = 30;
/// Steps before and after the present one that count (RFC 6238, section 5.2).
pub const SKEW: u16 = 1;

/// The hash below the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    pub const ALL: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];

    /// As it is spelled in the URI and in files.
    pub fn word(self) -> &'static str {
        match self {
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512 => "SHA512",
        }
    }

    pub fn from_word(word: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|a| a.word() == word)
    }

    /// The secret is as long as the hash (RFC 4226, section 4, R6; RFC 6238, section 5.1).
    pub fn secret_length(self) -> usize {
        match self {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        }
    }

    fn of_library(self) -> totp_rs::Algorithm {
        match self {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        }
    }
}

/// What app and guard agree on beside the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    pub algorithm: Algorithm,
    /// 6 or 8.
    pub digits: u8,
    /// The name above the code in the app.
    pub issuer: String,
    /// Whose code it is: `alice@laptop`.
    pub account: String,
}

impl Parameters {
    /// The step whose code this is, around the time in seconds. Compared in constant time.
    pub fn matched_step(&self, secret: &Seed, code: &str, seconds: u64) -> Option<u64> {
        self.library(secret)?.check(code, seconds)
    }

    /// The code of a time in seconds.
    pub fn code_at(&self, secret: &Seed, seconds: u64) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(self.library(secret)?.generate(seconds).to_string()))
    }

    /// `None` where the secret is shorter than 128 bits.
    fn library(&self, secret: &Seed) -> Option<Totp> {
        Builder::new()
            .with_algorithm(self.algorithm.of_library())
            .with_digits(self.digits)
            .with_skew(SKEW)
            .with_step_duration(STEP)
            .with_secret(secret.expose())
            .build()
            .ok()
    }

    /// `otpauth://totp/…` (the Key URI format of authenticator apps). What is usual is left out: a smaller picture is
    /// easier to read.
    pub fn uri(&self, secret: &Seed) -> Zeroizing<String> {
        let mut uri = Zeroizing::new(String::with_capacity(512));
        let (issuer, account) = (percent(&self.issuer), percent(&self.account));
        let _ = write!(uri, "otpauth://totp/{issuer}:{account}?secret={}", *base32(secret.expose()));
        let _ = write!(uri, "&issuer={issuer}");
        if self.algorithm != Algorithm::Sha1 {
            let _ = write!(uri, "&algorithm={}", self.algorithm.word());
        }
        if self.digits != 6 {
            let _ = write!(uri, "&digits={}", self.digits);
        }
        uri
    }
}

/// RFC 4648, section 6, without padding.
pub fn base32(bytes: &[u8]) -> Zeroizing<String> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2 + 8));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(ALPHABET[(held >> bits & 31) as usize].into());
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(ALPHABET[(held << (5 - bits) & 31) as usize].into());
    }
    text
}

/// RFC 3986, section 2.1; unreserved characters stay.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Parameters, base32};
    use crate::keys::vault::Seed;
    use zeroize::Zeroizing;

    fn of(algorithm: Algorithm, digits: u8) -> (Parameters, Seed) {
        let secret = b"1234567890".iter().copied().cycle().take(algorithm.secret_length()).collect();
        let parameters = Parameters { algorithm, digits, issuer: "guard".into(), account: "a b@c".into() };
        (parameters, Seed::new(Zeroizing::new(secret)))
    }

    /// RFC 6238, appendix B.
    const VECTORS: &[(u64, [&str; 3])] = &[
        (59, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, ["65353130", "77737706", "47863826"]),
    ];

    #[test]
    fn rfc_6238_at_every_digest_and_both_lengths() {
        for (time, codes) in VECTORS {
            for (algorithm, code) in Algorithm::ALL.into_iter().zip(codes) {
                let (eight, secret) = of(algorithm, 8);
                assert_eq!(eight.code_at(&secret, *time).as_deref().map(String::as_str), Some(*code));
                assert_eq!(eight.matched_step(&secret, code, *time), Some(time / 30), "{algorithm:?} {time}");
                let (six, secret) = of(algorithm, 6);
                assert_eq!(six.matched_step(&secret, &code[2..], *time), Some(time / 30));
                assert_eq!(six.matched_step(&secret, code, *time), None, "eight digits are not six");
            }
        }
    }

    #[test]
    fn one_step_early_or_late_counts_and_two_do_not() {
        let (parameters, secret) = of(Algorithm::Sha1, 8);
        let code = parameters.code_at(&secret, 1_111_111_111).expect("long enough");
        let step = 1_111_111_111 / 30;
        let at = |shift: i64| parameters.matched_step(&secret, &code, (1_111_111_111 + shift) as u64);
        assert_eq!((at(-30), at(0), at(30)), (Some(step), Some(step), Some(step)));
        assert_eq!((at(-60), at(60)), (None, None));
        for other in ["", "1405047", "140504711", "+4050471", "1405047x", "１４０５０４７１"] {
            assert_eq!(parameters.matched_step(&secret, other, 1_111_111_111), None, "{other}");
        }
    }

    #[test]
    fn the_uri_and_base32_are_what_apps_read() {
        // RFC 4648, section 10.
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(*base32(bytes.as_bytes()), text);
        }
        let (six, secret) = of(Algorithm::Sha1, 6);
        let uri = "otpauth://totp/guard:a%20b%40c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=guard";
        assert_eq!(*six.uri(&secret), uri);
        let (eight, secret) = of(Algorithm::Sha512, 8);
        assert!(eight.uri(&secret).ends_with("&issuer=guard&algorithm=SHA512&digits=8"));
    }
}
