//! mkfs and the programs behind it: mkfs.TYPE, mke2fs, mkswap, mkntfs. The device is the first operand, and with
//! `DEV SIZE` not the last word. Must never take an option's value for the device.

use super::grammar::{Grammar, Parsed, Problem, Spec, Style, Takes};
use super::{Command, Does, Reading};
use crate::invocation::Invocation;
use std::ffi::OsString;

/// A family of formatters: names, letters as getopt(3) has them, and what is special.
struct Family {
    names: &'static [&'static str],
    letters: &'static str,
    long: &'static [(&'static str, char, Takes)],
    /// Changes nothing.
    dry: &'static [&'static str],
    /// Prints and stops.
    stops: &'static [&'static str],
    operand: Operand,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// The device, then its size.
    First,
    /// Every operand is a device.
    All,
    /// A directory, then the image.
    Last,
}

const N: Takes = Takes::Nothing;
const V: Takes = Takes::Value;
const O: Takes = Takes::Optional;

const FAMILIES: &[Family] = &[
    Family {
        names: &["ext2", "ext3", "ext4", "ext4dev", "mke2fs"],
        letters: "b:ce:g:i:jl:m:no:qr:s:t:d:vC:DE:FG:I:J:KL:M:N:O:R:ST:U:Vz:",
        long: &[],
        dry: &["-n"],
        stops: &["-V"],
        operand: Operand::First,
    },
    Family {
        names: &["xfs"],
        letters: "b:c:d:i:l:L:m:n:KNp:qr:s:CfV",
        long: &[("unsupported", '\0', O)],
        dry: &["-N"],
        stops: &["-V"],
        operand: Operand::First,
    },
    Family {
        names: &["btrfs"],
        letters: "",
        long: &[
            ("alloc-start", 'A', V),
            ("byte-count", 'b', V),
            ("checksum", '\0', V),
            ("compress", '\0', V),
            ("csum", '\0', V),
            ("data", 'd', V),
            ("device-uuid", '\0', V),
            ("features", 'O', V),
            ("force", 'f', N),
            ("help", '\0', N),
            ("inode-flags", '\0', V),
            ("label", 'L', V),
            ("leafsize", 'l', V),
            ("metadata", 'm', V),
            ("mixed", 'M', N),
            ("nodesize", 'n', V),
            ("nodiscard", 'K', N),
            ("quiet", 'q', N),
            ("reflink", '\0', N),
            ("rootdir", 'r', V),
            ("runtime-features", 'R', V),
            ("sectorsize", 's', V),
            ("shrink", '\0', N),
            ("subvol", 'u', V),
            ("uuid", 'U', V),
            ("verbose", 'v', N),
            ("version", 'V', N),
        ],
        dry: &[],
        stops: &["--help", "--version"],
        operand: Operand::All,
    },
    Family {
        names: &["vfat", "fat", "msdos", "mkdosfs"],
        letters: "aAb:cCf:D:F:g:h:Ii:l:m:M:n:N:r:R:s:S:v",
        long: &[
            ("codepage", '\0', V),
            ("help", '\0', N),
            ("invariant", '\0', N),
            ("mbr", '\0', O),
            ("offset", '\0', V),
            ("variant", '\0', V),
        ],
        dry: &[],
        stops: &["--help"],
        operand: Operand::First,
    },
    Family {
        names: &["ntfs", "mkntfs"],
        letters: "lv",
        long: &[
            ("cluster-size", 'c', V),
            ("debug", 'd', N),
            ("enable-compression", 'C', N),
            ("fast", 'f', N),
            ("force", 'F', N),
            ("heads", 'H', V),
            ("help", 'h', N),
            ("label", 'L', V),
            ("mft-zone-multiplier", 'z', V),
            ("no-action", 'n', N),
            ("no-indexing", 'I', N),
            ("partition-start", 'p', V),
            ("quick", 'Q', N),
            ("quiet", 'q', N),
            ("sector-size", 's', V),
            ("sectors-per-track", 'S', V),
            ("use-epoch-time", 'T', N),
            ("verbose", '\0', N),
            ("version", 'V', N),
            ("with-uuid", 'U', N),
        ],
        dry: &["--no-action"],
        stops: &["--help", "--version"],
        operand: Operand::First,
    },
    Family {
        names: &["f2fs"],
        letters: "a:c:C:d:e:E:fg:hH:il:mo:O:qrR:s:St:T:U:Vw:z:Z:",
        long: &[],
        dry: &[],
        stops: &["-V", "-h"],
        operand: Operand::First,
    },
    Family {
        names: &["exfat", "mkexfatfs"],
        letters: "b:c:fhi:L:n:p:s:U:vV",
        long: &[("help", '\0', N), ("version", '\0', N), ("quiet", 'q', N)],
        dry: &[],
        stops: &["-V", "-h", "--help", "--version"],
        operand: Operand::First,
    },
    Family {
        names: &["minix"],
        letters: "ci:l:n:123hV",
        long: &[("help", '\0', N), ("version", '\0', N), ("lock", '\0', O)],
        dry: &[],
        stops: &["-h", "-V", "--help", "--version"],
        operand: Operand::First,
    },
    Family {
        names: &["cramfs"],
        letters: "hvEb:e:N:i:pslzn:V",
        long: &[],
        dry: &[],
        stops: &["-h", "-V"],
        operand: Operand::Last,
    },
    Family {
        names: &["mkswap"],
        letters: "",
        long: &[
            ("check", 'c', N),
            ("endianness", 'e', V),
            ("file", 'F', N),
            ("force", 'f', N),
            ("help", 'h', N),
            ("label", 'L', V),
            ("lock", '\0', O),
            ("offset", 'o', V),
            ("pagesize", 'p', V),
            ("quiet", 'q', N),
            ("size", 's', V),
            ("swapversion", 'v', V),
            ("uuid", 'U', V),
            ("verbose", '\0', N),
            ("version", 'V', N),
        ],
        dry: &[],
        stops: &["--help", "--version"],
        operand: Operand::First,
    },
];

