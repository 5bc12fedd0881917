//! What a person typed where a code is asked for. Must never guess: what is no code is said, and costs no attempt.

use super::recovery;
use std::fmt::{self, Display, Formatter};
use zeroize::Zeroizing;

/// A well-formed answer.
pub enum Typed {
    /// As many ASCII digits as asked for.
    Code(Zeroizing<String>),
    /// A recovery code, in its canonical form.
    Recovery(Zeroizing<String>),
}

/// Why an answer is none. Nothing was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    Empty,
    /// So many digits instead of so many.
    Length {
        typed: usize,
        wanted: u8,
    },
    /// Digits of another script.
    OtherDigits,
    /// Neither digits nor a recovery code.
    NotACode,
}

impl Typed {
    /// Blanks do not count: apps show `123 456`.
    pub fn read(text: &str, digits: u8) -> Result<Typed, Malformed> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        plain.extend(text.chars().filter(|c| !c.is_whitespace()));
        if plain.is_empty() {
            return Err(Malformed::Empty);
        }
        if plain.bytes().all(|b| b.is_ascii_digit()) {
            let typed = plain.len();
            return if typed == usize::from(digits) {
                Ok(Typed::Code(plain))
            } else {
                Err(Malformed::Length { typed, wanted: digits })
            };
        }
        if let Some(code) = recovery::canonical(&plain) {
            return Ok(Typed::Recovery(code));
        }
        let digit = |c: char| c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric());
        Err(if plain.chars().all(digit) { Malformed::OtherDigits } else { Malformed::NotACode })
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Typed::Code(_) => "Code(not shown)",
            Typed::Recovery(_) => "Recovery(not shown)",
        })
    }
}

impl Display for Malformed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Empty => f.write_str("nothing was typed"),
            Malformed::Length { typed: 1, wanted } => write!(f, "that is 1 digit, a code has {wanted}"),
            Malformed::Length { typed, wanted } => {
                write!(f, "that is {typed} digits, a code has {wanted}")
            }
            Malformed::OtherDigits => f.write_str("a code is typed with the digits 0 to 9"),
            Malformed::NotACode => f.write_str("that is neither a code nor a recovery code"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Typed};

    fn code(text: &str) -> Result<String, Malformed> {
        Typed::read(text, 6).map(|typed| match typed {
            Typed::Code(code) | Typed::Recovery(code) => code.to_string(),
        })
    }

    #[test]
    fn blanks_do_not_count_and_nothing_else_is_repaired() {
        for text in ["123456", " 123 456 ", "1 2 3 4 5 6", "123\u{a0}456", "123\u{2009}456\t"] {
            assert_eq!(code(text).as_deref(), Ok("123456"), "{text:?}");
        }
        assert_eq!(code(""), Err(Malformed::Empty));
        assert_eq!(code("12345"), Err(Malformed::Length { typed: 5, wanted: 6 }));
        assert_eq!(code("12345678"), Err(Malformed::Length { typed: 8, wanted: 6 }));
        for text in ["１２３４５６", "١٢٣٤٥٦", "12345６", "²²²²²²"] {
            assert_eq!(code(text), Err(Malformed::OtherDigits), "{text:?}");
        }
        for text in ["12345a", "+12345", "-12345", "123.456", "0x1234", "123456\u{202e}", "prod"] {
            assert_eq!(code(text), Err(Malformed::NotACode), "{text:?}");
        }
    }

    #[test]
    fn recovery_codes_are_read_in_any_case_with_or_without_hyphens() {
        let wanted = "ABCDEFGH23456777";
        for text in ["abcd-efgh-2345-6777", "ABCDEFGH23456777", " ABCD efgh 2345-6777"] {
            assert_eq!(code(text).as_deref(), Ok(wanted), "{text:?}");
        }
        assert_eq!(code("abcd-efgh-2345-677"), Err(Malformed::NotACode));
        assert!(!format!("{:?}", Typed::read("123456", 6)).contains("123456"));
    }
}
