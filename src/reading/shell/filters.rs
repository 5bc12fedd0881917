//! Filters that stand between a list and `xargs` or a shell: `sort`, `head`, `grep`, `sed s/a/b/`, for the options
//! and patterns whose output is certain. Must never answer for anything else.

type Bytes = Vec<u8>;

/// What a filter makes of its input; `None` where that is not certain.
pub fn filtered(program: &[u8], args: &[Bytes], input: impl FnOnce() -> Option<Bytes>) -> Option<Bytes> {
    let words: Vec<&str> = args.iter().map(|a| std::str::from_utf8(a).ok()).collect::<Option<_>>()?;
    match program {
        b"sort" => {
            let zero = words.contains(&"-z");
            if words.iter().any(|w| !["-z", "-u", "-r"].contains(w)) {
                return None;
            }
            let mut lines = lines(&input()?, if zero { 0 } else { b'\n' });
            lines.sort();
            if words.contains(&"-u") {
                lines.dedup();
            }
            if words.contains(&"-r") {
                lines.reverse();
            }
            Some(lines.concat())
        }
        b"uniq" if words.is_empty() => {
            let mut lines = lines(&input()?, b'\n');
            lines.dedup();
            Some(lines.concat())
        }
        b"tac" if words.is_empty() => {
            let mut lines = lines(&input()?, b'\n');
            lines.reverse();
            Some(lines.concat())
        }
        b"head" | b"tail" => {
            let count = count(&words)?;
            let lines = lines(&input()?, b'\n');
            let count = count.min(lines.len());
            let kept = if program == b"head" { &lines[..count] } else { &lines[lines.len() - count..] };
            Some(kept.concat())
        }
        b"grep" | b"fgrep" => {
            let (inverse, pattern) = match words.as_slice() {
                ["-v", pattern] => (true, *pattern),
                [pattern] => (false, *pattern),
                _ => return None,
            };
            if !is_literal(pattern) || pattern.starts_with('-') {
                return None;
            }
            let holds =
                |line: &Bytes| line.windows(pattern.len()).any(|w| w == pattern.as_bytes()) != inverse;
            Some(lines(&input()?, b'\n').into_iter().filter(holds).collect::<Vec<_>>().concat())
        }
        b"sed" => match words.as_slice() {
            [script] => sed(script, &input()?),
            _ => None,
        },
        _ => None,
    }
}

/// Lines with their ends.
fn lines(text: &[u8], end: u8) -> Vec<Bytes> {
    let mut lines: Vec<Bytes> = text.split_inclusive(|b| *b == end).map(<[u8]>::to_vec).collect();
    if let Some(last) = lines.last_mut().filter(|l| l.last() != Some(&end)) {
        last.push(end);
    }
    lines
}

fn count(words: &[&str]) -> Option<usize> {
    match words {
        [] => Some(10),
        ["-n", number] => number.parse().ok(),
        [word] => word.strip_prefix("-n").or_else(|| word.strip_prefix('-'))?.parse().ok(),
        _ => None,
    }
}

/// A pattern that stands for itself in every kind of regular expression.
fn is_literal(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|c| c.is_alphanumeric() || " _-/,:=@%".contains(c))
}

/// `s/a/b/` and `s/a/b/g` of literal texts.
fn sed(script: &str, input: &[u8]) -> Option<Bytes> {
    let delimiter = script.strip_prefix('s')?.chars().next().filter(char::is_ascii_punctuation)?;
    let parts: Vec<&str> = script[2..].split(delimiter).collect();
    let [from, to, flags] = parts.as_slice() else { return None };
    let plain = |to: &str| to.chars().all(|c| c != '\\' && c != '&');
    if !is_literal(from) || !plain(to) || !["", "g"].contains(flags) {
        return None;
    }
    let text = std::str::from_utf8(input).ok()?;
    let changed = |line: &str| match *flags {
        "g" => line.replace(from, to),
        _ => line.replacen(from, to, 1),
    };
    Some(text.split_inclusive('\n').map(changed).collect::<String>().into_bytes())
}
