//! The sentences of a rule with the names of what is at stake in them: `{names}` for the objects, `{host}` for a fact. What
//! is put in is quoted as a shell would need it; a name that is not known stays in capitals.

use crate::rules::Judged;
use crate::targets::{Datum, Fact, Value};
use crate::text::quote_line;
use std::ffi::OsString;

/// More objects than this are not worth reading in a sentence.
const MOST: usize = 3;

/// Fills in every `{key}` of a rule's `undo` or `safer`.
pub fn fill(text: &str, judged: &Judged) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let key = after.split_once('}').filter(|(key, _)| is_key(key));
        filled.push_str(before);
        match key {
            Some((key, behind)) => {
                filled.push_str(&value(key, judged).unwrap_or_else(|| key.to_uppercase()));
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
}

fn value(key: &str, judged: &Judged) -> Option<String> {
    if key == "names" {
        let objects = &judged.targets()?.objects;
        let names: Vec<OsString> = objects.iter().map(|o| name_of(o).into()).collect();
        return (1..=MOST).contains(&names.len()).then(|| quote_line(&names));
    }
    let known = |fact: &&Fact| fact.key == key;
    match judged.facts().iter().find(known).map(|fact| &fact.value) {
        Some(Value::Known(Datum::Text(text))) if !text.is_empty() => {
            Some(quote_line(&[OsString::from(text)]))
        }
        Some(Value::Known(Datum::Number(number))) => Some(number.to_string()),
        Some(Value::Known(Datum::Text(_) | Datum::Null | Datum::List(_)) | Value::Unknown(_)) | None => None,
    }
}

/// `payments` of `namespace/payments`; a path is its own name.
fn name_of(object: &str) -> &str {
    if object.starts_with('/') { object } else { object.rsplit('/').next().unwrap_or(object) }
}
