//! Microsoft Teams, by the webhook of a workflow. It takes cards and gives nothing back, so an end is a card of its
//! own. Foreign text stands in text runs only, in which Teams reads no Markdown.

use super::channel::{Delivered, Notice};
use super::http::Address;
use super::message::Message;
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Teams {
    pub webhook: Address,
}

impl Teams {
    pub async fn deliver(&self, notice: &Notice<'_>) -> Delivered {
        let body = card(notice.message).to_string().into_bytes();
        match notice.http.post(&self.webhook, &[], body).await {
            Ok(_) => Delivered::Sent { reference: Some("added".to_owned()) },
            Err(delivered) => delivered,
        }
    }
}

/// Cards read `{{DATE(…)}}` and `${…}`, wherever they stand.
fn plain(text: &str) -> String {
    text.replace("{{", "{ {").replace("${", "$ {")
}

fn run(text: &str) -> Value {
    json!({ "type": "TextRun", "text": plain(text) })
}

fn block(inlines: Vec<Value>) -> Value {
    json!({ "type": "RichTextBlock", "inlines": inlines })
}

fn card(message: &Message) -> Value {
    let mut title = run(&message.title);
    title["weight"] = "Bolder".into();
    title["size"] = "Large".into();
    if message.loud {
        title["color"] = "Attention".into();
    }
    let mut body = vec![block(vec![title]), block(vec![run(&message.advice)])];
    body.extend(message.facts.iter().map(|(name, value)| {
        let mut name = run(&format!("{name}: "));
        name["weight"] = "Bolder".into();
        let mut value = run(value);
        if message.over {
            value["strikethrough"] = true.into();
        }
        block(vec![name, value])
    }));
    let content = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{ "type": "Action.OpenUrl", "title": "Look at it", "url": message.link }],
    });
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": content,
        }],
    })
}
