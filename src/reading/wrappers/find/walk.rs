//! One walk over the tree, as find would make it, without doing anything. Must never say that less would go than
//! find removes: where an answer is open, both ways are followed.

use super::expression::{Exec, Expression};
use super::parse::{Call, Links};
use super::test::{Seen, holds};
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Paths that are looked at before giving up.
const MOST: usize = 100_000;
const DEEPEST: usize = 200;

/// The answers that an expression may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    yes: bool,
    no: bool,
}

const YES: Answer = Answer { yes: true, no: false };
const NO: Answer = Answer { yes: false, no: true };
const EITHER: Answer = Answer { yes: true, no: true };

impl From<bool> for Answer {
    fn from(yes: bool) -> Answer {
        if yes { YES } else { NO }
    }
}

/// Something that would be gone, by the name that find has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub path: PathBuf,
    /// Only what is in it: the directory itself cannot be removed, or is not chosen.
    pub contents_only: bool,
}

/// What a walk found.
pub struct Walk<'a> {
    call: &'a Call,
    cwd: &'a Path,
    /// Nothing was left open.
    pub known: bool,
    /// What is printed is known.
    pub printed_known: bool,
    pub printed: Vec<u8>,
    pub runs: Vec<(&'a Exec, PathBuf)>,
    /// The outermost paths that go, in the order of the walk.
    pub gone: Vec<Gone>,
    seen: usize,
    pruned: bool,
    quit: bool,
    chosen: bool,
    /// Directories that the walk is in, by device and inode: a link back to one is not entered.
    above: Vec<(u64, u64)>,
}

/// What stands around a path.
#[derive(Clone, Copy)]
struct Around {
    depth: usize,
    device: Option<u64>,
    parent: Option<u64>,
}

