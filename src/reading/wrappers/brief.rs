//! Wrappers described by one row of `brief_table`: which options take a value, which words come before the
//! command, and where the command runs. Must never take an option for harmless that is not in its row.

use super::super::grammar::{Grammar, Parsed, Problem, Spec, Style, Takes};
use super::super::through::{Doubt, Start, Through};
use super::brief_table::BRIEF;
use crate::invocation::{Environment, Invocation};
use std::ffi::{OsStr, OsString};

/// How the command is given, and what is different where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// The words are the command.
    Words,
    /// The words are joined to one line for a shell.
    Line,
    /// One line for a shell, with other variables, and why that matters.
    LineAround(&'static str),
    /// Every word is a line for a shell.
    Lines,
    /// The words after `-c` or `--command`, or all of them: a line when it is one, else a command.
    AfterC,
    /// The value of this option is a line for a shell.
    Option(&'static str),
    /// `-s` makes the word a line for a shell.
    Entr,
    /// Variables change, and why that matters.
    Around(&'static str),
    /// The command stands behind `--`; it runs elsewhere.
    AfterDashes(&'static str),
    AfterDashesAround(&'static str),
    Elsewhere(&'static str),
    /// Elsewhere where another root is given.
    Root,
    Namespace,
    Systemd,
    /// The operand before the command is the profile of a cloud account.
    Profile,
}

/// A row.
#[derive(Debug)]
pub struct Brief {
    pub names: &'static [&'static str],
    /// Words of which one must come first; `*` is any.
    pub verbs: &'static [&'static str],
    /// As for getopt(3); `*` alone: every option is one word.
    pub letters: &'static str,
    pub long: &'static [&'static str],
    pub operands: usize,
    pub runs: Runs,
}

/// The row of a program.
pub fn find(program: &[u8]) -> Option<&'static Brief> {
    BRIEF.iter().find(|brief| brief.names.iter().any(|name| name.as_bytes() == program))
}

/// Reads the command line of such a wrapper.
pub fn read(invocation: &Invocation, brief: &Brief) -> Through {
    let table = table(brief);
    let args = invocation.args();
    let named = |v: &&str| args.iter().any(|word| word == *v);
    if !brief.verbs.is_empty()
        && !brief.verbs.contains(&"*")
        && !brief.verbs.iter().any(|v| v.is_empty() || named(v))
    {
        return Through::new(invocation, Vec::new());
    }
    let mut parsed = match parse(brief, &table, args) {
        Ok(parsed) => parsed,
        Err(why) => return stopped(invocation, why),
    };
    let mut from = 0;
    if !brief.verbs.is_empty() {
        let verb = parsed.operands.first().map(|(word, at)| (word.clone(), *at));
        match verb {
            Some((word, at)) if brief.verbs.iter().any(|v| *v == "*" || *v == word) => {
                from = at + 1;
                let before = parsed;
                parsed = match parse(brief, &table, &args[from..]) {
                    Ok(parsed) => parsed,
                    Err(why) => return stopped(invocation, why),
                };
                parsed.options.splice(0..0, before.options);
            }
            // Words of its own: it starts nothing.
            Some(_) | None if !brief.verbs.contains(&"") => return Through::new(invocation, Vec::new()),
            Some(_) | None => {}
        }
    }
    if ["--help", "--version", "--list", "--verify", "--show", "--hardware", "--dump"]
        .iter()
        .any(|o| parsed.has(o))
    {
        return Through::nothing(invocation, "help, version or a list only");
    }
    let call = Call { invocation, brief, words: words(&parsed, brief, &args[from..]), parsed };
    call.start()
}

fn stopped(invocation: &Invocation, why: Result<String, String>) -> Through {
    match why {
        Ok(refused) => Through::nothing(invocation, refused),
        Err(unknown) => Through::unsure(invocation, unknown),
    }
}

fn table(brief: &Brief) -> Vec<Spec<'static>> {
    let mut table = Vec::new();
    let bytes = brief.letters.as_bytes();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric()) {
        let takes = match (bytes.get(at + 1), bytes.get(at + 2)) {
            (Some(b':'), Some(b':')) => Takes::Optional,
            (Some(b':'), _) => Takes::Value,
            (_, _) => Takes::Nothing,
        };
        let long = &brief.letters[at..=at];
        table.push(Spec { long, short: Some(char::from(*byte)), takes, exact: false });
    }
    for name in brief.long {
        let (long, takes) = match (name.strip_suffix('='), name.strip_suffix('?')) {
            (Some(long), _) => (long, Takes::Value),
            (None, Some(long)) => (long, Takes::Optional),
            (None, None) => (*name, Takes::Nothing),
        };
        table.push(Spec { long, short: None, takes, exact: false });
    }
    table
}

