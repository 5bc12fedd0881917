//! What a message says, before it is dressed for a medium: a title, a few facts, a link. Foreign text is made
//! visible and cut with a mark; the command itself is never in it.

use crate::relay::mail::digest_text;
use crate::relay::store::{Event, EventKind};
use crate::text::show_line;

/// Longest foreign value in a message.
const WIDTH: usize = 80;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub title: String,
    /// What follows from it for whoever reads; fixed words but for names.
    pub advice: String,
    /// Name and value, in order; values are foreign text, made visible.
    pub facts: Vec<(&'static str, String)>,
    /// Where to look at it; nothing can be decided by following it alone.
    pub link: String,
    pub request: String,
    /// Nobody has to do anything any more.
    pub over: bool,
    /// Everybody should look now.
    pub loud: bool,
}

impl Message {
    /// Title, advice and facts as lines.
    pub fn lines(&self) -> Vec<String> {
        let facts = self.facts.iter().map(|(name, value)| format!("{name}: {value}"));
        std::iter::once(self.advice.clone()).chain(facts).collect()
    }
}

pub fn message(event: &Event, url: &str) -> Message {
    let header = &event.header;
    let request = digest_text(&event.rd);
    let who = show_line(&header.person, WIDTH);
    let by = show_line(&event.by, WIDTH);
    let (over, loud) = weight(event.kind);
    Message {
        title: title(event.kind, &who, &by, header.kind == "ticket"),
        advice: advice(event.kind, &who),
        facts: facts(event),
        link: format!("{url}/a/{request}"),
        request,
        over,
        loud,
    }
}

fn title(kind: EventKind, who: &str, by: &str, ticket: bool) -> String {
    match kind {
        EventKind::Opened if ticket => format!("{who} asks for approval of a ticket"),
        EventKind::Opened => format!("{who} asks for approval"),
        EventKind::Approved => format!("{by} approved what {who} asked for"),
        EventKind::Revoked => format!("{by} took back the approval of what {who} asked for"),
        EventKind::Denied => format!("{by} denied what {who} asked for"),
        EventKind::Reported => format!("REPORTED: {by} reported what {who} asked for"),
        EventKind::Cancelled => format!("{who} no longer asks"),
        EventKind::Expired => format!("what {who} asked for has expired"),
        EventKind::Done => format!("{who} ran what was approved"),
        EventKind::Breakglass => format!("BREAK-GLASS: {by} runs a command without approval"),
    }
}

fn advice(kind: EventKind, who: &str) -> String {
    match kind {
        EventKind::Opened | EventKind::Revoked => {
            format!("Waits for a teammate of {who}. Look at it with guard inbox; nothing is decided here.")
        }
        EventKind::Approved => format!("Whether that is enough is worked out by the guard of {who}."),
        EventKind::Denied | EventKind::Cancelled | EventKind::Expired | EventKind::Done => {
            "Nothing is left to do.".to_owned()
        }
        EventKind::Reported => format!("Ask {who} on another way; no requests are taken meanwhile."),
        EventKind::Breakglass => format!("Ask {who} what happens, and review it with guard inbox."),
    }
}

/// Whether it is over, and whether everybody should look now.
fn weight(kind: EventKind) -> (bool, bool) {
    match kind {
        EventKind::Opened | EventKind::Approved | EventKind::Revoked => (false, false),
        EventKind::Denied | EventKind::Cancelled | EventKind::Expired | EventKind::Done => (true, false),
        EventKind::Reported => (true, true),
        EventKind::Breakglass => (false, true),
    }
}

fn facts(event: &Event) -> Vec<(&'static str, String)> {
    let header = &event.header;
    let breakglass = event.kind == EventKind::Breakglass;
    let mut facts = vec![
        ("severity", show_line(&header.severity, WIDTH)),
        ("requester", show_line(&header.person, WIDTH)),
        ("target", show_line(&header.target, WIDTH)),
        ("rule", show_line(&header.rule, WIDTH)),
        ("host", show_line(&header.host, WIDTH)),
        ("started by", show_line(&header.origin, WIDTH)),
        (if breakglass { "review by" } else { "expires" }, utc(header.exp)),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    if event.repeats > 0 {
        facts.push(("asked again", format!("{} times", event.repeats)));
    }
    facts
}

/// `2026-11-22 21:04 UTC`; empty for no time.
fn utc(seconds: i64) -> String {
    if seconds <= 0 || seconds > 253_402_300_799 {
        return String::new();
    }
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March, so that the leap day is the last one.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3_600, rest / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::store::Header;

    #[test]
    fn foreign_text_is_visible_and_cut() {
        let header = Header {
            person: "alice".into(),
            rule: "k8s\u{202e}evil".into(),
            target: "x".repeat(500),
            ..Header::default()
        };
        let event = Event {
            team: "t".into(),
            rd: [1; 32],
            kind: EventKind::Opened,
            header,
            repeats: 2,
            by: "alice".into(),
        };
        let message = message(&event, "https://relay.example");
        assert_eq!(message.title, "alice asks for approval");
        assert!(message.facts.contains(&("rule", "k8s\\u{202e}evil".to_owned())), "{message:?}");
        assert!(message.facts.iter().all(|(_, value)| value.chars().count() <= 120), "{message:?}");
        let target = message.facts.iter().find(|(name, _)| *name == "target").expect("a target");
        assert!(target.1.ends_with("more)"), "marked as cut: {target:?}");
        assert!(message.facts.contains(&("asked again", "2 times".to_owned())));
        assert!(!message.over && !message.loud);
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(utc(1_790_000_000), "2026-09-21 14:13 UTC");
        assert_eq!(utc(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(utc(1_704_067_199), "2023-12-31 23:59 UTC");
        assert_eq!((utc(0), utc(i64::MAX)), (String::new(), String::new()));
    }
}
