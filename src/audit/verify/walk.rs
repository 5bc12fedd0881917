//! Walks the segments line by line. Every byte belongs to an entry, or to a region that the entry right after
//! it accounts for; anything else is a problem.

use super::super::entry::VERSION;
use super::super::line::{Class, Head, Line};
use super::canonical;
use super::identity::{Identities, Says};
use super::report::{Problem, Recovered, Report, Standing};
use crate::keys::{Digest, PublicKey, decode, encode, sha256};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

type Object = Map<String, Value>;

/// The state between two entries.
#[derive(Default)]
pub struct Walk {
    report: Report,
    /// Leaf and number of the entry before.
    before: Option<(u64, Digest)>,
    key: Option<PublicKey>,
    epoch: u64,
    clock: Option<(String, u64)>,
    identities: Identities,
    open_intents: BTreeSet<String>,
    strangers: u64,
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct At<'a> {
    file: &'a str,
    line: u64,
    offset: usize,
}

/// Lines that are no entries, up to now.
struct Region<'a> {
    at: At<'a>,
    end: usize,
}

struct Parsed<'a> {
    line: Line<'a>,
    head: Head,
    object: Object,
}

impl<'a> Parsed<'a> {
    fn of(bytes: &'a [u8]) -> Option<Parsed<'a>> {
        let line = Line::split(bytes)?;
        Some(Parsed { line, head: line.head()?, object: canonical::object(line.entry)? })
    }

    fn text(&self, path: &[&str]) -> Option<&str> {
        self.value(path)?.as_str()
    }

    fn number(&self, path: &[&str]) -> Option<u64> {
        self.value(path)?.as_u64()
    }

    fn value(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.object.get(*first)?, |value, key| value.get(key))
    }
}

impl Walk {
    pub fn segment(&mut self, name: &str, first: u64, bytes: &[u8], is_last: bool) {
        let mut region: Option<Region<'_>> = None;
        let mut at = At { file: name, line: 0, offset: 0 };
        let mut begun = false;
        while at.offset < bytes.len() {
            at.line += 1;
            let rest = &bytes[at.offset..];
            let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            let end = (at.offset + length + 1).min(bytes.len());
            match Parsed::of(&rest[..length]) {
                Some(parsed) => {
                    if !begun && parsed.head.seq != first {
                        self.problem(
                            at,
                            Some(parsed.head.seq),
                            Standing::Tampered,
                            format!("the segment should begin with entry {first}"),
                        );
                    }
                    begun = true;
                    self.settle(region.take(), bytes, Some((at, &parsed)));
                    self.entry(at, &parsed);
                    if length == rest.len() {
                        self.problem(
                            at,
                            Some(parsed.head.seq),
                            Standing::Damaged,
                            "the line break at the end is missing; the next append adds it".to_owned(),
                        );
                    }
                }
                None => match &mut region {
                    Some(region) => region.end = end,
                    None => region = Some(Region { at, end }),
                },
            }
            at.offset = end;
        }
        self.end_of_segment(region, bytes, is_last);
    }

    /// Bytes that are no entry must be followed by the entry that accounts for them.
    fn settle(&mut self, region: Option<Region<'_>>, bytes: &[u8], next: Option<(At<'_>, &Parsed<'_>)>) {
        let record = next.filter(|(_, parsed)| parsed.head.event == "recover");
        match (region, record) {
            (None, None) => {}
            (None, Some((at, parsed))) => {
                self.problem(
                    at,
                    Some(parsed.head.seq),
                    Standing::Tampered,
                    "it accounts for damaged bytes that are not there".to_owned(),
                );
            }
            (Some(region), None) => {
                let what = format!(
                    "{} bytes are no entry, and nothing accounts for them",
                    region.end - region.at.offset
                );
                self.problem(region.at, None, Standing::Tampered, what);
            }
            (Some(region), Some((_, parsed))) => self.account(&region, bytes, parsed),
        }
    }

