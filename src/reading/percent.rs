//! Percent-decoding, as connection strings have it. Must never take a `%` without two digits behind it for one.

/// The text with each `%5f` as the byte it stands for.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|two| *first == b'%' && two.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_a_byte() {
        for (text, wanted) in
            [("a%40b", "a@b"), ("%", "%"), ("%4", "%4"), ("%+5%zz%2F", "%+5%zz/"), ("%é", "%é")]
        {
            assert_eq!(decoded(text), wanted);
        }
    }
}
