//! ntfy: pushes to phones. Whoever knows a topic's name can read it, so there is a `view` action only: an action
//! that decides would hand the decision to every reader.

use super::channel::{Delivered, Notice};
use super::hidden::Hidden;
use super::http::Address;
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Ntfy {
    pub server: Address,
    pub topic: Hidden,
    pub token: Option<Hidden>,
}

impl Ntfy {
    pub async fn deliver(&self, notice: &Notice<'_>) -> Delivered {
        let bearer = |token: &Hidden| ("authorization", format!("Bearer {}", token.expose()));
        let headers: Vec<_> = self.token.iter().map(bearer).collect();
        let body = self.content(notice).to_string().into_bytes();
        match notice.http.post(&self.server, &headers, body).await {
            Ok(answer) => Delivered::Sent { reference: Some(self.reference(notice, &answer)) },
            Err(delivered) => delivered,
        }
    }

    /// The first message's own name, by which servers from 2.16 on replace it; older ones add a message.
    fn reference(&self, notice: &Notice<'_>, answer: &[u8]) -> String {
        let fresh = || {
            let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
            let id = answer["id"].as_str().unwrap_or_default();
            let plain = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
            if plain { id.to_owned() } else { ADDED.to_owned() }
        };
        notice.before.map_or_else(fresh, str::to_owned)
    }

    fn content(&self, notice: &Notice<'_>) -> Value {
        let message = notice.message;
        let priority = if message.loud {
            5
        } else if message.over {
            2
        } else {
            3
        };
        let mut content = json!({
            "topic": self.topic.expose(),
            "title": message.title,
            "message": message.lines().join("\n"),
            "priority": priority,
            "markdown": false,
            "actions": [{ "action": "view", "label": "Look at it", "url": message.link }],
        });
        if message.loud {
            content["tags"] = json!(["rotating_light"]);
        }
        if let Some(before) = notice.before.filter(|before| *before != ADDED) {
            content["sequence_id"] = before.into();
        }
        content
    }
}

/// What stands for a message whose name the server did not say.
const ADDED: &str = "+";
