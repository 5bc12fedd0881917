//! How requests that were made here ended, `team/requests/ENDED`: what was asked, how it went, when, by whom. Must never hold
//! a secret, nor call a use unspent that was begun.

use super::kept::{self, REQUESTS, directory};
use super::ready::now;
use crate::keys::private::{self, FileError, Privacy};
use crate::settings::Dirs;
use crate::statement::{Envelope, Hash, Refusal, Request, Verdict, read as read_payload};
use crate::sys::directory::Directory;
use crate::text::show_line;
use serde::{Deserialize, Serialize};

const FILE: &str = "ENDED";
pub(super) const LOCK: &str = "LOCK";
/// Records that are kept, the newest.
const MOST: usize = 200;
/// Seconds that one is kept.
const LONGEST: u64 = 30 * 24 * 3600;
/// Characters of a command or a note in a record.
const WORDS: usize = 200;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[must_use]
pub enum Fate {
    /// Its one use is spent, and guard is about to start the program.
    Starting,
    /// guard handed over to the program.
    Started,
    /// Its one use is spent, and nothing ran.
    NotStarted,
    /// Its use had been claimed before, not by the process that says so.
    Used,
    Denied,
    /// Two wrong numbers.
    Mismatch,
    Cancelled,
    Revoked,
    Expired,
    /// Approved, and not started in time.
    Lapsed,
    /// What would have run was not what was approved.
    Drift,
    /// It could not be approved.
    Void,
    /// It could not be handed in.
    Unsent,
}

impl Fate {
    /// One word for lists and `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Fate::Starting => "starting",
            Fate::Started => "started",
            Fate::NotStarted => "not-run",
            Fate::Used => "used",
            Fate::Denied => "denied",
            Fate::Mismatch => "mismatch",
            Fate::Cancelled => "cancelled",
            Fate::Revoked => "revoked",
            Fate::Expired => "expired",
            Fate::Lapsed => "lapsed",
            Fate::Drift => "drift",
            Fate::Void => "void",
            Fate::Unsent => "unsent",
        }
    }

    /// 65 where something differed, 75 where its time was over, 77 else.
    pub fn status(self) -> i32 {
        match self {
            Fate::Drift => 65,
            Fate::Expired | Fate::Lapsed => 75,
            Fate::Starting
            | Fate::Started
            | Fate::NotStarted
            | Fate::Used
            | Fate::Denied
            | Fate::Mismatch
            | Fate::Cancelled
            | Fate::Revoked
            | Fate::Void
            | Fate::Unsent => 77,
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Fate::Starting => "`guard requests --ended` says later whether it started",
            Fate::Started => "`guard audit show` has it; to run it once more, ask again",
            Fate::NotStarted => "nothing ran; ask again",
            Fate::Used => "`guard audit show` says what ran here; ask again",
            Fate::Denied => "ask them what has to change first",
            Fate::Mismatch => {
                "somebody may be answering who does not talk to you: find out before asking again"
            }
            Fate::Revoked => "ask them why, then ask again",
            Fate::Cancelled | Fate::Expired | Fate::Lapsed | Fate::Drift => "nothing ran; ask again",
            Fate::Void => "`guard team update`, then ask again",
            Fate::Unsent => "nobody was asked; ask again",
        }
    }
}

/// A request that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub request: Hash,
    /// Seconds since 1970.
    pub at: u64,
    pub fate: Fate,
    /// Who approved, refused or took back.
    pub by: Vec<String>,
    /// In their words, or guard's.
    pub why: Option<String>,
    pub severity: String,
    /// The command as approvers saw it, shortened.
    pub what: String,
}

/// What is said of an end.
pub(super) struct End {
    pub fate: Fate,
    pub by: Vec<String>,
    pub why: Option<String>,
}

impl End {
    pub fn new(fate: Fate, why: Option<&str>) -> End {
        End { fate, by: Vec::new(), why: why.map(str::to_owned) }
    }

    /// `None`: it has not ended.
    pub fn of(verdict: &Verdict) -> Option<End> {
        let (fate, by, why) = match verdict {
            Verdict::Approved { .. } | Verdict::Pending { .. } => return None,
            Verdict::Denied { by } => {
                let notes = by.iter().filter_map(|refusal| refusal.note.clone());
                (Fate::Denied, by.iter().map(refuser).collect(), joined(notes))
            }
            Verdict::Mismatch { by } => (Fate::Mismatch, by.clone(), None),
            Verdict::Cancelled { reason } => (Fate::Cancelled, Vec::new(), reason.clone()),
            Verdict::Revoked { by } => {
                let notes = by.iter().filter_map(|withdrawal| withdrawal.note.clone());
                (Fate::Revoked, by.iter().map(|w| w.person.clone()).collect(), joined(notes))
            }
            Verdict::Expired => (Fate::Expired, Vec::new(), None),
            Verdict::Lapsed { .. } => (Fate::Lapsed, Vec::new(), None),
            Verdict::Void(why) => (Fate::Void, Vec::new(), Some(why.to_string())),
        };
        Some(End { fate, by, why })
    }
}

