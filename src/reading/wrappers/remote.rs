//! Programs that carry a command line to other machines, other containers or other programs: pdsh, clush, salt,
//! `tsh ssh`, `aws ssm send-command`, `fd -x`. Must never read a command for another machine as if it ran here.

use super::super::through::{Doubt, Start, Through};
use crate::invocation::Invocation;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

const NAMES: &[&[u8]] = &[
    b"autossh",
    b"tsh",
    b"pdsh",
    b"pssh",
    b"parallel-ssh",
    b"clush",
    b"salt",
    b"salt-call",
    b"salt-ssh",
    b"doctl",
    b"fd",
    b"fdfind",
    b"clickhouse",
];

/// Options whose value is the next word.
const PDSH: &[&str] = &["-w", "-x", "-g", "-X", "-l", "-t", "-u", "-f", "-M", "-R", "-o", "-F", "-C"];
const PSSH: &[&str] = &[
    "-h",
    "-H",
    "-l",
    "-p",
    "-o",
    "-e",
    "-t",
    "-O",
    "-x",
    "-X",
    "-g",
    "--hosts",
    "--host",
    "--user",
    "--par",
    "--outdir",
    "--errdir",
    "--timeout",
    "--option",
    "--extra-args",
    "--extra-arg",
    "--host-glob",
];
const CLUSH: &[&str] = &[
    "-w",
    "-x",
    "-g",
    "-X",
    "-o",
    "-l",
    "-t",
    "-u",
    "-f",
    "-m",
    "-O",
    "-s",
    "--options",
    "--user",
    "--fanout",
    "--connect_timeout",
    "--command_timeout",
    "--mode",
    "--group",
    "--hostfile",
    "--machinefile",
    "--worker",
    "--rcopy",
    "--pick",
    "--outdir",
    "--errdir",
    "--conf",
    "--split",
    "--color",
];
const TSH: &[&str] = &[
    "-l",
    "-p",
    "-L",
    "-R",
    "-D",
    "-J",
    "-o",
    "-i",
    "-c",
    "-d",
    "--login",
    "--proxy",
    "--user",
    "--ttl",
    "--cluster",
    "--identity",
    "--auth",
    "--port",
    "--jumphost",
    "--bind-addr",
    "--add-keys-to-agent",
    "--request-reason",
    "--invite",
    "--reason",
    "--mfa-mode",
    "--participant-req",
    "--log-dir",
    "--headless",
];
const SALT: &[&str] = &[
    "-c",
    "-t",
    "-b",
    "-u",
    "-l",
    "-a",
    "-T",
    "--config-dir",
    "--timeout",
    "--batch-size",
    "--user",
    "--log-level",
    "--log-file",
    "--log-file-level",
    "--out",
    "--output",
    "--out-file",
    "--username",
    "--password",
    "--return",
    "--roster",
    "--roster-file",
    "--priv",
    "--id",
    "--pillar-root",
    "--file-root",
    "--module-dirs",
    "--eauth",
    "--auth",
    "--batch-wait",
    "--state-output",
    "--output-file",
    "--output-indent",
    "--subset",
    "--module-executors",
];

/// Whether a program of this name is one.
pub fn knows(program: &[u8]) -> bool {
    NAMES.contains(&program)
}

/// Reads its words for what it carries.
pub fn read(invocation: &Invocation) -> Through {
    let program = invocation.program().to_string_lossy().into_owned();
    let starts = match program.as_str() {
        "autossh" => autossh(invocation),
        "tsh" => tsh(invocation),
        "pdsh" => behind(invocation, PDSH, 0, "the hosts of pdsh"),
        "pssh" | "parallel-ssh" => behind(invocation, PSSH, 0, "the hosts of pssh"),
        "clush" => behind(invocation, CLUSH, 0, "the nodes of clush"),
        "salt" | "salt-ssh" => salt(invocation, 1),
        "salt-call" => salt(invocation, 0),
        "doctl" => valued(invocation, "--ssh-command", "a droplet"),
        "fd" | "fdfind" => fd(invocation),
        "clickhouse" => clickhouse(invocation),
        _ => Vec::new(),
    };
    Through::new(invocation, starts)
}

