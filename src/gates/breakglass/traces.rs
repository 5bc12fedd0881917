//! What the ledger, the audit log and the count beside the key say of each other. Must never take a use for none because
//! one of them does not know it.

use super::count::{Count, Counted, LogSeen};
use super::ledger::{LedgerError, Use};
use super::uses as words;
use crate::audit::{self, AuditError, Record};
use crate::settings::Dirs;

/// The audit log as break-glass sees it.
pub struct Logged {
    /// Where it is now; `None` without a log.
    pub seen: Option<LogSeen>,
    /// It says itself that it replaces another.
    replaces: bool,
    /// Every intent.
    intents: Vec<String>,
    uses: Vec<Use>,
}

impl Logged {
    pub fn read(dirs: &Dirs) -> Result<Logged, LedgerError> {
        let records = match audit::records(dirs) {
            Ok(records) => records.records,
            Err(AuditError::NoLog { .. }) => Vec::new(),
            Err(error) => return Err(LedgerError::Audit(error)),
        };
        let with = |event: &'static str| records.iter().filter(move |r| r.text("/event") == Some(event));
        let used = with("decision").filter(|r| r.text("/decision/outcome") == Some("break-glass"));
        Ok(Logged {
            seen: records.first().zip(records.last()).and_then(|(first, last)| {
                Some(LogSeen { first: first.text("/id")?.to_owned(), seq: last.number("/seq")? })
            }),
            replaces: records.first().is_some_and(|r| r.get("/genesis/previous").is_some()),
            intents: with("intent").filter_map(|r| r.text("/id")).map(str::to_owned).collect(),
            uses: used.map(logged).collect(),
        })
    }

    /// Adds what only the log or the count knows to the uses of the ledger; in words, what is gone from each of them.
    pub fn complete(&self, uses: &mut Vec<Use>, count: Option<&Count>) -> Vec<String> {
        let before = uses.len();
        add(uses, self.uses.iter().cloned());
        add_counted(uses, count);
        let lacking = uses.len() - before;
        let mut gone = Vec::new();
        let of = uses.len();
        if lacking > 0 {
            let (lacks, count) = (words(lacking), if lacking == 1 { "counts" } else { "count" });
            gone.push(format!("the ledger lacks {lacks} of {of}, which {count} all the same"));
        }
        let unknown = uses.iter().filter(|used| !self.intents.contains(&used.id)).count();
        if unknown > 0 {
            let unknown = words(unknown);
            gone.push(format!("the audit log lacks {unknown} of {of}: entries of it are gone"));
        }
        gone.extend(self.log_gone(count));
        let counted = count.map_or(0, |count| count.uses.len());
        if counted < of {
            gone.push(format!("the count beside your key knows {} of {of}", words(counted)));
        }
        gone
    }

    fn log_gone(&self, count: Option<&Count>) -> Option<String> {
        let before = count.and_then(|count| count.log.as_ref());
        match (before, &self.seen) {
            (Some(_), None) => Some("the audit log that was there at the last use is gone".to_owned()),
            (Some(before), Some(now)) if before.first != now.first => {
                Some("the audit log was begun anew since the last use".to_owned())
            }
            (Some(before), Some(now)) if now.seq < before.seq => Some(format!(
                "the audit log ends with entry {}, and had entry {} at the last use",
                now.seq, before.seq
            )),
            (Some(_) | None, _) if self.replaces => {
                Some("the audit log replaces one that is gone: earlier uses may be missing".to_owned())
            }
            (Some(_) | None, _) => None,
        }
    }
}

/// Adds what only the count knows.
pub fn add_counted(uses: &mut Vec<Use>, count: Option<&Count>) {
    add(uses, count.into_iter().flat_map(|count| count.uses.iter().map(counted)));
}

fn add(uses: &mut Vec<Use>, more: impl Iterator<Item = Use>) {
    for used in more {
        if !uses.iter().any(|known| known.id == used.id) {
            uses.push(used);
        }
    }
}

fn logged(record: &Record) -> Use {
    Use {
        id: record.text("/ref").unwrap_or_default().to_owned(),
        real: record.number("/time").unwrap_or(u64::MAX),
        mono: record.number("/mono").unwrap_or(u64::MAX),
        boot: record.text("/boot").unwrap_or_default().to_owned(),
        what: "in the audit log, not in the ledger".to_owned(),
        reason: record.text("/decision/reason").unwrap_or_default().to_owned(),
        review: None,
    }
}

fn counted(counted: &Counted) -> Use {
    Use {
        id: counted.id.clone(),
        real: counted.real,
        mono: counted.mono,
        boot: counted.boot.clone(),
        what: "counted beside your key, not in the ledger".to_owned(),
        reason: String::new(),
        review: None,
    }
}
