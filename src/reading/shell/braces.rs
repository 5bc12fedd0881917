//! Brace expansion on raw words (bash manual, 3.5.1). Must never touch quoted text.

use super::word::skip;

const MOST: usize = 2_000;

/// Every word a raw word stands for; itself when nothing expands.
pub fn expand(word: &str) -> Result<Vec<String>, String> {
    if !word.contains('{') {
        return Ok(vec![word.to_owned()]);
    }
    let mut out = Vec::new();
    one(word, 0, &mut out)?;
    Ok(out)
}

fn one(word: &str, from: usize, out: &mut Vec<String>) -> Result<(), String> {
    let mut at = from;
    while at < word.len() {
        if word[at..].starts_with('{')
            && let Some((alternatives, end)) = alternatives(word, at)?
        {
            for middle in alternatives {
                // What an alternative holds is expanded with what follows; sequences hold nothing.
                one(&format!("{}{middle}{}", &word[..at], &word[end..]), at, out)?;
                if out.len() > MOST {
                    return Err("braces that make too many words".into());
                }
            }
            return Ok(());
        }
        at = skip(word, at)?;
    }
    out.push(word.to_owned());
    Ok(())
}

/// The alternatives of the brace at `at`, and the index after it.
fn alternatives(word: &str, at: usize) -> Result<Option<(Vec<String>, usize)>, String> {
    let (mut depth, mut i, mut start) = (0usize, at, at + 1);
    let mut found = Vec::new();
    while i < word.len() {
        match word.as_bytes()[i] {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    found.push(word[start..i].to_owned());
                    return Ok(match found.as_slice() {
                        [only] => sequence(only)?.map(|s| (s, i + 1)),
                        _ => Some((found, i + 1)),
                    });
                }
            }
            b',' if depth == 1 => {
                found.push(word[start..i].to_owned());
                start = i + 1;
            }
            _ => {
                i = skip(word, i)?;
                continue;
            }
        }
        i += 1;
    }
    Ok(None)
}

/// `1..3`, `a..e`, with a step.
fn sequence(body: &str) -> Result<Option<Vec<String>>, String> {
    let fields: Vec<&str> = body.split("..").collect();
    let (first, last, step) = match fields.as_slice() {
        [first, last] => (*first, *last, 1),
        [first, last, step] => match step.parse::<i64>() {
            Ok(step) => (*first, *last, step.unsigned_abs().max(1) as usize),
            Err(_) => return Ok(None),
        },
        _ => return Ok(None),
    };
    let letter = |s: &str| s.len() == 1 && s.as_bytes()[0].is_ascii_alphabetic();
    if letter(first) && letter(last) {
        let (a, b) = (i64::from(first.as_bytes()[0]), i64::from(last.as_bytes()[0]));
        return Ok(Some(run(a, b, step)?.into_iter().map(|n| (n as u8 as char).to_string()).collect()));
    }
    let (Ok(a), Ok(b)) = (first.parse::<i64>(), last.parse::<i64>()) else { return Ok(None) };
    let padded = |s: &str| s.trim_start_matches('-').len() > 1 && s.trim_start_matches('-').starts_with('0');
    let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
    Ok(Some(run(a, b, step)?.into_iter().map(|n| format!("{n:0width$}")).collect()))
}

fn run(a: i64, b: i64, step: usize) -> Result<Vec<i64>, String> {
    if a.abs_diff(b) / step as u64 > MOST as u64 {
        return Err("braces that make too many words".into());
    }
    Ok(if a <= b { (a..=b).step_by(step).collect() } else { (b..=a).rev().step_by(step).collect() })
}
