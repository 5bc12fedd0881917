//! Programs that are no wrappers but have an option or a word that holds a command: `tar --to-command`,
//! `vim -c '!…'`, `tmux new-session …`. Must never pass such a command over because its program is harmless.

use super::super::through::{Doubt, Start, Through};
use super::tar;
use crate::invocation::{Invocation, Stdin};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// How a program takes commands.
#[derive(Clone, Copy)]
enum Takes {
    /// Values of these options (`-x V`, `-xV`, `--long V`, `--long=V`) are lines for a shell; so is what follows a
    /// prefix such as `exec=` in them.
    Options(&'static [&'static str], &'static str),
    /// `-c CMD` and `+CMD` of an editor: `!line` is for a shell.
    Editor,
    Tmux,
    Screen,
    /// A line comes on standard input, or in the file of `-f`.
    At,
    /// `--exec PROGRAM … -- ARGS`.
    Daemon,
    Gdb,
    Expect,
}

const LAUNCHERS: &[(&[&str], Takes)] = &[
    (
        &["tar", "gtar", "bsdtar"],
        Takes::Options(
            &[
                "--checkpoint-action",
                "--to-command",
                "-I",
                "--use-compress-program",
                "-F",
                "--info-script",
                "--new-volume-script",
                "--rsh-command",
            ],
            "exec=",
        ),
    ),
    (&["rsync"], Takes::Options(&["-e", "--rsh"], "")),
    (&["man"], Takes::Options(&["-P", "--pager"], "")),
    (&["zip"], Takes::Options(&["-TT", "--unzip-command"], "")),
    (&["nodemon"], Takes::Options(&["-x", "--exec"], "")),
    (&["split"], Takes::Options(&["--filter"], "")),
    (&["sort"], Takes::Options(&["--compress-program"], "")),
    (&["socat"], Takes::Options(&[], "")),
    (&["vim", "vi", "nvim", "view", "ex", "gvim", "vimdiff", "rvim"], Takes::Editor),
    (&["tmux"], Takes::Tmux),
    (&["screen"], Takes::Screen),
    (&["at", "batch"], Takes::At),
    (&["start-stop-daemon", "daemonize"], Takes::Daemon),
    (&["gdb", "lldb"], Takes::Gdb),
    (&["expect"], Takes::Expect),
];

fn find(program: &[u8]) -> Option<Takes> {
    let named = |(names, _): &&(&[&str], Takes)| names.iter().any(|n| n.as_bytes() == program);
    LAUNCHERS.iter().find(named).map(|(_, takes)| *takes)
}

/// Whether a program of this name takes commands in its words.
pub fn knows(program: &[u8]) -> bool {
    find(program).is_some()
}

/// Reads its words for commands.
pub fn read(invocation: &Invocation) -> Through {
    let args = invocation.args();
    match find(invocation.program().as_bytes()) {
        Some(Takes::Options(options, prefix)) => {
            let mut read = lines(invocation, &values(args, options), prefix);
            if invocation.program().to_string_lossy().contains("tar") {
                read.starts.extend(tar::removed(invocation));
            }
            read
        }
        Some(Takes::Editor) => editor(invocation),
        Some(Takes::Tmux) => tmux(invocation),
        Some(Takes::Screen) => screen(invocation),
        Some(Takes::At) => at(invocation),
        Some(Takes::Daemon) => daemon(invocation),
        Some(Takes::Gdb) => gdb(invocation),
        Some(Takes::Expect) => expect(invocation),
        None => Through::new(invocation, Vec::new()),
    }
}

fn shell(invocation: &Invocation, text: OsString) -> Start {
    Start { invocation: invocation.nested(vec!["sh".into(), "-c".into(), text]), doubt: None }
}

/// The values of options, in any of their spellings; those of other options may be among them: they start nothing.
pub fn values(args: &[OsString], options: &[&str]) -> Vec<OsString> {
    let mut found = Vec::new();
    for (at, word) in args.iter().enumerate() {
        let bytes = word.as_bytes();
        for option in options {
            // `-avze V`
            let letter = option.as_bytes().get(1).filter(|_| option.len() == 2);
            let bundle = bytes.len() > 2
                && bytes.starts_with(b"-")
                && bytes.iter().skip(1).all(u8::is_ascii_alphabetic);
            if bundle && letter == bytes.last() {
                found.extend(args.get(at + 1).cloned());
                continue;
            }
            let Some(rest) = bytes.strip_prefix(option.as_bytes()) else { continue };
            match rest {
                [] => found.extend(args.get(at + 1).cloned()),
                [b'=', value @ ..] => found.push(OsStr::from_bytes(value).to_owned()),
                value if !option.starts_with("--") => found.push(OsStr::from_bytes(value).to_owned()),
                _ => {}
            }
        }
    }
    found
}

