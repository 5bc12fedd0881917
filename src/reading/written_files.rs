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
    /// Those of which one must be there; none: the program has no verbs.
    verbs: &'static [&'static str],
    options: &'static [&'static str],
    with_value: &'static str,
}

const NONE: &[&str] = &[];

const OPTIONS: &[Writes] = &[
    Writes {
        programs: &["curl"],
        verbs: NONE,
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
        verbs: NONE,
        options: &["-O", "--output-document", "-o", "--output-file"],
        with_value: "oaeiBtOTwQPUlARDIXn",
    },
    writes(&["sort", "gsort"], NONE, &["-o", "--output"], "koStT"),
    writes(&["psql"], NONE, &["-o", "--output", "-L", "--log-file"], "cdfFhLopPRTUv"),
    writes(&["pg_dump"], NONE, &["-f", "--file"], "fFjZnNtTehpUdES"),
    writes(&["pg_dumpall"], NONE, &["-f", "--file"], "fElhpUdS"),
    writes(&["docker", "podman", "nerdctl"], &["save", "export"], &["-o", "--output"], "oHcl"),
    writes(&["git"], &["archive"], &["-o", "--output"], "oCc"),
    writes(&["git"], &["diff", "log", "show"], &["--output"], "CcSGnLUO"),
    writes(&["openssl"], NONE, &["-out", "-keyout"], ""),
    writes(&["gpg", "gpg2"], NONE, &["-o", "--output"], "oruNz"),
    writes(&["iconv"], NONE, &["-o", "--output"], "fto"),
    writes(&["xmllint"], NONE, &["-o", "--output", "-output"], "o"),
    writes(&["ssh"], NONE, &["-E"], "BbcDEeFIiJLlmOopQRSWw"),
    writes(&["terraform", "tofu"], &["plan"], &["-out", "--out"], ""),
];

const fn writes(
    programs: &'static [&'static str],
    verbs: &'static [&'static str],
    options: &'static [&'static str],
    with_value: &'static str,
) -> Writes {
    Writes { programs, verbs, options, with_value }
}

/// Behind these stand the words of a program in a container.
const INNER: &[&str] = &["exec", "run", "create"];

impl Writes {
    fn is_for(&self, program: &str, args: &[OsString]) -> bool {
        let verb = || {
            let at = args.iter().position(|w| self.verbs.iter().any(|verb| w == verb));
            at.is_some_and(|at| !args[..at].iter().any(|w| INNER.iter().any(|inner| w == inner)))
        };
        self.programs.contains(&program) && (self.verbs.is_empty() || verb())
    }

    /// Whether this is one of the options, or the beginning of one: programs take what is not ambiguous.
    fn takes(&self, name: &[u8]) -> bool {
        let whole = |option: &&&str| option.as_bytes() == name;
        let begun = |option: &&&str| {
            name.len() > 2 && option.starts_with("--") && option.as_bytes().starts_with(name)
        };
        self.options.iter().any(|option| whole(&option) || begun(&option))
    }
}

