//! One thing known about a target, with where it comes from.

use std::borrow::Cow;
use std::path::Path;

/// A fact: `context = prod`, from `current-context, ~/.kube/config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub key: Cow<'static, str>,
    pub value: Value,
    /// Where it comes from, in words a person can check: an option, a variable, a file and its field, a default.
    pub source: String,
    /// What stands in `guard check --json` for a value that is not known; says what it is, not what it is called.
    pub stand_in: Option<&'static str>,
}

/// Unknown and absent are different facts: absent is `Known(Null)`, the tool's own "none".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Known(Datum),
    Unknown(String),
}

/// A value as `guard check --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    Null,
    Text(String),
    Number(i64),
    List(Vec<Datum>),
}

impl Fact {
    pub fn known(key: impl Into<Cow<'static, str>>, value: Datum, source: impl Into<String>) -> Fact {
        Fact { key: key.into(), value: Value::Known(value), source: source.into(), stand_in: None }
    }

    pub fn text(
        key: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
        source: impl Into<String>,
    ) -> Fact {
        Fact::known(key, Datum::Text(value.into()), source)
    }

    /// A path; bytes that are not UTF-8 are shown escaped.
    pub fn path(key: impl Into<Cow<'static, str>>, value: &Path, source: impl Into<String>) -> Fact {
        Fact::text(key, path_text(value), source)
    }

    pub fn none(key: impl Into<Cow<'static, str>>, source: impl Into<String>) -> Fact {
        Fact::known(key, Datum::Null, source)
    }

    pub fn unknown(
        key: impl Into<Cow<'static, str>>,
        why: impl Into<String>,
        source: impl Into<String>,
    ) -> Fact {
        Fact { key: key.into(), value: Value::Unknown(why.into()), source: source.into(), stand_in: None }
    }

    /// A value found elsewhere, known or not.
    pub fn of(key: impl Into<Cow<'static, str>>, value: Value, source: impl Into<String>) -> Fact {
        Fact { key: key.into(), value, source: source.into(), stand_in: None }
    }

    /// With words that people and programs see where the value is not known: `(selected stack)`.
    #[must_use]
    pub fn shown_as(mut self, words: &'static str) -> Fact {
        self.stand_in = Some(words);
        self
    }
}

impl Datum {
    pub fn texts<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Datum {
        Datum::List(all.into_iter().map(|s| Datum::Text(s.into())).collect())
    }

    /// Every text in it, for matching.
    pub fn each_text(&self, visit: &mut impl FnMut(&str)) {
        match self {
            Datum::Null => {}
            Datum::Text(text) => visit(text),
            Datum::Number(number) => visit(&number.to_string()),
            Datum::List(items) => items.iter().for_each(|item| item.each_text(visit)),
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Known(datum) => datum.fmt(f),
            Value::Unknown(why) => write!(f, "unknown ({})", crate::text::show(why)),
        }
    }
}

impl std::fmt::Display for Datum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Datum::Null => f.write_str("none"),
            Datum::Text(text) => f.write_str(&crate::text::show(text)),
            Datum::Number(number) => write!(f, "{number}"),
            Datum::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

/// A path as text: itself where it is UTF-8, with `\xff` for the bytes that are not.
pub fn path_text(path: &Path) -> String {
    match path.to_str() {
        Some(text) => text.to_owned(),
        None => crate::text::show(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str())),
    }
}
