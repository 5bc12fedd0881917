//! What the relay must know of a statement to file it: who signed it, what it is about, what a listing shows. The
//! narrow door to the statement room; it must never judge whether an approval counts.

use super::store::{Header, State};
use crate::keys::{SshPublicKey, decode_bytes, encode, sha256, verify_sshsig};
use serde_json::Value;

/// Why a body is no statement of this team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    Envelope,
    Payload(&'static str),
    UnknownKind,
    UnknownKey,
    Signature,
    OtherTeam,
    /// Its person or key is not the signer's.
    Disagrees,
    Roster(&'static str),
}

impl Malformed {
    pub fn words(&self) -> String {
        match self {
            Malformed::Envelope => "the body is no DSSE envelope with one signature".into(),
            Malformed::Payload(what) => format!("the payload has no proper {what}"),
            Malformed::UnknownKind => "the payload type is not known here".into(),
            Malformed::UnknownKey => "the key is not in the team's roster, or no longer valid".into(),
            Malformed::Signature => "the signature does not fit".into(),
            Malformed::OtherTeam => "the statement is for another team".into(),
            Malformed::Disagrees => "the statement names another person or key than the one that signed it".into(),
            Malformed::Roster(what) => format!("the roster {what}"),
        }
    }
}

/// A statement whose signature was checked.
#[derive(Clone, Debug)]
pub struct Letter {
    pub kind: &'static str,
    pub kid: String,
    pub person: String,
    /// The request it is about; its own digest for a request.
    pub rd: [u8; 32],
    pub digest: [u8; 32],
    /// The envelope in one spelling: what was not signed cannot make two of one statement.
    pub envelope: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Request { header: Header, shape: [u8; 32] },
    /// `end` when it ends a request; `report` when it says the request is suspicious.
    Approval { end: Option<State>, report: bool },
    Cancel,
    Claim { nonce: String },
    Receipt,
    Ticket,
    Breakglass { header: Header },
    Review,
    Checkpoint { origin: String, size: i64, root: [u8; 32] },
}

const KINDS: &[&str] =
    &["request", "approval", "cancel", "claim", "receipt", "ticket", "breakglass", "review", "checkpoint"];

/// Pre-authentication encoding (DSSE v1.0.2).
fn pae(kind: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

struct Raw {
    kind: String,
    payload: Vec<u8>,
    signatures: Vec<(String, Vec<u8>)>,
}

impl Raw {
    fn parse(bytes: &[u8]) -> Option<Raw> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let signatures = value.get("signatures")?.as_array()?.iter().map(|s| {
            Some((s.get("keyid")?.as_str()?.to_owned(), decode_bytes(s.get("sig")?.as_str()?)?))
        });
        let kind = value.get("payloadType")?.as_str()?;
        let kind = kind.strip_prefix("application/vnd.guard.")?.strip_suffix(".v1+json")?;
        Some(Raw {
            kind: kind.to_owned(),
            payload: decode_bytes(value.get("payload")?.as_str()?)?,
            signatures: signatures.collect::<Option<_>>()?,
        })
    }

    fn payload_type(&self) -> String {
        format!("application/vnd.guard.{}.v1+json", self.kind)
    }

    fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type(), &self.payload)
    }

    fn text(&self) -> String {
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|(kid, sig)| serde_json::json!({ "keyid": kid, "sig": encode(sig) }))
            .collect();
        serde_json::json!({
            "payload": encode(&self.payload), "payloadType": self.payload_type(), "signatures": signatures,
        })
        .to_string()
    }
}

/// The members of a team, as its newest roster here says.
#[derive(Clone, Debug)]
pub struct Roster {
    pub team: String,
    pub version: i64,
    pub digest: [u8; 32],
    pub exp: i64,
    pub envelope: String,
    threshold: u64,
    admins: Vec<String>,
    members: Vec<(String, String, SshPublicKey)>,
}

