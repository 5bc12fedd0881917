//! Typed holes in a command line: `{tag:version}`, with fixed text around. Must never take a word that looks like a hole and
//! is none for fixed text without saying so.

use crate::cli::team::Trouble;
use crate::statement::Foreign;
use crate::statement::ticket::{Hole, HoleKind, Word};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The words of a ticket, and a command line that has them, for reading: an example stands in each hole.
pub fn words(argv: &[OsString], exact: bool) -> Result<(Vec<Word>, Vec<OsString>), Trouble> {
    let (mut words, mut example) = (Vec::new(), Vec::new());
    for word in argv {
        match word.to_str().filter(|_| !exact).map(hole).transpose()?.flatten() {
            Some(hole) => {
                let text = |t: &Option<String>| t.clone().unwrap_or_default();
                example.push(format!("{}{}{}", text(&hole.prefix), sample(&hole), text(&hole.suffix)).into());
                words.push(Word::Hole(hole));
            }
            None => {
                words.push(Word::Exact(Foreign::from(word.as_bytes())));
                example.push(word.clone());
            }
        }
    }
    Ok((words, example))
}

/// `PREFIX{NAME:KIND}SUFFIX`; kinds: version, number, number<=N, commit, digest, name, choice=A|B.
fn hole(word: &str) -> Result<Option<Hole>, Trouble> {
    let Some((prefix, rest)) = word.split_once('{') else { return Ok(None) };
    let Some((inside, suffix)) = rest.split_once('}') else { return Ok(None) };
    let Some((name, kind)) = inside.split_once(':') else { return Ok(None) };
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    if !plain(name) {
        return Ok(None);
    }
    let wrong = || {
        let what = format!("{} looks like a hole and is none", crate::text::quote(OsStr::new(word)));
        let hint = "{NAME:version|number|number<=N|commit|digest|name|choice=A|B}, one a word; --exact takes words as they are";
        Trouble::new(64, what, hint)
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (kind, max, of) = match kind {
        "version" => (HoleKind::Version, None, Vec::new()),
        "number" => (HoleKind::Number, None, Vec::new()),
        "commit" => (HoleKind::Commit, None, Vec::new()),
        "digest" => (HoleKind::Digest, None, Vec::new()),
        "name" => (HoleKind::Name, None, Vec::new()),
        other => match (other.strip_prefix("number<="), other.strip_prefix("choice=")) {
            (Some(max), _) => (HoleKind::Number, Some(max.parse().map_err(|_| wrong())?), Vec::new()),
            (None, Some(list)) if list.split('|').all(|c| !c.is_empty() && !c.starts_with('-')) => {
                (HoleKind::Choice, None, list.split('|').map(str::to_owned).collect())
            }
            (None, _) => return Err(wrong()),
        },
    };
    if suffix.contains(['{', '}']) || prefix.contains('}') {
        return Err(wrong());
    }
    Ok(Some(Hole { hole: name.to_owned(), kind, prefix: some(prefix), suffix: some(suffix), of, max }))
}

fn sample(hole: &Hole) -> String {
    match hole.kind {
        HoleKind::Version => "1.0.0".to_owned(),
        HoleKind::Number => "0".to_owned(),
        HoleKind::Commit => "0".repeat(40),
        HoleKind::Digest => format!("sha256:{}", "0".repeat(64)),
        HoleKind::Name => "name".to_owned(),
        HoleKind::Choice => hole.of.first().cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_told_from_text() {
        let read = |word: &str| hole(word);
        let tag = read("image.tag={tag:version}").expect("fine").expect("a hole");
        assert_eq!((tag.prefix.as_deref(), tag.kind), (Some("image.tag="), HoleKind::Version));
        let few = read("{n:number<=3}x").expect("fine").expect("a hole");
        assert_eq!((few.max, few.suffix.as_deref()), (Some(3), Some("x")));
        let one = read("{env:choice=eu|us}").expect("fine").expect("a hole");
        assert_eq!(one.of, ["eu", "us"]);
        for text in ["plain", "{}", "{a}", "{\"a\": 1}", "{.items[*]}", "{a"] {
            assert!(read(text).expect("text").is_none(), "{text}");
        }
        for bad in ["{a:regex}", "{a:version}{b:version}", "{a:number<=x}", "{a:choice=}", "{a:choice=-f|b}"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