fn refuser(refusal: &Refusal) -> String {
    let report = if refusal.report { " (reports an attack)" } else { "" };
    format!("{}{report}", refusal.person)
}

fn joined(notes: impl Iterator<Item = String>) -> Option<String> {
    let notes: Vec<String> = notes.collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

impl Past {
    fn of(request: &Envelope, end: End) -> Past {
        let asked = read_payload::<Request>(request.payload()).ok();
        let words = |asked: &Request| {
            let words = asked.exec.argv.iter().map(|word| String::from_utf8_lossy(&word.0).into_owned());
            shortened(&words.collect::<Vec<_>>().join(" "))
        };
        Past {
            request: request.digest(),
            at: now(),
            fate: end.fate,
            by: end.by,
            why: end.why.as_deref().map(shortened),
            severity: asked.as_ref().map(|r| r.policy.severity.word().to_owned()).unwrap_or_default(),
            what: asked.as_ref().map(words).unwrap_or_default(),
        }
    }

    /// How it ended, in a line that is safe to print.
    pub fn words(&self) -> String {
        let by = show_line(self.by.join(", "), 100);
        let by = if by.is_empty() { "somebody".to_owned() } else { by };
        let why = self.why.as_deref().map(|why| format!(": {}", show_line(why, WORDS))).unwrap_or_default();
        match self.fate {
            Fate::Starting => format!("it was approved by {by}, and another guard is starting it"),
            Fate::Started => format!("it was approved by {by}, and guard started it"),
            Fate::NotStarted => {
                format!("it was approved by {by} and its one use is spent, but it did not run{why}")
            }
            Fate::Used => "its approval was used before, by another process or machine".to_owned(),
            Fate::Denied => format!("it was denied by {by}{why}"),
            Fate::Mismatch => format!("two wrong numbers ended it ({by})"),
            Fate::Cancelled => format!("it was taken back{why}"),
            Fate::Revoked => format!("{by} took the approval back{why}"),
            Fate::Expired => format!("its time is over{why}"),
            Fate::Lapsed => "it was approved and not started in time".to_owned(),
            Fate::Drift => format!("what would have run was not what was approved{why}"),
            Fate::Void => format!("it could not be approved{why}"),
            Fate::Unsent => format!("it could not be handed in{why}"),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(WORDS).collect()
}

/// Every record, the newest last. A use that was begun by a process which is gone did not run.
pub fn ended(dirs: &Dirs) -> Result<Vec<Past>, FileError> {
    let directory = directory(dirs, REQUESTS)?;
    let all = read(&directory)?;
    let begun = all.iter().filter(|past| past.fate == Fate::Starting);
    let gone: Vec<Hash> = begun.map(|past| past.request).filter(|r| !kept::is_held(dirs, r)).collect();
    if gone.is_empty() {
        return Ok(all);
    }
    let settle = |all: &mut Vec<Past>| {
        // Read again under the lock: whatever held its file then has said by now how it went.
        for past in all.iter_mut().filter(|p| p.fate == Fate::Starting && gone.contains(&p.request)) {
            past.fate = Fate::NotStarted;
            past.why = Some("guard was ended in between".to_owned());
        }
    };
    let all = change(&directory, settle)?;
    gone.iter().for_each(|request| kept::forget(dirs, request));
    Ok(all)
}

/// How one request ended, if it did.
pub fn fate_of(dirs: &Dirs, request: &Hash) -> Option<Past> {
    ended(dirs).ok()?.into_iter().find(|past| past.request == *request)
}

/// It ends; what is kept of it goes. The first end stays. A record that cannot be written is not worth keeping the rest for.
pub(super) fn end(dirs: &Dirs, request: &Envelope, end: End) {
    if end_durably(dirs, request, end).is_err() {
        kept::forget(dirs, &request.digest());
    }
}

/// As `end`; where the record cannot be written everything stays as it was.
pub(super) fn end_durably(dirs: &Dirs, request: &Envelope, end: End) -> Result<(), FileError> {
    let past = Past::of(request, end);
    let add = |all: &mut Vec<Past>| {
        if !all.iter().any(|known| known.request == past.request) {
            all.push(past);
        }
    };
    change(&directory(dirs, REQUESTS)?, add)?;
    kept::forget(dirs, &request.digest());
    Ok(())
}

/// Nobody can approve or start it any more.
pub fn expired(dirs: &Dirs, request: &Envelope, why: Option<&str>) {
    end(dirs, request, End::new(Fate::Expired, why));
}

/// Its one use begins; durable on return. `false`: it has ended.
pub(super) fn begin(dirs: &Dirs, request: &Envelope, by: &str) -> Result<bool, FileError> {
    let past = Past::of(request, End { fate: Fate::Starting, by: vec![by.to_owned()], why: None });
    let mut begun = false;
    let enter = |all: &mut Vec<Past>| {
        // Somebody who came too late for the claim may have said so before the one who has it.
        all.retain(|known| known.request != past.request || known.fate != Fate::Used);
        begun = !all.iter().any(|known| known.request == past.request);
        if begun {
            all.push(past);
        }
    };
    change(&directory(dirs, REQUESTS)?, enter)?;
    Ok(begun)
}

/// How a use went that this process began; durable on return.
pub(super) fn went(dirs: &Dirs, request: &Hash, fate: Fate, why: Option<&str>) -> Result<(), FileError> {
    let say = |all: &mut Vec<Past>| {
        for past in all.iter_mut().filter(|past| past.request == *request) {
            (past.fate, past.why) = (fate, why.map(shortened));
        }
    };
    change(&directory(dirs, REQUESTS)?, say).map(drop)
}

fn read(directory: &Directory) -> Result<Vec<Past>, FileError> {
    let bytes = private::read_whole(directory, FILE, Privacy::Own)?.unwrap_or_default();
    // One record a line: what another version wrote otherwise is left out, the others count.
    Ok(bytes.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// Changes the records under the lock; the oldest go.
fn change(directory: &Directory, with: impl FnOnce(&mut Vec<Past>)) -> Result<Vec<Past>, FileError> {
    let _held = private::lock(directory, LOCK)?;
    let mut all = read(directory)?;
    let before = all.clone();
    with(&mut all);
    if all == before {
        return Ok(all);
    }
    let now = now();
    all.retain(|past| past.fate == Fate::Starting || past.at.saturating_add(LONGEST) > now);
    let many = all.len().saturating_sub(MOST);
    all.drain(..many);
    let mut bytes = Vec::new();
    for past in &all {
        // Strings and a number: serde_json has no error for them.
        bytes.extend(serde_json::to_vec(past).unwrap_or_default());
        bytes.push(b'\n');
    }
    private::replace(directory, FILE, &bytes)?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Withdrawal;
    use crate::statement::world::World;

    fn dirs(name: &str) -> Dirs {
        let state = std::env::temp_dir().join(format!("guard-ended-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&state);
        Dirs { config: state.join("config"), cache: state.join("cache"), state }
    }

    #[test]
    fn the_first_end_stays_and_the_oldest_records_go() {
        let dirs = dirs("first");
        let world = World::new();
        let request = world.alice.sign(&world.request(), 0);
        end(&dirs, &request, End::new(Fate::Denied, Some("not\u{1b}[2J now")));
        end(&dirs, &request, End::new(Fate::Expired, None));
        assert!(!begin(&dirs, &request, "bob (sre)").expect("written"), "it has ended");
        let past = fate_of(&dirs, &request.digest()).expect("kept");
        assert_eq!((past.fate, past.fate.status()), (Fate::Denied, 77));
        assert!(!past.words().contains('\u{1b}'), "{}", past.words());
        for _ in 0..MOST {
            let mut asked = world.request();
            asked.nonce = crate::statement::Bytes32(crate::keys::random::<32>().expect("bytes"));
            end(&dirs, &world.alice.sign(&asked, 0), End::new(Fate::Expired, None));
        }
        assert_eq!(ended(&dirs).expect("read").len(), MOST);
        assert_eq!(fate_of(&dirs, &request.digest()), None);
        std::fs::remove_dir_all(&dirs.state).expect("removed");
    }

    #[test]
    fn a_use_that_was_begun_by_a_process_that_is_gone_did_not_run() {
        let dirs = dirs("gone");
        let world = World::new();
        let request = world.alice.sign(&world.request(), 0);
        let held = kept::hold(&dirs, &request.digest()).expect("held");
        // Too late for the claim, and said before the one who has it.
        end(&dirs, &request, End::new(Fate::Used, None));
        assert!(begin(&dirs, &request, "bob (sre)").expect("written"));
        assert!(!begin(&dirs, &request, "bob (sre)").expect("written"), "once");
        assert_eq!(fate_of(&dirs, &request.digest()).expect("kept").fate, Fate::Starting);
        drop(held);
        let past = fate_of(&dirs, &request.digest()).expect("kept");
        assert_eq!(past.fate, Fate::NotStarted);
        assert!(past.words().contains("its one use is spent, but it did not run"), "{}", past.words());
        std::fs::remove_dir_all(&dirs.state).expect("removed");
    }

    #[test]
    fn who_took_it_back_says_why() {
        let by = vec![
            Withdrawal { person: "bob".to_owned(), note: Some("the wrong cluster".to_owned()) },
            Withdrawal { person: "carol".to_owned(), note: None },
        ];
        let end = End::of(&Verdict::Revoked { by }).expect("it is over");
        assert_eq!((end.by, end.why), (vec!["bob".into(), "carol".into()], Some("the wrong cluster".into())));
        assert!(End::of(&Verdict::Pending { filled: Vec::new(), missing: Vec::new() }).is_none());
    }
}