impl<'a> Walk<'a> {
    /// Walks what the words name.
    pub fn over(call: &'a Call, cwd: &'a Path) -> Walk<'a> {
        let mut walk = Walk { known: true, printed_known: true, ..Walk::unknown(call, cwd) };
        // The empty name is no directory, not this one either.
        for path in call.paths.iter().filter(|path| !path.is_empty()) {
            walk.visit(PathBuf::from(path), Around { depth: 0, device: None, parent: None });
        }
        walk
    }

    /// Nothing was looked at.
    pub fn unknown(call: &'a Call, cwd: &'a Path) -> Walk<'a> {
        Walk {
            call,
            cwd,
            known: false,
            printed_known: false,
            printed: Vec::new(),
            runs: Vec::new(),
            gone: Vec::new(),
            seen: 0,
            pruned: false,
            quit: false,
            chosen: false,
            above: Vec::new(),
        }
    }

    /// Whether the path would be gone afterwards: a directory only goes when all in it does.
    fn visit(&mut self, path: PathBuf, around: Around) -> bool {
        self.seen += 1;
        if self.seen > MOST || around.depth > DEEPEST {
            self.known = false;
        }
        if !self.known || self.quit {
            return false;
        }
        let place = self.cwd.join(&path);
        let follows =
            self.call.links == Links::Always || self.call.links == Links::Operands && around.depth == 0;
        // A trailing slash is followed by the system itself.
        let own = place.symlink_metadata();
        let metadata = if follows { place.metadata().or(own) } else { own };
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) => {
                self.known &= error.kind() != std::io::ErrorKind::PermissionDenied;
                return false;
            }
        };
        let seen = (path.as_path(), place.as_path(), &metadata);
        if metadata.is_dir() {
            self.directory(seen, around, follows)
        } else {
            self.file(seen, around, follows)
        }
    }

    fn file(&mut self, seen: (&Path, &Path, &Metadata), around: Around, follows: bool) -> bool {
        self.evaluate(seen, around.depth, follows, true);
        if self.chosen {
            self.gone.push(Gone { path: seen.0.to_owned(), contents_only: false });
        }
        self.chosen
    }

    fn directory(&mut self, seen: (&Path, &Path, &Metadata), around: Around, follows: bool) -> bool {
        let (path, place, metadata) = seen;
        let identity = (metadata.dev(), metadata.ino());
        if self.above.contains(&identity) {
            // find says that it is a loop, and goes on.
            return false;
        }
        if !self.call.depth_first {
            self.evaluate(seen, around.depth, follows, false);
        }
        let pruned = !self.call.depth_first && std::mem::take(&mut self.pruned);
        let device = around.device.unwrap_or(metadata.dev());
        let foreign = self.call.one_file_system && device != metadata.dev();
        let before = self.gone.len();
        self.above.push(identity);
        let (all, any) = match pruned || foreign || around.depth >= self.call.depth.1 {
            true => (self.is_empty(place), false),
            false => self.enter(path, place, around.depth, device, metadata.dev()),
        };
        self.above.pop();
        let mounted = around.parent.is_some_and(|parent| parent != metadata.dev());
        let removable = all && !mounted && goes_by_rmdir(path, place);
        if self.call.depth_first {
            self.evaluate(seen, around.depth, follows, removable);
        }
        let gone = self.call.depth_first && self.chosen && removable;
        if gone || all && any {
            self.gone.truncate(before);
            self.gone.push(Gone { path: path.to_owned(), contents_only: !gone });
        }
        gone
    }

    fn is_empty(&mut self, place: &Path) -> bool {
        std::fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none())
    }

    /// Visits what is in a directory; whether all of it would be gone, and anything.
    fn enter(&mut self, path: &Path, place: &Path, depth: usize, device: u64, parent: u64) -> (bool, bool) {
        let Ok(entries) = std::fs::read_dir(place) else {
            self.known = false;
            return (false, false);
        };
        let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
        names.sort();
        let (mut all, mut any) = (true, false);
        for name in names {
            let around = Around { depth: depth + 1, device: Some(device), parent: Some(parent) };
            let gone = self.visit(path.join(&name), around);
            all &= gone;
            any |= gone;
        }
        (all, any)
    }

    /// Looks at one path; sets `chosen` when it is deleted.
    fn evaluate(&mut self, seen: (&Path, &Path, &Metadata), depth: usize, follows: bool, removable: bool) {
        (self.pruned, self.chosen) = (false, false);
        if depth < self.call.depth.0 || self.quit {
            return;
        }
        let (shown, place, metadata) = seen;
        let seen = Seen { shown, place, metadata, cwd: self.cwd, follows };
        let expression = &self.call.expression;
        self.answer(expression, &seen, removable);
    }

    fn answer(&mut self, expression: &'a Expression, seen: &Seen<'_>, removable: bool) -> Answer {
        match expression {
            Expression::And(all) => {
                let mut sum = YES;
                for one in all {
                    let answer = self.answer(one, seen, removable);
                    sum = Answer { yes: answer.yes, no: sum.no || answer.no };
                    if !answer.yes || self.quit {
                        break;
                    }
                }
                sum
            }
            Expression::Or(all) => {
                let mut sum = NO;
                for one in all {
                    let answer = self.answer(one, seen, removable);
                    sum = Answer { yes: sum.yes || answer.yes, no: answer.no };
                    if !answer.no || self.quit {
                        break;
                    }
                }
                sum
            }
            Expression::List(all) => all.iter().fold(YES, |_, one| self.answer(one, seen, removable)),
            Expression::Not(inner) => {
                let answer = self.answer(inner, seen, removable);
                Answer { yes: answer.no, no: answer.yes }
            }
            Expression::Test(test) => match holds(test, seen) {
                Some(answer) => answer.into(),
                None => {
                    self.known = false;
                    EITHER
                }
            },
            Expression::Prune => {
                self.pruned = true;
                YES
            }
            Expression::Quit => {
                // What is found before depends on the order in the directory itself.
                self.quit = true;
                self.known = false;
                YES
            }
            Expression::Print { nul } => {
                self.printed.extend_from_slice(seen.shown.as_os_str().as_bytes());
                self.printed.push(if *nul { 0 } else { b'\n' });
                YES
            }
            Expression::PrintOther => {
                self.printed_known = false;
                YES
            }
            Expression::Writes => YES,
            Expression::Exec(exec) => {
                self.runs.push((exec, seen.shown.to_owned()));
                ends(exec)
            }
            Expression::Delete => {
                self.chosen |= removable;
                removable.into()
            }
        }
    }
}

/// How a program would end, where that is known.
fn ends(exec: &Exec) -> Answer {
    let program = exec.words.first().and_then(|w| Path::new(w).file_name());
    match program.map(OsStr::as_bytes) {
        _ if exec.all => YES,
        Some(b"true" | b"echo" | b"printf") if !exec.asks => YES,
        Some(b"false") if !exec.asks => NO,
        _ => EITHER,
    }
}

/// rmdir(2) takes neither `.` and `..` nor a link, whatever follows it.
fn goes_by_rmdir(path: &Path, place: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let end = bytes.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    let name = bytes[..end].rsplit(|b| *b == b'/').next().unwrap_or(b"");
    if matches!(name, b"" | b"." | b"..") {
        return false;
    }
    let place = place.as_os_str().as_bytes();
    let bare = place.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    !Path::new(OsStr::from_bytes(&place[..bare])).is_symlink()
}
