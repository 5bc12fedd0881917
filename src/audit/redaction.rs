//! Replaces secrets before anything is hashed or written: `‹redacted:kind:TAG›`, and a list of where.
//! Must never let a secret that was found in one field through in another.

use super::entry::{Redaction, Text};
use super::error::AuditError;
use super::keyfile;
use super::store::Store;
use crate::keys::{Secret, keyed_tag};
use crate::text::redact::{self, Span};
use zeroize::Zeroizing;

/// Shorter secrets are too common as words to be looked for in other fields.
const TELLING: usize = 8;

/// Redacts the fields of one entry.
pub struct Redactor<'a> {
    store: &'a Store,
    key: Option<Secret>,
    known: Vec<(&'static str, Zeroizing<Vec<u8>>)>,
    pub list: Vec<Redaction>,
}

impl<'a> Redactor<'a> {
    pub fn new(store: &'a Store) -> Redactor<'a> {
        Redactor { store, key: None, known: Vec::new(), list: Vec::new() }
    }

    /// A command line; `pointer` is the array's.
    pub fn words(&mut self, pointer: &str, tool: &str, words: &[&[u8]]) -> Result<Vec<Text>, AuditError> {
        let found = redact::secrets_in_command(tool, words);
        for (word, spans) in words.iter().zip(&found) {
            self.learn(word, spans);
        }
        let mut texts = Vec::with_capacity(words.len());
        for (i, (word, spans)) in words.iter().zip(found).enumerate() {
            texts.push(self.replace(&format!("{pointer}/{i}"), word, spans)?);
        }
        Ok(texts)
    }

    /// Running text: a path, a fact, a reason.
    pub fn text(&mut self, pointer: &str, bytes: &[u8]) -> Result<Text, AuditError> {
        let spans = redact::secrets_in_text(bytes);
        self.learn(bytes, &spans);
        self.replace(pointer, bytes, spans)
    }

    fn learn(&mut self, bytes: &[u8], spans: &[Span]) {
        for span in spans.iter().filter(|s| s.end - s.start >= TELLING) {
            self.known.push((span.kind, Zeroizing::new(bytes[span.start..span.end].to_vec())));
        }
    }

    fn replace(&mut self, pointer: &str, bytes: &[u8], mut spans: Vec<Span>) -> Result<Text, AuditError> {
        for (kind, secret) in &self.known {
            redact::add_known(bytes, secret, kind, &mut spans);
        }
        if spans.is_empty() {
            return Ok(Text::of(bytes));
        }
        let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
        for span in spans {
            let tag = keyed_tag(self.key()?, span.kind, &bytes[span.start..span.end]);
            out.extend_from_slice(&bytes[at..span.start]);
            out.extend_from_slice(format!("{}{}:{tag}›", redact::DONE, span.kind).as_bytes());
            at = span.end;
            self.list.push(Redaction { kind: span.kind, pointer: pointer.to_owned(), tag });
        }
        out.extend_from_slice(&bytes[at..]);
        Ok(Text::of(out))
    }

    fn key(&mut self) -> Result<&Secret, AuditError> {
        let key = match self.key.take() {
            Some(key) => key,
            None => keyfile::redact(self.store)?,
        };
        Ok(self.key.insert(key))
    }
}
