//! A team with real keys, and the statements that its people sign.
#![allow(dead_code)]

use guard::keys::{Secret, SigningKey, SshPublicKey, encode, random, sshsig_sign};
use guard::statement::approval::{Approval, Decision, Surface};
use guard::statement::breakglass::{Breakglass, Factor, Judgement, Review};
use guard::statement::records::{Cancel, Checkpoint, Claim, Outcome, Receipt, ReceiptNeeds};
use guard::statement::request::{
    Chain, Env, Exe, Exec, Need, Origin, Policy, Request, Requester, RosterRef, Severity, Stdin, StdinKind,
    Target, Usage,
};
use guard::statement::roster::{Admins, KeyKind, KeyLine, Oidc, Person, PersonKind, Revocation, Use};
use guard::statement::ticket::{Ticket, Word};
use guard::statement::{Bytes32, Draft, Envelope, Hash, Keyed, RosterFile};
use std::time::{SystemTime, UNIX_EPOCH};

pub const TEAM: &str = "sre.acme.example";

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

pub fn key(seed: u8, number: u16) -> SigningKey {
    let mut bytes = [seed; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    SigningKey::new(&Secret::from_bytes(bytes))
}

pub struct Team {
    pub name: String,
    pub people: Vec<(String, SigningKey)>,
    pub file: RosterFile,
    pub roster: Envelope,
}

fn line(id: &str, key: &SigningKey, uses: Vec<Use>, kind: PersonKind) -> Person {
    let public = SshPublicKey::from_ed25519(key.public());
    Person {
        id: id.to_owned(),
        human: (kind == PersonKind::Person).then(|| format!("emp-{id}")),
        kind,
        groups: vec!["sre".to_owned()],
        keys: vec![KeyLine {
            kid: public.fingerprint(),
            kind: KeyKind::Ssh,
            public: Some(public.to_line()),
            cose: None,
            credential: None,
            rp: None,
            origins: Vec::new(),
            uses,
            min_flags: None,
            nbf: None,
            exp: None,
        }],
        ..Person::default()
    }
}

impl Team {
    /// alice, bob, carol, dora and eli; dora and eli are admins, and both must sign.
    pub fn new() -> Team {
        Team::of(TEAM, &["alice", "bob", "carol", "dora", "eli"])
    }

    /// The last two are the admins.
    pub fn of(name: &str, ids: &[&str]) -> Team {
        let people: Vec<(String, SigningKey)> =
            ids.iter().enumerate().map(|(i, id)| ((*id).to_owned(), key(7, i as u16))).collect();
        let admins: Vec<String> = ids[ids.len() - 2..].iter().map(|id| (*id).to_owned()).collect();
        let persons = people
            .iter()
            .map(|(id, key)| line(id, key, vec![Use::Approve, Use::Request, Use::Roster], PersonKind::Person))
            .collect();
        let file = RosterFile {
            v: 1,
            team: name.to_owned(),
            version: 1,
            prev: None,
            iat: now() - 60,
            exp: now() + 86_400,
            admins: Admins { threshold: 2, persons: admins },
            persons,
            schedules: Vec::new(),
            revoked: Vec::new(),
            surfaces: Default::default(),
            relays: Vec::new(),
        };
        let mut team = Team { name: name.to_owned(), people, roster: dummy(), file };
        team.roster = team.sign_roster(&team.file, &[ids[ids.len() - 1], ids[ids.len() - 2]]);
        team
    }

    pub fn sign_roster(&self, file: &RosterFile, who: &[&str]) -> Envelope {
        let draft = Draft::of(file).expect("a roster");
        let mut signatures =
            who.iter().map(|id| draft.signature(self.key(id))).collect::<Vec<_>>().into_iter();
        let mut envelope = draft.clone().seal(signatures.next().expect("one"));
        signatures.for_each(|s| envelope.add(s));
        envelope
    }

    /// The next version with a change, signed by both admins.
    pub fn next(&self, change: impl FnOnce(&mut RosterFile)) -> (RosterFile, Envelope) {
        let mut file = self.file.clone();
        file.version += 1;
        file.prev = Some(self.roster.digest());
        file.iat = now() - 30;
        change(&mut file);
        let admins: Vec<&str> = self.file.admins.persons.iter().map(String::as_str).collect();
        let envelope = self.sign_roster(&file, &admins);
        (file, envelope)
    }

    pub fn key(&self, id: &str) -> &SigningKey {
        &self.people.iter().find(|(i, _)| i == id).expect("in the team").1
    }

    pub fn kid(&self, id: &str) -> String {
        SshPublicKey::from_ed25519(self.key(id).public()).fingerprint()
    }

    fn reference(&self) -> RosterRef {
        RosterRef { version: self.file.version, digest: self.roster.digest() }
    }

    pub fn request(&self, who: &str, words: &[&str]) -> Envelope {
        self.request_with(who, words, |_| {})
    }

    pub fn request_with(&self, who: &str, words: &[&str], change: impl FnOnce(&mut Request)) -> Envelope {
        self.try_request(who, words, change).expect("a request")
    }

    /// `None` when it is larger than a statement may be.
    pub fn try_request(
        &self,
        who: &str,
        words: &[&str],
        change: impl FnOnce(&mut Request),
    ) -> Option<Envelope> {
        let mut request = Request {
            v: 1,
            id: "01JDTESTTESTTESTTESTTEST00".to_owned(),
            nonce: Bytes32(random().expect("random")),
            team: self.name.clone(),
            roster: self.reference(),
            requester: Requester {
                person: who.to_owned(),
                key: self.kid(who),
                host: format!("lap-{who}"),
                host_id: Keyed([1; 32]),
                origin: Origin::Tty,
                ancestry: Vec::new(),
            },
            policy: self.policy(),
            exec: Exec {
                argv: words.iter().map(|w| (*w).into()).collect(),
                exe: Exe { path: "/usr/bin/kubectl".into(), sha256: Hash([2; 32]) },
                cwd: "/home/alice".into(),
                env: Env { hmac: Keyed([3; 32]), shown: Default::default(), scrubbed: Vec::new() },
                stdin: Stdin { kind: StdinKind::Tty, sha256: None, size: None, text: None },
                inputs: Vec::new(),
                redacted: Vec::new(),
            },
            target: self.target(),
            effects: None,
            reason: Some("INC-4411".to_owned()),
            ticket: None,
            iat: now(),
            exp: now() + 600,
            usage: Usage { max: 1, within: 120 },
            number: None,
            chain: None,
        };
        change(&mut request);
        Some(Draft::of(&request).ok()?.sign(self.key(who)))
    }

    fn policy(&self) -> Policy {
        Policy {
            rule: "k8s.delete-namespace".to_owned(),
            digest: Hash([4; 32]),
            severity: Severity::High,
            needs: vec![Need { group: "sre".to_owned(), n: 1 }],
        }
    }

    fn target(&self) -> Target {
        Target {
            kind: "kubernetes".to_owned(),
            class: "production".to_owned(),
            ident: Default::default(),
            unknown: Default::default(),
        }
    }

    pub fn decide(&self, who: &str, about: &Envelope, decision: Decision) -> Envelope {
        let approval = Approval {
            v: 1,
            team: self.name.clone(),
            request: about.digest(),
            decision,
            person: who.to_owned(),
            key: self.kid(who),
            roster: self.reference(),
            iat: now(),
            exp: now() + 300,
            number: None,
            limits: None,
            surface: Surface::Native,
            saw: None,
            note: None,
            chain: None,
        };
        Draft::of(&approval).expect("an approval").sign(self.key(who))
    }

    pub fn cancel(&self, who: &str, about: &Envelope) -> Envelope {
        let cancel = Cancel {
            v: 1,
            team: self.name.clone(),
            request: about.digest(),
            person: who.to_owned(),
            key: self.kid(who),
            iat: now(),
            reason: None,
        };
        Draft::of(&cancel).expect("a cancel").sign(self.key(who))
    }

    pub fn receipt(&self, who: &str, about: &Envelope) -> Envelope {
        let receipt = Receipt {
            v: 1,
            team: self.name.clone(),
            request: about.digest(),
            person: who.to_owned(),
            key: self.kid(who),
            iat: now(),
            outcome: Outcome::Started,
            approvals: Vec::new(),
            needs: ReceiptNeeds {
                seats: Vec::new(),
                severity: Severity::High,
                surfaces: Vec::new(),
                number: false,
                end_of_text: false,
                deny_quorum: 1,
            },
            started: Some(now()),
            exit: None,
            signal: None,
            duration_ms: None,
            drift: Vec::new(),
            match_key: None,
            chain: None,
        };
        Draft::of(&receipt).expect("a receipt").sign(self.key(who))
    }

    pub fn claim(&self, who: &str, about: &Envelope, nonce: [u8; 32], host: u8) -> Envelope {
        let claim = Claim {
            v: 1,
            team: self.name.clone(),
            request: about.digest(),
            nonce: Bytes32(nonce),
            number: 1,
            person: who.to_owned(),
            key: self.kid(who),
            host_id: Keyed([host; 32]),
            iat: now(),
        };
        Draft::of(&claim).expect("a claim").sign(self.key(who))
    }

    pub fn checkpoint(&self, who: &str, size: u64, head: u8) -> Envelope {
        let checkpoint = Checkpoint {
            v: 1,
            team: self.name.clone(),
            person: who.to_owned(),
            key: self.kid(who),
            host_id: Keyed([1; 32]),
            chain: Chain { head: Hash([head; 32]), seq: size },
            iat: now(),
        };
        Draft::of(&checkpoint).expect("a checkpoint").sign(self.key(who))
    }

    pub fn breakglass(&self, who: &str, about: &Envelope) -> Envelope {
        let statement = Breakglass {
            v: 1,
            team: self.name.clone(),
            id: "01JDBREAKGLASSTESTTEST0000".to_owned(),
            request: about.digest(),
            person: who.to_owned(),
            key: self.kid(who),
            host: format!("lap-{who}"),
            host_id: Keyed([1; 32]),
            iat: now(),
            reason: "the site is down and nobody answers".to_owned(),
            typed: "payments".into(),
            factor: Factor::Totp,
            used: 1,
            budget: 2,
            review_by: now() + 86_400,
        };
        Draft::of(&statement).expect("a break-glass").sign(self.key(who))
    }

    pub fn review(&self, who: &str, about: &Envelope) -> Envelope {
        let review = Review {
            v: 1,
            team: self.name.clone(),
            about: about.digest(),
            judgement: Judgement::Justified,
            person: who.to_owned(),
            key: self.kid(who),
            iat: now(),
            note: None,
        };
        Draft::of(&review).expect("a review").sign(self.key(who))
    }

    pub fn ticket(&self, who: &str) -> Envelope {
        let ticket = Ticket {
            v: 1,
            id: "01JDTICKETTESTTESTTEST0000".to_owned(),
            nonce: Bytes32(random().expect("random")),
            team: self.name.clone(),
            roster: self.reference(),
            person: who.to_owned(),
            key: self.kid(who),
            iat: now(),
            policy: self.policy(),
            argv: vec![Word::Exact("terraform".into()), Word::Exact("apply".into())],
            target: self.target(),
            commit: None,
            plan: None,
            workload: Oidc { iss: "https://ci.example".to_owned(), sub: "repo:acme/infra".to_owned() },
            run: None,
            not_before: now(),
            not_after: now() + 3600,
            max: 1,
            reason: None,
        };
        Draft::of(&ticket).expect("a ticket").sign(self.key(who))
    }

    /// The answer to a relay's challenge.
    pub fn answer(&self, who: &str, challenge: &str) -> String {
        let namespace = format!("guard-relay-v1@{}", self.name);
        encode(&sshsig_sign(self.key(who), &namespace, challenge.as_bytes()))
    }

    pub fn revoke(&self, who: &str) -> Revocation {
        Revocation { kid: self.kid(who), from: now() - 10, why: "compromise".to_owned() }
    }
}

fn dummy() -> Envelope {
    let text = r#"{"payload":"e30=","payloadType":"t","signatures":[{"keyid":"k","sig":"AA=="}]}"#;
    Envelope::from_bytes(text.as_bytes()).expect("an envelope")
}