/// Reads a command of the family; the operands are the devices.
pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "mkfs");
    let program = invocation.program().to_string_lossy().into_owned();
    let all: Vec<usize> = (0..invocation.args().len()).collect();
    command.verb = program.clone();
    if program == "mkfs" {
        dispatch(&mut command, invocation);
    } else {
        format(&mut command, program.strip_prefix("mkfs.").unwrap_or(&program), &all);
    }
    let devices: Vec<_> = command.operands.iter().map(crate::text::quote).collect();
    command.headline = format!("format {}", devices.join(", "));
    Reading::of(command)
}

/// `mkfs -t TYPE -V …`: its own options end at the first that it does not know; the rest is mkfs.TYPE's.
fn dispatch(command: &mut Command, invocation: &Invocation) {
    let args = invocation.args();
    let (mut kind, mut verbose, mut rest, mut at) = ("ext2".to_owned(), 0, Vec::new(), 0);
    while let Some(word) = args.get(at).and_then(|w| w.to_str()) {
        let value = args.get(at + 1).map(|w| w.to_string_lossy().into_owned());
        match word {
            "-V" | "-v" | "--verbose" if args.len() > 1 => verbose += 1,
            "-V" | "--version" | "-h" | "--help" => {
                command.does = Does::Nothing("help or version only".into());
            }
            "-VV" => verbose += 2,
            "-t" | "--type" | "-Vt" => {
                kind = value.unwrap_or_default();
                at += 1;
            }
            "--" => {
                rest.extend(at + 1..args.len());
                break;
            }
            _ if word.starts_with("--type=") => kind = word["--type=".len()..].to_owned(),
            _ if word.starts_with("-t") => kind = word[2..].to_owned(),
            _ if word.starts_with('-') && word.len() > 1 => {
                rest.extend(at..args.len());
                break;
            }
            _ => rest.push(at),
        }
        at += 1;
    }
    format(command, &kind, &rest);
    if verbose > 1 {
        command.traits.add("dry-run", "true");
    }
}

/// The words at `at` with the grammar of one formatter.
fn format(command: &mut Command, name: &str, at: &[usize]) {
    let args = command.invocation.args();
    let words: Vec<OsString> = at.iter().filter_map(|i| args.get(*i).cloned()).collect();
    let Some(family) = FAMILIES.iter().find(|f| f.names.contains(&name)) else {
        return unknown(command, name, &words, at);
    };
    let table = table(family);
    let permute = command.invocation.environment().get("POSIXLY_CORRECT").is_none();
    let mut parsed = Grammar { style: Style::Getopt, table: &table, permute }.parse(&words);
    let has = |names: &[&str]| names.iter().any(|n| parsed.has(n));
    if let Some(problem) = parsed.problems.first() {
        let (Problem::UnknownOption { word, .. }
        | Problem::Ambiguous { word, .. }
        | Problem::MissingValue { name: word, .. }
        | Problem::UnwantedValue { name: word, .. }) = problem;
        command.traits.add("form", "other-version");
        command.headline = format!("the option {word}");
    }
    if has(family.stops) {
        command.does = Does::Nothing("help or version only".into());
    }
    if has(family.dry) {
        command.traits.add("dry-run", "true");
    }
    named_by_option(&mut parsed, family);
    let devices = match family.operand {
        Operand::First => parsed.operands.iter().take(1).collect::<Vec<_>>(),
        Operand::All => parsed.operands.iter().collect(),
        Operand::Last => parsed.operands.iter().skip(1).take(1).collect(),
    };
    if family.operand == Operand::First && parsed.operands.len() > 1 {
        command.traits.add("form", "sized");
    }
    command.operands = devices.iter().map(|(word, _)| word.clone()).collect();
    command.operand_at = devices.iter().map(|(_, i)| at.get(*i).copied().unwrap_or(usize::MAX)).collect();
    command.options = parsed.options;
    if command.operands.is_empty() && command.does == Does::Acts {
        command.does = Does::Nothing("no device is named".into());
    }
}

