//! Waiting for the approval: what came is put to `verify` again and again, and what it says is told in plain lines. Must
//! never take anything but its `Approved` for one.

use super::lacking::{self, Lacking};
use super::post::Heard;
use super::ready::{Ready, now};
use super::teller::Teller;
use crate::statement::{Answer, Envelope, MatchKey, Question, Verdict, verify};
use crate::team::paste;
use crate::tty::News;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError};

/// Answers that are taken into account.
const MOST: usize = 4096;

/// The request while it waits.
pub struct Waiting<'a> {
    ready: &'a mut Ready,
    request: &'a Envelope,
    number: Option<&'a MatchKey>,
    heard: Option<Receiver<Heard>>,
    /// Where `guard requests answer` puts what was pasted.
    pasted: PathBuf,
    exp: u64,
    statements: Vec<Vec<u8>>,
    told: BTreeSet<String>,
    teller: Teller,
    last: Option<(u64, usize)>,
    lacking: Lacking,
    trouble: Option<String>,
    /// Everything that was said so far is here.
    heard_all: bool,
    end: Option<End>,
}

/// How the wait ended.
#[derive(Debug)]
pub enum End {
    /// Every statement, and what `verify` says about them.
    Answered(Vec<Vec<u8>>, Answer),
    /// The relay will not take it: exit status, why, hint.
    Ended { status: i32, why: String, hint: String },
}

