//! Files that programs overwrite which have no rules for it: `curl -o FILE`, `sed -i`, `sponge`, `kubectl cp`. Each
//! is judged as if a shell wrote there. Must never name a file that is only read.

use super::through::Start;
use super::{redirection, search_server};
use crate::invocation::Invocation;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Programs with options whose value is a file that is written; which letters take a value.
struct Writes {
    programs: &'static [&'static str],
    options: &'static [&'static str],
    with_value: &'static str,
}

const OPTIONS: &[Writes] = &[
    Writes {
        programs: &["curl"],
        options: &[
            "-o",
            "--output",
            "-D",
            "--dump-header",
            "-c",
            "--cookie-jar",
            "--trace",
            "--trace-ascii",
            "--stderr",
        ],
        with_value: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
    },
    Writes {
        programs: &["wget"],
        options: &["-O", "--output-document", "-o", "--output-file"],
        with_value: "oaeiBtOTwQPUlARDIXn",
    },
    Writes { programs: &["sort", "gsort"], options: &["-o", "--output"], with_value: "koStT" },
    Writes {
        programs: &["psql"],
        options: &["-o", "--output", "-L", "--log-file"],
        with_value: "cdfFhLopPRTUv",
    },
];

/// The values of options, long ones and letters, also in a bundle (`-sSLo/etc/x`).
fn written(args: &[OsString], writes: &Writes) -> Vec<OsString> {
    let mut found = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        match bytes {
            b"--" => break,
            [b'-', b'-', ..] => {
                let name = bytes.split(|b| *b == b'=').next().unwrap_or(bytes);
                if !writes.options.iter().any(|o| o.as_bytes() == name) {
                    continue;
                }
                match bytes.get(name.len() + 1..) {
                    Some(value) => found.push(OsStr::from_bytes(value).to_owned()),
                    None => found.extend(words.next().cloned()),
                }
            }
            [b'-', letters @ ..] => {
                let Some(at) = letters.iter().position(|l| writes.with_value.as_bytes().contains(l)) else {
                    continue;
                };
                let wanted = writes.options.iter().any(|o| o.as_bytes() == [b'-', letters[at]]);
                let value = match &letters[at + 1..] {
                    [] => words.next().cloned(),
                    [b'=', glued @ ..] | glued => Some(OsStr::from_bytes(glued).to_owned()),
                };
                found.extend(value.filter(|_| wanted));
            }
            _ => {}
        }
    }
    found
}