/// What programs carry that have a reader of their own: `nomad alloc exec`, `aws ssm send-command`.
pub fn also(invocation: &Invocation) -> Vec<Start> {
    let args = invocation.args();
    let named = |word: &str| args.iter().any(|w| w == word);
    match invocation.program().as_bytes() {
        b"nomad" if named("exec") => nomad(invocation),
        b"aws" if named("ssm") && (named("send-command") || named("start-session")) => ssm(invocation),
        _ => Vec::new(),
    }
}

fn line(invocation: &Invocation, text: OsString, place: &str) -> Start {
    let words = vec!["sh".into(), "-c".into(), text];
    Start { invocation: invocation.elsewhere(words, place), doubt: None }
}

fn is_option(word: &OsString) -> bool {
    word.as_bytes().len() > 1 && word.as_bytes().starts_with(b"-")
}

/// Where the operands begin: options and their values are skipped, bundled letters too.
fn first_operand(args: &[OsString], values: &[&str]) -> usize {
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|w| is_option(w)) {
        at += 1;
        if word == "--" {
            break;
        }
        let bytes = word.as_bytes();
        let bundle = !bytes.starts_with(b"--") && bytes.len() > 2;
        let last = [b'-', bytes[bytes.len() - 1]];
        // `-abw HOSTS`; a value that is glued on ends in anything but such a letter, or a letter takes it earlier.
        let earlier = bundle
            && bytes[1..bytes.len() - 1].iter().any(|b| values.iter().any(|v| v.as_bytes() == [b'-', *b]));
        let takes = values.iter().any(|v| word == v || bundle && !earlier && v.as_bytes() == last);
        at += usize::from(takes);
    }
    at.min(args.len())
}

/// The words behind the options, and behind so many operands, joined to a line for a shell there.
fn behind(invocation: &Invocation, values: &[&str], operands: usize, place: &str) -> Vec<Start> {
    let args = invocation.args();
    let words = args.get(first_operand(args, values) + operands..).unwrap_or(&[]);
    if words.is_empty() {
        return Vec::new();
    }
    vec![line(invocation, words.join(OsStr::new(" ")), place)]
}

/// autossh(1): `-M PORT` is its own, the rest is ssh's.
fn autossh(invocation: &Invocation) -> Vec<Start> {
    let mut argv: Vec<OsString> = vec!["ssh".into()];
    let mut words = invocation.args().iter();
    while let Some(word) = words.next() {
        match word.as_bytes() {
            b"-M" => drop(words.next()),
            b"-V" => return Vec::new(),
            bytes if bytes.starts_with(b"-M") => {}
            _ => argv.push(word.clone()),
        }
    }
    vec![Start { invocation: invocation.nested(argv), doubt: None }]
}

/// `tsh ssh [options] HOST CMD…`, `tsh kubectl …`.
fn tsh(invocation: &Invocation) -> Vec<Start> {
    let args = invocation.args();
    let verb = first_operand(args, TSH);
    let rest = args.get(verb + 1..).unwrap_or(&[]);
    match args.get(verb).map(|w| w.as_bytes()) {
        Some(b"ssh") => {
            let host = first_operand(rest, TSH);
            let (Some(name), Some(words)) = (rest.get(host), rest.get(host + 1..)) else { return Vec::new() };
            if words.is_empty() {
                return Vec::new();
            }
            let place = format!("the host {}", name.to_string_lossy());
            vec![line(invocation, words.join(OsStr::new(" ")), &place)]
        }
        Some(program @ (b"kubectl" | b"aws" | b"gcloud" | b"az")) => {
            let argv = std::iter::once(OsStr::from_bytes(program).to_owned()).chain(rest.iter().cloned());
            let doubt = Doubt::around("tsh chooses the account");
            vec![Start { invocation: invocation.nested(argv.collect()), doubt: Some(doubt) }]
        }
        Some(_) | None => Vec::new(),
    }
}

/// `salt TARGET cmd.run 'LINE'`.
fn salt(invocation: &Invocation, operands: usize) -> Vec<Start> {
    let args = invocation.args();
    let function = first_operand(args, SALT) + operands;
    let runs = [
        "cmd.run",
        "cmd.shell",
        "cmd.run_all",
        "cmd.run_stdout",
        "cmd.run_stderr",
        "cmd.run_bg",
        "cmd.retcode",
    ];
    match (args.get(function), args.get(function + 1)) {
        (Some(name), Some(text)) if runs.iter().any(|r| name == r) => {
            let text = text.as_bytes().strip_prefix(b"cmd=").unwrap_or(text.as_bytes());
            let here = operands == 0;
            let text = OsStr::from_bytes(text).to_owned();
            if here {
                let words = vec!["sh".into(), "-c".into(), text];
                return vec![Start { invocation: invocation.nested(words), doubt: None }];
            }
            vec![line(invocation, text, "the minions of salt")]
        }
        (_, _) => Vec::new(),
    }
}

