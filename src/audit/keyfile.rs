//! The log's own key files: `guard-epoch-key/v1 <epoch> <base64>` and `guard-redact-key/v1 <base64>`; one line
//! each, mode 0600. The identity that signs the first entry is `keys::identity`'s.

use super::error::AuditError;
use super::store::Store;
use crate::keys::private::{Privacy, read_small, replace};
use crate::keys::{Secret, SigningKey};
use crate::sys::memory;
use zeroize::Zeroizing;

pub const EPOCH: &str = "epoch.key";
const REDACT: &str = "redact.key";
const EPOCH_FORM: &str = "guard-epoch-key/v1";
const REDACT_FORM: &str = "guard-redact-key/v1";

/// The key that signs entries now, and the number of its epoch.
pub fn epoch(store: &Store) -> Result<(u64, SigningKey), AuditError> {
    let text = secret_text(store, EPOCH)?
        .ok_or_else(|| AuditError::KeyMissing { path: store.keys.path().join(EPOCH) })?;
    let parsed = (|| {
        let (number, secret) = text.strip_prefix(EPOCH_FORM)?.strip_prefix(' ')?.split_once(' ')?;
        Some((number.parse().ok()?, SigningKey::new(&Secret::from_text(secret)?)))
    })();
    parsed.ok_or_else(|| AuditError::KeyDamaged { path: store.keys.path().join(EPOCH) })
}

/// The key of redaction tags; made when there is none, so that tags never wait for a set-up.
pub fn redact(store: &Store) -> Result<Secret, AuditError> {
    let Some(text) = secret_text(store, REDACT)? else { return make_redact(store) };
    let secret = text.strip_prefix(REDACT_FORM).and_then(|t| t.strip_prefix(' ')).and_then(Secret::from_text);
    secret.ok_or_else(|| AuditError::KeyDamaged { path: store.keys.path().join(REDACT) })
}

fn make_redact(store: &Store) -> Result<Secret, AuditError> {
    let _held = store.lock()?;
    if secret_text(store, REDACT)?.is_none() {
        let secret = new_secret()?;
        write(store, REDACT, &format!("{REDACT_FORM} "), &secret)?;
        return Ok(secret);
    }
    redact(store)
}

/// A new epoch 0, on disk.
pub fn begin_epoch(store: &Store) -> Result<SigningKey, AuditError> {
    let secret = new_secret()?;
    write(store, EPOCH, &format!("{EPOCH_FORM} 0 "), &secret)?;
    Ok(SigningKey::new(&secret))
}

pub fn new_secret() -> Result<Secret, AuditError> {
    memory::forbid_dumps();
    Secret::random().map_err(|_| AuditError::NoRandomness)
}

fn write(store: &Store, name: &str, form: &str, secret: &Secret) -> Result<(), AuditError> {
    let text = secret.to_text();
    // Room for all of it: a growing buffer would leave a copy of the secret behind.
    let mut line = Zeroizing::new(Vec::with_capacity(form.len() + text.len() + 1));
    line.extend_from_slice(form.as_bytes());
    line.extend_from_slice(text.as_bytes());
    line.push(b'\n');
    Ok(replace(&store.keys, name, &line)?)
}

fn secret_text(store: &Store, name: &str) -> Result<Option<Zeroizing<String>>, AuditError> {
    memory::forbid_dumps();
    let Some(bytes) = read_small(&store.keys, name, Privacy::Secret)? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).ok().and_then(|t| t.strip_suffix('\n'));
    let text = text.ok_or_else(|| AuditError::KeyDamaged { path: store.keys.path().join(name) })?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}
