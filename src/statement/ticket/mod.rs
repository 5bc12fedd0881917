//! A ticket: the approval of a command's shape, made ahead, for a workload without a terminal. Must never cover
//! a command that differs in anything but its typed holes, or one whose target is not known.

#[cfg(test)]
mod tests;

use super::request::{Policy, RosterRef, Target};
use super::roster::Oidc;
use super::scalar::{Bytes32, Foreign, Hash};
use super::{Head, Kind, Statement};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

/// Longest validity, in seconds.
pub const LONGEST: u64 = 24 * 3600;

/// Payload of a ticket; `Approval`s about its digest fill the seats, and who signs it fills none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub v: u64,
    /// A ULID.
    pub id: String,
    pub nonce: Bytes32,
    pub team: String,
    pub roster: RosterRef,
    pub person: String,
    pub key: String,
    pub iat: u64,
    pub policy: Policy,
    pub argv: Vec<Word>,
    pub target: Target,
    /// The commit that the workload must be at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// SHA-256 of the plan file that must be applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Hash>,
    /// Who may use it.
    pub workload: Oidc,
    /// One run of the workload only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    pub not_before: u64,
    /// The first second at which it does not count any more.
    pub not_after: u64,
    /// How often.
    pub max: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A word of the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Word {
    Exact(Foreign),
    Hole(Hole),
}

/// A part that may vary, between fixed text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// Its name; two holes of one name have one value.
    pub hole: String,
    #[serde(rename = "type")]
    pub kind: HoleKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// The values of a `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// The largest `number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
}

/// What may stand in a hole: never empty, never with a dash in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoleKind {
    /// `1.2`, `v1.2.3`, `1.2.3-rc.1`.
    Version,
    /// Digits, at most `max`.
    Number,
    /// 40 or 64 lower-case hexadecimal digits.
    Commit,
    /// `sha256:` and 64 digits.
    Digest,
    /// A DNS label: lower-case letters, digits and dashes inside, at most 63.
    Name,
    /// One of `of`.
    Choice,
}

/// What wants to run.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    pub argv: &'a [Foreign],
    pub target: &'a Target,
    pub commit: Option<&'a str>,
    pub plan: Option<Hash>,
    pub workload: Option<&'a Oidc>,
    pub run: Option<&'a str>,
    /// Seconds since 1970.
    pub now: u64,
    /// How often the ticket was used already.
    pub used: u64,
}

/// Why a ticket does not cover an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCovered {
    /// The word at this place differs, or is missing, or one too many.
    Word(usize),
    /// A hole of this name has two values.
    TwoValues(String),
    /// This fact of the target differs.
    Target(String),
    /// A fact of the target could not be found out.
    UnknownTarget(String),
    Commit,
    Plan,
    Workload,
    Run,
    NotYet {
        seconds: u64,
    },
    Over,
    Used {
        max: u64,
    },
}

impl Display for NotCovered {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let show = |text: &str| crate::text::show_line(text, 80);
        match self {
            NotCovered::Word(at) => write!(f, "the ticket is for another command: word {at} differs"),
            NotCovered::TwoValues(hole) => write!(f, "the ticket's {} has two values", show(hole)),
            NotCovered::Target(fact) => write!(f, "the ticket is for another target: {} differs", show(fact)),
            NotCovered::UnknownTarget(fact) => {
                write!(f, "the target's {} could not be found out, so no ticket covers it", show(fact))
            }
            NotCovered::Commit => f.write_str("the ticket is for another commit"),
            NotCovered::Plan => f.write_str("the ticket is for another plan file"),
            NotCovered::Workload => f.write_str("the ticket is for another workload"),
            NotCovered::Run => f.write_str("the ticket is for another run of the workload"),
            NotCovered::NotYet { seconds } => write!(f, "the ticket counts in {seconds} s"),
            NotCovered::Over => f.write_str("the ticket has expired"),
            NotCovered::Used { max } => write!(f, "the ticket is used up ({max} of {max})"),
        }
    }
}

/// Whether a ticket covers an attempt; the values of its holes. That it was approved is `verify`'s to say.
pub fn covers(ticket: &Ticket, attempt: &Attempt<'_>) -> Result<BTreeMap<String, String>, NotCovered> {
    if attempt.now < ticket.not_before {
        return Err(NotCovered::NotYet { seconds: ticket.not_before - attempt.now });
    }
    if attempt.now >= ticket.not_after {
        return Err(NotCovered::Over);
    }
    if attempt.used >= ticket.max {
        return Err(NotCovered::Used { max: ticket.max });
    }
    if attempt.workload != Some(&ticket.workload) {
        return Err(NotCovered::Workload);
    }
    if ticket.run.is_some() && ticket.run.as_deref() != attempt.run {
        return Err(NotCovered::Run);
    }
    if ticket.commit.is_some() && ticket.commit.as_deref() != attempt.commit {
        return Err(NotCovered::Commit);
    }
    if ticket.plan.is_some() && ticket.plan != attempt.plan {
        return Err(NotCovered::Plan);
    }
    same_target(&ticket.target, attempt.target)?;
    fill(&ticket.argv, attempt.argv)
}

