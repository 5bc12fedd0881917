//! Options as parse-options.c of git reads them: unique prefixes, `--no-`, bundles, glued values, options after
//! operands, `--` and `--end-of-options`. Must never take a bundle that git takes for a mistyped long option.

use crate::reading::Opt;

/// One option of a table row.
#[derive(Clone, Copy, Debug)]
struct Spec<'a> {
    letter: Option<char>,
    long: Option<&'a str>,
    takes: Takes,
    negatable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Glued,
}

/// Words taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// As given, with `--no-x` for one taken back, which also removes the `--x` before it.
    pub options: Vec<Opt>,
    pub operands: Vec<String>,
    /// How many operands stand before `--`.
    pub before_dashes: Option<usize>,
    /// Why every version of git refuses the words: help, an ambiguous prefix, a value missing or too much.
    pub refused: Option<String>,
    /// An option that is not in the table; another version may know it.
    pub unknown: Option<String>,
}

impl Parsed {
    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|o| o.name == name)
    }

    pub fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }
}

/// Parses by a row of the table. With `stops`, everything from the first operand on is one.
pub fn parse(row: &str, words: &[String], stops: bool) -> Parsed {
    let table: Vec<Spec> = row.split_ascii_whitespace().map(spec).collect();
    let mut parsed = Parsed::default();
    let mut at = 0;
    while at < words.len() && parsed.refused.is_none() {
        let word = words[at].as_str();
        at += 1;
        match word {
            "--" | "--end-of-options" => {
                if word == "--" {
                    parsed.before_dashes = Some(parsed.operands.len());
                }
                parsed.operands.extend_from_slice(&words[at..]);
                break;
            }
            "--help" | "--help-all" => parsed.refused = Some("help only".into()),
            _ if word.starts_with("--") => long(&table, &mut parsed, &word[2..], words, &mut at),
            _ if word.starts_with('-') && word.len() > 1 => {
                bundle(&table, &mut parsed, &word[1..], words, &mut at);
            }
            _ if stops => {
                parsed.operands.extend_from_slice(&words[at - 1..]);
                break;
            }
            _ => parsed.operands.push(word.to_owned()),
        }
    }
    parsed
}

fn spec(text: &str) -> Spec<'_> {
    let negatable = text.starts_with('!');
    let text = text.trim_start_matches('!');
    let (text, takes) = match (text.strip_suffix('='), text.strip_suffix('?')) {
        (Some(text), _) => (text, Takes::Value),
        (None, Some(text)) => (text, Takes::Glued),
        (None, None) => (text, Takes::Nothing),
    };
    let (letter, long) = match text.split_once('/') {
        Some((letter, long)) => (letter.chars().next(), Some(long)),
        None if text.chars().count() == 1 => (text.chars().next(), None),
        None => (None, Some(text)),
    };
    Spec { letter, long, takes, negatable }
}

impl Spec<'_> {
    fn name(&self) -> String {
        match (self.long, self.letter) {
            (Some(long), _) => format!("--{long}"),
            (None, letter) => format!("-{}", letter.unwrap_or_default()),
        }
    }
}

fn long(table: &[Spec], parsed: &mut Parsed, body: &str, words: &[String], at: &mut usize) {
    let (name, value) = match body.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (body, None),
    };
    match find(table, name) {
        Found::None => {
            parsed.unknown.get_or_insert_with(|| format!("--{name}"));
        }
        Found::Several => parsed.refused = Some(format!("--{name} could be several options")),
        Found::One(spec, true) => {
            if value.is_some() {
                parsed.refused = Some(format!("--{name} takes no value"));
            }
            let name = spec.name();
            parsed.options.retain(|o| o.name != name);
            parsed.options.push(Opt { name: format!("--no-{}", &name[2..]), value: None, at: *at - 1 });
        }
        Found::One(spec, false) => match (spec.takes, value) {
            (Takes::Nothing, Some(_)) => parsed.refused = Some(format!("--{name} takes no value")),
            (Takes::Value, None) => next_value(spec, parsed, words, at),
            (_, value) => parsed.options.push(Opt { name: spec.name(), value, at: *at - 1 }),
        },
    }
}

fn next_value(spec: &Spec, parsed: &mut Parsed, words: &[String], at: &mut usize) {
    match words.get(*at) {
        Some(value) => {
            parsed.options.push(Opt { name: spec.name(), value: Some(value.clone()), at: *at - 1 });
            *at += 1;
        }
        None => parsed.refused = Some(format!("{} has no value", spec.name())),
    }
}

