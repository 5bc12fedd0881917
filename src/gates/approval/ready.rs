//! What an approval needs before anybody is asked for anything: the team, this person's place in it, enough others to
//! approve, and the command captured. Must never begin to wait for people who cannot be enough.

use super::capture::{Capture, Live};
use crate::gates::{Stopped, not_askable};
use crate::keys::{Identity, Secret, Signer, random};
use crate::rules::pack::{self, Gate};
use crate::settings::Dirs;
use crate::statement::request::{Match, MatchMode, Origin, Policy, Requester, Usage};
use crate::statement::roster::Use;
use crate::statement::{
    Bytes32, Chain, Foreign, Hash, Keyed, MatchKey, Need, Needs, Request, Severity, Surface, VERSION,
    eligible,
};
use crate::sys::{actor, clock, who};
use crate::team::{Team, how_to_add, policy_digest};
use crate::text::show_line;

/// Seconds that a request waits for its approvals.
pub const OPEN: u64 = 600;
/// Seconds after the last approval in which it must start.
const WITHIN: u64 = 120;
/// Names of the programs above that are told.
const ANCESTRY: usize = 6;

/// Everything to make the request from.
#[derive(Debug)]
pub struct Ready {
    pub team: Team,
    pub identity: Identity,
    /// This person in the roster.
    pub person: String,
    pub needs: Needs,
    /// Who could approve.
    pub approvers: Vec<String>,
    pub capture: Capture,
    /// Keys the commitments in the request; stays here.
    pub key: Secret,
    /// Seconds that the request is open.
    pub open: u64,
    /// Seconds after the last approval in which it must start.
    pub within: u64,
    gate: Gate,
    rule: String,
    policy: Hash,
    host_id: Keyed,
}

impl Ready {
    /// `None` where no gate asks for an approval. `Err` before the person was asked for anything. `key` keys the commitments;
    /// a new one is made where there is none yet.
    pub fn prepare(
        gates: &[Gate],
        live: &Live<'_>,
        dirs: &Dirs,
        key: Option<Secret>,
    ) -> Result<Option<Ready>, Stopped> {
        let Some(gate) = gates.iter().find(|gate| matches!(gate, Gate::Approval { .. })) else {
            return Ok(None);
        };
        let stop = |why: String, hint: &str| not_askable(gate.clone(), why, hint.to_owned());
        let broken = |why: String, hint: String| not_askable(gate.clone(), why, hint);
        let team = Team::existing(&dirs.state).map_err(|e| broken(e.to_string(), e.hint()))?;
        let Some(team) = team else {
            let hint = "`guard team join URL` sets one up; in an emergency `guard breakglass -- CMD`";
            return Err(stop("this machine is in no team".to_owned(), hint));
        };
        let now = now();
        if now >= team.roster().expires() {
            let hint = "an admin signs the next version: `guard team renew`, then `guard team update` here";
            return Err(stop("the team's roster has expired".to_owned(), hint));
        }
        let identity = Identity::existing(&dirs.state).map_err(|e| broken(e.to_string(), e.hint()))?;
        let identity = identity.ok_or_else(|| {
            stop("you have no key yet".into(), "`guard key show` makes one; an admin adds it to the team")
        })?;
        let kid = identity.public().fingerprint();
        let member = team.roster().key(&kid).filter(|(_, key)| key.may(Use::Request));
        let person = member.map(|(person, _)| person.id.clone());
        let person = person.ok_or_else(|| {
            let why = format!("your key {kid} may not request in the team {}", show_line(team.name(), 60));
            let add = how_to_add(team.roster(), &identity);
            stop(why, &format!("an admin of the team adds it: `{add}`, then `guard team update` here"))
        })?;
        let needs = needs(gates, live.verdict.severity);
        let approvers = eligible(team.roster(), &needs, &person, now);
        let approvers: Vec<String> = approvers.into_iter().map(str::to_owned).collect();
        let key = key.map_or_else(Secret::random, Ok);
        let key = key.map_err(|_| stop("no random bytes".into(), "try again"))?;
        let capture =
            Capture::take(live, &key).map_err(|why| broken(why, "an approver could not see it".into()))?;
        let rule =
            live.verdict.worst().and_then(|j| j.matched.first()).map_or_else(String::new, |r| r.id.clone());
        // Without a file of its own the shipped policy asks.
        let policy = policy_digest(dirs).unwrap_or_else(|| Hash::of(&[b"guard-policy-v1\0"]));
        let (open, within, gate) = (OPEN, WITHIN, gate.clone());
        let ready = Ready {
            team,
            identity,
            person,
            needs,
            approvers,
            capture,
            key,
            open,
            within,
            gate,
            rule,
            policy,
            host_id: host_id(&dirs.state),
        };
        Ok(Some(ready))
    }

    /// Nobody is asked where the seats could not be filled.
    pub fn enough(&self) -> Result<(), Stopped> {
        match short(&self.team, &self.needs, &self.approvers, now()) {
            None => Ok(()),
            Some(group) => {
                let (why, hint) = self.too_few(&show_line(&group, 40));
                Err(not_askable(self.gate.clone(), why, hint.to_owned()))
            }
        }
    }