impl Roster {
    /// Reads a roster file; its signatures are not looked at.
    pub fn parse(bytes: &[u8]) -> Result<Roster, Malformed> {
        let raw = Raw::parse(bytes).filter(|raw| raw.kind == "roster").ok_or(Malformed::Envelope)?;
        let value: Value = serde_json::from_slice(&raw.payload).map_err(|_| Malformed::Payload("JSON"))?;
        let read = || {
            let mut members = Vec::new();
            for person in value.get("persons")?.as_array()? {
                let id = person.get("id")?.as_str()?;
                for key in person.get("keys")?.as_array()? {
                    if key.get("type")?.as_str()? == "ssh" {
                        let public = SshPublicKey::from_line(key.get("pub")?.as_str()?).ok()?;
                        members.push((key.get("kid")?.as_str()?.to_owned(), id.to_owned(), public));
                    }
                }
            }
            let admins = value.get("admins")?;
            let names = admins.get("persons")?.as_array()?.iter().map(|p| p.as_str().map(str::to_owned));
            Some(Roster {
                team: value.get("team")?.as_str()?.to_owned(),
                version: value.get("version")?.as_i64()?,
                digest: sha256(&[&raw.pae()]),
                exp: value.get("exp")?.as_i64()?,
                envelope: raw.text(),
                threshold: admins.get("threshold")?.as_u64()?,
                admins: names.collect::<Option<_>>()?,
                members,
            })
        };
        read().ok_or(Malformed::Payload("fields"))
    }

    /// Reads the version that follows this one, signed by enough of this one's admins and of its own.
    pub fn next(&self, bytes: &[u8]) -> Result<Roster, Malformed> {
        let next = Roster::parse(bytes)?;
        if next.team != self.team {
            return Err(Malformed::OtherTeam);
        }
        if next.version != self.version + 1 {
            return Err(Malformed::Roster("is not the next version"));
        }
        let raw = Raw::parse(bytes).ok_or(Malformed::Envelope)?;
        let pae = raw.pae();
        let signed = |roster: &Roster| {
            let mut people: Vec<&str> = Vec::new();
            for (kid, signature) in &raw.signatures {
                let member = roster.members.iter().find(|(k, _, _)| k == kid);
                let Some((_, person, key)) = member else { continue };
                let namespace = format!("guard-roster-v1@{}", roster.team);
                let admin = roster.admins.contains(person) && !people.contains(&person.as_str());
                if admin && verify_sshsig(key, &namespace, &pae, signature).is_ok() {
                    people.push(person);
                }
            }
            people.len() as u64 >= roster.threshold.max(1)
        };
        if signed(self) && signed(&next) { Ok(next) } else { Err(Malformed::Roster("is not signed by enough admins")) }
    }

    /// Whose key this is at `now`; `None` when it is unknown, expired or revoked.
    pub fn person(&self, kid: &str, _now: i64) -> Option<&str> {
        self.members.iter().find(|(k, _, _)| k == kid).map(|(_, person, _)| person.as_str())
    }

    pub fn is_admin(&self, person: &str) -> bool {
        self.admins.iter().any(|a| a == person)
    }

    /// Whether `kid` signed the challenge.
    pub fn signed_challenge(&self, kid: &str, challenge: &[u8], signature: &[u8]) -> bool {
        let namespace = format!("guard-relay-v1@{}", self.team);
        self.members
            .iter()
            .find(|(k, _, _)| k == kid)
            .is_some_and(|(_, _, key)| verify_sshsig(key, &namespace, challenge, signature).is_ok())
    }

