//! rm: the grammar of GNU coreutils 9 (getopt_long), and whether rm would ask before it removes.
//! Must never look at the file system: what an operand is, is `targets::path`'s question.

use super::grammar::{Grammar, Opt, Problem, Spec, Style, Takes, opt};
use super::{Command, Does, Reading};
use crate::invocation::{Invocation, Stdin};

const TABLE: &[Spec] = &[
    opt("force", 'f', Takes::Nothing),
    opt("i", 'i', Takes::Nothing),
    opt("I", 'I', Takes::Nothing),
    opt("interactive", '\0', Takes::Optional),
    opt("one-file-system", '\0', Takes::Nothing),
    Spec { long: "no-preserve-root", short: None, takes: Takes::Nothing, exact: true },
    opt("preserve-root", '\0', Takes::Optional),
    opt("recursive", 'r', Takes::Nothing),
    opt("R", 'R', Takes::Nothing),
    opt("dir", 'd', Takes::Nothing),
    opt("verbose", 'v', Takes::Nothing),
    opt("help", '\0', Takes::Nothing),
    opt("version", '\0', Takes::Nothing),
    // Spelled with three dashes; makes rm ask about write-protected files as at a terminal.
    opt("-presume-input-tty", '\0', Takes::Nothing),
    // The Rust coreutils know a progress bar where GNU stops with a usage error.
    opt("g", 'g', Takes::Nothing),
];

/// Reads one rm command.
pub fn read(invocation: &Invocation) -> Reading {
    let permute = invocation.environment().get("POSIXLY_CORRECT").is_none();
    let mut parsed = Grammar { style: Style::Getopt, table: TABLE, permute }.parse(invocation.args());
    for option in &mut parsed.options {
        if option.name == "-R" {
            option.name = "--recursive".to_owned();
        }
    }
    let mut command = Command::new(invocation, "rm");
    command.does = match refusal(&parsed.problems, &parsed.options) {
        Some(why) => Does::Nothing(why),
        None if parsed.operands.is_empty() => Does::Nothing("no path is named".to_owned()),
        None => Does::Acts,
    };
    command.operand_at = parsed.operands.iter().map(|(_, at)| *at).collect();
    command.operands = parsed.operand_words();
    command.options = parsed.options;
    if command.does == Does::Acts
        && let Some(why) = answered_no(&command)
    {
        command.does = Does::Nothing(why);
    }
    command.headline = headline(&command);
    Reading::of(command)
}

/// What makes rm stop while it reads its options, before it looks at any operand.
fn refusal(problems: &[Problem], options: &[Opt]) -> Option<String> {
    for problem in problems {
        match problem {
            Problem::UnknownOption { word, .. } if word == "--progress" => {}
            Problem::UnknownOption { word, .. } => {
                return Some(format!("rm does not know the option {word}"));
            }
            Problem::Ambiguous { word, .. } => return Some(format!("rm finds {word} ambiguous")),
            Problem::MissingValue { name, .. } | Problem::UnwantedValue { name, .. } => {
                return Some(format!("rm does not take {name} like this"));
            }
        }
    }
    options.iter().find_map(|option| match (option.name.as_str(), option.value.as_deref()) {
        ("--help", _) => Some("help only".to_owned()),
        ("--version", _) => Some("version only".to_owned()),
        ("--interactive", Some(when)) if asks_when(when).is_none() => {
            Some(format!("rm does not know --interactive={when}"))
        }
        ("--preserve-root", Some(which)) if which != "all" => {
            Some(format!("rm does not know --preserve-root={which}"))
        }
        _ => None,
    })
}

/// When rm asks by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Never,
    /// One question for everything, when it is recursive or there are more than three operands.
    Once,
    /// Before each removal, by name.
    Always,
}

/// The last of `-f`, `-i`, `-I` and `--interactive` counts.
fn asks(options: &[Opt]) -> Asks {
    let one = |option: &Opt| match option.name.as_str() {
        "--force" => Some(Asks::Never),
        "-i" => Some(Asks::Always),
        "-I" => Some(Asks::Once),
        "--interactive" => option.value.as_deref().map_or(Some(Asks::Always), asks_when),
        _ => None,
    };
    options.iter().rev().find_map(one).unwrap_or(Asks::Never)
}

/// A word or a prefix of words that all mean the same (argmatch of gnulib); `None` is a usage error.
fn asks_when(when: &str) -> Option<Asks> {
    const WORDS: [(&str, Asks); 6] = [
        ("never", Asks::Never),
        ("no", Asks::Never),
        ("none", Asks::Never),
        ("once", Asks::Once),
        ("always", Asks::Always),
        ("yes", Asks::Always),
    ];
    let mut fitting = WORDS.iter().filter(|(word, _)| word.starts_with(when)).map(|(_, asks)| *asks);
    let first = fitting.next()?;
    fitting.all(|other| other == first).then_some(first)
}

/// Why rm's own questions keep everything: nobody would answer yes, or a person is asked for each single path.
/// One question for all (`-I`) at a terminal is no reason: it names neither the paths nor where they are.
fn answered_no(command: &Command) -> Option<String> {
    let asks = asks(&command.options);
    let asked = match asks {
        Asks::Never => false,
        Asks::Once => command.option("--recursive").is_some() || command.operands.len() > 3,
        Asks::Always => true,
    };
    if !asked {
        return None;
    }
    match command.invocation.stdin() {
        Stdin::Terminal if asks == Asks::Always => Some("rm asks before each removal".to_owned()),
        Stdin::Content(bytes) if all_no(bytes, asks) => {
            Some("rm asks, and its standard input says no".to_owned())
        }
        Stdin::Terminal | Stdin::Content(_) | Stdin::Unread | Stdin::TooMuch => None,
    }
}