impl<'a> Waiting<'a> {
    pub fn new(
        ready: &'a mut Ready,
        request: &'a Envelope,
        number: Option<&'a MatchKey>,
        heard: Option<Receiver<Heard>>,
        pasted: PathBuf,
        exp: u64,
    ) -> Waiting<'a> {
        let (statements, told, last, trouble, end) = (Vec::new(), BTreeSet::new(), None, None, None);
        let heard_all = heard.is_none();
        let seats = ready.needs.seats.iter();
        let missing = seats.flat_map(|need| (0..need.n.min(64)).map(|_| need.group.clone())).collect();
        let lacking = Lacking { filled: Vec::new(), missing };
        Waiting {
            ready,
            request,
            number,
            heard,
            pasted,
            exp,
            statements,
            told,
            teller: Teller::default(),
            last,
            lacking,
            trouble,
            heard_all,
            end,
        }
    }

    /// Whether what was said so far is heard, or cannot be.
    pub fn is_up_to_date(&self) -> bool {
        self.heard_all || self.trouble.is_some()
    }

    /// What is new; asked several times a second.
    pub fn news(&mut self) -> News {
        let mut lines = Vec::new();
        self.hear(&mut lines);
        if self.end.is_none() && (self.heard.is_none() || self.trouble.is_some()) {
            lines.extend(self.numbers());
        }
        // A text may be older than what the relay has: a refusal, or an approval that was taken back.
        if self.is_up_to_date() {
            self.read_pasted();
        }
        let now = now();
        if self.end.is_none() && self.last != Some((now, self.statements.len())) {
            self.last = Some((now, self.statements.len()));
            self.decide(now, &mut lines);
        }
        lines.retain(|line| self.told.insert(line.clone()));
        News { lines, row: self.row(now), over: self.end.is_some() }
    }

    /// Why nothing can be heard, where it is not decided either.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.clone().filter(|_| self.end.is_none())
    }

    pub fn into_end(self) -> Option<End> {
        if let Some(End::Answered(_, answer)) = &self.end {
            self.teller.end(&answer.verdict);
        }
        self.end
    }

    fn hear(&mut self, lines: &mut Vec<String>) {
        loop {
            let Some(heard) = &self.heard else { return };
            match heard.try_recv() {
                Ok(Heard::Sent) => {
                    let who = self.ready.approvers.join(", ");
                    lines.push(format!("sent; these people can approve: {who}"));
                }
                Ok(Heard::Clock(apart)) => {
                    lines.push(format!("{apart}: answers will not count until the one that is wrong is set"));
                }
                Ok(Heard::Statements(new)) => {
                    let room = MOST.saturating_sub(self.statements.len());
                    self.statements.extend(new.into_iter().take(room));
                    self.heard_all = true;
                }
                Ok(Heard::Rosters(versions)) => {
                    for version in versions {
                        if let Err(error) = self.ready.team.advance(version) {
                            lines.push(format!("the relay's roster is not taken: {error}"));
                            break;
                        }
                    }
                }
                Ok(Heard::Trouble(why)) => {
                    if self.trouble.is_none() {
                        lines.push(format!("{why}; trying again, and {}", self.without_relay()));
                        self.told.remove(RELAY_BACK);
                    }
                    self.trouble = Some(why);
                }
                Ok(Heard::Back) => {
                    self.trouble = None;
                    lines.push(RELAY_BACK.to_owned());
                }
                Ok(Heard::Ended { status, why, hint }) => self.end = Some(End::Ended { status, why, hint }),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.heard = None;
                    return;
                }
            }
        }
    }

    /// What was given to `guard requests answer` in another terminal.
    fn read_pasted(&mut self) {
        let Ok(bytes) = crate::sys::file::read_bounded(&self.pasted, 1 << 20) else { return };
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some(envelope) = paste::envelope(line) else { continue };
            let bytes = envelope.to_bytes();
            if self.statements.len() < MOST && !self.statements.contains(&bytes) {
                self.statements.push(bytes);
            }
        }
    }

    fn decide(&mut self, now: u64, lines: &mut Vec<String>) {
        let answer = verify(&Question {
            subject: self.request,
            statements: &self.statements,
            roster: self.ready.team.roster(),
            needs: &self.ready.needs,
            match_key: self.number,
            now,
        });
        self.teller.tell(self.ready, self.request, &self.statements, &answer);
        for viewer in &answer.viewers {
            lines.push(match self.number {
                Some(key) => {
                    let code = key.code(&answer.digest, &viewer.person);
                    format!("{} is looking; the number for {} is {code}", viewer.person, viewer.person)
                }
                None => format!("{} is looking", viewer.person),
            });
        }
        for ignored in &answer.ignored {
            if let Some(person) = &ignored.person {
                lines.push(format!("what {person} sent does not count: {}", ignored.why));
            }
        }
        match &answer.verdict {
            Verdict::Pending { filled, missing } => {
                self.lacking = Lacking { filled: filled.clone(), missing: missing.clone() };
                lines.extend(filled.iter().map(|seat| format!("{} approves ({})", seat.person, seat.group)));
            }
            Verdict::Approved { seats, .. } => {
                lines.extend(seats.iter().map(|seat| format!("{} approves ({})", seat.person, seat.group)));
                self.end = Some(End::Answered(self.statements.clone(), answer));
            }
            Verdict::Denied { .. }
            | Verdict::Mismatch { .. }
            | Verdict::Cancelled { .. }
            | Verdict::Revoked { .. }
            | Verdict::Expired
            | Verdict::Lapsed { .. }
            | Verdict::Void(_) => self.end = Some(End::Answered(self.statements.clone(), answer)),
        }
    }

    fn row(&self, now: u64) -> String {
        let left = self.exp.saturating_sub(now);
        let relay = if self.trouble.is_some() { "; the relay does not answer" } else { "" };
        format!("waiting for {}, {}:{:02} left{relay}", self.lacking.seats(), left / 60, left % 60)
    }

    fn numbers(&self) -> Option<String> {
        let people = self.ready.approvers.iter().map(String::as_str);
        lacking::numbers(people, self.number, &self.request.digest())
    }

    /// How many approve, and who is missing.
    pub fn lacking(&self) -> String {
        let ready = &self.ready;
        self.lacking.words(ready.team.roster(), &ready.needs, &ready.person, now())
    }

    fn without_relay(&self) -> String {
        let id = self.request.digest().hex();
        format!("meanwhile `guard requests show {}` prints it as text to send", &id[..8])
    }
}

const RELAY_BACK: &str = "the relay answers again";
