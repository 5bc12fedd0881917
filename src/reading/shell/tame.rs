//! Programs whose output is nothing but names and numbers: what they print cannot be an option, whatever it is.
//! Must never list one that prints text of somebody's choosing.

use super::super::words::{Line, split};
use std::ffi::OsStr;

/// Why words are not known that are names or numbers.
pub const WHY: &str = "names that a program prints";
/// Why words are not known that hold a process number of the shell's.
pub const NUMBER: &str = "a process number of the shell's";
/// Why a variable is not known that nothing set, in a line that runs elsewhere or later.
pub fn unset(name: &str) -> String {
    format!("${name}{UNSET}")
}

/// Whether that is all that is not known.
pub fn is_unset(why: &str) -> bool {
    why.starts_with('$') && (why.ends_with(UNSET) || why.ends_with(THERE))
}

const UNSET: &str = " is not set here";
/// The same in a line that runs elsewhere, whose variables nobody here knows.
pub const THERE: &str = " is what it is there";
const OTHER: &str = "the output of a program";

/// A program, and words of which one must be there (none: any line of it).
const TAME: &[(&str, &[&str])] = &[
    ("git rev-parse", &[]),
    ("git rev-list", &[]),
    ("git merge-base", &[]),
    ("git hash-object", &[]),
    ("git write-tree", &[]),
    ("git describe", &[]),
    ("git symbolic-ref", &[]),
    ("git branch", &["--show-current"]),
    (
        "git log",
        &[
            "--format=%h",
            "--format=%H",
            "--pretty=%h",
            "--pretty=%H",
            "--pretty=format:%h",
            "--pretty=format:%H",
        ],
    ),
    ("docker ps", &["-q", "-aq", "-qa", "-lq", "-ql", "-qf", "-aqf", "--quiet"]),
    ("docker container ls", &["-q", "-aq", "-qa", "--quiet"]),
    ("docker images", &["-q", "-aq", "-qa", "--quiet"]),
    ("docker image ls", &["-q", "-aq", "-qa", "--quiet"]),
    ("docker volume ls", &["-q", "-qf", "--quiet"]),
    ("docker compose ps", &["-q", "-aq", "--quiet"]),
    ("podman ps", &["-q", "-aq", "-qa", "--quiet"]),
    ("systemctl show", &["MainPID", "--property=MainPID", "InvocationID", "--property=InvocationID"]),
    ("kubectl get", &["name", "-oname", "-o=name", "--output=name"]),
    ("nproc", &[]),
    ("pgrep", &[]),
    ("pidof", &[]),
    ("id", &["-u", "-g", "-un", "-gn"]),
    ("whoami", &[]),
    ("uuidgen", &[]),
    ("pwd", &[]),
];

/// Filters that give back some of the lines they read.
const KEEPING: &[&str] = &["head", "tail", "sort", "uniq", "tac"];

/// What to say of the output of a script.
pub fn why(script: &str) -> &'static str {
    if is_tame(script).unwrap_or(false) { WHY } else { OTHER }
}

fn is_tame(script: &str) -> Option<bool> {
    if script.contains(['|', ';', '&', '<', '>', '`', '\n', '$']) {
        let (first, filters) = script.split_once('|')?;
        let keeps = filters.split('|').all(|f| KEEPING.contains(&f.split_whitespace().next().unwrap_or("")));
        return Some(
            keeps && !filters.contains([';', '&', '<', '>', '`', '\n', '$', '(']) && is_tame(first)?,
        );
    }
    let words = words(script)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let ["date", format] = words.as_slice() {
        // Only what the format itself brings could begin with a dash.
        return Some(format.strip_prefix('+').is_some_and(|f| f.starts_with('%') && !f.contains(' ')));
    }
    Some(TAME.iter().any(|(program, needs)| {
        let program: Vec<&str> = program.split(' ').collect();
        let rest = words.strip_prefix(program.as_slice());
        rest.is_some_and(|rest| needs.is_empty() || needs.iter().any(|need| rest.contains(need)))
    }))
}

fn words(script: &str) -> Option<Vec<String>> {
    match split(OsStr::new(script.trim())) {
        Line::Simple { variables, words } if variables.is_empty() => {
            words.into_iter().map(|w| w.into_string().ok()).collect()
        }
        Line::Simple { .. } | Line::Empty | Line::Unsure(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{OTHER, WHY, why};

    #[test]
    fn only_names_and_numbers_are_tame() {
        let tame = [
            "git rev-parse HEAD",
            "git rev-list --all --max-count=5",
            "git branch --show-current",
            "docker ps -qf name=web",
            "docker ps -q --filter status=exited | head -1",
            "date +%Y%m%d",
            "kubectl get pods -o name | sort | head -n 1",
        ];
        for script in tame {
            assert_eq!(why(script), WHY, "{script}");
        }
        let other = [
            "git config user.name",
            "git log --oneline",
            "cat list",
            "date +-f",
            "docker ps",
            "git rev-parse HEAD; cat x",
            "git rev-parse HEAD | sed s/^/-/",
            "git rev-parse $(cat x)",
            "echo -f",
        ];
        for script in other {
            assert_eq!(why(script), OTHER, "{script}");
        }
    }
}
