//! What a few programs print, where their words and inputs say it: enough to follow text that is piped into a
//! shell, `xargs` or `$(…)`. Must never answer for an option it does not model.

use super::super::wrappers::find;
use super::escapes;
use crate::invocation::Stdin;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

type Bytes = Vec<u8>;

/// What mktemp's files are called here: nothing has this name.
pub const TEMPORARY: &[u8] = b"tmp.XXXXXXXXXX";

/// The output of a program; `None` when it is not known.
pub fn printed(
    words: &[Bytes],
    stdin: &Stdin,
    cwd: Option<&Path>,
    reads: &dyn Fn(&[u8]) -> Option<Bytes>,
) -> Option<Bytes> {
    let (program, args) = words.split_first()?;
    let input = || match stdin {
        Stdin::Content(bytes) => Some(bytes.to_vec()),
        Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => None,
    };
    let all = |args: &[Bytes]| -> Option<Bytes> {
        let parts: Vec<Bytes> =
            args.iter().map(|a| if a == b"-" { input() } else { reads(a) }).collect::<Option<_>>()?;
        if args.is_empty() { input() } else { Some(parts.concat()) }
    };
    match program.rsplit(|b| *b == b'/').next()? {
        b"echo" => echo(words, true),
        b"printf" => printf(words),
        b"cat" if args.iter().all(|a| a == b"-" || a == b"--" || !a.starts_with(b"-")) => {
            let files: Vec<Bytes> = args.iter().filter(|a| *a != b"--").cloned().collect();
            all(&files)
        }
        b"tee" if args.iter().all(|a| !a.starts_with(b"-") || a == b"-a") => input(),
        b"base64" => match args.split_first()? {
            (flag, files) if [&b"-d"[..], b"-D", b"--decode", b"-di"].contains(&flag.as_slice()) => {
                base64(&all(files)?)
            }
            _ => None,
        },
        b"xxd" => match args.iter().map(Vec::as_slice).collect::<Vec<_>>().as_slice() {
            [b"-r", b"-p"] | [b"-p", b"-r"] | [b"-r", b"-ps"] => hex(&input()?),
            _ => None,
        },
        b"mktemp" => Some(temporary(args)),
        b"basename" if args.len() == 1 => {
            let name = args[0].split(|b| *b == b'/').rfind(|part| !part.is_empty())?;
            (!name.starts_with(b"-")).then(|| [name, b"\n"].concat())
        }
        b"dirname" if args.len() == 1 && !args[0].starts_with(b"-") => {
            let parent = Path::new(std::ffi::OsStr::from_bytes(&args[0])).parent()?;
            let parent = if parent.as_os_str().is_empty() { b"." } else { parent.as_os_str().as_bytes() };
            Some([parent, b"\n"].concat())
        }
        b"rev" if args.is_empty() => Some(rev(&input()?)),
        b"ls" => ls(args, cwd?),
        b"find" => find::printed(args, cwd?),
        name => super::filters::filtered(name, args, input),
    }
}

/// `echo` of bash; of another sh only where no backslash makes a difference.
pub fn echo(words: &[Bytes], bash: bool) -> Option<Bytes> {
    let (mut newline, mut escapes, mut at) = (true, false, 1);
    while let Some([b'-', letters @ ..]) = words.get(at).map(Vec::as_slice) {
        if letters.is_empty() || !letters.iter().all(|b| b"neE".contains(b)) {
            break;
        }
        if !bash && letters != b"n" {
            return None;
        }
        for letter in letters {
            match letter {
                b'n' => newline = false,
                other => escapes = *other == b'e',
            }
        }
        at += 1;
    }
    let mut text = words.get(at..).unwrap_or(&[]).join(&b' ');
    if !bash && text.contains(&b'\\') {
        return None;
    }
    if escapes {
        let (decoded, ended) = escapes::echo(&text).ok()?;
        (text, newline) = (decoded, newline && !ended);
    }
    if newline {
        text.push(b'\n');
    }
    Some(text)
}