    fn account(&mut self, region: &Region<'_>, bytes: &[u8], record: &Parsed<'_>) {
        let whole = &bytes[region.at.offset..region.end];
        let length = record.number(&["recover", "length"]).and_then(|n| usize::try_from(n).ok());
        // A line break that the append added to end the region is not part of it.
        let damaged = match length {
            Some(n) if n == whole.len() => whole,
            Some(n) if n + 1 == whole.len() && !whole[..n].ends_with(b"\n") => &whole[..n],
            Some(_) | None => &[],
        };
        let class = Class::of(damaged);
        let holds = !damaged.is_empty()
            && record.text(&["recover", "file"]) == Some(region.at.file)
            && record.number(&["recover", "offset"]) == Some(region.at.offset as u64)
            && record.text(&["recover", "sha256"]) == Some(encode(&sha256(&[damaged])).as_str())
            && record.text(&["recover", "class"]) == Some(class.word());
        if !holds {
            let what = format!("the bytes differ from what entry {} says was damaged here", record.head.seq);
            return self.problem(region.at, None, Standing::Tampered, what);
        }
        let (standing, what) = match class {
            Class::Torn => (Standing::Damaged, "a write was cut off here"),
            Class::Foreign => (Standing::Tampered, "guard did not write these bytes"),
        };
        let what = format!("{what} ({} bytes, recorded by entry {})", damaged.len(), record.head.seq);
        self.problem(region.at, None, standing, what);
        self.report.recovered.push(Recovered {
            class: class.word(),
            file: region.at.file.to_owned(),
            length: damaged.len() as u64,
            offset: region.at.offset as u64,
            seq: record.head.seq,
        });
    }

    fn end_of_segment(&mut self, region: Option<Region<'_>>, bytes: &[u8], is_last: bool) {
        match region {
            Some(region) if is_last && Class::of(&bytes[region.at.offset..]) == Class::Torn => {
                let what = format!(
                    "a write was cut off here ({} bytes); the next append records it",
                    bytes.len() - region.at.offset
                );
                self.problem(region.at, None, Standing::Damaged, what);
            }
            region => self.settle(region, bytes, None),
        }
    }

    fn entry(&mut self, at: At<'_>, parsed: &Parsed<'_>) {
        if let Some((standing, what)) = self.fault(parsed) {
            self.problem(at, Some(parsed.head.seq), standing, what);
        }
        self.before = Some((parsed.head.seq, parsed.line.leaf()));
        self.report.entries += 1;
        self.report.first_seq = self.report.first_seq.or(Some(parsed.head.seq));
        self.report.last_seq = Some(parsed.head.seq);
        let time = parsed.number(&["time"]);
        self.report.first_time = self.report.first_time.or(time);
        self.report.last_time = time.or(self.report.last_time);
        self.meaning(at, parsed);
    }

    /// The first thing that is wrong with an entry.
    fn fault(&mut self, parsed: &Parsed<'_>) -> Option<(Standing, String)> {
        let tampered = |what: String| Some((Standing::Tampered, what));
        if parsed.head.v != VERSION {
            return Some((
                Standing::Unknown,
                format!("its format version {} is newer than this guard", parsed.head.v),
            ));
        }
        let out_of_place = self.out_of_place(parsed);
        if parsed.head.event == "genesis" && parsed.head.seq == 0 && self.before.is_none() {
            return self.genesis(parsed).map(|what| (Standing::Tampered, what));
        }
        if let Some(what) = out_of_place {
            return tampered(what);
        }
        if parsed.head.epoch != self.epoch {
            return tampered(format!(
                "it names epoch {}, but epoch {} was not ended",
                parsed.head.epoch, self.epoch
            ));
        }
        match self.key {
            None => {
                return tampered(
                    "its signature cannot be checked: the first entry is not readable".to_owned(),
                );
            }
            Some(key) if !parsed.line.is_signed_by(&key) => {
                return tampered("its signature is wrong".to_owned());
            }
            Some(_) => {}
        }
        if !private_holds(parsed) {
            return tampered("its private part is not the one it was signed with".to_owned());
        }
        None
    }

    fn out_of_place(&self, parsed: &Parsed<'_>) -> Option<String> {
        let seq = parsed.head.seq;
        let Some((before, leaf)) = &self.before else {
            return (seq != 0)
                .then(|| format!("the log begins with entry {seq}: the entries before it are gone"));
        };
        if seq > before + 1 {
            let missing = if seq == before + 2 {
                format!("entry {}", before + 1)
            } else {
                format!("entries {}–{}", before + 1, seq - 1)
            };
            Some(format!("{missing} before it is missing"))
        } else if seq <= *before {
            Some(format!("it stands after entry {before}"))
        } else if parsed.text(&["prev"]) != Some(encode(leaf).as_str()) {
            Some(format!("it does not continue entry {before} as that stands here"))
        } else {
            None
        }
    }

