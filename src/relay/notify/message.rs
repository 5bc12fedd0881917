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
    /// Name and value, in order; values are foreign text, made visible.
    pub facts: Vec<(&'static str, String)>,
    /// Where to look at it; nothing can be decided by following it alone.
    pub link: String,
    pub request: String,
    /// Nobody has to do anything any more.
    pub over: bool,
}

pub fn message(event: &Event, url: &str) -> Message {
    let header = &event.header;
    let request = digest_text(&event.rd);
    let who = show_line(&header.person, WIDTH);
    let by = show_line(&event.by, WIDTH);
    let title = match event.kind {
        EventKind::Opened => format!("{who} asks for approval"),
        EventKind::Denied => format!("{by} denied what {who} asked for"),
        EventKind::Reported => format!("{by} reported what {who} asked for"),
        EventKind::Cancelled => format!("{who} no longer asks"),
        EventKind::Expired => format!("what {who} asked for has expired"),
        EventKind::Done => format!("{who} ran what was approved"),
        EventKind::Breakglass => format!("{by} runs a command without approval (break-glass)"),
    };
    let mut facts = vec![
        ("severity", show_line(&header.severity, WIDTH)),
        ("rule", show_line(&header.rule, WIDTH)),
        ("target", show_line(&header.target, WIDTH)),
        ("host", show_line(&header.host, WIDTH)),
        ("started by", show_line(&header.origin, WIDTH)),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    if event.repeats > 0 {
        facts.push(("asked again", format!("{} times", event.repeats)));
    }
    let over = match event.kind {
        EventKind::Opened | EventKind::Breakglass => false,
        EventKind::Denied
        | EventKind::Reported
        | EventKind::Cancelled
        | EventKind::Expired
        | EventKind::Done => true,
    };
    Message { title, facts, link: format!("{url}/a/{request}"), request, over }
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
        assert!(message.facts.contains(&("asked again", "2 times".to_owned())));
        assert!(!message.over);
    }
}
