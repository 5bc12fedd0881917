//! What the relay must know of a statement to file it: who signed it, what it is about, what a listing shows. The
//! narrow door to the statement room; it must never judge whether an approval counts.

use super::store::{EventKind, Header, State};
use crate::keys::{Assertion, Digest, sha256};
use crate::statement::roster::{Key, Material, NotARoster, Use};
use crate::statement::{
    Approval, Breakglass, Cancel, Checkpoint, Claim, Decision, Envelope, Hash, Heard, Kind, Receipt, Request,
    Review, RosterFile, Severity, Surface, Ticket, Why, open, read,
};
use serde::Serialize;

/// Why a body is no statement of this team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    Statement(Why),
    Roster(NotARoster),
}

impl From<Why> for Malformed {
    fn from(why: Why) -> Malformed {
        Malformed::Statement(why)
    }
}

impl Malformed {
    pub fn words(&self) -> String {
        match self {
            Malformed::Statement(why) => why.to_string(),
            Malformed::Roster(why) => why.to_string(),
        }
    }
}

/// A statement whose signature was checked.
#[derive(Clone, Debug)]
pub struct Letter {
    pub kind: &'static str,
    pub kid: String,
    pub person: String,
    /// The request or ticket it is about; its own digest for one of these.
    pub rd: Digest,
    /// Its own digest.
    pub digest: Digest,
    /// Its canonical spelling.
    pub envelope: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Request {
        header: Header,
        shape: Digest,
    },
    Ticket {
        header: Header,
        shape: Digest,
    },
    /// `end` when it ends a request; `report` when it says the request is suspicious.
    Approval {
        end: Option<State>,
        report: bool,
        /// What people are told when it ends nothing.
        heard: Option<EventKind>,
    },
    Cancel,
    /// Which use of which nonce.
    Claim {
        nonce: String,
    },
    Receipt,
    /// The requester's word about an answer.
    Heard,
    Breakglass {
        header: Header,
    },
    /// About this break-glass.
    Review {
        about: Digest,
    },
    Checkpoint {
        origin: String,
        size: i64,
        root: Digest,
    },
}

/// The members of a team, as its newest roster here says.
#[derive(Clone, Debug)]
pub struct Roster {
    checked: crate::statement::Roster,
    envelope: String,
}

impl Roster {
    /// Reads a roster file that was taken before, or whose signatures do not matter.
    pub fn parse(bytes: &[u8]) -> Result<Roster, Malformed> {
        let envelope = envelope(bytes)?;
        if envelope.kind() != Some(Kind::Roster) {
            return Err(Why::Kind { wanted: Some(Kind::Roster) }.into());
        }
        let file: RosterFile = read(envelope.payload())?;
        let checked = crate::statement::Roster::check(file, envelope.digest());
        let checked = checked.map_err(|lines| Malformed::Roster(NotARoster::Content(lines)))?;
        Ok(Roster { checked, envelope: spelled(&envelope) })
    }

    /// The first version, signed by enough of its own admins.
    pub fn root(bytes: &[u8]) -> Result<Roster, Malformed> {
        let envelope = envelope(bytes)?;
        let checked = crate::statement::Roster::root(&envelope).map_err(Malformed::Roster)?;
        Ok(Roster { checked, envelope: spelled(&envelope) })
    }

    /// The version that follows this one, signed by enough of this one's admins and of its own.
    pub fn next(&self, bytes: &[u8]) -> Result<Roster, Malformed> {
        let envelope = envelope(bytes)?;
        let checked = self.checked.next(&envelope).map_err(Malformed::Roster)?;
        Ok(Roster { checked, envelope: spelled(&envelope) })
    }

    pub fn team(&self) -> &str {
        self.checked.team()
    }

    pub fn version(&self) -> i64 {
        signed(self.checked.version())
    }

    pub fn digest(&self) -> Digest {
        self.checked.digest().0
    }

    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// Whose key this is at `now`; `None` when it is unknown, not yet or no longer valid, or revoked.
    pub fn person(&self, kid: &str, now: i64) -> Option<&str> {
        let now = now.unsigned_abs();
        let (person, key) = self.checked.key(kid)?;
        let counts = key.begun(now) && !key.over(now) && self.checked.revoked(kid, now).is_none();
        counts.then_some(person.id.as_str())
    }

