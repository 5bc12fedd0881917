//! The ways out. Each takes an event and the reference of the message it sent about the same thread before, sends or
//! updates, and says how that went. It must escape foreign text for its medium, and never carry a way to decide.

use super::email::Email;
use super::http::Http;
use super::message::Message;
use super::ntfy::Ntfy;
use super::slack::Slack;
use super::teams::Teams;
use super::webhook::Webhook;
use crate::relay::now;
use crate::relay::store::{Event, EventKind, Header};

/// How a delivery went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Delivered {
    /// With the medium's own name for the message, by which it can be updated later.
    Sent { reference: Option<String> },
    /// It may work later: after these seconds at the earliest, or as the worker thinks. The reason is for the log and
    /// holds no secrets and no foreign text.
    Later { why: &'static str, after: Option<u64> },
    /// It will never work.
    Never { why: &'static str },
}

/// How a channel reaches people.
#[derive(Clone, Debug)]
pub enum Way {
    /// A line in the relay's own log.
    Log,
    Slack(Slack),
    Teams(Teams),
    Webhook(Webhook),
    Ntfy(Ntfy),
    Email(Email),
}

/// One configured way to tell people.
#[derive(Clone, Debug)]
pub struct Channel {
    /// By which the outbox knows it; stable over restarts.
    pub name: String,
    pub way: Way,
    /// Only this team's events: another team's people must not read them.
    pub team: Option<String>,
    /// Whoever reads this channel alone: not asked to review what they asked for themselves.
    pub person: Option<String>,
    /// The least severity that is told, as in `Header::rank`.
    pub least: i32,
}

/// What a way needs to know of one notification.
pub struct Notice<'a> {
    pub event: &'a Event,
    pub message: &'a Message,
    /// The medium's own name for the message that told about this thread before.
    pub before: Option<&'a str>,
    /// The same for each try.
    pub id: String,
    pub http: &'a Http,
}

impl Channel {
    /// A line in the relay's own log.
    pub fn log(name: &str) -> Channel {
        Channel { name: name.to_owned(), way: Way::Log, team: None, person: None, least: 0 }
    }

    /// Whether this channel's people should hear of an event, given what they heard before.
    pub fn wants(&self, event: &Event, heard: bool) -> bool {
        let header = &event.header;
        if self.team.as_ref().is_some_and(|team| *team != event.team) {
            return false;
        }
        match event.kind {
            EventKind::Breakglass => true,
            EventKind::Opened => {
                let own = self.person.as_ref().is_some_and(|person| *person == header.person);
                header.rank() >= self.least && !own && header.exp >= now()
            }
            // One's own yes is none.
            EventKind::Approved | EventKind::Revoked => heard && event.by != header.person,
            // Nobody needs the end of what nobody was told about.
            EventKind::Denied | EventKind::Cancelled | EventKind::Expired | EventKind::Done => heard,
            EventKind::Reported => heard || header.rank() >= self.least,
        }
    }

    /// Sends what happened, or updates the message that told about its thread.
    pub async fn deliver(&self, notice: &Notice<'_>) -> Delivered {
        match &self.way {
            Way::Log => self.note(notice),
            Way::Slack(way) => way.deliver(notice).await,
            Way::Teams(way) => way.deliver(notice).await,
            Way::Webhook(way) => way.deliver(notice).await,
            Way::Ntfy(way) => way.deliver(notice).await,
            Way::Email(way) => way.deliver(notice).await,
        }
    }

    fn note(&self, notice: &Notice<'_>) -> Delivered {
        tracing::info!(
            channel = self.name,
            event = notice.event.kind.word(),
            request = notice.message.request,
            update = notice.before.is_some(),
            "notification"
        );
        Delivered::Sent { reference: Some(notice.message.request.clone()) }
    }
}

/// The rank of a severity's name.
pub fn rank(severity: &str) -> Option<i32> {
    let rank = Header { severity: severity.to_owned(), ..Header::default() }.rank();
    (rank > 0).then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: EventKind, by: &str) -> Event {
        let header =
            Header { person: "alice".into(), severity: "high".into(), exp: now() + 60, ..Header::default() };
        Event { team: "t".into(), rd: [1; 32], kind, header, repeats: 0, by: by.into() }
    }

    #[test]
    fn nobody_is_asked_to_review_their_own_request() {
        let alices = Channel { person: Some("alice".into()), ..Channel::log("x") };
        let bobs = Channel { person: Some("bob".into()), ..Channel::log("y") };
        let opened = event(EventKind::Opened, "alice");
        assert!(!alices.wants(&opened, false) && bobs.wants(&opened, false));
        assert!(alices.wants(&event(EventKind::Breakglass, "alice"), false), "an alarm is for everybody");
        assert!(!bobs.wants(&event(EventKind::Approved, "alice"), true), "one's own yes is none");
    }

    #[test]
    fn what_is_over_or_not_for_these_people_is_not_told() {
        let channel = Channel { team: Some("t".into()), least: 4, ..Channel::log("x") };
        assert!(!channel.wants(&event(EventKind::Opened, "alice"), false), "high is less than critical");
        assert!(!channel.wants(&event(EventKind::Denied, "bob"), false), "nobody was told that it began");
        assert!(channel.wants(&event(EventKind::Denied, "bob"), true));
        assert!(channel.wants(&event(EventKind::Breakglass, "alice"), false));
        let other = Channel { team: Some("u".into()), ..Channel::log("x") };
        assert!(!other.wants(&event(EventKind::Breakglass, "alice"), true), "another team's");
        let mut late = event(EventKind::Opened, "alice");
        late.header.exp = now() - 1;
        assert!(!Channel::log("x").wants(&late, false), "nobody can approve it any more");
    }
}
