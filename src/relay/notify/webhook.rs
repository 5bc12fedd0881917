//! A signed webhook for programs: JSON, with HMAC-SHA-256 over time and body. The receiver must be able to tell ours
//! from a stranger's, an old one sent again, and one sent twice.

use super::channel::{Delivered, Notice};
use super::http::Address;
use crate::keys::{Secret, keyed_hash};
use crate::relay::now;
use crate::text::show_line;
use serde_json::{Value, json};
use std::fmt::Write;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Webhook {
    pub address: Address,
    pub secret: Arc<Secret>,
}

/// Longest foreign value.
const WIDTH: usize = 200;

impl Webhook {
    pub async fn deliver(&self, notice: &Notice<'_>) -> Delivered {
        let body = content(notice).to_string();
        let time = now().to_string();
        let signature = format!("t={time},v1={}", self.sign(&time, &body));
        let headers = [("guard-signature", signature), ("guard-notification", notice.id.clone())];
        match notice.http.post(&self.address, &headers, body.into_bytes()).await {
            Ok(_) => Delivered::Sent { reference: Some("told".to_owned()) },
            Err(delivered) => delivered,
        }
    }

    /// Hexadecimal HMAC-SHA-256 of the time, a full stop and the body.
    fn sign(&self, time: &str, body: &str) -> String {
        let code = keyed_hash(&self.secret, &[time.as_bytes(), b".", body.as_bytes()]);
        code.iter().fold(String::new(), |mut text, byte| {
            // Writing into a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

fn content(notice: &Notice<'_>) -> Value {
    let (event, message) = (notice.event, notice.message);
    let header = &event.header;
    let show = |text: &str| show_line(text, WIDTH);
    json!({
        "v": 1,
        "id": notice.id,
        "event": event.kind.word(),
        "team": event.team,
        "request": message.request,
        "kind": header.kind,
        "title": message.title,
        "by": show(&event.by),
        "requester": show(&header.person),
        "severity": show(&header.severity),
        "rule": show(&header.rule),
        "target": show(&header.target),
        "host": show(&header.host),
        "origin": show(&header.origin),
        "expires": header.exp,
        "repeats": event.repeats,
        "over": message.over,
        "alarm": message.loud,
        "link": message.link,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha_256_of_time_and_body() {
        let webhook = Webhook {
            address: Address::parse("https://x.example/").expect("an address"),
            secret: Arc::new(Secret::from_bytes([7; 32])),
        };
        // python3 -c 'import hmac;print(hmac.new(b"\7"*32,b"1790000000.{}","sha256").hexdigest())'
        let expected = "8f315fe42524922e33a21cc3de7d94b336f7bd9d4e654c1f191578a1393cdf84";
        assert_eq!(webhook.sign("1790000000", "{}"), expected);
        assert!(!format!("{webhook:?}").contains("070707"));
    }
}
