//! Requests as single lines and as JSON, for lists. Must never be what somebody decides by: lists shorten.

use super::{Case, Standing};
use crate::text::{quote_line, show_line};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Whom a list is for.
pub struct Ask<'a> {
    pub team: &'a str,
    pub person: &'a str,
}

/// `9:41`, `2 h 5 min`, or `over`.
pub fn left(exp: u64, now: u64) -> String {
    match exp.checked_sub(now) {
        None | Some(0) => "over".to_owned(),
        Some(seconds) if seconds < 3600 => format!("{}:{:02}", seconds / 60, seconds % 60),
        Some(seconds) => span(seconds),
    }
}

/// `40 s`, `12 min`, `2 h 5 min`, `3 days`.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 if (seconds / 60).is_multiple_of(60) => format!("{} h", seconds / 3600),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

impl Case {
    /// The command, quoted and shortened with a mark.
    pub fn command_line(&self, limit: usize) -> String {
        let words = self.asked.words();
        let words: Vec<&OsStr> = words.iter().map(|word| OsStr::from_bytes(&word.0)).collect();
        shorten(quote_line(&words), limit)
    }

    /// `production kubernetes`.
    pub fn target_line(&self, limit: usize) -> String {
        show_line(format!("{} {}", self.asked.target().class, self.asked.target().kind), limit)
    }
}

/// Safe text, cut with a mark.
pub fn shorten(text: String, limit: usize) -> String {
    let count = text.chars().count();
    if count <= limit {
        return text;
    }
    let mark = " \u{2026}";
    let kept: String = text.chars().take(limit.saturating_sub(mark.chars().count())).collect();
    format!("{kept}{mark}")
}

/// The list for programs. Foreign text stays as it was written: JSON escapes it.
pub fn as_json(ask: &Ask<'_>, cases: &[Case], now: u64) -> Value {
    let requests: Vec<Value> = cases.iter().map(|case| one(case, now)).collect();
    json!({ "v": 1, "team": ask.team, "you": ask.person, "requests": requests })
}

fn one(case: &Case, now: u64) -> Value {
    let asked = &case.asked;
    let standing = match &case.standing {
        Standing::Open { by, missing } => {
            json!({ "state": "pending", "approved_by": by, "missing": missing })
        }
        Standing::Approved(how) => json!({ "state": "approved", "how": how }),
        Standing::Over(how) => json!({ "state": "over", "how": how }),
    };
    let argv: Vec<String> =
        asked.words().iter().map(|word| String::from_utf8_lossy(&word.0).into_owned()).collect();
    json!({
        "id": asked.id(),
        "kind": asked.word(),
        "request": case.digest.to_string(),
        "genuine": case.genuine.is_ok(),
        "severity": case.severity().word(),
        "person": asked.person(),
        "host": asked.host(),
        "origin": asked.origin().map(|origin| origin.word()),
        "rule": asked.policy().rule,
        "target": { "kind": asked.target().kind, "class": asked.target().class },
        "argv": argv,
        "reason": asked.reason(),
        "asked_at": asked.iat(),
        "expires_at": asked.exp(),
        "seconds_left": asked.exp().saturating_sub(now),
        "number": case.wants_number(),
        "nobody_waits": case.unattended,
        "standing": standing,
        "your_approval": case.own.map(|_| case.own_answer().map_or("sent", |answered| answered.word())),
        "cannot_approve": case.obstacle(crate::statement::Surface::Native),
        "warnings": case.notes.iter().filter(|n| n.weight == super::Weight::Warning).map(|n| n.text.clone()).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{left, span};

    #[test]
    fn times_are_words() {
        assert_eq!(
            (left(100, 40), left(100, 100), left(99, 100)),
            ("1:00".into(), "over".into(), "over".into())
        );
        assert_eq!(left(4000, 0), "1 h 6 min");
        assert_eq!([59, 60, 3600, 90_000, 200_000].map(span), ["59 s", "1 min", "1 h", "1 day", "2 days"]);
    }
}