    /// Whose passkey this credential is: person and key id.
    pub fn passkey(&self, wanted: &[u8], now: i64) -> Option<(&str, &str)> {
        let keys = self.checked.persons().iter().flat_map(|p| self.checked.keys_of(&p.id));
        let is_it = |key: &&Key| matches!(key.material(), Material::Passkey { credential, .. } if credential == wanted);
        let key = keys.filter(|key| key.may(Use::Approve)).find(is_it)?;
        Some((self.person(key.kid(), now)?, key.kid()))
    }

    /// Whether approvals that were given on the relay's page count at this severity.
    pub fn counts_here(&self, severity: Severity) -> bool {
        self.checked.surfaces(severity).contains(&Surface::RelayWeb)
    }

    pub fn is_admin(&self, person: &str) -> bool {
        self.checked.file().admins.persons.iter().any(|a| a == person)
    }

    /// Whether `kid` signed the challenge: as SSHSIG, or a passkey over its SHA-256.
    pub fn signed_challenge(&self, kid: &str, challenge: &str, proof: &Proof) -> bool {
        let Some((_, key)) = self.checked.key(kid) else { return false };
        match (key.material(), proof) {
            (Material::Ssh(_), Proof::Ssh(blob)) => {
                let namespace = format!("guard-relay-v1@{}", self.team());
                let flags = key.verify_ssh(&namespace, challenge.as_bytes(), blob);
                flags.is_ok_and(|flags| key.lacks(flags).is_none())
            }
            (
                Material::Passkey { public, rp, origins, .. },
                Proof::Passkey { signature, authenticator_data, client_data },
            ) => {
                let assertion = Assertion { authenticator_data, client_data, signature };
                let flags = public.verify(rp, origins, &sha256(&[challenge.as_bytes()]), &assertion);
                flags.is_ok_and(|flags| key.lacks(flags).is_none())
            }
            (Material::Ssh(_), Proof::Passkey { .. })
            | (Material::Passkey { .. }, Proof::Ssh(_))
            | (Material::Age(_), _) => false,
        }
    }

    /// Opens a statement: envelope, signature, then what it says.
    pub fn open(&self, bytes: &[u8], now: i64) -> Result<Letter, Malformed> {
        let envelope = envelope(bytes)?;
        let kind = envelope.kind().ok_or(Why::Kind { wanted: None })?;
        let roster = &self.checked;
        let now = now.unsigned_abs();
        let own = envelope.digest().0;
        let (rd, content) = match kind {
            Kind::Request => {
                let opened = open::<Request>(&envelope, roster, now)?;
                (own, request(opened.statement()))
            }
            Kind::Ticket => {
                let opened = open::<Ticket>(&envelope, roster, now)?;
                (own, ticket(opened.statement()))
            }
            Kind::Approval => {
                let opened = open::<Approval>(&envelope, roster, now)?;
                (opened.statement().request.0, approval(opened.statement().decision))
            }
            Kind::Cancel => (open::<Cancel>(&envelope, roster, now)?.statement().request.0, Content::Cancel),
            Kind::Claim => {
                let opened = open::<Claim>(&envelope, roster, now)?;
                let claim = opened.statement();
                let nonce = format!("{}#{}", crate::keys::encode(&claim.nonce.0), claim.number);
                (claim.request.0, Content::Claim { nonce })
            }
            Kind::Receipt => {
                (open::<Receipt>(&envelope, roster, now)?.statement().request.0, Content::Receipt)
            }
            Kind::Heard => (open::<Heard>(&envelope, roster, now)?.statement().request.0, Content::Heard),
            Kind::Breakglass => {
                let opened = open::<Breakglass>(&envelope, roster, now)?;
                (opened.statement().request.0, breakglass(opened.statement()))
            }
            Kind::Review => {
                let about = open::<Review>(&envelope, roster, now)?.statement().about.0;
                (about, Content::Review { about })
            }
            Kind::Checkpoint => {
                let opened = open::<Checkpoint>(&envelope, roster, now)?;
                (own, checkpoint(opened.statement()))
            }
            Kind::Roster => return Err(Why::Kind { wanted: None }.into()),
        };
        // `open` took exactly one signature, by a key of this roster.
        let kid = envelope.claimed_keys().next().unwrap_or_default().to_owned();
        let person = roster.key(&kid).map(|(person, _)| person.id.clone()).unwrap_or_default();
        Ok(Letter { kind: kind.word(), kid, person, rd, digest: own, envelope: spelled(&envelope), content })
    }
}

