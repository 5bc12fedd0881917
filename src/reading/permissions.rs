//! chmod, chown and chgrp: the grammar of GNU coreutils 9, in which `-w` may be a mode and not an option.
//! Must never look at the file system: which paths change is `targets::path`'s question.

use super::grammar::{Grammar, Parsed, Problem, Spec, Style, Takes, opt};
use super::mode::Mode;
use super::{Command, Does, Opt, Reading};
use crate::invocation::Invocation;

const N: Takes = Takes::Nothing;
const V: Takes = Takes::Value;

const CHMOD: &[Spec] = &[
    opt("changes", 'c', N),
    opt("quiet", 'f', N),
    opt("silent", '\0', N),
    opt("verbose", 'v', N),
    opt("recursive", 'R', N),
    opt("no-preserve-root", '\0', N),
    opt("preserve-root", '\0', N),
    opt("reference", '\0', V),
    opt("help", '\0', N),
    opt("version", '\0', N),
    // Since coreutils 9.6.
    opt("dereference", '\0', N),
    opt("no-dereference", 'h', N),
    opt("H", 'H', N),
    opt("L", 'L', N),
    opt("P", 'P', N),
    mode('r'),
    mode('w'),
    mode('x'),
    mode('X'),
    mode('s'),
    mode('t'),
    mode('u'),
    mode('g'),
    mode('o'),
    mode('a'),
    mode(','),
    mode('+'),
    mode('='),
    mode('0'),
    mode('1'),
    mode('2'),
    mode('3'),
    mode('4'),
    mode('5'),
    mode('6'),
    mode('7'),
];

/// A letter that begins a mode; the rest of the word belongs to it.
const fn mode(letter: char) -> Spec<'static> {
    Spec { long: MODE, short: Some(letter), takes: Takes::Optional, exact: true }
}

/// Cannot be typed as an option.
const MODE: &str = "\0mode";

