//! A script that is one line of plain words, which means the same in every shell: all that the shim reads of a
//! shell, and all that is read of shells other than bash and sh. Must never take more than that for it.

use super::through::{Start, Through};
use super::words::{Line, split};
use crate::invocation::Invocation;
use std::ffi::OsStr;

/// Longer ones are scripts.
const LONGEST: usize = 4 << 10;

/// Builtins that, alone on a line, start nothing and leave nothing behind.
const INERT: &[&str] =
    &[":", "cd", "echo", "exit", "export", "false", "printf", "pwd", "test", "true", "umask"];

/// Words that stand for no program of that name in one shell or another.
const NO_PROGRAM: &[&str] = &[
    ".",
    "[",
    "[[",
    "alias",
    "and",
    "begin",
    "bindkey",
    "break",
    "breaksw",
    "builtin",
    "case",
    "chdir",
    "command",
    "continue",
    "coproc",
    "declare",
    "def",
    "do",
    "done",
    "elif",
    "else",
    "emulate",
    "end",
    "endif",
    "endsw",
    "esac",
    "eval",
    "exec",
    "fc",
    "fi",
    "for",
    "foreach",
    "function",
    "functions",
    "getopts",
    "goto",
    "hash",
    "hashstat",
    "history",
    "if",
    "in",
    "let",
    "local",
    "mapfile",
    "nocorrect",
    "noglob",
    "not",
    "onintr",
    "or",
    "overlay",
    "popd",
    "pushd",
    "read",
    "readarray",
    "readonly",
    "repeat",
    "return",
    "sched",
    "select",
    "set",
    "setenv",
    "shift",
    "shopt",
    "source",
    "switch",
    "then",
    "time",
    "trap",
    "try",
    "typeset",
    "unalias",
    "unset",
    "unsetenv",
    "until",
    "use",
    "while",
    "zcompile",
    "zmodload",
];

/// Reads a script; `Unsure` where it is more than plain words.
pub fn read(invocation: &Invocation, text: &str) -> Through {
    let unsure = |why: &str| Through::unsure(invocation, format!("a script for a shell: {why}"));
    let text = text.trim_end_matches('\n');
    // Escapes and patterns differ, and a second line is a second command.
    let odd = |c: char| matches!(c, '\\' | '^' | '#') || c.is_control() && c != '\t';
    if text.len() > LONGEST || text.contains(odd) {
        return unsure("it is more than a line of plain words");
    }
    match split(OsStr::new(text)) {
        Line::Empty => Through::new(invocation, Vec::new()),
        Line::Simple { variables, words } if variables.is_empty() => {
            let name = words.first().map(|w| w.to_string_lossy()).unwrap_or_default();
            let odd =
                name.starts_with(['=', '%', '@', '+', '-']) || name.contains(['=', '~']) || name.is_empty();
            if INERT.contains(&name.as_ref()) {
                Through::new(invocation, Vec::new())
            } else if odd
                || NO_PROGRAM.contains(&name.as_ref())
                || words.iter().any(|w| w.to_string_lossy().starts_with('='))
            {
                unsure(&format!("{} is more than a program", crate::text::quote(&*name)))
            } else {
                let start = Start { invocation: invocation.nested(words), doubt: None };
                Through::new(invocation, vec![start])
            }
        }
        Line::Simple { .. } => unsure("it sets variables"),
        Line::Unsure(why) => unsure(&why),
    }
}

/// `sh -c TEXT` for the shim, which has no grammar of shells: anything else is left to the full guard.
#[cfg(any(test, not(feature = "full")))]
pub fn shell(invocation: &Invocation) -> Through {
    let [name, option, text] = invocation.argv() else {
        return Through::unsure(invocation, "a shell script");
    };
    let login = name.as_encoded_bytes().starts_with(b"-");
    let Some(text) = text.to_str().filter(|_| option == "-c" && !login) else {
        return Through::unsure(invocation, "a shell script");
    };
    let found = read(invocation, text);
    // Functions from outside, and a file that is read before.
    let program = found.starts.first().map(|s| s.invocation.argv()[0].to_string_lossy().into_owned());
    let names = ["BASH_ENV".to_owned(), format!("BASH_FUNC_{}%%", program.unwrap_or_default())];
    if names.iter().any(|name| invocation.var(name).is_some()) {
        return Through::unsure(invocation, "a shell with set-up of its own");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};
    use crate::reading::{Does, through};

    fn invocation(shell: &str, text: &str, environment: &[(&str, &str)]) -> Invocation {
        let argv = [shell, "-c", text].iter().map(Into::into).collect();
        Invocation::here(argv, Stdin::TooMuch)
            .expect("a working directory")
            .with_environment(Environment::from_pairs(environment.iter().copied()))
    }

    fn words(found: &Through) -> Option<Vec<Vec<String>>> {
        let word = |w: &std::ffi::OsString| w.to_string_lossy().into_owned();
        let known = found.starts.iter().all(|s| s.doubt.is_none());
        (!matches!(found.command.does, Does::Unsure(_)) && known)
            .then(|| found.starts.iter().map(|s| s.invocation.argv().iter().map(word).collect()).collect())
    }

    #[test]
    fn where_the_shim_is_sure_the_whole_grammar_says_the_same() {
        let lines = [
            "uptime",
            "  df -h /srv ",
            "kubectl delete ns 'a b'",
            "psql -c \"DROP TABLE x; y\"",
            "/usr/bin/rm -rf /srv/a",
            "sudo systemctl restart nginx",
            "echo rm -rf x",
            "cd /srv",
            "env A=b rm x",
            "a,b:c@d %e +f",
        ];
        for line in lines {
            for name in ["sh", "bash", "dash", "zsh"] {
                let invocation = invocation(name, line, &[("PATH", "/bin")]);
                let found = words(&shell(&invocation));
                assert!(found.is_some(), "{name} {line}");
                if name != "zsh" {
                    assert_eq!(found, words(&through(&invocation, None).expect("a shell")), "{name} {line}");
                }
            }
        }
    }

    #[test]
    fn anything_more_than_plain_words_is_left_alone() {
        let lines = [
            "echo a\nrm -rf b",
            "uptime # x\nrm -rf b",
            "A=b rm x",
            "rm $x",
            "a; b",
            "a | b",
            "a > b",
            "rm *",
            "rm ~/x",
            "rm {a,b}",
            "! rm x",
            "if true",
            "time rm x",
            "eval 'rm x'",
            "exec rm x",
            "command rm x",
            "noglob rm x",
            "^rm x",
            "=rm x",
            "cat =rm",
            "\\x72m x",
            "%1",
            "a 'b",
            "alias a=b",
        ];
        for line in lines {
            assert_eq!(words(&shell(&invocation("sh", line, &[]))), None, "{line}");
            let other = through(&invocation("zsh", line, &[]), None).expect("a shell");
            assert_eq!(words(&other), None, "zsh: {line}");
        }
        let outside = [("BASH_ENV", "x"), ("BASH_FUNC_uptime%%", "() { rm x; }")];
        for pair in outside {
            assert_eq!(words(&shell(&invocation("bash", "uptime", &[pair]))), None);
        }
        assert_eq!(words(&shell(&invocation("-bash", "uptime", &[]))), None);
    }
}
