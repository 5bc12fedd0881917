//! GNU parallel: a command line for a shell, once for every argument (parallel(1), 20221122).
//! Must never leave out the arguments: where they are not known, the line says so to the shell's reader.

use super::super::grammar::{Grammar, Problem, Spec, Style, Takes};
use super::super::through::{Start, Through};
use crate::invocation::{Invocation, Stdin};
use crate::text::quote;
use std::ffi::OsString;

const MOST: usize = 500;
/// Stands for an argument that is not known: a parameter that no reader knows the value of.
const UNKNOWN: &str = "\"${_}\"";

const VALUES: &[(&str, char)] = &[
    ("jobs", 'j'),
    ("max-procs", 'P'),
    ("max-replace-args", 'N'),
    ("max-args", 'n'),
    ("max-lines", 'L'),
    ("I", 'I'),
    ("arg-file", 'a'),
    ("colsep", 'C'),
    ("delimiter", 'd'),
    ("sshlogin", 'S'),
    ("E", 'E'),
    ("max-chars", 's'),
    ("delay", '\0'),
    ("timeout", '\0'),
    ("retries", '\0'),
    ("joblog", '\0'),
    ("results", '\0'),
    ("tmpdir", '\0'),
    ("workdir", '\0'),
    ("wd", '\0'),
    ("halt", '\0'),
    ("halt-on-error", '\0'),
    ("load", '\0'),
    ("memfree", '\0'),
    ("nice", '\0'),
    ("block", '\0'),
    ("recstart", '\0'),
    ("recend", '\0'),
    ("tagstring", '\0'),
    ("basefile", '\0'),
    ("env", '\0'),
    ("header", '\0'),
    ("sshloginfile", '\0'),
    ("arg-sep", '\0'),
    ("arg-file-sep", '\0'),
    ("shellquote-char", '\0'),
    ("profile", 'J'),
    ("transferfile", '\0'),
    ("return", '\0'),
    ("trim", '\0'),
    ("rpl", '\0'),
    ("parens", '\0'),
    ("limit", '\0'),
    ("compress-program", '\0'),
    ("filter", '\0'),
    ("seqreplace", '\0'),
];

const FLAGS: &[(&str, char)] = &[
    ("keep-order", 'k'),
    ("quote", 'q'),
    ("ungroup", 'u'),
    ("verbose", 't'),
    ("v", 'v'),
    ("xargs", 'X'),
    ("m", 'm'),
    ("null", '0'),
    ("no-run-if-empty", 'r'),
    ("interactive", 'p'),
    ("exit", 'x'),
    ("help", 'h'),
    ("version", 'V'),
    ("line-buffer", '\0'),
    ("lb", '\0'),
    ("linebuffer", '\0'),
    ("dry-run", '\0'),
    ("dryrun", '\0'),
    ("bar", '\0'),
    ("progress", '\0'),
    ("eta", '\0'),
    ("pipe", '\0'),
    ("pipepart", '\0'),
    ("will-cite", '\0'),
    ("bibtex", '\0'),
    ("no-notice", '\0'),
    ("tag", '\0'),
    ("gnu", '\0'),
    ("shuf", '\0'),
    ("link", '\0'),
    ("xapply", '\0'),
    ("plain", '\0'),
    ("group", '\0'),
    ("citation", '\0'),
    ("files", '\0'),
    ("resume", '\0'),
    ("resume-failed", '\0'),
    ("semaphore", '\0'),
    ("fg", '\0'),
    ("bg", '\0'),
    ("wait", '\0'),
    ("nonall", '\0'),
    ("onall", '\0'),
    ("cleanup", '\0'),
    ("silent", '\0'),
    ("skip-first-line", '\0'),
    ("csv", '\0'),
    ("compress", '\0'),
    ("number-of-cpus", '\0'),
    ("tmux", '\0'),
];

