//! A small team made of software keys, for the tests and the published vectors. Never part of the product.

use super::approval::{Approval, Decision, Saw, Surface};
use super::request::{
    Chain, Env, Exe, Exec, Match, MatchMode, Need, Origin, Policy, Request, Requester, RosterRef, Severity,
    Stdin, StdinKind, Target, Usage,
};
use super::roster::{Admins, KeyKind, KeyLine, MinFlags, Person, PersonKind, Roster, RosterFile, Use};
use super::{Bytes32, Draft, Envelope, Foreign, Hash, Keyed, Kind, MatchKey, Needs, Statement, render};
use crate::keys::{Secret, SigningKey, SoftPasskey, SoftToken, SshPublicKey, TokenKind, encode_url};
use std::collections::BTreeMap;

pub const TEAM: &str = "sre.acme.example";
pub const NOW: u64 = 1_790_000_100;
pub const RP: &str = "approve.acme.example";
pub const ORIGIN: &str = "https://approve.acme.example";
/// Touched, and a PIN given.
pub const UV: u8 = 0x05;
/// Touched.
pub const UP: u8 = 0x01;

/// Something that signs.
pub enum Hand {
    File(SigningKey),
    Token(SoftToken),
    Passkey(SoftPasskey),
}

impl Hand {
    pub fn file(seed: u8) -> Hand {
        Hand::File(SigningKey::new(&Secret::from_bytes([seed; 32])))
    }

    pub fn token(seed: u8) -> Hand {
        Hand::Token(SoftToken::new(TokenKind::Ed25519, [seed; 32]))
    }

    pub fn nist_token(seed: u8) -> Hand {
        Hand::Token(SoftToken::new(TokenKind::P256, [seed; 32]))
    }

    pub fn passkey(seed: u8) -> Hand {
        Hand::Passkey(SoftPasskey::new([seed; 32]))
    }

    pub fn kid(&self) -> String {
        match self {
            Hand::File(key) => SshPublicKey::from_ed25519(key.public()).fingerprint(),
            Hand::Token(token) => token.public.fingerprint(),
            Hand::Passkey(passkey) => {
                crate::keys::PasskeyPublic::from_cose(&passkey.cose).expect("a key").kid()
            }
        }
    }

    /// As the roster lists it.
    pub fn line(&self, uses: &[Use]) -> KeyLine {
        let mut line = KeyLine {
            kid: self.kid(),
            kind: KeyKind::Ssh,
            public: None,
            cose: None,
            credential: None,
            rp: None,
            origins: Vec::new(),
            uses: uses.to_vec(),
            min_flags: None,
            nbf: None,
            exp: None,
        };
        match self {
            Hand::File(key) => line.public = Some(SshPublicKey::from_ed25519(key.public()).to_line()),
            Hand::Token(token) => line.public = Some(token.public.to_line()),
            Hand::Passkey(passkey) => {
                line.kind = KeyKind::Webauthn;
                line.cose = Some(encode_url(&passkey.cose));
                line.credential = Some(encode_url(b"credential"));
                line.rp = Some(RP.to_owned());
                line.origins = vec![ORIGIN.to_owned()];
                line.min_flags = Some(MinFlags::Up);
            }
        }
        line
    }

    /// Signs; `flags` are what a token or passkey says of its user.
    pub fn sign<S: Statement>(&self, statement: &S, flags: u8) -> Envelope {
        let draft = Draft::of(statement).expect("canonical");
        let signature = match self {
            Hand::File(key) => draft.signature(key),
            Hand::Token(token) => draft.answered(&token.public, &token.sign(&draft.to_sign(), flags, 7)),
            Hand::Passkey(passkey) => {
                let challenge = encode_url(&draft.challenge());
                let client = format!(
                    r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#
                );
                let (data, client, signature) = passkey.answer(RP, &client, flags);
                Draft::asserted(&self.kid(), &data, &client, &signature)
            }
        };
        draft.seal(signature)
    }
}

pub fn person(id: &str, groups: &[&str], keys: Vec<KeyLine>) -> Person {
    Person {
        id: id.to_owned(),
        human: Some(format!("emp-{id}")),
        groups: groups.iter().map(|g| (*g).to_owned()).collect(),
        keys,
        ..Person::default()
    }
}

/// The people: alice asks; bob leads; carol and dora are of sre; eli is of another group; ci is a workload.
pub struct World {
    pub alice: Hand,
    pub bob: Hand,
    pub bob_token: Hand,
    pub carol: Hand,
    pub carol_passkey: Hand,
    pub dora: Hand,
    pub eli: Hand,
    pub ci: Hand,
    pub roster: Roster,
}

impl World {
    pub fn new() -> World {
        World::with(|_| {})
    }