const CHOWN: &[Spec] = &[
    opt("changes", 'c', N),
    opt("quiet", 'f', N),
    opt("silent", '\0', N),
    opt("verbose", 'v', N),
    opt("recursive", 'R', N),
    opt("no-preserve-root", '\0', N),
    opt("preserve-root", '\0', N),
    opt("reference", '\0', V),
    opt("from", '\0', V),
    opt("dereference", '\0', N),
    opt("no-dereference", 'h', N),
    opt("H", 'H', N),
    opt("L", 'L', N),
    opt("P", 'P', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

/// Reads one chmod, chown or chgrp command: the operands are the paths, the option `--mode` or `--owner` is what
/// they get.
pub fn read(invocation: &Invocation, tool: &str) -> Reading {
    let chmod = tool == "chmod";
    let permute = invocation.environment().get("POSIXLY_CORRECT").is_none();
    let table = if chmod { CHMOD } else { CHOWN };
    let parsed = Grammar { style: Style::Getopt, table, permute }.parse(invocation.args());
    let mut command = Command::new(invocation, tool);
    command.does = refusal(&parsed, tool).map_or(Does::Acts, Does::Nothing);
    let (said, from) = what(&parsed, invocation);
    command.operand_at = parsed.operands.iter().skip(from).map(|(_, at)| *at).collect();
    command.operands = parsed.operand_words().split_off(from.min(parsed.operands.len()));
    command.options = parsed.options.into_iter().filter(|o| !o.name.ends_with(MODE)).collect();
    if command.does == Does::Acts {
        command.does = standing(&command, said.as_deref(), chmod);
    }
    if let Some(said) = said {
        if chmod && command.option("--reference").is_none() {
            flags(&mut command, &said);
        }
        let name = if chmod { "--mode" } else { "--owner" };
        command.options.push(Opt { name: name.to_owned(), value: Some(said), at: usize::MAX });
    }
    command.verb = tool.to_owned();
    command.headline = headline(&command, tool);
    Reading::of(command)
}

fn refusal(parsed: &Parsed, tool: &str) -> Option<String> {
    if let Some(problem) = parsed.problems.first() {
        let (Problem::UnknownOption { word: name, .. }
        | Problem::Ambiguous { word: name, .. }
        | Problem::MissingValue { name, .. }
        | Problem::UnwantedValue { name, .. }) = problem;
        return Some(format!("{tool} does not take {name} like this"));
    }
    let said = ["--help", "--version"].iter().any(|o| parsed.has(o));
    said.then(|| "help or version only".to_owned())
}

/// The mode or owner, and how many operands it takes up.
fn what(parsed: &Parsed, invocation: &Invocation) -> (Option<String>, usize) {
    let by_option: Vec<String> = parsed
        .options
        .iter()
        .filter(|o| o.name.ends_with(MODE))
        .filter_map(|o| invocation.args().get(o.at).map(|w| w.to_string_lossy().into_owned()))
        .collect();
    if !by_option.is_empty() {
        return (Some(by_option.join(",")), 0);
    }
    if parsed.has("--reference") {
        return (None, 0);
    }
    (parsed.operands.first().map(|(word, _)| word.clone()), 1)
}

fn standing(command: &Command, said: Option<&str>, chmod: bool) -> Does {
    let reference = command.option("--reference").is_some();
    if command.operands.is_empty() {
        return Does::Nothing("no path is named".into());
    }
    if chmod && reference && said.is_some() {
        return Does::Nothing("a mode and --reference exclude each other".into());
    }
    match said {
        Some(mode) if chmod && Mode::parse(mode).is_none() => {
            Does::Nothing(format!("chmod does not know the mode {mode}"))
        }
        Some("" | ":") if !chmod => Does::Nothing("it names neither an owner nor a group".into()),
        None if !reference => Does::Nothing("it has no mode or owner".into()),
        Some(_) | None if refuses_links(command) && !chmod => {
            Does::Nothing("-R with --dereference needs -H or -L".into())
        }
        Some(_) | None => Does::Acts,
    }
}

/// chown -R --dereference without -H or -L stops.
fn refuses_links(command: &Command) -> bool {
    let last = |names: &[&str]| {
        let options = command.options.iter().rev();
        options.map(|o| o.name.as_str()).find(|name| names.contains(name)).map(str::to_owned)
    };
    command.option("--recursive").is_some()
        && last(&["--dereference", "--no-dereference"]).as_deref() == Some("--dereference")
        && !matches!(last(&["-H", "-L", "-P"]).as_deref(), Some("-H" | "-L"))
}

/// What a mode opens, whatever it is applied to.
fn flags(command: &mut Command, mode: &str) {
    let Some(mode) = Mode::parse(mode) else { return };
    if mode.sets_id(0) {
        command.traits.add("flag", "set-id");
    }
    if mode.adjust(0, false, 0o022) & 0o002 != 0 {
        command.traits.add("flag", "everybody-writes");
    }
    if mode.adjust(0o700, true, 0o022) & 0o500 != 0o500 {
        command.traits.add("flag", "owner-locked-out");
    }
}

fn headline(command: &Command, tool: &str) -> String {
    let what =
        match (tool, command.option("--mode"), command.option("--owner"), command.option("--reference")) {
            ("chmod", Some(mode), _, _) => format!("set the mode {mode}"),
            (_, _, Some(owner), _) => format!("give to {owner}"),
            (_, _, _, Some(file)) => format!("set as for {file}"),
            _ => "change nothing".to_owned(),
        };
    let below = if command.option("--recursive").is_some() { " with everything below" } else { "" };
    let paths: Vec<_> = command.operands.iter().take(3).map(crate::text::quote).collect();
    let more = if command.operands.len() > 3 { " …" } else { "" };
    format!("{}: {}{more}{below}", crate::text::show(what), paths.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Stdin;
    use std::ffi::OsString;

    fn told(line: &str) -> String {
        let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let invocation = Invocation::here(argv, Stdin::Unread).expect("a working directory");
        let tool = line.split(' ').next().expect("a program");
        let command = read(&invocation, tool).commands.remove(0);
        if command.does != Does::Acts {
            return "nothing".into();
        }
        let what = command.option("--mode").or(command.option("--owner")).unwrap_or("as another");
        let deep = if command.option("--recursive").is_some() { "/**" } else { "" };
        format!("{what} {}{deep}", command.operands.join(" "))
    }

    #[test]
    fn a_mode_may_look_like_an_option() {
        for (line, expected) in [
            ("chmod -w README", "-w README"),
            ("chmod README -w", "-w README"),
            ("chmod -R u-w,a+x src", "u-w,a+x src/**"),
            ("chmod -R -w src", "-w src/**"),
            ("chmod -r -w f", "-r,-w f"),
            ("chmod -Rf 700 src", "700 src/**"),
            ("chmod 500 src -R", "500 src/**"),
            ("chmod --rec 777 src", "777 src/**"),
            ("chmod --reference=a -R src", "as another src/**"),
            ("chmod -- -w f", "-w f"),
            ("chmod -rw-r--r-- f", "-rw-r--r-- f"),
            ("chmod -Rw f", "nothing"),
            ("chmod --re f", "nothing"),
            ("chmod 999 f", "nothing"),
            ("chmod 755", "nothing"),
            ("chmod -q 755 f", "nothing"),
            ("chmod --reference=a -w f", "nothing"),
            ("chmod 755 f --help", "nothing"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }

    #[test]
    fn an_owner_stands_before_the_paths() {
        for (line, expected) in [
            ("chown --rec 0 src", "0 src/**"),
            ("chown -RL 0 link", "0 link/**"),
            ("chown src -R 0", "src 0/**"),
            ("chown --from=0 dev:dev a b", "dev:dev a b"),
            ("chown --reference=x a", "as another a"),
            ("chgrp -h staff a", "staff a"),
            ("chown : a", "nothing"),
            ("chown dev", "nothing"),
            ("chown -R --dereference dev a", "nothing"),
            ("chown -w dev a", "nothing"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