    /// Why the seats stay empty: for want of people, or of keys that count at this severity.
    fn too_few(&self, group: &str) -> (String, &'static str) {
        let any_key = Needs { severity: Severity::High, ..self.needs.clone() };
        let people = eligible(self.team.roster(), &any_key, &self.person, now());
        let people: Vec<String> = people.into_iter().map(str::to_owned).collect();
        match short(&self.team, &any_key, &people, now()) {
            Some(_) => (
                format!("too few people of {group} but you could approve"),
                "`guard team show` says who is in which group",
            ),
            None => (
                format!(
                    "it is critical: only a hardware key or passkey with PIN or fingerprint counts, and too few of \
                     {group} but you have one"
                ),
                "an admin adds theirs: `guard team key add PERSON KEY`; in an emergency `guard breakglass -- CMD`",
            ),
        }
    }

    /// The gate that is asked for.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The approval is not there: the exit status, why, what to do.
    pub fn lacks(&self, status: i32, why: impl Into<String>, hint: impl Into<String>) -> Stopped {
        Stopped::Unavailable { gate: self.gate.clone(), status, why: why.into(), hint: hint.into() }
    }

    /// The request with these words of the person, and the secret behind its numbers.
    pub fn request(
        &self,
        reason: Option<&str>,
        chain: Option<Chain>,
    ) -> Result<(Request, Option<MatchKey>), String> {
        let bytes = || random::<32>().map_err(|_| "no random bytes".to_owned());
        let number = self
            .needs
            .number
            .then(|| MatchKey::random().map_err(|_| "no random bytes".to_owned()))
            .transpose()?;
        let now = now();
        let roster = self.team.roster();
        let request = Request {
            v: VERSION,
            id: Hash(bytes()?).hex()[..26].to_owned(),
            nonce: Bytes32(bytes()?),
            team: roster.team().to_owned(),
            roster: roster.reference(),
            requester: Requester {
                person: self.person.clone(),
                key: self.identity.public().fingerprint(),
                host: who::host_name().unwrap_or_default(),
                host_id: self.host_id,
                origin: origin(),
                ancestry: actor::parents(ANCESTRY).into_iter().map(Foreign).collect(),
            },
            policy: Policy {
                rule: self.rule.clone(),
                digest: self.policy,
                severity: self.needs.severity,
                needs: self.needs.seats.clone(),
            },
            exec: self.capture.exec.clone(),
            target: self.capture.target.clone(),
            effects: self.capture.effects.clone(),
            reason: reason.map(crate::text::redact::text_for_people),
            ticket: None,
            iat: now,
            exp: now + self.open,
            usage: Usage { max: 1, within: self.within },
            number: number.as_ref().map(|key| Match { mode: MatchMode::ApproverTypes, commit: key.commit() }),
            chain,
        };
        Ok((request, number))
    }

    /// What signs as this person.
    pub fn signer(&self) -> Result<Signer, String> {
        self.identity.signer().map_err(|error| error.to_string())
    }
}

/// The same for every request from here, so that an approver can follow this machine's log: it has one for each state
/// directory. The machine's id (machine-id(5)) is the key and stays; where there is none the host's name stands for it.
fn host_id(state: &std::path::Path) -> Keyed {
    use std::os::unix::ffi::OsStrExt;
    let id = actor::machine_id().or_else(who::host_name).unwrap_or_default();
    let key = Secret::from_bytes(Hash::of(&[b"guard-host-v1\0", id.as_bytes()]).0);
    Keyed::of(&key, "host", state.as_os_str().as_bytes())
}

/// Seconds since 1970.
pub fn now() -> u64 {
    clock::real_micros() / 1_000_000
}

/// What policy asks for, by severity: numbers and reading to the end from high on.
fn needs(gates: &[Gate], severity: Option<pack::Severity>) -> Needs {
    let severity = match severity {
        Some(pack::Severity::Low) => Severity::Low,
        Some(pack::Severity::Medium) => Severity::Medium,
        Some(pack::Severity::High) => Severity::High,
        Some(pack::Severity::Critical) | None => Severity::Critical,
    };
    let seat = |gate: &Gate| match gate {
        Gate::Approval { group, people } => Some(Need { group: group.clone(), n: u64::from(*people) }),
        Gate::Deny
        | Gate::Notice
        | Gate::Delay(_)
        | Gate::Reason
        | Gate::Confirm
        | Gate::Totp
        | Gate::ReadOnly => None,
    };
    Needs {
        seats: gates.iter().filter_map(seat).collect(),
        severity,
        surfaces: vec![Surface::Native, Surface::Loopback, Surface::RelayWeb, Surface::Paste],
        number: severity >= Severity::High,
        end_of_text: severity >= Severity::High,
        deny_quorum: 1,
    }
}

/// A group whose seats these people cannot fill.
fn short(team: &Team, needs: &Needs, approvers: &[String], at: u64) -> Option<String> {
    let enough = |need: &&Need| {
        let people = approvers.iter().filter(|p| team.roster().in_group(p, &need.group, at)).count();
        u64::try_from(people).unwrap_or(u64::MAX) >= need.n
    };
    let lacking = needs.seats.iter().find(|need| !enough(need)).map(|need| need.group.clone());
    let seats: u64 = needs.seats.iter().map(|need| need.n).sum();
    lacking.or_else(|| {
        let all = u64::try_from(approvers.len()).unwrap_or(u64::MAX);
        (all < seats).then(|| needs.seats.iter().map(|n| n.group.as_str()).collect::<Vec<_>>().join(" and "))
    })
}

fn origin() -> Origin {
    let robot = crate::gates::breakglass::robot();
    match robot {
        Some("CLAUDECODE" | "CODEX_SANDBOX" | "CURSOR_AGENT" | "GEMINI_CLI") => Origin::Agent,
        Some(_) => Origin::Ci,
        None if actor::terminal().is_some() => Origin::Tty,
        None => Origin::Script,
    }
}