/// `mkfs.xfs -d name=/dev/sdb1`.
fn named_by_option(parsed: &mut Parsed, family: &Family) {
    if !family.names.contains(&"xfs") || !parsed.operands.is_empty() {
        return;
    }
    let data = parsed.options.iter().filter(|o| o.name == "-d");
    let named: Vec<(String, usize)> = data
        .filter_map(|o| {
            let value = o.value.as_deref()?;
            let name = value.split(',').find_map(|part| part.strip_prefix("name="))?;
            Some((name.to_owned(), usize::MAX))
        })
        .collect();
    parsed.operands.extend(named);
}

fn table(family: &Family) -> Vec<Spec<'static>> {
    let letters = family.letters.char_indices().filter(|(_, c)| *c != ':').map(|(at, letter)| {
        let takes = if family.letters[at + 1..].starts_with(':') { V } else { N };
        Spec { long: &family.letters[at..=at], short: Some(letter), takes, exact: true }
    });
    let long = family.long.iter().map(|(long, short, takes)| super::grammar::opt(long, *short, *takes));
    letters.chain(long).collect()
}

/// A file system whose options are not known here: what looks like a path may be the device.
fn unknown(command: &mut Command, name: &str, words: &[OsString], at: &[usize]) {
    if matches!(words, [only] if ["--help", "--version", "-h", "-V"].iter().any(|w| only == w)) {
        command.does = Does::Nothing("help or version only".into());
        return;
    }
    for (word, at) in words.iter().zip(at) {
        if word.to_string_lossy().contains('/') {
            command.operands.push(word.to_string_lossy().into_owned());
            command.operand_at.push(*at);
        }
    }
    if command.operands.is_empty() {
        command.does = Does::Unsure(format!("which word of mkfs.{name} is the device"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn told(line: &str) -> String {
        let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let invocation = Invocation::here(argv, Stdin::Unread).expect("a working directory");
        let command = read(&invocation).commands.remove(0);
        let dry = if command.traits.has("dry-run", "true") { "dry " } else { "" };
        match command.does {
            Does::Acts => format!("{dry}{}", command.operands.join(" ")),
            Does::Nothing(_) => "nothing".into(),
            Does::Unsure(_) => "unsure".into(),
        }
    }

    #[test]
    fn the_device_is_found_behind_options_and_before_the_size() {
        for (line, expected) in [
            ("mkfs.ext4 -q d.img", "d.img"),
            ("mkfs -t ext4 d.img 4000", "d.img"),
            ("mkfs d.img", "d.img"),
            ("mkfs -V -t ext4 -q d.img", "d.img"),
            ("mkfs -V -V -t ext4 d.img", "dry d.img"),
            ("mkfs -t ext4 -n d.img", "dry d.img"),
            ("mkfs --type=xfs -f -L n d.img", "d.img"),
            ("mkfs -V", "nothing"),
            ("mkfs.ext4 -V", "nothing"),
            ("mkfs.ext4 -n d.img", "dry d.img"),
            ("mke2fs -q -L x -b 1024 d.img 8000", "d.img"),
            ("mke2fs d.img -t ext4", "d.img"),
            ("mkfs.xfs -d file,name=d.img,size=1g", "d.img"),
            ("mkfs.xfs -N d.img", "dry d.img"),
            ("mkfs.btrfs -L x --data raid1 a b", "a b"),
            ("mkfs.vfat -F 32 -n NAME d.img", "d.img"),
            ("mkfs.vfat -n d.img", "nothing"),
            ("mkswap -L x --uuid clear d.img", "d.img"),
            ("mkswap --help", "nothing"),
            ("mkfs.ext4", "nothing"),
            ("mkfs.zonefs /dev/sdb -o x", "/dev/sdb"),
            ("mkfs.zonefs -o x", "unsure"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
