//! The ways out. Each takes an event and the reference of the message it sent about the same thread before, sends or
//! updates, and says how that went. It must escape foreign text for its medium.

use super::message::Message;
use crate::relay::store::Event;

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

/// One configured way to tell people.
#[derive(Clone, Debug)]
pub enum Channel {
    /// A line in the relay's own log.
    Log { name: String },
}

impl Channel {
    /// Reads `KIND:NAME`, as on the command line.
    pub fn parse(text: &str) -> Result<Channel, String> {
        let (kind, name) = text.split_once(':').unwrap_or((text, text));
        let plain = !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_graphic());
        match kind {
            "log" if plain => Ok(Channel::Log { name: name.to_owned() }),
            _ => Err("a channel is log:NAME".to_owned()),
        }
    }

    /// By which the outbox knows it; stable over restarts.
    pub fn name(&self) -> &str {
        match self {
            Channel::Log { name } => name,
        }
    }

    /// Sends what `event` says, or updates the message `before` that told about its thread.
    pub async fn deliver(&self, event: &Event, message: &Message, before: Option<&str>) -> Delivered {
        match self {
            Channel::Log { name } => {
                tracing::info!(
                    channel = name,
                    event = event.kind.word(),
                    request = message.request,
                    update = before.is_some(),
                    "notification"
                );
                Delivered::Sent { reference: Some(message.request.clone()) }
            }
        }
    }
}
