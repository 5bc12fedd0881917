//! Slack, by an incoming webhook or by a bot's token, with which a message is updated in place. Foreign text stands in
//! plain-text and rich-text elements only, which Slack does not read for mentions, links or marks.

use super::channel::{Delivered, Notice};
use super::hidden::Hidden;
use super::http::Address;
use super::message::Message;
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub enum Slack {
    /// Can only add messages.
    Webhook(Address),
    Bot {
        api: Address,
        token: Hidden,
        channel: String,
    },
}

/// What stands for a message that cannot be updated.
const ADDED: &str = "added";

impl Slack {
    pub async fn deliver(&self, notice: &Notice<'_>) -> Delivered {
        match self {
            Slack::Webhook(address) => {
                let body = content(notice.message).to_string().into_bytes();
                match notice.http.post(address, &[], body).await {
                    Ok(_) => Delivered::Sent { reference: Some(ADDED.to_owned()) },
                    Err(delivered) => delivered,
                }
            }
            Slack::Bot { api, token, channel } => {
                let bot = Bot { api, token, channel };
                // The reference: channel and time stamp, as Slack names messages.
                match notice.before.and_then(|before| before.split_once(' ')) {
                    Some(place) => bot.update(notice, place).await,
                    None => bot.add(notice).await,
                }
            }
        }
    }
}

struct Bot<'a> {
    api: &'a Address,
    token: &'a Hidden,
    channel: &'a str,
}

impl Bot<'_> {
    async fn add(&self, notice: &Notice<'_>) -> Delivered {
        let mut body = content(notice.message);
        body["channel"] = self.channel.into();
        match self.call(notice, "chat.postMessage", &body).await {
            Ok(answer) => Delivered::Sent { reference: reference(&answer) },
            Err(Trouble::Gone) => Delivered::Never { why: "does not take this message" },
            Err(Trouble::Other(delivered)) => delivered,
        }
    }

    async fn update(&self, notice: &Notice<'_>, (channel, ts): (&str, &str)) -> Delivered {
        let mut body = content(notice.message);
        body["channel"] = channel.into();
        body["ts"] = ts.into();
        match self.call(notice, "chat.update", &body).await {
            Ok(_) => Delivered::Sent { reference: Some(format!("{channel} {ts}")) },
            // Somebody removed it, or it is too old to change.
            Err(Trouble::Gone) => self.add(notice).await,
            Err(Trouble::Other(delivered)) => delivered,
        }
    }

    async fn call(&self, notice: &Notice<'_>, method: &str, body: &Value) -> Result<Value, Trouble> {
        let bearer = ("authorization", format!("Bearer {}", self.token.expose()));
        let sent = notice.http.post(&self.api.below(method), &[bearer], body.to_string().into_bytes()).await;
        let answer: Value = serde_json::from_slice(&sent.map_err(Trouble::Other)?).unwrap_or_default();
        if answer["ok"] == true {
            return Ok(answer);
        }
        Err(trouble(answer["error"].as_str().unwrap_or_default()))
    }
}

enum Trouble {
    /// The message that should be changed cannot be.
    Gone,
    Other(Delivered),
}

/// Slack answers errors with status 200. What an operator can mend waits.
fn trouble(error: &str) -> Trouble {
    let later = |why| Trouble::Other(Delivered::Later { why, after: None });
    match error {
        "message_not_found" | "cant_update_message" | "edit_window_closed" => Trouble::Gone,
        "invalid_blocks" | "invalid_blocks_format" | "msg_too_long" | "no_text" => {
            Trouble::Other(Delivered::Never { why: "does not take this message" })
        }
        "ratelimited" | "rate_limited" => later("takes no more messages now"),
        "channel_not_found" | "not_in_channel" | "is_archived" => later("the bot is not in that channel"),
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive"
        | "missing_scope" => later("does not accept the token, or it lacks chat:write"),
        _ => later("answers with an error of its own"),
    }
}

fn reference(answer: &Value) -> Option<String> {
    let (channel, ts) = (answer["channel"].as_str()?, answer["ts"].as_str()?);
    let plain = |text: &str| text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    (plain(channel) && plain(ts)).then(|| format!("{channel} {ts}"))
}

/// Slack reads these three itself, also in plain text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn content(message: &Message) -> Value {
    let mark = if message.loud { "🚨 " } else { "" };
    let title: String = format!("{mark}{}", message.title).chars().take(140).collect();
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": escaped(&title).chars().take(150).collect::<String>(), "emoji": false },
    })];
    let words = |text: String| json!({ "type": "text", "text": text });
    let struck = |text: String| json!({ "type": "text", "text": text, "style": { "strike": true } });
    let facts: Vec<String> = message.facts.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let mut elements = vec![words(format!("{}\n", message.advice))];
    elements.extend(facts.into_iter().map(|fact| if message.over { struck(fact) } else { words(fact) }));
    elements.push(json!({ "type": "link", "url": message.link, "text": "Look at it" }));
    blocks.push(json!({
        "type": "rich_text",
        "elements": [{ "type": "rich_text_section", "elements": elements }],
    }));
    json!({
        // What the phone shows; without marks, mentions or previews.
        "text": escaped(&title),
        "mrkdwn": false,
        "parse": "none",
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": blocks,
    })
}