/// `printf` with `%s`, `%b`, `%d`, `%c` and `%%`.
pub fn printf(words: &[Bytes]) -> Option<Bytes> {
    let at = 1 + usize::from(words.get(1).is_some_and(|w| w == b"--"));
    let format = words.get(at)?;
    if at == 1 && format.starts_with(b"-") {
        return None;
    }
    let mut arguments = words[at + 1..].iter();
    let mut out = Vec::new();
    loop {
        let before = arguments.len();
        if round(format, &mut arguments, &mut out)? || arguments.len() == 0 || arguments.len() == before {
            return Some(out);
        }
    }
}

/// One use of the format; true when `\c` ended everything.
fn round(format: &[u8], arguments: &mut std::slice::Iter<'_, Bytes>, out: &mut Bytes) -> Option<bool> {
    let mut at = 0;
    while at < format.len() {
        let plain = format[at..].iter().position(|b| *b == b'%').unwrap_or(format.len() - at);
        let (text, ended) = escapes::printf(&format[at..at + plain]).ok()?;
        out.extend(text);
        if ended {
            return Some(true);
        }
        at += plain;
        if at == format.len() {
            break;
        }
        match format.get(at + 1)? {
            b'%' => out.push(b'%'),
            b's' => out.extend(arguments.next().map_or(&b""[..], Vec::as_slice)),
            b'c' => out.extend(arguments.next().and_then(|a| a.first())),
            b'b' => {
                let (text, ended) = escapes::echo(arguments.next().map_or(&b""[..], Vec::as_slice)).ok()?;
                out.extend(text);
                if ended {
                    return Some(true);
                }
            }
            b'd' | b'i' => {
                let number = arguments.next().map_or("0", |a| std::str::from_utf8(a).unwrap_or("?"));
                out.extend(number.parse::<i64>().ok()?.to_string().into_bytes());
            }
            _ => return None,
        }
        at += 2;
    }
    Some(false)
}

/// A name that nothing has yet: mktemp's own template, as far as its options matter.
fn temporary(args: &[Bytes]) -> Bytes {
    let mut directory: Option<Bytes> = None;
    let mut template = TEMPORARY.to_vec();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_slice() {
            b"-p" => directory = words.next().cloned(),
            [b'-', b'-', b't', b'm', b'p', b'd', b'i', b'r', b'=', path @ ..] => {
                directory = Some(path.to_vec())
            }
            b"-t" | b"-td" | b"-dt" => directory = Some(b"/tmp".to_vec()),
            [b'-', ..] => {}
            named => {
                template = named.to_vec();
                directory = directory.or(Some(Vec::new()));
            }
        }
    }
    let directory = directory.unwrap_or_else(|| b"/tmp".to_vec());
    let slash: &[u8] = if directory.is_empty() { b"" } else { b"/" };
    [&directory, slash, &template, b"\n"].concat()
}

fn base64(text: &[u8]) -> Option<Bytes> {
    let value = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.iter().filter(|b| !b.is_ascii_whitespace() && **b != b'=') {
        bits = bits << 6 | u32::from(value(*byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

fn hex(text: &[u8]) -> Option<Bytes> {
    let digits: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(|c| if c.len() == 2 { pair(c) } else { None }).collect()
}

fn rev(text: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(text).into_owned();
    let turned = |line: &str| match line.strip_suffix('\n') {
        Some(line) => line.chars().rev().chain(['\n']).collect::<String>(),
        None => line.chars().rev().collect(),
    };
    text.split_inclusive('\n').map(turned).collect::<String>().into_bytes()
}

/// `ls` into a pipe: one name a line. Only for one directory and no options but `-1`.
fn ls(args: &[Bytes], cwd: &Path) -> Option<Bytes> {
    let operands: Vec<&Bytes> = args.iter().filter(|a| *a != b"-1" && *a != b"--").collect();
    if operands.len() > 1 || operands.iter().any(|o| o.starts_with(b"-")) {
        return None;
    }
    let place = operands.first().map_or(cwd.to_owned(), |o| cwd.join(std::ffi::OsStr::from_bytes(o)));
    if !place.is_dir() {
        return None;
    }
    let entries = std::fs::read_dir(place).ok()?;
    let mut names: Vec<Bytes> =
        entries.map(|e| e.map(|e| e.file_name().into_vec())).collect::<Result<_, _>>().ok()?;
    names.retain(|n| !n.starts_with(b"."));
    names.sort();
    Some(
        names
            .into_iter()
            .flat_map(|mut n| {
                n.push(b'\n');
                n
            })
            .collect(),
    )
}
