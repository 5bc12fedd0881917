//! Whether JSON bytes are canonical: RFC 8785 for what entries use (ASCII keys, whole numbers below 2^53).
//! One entry has one spelling, so no two readers can understand it differently.

use serde_json::{Map, Value};

/// The object, when its bytes are canonical.
pub fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let plain = is_plain(&value) && serde_json::to_vec(&value).is_ok_and(|again| again == bytes);
    match value {
        Value::Object(map) if plain => Some(map),
        _ => None,
    }
}

fn is_plain(value: &Value) -> bool {
    const LIMIT: u64 = 1 << 53;
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number.as_i64().is_some_and(|n| n.unsigned_abs() < LIMIT),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(map) => map.iter().all(|(key, value)| key.is_ascii() && is_plain(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn one_spelling_only() {
        assert!(object(br#"{"a":[1,-2,"x\n\u0001\"\\"],"b":null}"#).is_some());
        for bad in [
            r#"{"b":1,"a":1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1e3}"#,
            r#"{"a":-0}"#,
            r#"{"a":"\u0041"}"#,
            r#"{"a":"\/"}"#,
            r#"{"a":9007199254740992}"#,
            r#"[1]"#,
            r#"{"ä":1}"#,
            "{}x",
        ] {
            assert!(object(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
