//! From argv to the subcommand and its arguments, exactly as terraform's main.go and its command-line library
//! (hashicorp/cli) rewrite them: -chdir, TF_CLI_ARGS, -version, -help, nested subcommands.
//! Must never use knowledge about a subcommand's own options.

use super::shellwords;
use super::verbs::COMMANDS;
use crate::invocation::Invocation;

/// What remains to be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// `workspace delete`, as terraform's command table names it.
    pub(super) command: &'static str,
    pub(super) arguments: Vec<String>,
}

/// Why no subcommand runs, or why guard cannot tell which.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Nothing(String),
    Unsure(String),
}

fn nothing<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Nothing(why.into()))
}

/// The whole way from argv to the value of `-chdir=` and a subcommand.
pub(super) fn take_apart(invocation: &Invocation) -> (Option<String>, Result<Words, Stop>) {
    let mut words: Vec<String> = invocation.args().iter().map(|w| w.to_string_lossy().into_owned()).collect();
    match take_chdir(&mut words) {
        Ok(chdir) => (chdir, find_subcommand(invocation, words)),
        Err(stop) => (None, Err(stop)),
    }
}

fn find_subcommand(invocation: &Invocation, mut words: Vec<String>) -> Result<Words, Stop> {
    let name = Line::of(&words).command;
    merge(invocation, "TF_CLI_ARGS", &name, &mut words)?;
    // The subcommand is the one before any variable was merged.
    let variable = format!("TF_CLI_ARGS_{}", name.replace(['-', ' '], "_"));
    merge(invocation, &variable, &name, &mut words)?;
    if words.iter().any(|w| matches!(w.as_str(), "-v" | "-version" | "--version")) {
        return nothing("prints the version only");
    }
    let line = Line::of(&words);
    if line.command.is_empty() {
        return nothing("prints help only: no subcommand");
    }
    let Some(command) = COMMANDS.iter().find(|c| **c == line.command) else {
        return nothing(format!(
            "terraform has no command named {}",
            crate::text::show_line(&line.command, 40)
        ));
    };
    if line.help {
        return nothing("prints help only");
    }
    if line.completion {
        return nothing("sets up the shell's completion only");
    }
    if line.flags_before {
        return nothing("options before the subcommand: terraform refuses them");
    }
    Ok(Words { command, arguments: line.arguments })
}

/// `-chdir=DIR` before the subcommand; of several the last counts and the others stay, to be refused later.
fn take_chdir(words: &mut Vec<String>) -> Result<Option<String>, Stop> {
    let mut found = None;
    for (at, word) in words.iter().enumerate().take_while(|(_, w)| w.starts_with('-')) {
        match word.strip_prefix("-chdir") {
            Some("" | "=") => return nothing("-chdir needs \"=\" and a directory"),
            Some(rest) if rest.starts_with('=') => found = Some(at),
            Some(_) | None => {}
        }
    }
    Ok(found.map(|at| words.remove(at)["-chdir=".len()..].to_owned()))
}

/// Puts a variable's words right after the first word that equals the subcommand's last one. Without a
/// subcommand they come first, and may bring one.
fn merge(
    invocation: &Invocation,
    variable: &str,
    command: &str,
    words: &mut Vec<String>,
) -> Result<(), Stop> {
    let Some(value) = invocation.var_filled(variable) else { return Ok(()) };
    let extra = shellwords::split(variable, &value)?;
    let last = command.rsplit(' ').next().unwrap_or("");
    let at = words.iter().position(|w| w == last).map_or(0, |i| i + 1);
    words.splice(at..at, extra);
    Ok(())
}

/// One pass of the command-line library over the words.
struct Line {
    command: String,
    arguments: Vec<String>,
    help: bool,
    completion: bool,
    flags_before: bool,
}

impl Line {
    fn of(words: &[String]) -> Line {
        let mut line = Line {
            command: String::new(),
            arguments: Vec::new(),
            help: false,
            completion: false,
            flags_before: false,
        };
        for (at, word) in words.iter().enumerate() {
            match word.as_str() {
                "--" => break,
                "-h" | "-help" | "--help" => line.help = true,
                "-install-autocomplete" | "--install-autocomplete" => line.completion = true,
                "-uninstall-autocomplete" | "--uninstall-autocomplete" => line.completion = true,
                _ if !line.command.is_empty() || word.is_empty() => {}
                _ if word.starts_with('-') => line.flags_before = true,
                // A word with a space is never a subcommand, and ends the search for one.
                _ if word.contains(' ') => return line,
                _ => {
                    let (command, further) = longest_command(&words[at..]);
                    line.arguments = words[at + 1 + further..].to_vec();
                    line.command = command;
                }
            }
        }
        line
    }
}

/// The longest known command that the leading words spell, and how many words it has after the first.
fn longest_command(words: &[String]) -> (String, usize) {
    let plain = words.iter().take_while(|w| !w.is_empty() && !w.starts_with('-') && !w.contains(' '));
    let search = plain.map(String::as_str).collect::<Vec<_>>().join(" ");
    let longest = COMMANDS.iter().filter(|c| search.starts_with(**c)).max_by_key(|c| c.len());
    let whole = |command: &&&str| {
        let ends =
            |(at, _): (usize, &str)| matches!(search.as_bytes().get(at + command.len()), None | Some(b' '));
        search.match_indices(**command).any(ends)
    };
    match longest.filter(whole) {
        Some(command) => ((*command).to_owned(), command.matches(' ').count()),
        None => (words[0].clone(), 0),
    }
}