/// Programs that replace every file they are given, and the options with which they do not.
const REPLACES: &[(&[&str], &str, &[&str])] = &[
    (&["sponge"], "", &[]),
    (
        &["gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "lzma", "pigz", "compress"],
        "ckltVLh",
        &["--stdout", "--to-stdout", "--keep", "--list", "--test", "--version", "--help"],
    ),
];

/// Programs with an own script whose files are edited in place: letters with a value, options that give the script.
const IN_PLACE: &[(&[&str], &str, &str)] =
    &[(&["sed", "gsed", "ssed"], "efl", "ef"), (&["perl"], "eEIMmCFxD", "eE")];

/// Each file such a command writes, as a redirection.
pub fn of(invocation: &Invocation) -> Vec<Start> {
    let program = invocation.program().to_string_lossy().into_owned();
    let args = invocation.args();
    let is = |names: &&[&str]| names.contains(&program.as_str());
    let mut files = Vec::new();
    if let Some(writes) = OPTIONS.iter().find(|w| is(&w.programs)) {
        files.extend(written(args, writes).into_iter().filter(|f| f != "-"));
    }
    if let Some((_, letters, long)) = REPLACES.iter().find(|(names, _, _)| is(names)) {
        files.extend(replaced(args, letters, long));
    }
    let in_place = IN_PLACE.iter().find(|(names, _, _)| is(names));
    let edited = in_place.map_or_else(Vec::new, |(_, with_value, scripts)| edited(args, with_value, scripts));
    if ["kubectl", "oc", "docker", "podman", "nerdctl"].contains(&program.as_str()) {
        files.extend(copied(args));
    }
    let to = |operator: &str, file: &OsString| Start {
        invocation: redirection::invocation(invocation, operator, file, true),
        doubt: None,
    };
    let named = |file: &&OsString| !file.is_empty();
    let mut starts: Vec<Start> = files.iter().filter(named).map(|file| to(">", file)).collect();
    starts.extend(edited.iter().filter(named).map(|file| to(redirection::EDIT, file)));
    starts.extend(search_server::of(invocation));
    starts
}

fn is_option(word: &OsString) -> bool {
    word.as_bytes().len() > 1 && word.as_bytes().starts_with(b"-")
}

fn replaced(args: &[OsString], letters: &str, long: &[&str]) -> Vec<OsString> {
    let keeps = |word: &OsString| match word.as_bytes() {
        [b'-', b'-', ..] => long.iter().any(|l| word == l),
        [b'-', rest @ ..] => rest.iter().any(|b| letters.as_bytes().contains(b)),
        _ => false,
    };
    if args.iter().any(keeps) {
        return Vec::new();
    }
    args.iter().filter(|w| !is_option(w) && *w != "-").cloned().collect()
}

/// `-i`, `-pi`, `-i.bak`, `--in-place`: the operands, the script left out.
fn edited(args: &[OsString], with_value: &str, scripts: &str) -> Vec<OsString> {
    let (mut in_place, mut has_script, mut operands, mut at) = (false, false, Vec::new(), 0);
    while let Some(word) = args.get(at) {
        at += 1;
        match word.as_bytes() {
            b"--" => {
                operands.extend_from_slice(&args[at..]);
                break;
            }
            [b'-', b'-', long @ ..] => {
                in_place |= long.starts_with(b"in-place");
                let script = long.starts_with(b"expression") || long.starts_with(b"file");
                has_script |= script;
                at += usize::from(script && !long.contains(&b'='));
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                for (i, letter) in letters.iter().enumerate() {
                    if *letter == b'i' {
                        // What follows is the ending of the copies.
                        in_place = true;
                        break;
                    }
                    if with_value.as_bytes().contains(letter) {
                        has_script |= scripts.as_bytes().contains(letter);
                        at += usize::from(i + 1 == letters.len());
                        break;
                    }
                }
            }
            _ => operands.push(word.clone()),
        }
    }
    let skipped = usize::from(!has_script).min(operands.len());
    if in_place { operands.split_off(skipped) } else { Vec::new() }
}

/// `kubectl cp POD:FILE HERE`, `docker cp NAME:FILE HERE`; a directory takes the name of what comes.
fn copied(args: &[OsString]) -> Option<OsString> {
    let verb = args.iter().position(|w| w == "cp")?;
    let before_is_plain =
        args[..verb].iter().all(|w| !["exec", "run", "create", "delete"].iter().any(|v| w == v));
    let operands: Vec<&OsString> = args[verb + 1..].iter().filter(|w| !is_option(w)).collect();
    let (to, from) = operands.split_last().filter(|_| before_is_plain)?;
    let remote = |word: &OsString| !word.as_bytes().starts_with(b"/") && word.as_bytes().contains(&b':');
    let source = from.iter().rev().find(|w| remote(w))?;
    if remote(to) || *to == "-" {
        return None;
    }
    let name = source.as_bytes().rsplit(|b| matches!(b, b'/' | b':')).next().unwrap_or(b"");
    let directory = to.as_bytes().ends_with(b"/");
    let mut file = (*to).clone();
    file.push(if directory { OsStr::from_bytes(name) } else { OsStr::new("") });
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::of;

    fn files(line: &str) -> Vec<String> {
        crate::reading::redirection::files(of, line)
    }

    #[test]
    fn files_that_other_programs_overwrite() {
        for line in [
            "curl -sSLo /etc/passwd https://h",
            "curl -Lo/etc/passwd https://h",
            "curl -H o -o/etc/passwd https://h",
            "wget -qO/etc/passwd https://h",
            "curl --output=/etc/passwd https://h",
            "wget -O /etc/passwd https://h",
            "sort -u -o /etc/passwd x",
            "sponge /etc/passwd",
            "gzip -9 /etc/passwd",
            "sed -i s/a/b/ /etc/passwd",
            "sed -Ei.bak -e s/a/b/ /etc/passwd",
            "sed --in-place s/a/b/ /etc/passwd",
            "perl -pi -e s/a/b/ /etc/passwd",
            "kubectl cp web:/x /etc/passwd",
            "docker cp web:/x/passwd /etc/",
            "psql -o /etc/passwd -c x",
        ] {
            assert_eq!(files(line), ["/etc/passwd"], "{line}");
        }
        for line in [
            "curl -O https://h/passwd",
            "wget https://h",
            "sed s/a/b/ /etc/passwd",
            "perl -ne print /etc/passwd",
            "gzip -k /etc/passwd",
            "gzip -dc /etc/passwd",
            "kubectl cp /etc/passwd web:/x",
            "docker cp /etc/passwd web:/x",
            "kubectl exec web -- cp a:b /etc/passwd",
            "sort /etc/passwd",
            "curl -o - https://h",
            "curl -HLo /etc/passwd",
            "curl -d --output https://h",
        ] {
            assert!(files(line).is_empty(), "{line}");
        }
    }
}