enum Found<'t, 's> {
    /// And whether it is taken back.
    One(&'t Spec<'s>, bool),
    None,
    Several,
}

/// Options with two names count as one.
const ALIASES: &[(&str, &str)] = &[("branches", "all"), ("exec", "receive-pack")];

fn find<'t, 's>(table: &'t [Spec<'s>], name: &str) -> Found<'t, 's> {
    let spelled = |spec: &Spec, taken_back: bool| {
        spec.long.map(|long| if taken_back { format!("no-{long}") } else { long.to_owned() })
    };
    let forms: Vec<(&Spec, bool)> = table
        .iter()
        .flat_map(|s| [(s, false), (s, true)])
        .filter(|(s, taken_back)| !taken_back || s.negatable)
        .collect();
    if let Some((spec, taken_back)) = forms.iter().find(|(s, b)| spelled(s, *b).as_deref() == Some(name)) {
        return Found::One(spec, *taken_back);
    }
    let one = |long: Option<&str>| {
        let long = long.unwrap_or_default().to_owned();
        ALIASES.iter().find(|(a, _)| *a == long).map_or(long, |(_, b)| (*b).to_owned())
    };
    let mut fitting = forms.iter().filter(|(s, b)| spelled(s, *b).is_some_and(|l| l.starts_with(name)));
    let Some((spec, taken_back)) = fitting.next() else { return Found::None };
    if fitting.any(|(s, b)| (one(s.long), b) != (one(spec.long), taken_back)) {
        return Found::Several;
    }
    Found::One(spec, *taken_back)
}

fn bundle(table: &[Spec], parsed: &mut Parsed, letters: &str, words: &[String], at: &mut usize) {
    for (offset, letter) in letters.char_indices() {
        let rest = &letters[offset + letter.len_utf8()..];
        let Some(spec) = table.iter().find(|s| s.letter == Some(letter)) else {
            if letter == 'h' {
                parsed.refused = Some("help only".into());
            }
            parsed.unknown.get_or_insert_with(|| format!("-{letter}"));
            return;
        };
        match spec.takes {
            Takes::Value if rest.is_empty() => return next_value(spec, parsed, words, at),
            Takes::Value | Takes::Glued if !rest.is_empty() => {
                parsed.options.push(Opt {
                    name: spec.name(),
                    value: Some(rest.to_owned()),
                    at: *at - 1,
                });
                return;
            }
            Takes::Value | Takes::Glued | Takes::Nothing => {
                parsed.options.push(Opt { name: spec.name(), value: None, at: *at - 1 });
            }
        }
        // `-force` is a long option with a dash missing, and git says so.
        let mistyped = letters.len() >= 3
            && table.iter().any(|s| s.long.is_some_and(|l| l.starts_with(letters)));
        if offset == 0 && (mistyped || letters.starts_with("no-")) {
            parsed.refused = Some(format!("-{letters} lacks a dash"));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUSH: &str = "!f/force !force-with-lease? !force-if-includes !all !branches n/dry-run !o/push-option= \
                        !u/set-upstream !repo= !receive-pack= !exec=";

    fn read(line: &str) -> Parsed {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(PUSH, &words, false)
    }

    #[test]
    fn prefixes_bundles_and_values() {
        let parsed = read("-fu origin --force-w=main:x main -oci.skip -o -f --rep x -- -n");
        let names: Vec<&str> = parsed.options.iter().map(|o| o.name.as_str()).collect();
        assert_eq!(
            names,
            ["--force", "--set-upstream", "--force-with-lease", "--push-option", "--push-option", "--repo"]
        );
        assert_eq!(parsed.operands, ["origin", "main", "-n"]);
        assert_eq!(parsed.before_dashes, Some(2));
        assert!(parsed.refused.is_none() && parsed.options[4].value.as_deref() == Some("-f"));
    }

    #[test]
    fn an_option_taken_back_is_gone() {
        let parsed = read("--force --no-force-w --no-force origin");
        assert!(!parsed.has("--force") && parsed.has("--no-force"));
        assert!(read("--no-force -f").has("--force"));
        assert!(read("--al").has("--all") || read("--al").has("--branches"));
    }

    #[test]
    fn what_git_refuses() {
        for line in ["--forc origin", "-force", "--force=1", "--repo", "-o", "-h", "--help", "--no-all=x"] {
            assert!(read(line).refused.is_some(), "{line}");
        }
        let parsed = read("--fresh -f");
        assert_eq!(parsed.unknown.as_deref(), Some("--fresh"));
        assert!(parsed.has("--force") && parsed.refused.is_none());
    }
}
