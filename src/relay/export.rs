//! A team's statements for an auditor: JSON lines, and a signed note (C2SP) with their number and digest. The
//! signature says what this relay held; each statement still proves itself by its own.

use super::http::entry_lines;
use super::store::{Store, StoreError};
use crate::keys::{Digest, PublicKey, Sha256, SigningKey, encode, sha256};
use std::io::Write;

/// Ed25519 in a C2SP signed note.
const ED25519: u8 = 0x01;

/// What was written.
pub struct Written {
    pub count: u64,
    pub first: i64,
    pub last: i64,
    pub digest: Digest,
}

pub async fn write(store: &Store, team: &str, out: &mut impl Write) -> Result<Written, StoreError> {
    let mut written = Written { count: 0, first: 0, last: 0, digest: Digest::default() };
    let mut hash = Sha256::default();
    loop {
        let page = store.page(team, written.last).await?;
        let Some(last) = page.last() else { break };
        written.first = if written.count == 0 { page[0].seq } else { written.first };
        written.last = last.seq;
        written.count += page.len() as u64;
        let text = entry_lines(&page);
        hash.update(text.as_bytes());
        out.write_all(text.as_bytes()).map_err(|e| StoreError::File(e.to_string()))?;
    }
    out.flush().map_err(|e| StoreError::File(e.to_string()))?;
    written.digest = hash.finish();
    Ok(written)
}

/// The note: form, team, number, first and last sequence number, SHA-256 of the file; then the signature.
pub fn note(team: &str, written: &Written, name: &str, key: &SigningKey) -> String {
    let body = format!(
        "guard-relay-export/v1\n{team}\n{} {} {}\n{}\n",
        written.count,
        written.first,
        written.last,
        encode(&written.digest)
    );
    let signature = key.sign(body.as_bytes());
    let line = encode(&[&key_id(name, key.public())[..], &signature].concat());
    format!("{body}\n\u{2014} {name} {line}\n")
}

fn key_id(name: &str, key: PublicKey) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n", &[ED25519], &key.0]);
    [hash[0], hash[1], hash[2], hash[3]]
}
