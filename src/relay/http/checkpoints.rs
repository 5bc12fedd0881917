//! The relay as a witness of audit logs: it signs the newest head it saw, and never one that went back
//! (C2SP tlog-cosignature v1). The time in a cosignature is the relay's clock.

use super::answer::{json, quoted};
use super::app::App;
use super::body;
use super::problem::Problem;
use super::requests::{keep, refusal};
use crate::keys::{PublicKey, SigningKey, encode, sha256};
use crate::relay::limits::Counted;
use crate::relay::mail::Content;
use crate::relay::now;
use crate::relay::store::{Effect, Kept};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;

/// Ed25519 cosignature in a C2SP signed note.
const COSIGNATURE: u8 = 0x04;

pub async fn witness(
    State(app): State<Arc<App>>,
    Path(team): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let caller = app.caller(&headers, &team, Counted::Decisions).await?;
    let bytes = body::read(&app, &headers, body, body::LARGEST).await?;
    let letter = caller.roster.open(&bytes, now())?;
    let Content::Checkpoint { origin, size, root } = letter.content.clone() else {
        return Err(Problem::new(422, "wrong-place", "this is no checkpoint", "send checkpoints here"));
    };
    let effect = Effect::Checkpoint { origin: origin.clone(), size, root };
    let (kept, _) = keep(&app, &team, letter, effect).await?;
    let (status, seq) = match kept {
        Kept::New { seq } => (StatusCode::CREATED, seq),
        Kept::Known { seq } => (StatusCode::OK, seq),
        Kept::Refused(refused) => return Err(refusal(&refused)),
    };
    let signed = app.witness.as_ref().map(|(name, key)| cosign(name, key, &note(&origin, size, root), now()));
    let cosignature = signed.map_or("null".to_owned(), |line| quoted(&line));
    Ok(json(status, format!("{{\"seq\":{seq},\"cosignature\":{cosignature}}}")))
}

/// The body of a C2SP checkpoint.
fn note(origin: &str, size: i64, root: [u8; 32]) -> String {
    format!("{origin}\n{size}\n{}\n", encode(&root))
}

/// One signature line for a note.
pub fn cosign(name: &str, key: &SigningKey, note: &str, now: i64) -> String {
    let signature = key.sign(format!("cosignature/v1\ntime {now}\n{note}").as_bytes());
    let id = key_id(name, key.public());
    let time = now.unsigned_abs().to_be_bytes();
    format!("\u{2014} {name} {}\n", encode(&[&id[..], &time, &signature].concat()))
}

fn key_id(name: &str, key: PublicKey) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[COSIGNATURE], &key.0]);
    [hash[0], hash[1], hash[2], hash[3]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Secret, decode_bytes};

    #[test]
    fn a_cosignature_is_the_time_and_a_signature_over_it() {
        let key = SigningKey::new(&Secret::from_bytes([3; 32]));
        let note = note("guard.local/a/0", 7, [9; 32]);
        let line = cosign("relay.example", &key, &note, 1_790_000_000);
        let bytes = decode_bytes(line.trim_end().rsplit(' ').next().expect("three words")).expect("base64");
        assert_eq!(bytes.len(), 4 + 8 + 64);
        assert_eq!(bytes[4..12], 1_790_000_000_u64.to_be_bytes());
        let message = format!("cosignature/v1\ntime 1790000000\n{note}");
        assert!(key.public().verify(message.as_bytes(), bytes[12..].try_into().expect("64 bytes")));
    }
}
