//! The command line of docker and the programs with its grammar: global options, the command under all its names, its
//! own options. Must never take a global option behind the command for one that counts: docker refuses it.

use super::super::grammar::{Grammar, Opt, Parsed, Problem, Spec, Style, Takes, opt};
use super::verb_table::VERBS;
use crate::invocation::Invocation;

/// A command with all its names and options; `f/force` is `-f` and `--force`.
pub struct Verb {
    pub name: &'static str,
    /// With `|` between them.
    pub others: &'static str,
    /// How many operands it needs.
    pub operands: usize,
    /// Options end at the first operand.
    pub ends: bool,
    pub flags: &'static str,
    pub values: &'static str,
}

/// Whose grammar it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Docker,
    Podman,
    Nerdctl,
    /// `docker-compose`, `podman-compose`: the words of `docker compose` without the first.
    Compose,
}

impl Program {
    pub fn of(invocation: &Invocation) -> Program {
        match invocation.program().to_string_lossy().as_ref() {
            "podman" | "podman-remote" => Program::Podman,
            "nerdctl" => Program::Nerdctl,
            "docker-compose" | "podman-compose" => Program::Compose,
            _ => Program::Docker,
        }
    }
}

/// A command line taken apart.
#[derive(Clone, Debug)]
pub struct Line {
    pub program: Program,
    /// Options before the command.
    pub globals: Parsed,
    /// Options of compose itself.
    pub compose: Parsed,
    /// The canonical name, `container rm`; the word itself for a plugin's command.
    pub verb: String,
    /// What follows the command; indices count from the first argument of the program.
    pub parsed: Parsed,
    /// An option that is not known, where it decides what the operands are.
    pub doubt: Option<String>,
}

/// What is left of a command line that does nothing, and why.
pub type Idle = String;

const DOCKER: &str = "D/debug tls tlsverify v/version help";
const DOCKER_VALUES: &str = "config c/context H/host l/log-level tlscacert tlscert tlskey";
const PODMAN: &str = "noout r/remote syslog trace transient-store v/version help";
const PODMAN_VALUES: &str = "cgroup-manager conmon c/connection events-backend hooks-dir identity log-level namespace \
    network-cmd-path network-config-dir root runroot runtime runtime-flag ssh storage-driver storage-opt tmpdir url \
    volumepath module out imagestore cdi-spec-dir config default-mounts-file network-backend";
const NERDCTL: &str = "debug debug-full insecure-registry experimental kube-hide-dupe v/version help";
const NERDCTL_VALUES: &str = "a/address H/host n/namespace storage-driver snapshotter cni-path cni-netconfpath data-root \
    cgroup-manager hosts-dir host-gateway-ip bridge-ip userns-remap cdi-spec-dirs";
const COMPOSE: &str = "all-resources compatibility dry-run verbose v/version D/debug no-ansi skip-hostname-check tls \
    tlsverify help h/h";
const COMPOSE_VALUES: &str = "ansi env-file f/file p/project-name parallel profile progress project-directory workdir \
    c/context H/host log-level tlscacert tlscert tlskey";

/// A table of `f/force` words.
fn table(flags: &'static str, values: &'static str) -> Vec<Spec<'static>> {
    let spec = |word: &'static str, takes| match word.split_once('/') {
        Some((letter, long)) => opt(long, letter.chars().next().unwrap_or('\0'), takes),
        None if word.len() == 1 => opt(word, word.chars().next().unwrap_or('\0'), takes),
        None => opt(word, '\0', takes),
    };
    let all = flags.split_whitespace().map(|w| spec(w, Takes::Nothing));
    all.chain(values.split_whitespace().map(|w| spec(w, Takes::Value))).collect()
}