/// `Err(Ok)`: it stops by itself; `Err(Err)`: nobody knows.
fn parse(brief: &Brief, table: &[Spec], args: &[OsString]) -> Result<Parsed, Result<String, String>> {
    if brief.letters == "*" {
        let first = args.iter().position(|w| !w.as_encoded_bytes().starts_with(b"-")).unwrap_or(args.len());
        let operands = (first..args.len()).map(|at| (args[at].to_string_lossy().into_owned(), at)).collect();
        return Ok(Parsed { operands, ..Parsed::default() });
    }
    let permute = brief.runs == Runs::Lines;
    let parsed = Grammar { style: Style::Getopt, table, permute }.parse(args);
    match parsed.problems.first() {
        None => Ok(parsed),
        Some(Problem::MissingValue { name, .. }) => Err(Ok(format!("{name} needs a value"))),
        Some(Problem::UnknownOption { word, .. } | Problem::Ambiguous { word, .. }) => {
            Err(Err(format!("the option {word}")))
        }
        Some(Problem::UnwantedValue { name, .. }) => Err(Err(format!("the option {name}"))),
    }
}

/// The command with all its words.
fn words(parsed: &Parsed, brief: &Brief, args: &[OsString]) -> Vec<OsString> {
    let dashes = match brief.runs {
        Runs::AfterDashes(_) | Runs::AfterDashesAround(_) => {
            args.iter().position(|w| w == "--").map(|at| at + 1)
        }
        _ => None,
    };
    if brief.runs == Runs::Lines {
        return parsed.operands.iter().filter_map(|(_, at)| args.get(*at).cloned()).collect();
    }
    let at = dashes.or_else(|| parsed.operands.get(brief.operands).map(|(_, at)| *at));
    let mut words = at.and_then(|at| args.get(at..)).unwrap_or(&[]).to_vec();
    // `envchain NAME -- CMD`
    if brief.operands > 0 && words.first().is_some_and(|w| w == "--") {
        words.remove(0);
    }
    words
}

struct Call<'a> {
    invocation: &'a Invocation,
    brief: &'a Brief,
    parsed: Parsed,
    words: Vec<OsString>,
}