/// The values of a long option, each a line for a shell there.
fn valued(invocation: &Invocation, option: &str, place: &str) -> Vec<Start> {
    let args = invocation.args();
    let glued = format!("{option}=");
    let values = args.iter().enumerate().filter_map(|(at, word)| {
        match word.as_bytes().strip_prefix(glued.as_bytes()) {
            Some(value) => Some(OsStr::from_bytes(value).to_owned()),
            None if word == option => args.get(at + 1).cloned(),
            None => None,
        }
    });
    values.map(|value| line(invocation, value, place)).collect()
}

/// `fd PATTERN -x CMD … [;]`: the file is put in where braces stand, or at the end.
fn fd(invocation: &Invocation) -> Vec<Start> {
    let args = invocation.args();
    let is = |w: &OsString| ["-x", "-X", "--exec", "--exec-batch"].iter().any(|o| w == o);
    let Some(at) = args.iter().position(is) else { return Vec::new() };
    let mut words: Vec<OsString> = args[at + 1..].iter().take_while(|w| *w != ";").cloned().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let holds =
        |w: &OsString| ["{}", "{/}", "{//}", "{.}", "{/.}"].iter().any(|p| w.to_string_lossy().contains(p));
    let first = words.iter().position(holds).unwrap_or_else(|| {
        words.push("{}".into());
        words.len() - 1
    });
    let doubt = Doubt { single: true, ..Doubt::from_word(first, "which files fd finds is not known") };
    vec![Start { invocation: invocation.nested(words), doubt: Some(doubt) }]
}

/// `clickhouse client …` is clickhouse-client.
fn clickhouse(invocation: &Invocation) -> Vec<Start> {
    match invocation.args().split_first() {
        Some((verb, rest)) if verb == "client" || verb == "--client" => {
            let argv = std::iter::once("clickhouse-client".into()).chain(rest.iter().cloned()).collect();
            vec![Start { invocation: invocation.nested(argv), doubt: None }]
        }
        Some(_) | None => Vec::new(),
    }
}

/// `nomad alloc exec [options] ALLOCATION CMD …`.
fn nomad(invocation: &Invocation) -> Vec<Start> {
    let args = invocation.args();
    let Some(verb) = args.iter().position(|w| w == "exec") else { return Vec::new() };
    let values =
        ["-task", "-group", "-e", "-address", "-region", "-namespace", "-token", "-ca-cert", "-ca-path"];
    let mut at = verb + 1;
    let mut by_job = false;
    while let Some(word) = args.get(at).filter(|w| is_option(w)) {
        by_job |= word == "-job";
        at +=
            1 + usize::from(values.iter().any(|v| word.to_string_lossy().trim_start_matches('-') == &v[1..]));
    }
    let words = args.get(at + 1..).unwrap_or(&[]).to_vec();
    let place = if by_job { "a task of a nomad job" } else { "a nomad allocation" };
    match words.is_empty() {
        true => Vec::new(),
        false => vec![Start { invocation: invocation.elsewhere(words, place), doubt: None }],
    }
}

/// `--parameters commands='rm x'`, `commands=["a","b"]`, `{"commands":["a"]}`.
fn ssm(invocation: &Invocation) -> Vec<Start> {
    let args = invocation.args();
    let glued = args.iter().filter_map(|w| w.as_bytes().strip_prefix(b"--parameters=")).map(<[u8]>::to_vec);
    let mut texts: Vec<Vec<u8>> = glued.collect();
    if let Some(at) = args.iter().position(|w| w == "--parameters") {
        texts.extend(
            args[at + 1..]
                .iter()
                .take_while(|w| !w.as_bytes().starts_with(b"--"))
                .map(|w| w.as_bytes().to_vec()),
        );
    }
    let mut lines = Vec::new();
    for text in texts {
        let text = String::from_utf8_lossy(&text).into_owned();
        lines.extend(commands(&text));
    }
    lines.into_iter().map(|text| line(invocation, text.into(), "the instances of ssm")).collect()
}

