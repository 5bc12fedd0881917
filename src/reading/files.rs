//! Programs of GNU coreutils 9 that write over files or put others in their place: cp, mv, install, ln, tee,
//! shred, truncate, rmdir, unlink, and dd with its own grammar. Must never look at the file system.

use super::grammar::{Grammar, Problem, Spec, Style, Takes, opt};
use super::{Command, Does, Opt, Reading};
use crate::invocation::{Invocation, Stdin};
use std::os::unix::ffi::OsStrExt;

const N: Takes = Takes::Nothing;
const V: Takes = Takes::Value;
const O: Takes = Takes::Optional;

const CP: &[Spec] = &[
    opt("archive", 'a', N),
    opt("attributes-only", '\0', N),
    opt("backup", '\0', O),
    opt("b", 'b', N),
    opt("copy-contents", '\0', N),
    opt("debug", '\0', N),
    opt("d", 'd', N),
    opt("dereference", 'L', N),
    opt("force", 'f', N),
    opt("H", 'H', N),
    opt("interactive", 'i', N),
    opt("keep-directory-symlink", '\0', N),
    opt("link", 'l', N),
    opt("no-clobber", 'n', N),
    opt("no-dereference", 'P', N),
    opt("no-preserve", '\0', V),
    opt("no-target-directory", 'T', N),
    opt("one-file-system", 'x', N),
    opt("parents", '\0', N),
    opt("path", '\0', N),
    opt("p", 'p', N),
    opt("preserve", '\0', O),
    opt("recursive", 'r', N),
    opt("R", 'R', N),
    opt("reflink", '\0', O),
    opt("remove-destination", '\0', N),
    opt("sparse", '\0', V),
    opt("strip-trailing-slashes", '\0', N),
    opt("suffix", 'S', V),
    opt("symbolic-link", 's', N),
    opt("target-directory", 't', V),
    opt("u", 'u', N),
    opt("update", '\0', O),
    opt("verbose", 'v', N),
    opt("context", '\0', O),
    opt("Z", 'Z', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const MV: &[Spec] = &[
    opt("backup", '\0', O),
    opt("b", 'b', N),
    opt("context", 'Z', N),
    opt("debug", '\0', N),
    opt("exchange", '\0', N),
    opt("force", 'f', N),
    opt("interactive", 'i', N),
    opt("no-clobber", 'n', N),
    opt("no-copy", '\0', N),
    opt("no-target-directory", 'T', N),
    opt("strip-trailing-slashes", '\0', N),
    opt("suffix", 'S', V),
    opt("target-directory", 't', V),
    opt("u", 'u', N),
    opt("update", '\0', O),
    opt("verbose", 'v', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const INSTALL: &[Spec] = &[
    opt("backup", '\0', O),
    opt("b", 'b', N),
    opt("compare", 'C', N),
    opt("c", 'c', N),
    opt("D", 'D', N),
    opt("context", '\0', O),
    opt("debug", '\0', N),
    opt("directory", 'd', N),
    opt("group", 'g', V),
    opt("mode", 'm', V),
    opt("no-target-directory", 'T', N),
    opt("owner", 'o', V),
    opt("preserve-context", '\0', N),
    opt("preserve-timestamps", 'p', N),
    opt("strip", 's', N),
    opt("strip-program", '\0', V),
    opt("suffix", 'S', V),
    opt("target-directory", 't', V),
    opt("verbose", 'v', N),
    opt("Z", 'Z', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const LN: &[Spec] = &[
    opt("backup", '\0', O),
    opt("b", 'b', N),
    opt("directory", 'd', N),
    opt("F", 'F', N),
    opt("force", 'f', N),
    opt("interactive", 'i', N),
    opt("logical", 'L', N),
    opt("no-dereference", 'n', N),
    opt("no-target-directory", 'T', N),
    opt("physical", 'P', N),
    opt("relative", 'r', N),
    opt("suffix", 'S', V),
    opt("symbolic", 's', N),
    opt("target-directory", 't', V),
    opt("verbose", 'v', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const TEE: &[Spec] = &[
    opt("append", 'a', N),
    opt("ignore-interrupts", 'i', N),
    opt("output-error", '\0', O),
    opt("p", 'p', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const SHRED: &[Spec] = &[
    opt("exact", 'x', N),
    opt("force", 'f', N),
    opt("iterations", 'n', V),
    opt("random-source", '\0', V),
    opt("remove", '\0', O),
    opt("u", 'u', N),
    opt("size", 's', V),
    opt("verbose", 'v', N),
    opt("zero", 'z', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const TRUNCATE: &[Spec] = &[
    opt("io-blocks", 'o', N),
    opt("no-create", 'c', N),
    opt("reference", 'r', V),
    opt("size", 's', V),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const RMDIR: &[Spec] = &[
    opt("ignore-fail-on-non-empty", '\0', N),
    opt("parents", 'p', N),
    opt("path", '\0', N),
    opt("verbose", 'v', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const UNLINK: &[Spec] = &[opt("help", '\0', N), opt("version", '\0', N)];

/// The grammar of a program that this file reads.
fn table(tool: &str) -> &'static [Spec<'static>] {
    match tool {
        "cp" => CP,
        "mv" => MV,
        "install" => INSTALL,
        "ln" => LN,
        "tee" => TEE,
        "shred" => SHRED,
        "truncate" => TRUNCATE,
        "rmdir" => RMDIR,
        _ => UNLINK,
    }
}

/// Letters that are another spelling of a long option.
const SAME: &[(&str, &str)] =
    &[("-b", "--backup"), ("-R", "--recursive"), ("-u", "--update"), ("--path", "--parents")];

/// Reads a command of one of these programs.
pub fn read(invocation: &Invocation, tool: &str) -> Reading {
    if tool == "dd" {
        return Reading::of(dd(invocation));
    }
    let table = table(tool);
    let permute = invocation.environment().get("POSIXLY_CORRECT").is_none();
    let parsed = Grammar { style: Style::Getopt, table, permute }.parse(invocation.args());
    let mut command = Command::new(invocation, tool);
    command.verb = tool.to_owned();
    command.operand_at = parsed.operands.iter().map(|(_, at)| *at).collect();
    command.operands = parsed.operand_words();
    if let Some(problem) = parsed.problems.first() {
        let (Problem::UnknownOption { word: name, .. }
        | Problem::Ambiguous { word: name, .. }
        | Problem::MissingValue { name, .. }
        | Problem::UnwantedValue { name, .. }) = problem;
        command.does = Does::Nothing(format!("{tool} does not take {name} like this"));
    } else if parsed.has("--help") || parsed.has("--version") {
        command.does = Does::Nothing("help or version only".into());
    } else if parsed.operands.is_empty() {
        command.does = Does::Nothing("no path is named".into());
    }
    command.options = parsed.options.into_iter().map(|o| canonical(tool, o)).collect();
    command.headline = headline(&command);
    Reading::of(command)
}

fn canonical(tool: &str, mut option: Opt) -> Opt {
    let same = SAME.iter().find(|(short, _)| *short == option.name);
    match same {
        _ if tool == "shred" && option.name == "-u" => "--remove".clone_into(&mut option.name),
        Some((_, long)) => (*long).clone_into(&mut option.name),
        None => {}
    }
    option
}

fn headline(command: &Command) -> String {
    let words: Vec<_> = command.invocation.argv().iter().skip(1).take(12).collect();
    let more = if command.invocation.argv().len() > 13 { " …" } else { "" };
    format!("{} {}{more}", command.tool, crate::text::quote_line(&words))
}

/// A program asks before it overwrites (`-i`), and nobody says yes: a person is asked for each path by name.
pub fn keeps_by_asking(stdin: &Stdin) -> bool {
    match stdin {
        Stdin::Terminal => true,
        Stdin::Content(bytes) => {
            bytes.split(|b| *b == b'\n').all(|line| matches!(line.first(), None | Some(b'n' | b'N')))
        }
        Stdin::Unread | Stdin::TooMuch => false,
    }
}

const DD_KEYS: &[&str] = &[
    "if", "of", "iflag", "oflag", "conv", "ibs", "obs", "bs", "cbs", "skip", "iseek", "seek", "oseek",
    "count", "status",
];

/// `dd key=value…`; the last of a key counts, but flags add up. The operand is what `of` names.
fn dd(invocation: &Invocation) -> Command {
    let mut command = Command::new(invocation, "dd");
    command.verb = "dd".to_owned();
    let mut ended = false;
    for (at, word) in invocation.args().iter().enumerate() {
        let bytes = word.as_bytes();
        if !ended && bytes == b"--" {
            ended = true;
            continue;
        }
        let text = word.to_string_lossy();
        if !ended && bytes.starts_with(b"-") && bytes.len() > 1 {
            command.does = Does::Nothing(
                match text.len() > 2 && ["--help", "--version"].iter().any(|o| o.starts_with(&*text)) {
                    true => "help or version only".into(),
                    false => format!("dd does not know the option {text}"),
                },
            );
            break;
        }
        match text.split_once('=') {
            Some((key, value)) if DD_KEYS.contains(&key) => {
                command.options.push(Opt { name: format!("--{key}"), value: Some(value.to_owned()), at });
            }
            Some(_) | None => command.does = Does::Nothing(format!("dd does not know the operand {text}")),
        }
    }
    command.operands = command.option("--of").map(str::to_owned).into_iter().collect();
    for (key, flag) in [
        ("--conv", "notrunc"),
        ("--conv", "excl"),
        ("--conv", "nocreat"),
        ("--oflag", "append"),
        ("--oflag", "seek_bytes"),
    ] {
        if command.option_values(key).any(|list| list.split(',').any(|word| word == flag)) {
            command.traits.add("flag", flag);
        }
    }
    command.headline = headline(&command);
    command
}

/// A number as dd and truncate write sizes: `512`, `4K`, `1MB`, `2c`, `3b`, `1Kx2`. `None`: refused.
pub fn size(text: &str) -> Option<u64> {
    text.split('x').map(factor).try_fold(1_u64, |product, factor| product.checked_mul(factor?))
}

fn factor(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = if end == 0 { 1 } else { text[..end].parse().ok()? };
    let (unit, rest) = match text[end..].chars().next() {
        None => return Some(number),
        Some(letter) => (letter, &text[end + letter.len_utf8()..]),
    };
    let base: u64 = match rest {
        "" | "iB" => 1024,
        "B" => 1000,
        _ => return None,
    };
    let power = match unit {
        'c' if rest.is_empty() => return Some(number),
        'w' if rest.is_empty() => return number.checked_mul(2),
        'b' if rest.is_empty() => return number.checked_mul(512),
        'B' if rest.is_empty() => return Some(number),
        'k' | 'K' => 1,
        'm' | 'M' => 2,
        'g' | 'G' => 3,
        't' | 'T' => 4,
        'P' => 5,
        'E' => 6,
        _ => return None,
    };
    number.checked_mul(base.checked_pow(power)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn command(line: &str) -> Command {
        let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let invocation = Invocation::here(argv, Stdin::Unread).expect("a working directory");
        let tool = line.split(' ').next().expect("a program");
        read(&invocation, tool).commands.remove(0)
    }

    #[test]
    fn dd_takes_the_last_of() {
        assert_eq!(command("dd of=a if=/dev/null of=b").operands, ["b"]);
        assert!(command("dd of=a conv=sync,notrunc").traits.has("flag", "notrunc"));
        for line in ["dd --help of=a", "dd of=a --version", "dd a", "dd of=a frob=1", "dd -x of=a"] {
            assert!(matches!(command(line).does, Does::Nothing(_)), "{line}");
        }
        assert_eq!(command("dd -- of=a").does, Does::Acts);
    }

    #[test]
    fn options_are_abbreviated_and_take_their_values() {
        let shred = command("shred --iter 1 --rem README");
        assert!(shred.option("--remove").is_some() && shred.operands == ["README"]);
        assert!(command("shred -u a").option("--remove").is_some());
        assert_eq!(command("mv -t dir a b").option("--target-directory"), Some("dir"));
        assert!(command("cp -ab x y").option("--backup").is_some());
        assert!(matches!(command("cp --re a b").does, Does::Nothing(_)));
        assert!(matches!(command("truncate -s").does, Does::Nothing(_)));
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("0", 0),
            ("10", 10),
            ("2K", 2048),
            ("2kB", 2000),
            ("1MiB", 1 << 20),
            ("3b", 1536),
            ("2x3K", 6144),
            ("K", 1024),
        ] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        assert_eq!((size("x"), size("2Q"), size("1KX")), (None, None, None));
    }
}