pub fn read(invocation: &Invocation) -> Through {
    let row = |takes| {
        move |(long, short): &(&'static str, char)| Spec {
            long,
            short: (*short != '\0').then_some(*short),
            takes,
            exact: false,
        }
    };
    let table: Vec<Spec> =
        VALUES.iter().map(row(Takes::Value)).chain(FLAGS.iter().map(row(Takes::Nothing))).collect();
    let args = invocation.args();
    let sources = |w: &OsString| [":::", "::::", ":::+", "::::+"].iter().any(|s| w == s);
    let end = args.iter().position(sources).unwrap_or(args.len());
    let parsed = Grammar { style: Style::Getopt, table: &table, permute: false }.parse(&args[..end]);
    match parsed.problems.first() {
        None => {}
        Some(Problem::MissingValue { name, .. }) => {
            return Through::nothing(invocation, format!("{name} needs a value"));
        }
        Some(Problem::UnknownOption { word, .. } | Problem::Ambiguous { word, .. }) => {
            return Through::unsure(invocation, format!("the option {word}"));
        }
        Some(Problem::UnwantedValue { name, .. }) => {
            return Through::unsure(invocation, format!("the option {name}"));
        }
    }
    for name in ["--dry-run", "--dryrun", "--help", "--version", "--citation", "--bibtex", "--number-of-cpus"]
    {
        if parsed.has(name) {
            return Through::nothing(invocation, format!("{name} runs nothing"));
        }
    }
    let command: Vec<String> = parsed.operand_words();
    let quoted = parsed.has("--quote");
    let words: Vec<String> = command.iter().map(|w| if quoted { quote(w) } else { w.clone() }).collect();
    let template = words.join(" ");
    let mark = parsed.last("-I").unwrap_or("{}").to_owned();
    // Records, not arguments: the command is run as it stands.
    if parsed.has("--pipe") || parsed.has("--pipepart") || parsed.has("--semaphore") {
        return started(invocation, vec![template], parsed.has("--sshlogin"));
    }
    let arguments = arguments(invocation, &args[end..], parsed.last("--arg-file"), parsed.has("--null"));
    let lines = match arguments {
        Some(all) if all.len() <= MOST => all.iter().map(|a| line(&template, &mark, Some(a))).collect(),
        Some(_) | None if template.is_empty() => {
            return Through::unsure(invocation, "it runs lines that are not known");
        }
        Some(_) | None => vec![line(&template, &mark, None)],
    };
    started(invocation, lines, parsed.has("--sshlogin"))
}

fn started(invocation: &Invocation, lines: Vec<String>, away: bool) -> Through {
    let start = |text: String| {
        let argv: Vec<OsString> = vec!["sh".into(), "-c".into(), text.into()];
        let nested = match away {
            true => invocation.elsewhere(argv, "the hosts of parallel"),
            false => invocation.nested(argv),
        };
        Start { invocation: nested.with_stdin(Stdin::TooMuch), doubt: None }
    };
    Through::new(invocation, lines.into_iter().map(start).collect())
}

/// Every argument list; `None` where an input is not known.
fn arguments(
    invocation: &Invocation,
    sources: &[OsString],
    file: Option<&str>,
    nul: bool,
) -> Option<Vec<Vec<String>>> {
    let cut = |text: &[u8]| -> Vec<String> {
        let end = if nul { 0 } else { b'\n' };
        text.split(|b| *b == end)
            .filter(|l| !l.is_empty())
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect()
    };
    let mut lists: Vec<Vec<String>> = Vec::new();
    let mut files = false;
    for word in sources {
        match word.to_str()? {
            ":::" | "::::" => {
                files = word == "::::";
                lists.push(Vec::new());
            }
            ":::+" | "::::+" => return None,
            text if files => lists.last_mut()?.extend(cut(&invocation.read(text).ok()?)),
            text => lists.last_mut()?.push(text.to_owned()),
        }
    }
    if let Some(file) = file {
        lists.push(cut(&invocation.read(file).ok()?));
    } else if lists.is_empty() {
        match invocation.stdin() {
            Stdin::Content(text) => lists.push(cut(text)),
            Stdin::Terminal | Stdin::Unread | Stdin::TooMuch => return None,
        }
    }
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for list in &lists {
        let with = |head: &Vec<String>| {
            list.iter().map(|i| [head.as_slice(), std::slice::from_ref(i)].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).take(MOST + 1).collect();
    }
    Some(all)
}

/// The command line for one argument list; without a replacement string the arguments are added.
fn line(template: &str, mark: &str, arguments: Option<&Vec<String>>) -> String {
    let joined = match arguments {
        Some(all) if template.is_empty() => return all.join(" "),
        Some(all) => all.iter().map(quote).collect::<Vec<_>>().join(" "),
        None => UNKNOWN.to_owned(),
    };
    let mut out = template.replace(mark, &joined);
    let mut used = out != template;
    for special in ["{.}", "{/}", "{//}", "{/.}", "{#}", "{%}"] {
        if out.contains(special) {
            // Parts of an argument are not modelled.
            out = out.replace(special, UNKNOWN);
            used |= special != "{#}" && special != "{%}";
        }
    }
    for (at, number) in (1..=9).enumerate() {
        let place = format!("{{{number}}}");
        if out.contains(&place) {
            let value = arguments.map(|all| all.get(at).map(quote).unwrap_or_default());
            out = out.replace(&place, &value.unwrap_or_else(|| UNKNOWN.to_owned()));
            used = true;
        }
    }
    if used { out } else { format!("{out} {joined}") }
}