    /// A world whose roster was changed.
    pub fn with(change: impl FnOnce(&mut RosterFile)) -> World {
        let hands = [1, 2, 4, 6, 7, 8].map(Hand::file);
        let [alice, bob, carol, dora, eli, ci] = hands;
        let (bob_token, carol_passkey) = (Hand::token(3), Hand::passkey(5));
        let approve = [Use::Approve, Use::Request];
        let mut persons = vec![
            person("alice", &["sre"], vec![alice.line(&approve)]),
            person("bob", &["sre", "sre-leads"], vec![bob.line(&approve), bob_token.line(&[Use::Approve])]),
            person("carol", &["sre"], vec![carol.line(&approve), carol_passkey.line(&[Use::Approve])]),
            person("dora", &["sre"], vec![dora.line(&[Use::Approve, Use::Request, Use::Roster])]),
            person("eli", &["db"], vec![eli.line(&[Use::Approve, Use::Request, Use::Roster])]),
        ];
        let mut workload = person("ci", &["sre"], vec![ci.line(&[Use::Request])]);
        workload.kind = PersonKind::Workload;
        workload.human = None;
        persons.push(workload);
        let mut file = RosterFile {
            v: 1,
            team: TEAM.to_owned(),
            version: 1,
            prev: None,
            iat: NOW - 1000,
            exp: NOW + 20 * 24 * 3600,
            admins: Admins { threshold: 2, persons: vec!["dora".to_owned(), "eli".to_owned()] },
            persons,
            schedules: Vec::new(),
            revoked: Vec::new(),
            surfaces: BTreeMap::new(),
            relays: Vec::new(),
        };
        change(&mut file);
        let digest = Draft::of(&file).expect("canonical").digest();
        let roster = Roster::check(file, digest).expect("sound");
        World { alice, bob, bob_token, carol, carol_passkey, dora, eli, ci, roster }
    }

    /// The roster, signed by both admins.
    pub fn signed_roster(&self) -> Envelope {
        let draft = Draft::of(self.roster.file()).expect("canonical");
        let mut envelope = self.dora.sign(self.roster.file(), 0);
        if let Hand::File(key) = &self.eli {
            envelope.add(draft.signature(key));
        }
        envelope
    }

    pub fn request(&self) -> Request {
        request("alice", &self.alice.kid(), self.roster.reference())
    }

    pub fn approval(&self, about: &Envelope, person: &str, hand: &Hand) -> Approval {
        approval(about, person, &hand.kid(), self.roster.reference())
    }
}

pub fn match_key() -> MatchKey {
    MatchKey::from_bytes([42; 32])
}

pub fn request(person: &str, key: &str, roster: RosterRef) -> Request {
    let words: [&[u8]; 6] = [b"kubectl", b"--context", b"prod-eu", b"delete", b"ns", b"payments"];
    Request {
        v: 1,
        id: "01JD0000000000000000000000".to_owned(),
        nonce: Bytes32([9; 32]),
        team: TEAM.to_owned(),
        roster,
        requester: Requester {
            person: person.to_owned(),
            key: key.to_owned(),
            host: "lap-alice".to_owned(),
            host_id: Keyed([1; 32]),
            origin: Origin::Tty,
            ancestry: vec![Foreign::from("zsh"), Foreign::from("tmux")],
        },
        policy: Policy {
            rule: "kubectl.delete-namespace".to_owned(),
            digest: Hash([3; 32]),
            severity: Severity::High,
            needs: vec![Need { group: "sre".to_owned(), n: 1 }],
        },
        exec: Exec {
            argv: words.map(Foreign::from).to_vec(),
            exe: Exe { path: Foreign::from("/usr/local/bin/kubectl"), sha256: Hash([4; 32]) },
            cwd: Foreign::from("/home/alice"),
            env: Env { hmac: Keyed([5; 32]), shown: BTreeMap::new(), scrubbed: Vec::new() },
            stdin: Stdin { kind: StdinKind::Tty, sha256: None, size: None, text: None },
            inputs: Vec::new(),
            redacted: Vec::new(),
        },
        target: Target {
            kind: "kubernetes".to_owned(),
            class: "production".to_owned(),
            ident: [("context", "prod-eu"), ("namespace", "payments")]
                .map(|(fact, value)| (fact.to_owned(), Foreign::from(value)))
                .into(),
            unknown: BTreeMap::new(),
        },
        effects: None,
        reason: Some("INC-4411 stuck finalizer".to_owned()),
        ticket: Some("INC-4411".to_owned()),
        iat: NOW - 100,
        exp: NOW + 500,
        usage: Usage { max: 1, within: 120 },
        number: Some(Match { mode: MatchMode::ApproverTypes, commit: match_key().commit() }),
        chain: Some(Chain { head: Hash([6; 32]), seq: 1812 }),
    }
}

pub fn approval(about: &Envelope, person: &str, key: &str, roster: RosterRef) -> Approval {
    let digest = about.digest();
    let shown = match about.kind() {
        Some(Kind::Ticket) => super::read(about.payload()).map(|ticket| render::ticket(&ticket)),
        _ => super::read(about.payload()).map(|request| render::request(&request)),
    };
    let shown = shown.map_or(Hash([8; 32]), |page| page.digest);
    Approval {
        v: 1,
        team: TEAM.to_owned(),
        request: digest,
        decision: Decision::Approve,
        person: person.to_owned(),
        key: key.to_owned(),
        roster,
        iat: NOW - 10,
        exp: NOW + 290,
        number: Some(match_key().code(&digest, person)),
        limits: None,
        surface: Surface::Native,
        saw: Some(Saw { render: "guard-render/1".to_owned(), digest: shown, end: true, ms: 18_400 }),
        note: None,
        chain: Some(Chain { head: Hash([6; 32]), seq: 1812 }),
    }
}

pub fn needs(seats: &[(&str, u64)], severity: Severity) -> Needs {
    Needs {
        seats: seats.iter().map(|(group, n)| Need { group: (*group).to_owned(), n: *n }).collect(),
        severity,
        surfaces: Surface::ALL.to_vec(),
        number: true,
        end_of_text: true,
        deny_quorum: 1,
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same cases each time.
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(sides).expect("small")).expect("small")
    }
}