fn lines(invocation: &Invocation, values: &[OsString], prefix: &str) -> Through {
    let command = |value: &OsString| match value.as_bytes().strip_prefix(prefix.as_bytes()) {
        Some(line) => line.to_vec(),
        None => value.as_bytes().to_vec(),
    };
    let starts = values.iter().map(command).filter(|l| !l.is_empty() && !l.starts_with(b"dot"));
    Through::new(invocation, starts.map(|l| shell(invocation, OsString::from_vec(l))).collect())
}

/// vim(1): `-c`, `--cmd`, `+…`; `-S FILE` and the editing itself are the person's own doing.
fn editor(invocation: &Invocation) -> Through {
    let args = invocation.args();
    let mut commands = values(args, &["-c", "--cmd"]);
    commands.extend(
        args.iter().filter_map(|w| w.as_bytes().strip_prefix(b"+")).map(|c| OsStr::from_bytes(c).to_owned()),
    );
    let mut starts = Vec::new();
    for command in &commands {
        for part in command.to_string_lossy().split('|') {
            let part = part.trim_start_matches([' ', ':', '%']);
            let part = part.strip_prefix("silent").map_or(part, |p| p.trim_start_matches(['!', ' ', ':']));
            let part =
                ["r ", "read ", "w ", "write "].iter().find_map(|p| part.strip_prefix(p)).unwrap_or(part);
            if let Some(line) = part.trim_start().strip_prefix('!') {
                let whole = command.to_string_lossy();
                let from = whole.find(line).unwrap_or(0);
                starts.push(shell(invocation, whole[from..].to_owned().into()));
                break;
            }
            if ["system(", "term ", "terminal ", "py ", "python", "lua ", "perl "]
                .iter()
                .any(|c| part.contains(c))
            {
                return Through::unsure(invocation, "an editor command that may start programs");
            }
        }
    }
    Through::new(invocation, starts)
}

/// The letters of a tmux command's options that take a value.
const TMUX: &[(&[&str], &str)] = &[
    (&["new-session", "new"], "ceFfnstxy"),
    (&["new-window", "neww"], "ceFnt"),
    (&["split-window", "splitw"], "celtFp"),
    (&["respawn-pane", "respawnp", "respawn-window", "respawnw"], "cet"),
    (&["run-shell", "run"], "cdt"),
    (&["display-popup", "popup"], "bcdehsStTwxy"),
    (&["pipe-pane", "pipep"], "t"),
    (&["send-keys", "send"], "cNt"),
    (&["if-shell", "if"], "t"),
];

/// tmux(1): one word is a line for a shell, several are a command; keys that end in Enter are a line as well.
fn tmux(invocation: &Invocation) -> Through {
    let args = invocation.args();
    let after = operands(args, "cfLST");
    let Some(name) = args.get(after).and_then(|w| w.to_str()) else {
        return Through::new(invocation, Vec::new());
    };
    let Some((names, letters)) = TMUX.iter().find(|(names, _)| names.contains(&name)) else {
        return Through::new(invocation, Vec::new());
    };
    let own = &args[after + 1..];
    let words = own.get(operands(own, letters)..).unwrap_or(&[]);
    let words: Vec<OsString> = words.iter().take_while(|w| *w != ";").cloned().collect();
    let starts = match (names[0], words.as_slice()) {
        (_, []) => Vec::new(),
        ("send-keys", keys) => typed(invocation, keys),
        ("if-shell", lines) => lines.iter().take(1).map(|l| shell(invocation, l.clone())).collect(),
        (_, [line]) => vec![shell(invocation, line.clone())],
        (_, _) => vec![Start { invocation: invocation.nested(words), doubt: None }],
    };
    Through::new(invocation, starts)
}

/// What is typed into a pane: text, until Enter.
fn typed(invocation: &Invocation, keys: &[OsString]) -> Vec<Start> {
    let enter = |w: &OsString| ["Enter", "C-m", "KPEnter", "C-j"].iter().any(|k| w == k);
    let mut starts = Vec::new();
    for line in keys.split(enter) {
        let text = line.join(OsStr::new(""));
        if !text.is_empty() && keys.iter().any(enter) {
            let mut start = shell(invocation, text);
            start.doubt = Some(Doubt::around("what runs in that pane is not known"));
            starts.push(start);
        }
    }
    starts
}

/// Where the operands begin, after options of which some take a value.
fn operands(args: &[OsString], with_value: &str) -> usize {
    let mut at = 0;
    while let Some(word) = args.get(at).map(|w| w.as_bytes()).filter(|w| w.len() > 1 && w.starts_with(b"-")) {
        at += 1;
        if word == b"--" {
            break;
        }
        let takes = word[1..].iter().position(|b| with_value.as_bytes().contains(b));
        at += usize::from(takes.is_some_and(|i| i + 2 == word.len()));
    }
    at
}