/// An answer to a challenge.
#[derive(Clone, Debug)]
pub enum Proof {
    /// An SSHSIG blob.
    Ssh(Vec<u8>),
    Passkey {
        signature: Vec<u8>,
        authenticator_data: Vec<u8>,
        client_data: Vec<u8>,
    },
}

fn envelope(bytes: &[u8]) -> Result<Envelope, Malformed> {
    Envelope::from_bytes(bytes).map_err(|e| Why::Envelope(e).into())
}

fn spelled(envelope: &Envelope) -> String {
    String::from_utf8(envelope.to_bytes()).unwrap_or_default()
}

fn signed(number: u64) -> i64 {
    // Numbers in statements are below 2^53.
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Says whether two requests are for the same thing.
fn shape(parts: &[&[u8]], what: &impl Serialize) -> Digest {
    let text = serde_json::to_vec(what).unwrap_or_default();
    let mut all = parts.to_vec();
    all.push(&text);
    sha256(&all)
}

fn request(request: &Request) -> Content {
    let header = Header {
        kind: "request".to_owned(),
        id: request.id.clone(),
        person: request.requester.person.clone(),
        host: request.requester.host.clone(),
        origin: request.requester.origin.word().to_owned(),
        rule: request.policy.rule.clone(),
        severity: request.policy.severity.word().to_owned(),
        needs: request.policy.needs.iter().map(|n| (n.group.clone(), n.n)).collect(),
        target: format!("{} ({})", request.target.kind, request.target.class),
        iat: signed(request.iat),
        exp: signed(request.exp),
    };
    let person = request.requester.person.as_bytes();
    let same =
        (&request.exec.argv, &request.exec.cwd, &request.exec.exe, &request.exec.inputs, &request.target);
    Content::Request { header, shape: shape(&[person, b"\0"], &same) }
}

fn ticket(ticket: &Ticket) -> Content {
    let header = Header {
        kind: "ticket".to_owned(),
        id: ticket.id.clone(),
        person: ticket.person.clone(),
        host: String::new(),
        origin: String::new(),
        rule: ticket.policy.rule.clone(),
        severity: ticket.policy.severity.word().to_owned(),
        needs: ticket.policy.needs.iter().map(|n| (n.group.clone(), n.n)).collect(),
        target: format!("{} ({})", ticket.target.kind, ticket.target.class),
        iat: signed(ticket.iat),
        exp: signed(ticket.not_after),
    };
    // Two tickets are never the same: each has uses of its own.
    Content::Ticket { header, shape: shape(&[&ticket.nonce.0], &ticket.id) }
}

fn breakglass(statement: &Breakglass) -> Content {
    Content::Breakglass {
        header: Header {
            kind: "breakglass".to_owned(),
            id: statement.id.clone(),
            person: statement.person.clone(),
            host: statement.host.clone(),
            severity: "critical".to_owned(),
            iat: signed(statement.iat),
            exp: signed(statement.review_by),
            ..Header::default()
        },
    }
}

fn approval(decision: Decision) -> Content {
    match decision {
        Decision::Approve => Content::Approval { end: None, report: false, heard: Some(EventKind::Approved) },
        Decision::Revoke => Content::Approval { end: None, report: false, heard: Some(EventKind::Revoked) },
        Decision::Viewing => Content::Approval { end: None, report: false, heard: None },
        Decision::Deny => Content::Approval { end: Some(State::Denied), report: false, heard: None },
        Decision::Report => Content::Approval { end: Some(State::Denied), report: true, heard: None },
    }
}

fn checkpoint(statement: &Checkpoint) -> Content {
    // One log for each person and machine.
    let origin = format!("{}/{}/{}", statement.team, statement.person, statement.host_id);
    Content::Checkpoint { origin, size: signed(statement.chain.seq), root: statement.chain.head.0 }
}

/// Reads `sha256:` and 64 hexadecimal digits; the prefix may be missing.
pub fn parse_digest(text: &str) -> Option<Digest> {
    Hash::read(text).or_else(|| Hash::from_hex(text)).map(|hash| hash.0)
}

/// `sha256:` and 64 hexadecimal digits.
pub fn digest_text(digest: &Digest) -> String {
    Hash(*digest).to_string()
}
