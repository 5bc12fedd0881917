//! `tar --remove-files`: what goes into the archive is removed then, as rm -r would. Must never name a file that is
//! only read: the archive, a list of patterns.

use super::super::through::{Doubt, Start};
use crate::invocation::Invocation;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Letters and long options that take the next word (tar(1), GNU tar 1.35).
const LETTERS: &[u8] = b"bCfFgHIKLNTVX";
const LONG: &[&str] = &[
    "add-file",
    "after-date",
    "blocking-factor",
    "checkpoint-action",
    "directory",
    "exclude",
    "exclude-from",
    "exclude-ignore",
    "exclude-tag",
    "exclude-tag-all",
    "exclude-tag-under",
    "file",
    "files-from",
    "format",
    "group",
    "group-map",
    "index-file",
    "info-script",
    "label",
    "level",
    "listed-incremental",
    "mode",
    "mtime",
    "new-volume-script",
    "newer",
    "newer-mtime",
    "owner",
    "owner-map",
    "record-size",
    "rmt-command",
    "rsh-command",
    "sort",
    "starting-file",
    "strip-components",
    "suffix",
    "tape-length",
    "to-command",
    "transform",
    "use-compress-program",
    "volno-file",
    "xattrs-exclude",
    "xattrs-include",
    "xform",
];

/// What tar's words say.
#[derive(Default)]
struct Words {
    removes: bool,
    /// It makes an archive, or adds to one.
    packs: bool,
    files: Vec<OsString>,
    directory: Option<OsString>,
    /// Names come from a file.
    listed: bool,
}

/// The `rm` that such a tar amounts to.
pub fn removed(invocation: &Invocation) -> Option<Start> {
    let words = parse(invocation.args());
    if !words.removes || !words.packs || words.files.is_empty() && !words.listed {
        return None;
    }
    let mut argv: Vec<OsString> = ["rm", "-rf", "--"].map(OsString::from).to_vec();
    for file in words.files {
        argv.push(match &words.directory {
            Some(directory) if !file.as_bytes().starts_with(b"/") => {
                let joined = [directory.as_bytes(), b"/", file.as_bytes()].concat();
                OsStr::from_bytes(&joined).to_owned()
            }
            Some(_) | None => file,
        });
    }
    let doubt =
        words.listed.then(|| Doubt::from_word(argv.len(), "which files tar removes stands in another file"));
    Some(Start { invocation: invocation.nested(argv), doubt })
}

fn parse(args: &[OsString]) -> Words {
    let mut words = Words::default();
    let mut rest = args.iter();
    // `tar cf x.tar dir`: letters without a dash, their values in the next words.
    if let Some(first) = args.first().filter(|w| !w.as_bytes().starts_with(b"-")) {
        rest.next();
        for letter in first.as_bytes() {
            let value = LETTERS.contains(letter).then(|| rest.next().cloned()).flatten();
            words.letter(*letter, value);
        }
    }
    while let Some(word) = rest.next() {
        match word.as_bytes() {
            b"--" => {
                words.files.extend(rest.by_ref().cloned());
            }
            [b'-', b'-', long @ ..] => {
                let name = long.split(|b| *b == b'=').next().unwrap_or(long);
                let mut value = long.get(name.len() + 1..).map(|v| OsStr::from_bytes(v).to_owned());
                if value.is_none() && LONG.iter().any(|l| l.as_bytes() == name) {
                    value = rest.next().cloned();
                }
                words.long(name, value);
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                let taking = letters.iter().position(|l| LETTERS.contains(l));
                for letter in &letters[..taking.unwrap_or(letters.len())] {
                    words.letter(*letter, None);
                }
                if let Some(at) = taking {
                    let value = match &letters[at + 1..] {
                        [] => rest.next().cloned(),
                        glued => Some(OsStr::from_bytes(glued).to_owned()),
                    };
                    words.letter(letters[at], value);
                }
            }
            _ => words.files.push(word.clone()),
        }
    }
    words
}

impl Words {
    fn letter(&mut self, letter: u8, value: Option<OsString>) {
        match letter {
            b'c' | b'r' | b'u' => self.packs = true,
            b'C' => self.directory = value,
            b'T' => self.listed = true,
            _ => {}
        }
    }

    fn long(&mut self, name: &[u8], value: Option<OsString>) {
        // GNU tar completes long options; the shortest beginning that no other one shares.
        let is = |full: &str, least: usize| name.len() >= least && full.as_bytes().starts_with(name);
        if is("remove-files", 3) {
            self.removes = true;
        } else if is("create", 2) || is("append", 2) || is("update", 2) {
            self.packs = true;
        } else if is("directory", 2) {
            self.directory = value;
        } else if is("files-from", 6) {
            self.listed = true;
        } else if is("add-file", 2) {
            self.files.extend(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::removed;
    use crate::invocation::{Invocation, Stdin};

    fn rm(line: &str) -> String {
        let argv = line.split(' ').map(Into::into).collect();
        let start = removed(&Invocation::here(argv, Stdin::Terminal).expect("a directory"));
        let words = start.map(|s| s.invocation.argv().to_vec()).unwrap_or_default();
        words.iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn files_that_tar_removes_once_they_are_packed() {
        for (line, wanted) in [
            ("tar --remove-files -cf x.tar /etc", "rm -rf -- /etc"),
            ("tar cf x.tar --remove-files a b", "rm -rf -- a b"),
            ("tar -czf x.tgz -C /srv data --remove-f", "rm -rf -- /srv/data"),
            ("tar --create --file x.tar --exclude y --remove-files a", "rm -rf -- a"),
            ("tar -cf x.tar --remove-files -T list", "rm -rf --"),
            ("tar -cf x.tar /etc", ""),
            ("tar -xf x.tar --remove-files etc", ""),
            ("tar -cf x.tar --exclude --remove-files a", ""),
        ] {
            assert_eq!(rm(line), wanted, "{line}");
        }
    }
}