impl Call<'_> {
    fn start(self) -> Through {
        let shell = |text: OsString| self.invocation.nested(vec!["sh".into(), "-c".into(), text]);
        let words = || self.invocation.nested(self.words.clone());
        let line = || shell(self.words.join(OsStr::new(" ")));
        match self.brief.runs {
            // npx -c 'line', npm exec -c 'line', doppler run --command 'line'
            Runs::Words | Runs::Around(_) if self.text().is_some() => {
                self.one(shell(self.text().unwrap_or_default()), self.around())
            }
            Runs::Words | Runs::Around(_) | Runs::AfterDashesAround(_) => self.one(words(), self.around()),
            Runs::Line | Runs::LineAround(_) => self.one(line(), self.around()),
            Runs::Lines => {
                let starts = self.words.iter().map(|w| Start { invocation: shell(w.clone()), doubt: None });
                Through::new(self.invocation, starts.collect())
            }
            Runs::AfterC => match self.words.split_first() {
                Some((first, rest)) if first == "-c" || first == "--command" => match rest {
                    [one] => self.one(shell(one.clone()), None),
                    rest => self.one(self.invocation.nested(rest.to_vec()), None),
                },
                Some(_) if self.parsed.has("-c") || self.parsed.has("--command") => self.one(words(), None),
                Some((one, [])) if self.brief.operands > 0 => self.one(shell(one.clone()), None),
                Some(_) | None => Through::new(self.invocation, Vec::new()),
            },
            Runs::Option(name) => match self.parsed.last(name).or_else(|| self.parsed.last("--command")) {
                Some(text) => self.one(shell(text.into()), None),
                None => Through::new(self.invocation, Vec::new()),
            },
            Runs::Entr if self.parsed.has("-s") => self.one(line(), None),
            Runs::Entr => {
                let changed = self.words.iter().position(|w| w == "/_");
                let doubt = changed.map(|at| Doubt::from_word(at, "the file that changes is not known"));
                self.one(words(), doubt)
            }
            Runs::AfterDashes(place) | Runs::Elsewhere(place) => self.away(place),
            Runs::Root if ["-r", "-R", "-S", "--rootfs"].iter().any(|o| self.parsed.has(o)) => {
                self.away("another root directory")
            }
            Runs::Root => self.one(words(), None),
            Runs::Namespace => {
                let mounts =
                    ["-a", "--all", "-m", "--mount", "-r", "--root"].iter().any(|o| self.parsed.has(o));
                if mounts { self.away("the namespaces of another process") } else { self.one(words(), None) }
            }
            Runs::Systemd => self.systemd(),
            Runs::Profile => {
                let profile = self.parsed.operands.first().map_or("", |(word, _)| word.as_str());
                let environment = self.invocation.environment().set("AWS_PROFILE", OsStr::new(profile));
                self.one(words().with_environment(environment), None)
            }
        }
    }

    /// The line of `-c`.
    fn text(&self) -> Option<OsString> {
        let named = ["--call", "--command"].iter().find_map(|o| self.parsed.last(o));
        let letter =
            self.parsed.last("-c").filter(|text| !text.is_empty() && self.brief.letters.contains("c:"));
        let takes_text = ["npx", "pnpx", "npm"].iter().any(|n| self.brief.names.contains(n));
        named.or(letter.filter(|_| takes_text)).map(OsString::from)
    }

    fn around(&self) -> Option<Doubt> {
        match self.brief.runs {
            Runs::Around(why) | Runs::AfterDashesAround(why) | Runs::LineAround(why) => {
                Some(Doubt::of_target(why))
            }
            _ => None,
        }
    }

    fn one(&self, nested: Invocation, doubt: Option<Doubt>) -> Through {
        if nested.argv().is_empty() {
            return Through::new(self.invocation, Vec::new());
        }
        Through::new(self.invocation, vec![Start { invocation: nested, doubt }])
    }

    fn away(&self, place: &str) -> Through {
        self.one(self.invocation.elsewhere(self.words.clone(), place), None)
    }

    /// A unit of its own: systemd's environment and directory, unless it is a scope.
    fn systemd(&self) -> Through {
        let has = |names: [&str; 2]| names.iter().any(|name| self.parsed.has(name));
        if has(["-H", "--host"]) || has(["-M", "--machine"]) {
            return self.away("another machine");
        }
        let nested = self.invocation.nested(self.words.clone());
        if self.parsed.has("--scope") || has(["-S", "--shell"]) {
            return self.one(nested, None);
        }
        let directory = self.parsed.last("--working-directory").map(|d| self.invocation.path(d));
        let stays = has(["-d", "--same-dir"]).then(|| self.invocation.cwd().to_owned());
        let nested = nested.with_cwd(stays.or(directory).unwrap_or_else(|| "/".into()));
        let set = self.parsed.options.iter().filter(|o| o.name == "-E" || o.name == "--setenv");
        let environment = set
            .filter_map(|o| o.value.as_deref()?.split_once('='))
            .fold(Environment::default(), |all, (name, value)| all.set(name, OsStr::new(value)));
        self.one(
            nested.with_environment(environment),
            Some(Doubt::around("systemd gives it an environment of its own")),
        )
    }
}
