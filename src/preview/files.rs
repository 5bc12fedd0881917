//! How many files, directories and bytes lie below the paths of a command: a walk without following links, bounded by
//! time, in the helper process. Must never open a file, and never leave a file system the command would not leave.

use super::{Plan, Seen, words};
use crate::reading::Command;
use crate::rules::Count;
use crate::targets::{Datum, Targets, Value};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The resolver lists no more paths than this one by one.
const LISTED: usize = 1000;
/// Entries between two looks at the clock.
const STRIDE: u64 = 128;
const PROGRESS: Duration = Duration::from_millis(200);

/// What to walk.
#[derive(Clone, Debug)]
pub struct Walk {
    paths: Vec<PathBuf>,
    one_file_system: bool,
    /// Some paths stand for directories of which only a part goes.
    too_much: bool,
}

#[derive(Debug, Default)]
struct Tally {
    files: u64,
    directories: u64,
    bytes: u64,
    entries: u64,
    /// Directories that may not be read, and paths that could not be looked at.
    unseen: u64,
}

/// Counts for commands that remove; what others do below a path depends on each.
pub fn plan(command: &Command, targets: &Targets) -> Plan {
    let Some(Value::Known(Datum::List(items))) = targets.fact("paths").map(|f| &f.value) else {
        return Plan::Nothing;
    };
    if !matches!(command.tool.as_str(), "rm" | "unlink" | "shred") || items.is_empty() {
        return Plan::Nothing;
    }
    let mut paths = Vec::new();
    items.iter().for_each(|item| item.each_text(&mut |text| paths.push(PathBuf::from(text))));
    // Names that are not UTF-8 stand there escaped: the path of that spelling would be another one.
    if paths.iter().any(|p| p.to_string_lossy().contains("\\x")) {
        return Plan::Unable("a name among the paths is not UTF-8".into());
    }
    let too_much = paths.len() >= LISTED;
    Plan::Walk(Walk { paths, one_file_system: command.option("--one-file-system").is_some(), too_much })
}

impl Walk {
    /// Walks until `until`; `pulse` is called now and then, with words when there is progress to tell.
    pub fn run(&self, until: Instant, mut pulse: impl FnMut(Option<String>)) -> Seen {
        let mut tally = Tally::default();
        let mut stack: Vec<(PathBuf, Option<u64>)> = Vec::new();
        let mut told = Instant::now();
        let mut in_time = true;
        for path in &self.paths {
            match std::fs::symlink_metadata(path) {
                Ok(meta) => tally.add(&meta, path.clone(), self.device(&meta), &mut stack),
                Err(_) => tally.unseen += 1,
            }
            while let Some((directory, device)) = stack.pop().filter(|_| in_time) {
                let Ok(entries) = std::fs::read_dir(&directory) else {
                    tally.unseen += 1;
                    continue;
                };
                for entry in entries {
                    let Some((meta, path)) = entry.ok().and_then(|e| Some((e.metadata().ok()?, e.path()))) else {
                        tally.unseen += 1;
                        continue;
                    };
                    if device.is_none_or(|d| d == meta.dev()) {
                        tally.add(&meta, path, device, &mut stack);
                    }
                    if tally.entries % STRIDE == 0 {
                        in_time &= Instant::now() < until;
                        let due = told.elapsed() >= PROGRESS;
                        pulse(due.then(|| tally.so_far()));
                        told = if due { Instant::now() } else { told };
                    }
                    if !in_time {
                        break;
                    }
                }
            }
        }
        tally.seen(in_time, self.too_much)
    }

    /// The device a removal stays on; `None`: it goes wherever it leads.
    fn device(&self, meta: &std::fs::Metadata) -> Option<u64> {
        self.one_file_system.then(|| meta.dev())
    }
}

impl Tally {
    fn add(
        &mut self,
        meta: &std::fs::Metadata,
        path: PathBuf,
        device: Option<u64>,
        stack: &mut Vec<(PathBuf, Option<u64>)>,
    ) {
        self.entries += 1;
        if meta.is_dir() {
            self.directories += 1;
            stack.push((path, device));
        } else {
            self.files += 1;
            self.bytes += if meta.is_file() { meta.len() } else { 0 };
        }
    }

    fn so_far(&self) -> String {
        format!("{} so far", words::count(self.files, "file"))
    }

    fn seen(&self, in_time: bool, too_much: bool) -> Seen {
        let mut what = words::count(self.files, "file");
        if self.directories > 0 {
            what.push_str(&format!(" in {}", directories(self.directories)));
        }
        what.push_str(&format!(", {}", words::bytes(self.bytes)));
        let whole = in_time && self.unseen == 0;
        if !whole {
            what = format!("at least {what}");
        } else if too_much {
            what = format!("at most {what}");
        }
        if !in_time {
            what.push_str("; time was up before the end");
        } else if self.unseen > 0 {
            what.push_str(&format!("; {} may not be looked at", words::count(self.unseen, "place")));
        }
        let count = if whole { Count::Exactly(self.entries) } else { Count::AtLeast(self.entries) };
        Seen::new(count, what)
    }
}

fn directories(n: u64) -> String {
    if n == 1 { "1 directory".into() } else { words::count(n, "directory") }
}

#[cfg(test)]
mod tests {
    use super::Walk;
    use crate::rules::Count;
    use std::path::Path;
    use std::time::{Duration, Instant};

    fn walk(path: &Path) -> Walk {
        Walk { paths: vec![path.to_owned()], one_file_system: false, too_much: false }
    }

    #[test]
    fn files_and_bytes_are_counted_and_links_are_not_followed() {
        let root = std::env::temp_dir().join(format!("guard-walk-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("a/b")).expect("directories");
        std::fs::write(root.join("a/one"), vec![0; 1500]).expect("file");
        std::fs::write(root.join("a/b/two"), vec![0; 600]).expect("file");
        std::os::unix::fs::symlink("/usr", root.join("a/link")).expect("link");
        let later = Instant::now() + Duration::from_secs(60);
        let seen = walk(&root).run(later, |_| {});
        assert_eq!(seen.words, "3 files in 3 directories, 2.1 kB");
        assert_eq!(seen.count, Count::Exactly(6));
        let _ = std::fs::remove_dir_all(&root);
    }

    #[test]
    fn a_walk_ends_when_time_is_up() {
        let began = Instant::now();
        let seen = walk(Path::new("/usr")).run(began, |_| {});
        assert!(began.elapsed() < Duration::from_secs(2));
        assert!(matches!(seen.count, Count::AtLeast(_)) && seen.words.starts_with("at least"), "{seen:?}");
    }
}