/// screen(1): `screen [options] CMD`, and `-X stuff "line\n"` and `-X exec CMD` into a session.
fn screen(invocation: &Invocation) -> Through {
    let args = invocation.args();
    if let Some(at) = args.iter().position(|w| w == "-X") {
        let starts = match (args.get(at + 1).and_then(|w| w.to_str()), args.get(at + 2..)) {
            (Some("stuff"), Some([text, ..])) => {
                let text =
                    text.to_string_lossy().replace("\\n", "\n").replace("^M", "\n").replace("\\015", "\n");
                let around = Doubt::around("what runs in that session is not known");
                vec![Start { doubt: Some(around), ..shell(invocation, text.into()) }]
            }
            (Some("exec" | "screen"), Some(words)) if !words.is_empty() => {
                vec![Start { invocation: invocation.nested(words.to_vec()), doubt: None }]
            }
            (_, _) => Vec::new(),
        };
        return Through::new(invocation, starts);
    }
    let mut at = 0;
    while let Some(word) = args.get(at).map(|w| w.as_bytes()).filter(|w| w.starts_with(b"-") && w.len() > 1) {
        at += 1;
        // `-dmS name`, `-c file`, `-h lines`, `-T term`, `-L`, `-Logfile f`.
        let last = word[word.len() - 1];
        if b"SchTpet".contains(&last) || word == b"-Logfile" {
            at += 1;
        } else if [&b"-r"[..], b"-R", b"-x", b"-d", b"-D", b"-ls", b"-list", b"-wipe", b"-RR"].contains(&word)
        {
            return Through::new(invocation, Vec::new());
        }
    }
    let words = args.get(at..).unwrap_or(&[]).to_vec();
    let starts = (!words.is_empty()).then(|| Start { invocation: invocation.nested(words), doubt: None });
    Through::new(invocation, starts.into_iter().collect())
}

/// at(1): the line runs later, in this directory and environment.
fn at(invocation: &Invocation) -> Through {
    let args = invocation.args();
    let only = |letters: &str| args.iter().any(|w| letters.split(' ').any(|l| w == l));
    if only("-l -r -d -c -V -q -b") {
        return Through::new(invocation, Vec::new());
    }
    let text = match values(args, &["-f"]).first() {
        Some(file) => invocation.read(file).ok(),
        None => match invocation.stdin() {
            Stdin::Content(text) => Some(text.to_vec()),
            Stdin::Terminal => return Through::new(invocation, Vec::new()),
            Stdin::Unread | Stdin::TooMuch => None,
        },
    };
    match text {
        Some(text) => Through::new(invocation, vec![shell(invocation, OsString::from_vec(text))]),
        None => {
            let mut through = Through::unsure(invocation, "it runs later what comes on its standard input");
            if matches!(invocation.stdin(), Stdin::Unread) {
                through.command.traits.add("input", "stdin-unread");
            }
            through
        }
    }
}

fn daemon(invocation: &Invocation) -> Through {
    let args = invocation.args();
    let program = values(args, &["-a", "--startas", "-x", "--exec"]).into_iter().next();
    let starts = args.iter().any(|w| w == "-S" || w == "--start");
    match (program, args.iter().position(|w| w == "--")) {
        (Some(program), dashes) if starts => {
            let rest = dashes.and_then(|at| args.get(at + 1..)).unwrap_or(&[]);
            let argv = std::iter::once(program).chain(rest.iter().cloned()).collect();
            Through::new(invocation, vec![Start { invocation: invocation.nested(argv), doubt: None }])
        }
        (_, _) => Through::new(invocation, Vec::new()),
    }
}

/// gdb(1): `--args CMD`, `-ex 'shell line'`, `-ex '!line'`.
fn gdb(invocation: &Invocation) -> Through {
    let args = invocation.args();
    let mut starts = Vec::new();
    for command in values(args, &["-ex", "--ex", "-eval-command", "--eval-command", "-iex", "-o"]) {
        let text = command.to_string_lossy().into_owned();
        let line =
            ["shell ", "! ", "!", "make ", "platform shell "].iter().find_map(|p| text.strip_prefix(p));
        starts.extend(line.map(|line| shell(invocation, line.into())));
        if text.starts_with("python") || text.contains("system(") || text.starts_with("pipe") {
            return Through::unsure(invocation, "a debugger command that may start programs");
        }
    }
    if let Some(at) = args.iter().position(|w| w == "--args" || w == "-args" || w == "--") {
        let words = args[at + 1..].to_vec();
        starts
            .extend((!words.is_empty()).then(|| Start { invocation: invocation.nested(words), doubt: None }));
    }
    Through::new(invocation, starts)
}

/// expect -c: what it spawns it also types into; nobody can tell what.
fn expect(invocation: &Invocation) -> Through {
    let code = values(invocation.args(), &["-c"]);
    let acts =
        |c: &OsString| ["spawn", "exec", "system", "source"].iter().any(|w| c.to_string_lossy().contains(w));
    match code.iter().any(acts) {
        true => Through::unsure(invocation, "it types into a program that it starts"),
        false => Through::new(invocation, Vec::new()),
    }
}