    /// Takes identity and key of epoch 0 from the first entry, once its signature holds.
    fn genesis(&mut self, parsed: &Parsed<'_>) -> Option<String> {
        self.report.genesis = Some(encode(&parsed.line.leaf()));
        let identity = parsed.text(&["genesis", "identity"]);
        let Some((_, key)) = identity.and_then(PublicKey::from_vkey) else {
            return Some("it does not name an identity".to_owned());
        };
        if !parsed.line.is_signed_by(&key) {
            return Some("its signature is wrong".to_owned());
        }
        self.identities.begin(key);
        self.report.identity = identity.map(str::to_owned);
        self.report.custody = parsed.text(&["genesis", "custody"]).map(str::to_owned);
        self.key = parsed.text(&["genesis", "epoch_key"]).and_then(decode).map(PublicKey);
        (self.key.is_none() || parsed.head.epoch != 0 || parsed.value(&["prev"]).is_some())
            .then(|| "it is no complete first entry".to_owned())
    }

    /// What entries say to each other: hand-over of keys, commands without a decision, the clock.
    fn meaning(&mut self, at: At<'_>, parsed: &Parsed<'_>) {
        let clock = parsed.text(&["boot"]).map(str::to_owned).zip(parsed.number(&["mono"]));
        if let (Some((boot, mono)), Some((boot_before, before))) = (&clock, &self.clock)
            && boot == boot_before
            && mono < before
        {
            self.report.notes.push(format!("entry {}: the clock went back within one boot", parsed.head.seq));
        }
        self.clock = clock;
        match parsed.head.event.as_str() {
            "genesis" => {
                if let Some(previous) = parsed.text(&["genesis", "previous"]) {
                    let what = format!("it replaces a log that is gone (first entry {previous})");
                    self.problem(at, Some(parsed.head.seq), Standing::Damaged, what);
                }
            }
            "epoch" => {
                let next = parsed.text(&["next", "key"]).and_then(decode).map(PublicKey);
                if let (Some(key), Some(epoch)) = (next, parsed.number(&["next", "epoch"])) {
                    (self.key, self.epoch) = (Some(key), epoch);
                }
            }
            "identity" => self.identity(at, parsed),
            "intent" => self.open_intents.extend(parsed.text(&["id"]).map(str::to_owned)),
            "decision" => {
                // A second decision (`not-started`) may follow the first.
                let known = parsed.text(&["ref"]).is_some_and(|id| self.open_intents.remove(id));
                self.strangers +=
                    u64::from(!known && parsed.text(&["decision", "outcome"]) != Some("not-started"));
            }
            // Events of later versions of this format carry no rule for the chain.
            _ => {}
        }
    }

    fn identity(&mut self, at: At<'_>, parsed: &Parsed<'_>) {
        let seq = parsed.head.seq;
        match self.identities.follow(seq, parsed.value(&["identity"])) {
            Says::Again => {}
            Says::Next(successor) => self.report.identity_now = Some(successor),
            Says::Lost(successor) => {
                let fingerprint = &successor.fingerprint;
                self.report.notes.push(format!(
                    "entry {seq}: the identity becomes {fingerprint} without the word of the key before, which is said to be lost"
                ));
                self.report.identity_now = Some(successor);
            }
            Says::Wrong(what) => self.problem(at, Some(seq), Standing::Tampered, what.to_owned()),
        }
    }

    fn problem(&mut self, at: At<'_>, seq: Option<u64>, standing: Standing, what: String) {
        let problem = Problem {
            file: at.file.to_owned(),
            line: at.line,
            offset: at.offset as u64,
            seq,
            standing,
            what,
        };
        self.report.problems.push(problem);
    }

    pub fn finish(mut self) -> Report {
        self.report.undecided = self.open_intents.len() as u64;
        if self.strangers > 0 {
            let decisions = match self.strangers {
                1 => "1 decision refers".to_owned(),
                all => format!("{all} decisions refer"),
            };
            self.report.notes.push(format!("{decisions} to no intent in the log"));
        }
        self.report
    }
}

/// `priv` is `{"fields":{…},"salt":"<base64 of 16 bytes>"}` and `priv_hash` = SHA-256(salt ‖ fields). Erased
/// private data leaves the hash alone.
fn private_holds(parsed: &Parsed<'_>) -> bool {
    let Some(private) = parsed.line.private else { return true };
    let Some(object) = canonical::object(private) else { return false };
    let (Some(fields), Some(salt)) = (object.get("fields"), object.get("salt").and_then(Value::as_str))
    else {
        return false;
    };
    let (Ok(fields), Some(salt)) = (serde_json::to_vec(fields), decode::<16>(salt)) else { return false };
    object.len() == 2 && parsed.text(&["priv_hash"]) == Some(encode(&sha256(&[&salt, &fields])).as_str())
}