/// The values of options, long ones and letters, also in a bundle (`-sSLo/etc/x`).
fn written(args: &[OsString], writes: &Writes) -> Vec<OsString> {
    let mut found = Vec::new();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        match bytes {
            b"--" => break,
            [b'-', rest @ ..]
                if rest.starts_with(b"-") || writes.takes(before_equals(bytes)) && rest.len() > 1 =>
            {
                let name = before_equals(bytes);
                if !writes.takes(name) {
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
            // What stands behind the host is a command over there.
            _ if writes.programs == ["ssh"] => break,
            _ => {}
        }
    }
    found
}

fn before_equals(word: &[u8]) -> &[u8] {
    word.split(|b| *b == b'=').next().unwrap_or(word)
}

/// The archive that tar makes or adds to: `tar cf F`, `tar -czf F`, `tar --create --file=F`.
fn archived(args: &[OsString]) -> Vec<OsString> {
    let long = |word: &OsString| {
        ["--create", "--append", "--update", "--concatenate", "--catenate"].iter().any(|l| word == l)
    };
    let bundle = |word: &OsString| {
        let letters = word.as_bytes();
        !letters.starts_with(b"--") && letters.starts_with(b"-") && makes(letters)
    };
    let Some((first, rest)) = args.split_first() else { return Vec::new() };
    if !is_option(first) {
        let letters = first.as_bytes();
        let valued = letters.iter().filter(|l| TAR_VALUES.as_bytes().contains(l));
        let at = valued.clone().position(|l| *l == b'f').filter(|_| makes(letters));
        return at.and_then(|at| rest.get(at)).cloned().into_iter().collect();
    }
    if !args.iter().any(|word| long(word) || bundle(word)) {
        return Vec::new();
    }
    written(args, &writes(&["tar"], NONE, &["-f", "--file"], TAR_VALUES))
}

/// Letters of tar that take a value.
const TAR_VALUES: &str = "fbgCTXVNKLFHI";

/// Whether a bundle of tar's letters writes an archive; what stands behind a letter with a value is the value.
fn makes(letters: &[u8]) -> bool {
    let end = letters.iter().position(|l| TAR_VALUES.as_bytes().contains(l)).unwrap_or(letters.len());
    let dashed = letters.starts_with(b"-");
    let own = if dashed { &letters[..end] } else { letters };
    own.iter().any(|l| b"cruA".contains(l))
}

/// `awk -i inplace` as if it were an option of its own.
fn inplace_library(args: &[OsString]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut left = args.iter().peekable();
    while let Some(word) = left.next() {
        let apart = ["-i", "--include"].iter().any(|o| word == o);
        let named = apart && left.peek().is_some_and(|w| *w == "inplace");
        if named {
            left.next();
        }
        let joined = ["-iinplace", "--include=inplace"].iter().any(|o| word == o);
        words.push(if named || joined { "--in-place".into() } else { word.clone() });
    }
    words
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
    &[(&["sed", "gsed", "ssed"], "efl", "ef"), (&["perl"], "eEIMmCFxD", "eE"), (&["yq"], "opIs", "")];

/// Each file such a command writes, as a redirection.
pub fn of(invocation: &Invocation) -> Vec<Start> {
    let program = invocation.program().to_string_lossy().into_owned();
    let args = invocation.args();
    let is = |names: &&[&str]| names.contains(&program.as_str());
    let mut files = Vec::new();
    if let Some(writes) = OPTIONS.iter().find(|w| w.is_for(&program, args)) {
        files.extend(written(args, writes).into_iter().filter(|f| f != "-"));
    }
    if let Some((_, letters, long)) = REPLACES.iter().find(|(names, _, _)| is(names)) {
        files.extend(replaced(args, letters, long));
    }
    let in_place = IN_PLACE.iter().find(|(names, _, _)| is(names));
    let edited = match program.as_str() {
        "awk" | "gawk" => edited(&inplace_library(args), "Fvfe", "fe"),
        _ => in_place.map_or_else(Vec::new, |(_, with_value, scripts)| edited(args, with_value, scripts)),
    };
    if ["tar", "gtar", "bsdtar"].contains(&program.as_str()) {
        files.extend(archived(args).into_iter().filter(|f| f != "-"));
    }
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
                in_place |= long.starts_with(b"in-place") || long.starts_with(b"inplace");
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
            "psql --out=/etc/passwd -c x",
            "psql --outp /etc/passwd -c x",
            "psql --log=/etc/passwd -c x",
            "pg_dump -Fc -f /etc/passwd x",
            "pg_dump --file=/etc/passwd x",
            "pg_dumpall -f/etc/passwd",
            "docker save -o /etc/passwd web",
            "docker -H h container export --output=/etc/passwd web",
            "git diff --output=/etc/passwd",
            "git -C x log --output /etc/passwd -S y",
            "git archive -o /etc/passwd HEAD",
            "git archive --out=/etc/passwd HEAD",
            "openssl req -x509 -out /etc/passwd",
            "gpg -do /etc/passwd x",
            "iconv -f l1 -o /etc/passwd x",
            "xmllint --format --output /etc/passwd x",
            "ssh -v -E /etc/passwd h",
            "terraform plan -out=/etc/passwd",
            "tar cf /etc/passwd x",
            "tar -czf /etc/passwd x",
            "tar Ccf x /etc/passwd y",
            "tar --create --file=/etc/passwd x",
            "yq -i .a=1 /etc/passwd",
            "awk -i inplace {print} /etc/passwd",
            "gawk -iinplace -F: {print} /etc/passwd",
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
            "psql -c --output x",
            "psql -f /etc/passwd",
            "pg_dump -t /etc/passwd x",
            "docker run x save -o /etc/passwd",
            "git log --oneline /etc/passwd",
            "git commit -o /etc/passwd",
            "openssl x509 -in /etc/passwd",
            "gpg -d /etc/passwd",
            "ssh h grep -E /etc/passwd",
            "tar xf /etc/passwd",
            "tar tf /etc/passwd",
            "tar -xf /etc/passwd -C c",
            "tar -cf - /etc/passwd",
            "terraform apply -out=/etc/passwd",
            "yq .a /etc/passwd",
            "awk {print} /etc/passwd",
        ] {
            assert!(files(line).is_empty(), "{line}");
        }
    }
}
