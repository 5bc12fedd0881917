//! The words of an aws command line, as its chain of argparse parsers takes them: global options wherever they
//! stand, then service and operation. Must never take a word that begins with a dash for an option's value:
//! argparse does not.

use super::super::Opt;

/// A global option and whether it takes a value (version 1 and 2 together).
const GLOBAL: &[(&str, bool)] = &[
    ("debug", false),
    ("endpoint-url", true),
    ("no-verify-ssl", false),
    ("no-paginate", false),
    ("output", true),
    ("query", true),
    ("profile", true),
    ("region", true),
    ("version", false),
    ("color", true),
    ("no-sign-request", false),
    ("ca-bundle", true),
    ("cli-read-timeout", true),
    ("cli-connect-timeout", true),
    ("cli-binary-format", true),
    ("no-cli-pager", false),
    ("cli-auto-prompt", false),
    ("no-cli-auto-prompt", false),
    ("v2-debug", false),
];

/// Options of an operation that decide whether it acts, and from which abbreviation on they are told.
const DECISIVE: &[(&str, &str)] = &[
    ("dry-run", "dry"),
    ("no-dry-run", "no-dry"),
    ("generate-cli-skeleton", "generate-cli"),
    ("with-decryption", "with-d"),
];

/// The same for the commands of `aws s3`.
const OF_S3: &[(&str, &str)] =
    &[("dryrun", "dry"), ("recursive", "rec"), ("force", "f"), ("delete", "del")];

/// What is left when the global options are taken out.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub globals: Vec<Opt>,
    /// Everything else with its place, in order.
    pub rest: Vec<(String, usize)>,
}

/// Takes out the global options; the error is what argparse refuses.
pub(super) fn globals(words: &[String]) -> Result<Words, String> {
    let mut found = Words::default();
    let mut at = 0;
    while at < words.len() {
        let word = &words[at];
        if word == "--" {
            found.rest.extend(words.iter().cloned().enumerate().skip(at).map(|(i, w)| (w, i)));
            break;
        }
        let here = at;
        at += 1;
        let Some((name, takes, glued)) = global(word)? else {
            found.rest.push((word.clone(), here));
            continue;
        };
        let value = match (takes, glued) {
            (true, Some(value)) => Some(value.to_owned()),
            (true, None) => {
                let next = words.get(at).filter(|w| !is_option(w));
                at += 1;
                Some(next.cloned().ok_or_else(|| format!("--{name} needs a value"))?)
            }
            (false, Some(_)) => return Err(format!("--{name} takes no value")),
            (false, None) => None,
        };
        found.globals.push(Opt { name: format!("--{name}"), value, at: here });
    }
    Ok(found)
}

type Global<'w> = Option<(&'static str, bool, Option<&'w str>)>;

/// A global option by its name or a prefix of it that only one has.
fn global(word: &str) -> Result<Global<'_>, String> {
    let Some(body) = word.strip_prefix("--") else { return Ok(None) };
    let (name, glued) = body.split_once('=').map_or((body, None), |(n, v)| (n, Some(v)));
    if let Some((full, takes)) = GLOBAL.iter().find(|(full, _)| *full == name) {
        return Ok(Some((full, *takes, glued)));
    }
    if name.is_empty() || (glued.is_none() && name.contains(' ')) {
        return Ok(None);
    }
    let mut like = GLOBAL.iter().filter(|(full, _)| full.starts_with(name));
    match (like.next(), like.next()) {
        (Some((full, takes)), None) => Ok(Some((full, *takes, glued))),
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(format!("--{} could be several options", crate::text::show_line(name, 40))),
    }
}

/// Whether argparse takes a word for an option: a dash in front, and neither a number nor words with a space.
pub(in crate::reading) fn is_option(word: &str) -> bool {
    let Some(body) = word.strip_prefix('-').filter(|b| !b.is_empty()) else { return false };
    let number = body.parse::<f64>().is_ok() && body.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let spaced = word.contains(' ') && !word.split_once('=').is_some_and(|(name, _)| !name.contains(' '));
    !number && !spaced
}

/// The options behind the operation. A value is the word behind the option, for those who look for one.
pub(super) fn options(words: &[(String, usize)], service: &str) -> Vec<Opt> {
    let mut found = Vec::new();
    let mut words = words.iter().peekable();
    while let Some((word, at)) = words.next() {
        if word == "--" {
            break;
        }
        if !is_option(word) {
            continue;
        }
        let (name, glued) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
        let next = words.peek().map(|(w, _)| w).filter(|w| !is_option(w));
        let value = glued.map(str::to_owned).or_else(|| next.cloned());
        found.push(Opt { name: canonical(name, service), value, at: *at });
    }
    found
}

fn canonical(name: &str, service: &str) -> String {
    let table = if service == "s3" { OF_S3 } else { DECISIVE };
    let body = name.strip_prefix("--").unwrap_or("");
    let full = table.iter().find(|(full, least)| body.starts_with(least) && full.starts_with(body));
    full.map_or_else(|| name.to_owned(), |(full, _)| format!("--{full}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(line: &str) -> Result<(Vec<String>, Vec<String>), String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = globals(&words)?;
        let globals = found.globals.iter().map(|o| format!("{}={}", o.name, o.value.as_deref().unwrap_or("")));
        Ok((globals.collect(), found.rest.into_iter().map(|(w, _)| w).collect()))
    }

    #[test]
    fn global_options_stand_anywhere_and_abbreviated() {
        let (globals, rest) = left("--prof a ec2 --dry-run x --regi=eu --profile b y").expect("reads");
        assert_eq!(globals, ["--profile=a", "--region=eu", "--profile=b"]);
        assert_eq!(rest, ["ec2", "--dry-run", "x", "y"]);
        assert_eq!(left("ec2 -- --profile b").expect("reads").0, Vec::<String>::new());
    }

    #[test]
    fn an_option_is_no_value() {
        assert!(left("ec2 x --profile --dry-run").is_err());
        assert!(left("ec2 x --profile").is_err());
        assert!(left("ec2 x --cli 5").is_err());
        assert!(is_option("-h") && is_option("--a=b c") && !is_option("-5") && !is_option("-a b") && !is_option("-"));
    }
}
