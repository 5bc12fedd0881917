//! JSON for standard output: what `show` would make visible is written as a `\u` escape, which means the same
//! to a program. Must never be used for what is signed, hashed or stored: those bytes are fixed elsewhere.

use super::show;
use std::fmt::{Display, Write};

/// JSON text (a `serde_json::Value`, or an entry as it is stored) that is safe on a terminal and parses to the
/// same value. White space between the parts becomes spaces, so that the result is one line.
pub fn json(text: impl Display) -> String {
    let text = text.to_string();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // JSON has these between its parts only; within a string they are escaped already.
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_hidden(c) => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out
}

fn is_hidden(c: char) -> bool {
    let mut utf8 = [0; 4];
    let raw: &str = c.encode_utf8(&mut utf8);
    !(c.is_ascii_graphic() || c == ' ') && show(raw) != raw
}

/// Beyond the first plane JSON writes two surrogates.
fn escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::json;
    use crate::text::show;
    use serde_json::{Value, json as value};

    #[test]
    fn nothing_hidden_is_left_raw_and_the_value_stays_the_same() {
        let all: String = (0..=0x10_FFFF).filter_map(char::from_u32).collect();
        let before = value!({ "all": all, "k\u{202e}ey": ["名前 naïve", 1.5, null], "quote\"\\": "\\u202e" });
        let text = json(&before);
        assert_eq!(show(&text), text);
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), before);
    }

    #[test]
    fn escapes_are_jsons_own() {
        assert_eq!(json(value!("a\u{202e}\u{9b}\u{7f}\u{200b}")), "\"a\\u202e\\u009b\\u007f\\u200b\"");
        assert_eq!(json(value!("\u{e0041}")), "\"\\udb40\\udc41\"");
        assert_eq!(json("{\r\n\t\"a\": \"名\"}"), "{   \"a\": \"名\"}");
    }
}
