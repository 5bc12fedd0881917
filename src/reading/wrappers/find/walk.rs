//! One walk over the tree that find would walk, without doing anything: what its tests choose.
//! Must never take a path for untouched whose test is not known: then it may be chosen.

use super::parse::{Call, Exec, Expression};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Paths that are looked at before giving up.
const MOST: usize = 20_000;

/// What one walk found.
pub(super) struct Walk<'a> {
    call: &'a Call,
    cwd: &'a Path,
    /// Not everything could be looked at.
    pub cut: bool,
    /// Something depends on a test that is not known: what is listed is the most that can be.
    pub vague: bool,
    /// What is printed is not known.
    pub shows: bool,
    seen: usize,
    pub printed: Vec<u8>,
    pub runs: Vec<(Exec, PathBuf)>,
    /// What is deleted, without what goes together with its directory.
    pub gone: Vec<PathBuf>,
    pruned: bool,
    chosen: bool,
    /// The tests so far hold for certain.
    certain: bool,
    device: Option<u64>,
}

impl<'a> Walk<'a> {
    pub fn new(call: &'a Call, cwd: &'a Path) -> Walk<'a> {
        Walk {
            call,
            cwd,
            cut: call.elsewhere,
            vague: false,
            shows: false,
            seen: 0,
            printed: Vec::new(),
            runs: Vec::new(),
            gone: Vec::new(),
            pruned: false,
            chosen: false,
            certain: true,
            device: None,
        }
    }

    /// Whether what is listed is exactly what happens.
    pub fn is_known(&self) -> bool {
        !self.cut && !self.vague
    }

    pub fn run(&mut self) {
        for path in &self.call.paths {
            self.device = None;
            self.visit(Path::new(path), 0);
        }
    }

    /// Whether the path would be gone afterwards: a directory only goes when all in it does.
    fn visit(&mut self, path: &Path, depth: usize) -> bool {
        self.seen += 1;
        self.cut |= self.seen > MOST || depth > 100;
        if self.cut {
            return false;
        }
        let place = self.cwd.join(path);
        // A trailing slash is followed by the system itself.
        let own = place.symlink_metadata();
        let is_link = own.as_ref().is_ok_and(std::fs::Metadata::is_symlink);
        let metadata = if self.call.follow { place.metadata().or(own) } else { own };
        let Ok(metadata) = metadata else { return false };
        let foreign = *self.device.get_or_insert(metadata.dev()) != metadata.dev();
        (self.pruned, self.chosen, self.certain) = (false, false, true);
        if depth >= self.call.depth.0 {
            let expression = &self.call.expression;
            let _ = self.holds(expression, path, &metadata);
        }
        let chosen = self.chosen;
        // -delete implies -depth, under which nothing is pruned.
        let pruned = self.pruned && !self.call.deletes || foreign && self.call.one_file_system;
        let before = self.gone.len();
        let all = !metadata.is_dir() || self.enter(path, &place, depth, pruned);
        // A link that is followed cannot be removed as the directory it leads to, nor can `.` or `..`.
        let stays = is_link && metadata.is_dir() || ends_in_dots(path);
        let goes = chosen && all && !stays;
        if goes {
            self.gone.truncate(before);
            self.gone.push(path.to_owned());
        }
        goes
    }

    /// Visits what is in a directory; whether all of it would be gone.
    fn enter(&mut self, path: &Path, place: &Path, depth: usize, pruned: bool) -> bool {
        let Ok(entries) = std::fs::read_dir(place) else {
            self.cut = true;
            return false;
        };
        if pruned || depth >= self.call.depth.1 {
            return entries.count() == 0;
        }
        let mut all = true;
        for entry in entries.flatten() {
            all &= self.visit(&path.join(entry.file_name()), depth + 1);
        }
        all
    }

    /// Whether an expression holds; `None`: it is not known.
    fn holds(&mut self, expression: &Expression, path: &Path, metadata: &std::fs::Metadata) -> Option<bool> {
        match expression {
            Expression::And(all) => self.both(all, true, path, metadata),
            Expression::Or(all) => self.both(all, false, path, metadata),
            Expression::Not(inner) => self.holds(inner, path, metadata).map(|held| !held),
            Expression::Name { pattern, whole, fold } => named(path, pattern, *whole, *fold),
            Expression::Type(types) => is_type(metadata, types),
            Expression::Test(test) => test.holds(self.cwd, &self.cwd.join(path), metadata),
            Expression::True | Expression::Writes => Some(true),
            Expression::False => Some(false),
            Expression::Shows => {
                self.shows = true;
                Some(true)
            }
            Expression::Prune => {
                self.pruned = true;
                self.vague |= !self.certain;
                Some(true)
            }
            Expression::Print { nul } => {
                self.shows |= !self.certain;
                self.printed.extend_from_slice(path.as_os_str().as_bytes());
                self.printed.push(if *nul { 0 } else { b'\n' });
                Some(true)
            }
            Expression::Exec(exec) => {
                self.vague |= !self.certain;
                self.runs.push((exec.clone(), path.to_owned()));
                match exec.words.first().and_then(|w| w.to_str()) {
                    _ if exec.all => Some(true),
                    Some("true" | ":" | "/bin/true" | "/usr/bin/true") => Some(true),
                    Some("false" | "/bin/false" | "/usr/bin/false") => Some(false),
                    Some(_) | None => None,
                }
            }
            Expression::Delete => {
                self.vague |= !self.certain;
                self.chosen = true;
                Some(true)
            }
            Expression::Unknown => None,
        }
    }

    /// Every part of `-a`, or of `-o`, until one decides.
    fn both(
        &mut self,
        all: &[Expression],
        and: bool,
        path: &Path,
        metadata: &std::fs::Metadata,
    ) -> Option<bool> {
        let outer = self.certain;
        let mut known = true;
        for part in all {
            match self.holds(part, path, metadata) {
                Some(held) if held != and => {
                    self.certain = outer;
                    return Some(held);
                }
                Some(_) => {}
                None => {
                    known = false;
                    self.certain = false;
                }
            }
        }
        self.certain = outer;
        known.then_some(and)
    }
}

fn ends_in_dots(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let end = bytes.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    let name = bytes[..end].rsplit(|b| *b == b'/').next().unwrap_or(b"");
    name == b"." || name == b".."
}

fn named(path: &Path, pattern: &[u8], whole: bool, fold: bool) -> Option<bool> {
    let text = if whole { path.as_os_str() } else { path.file_name().unwrap_or(path.as_os_str()) };
    let case = |b: &[u8]| if fold { b.to_ascii_lowercase() } else { b.to_vec() };
    let letters: Vec<(u8, bool)> = case(pattern).into_iter().map(|b| (b, false)).collect();
    let pattern = super::super::super::pattern::Pattern::new(&letters).ok()?;
    Some(pattern.matches(&case(text.as_bytes())))
}

fn is_type(metadata: &std::fs::Metadata, types: &[u8]) -> Option<bool> {
    let kind = metadata.file_type();
    let mut found = false;
    for letter in types.split(|b| *b == b',') {
        found |= match letter {
            b"f" => kind.is_file(),
            b"d" => kind.is_dir(),
            b"l" => kind.is_symlink(),
            b"p" => kind.is_fifo(),
            b"s" => kind.is_socket(),
            b"b" => kind.is_block_device(),
            b"c" => kind.is_char_device(),
            _ => return None,
        };
    }
    Some(found)
}
