//! The desk with its way to the relay: fetches what waits, proves it, and sends what the person says. Must never take
//! a request out of a thread that is not the one asked for.

use super::choice::{self, Choice};
use super::desk::now;
use super::{Case, Desk, Trouble, known};
use crate::keys::Signer;
use crate::statement::{Draft, Envelope, Hash, Surface};
use crate::team::{Courier, Row, sign};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a thread.
#[derive(Debug)]
struct File {
    request: Envelope,
    /// Everything in it, as it came.
    statements: Vec<Vec<u8>>,
    next: u64,
}

/// A desk at work.
pub struct Office<'a> {
    desk: Desk,
    signer: &'a Signer,
    courier: Courier<'a>,
    files: BTreeMap<Hash, File>,
    /// What the relay lists as waiting, in its order.
    waiting: Vec<Hash>,
    /// Requests that nobody waits for now, by its word.
    unattended: BTreeSet<Hash>,
    rounds: usize,
}

/// The roster is asked for in every so many rounds.
const SELDOM: usize = 8;
/// Of threads that nobody looks at so many are asked for in a round, in turn: the relay counts what is read.
const A_ROUND: usize = 8;

impl<'a> Office<'a> {
    /// Goes to the relay and learns the newest roster.
    pub fn open(desk: Desk, signer: &'a Signer) -> Result<Office<'a>, Trouble> {
        let courier = Courier::to(desk.team(), signer)?.ok_or(Trouble::NoRelay)?;
        let (files, waiting, unattended) = (BTreeMap::new(), Vec::new(), BTreeSet::new());
        let mut office = Office { desk, signer, courier, files, waiting, unattended, rounds: 0 };
        office.desk.update(&office.courier)?;
        Ok(office)
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// What is wrong with a clock, in words.
    pub fn clock(&self) -> Option<String> {
        self.desk.apart.map(|apart| format!("{}: set the one that is wrong", apart.words()))
    }

    /// Looks what waits. The thread in `open` is asked for each time.
    pub fn refresh(&mut self, open: Option<Hash>) -> Result<Vec<Case>, Trouble> {
        if self.rounds.is_multiple_of(SELDOM) {
            self.desk.update(&self.courier)?;
        }
        let rows = self.courier.inbox("pending")?;
        self.desk.apart = self.courier.apart();
        self.waiting = rows.iter().map(|row| row.request).collect();
        self.unattended = rows.iter().filter(|row| row.waits == Some(false)).map(|row| row.request).collect();
        let begin = self.rounds.wrapping_mul(A_ROUND);
        self.rounds = self.rounds.wrapping_add(1);
        for (at, digest) in self.waiting.clone().into_iter().enumerate() {
            let turn = (at + self.waiting.len() - begin % self.waiting.len()) % self.waiting.len() < A_ROUND;
            if turn || open == Some(digest) || !self.files.contains_key(&digest) {
                self.fetch(digest)?;
            }
        }
        if let Some(digest) = open.filter(|digest| !self.waiting.contains(digest)) {
            self.fetch(digest)?;
        }
        self.files.retain(|digest, _| self.waiting.contains(digest) || open == Some(*digest));
        self.cases()
    }

    /// The newest of one thread.
    pub fn look(&mut self, digest: Hash) -> Result<Case, Trouble> {
        self.fetch(digest)?;
        let found = self.cases()?.into_iter().find(|case| case.digest == digest);
        found.ok_or_else(|| Trouble::Nothing("the relay does not have this request".into()))
    }

    /// Tells the requester that somebody looks.
    pub fn view(&mut self, case: &Case, surface: Surface) -> Result<(), Trouble> {
        if case.genuine.is_err() || case.over_at(now()).is_some() || case.is_own(self.desk.person()) {
            return Ok(());
        }
        let draft = choice::viewing(&self.desk, case, surface)?;
        self.send(case.digest, draft).map(|_| ())
    }

    /// Signs and sends an answer, after looking once more how the request stands. The answer's digest.
    pub fn decide(&mut self, digest: Hash, choice: &Choice) -> Result<Hash, Trouble> {
        let case = self.look(digest)?;
        let draft = choice::decision(&self.desk, &case, choice)?;
        self.send(digest, draft)
    }

    /// Takes this person's approval back.
    pub fn take_back(&mut self, digest: Hash, note: Option<&str>) -> Result<Hash, Trouble> {
        let case = self.look(digest)?;
        let draft = choice::revocation(&self.desk, &case, note)?;
        self.send(digest, draft)
    }

    /// How what is meant ended, by its own statements; where they do not say, by the relay's word.
    pub fn ended(&mut self, wanted: &str) -> Trouble {
        let digits = wanted.trim().to_ascii_lowercase();
        let digits = digits.strip_prefix("sha256:").unwrap_or(&digits).to_owned();
        let upper = digits.to_ascii_uppercase();
        if self.waiting.iter().any(|digest| digest.hex().starts_with(&digits)) {
            // It is listed, and what the relay shows of it is not that request.
            return Trouble::Nothing(format!("no request {} waits", crate::text::show_line(wanted, 80)));
        }
        let fits = |row: &Row| {
            let id = row.id.to_ascii_uppercase();
            row.request.hex().starts_with(&digits) || id.starts_with(&upper) || id.ends_with(&upper)
        };
        for state in ["done", "cancelled", "denied", "expired"] {
            let rows = match self.courier.inbox(state) {
                Ok(rows) => rows,
                Err(why) => return why.into(),
            };
            let Some(row) = rows.iter().find(|row| fits(row)) else { continue };
            let ended = self.look(row.request).ok().and_then(|case| case.ended(now()));
            let status = if state == "expired" { 75 } else { 77 };
            return ended
                .unwrap_or_else(|| Trouble::Over { how: format!("{state}, as the relay says"), status });
        }
        Trouble::Unknown(wanted.trim().to_owned())
    }

    fn send(&self, digest: Hash, draft: Draft) -> Result<Hash, Trouble> {
        let envelope = sign(draft, self.signer)?;
        self.courier.say(&digest, &envelope)?;
        Ok(envelope.digest())
    }

    fn fetch(&mut self, digest: Hash) -> Result<(), Trouble> {
        let after = self.files.get(&digest).map_or(0, |file| file.next);
        let Some(thread) = self.courier.poll(&digest, after, 0)? else { return Ok(()) };
        if let std::collections::btree_map::Entry::Vacant(empty) = self.files.entry(digest) {
            let request = thread.entries.iter().find(|entry| entry.envelope.digest() == digest);
            let Some(request) = request else { return Ok(()) };
            empty.insert(File { request: request.envelope.clone(), statements: Vec::new(), next: 0 });
        }
        if let Some(file) = self.files.get_mut(&digest) {
            let said = thread.entries.iter().filter(|entry| entry.envelope.digest() != digest);
            file.statements.extend(said.map(|entry| entry.envelope.to_bytes()));
            file.next = thread.next;
        }
        Ok(())
    }

    /// Worst first, then what ends first; what is not genuine comes last.
    fn cases(&self) -> Result<Vec<Case>, Trouble> {
        let now = now();
        let read = |file: &File| Case::of(&self.desk, &file.request, &file.statements, now);
        let mut cases: Vec<Case> = self.files.values().filter_map(read).collect();
        // Two of one second: the shorter log was before.
        cases.sort_by_key(|case| (case.asked.iat(), case.asked.chain().map(|chain| chain.seq)));
        for case in &mut cases {
            let found = match case.genuine {
                Ok(()) => known::compare(&self.desk.state, case.digest, &case.asked)?,
                Err(_) => known::Found::default(),
            };
            case.unattended = self.unattended.contains(&case.digest) && !case.asked.is_ticket();
            case.judge(&self.desk, &found, now);
        }
        cases.sort_by_key(|case| {
            (case.genuine.is_err(), std::cmp::Reverse(case.severity()), case.asked.exp(), case.digest)
        });
        Ok(cases)
    }
}

/// The one request that a person means: the end or beginning of its id, or the beginning of its digest.
pub fn find<'c>(cases: &'c [Case], wanted: &str) -> Result<&'c Case, Trouble> {
    let wanted = wanted.trim();
    let upper = wanted.to_ascii_uppercase();
    let digits = wanted.strip_prefix("sha256:").unwrap_or(wanted).to_ascii_lowercase();
    let fits = |case: &&Case| {
        let id = case.asked.id().to_ascii_uppercase();
        id.ends_with(&upper) || id.starts_with(&upper) || case.digest.hex().starts_with(&digits)
    };
    if wanted.len() < 4 {
        return Err(Trouble::Usage {
            what: "an id has at least four characters".into(),
            hint: "`guard inbox --json` prints whole ids".into(),
        });
    }
    match cases.iter().filter(fits).collect::<Vec<_>>()[..] {
        [only] => Ok(only),
        [] => Err(Trouble::Nothing(format!("no request {} waits", crate::text::show_line(wanted, 80)))),
        ref several => Err(Trouble::Several(several.iter().map(|case| case.short()).collect())),
    }
}