/// The strings of the list behind `commands` or `command`; without quotes all of it is one.
fn commands(text: &str) -> Vec<String> {
    let Some(at) = text.find("command") else { return Vec::new() };
    let rest =
        text[at + "command".len()..].trim_start_matches('s').trim_start_matches(['"', '\'', ' ', ':', '=']);
    let end = rest.rfind(']').unwrap_or(rest.len());
    let Some(list) = rest.get(..end).and_then(|r| r.strip_prefix('[')) else {
        return vec![rest.trim_matches(['"', '\'', '}', ' ']).to_owned()];
    };
    let (mut found, mut word, mut open) = (Vec::new(), String::new(), None);
    let mut letters = list.chars();
    while let Some(c) = letters.next() {
        match (open, c) {
            (Some(_), '\\') => word.extend(letters.next()),
            (Some(q), c) if q == c => {
                open = None;
                found.push(std::mem::take(&mut word));
            }
            (Some(_), c) => word.push(c),
            (None, '"' | '\'') if word.trim().is_empty() => {
                word.clear();
                open = Some(c);
            }
            (None, ',') => found.extend(Some(std::mem::take(&mut word)).filter(|w| !w.trim().is_empty())),
            (None, c) => word.push(c),
        }
    }
    found.extend(Some(word).filter(|w| !w.trim().is_empty()));
    found
}

#[cfg(test)]
mod tests {
    use super::{also, read};
    use crate::invocation::{Invocation, Stdin};

    fn carried(words: &[&str]) -> Vec<String> {
        let argv = words.iter().map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal).expect("cwd");
        let mut starts =
            if super::knows(words[0].as_bytes()) { read(&invocation).starts } else { Vec::new() };
        starts.extend(also(&invocation));
        let line = |s: &super::Start| {
            let argv = s.invocation.argv();
            argv.iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
        };
        starts.iter().map(line).collect()
    }

    #[test]
    fn commands_that_are_carried_elsewhere() {
        for words in [
            &["pdsh", "-w", "h[1-3]", "rm -rf /x"][..],
            &["pssh", "-i", "-H", "h", "rm", "-rf", "/x"],
            &["parallel-ssh", "-iH", "h", "--par=3", "rm -rf /x"],
            &["clush", "-bw", "h", "rm -rf /x"],
            &["tsh", "--proxy=p", "ssh", "-l", "root", "h", "rm", "-rf", "/x"],
            &["salt", "*", "cmd.run", "rm -rf /x"],
            &["salt", "-G", "os:x", "cmd.shell", "rm -rf /x"],
            &["doctl", "compute", "ssh", "x", "--ssh-command", "rm -rf /x"],
            &["aws", "ssm", "send-command", "--parameters", "commands=rm -rf /x"],
            &["aws", "ssm", "send-command", "--parameters", "commands=[\"rm -rf /x\"]"],
            &["aws", "ssm", "send-command", "--parameters", r#"{"commands":["rm -rf /x"]}"#, "--region", "r"],
        ] {
            assert_eq!(carried(words), ["sh -c rm -rf /x"], "{words:?}");
        }
        for words in [
            &["nomad", "alloc", "exec", "-task", "web", "0a1b", "rm", "-rf", "/x"][..],
            &["nomad", "alloc", "exec", "-job", "web", "rm", "-rf", "/x"],
        ] {
            assert_eq!(carried(words), ["rm -rf /x"], "{words:?}");
        }
        assert_eq!(carried(&["autossh", "-M", "0", "h", "rm x"]), ["ssh h rm x"]);
        assert_eq!(carried(&["fd", "-e", "o", "-x", "rm", "-f"]), ["rm -f {}"]);
        assert_eq!(carried(&["clickhouse", "client", "-q", "x"]), ["clickhouse-client -q x"]);
        for words in [
            &["tsh", "login", "x"][..],
            &["pdsh", "-w", "h"],
            &["salt", "*", "test.ping"],
            &["nomad", "alloc", "status", "x"],
            &["aws", "ssm", "start-session", "--target", "i-1"],
            &["clickhouse", "local", "-q", "drop table x"],
            &["fd", "x"],
        ] {
            assert!(carried(words).is_empty(), "{words:?}");
        }
    }
}
