//! One value, one spelling: RFC 8785 for strings, whole numbers from 0 below 2^53, booleans, arrays, and objects with
//! ASCII keys. Must never read bytes that mean something to one reader and something else to another.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::{self, Display, Formatter};

/// The largest statement, and the largest body the relay takes, in bytes.
pub const LARGEST: usize = 256 * 1024;
const EXACT: u64 = 1 << 53;

/// Why bytes or a value are not canonical.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCanonical {
    /// More than `LARGEST` bytes.
    TooLarge(usize),
    /// No JSON of the wanted shape; the parser's words.
    Shape(String),
    /// Something is spelled in another way than the canonical one: order, spaces, a key twice, an unknown key.
    Spelling,
    /// A number that is negative, broken or beyond 2^53, a null, or a key that is not ASCII.
    Value,
}

impl Display for NotCanonical {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NotCanonical::TooLarge(size) => {
                write!(f, "{size} bytes are too many: a statement ends at {LARGEST}")
            }
            NotCanonical::Shape(words) => f.write_str(&crate::text::show_line(words, 160)),
            NotCanonical::Spelling => {
                f.write_str("it is not in canonical form, or has keys that are not known")
            }
            NotCanonical::Value => f.write_str("it has a number, null or key that is not allowed"),
        }
    }
}

/// The canonical bytes, of any length: whoever reads or sends them limits it.
pub fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, NotCanonical> {
    let shape = |error: serde_json::Error| NotCanonical::Shape(error.to_string());
    // Through a tree, whose objects are sorted by key; ASCII keys sort by bytes as by UTF-16 (RFC 8785, 3.2.3).
    let tree = serde_json::to_value(value).map_err(shape)?;
    if !is_plain(&tree) {
        return Err(NotCanonical::Value);
    }
    serde_json::to_vec(&tree).map_err(shape)
}

/// Reads a value from its canonical bytes, and from no others: what was read is written again and compared, so an
/// unknown key, a key twice and every other spelling are refused by the same rule.
pub fn parse<T: Serialize + DeserializeOwned>(read: &[u8]) -> Result<T, NotCanonical> {
    parse_within(read, LARGEST)
}

/// As `parse`, for what may be larger than a statement.
pub fn parse_within<T: Serialize + DeserializeOwned>(read: &[u8], largest: usize) -> Result<T, NotCanonical> {
    if read.len() > largest {
        return Err(NotCanonical::TooLarge(read.len()));
    }
    let value: T = serde_json::from_slice(read).map_err(|e| NotCanonical::Shape(e.to_string()))?;
    if bytes(&value)? == read { Ok(value) } else { Err(NotCanonical::Spelling) }
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.as_u64().is_some_and(|n| n < EXACT),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(map) => map.iter().all(|(key, value)| key.is_ascii() && is_plain(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    struct Sample {
        b: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        a: Option<Vec<String>>,
    }

    #[test]
    fn one_spelling_only() {
        assert!(parse::<Sample>(br#"{"a":["x\n\u0001\"\\"],"b":1}"#).is_ok());
        assert!(parse::<Sample>(br#"{"b":9007199254740991}"#).is_ok());
        for bad in [
            r#"{"b":1,"a":[]}"#,
            r#"{"b":1,"b":1}"#,
            r#"{"b": 1}"#,
            r#"{"b":1.0}"#,
            r#"{"b":1e0}"#,
            r#"{"b":-0}"#,
            r#"{"b":01}"#,
            r#"{"a":["\u0041"],"b":1}"#,
            r#"{"a":["\/"],"b":1}"#,
            r#"{"a":null,"b":1}"#,
            r#"{"b":9007199254740992}"#,
            r#"{"b":1,"c":2}"#,
            r#"{"b":1}x"#,
            "{\"b\":1}\n",
            r#"[1]"#,
            r#""#,
        ] {
            assert!(parse::<Sample>(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse::<Vec<String>>(deep.as_bytes()).is_err());
    }

    #[test]
    fn agrees_with_another_implementation_of_rfc_8785() {
        let value =
            serde_json::json!({"z": "é\u{1f600}\u{7f}\u{8}\u{c}/", "aa": [1, true], "a": {"B": 0, "A": 0}});
        let theirs = serde_json_canonicalizer::to_vec(&value).expect("canonical");
        assert_eq!(bytes(&value).expect("canonical"), theirs);
    }
}