/// Takes the line apart; `Err` for one that does nothing.
pub fn parse(invocation: &Invocation) -> Result<Line, Idle> {
    let words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let program = Program::of(invocation);
    let (flags, values) = match program {
        Program::Docker => (DOCKER, DOCKER_VALUES),
        Program::Podman => (PODMAN, PODMAN_VALUES),
        Program::Nerdctl => (NERDCTL, NERDCTL_VALUES),
        Program::Compose => ("", ""),
    };
    let mut globals = Parsed::default();
    let mut at = 0;
    if program != Program::Compose {
        (globals, at) = leading(&table(flags, values), &words, 0)?;
    }
    let mut compose = Parsed::default();
    let is_compose = program == Program::Compose || words.get(at).is_some_and(|w| w == "compose");
    if is_compose {
        at += usize::from(program != Program::Compose);
        (compose, at) = leading(&table(COMPOSE, COMPOSE_VALUES), &words, at)?;
    }
    let rest = &words[at..];
    let Some(first) = rest.first() else { return Err("no command is named".into()) };
    let prefix = if is_compose { "compose " } else { "" };
    let mut line = Line {
        program,
        globals,
        compose,
        verb: format!("{prefix}{first}"),
        parsed: Parsed::default(),
        doubt: None,
    };
    let Some((verb, length)) = find(prefix, rest) else {
        if first == "help" || is_group(first) {
            return Err(format!("{first} alone only helps"));
        }
        line.doubt = is_compose.then(|| format!("what compose {first} does"));
        line.parsed.operands = rest.iter().enumerate().skip(1).map(|(i, w)| (w.clone(), at + i)).collect();
        return Ok(line);
    };
    verb.name.clone_into(&mut line.verb);
    line.own(verb, &words, at + length, (flags, values))?;
    Ok(line)
}

/// Options in front of the first operand, and where that stands.
fn leading(table: &[Spec], words: &[String], from: usize) -> Result<(Parsed, usize), Idle> {
    let grammar = Grammar { style: Style::Pflag, table, permute: false };
    let mut parsed = grammar.parse_words(&words[from..]);
    if parsed.has("--help") || parsed.has("--version") || parsed.has("-h") {
        return Err("help or version only".into());
    }
    if let Some(problem) = parsed.problems.first() {
        return match problem {
            Problem::UnknownOption { word, .. } if word == "-h" => Err("help only".into()),
            Problem::UnknownOption { word, .. } | Problem::Ambiguous { word, .. } => {
                Err(format!("{word} is no option that stands before the command"))
            }
            Problem::MissingValue { name, .. } => Err(format!("{name} needs a value")),
            Problem::UnwantedValue { name, .. } => Err(format!("{name} takes no value")),
        };
    }
    let at = parsed.operands.first().map_or(words.len(), |(_, at)| from + at);
    parsed.operands.clear();
    Ok((parsed, at))
}

/// The command with the longest name that the words begin with.
fn find(prefix: &str, words: &[String]) -> Option<(&'static Verb, usize)> {
    (1..=3.min(words.len())).rev().find_map(|length| {
        let name = format!("{prefix}{}", words[..length].join(" "));
        let named = |v: &&Verb| v.name == name || v.others.split('|').any(|other| other == name);
        VERBS.iter().find(named).map(|v| (v, length))
    })
}

fn is_group(word: &str) -> bool {
    VERBS.iter().any(|v| v.name.split_once(' ').is_some_and(|(group, _)| group == word))
}

impl Line {
    /// The command's own options.
    fn own(
        &mut self,
        verb: &Verb,
        words: &[String],
        from: usize,
        global: (&'static str, &'static str),
    ) -> Result<(), Idle> {
        let mut specs = table(verb.flags, verb.values);
        let own_h = specs.iter().any(|s| s.short == Some('h'));
        if verb.name.starts_with("compose ") {
            specs.extend(table("dry-run verbose", ""));
        }
        // podman and nerdctl take their global options anywhere.
        let anywhere = matches!(self.program, Program::Podman | Program::Nerdctl);
        let globals = table(global.0, global.1);
        if anywhere {
            let taken =
                |s: &Spec| specs.iter().any(|o| o.long == s.long || s.short.is_some() && o.short == s.short);
            let more: Vec<Spec> = globals.iter().filter(|s| !taken(s)).copied().collect();
            specs.extend(more);
        }
        specs.push(opt("help", '\0', Takes::Nothing));
        let grammar = Grammar { style: Style::Pflag, table: &specs, permute: !verb.ends };
        let mut parsed = grammar.parse_words(&words[from..]);
        if parsed.has("--help") {
            return Err("help only".into());
        }
        for problem in &parsed.problems {
            match problem {
                Problem::UnknownOption { word, .. } if word == "-h" && !own_h => {
                    return Err("help only".into());
                }
                Problem::UnknownOption { word, .. } if !anywhere && is_in(&globals, word) => {
                    return Err(format!("{word} stands before the command or nowhere"));
                }
                Problem::UnknownOption { word, at } => {
                    self.doubt = self.doubt.take().or(verb.ends.then(|| format!("the option {word}")));
                    let name = word.split('=').next().unwrap_or(word).to_owned();
                    parsed.options.push(Opt { name, value: None, at: *at });
                }
                Problem::Ambiguous { word, .. } => return Err(format!("{word} could be several options")),
                Problem::MissingValue { name, .. } => return Err(format!("{name} needs a value")),
                Problem::UnwantedValue { name, .. } => return Err(format!("{name} takes no value")),
            }
        }
        switched_off(&mut parsed, &specs);
        parsed.options.iter_mut().for_each(|o| o.at += from);
        parsed.operands.iter_mut().for_each(|(_, at)| *at += from);
        let selects = ["--all", "--latest", "--filter", "--cidfile", "--pod-id-file"];
        let names_none = self.program == Program::Docker || !selects.iter().any(|s| parsed.has(s));
        if parsed.operands.len() < verb.operands && self.doubt.is_none() && names_none {
            return Err(format!("{} needs {} operands or more", verb.name, verb.operands));
        }
        self.parsed = parsed;
        Ok(())
    }
}