fn same_target(wanted: &Target, real: &Target) -> Result<(), NotCovered> {
    if let Some(fact) = real.unknown.keys().chain(wanted.unknown.keys()).next() {
        return Err(NotCovered::UnknownTarget(fact.clone()));
    }
    if wanted.kind != real.kind || wanted.class != real.class {
        return Err(NotCovered::Target("kind".to_owned()));
    }
    let mut facts = wanted.ident.keys().chain(real.ident.keys());
    match facts.find(|fact| wanted.ident.get(*fact) != real.ident.get(*fact)) {
        Some(fact) => Err(NotCovered::Target(fact.clone())),
        None => Ok(()),
    }
}

fn fill(words: &[Word], argv: &[Foreign]) -> Result<BTreeMap<String, String>, NotCovered> {
    let mut values = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        let real = argv.get(at).ok_or(NotCovered::Word(at))?;
        match word {
            Word::Exact(wanted) if wanted == real => {}
            Word::Exact(_) => return Err(NotCovered::Word(at)),
            Word::Hole(hole) => {
                let value = hole.value(real).ok_or(NotCovered::Word(at))?;
                if values.insert(hole.hole.clone(), value.clone()).is_some_and(|before| before != value) {
                    return Err(NotCovered::TwoValues(hole.hole.clone()));
                }
            }
        }
    }
    if argv.len() > words.len() { Err(NotCovered::Word(words.len())) } else { Ok(values) }
}

impl Hole {
    fn value(&self, word: &Foreign) -> Option<String> {
        let text = std::str::from_utf8(&word.0).ok()?;
        let rest = text.strip_prefix(self.prefix.as_deref().unwrap_or_default())?;
        let value = rest.strip_suffix(self.suffix.as_deref().unwrap_or_default())?;
        self.fits(value).then(|| value.to_owned())
    }

    fn fits(&self, value: &str) -> bool {
        let all = |allowed: fn(u8) -> bool| !value.is_empty() && value.bytes().all(allowed);
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        match self.kind {
            HoleKind::Version => is_version(value),
            HoleKind::Number => {
                let digits = all(|b| b.is_ascii_digit()) && (value == "0" || !value.starts_with('0'));
                digits && value.parse::<u64>().is_ok_and(|n| n <= self.max.unwrap_or(u64::MAX))
            }
            HoleKind::Commit => [40, 64].contains(&value.len()) && all(hex),
            HoleKind::Digest => Hash::read(value).is_some(),
            HoleKind::Name => {
                let inside = all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                inside && value.len() <= 63 && !value.starts_with('-') && !value.ends_with('-')
            }
            HoleKind::Choice => self.of.iter().any(|choice| choice == value),
        }
    }
}

fn is_version(value: &str) -> bool {
    let rest = value.strip_prefix('v').unwrap_or(value);
    let (numbers, more) = rest.split_once('-').map_or((rest, None), |(n, m)| (n, Some(m)));
    let parts: Vec<&str> = numbers.split('.').collect();
    let number = |p: &&str| !p.is_empty() && p.len() <= 9 && p.bytes().all(|b| b.is_ascii_digit());
    let word =
        |m: &str| !m.is_empty() && m.len() <= 40 && m.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    (2..=4).contains(&parts.len()) && parts.iter().all(number) && more.is_none_or(word)
}

impl Statement for Ticket {
    const KIND: Kind = Kind::Ticket;

    fn head(&self) -> Head<'_> {
        Head { v: self.v, team: &self.team, person: &self.person, key: &self.key, iat: self.iat }
    }

    fn sound(&self) -> Result<(), &'static str> {
        if !matches!(self.argv.first(), Some(Word::Exact(_))) {
            return Err("the program's name may not vary");
        }
        if self.not_before >= self.not_after || self.not_after - self.not_before > LONGEST {
            return Err("it counts for more than 24 hours, or never");
        }
        if self.not_after <= self.iat || self.max == 0 {
            return Err("it may not be used");
        }
        let bad = |hole: &Hole| (hole.kind == HoleKind::Choice) == hole.of.is_empty();
        if self.argv.iter().any(|w| matches!(w, Word::Hole(hole) if bad(hole))) {
            return Err("a choice has values, and nothing else has");
        }
        Ok(())
    }
}
