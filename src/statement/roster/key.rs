//! A key of the roster, ready to check signatures. Must never check by another algorithm than its own.

use super::shape::{KeyKind, KeyLine, MinFlags, Use};
use crate::keys::{BadSignature, Flags, PasskeyPublic, SshPublicKey, decode_url};

/// A person's key.
#[derive(Clone, Debug)]
pub struct Key {
    pub(super) kid: String,
    pub(super) material: Material,
    pub(super) uses: Vec<Use>,
    min_flags: MinFlags,
    nbf: u64,
    exp: u64,
}

/// The public part.
#[derive(Clone, Debug)]
pub enum Material {
    Ssh(SshPublicKey),
    Passkey {
        public: PasskeyPublic,
        credential: Vec<u8>,
        rp: String,
        origins: Vec<String>,
    },
    /// An age recipient; signs nothing.
    Age(String),
}

/// Why a key line is no key, in words that finish `key X: `.
pub(super) type KeyTrouble = String;

impl Key {
    pub(super) fn read(line: &KeyLine) -> Result<Key, KeyTrouble> {
        let material = material(line)?;
        let signs = line.uses.iter().any(|u| *u != Use::Decrypt);
        let is_age = matches!(material, Material::Age(_));
        if line.uses.is_empty() || signs == is_age || signs && line.uses.contains(&Use::Decrypt) {
            return Err("its use does not fit its type".to_owned());
        }
        let own_least = match &material {
            Material::Ssh(key) if key.is_hardware() => MinFlags::Up,
            Material::Ssh(_) | Material::Age(_) => MinFlags::None,
            Material::Passkey { .. } => MinFlags::Uv,
        };
        let min_flags = line.min_flags.unwrap_or(own_least);
        let (nbf, exp) = (line.nbf.unwrap_or(0), line.exp.unwrap_or(u64::MAX));
        if nbf >= exp {
            return Err("it ends before it begins".to_owned());
        }
        Ok(Key { kid: line.kid.clone(), material, uses: line.uses.clone(), min_flags, nbf, exp })
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn material(&self) -> &Material {
        &self.material
    }

    pub fn may(&self, wanted: Use) -> bool {
        self.uses.contains(&wanted)
    }

    /// The moment from which it does not count any more, if there is one.
    pub fn ends(&self) -> Option<u64> {
        (self.exp != u64::MAX).then_some(self.exp)
    }

    pub fn begun(&self, at: u64) -> bool {
        at >= self.nbf
    }

    pub fn over(&self, at: u64) -> bool {
        at >= self.exp
    }

    /// Whether it can ever show user verification.
    pub fn can_verify_user(&self) -> bool {
        match &self.material {
            Material::Ssh(key) => key.is_hardware(),
            Material::Passkey { .. } => true,
            Material::Age(_) => false,
        }
    }

    /// What is missing in a signature's flags for this key.
    pub fn lacks(&self, flags: Flags) -> Option<MinFlags> {
        let enough = match self.min_flags {
            MinFlags::None => true,
            MinFlags::Up => flags.user_present,
            MinFlags::Uv => flags.user_present && flags.user_verified,
        };
        (!enough).then_some(self.min_flags)
    }

    /// An SSH key's signature.
    pub fn verify_ssh(&self, namespace: &str, message: &[u8], blob: &[u8]) -> Result<Flags, BadSignature> {
        match &self.material {
            Material::Ssh(key) => crate::keys::verify_sshsig(key, namespace, message, blob),
            Material::Passkey { .. } | Material::Age(_) => Err(BadSignature::OtherKey),
        }
    }
}

fn material(line: &KeyLine) -> Result<Material, KeyTrouble> {
    match line.kind {
        KeyKind::Ssh => {
            let text = line.public.as_deref().ok_or("it has no `pub`")?;
            let key = SshPublicKey::from_line(text).map_err(|e| e.to_string())?;
            let plain = line.cose.is_none() && line.rp.is_none() && line.origins.is_empty();
            if key.to_line() != text || !plain || line.credential.is_some() {
                return Err("`pub` is the type and the key, without a comment, and nothing else".to_owned());
            }
            same_kid(line, &key.fingerprint())?;
            Ok(Material::Ssh(key))
        }
        KeyKind::Webauthn => passkey(line),
        KeyKind::Age => {
            let plain = line.public.is_none() && line.cose.is_none() && line.min_flags.is_none();
            let word = line.kid.strip_prefix("age1").is_some_and(|rest| {
                rest.len() <= 120 && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            });
            if word && plain {
                Ok(Material::Age(line.kid.clone()))
            } else {
                Err("an age key is its recipient alone, age1…, as `kid`".to_owned())
            }
        }
    }
}

fn passkey(line: &KeyLine) -> Result<Material, KeyTrouble> {
    let part = |text: &Option<String>| text.as_deref().and_then(decode_url);
    let cose = part(&line.cose).ok_or("it has no `cose`")?;
    let public = PasskeyPublic::from_cose(&cose).ok_or("`cose` is no P-256 key")?;
    let credential = part(&line.credential).ok_or("it has no `credential`")?;
    let rp = line.rp.clone().filter(|rp| !rp.is_empty()).ok_or("it has no `rp`")?;
    let secure = |o: &String| o.starts_with("https://") || is_local(o);
    if line.origins.is_empty() || !line.origins.iter().all(secure) || line.public.is_some() {
        return Err("`origins` are the https addresses of the page".to_owned());
    }
    same_kid(line, &public.kid())?;
    Ok(Material::Passkey { public, credential, rp, origins: line.origins.clone() })
}

/// `http://localhost`, with a port or without: a page that the person's own machine serves.
pub fn is_local(origin: &str) -> bool {
    let port = |p: &str| !p.is_empty() && p.len() <= 5 && p.bytes().all(|b| b.is_ascii_digit());
    match origin.strip_prefix("http://localhost") {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(port),
        None => false,
    }
}

fn same_kid(line: &KeyLine, kid: &str) -> Result<(), KeyTrouble> {
    if line.kid == kid { Ok(()) } else { Err(format!("its `kid` must be {kid}")) }
}