fn is_in(table: &[Spec], word: &str) -> bool {
    let name = word.split('=').next().unwrap_or(word);
    table.iter().any(|s| {
        name.strip_prefix("--") == Some(s.long)
            || name
                .strip_prefix('-')
                .is_some_and(|l| s.short.is_some_and(|c| l.starts_with(c) && !l.starts_with('-')))
    })
}

/// Drops flags whose last word is `=false`.
fn switched_off(parsed: &mut Parsed, specs: &[Spec]) {
    const FALSE: &[&str] = &["false", "False", "FALSE", "f", "F", "0"];
    let flags: Vec<String> = specs
        .iter()
        .filter(|s| s.takes == Takes::Nothing)
        .map(|s| if s.long.len() == 1 { format!("-{}", s.long) } else { format!("--{}", s.long) })
        .filter(|name| parsed.last(name).is_some_and(|v| FALSE.contains(&v)))
        .collect();
    parsed.options.retain(|o| !flags.contains(&o.name));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;

    fn read(line: &str) -> String {
        let argv = line.split(' ').map(Into::into).collect();
        match parse(&Invocation::here(argv, Stdin::Terminal).expect("cwd")) {
            Ok(line) => {
                let option = |o: &Opt| format!("{}={}", o.name, o.value.clone().unwrap_or_default());
                let options: Vec<String> = line.parsed.options.iter().map(option).collect();
                format!("{} [{}] {}", line.verb, options.join(" "), line.parsed.operand_words().join(" "))
            }
            Err(_) => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_command_has_several_names() {
        for (line, found) in [
            ("docker rm -fv web", "container rm [--force= --volumes=] web"),
            ("docker container remove web", "container rm [] web"),
            ("docker -c prod stack down shop", "stack rm [] shop"),
            ("docker rmi -f=false a b", "image rm [] a b"),
            (
                "docker run --rm -v /:/h --name=x alpine rm -rf /h",
                "container run [--rm= --volume=/:/h --name=x] alpine rm -rf /h",
            ),
            ("docker exec -it web sh -c ls", "container exec [--interactive= --tty=] web sh -c ls"),
            ("docker compose -f a.yml -p shop down -v", "compose down [--volumes=] "),
            ("docker-compose -f a.yml down -v -t 3", "compose down [--volumes= --timeout=3] "),
            ("docker kill -s HUP web", "container kill [--signal=HUP] web"),
            ("podman rm -a --url x", "container rm [--all= --url=x] "),
            ("docker trust key load k", "trust key load [] k"),
            ("docker scout cves", "scout [] cves"),
            ("docker rm --brand-new web", "container rm [--brand-new=] web"),
        ] {
            assert_eq!(read(line), found, "{line}");
        }
    }

    #[test]
    fn what_docker_refuses_does_nothing() {
        for line in [
            "docker",
            "docker --version",
            "docker rm",
            "docker rm -f web --context prod",
            "docker rm -f web -c prod",
            "docker rm web -H x",
            "docker rm --help",
            "docker volume",
            "docker help rm",
            "docker --nope rm x",
            "docker exec web",
            "docker compose",
            "docker -c",
        ] {
            assert_eq!(read(line), "nothing", "{line}");
        }
    }
}
