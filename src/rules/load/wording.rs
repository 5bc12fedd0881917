//! What the TOML reader says, in a sentence for the person who wrote the file, with what to write instead.

/// Message and hint; the hint is empty where there is nothing to add.
pub fn plain(said: &str) -> (String, String) {
    let said = said.replace('\n', " ");
    let lower = said.to_lowercase();
    unknown(&said, "unknown field ", "there is no key", "keys here")
        .or_else(|| unknown(&said, "unknown variant ", "there is no", "one of"))
        .or_else(|| wrong_type(&said))
        // The reader's word for anything but a text where one of several words is expected.
        .or_else(|| {
            let is_word = said == "wanted string or table";
            is_word.then(|| {
                ("something else stands where a word in quotes is expected".into(), "write \"…\"".into())
            })
        })
        .or_else(|| {
            let key = said.strip_prefix("missing field ")?.trim_matches('`');
            Some((format!("the key {key} is missing"), String::new()))
        })
        .unwrap_or((lower, String::new()))
}

/// ``unknown field `x`, expected one of `a`, `b` ``.
fn unknown(said: &str, begins: &str, is_none: &str, listed: &str) -> Option<(String, String)> {
    let (name, known) = said.strip_prefix(begins)?.split_once(", expected ")?;
    let known = known.strip_prefix("one of ").unwrap_or(known).replace('`', "");
    let known = known.replace(" or ", ", ");
    Some((format!("{is_none} {}", name.replace('`', "\"")), format!("{listed}: {known}")))
}

/// ``invalid type: integer `3`, expected X``.
fn wrong_type(said: &str) -> Option<(String, String)> {
    let (found, expected) = said.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let found = match found.split_once(' ') {
        Some(("integer" | "floating", _)) => "a number",
        Some(("boolean", _)) => "true or false",
        Some(("string", _)) => "a text",
        _ => match found {
            "map" => "a table",
            "sequence" => "a list",
            other => other,
        },
    };
    let (expected, hint) = match expected {
        "a sequence" => ("a list", "write [ … ] around it"),
        "a string" => ("a text", "write \"…\" around it"),
        "a boolean" => ("true or false", ""),
        "a word in quotes, or a list of such" => (expected, "write \"high\" or [\"high\", \"critical\"]"),
        "u8" | "u32" | "u64" | "usize" => ("a number", ""),
        _ if expected.starts_with("struct ") => ("a table", "write { key = \"value\" }"),
        other => (other, ""),
    };
    Some((format!("{found} stands where {expected} is expected"), hint.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_word_of_a_library_is_left() {
        for (said, message, hint) in [
            (
                "unknown field `sevrity`, expected one of `a`, `b`",
                "there is no key \"sevrity\"",
                "keys here: a, b",
            ),
            ("unknown field `x`, expected `a` or `b`", "there is no key \"x\"", "keys here: a, b"),
            (
                "unknown variant `hi`, expected one of `low`, `high`",
                "there is no \"hi\"",
                "one of: low, high",
            ),
            ("missing field `when`", "the key when is missing", ""),
            (
                "invalid type: map, expected a sequence",
                "a table stands where a list is expected",
                "write [ … ] around it",
            ),
            (
                "invalid type: string \"x\", expected struct WhenTable",
                "a text stands where a table is expected",
                "write { key = \"value\" }",
            ),
            ("Something Else", "something else", ""),
        ] {
            assert_eq!(plain(said), (message.to_owned(), hint.to_owned()), "{said}");
        }
    }
}