/// No answer could be a yes in any language: rpmatch(3) depends on the locale, `n` and nothing are always a no.
fn all_no(answers: &[u8], asks: Asks) -> bool {
    let questions = match asks {
        Asks::Never => 0,
        Asks::Once => 1,
        Asks::Always => usize::MAX,
    };
    answers
        .split(|b| *b == b'\n')
        .take(questions)
        .all(|line| matches!(line.first(), None | Some(b'n' | b'N')))
}

fn headline(command: &Command) -> String {
    let below = match (command.option("--recursive").is_some(), command.operands.len()) {
        (false, _) => "",
        (true, 1) => " and everything below it",
        (true, _) => " and everything below them",
    };
    match command.operands.as_slice() {
        [] => "remove nothing".to_owned(),
        [one] => format!("remove {}{below}", crate::text::quote(one)),
        [first, .., last] if command.operands.len() > 3 => {
            let (first, last) = (crate::text::quote(first), crate::text::quote(last));
            format!("remove {} paths{below}: {first} … {last}", command.operands.len())
        }
        all => format!("remove {}{below}", all.iter().map(crate::text::quote).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Environment;
    use std::ffi::OsString;

    fn command(line: &str, stdin: Stdin, environment: Environment) -> Command {
        let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let invocation =
            Invocation::here(argv, stdin).expect("a working directory").with_environment(environment);
        read(&invocation).commands.remove(0)
    }

    fn acts(line: &str) -> bool {
        command(line, Stdin::Unread, Environment::default()).does == Does::Acts
    }

    fn answered(line: &str, answers: &str) -> bool {
        command(line, Stdin::Content(answers.as_bytes().into()), Environment::default()).does == Does::Acts
    }

    #[test]
    fn options_are_read_as_getopt_long_does() {
        for line in [
            "rm -rf a",
            "rm a -rf",
            "rm --recurs a",
            "rm --r a",
            "rm -rf -- --help",
            "rm --one -R a",
            "rm --no-preserve-root -r /",
            "rm --preserve-root=all a",
            "rm --p a",
            "rm ---presume-input-tty a",
            "rm --- a",
            "rm -- -rf",
            "rm -",
            "rm --interactive=ne a",
            "rm --interactive=n a",
            "rm -rg a",
            "rm --progress a",
        ] {
            assert!(acts(line), "{line}");
        }
        for line in [
            "rm",
            "rm -rf",
            "rm -rfx a",
            "rm a --help",
            "rm a --vers",
            "rm --v a",
            "rm --no-preserve -r /",
            "rm --no-preserve-root=x a",
            "rm --force=x a",
            "rm --preserve-root=al a",
            "rm --preserve-root= a",
            "rm --nope a",
            "rm --interactive= a",
            "rm --interactive=nope a",
        ] {
            assert!(!acts(line), "{line}");
        }
    }

    #[test]
    fn posixly_correct_ends_options_at_the_first_operand() {
        let posix = command("rm src -rf", Stdin::Unread, Environment::from_pairs([("POSIXLY_CORRECT", "")]));
        assert_eq!(posix.operands, ["src", "-rf"]);
        let gnu = command("rm src -rf a", Stdin::Unread, Environment::default());
        assert_eq!((gnu.operands, gnu.operand_at), (vec!["src".to_owned(), "a".to_owned()], vec![0, 2]));
    }

    #[test]
    fn the_last_word_about_asking_counts() {
        for line in [
            "rm -ri a",
            "rm -rfi a",
            "rm -rf --interactive a",
            "rm -rI a",
            "rm -I a b c d",
            "rm --interactive=o -R a",
            "rm -f --interactive=yes a",
        ] {
            assert!(!answered(line, "n\n"), "{line}");
            assert!(!answered(line, ""), "{line}");
            assert!(answered(line, "y\n"), "{line}");
        }
        assert!(answered("rm -ri a b", "n\noui\n") && !answered("rm -rI a b", "n\noui\n"));
        for line in ["rm -rif a", "rm -I a b c", "rm --interactive=never -r a", "rm -i --force a", "rm -r a"]
        {
            assert!(answered(line, "n\n"), "{line}");
        }
    }

    #[test]
    fn a_person_is_asked_for_each_path_or_guard_decides() {
        let at_terminal = |line| command(line, Stdin::Terminal, Environment::default()).does == Does::Acts;
        assert!(!at_terminal("rm -ri a") && at_terminal("rm -rI a") && at_terminal("rm -r a"));
        assert!(acts("rm -ri a"), "what stands at standard input is not known");
    }

    #[test]
    fn the_headline_says_how_much() {
        let headline = |line| command(line, Stdin::Unread, Environment::default()).headline;
        assert_eq!(headline("rm -rf src"), "remove src and everything below it");
        assert_eq!(headline("rm a b"), "remove a, b");
        assert_eq!(headline("rm -r a b c d"), "remove 4 paths and everything below them: a … d");
    }
}