    /// Opens a statement: envelope, signature, then the payload.
    pub fn open(&self, bytes: &[u8], now: i64) -> Result<Letter, Malformed> {
        let raw = Raw::parse(bytes).ok_or(Malformed::Envelope)?;
        let [(kid, signature)] = raw.signatures.as_slice() else { return Err(Malformed::Envelope) };
        let kind = KINDS.iter().find(|k| **k == raw.kind).ok_or(Malformed::UnknownKind)?;
        let person = self.person(kid, now).ok_or(Malformed::UnknownKey)?.to_owned();
        let pae = raw.pae();
        let namespace = format!("guard-{kind}-v1@{}", self.team);
        let (_, _, key) = self.members.iter().find(|(k, _, _)| k == kid).ok_or(Malformed::UnknownKey)?;
        verify_sshsig(key, &namespace, &pae, signature).map_err(|_| Malformed::Signature)?;
        let value: Value = serde_json::from_slice(&raw.payload).map_err(|_| Malformed::Payload("JSON"))?;
        let digest = sha256(&[&pae]);
        let (content, about) = content(kind, &value, digest)?;
        if value.get("person").and_then(Value::as_str).is_some_and(|p| p != person) {
            return Err(Malformed::Disagrees);
        }
        Ok(Letter {
            kind,
            kid: kid.clone(),
            person,
            rd: about.unwrap_or(digest),
            digest: sha256(&[&digest, kid.as_bytes()]),
            envelope: raw.text(),
            content,
        })
    }
}

fn content(kind: &str, value: &Value, digest: [u8; 32]) -> Result<(Content, Option<[u8; 32]>), Malformed> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let about = value.get("request").and_then(Value::as_str).and_then(parse_digest);
    let must = about.ok_or(Malformed::Payload("request"));
    Ok(match kind {
        "request" => {
            let header = header(value)?;
            let shape = sha256(&[text("/requester/person").as_bytes(), value["exec"].to_string().as_bytes()]);
            (Content::Request { header, shape }, Some(digest))
        }
        "approval" => {
            let (end, report) = match text("/decision").as_str() {
                "deny" => (Some(State::Denied), false),
                "report" => (Some(State::Denied), true),
                "approve" | "revoke" | "viewing" => (None, false),
                _ => return Err(Malformed::Payload("decision")),
            };
            (Content::Approval { end, report }, Some(must?))
        }
        "cancel" => (Content::Cancel, Some(must?)),
        "claim" => (Content::Claim { nonce: text("/nonce") }, Some(must?)),
        "receipt" => (Content::Receipt, Some(must?)),
        "ticket" => (Content::Ticket, None),
        "breakglass" => (Content::Breakglass { header: header(value)? }, about),
        "review" => (Content::Review, Some(must?)),
        "checkpoint" => {
            let size = value.get("size").and_then(Value::as_i64).ok_or(Malformed::Payload("size"))?;
            let root = parse_digest(&text("/root")).ok_or(Malformed::Payload("root"))?;
            (Content::Checkpoint { origin: text("/origin"), size, root }, None)
        }
        _ => return Err(Malformed::UnknownKind),
    })
}

fn header(value: &Value) -> Result<Header, Malformed> {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &'static str| value.get(name).and_then(Value::as_i64).ok_or(Malformed::Payload(name));
    let needs = value.pointer("/policy/needs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(Header {
        id: text("/id"),
        person: text("/requester/person"),
        host: text("/requester/host"),
        origin: text("/requester/origin"),
        rule: text("/policy/rule"),
        severity: text("/policy/severity"),
        needs: needs
            .iter()
            .filter_map(|n| Some((n.get("group")?.as_str()?.to_owned(), n.get("n")?.as_u64()?)))
            .collect(),
        target: text("/target/kind"),
        iat: number("iat")?,
        exp: number("exp")?,
    })
}

/// Reads `sha256:` and 64 hexadecimal digits; the prefix may be missing.
pub fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let text = text.strip_prefix("sha256:").unwrap_or(text).as_bytes();
    let value = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = u8::try_from(value(*high)? * 16 + value(*low)?).ok()?;
    }
    Some(digest)
}

/// `sha256:` and 64 hexadecimal digits.
pub fn digest_text(digest: &[u8; 32]) -> String {
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in digest {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    text
}
