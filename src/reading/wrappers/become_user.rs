//! sudo, doas, su and their kin: the command runs as someone else, with that user's home and a new environment.
//! Must never read the caller's configuration for a command that will read another user's.

use super::super::through::{Doubt, Start, Through};
use super::Call;
use crate::invocation::{Environment, Invocation, ReadError};
use crate::sys::who;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// What sudo keeps without being asked: `env_keep` and `env_check` of its defaults (sudoers(5)).
const KEPT: &[&str] = &[
    "COLORS",
    "DISPLAY",
    "HOSTNAME",
    "KRB5CCNAME",
    "LS_COLORS",
    "PS1",
    "PS2",
    "XAUTHORITY",
    "XAUTHORIZATION",
    "XDG_CURRENT_DESKTOP",
    "COLORTERM",
    "LANG",
    "LANGUAGE",
    "LINGUAS",
    "TERM",
    "TZ",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
];

/// Debian's `secure_path`.
const SECURE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub fn sudo(call: &Call) -> Through {
    let options = &call.parsed;
    for (name, why) in [
        ("--list", "it only lists what is allowed"),
        ("--edit", "it edits a copy"),
        ("--validate", "it only renews the password"),
        ("--remove-timestamp", "it only forgets the password"),
    ] {
        if options.has(name) {
            return Through::nothing(call.invocation, why);
        }
    }
    let user = options.last("--user").unwrap_or("root").to_owned();
    let kept = options.options.iter().filter(|o| o.name == "--preserve-env");
    let mut all = false;
    let mut listed: Vec<String> = Vec::new();
    for option in kept {
        match &option.value {
            Some(names) => listed.extend(names.split(',').map(str::to_owned)),
            None => all = true,
        }
    }
    let (mut environment, mut doubt) =
        target(call.invocation, &user, all, &listed, options.has("--set-home"));
    environment = call.with_variables(environment);
    let shell = shell_of(call.invocation);
    let nested = if options.has("--login") || options.has("--shell") {
        through_shell(call, &shell, options.has("--login"))
    } else {
        call.nested()
    };
    let mut nested = nested.with_environment(environment);
    if let Some(home) = options.has("--login").then(|| nested.home()).flatten() {
        nested = nested.with_cwd(home);
    }
    if let Some(directory) = options.last("--chdir") {
        nested = nested.with_cwd(call.invocation.path(directory));
    }
    if let Some(root) = options.last("--chroot") {
        doubt = Some(Doubt::around(format!("its files are those below {root}")));
    }
    call.start(nested.with_user(user_name(&user)), doubt)
}

/// `#1000` is a number, not a name.
fn user_name(user: &str) -> Option<String> {
    (!user.starts_with('#')).then(|| user.to_owned())
}

/// The environment sudo makes, and what is not known of it.
fn target(
    invocation: &Invocation,
    user: &str,
    all: bool,
    listed: &[String],
    set_home: bool,
) -> (Environment, Option<Doubt>) {
    let before = invocation.environment();
    let keep = |environment: Environment, name: &str| match before.get(name) {
        Some(value) => environment.set(name, value),
        None => environment,
    };
    let mut environment =
        if all { before.clone() } else { KEPT.iter().fold(Environment::default(), |e, n| keep(e, n)) };
    environment = environment.set("PATH", OsStr::new(SECURE_PATH));
    for (name, value) in [("USER", user), ("LOGNAME", user)] {
        environment = environment.set(name, OsStr::new(value));
    }
    let mut doubt = None;
    if !all || set_home {
        (environment, doubt) = with_home(environment, user);
    }
    (listed.iter().fold(environment, |e, n| keep(e, n)), doubt)
}

fn with_home(environment: Environment, user: &str) -> (Environment, Option<Doubt>) {
    match who::home_of(user) {
        Some(home) => (environment.set("HOME", home.as_os_str()), None),
        None => {
            (environment.without("HOME"), Some(Doubt::around(format!("the home of {user} is not known"))))
        }
    }
}

fn shell_of(invocation: &Invocation) -> OsString {
    let known = |s: &OsString| {
        super::super::through::is_shell(std::path::Path::new(s).file_name().unwrap_or_default().as_bytes())
    };
    invocation.var_filled("SHELL").map(OsString::from).filter(known).unwrap_or_else(|| "sh".into())
}

/// `sudo -s words`: the words are escaped and joined, save for letters, digits, `_`, `-` and `$` (sudo(8)).
fn through_shell(call: &Call, shell: &OsStr, login: bool) -> Invocation {
    let name = if login { OsString::from("sh") } else { shell.to_owned() };
    if call.command.is_empty() {
        return call.invocation.nested(vec![name]);
    }
    let mut line = Vec::new();
    for (i, word) in call.command.iter().enumerate() {
        if i > 0 {
            line.push(b' ');
        }
        for byte in word.as_bytes() {
            if !(byte.is_ascii_alphanumeric() || b"_-$".contains(byte) || *byte >= 0x80) {
                line.push(b'\\');
            }
            line.push(*byte);
        }
    }
    call.invocation.nested(vec![name, "-c".into(), OsString::from_vec(line)])
}

/// doas keeps the environment only where its configuration says `keepenv`.
pub fn doas(call: &Call) -> Through {
    if call.parsed.has("-C") || call.parsed.has("-L") {
        return Through::nothing(call.invocation, "it runs no command");
    }
    let user = call.parsed.last("-u").unwrap_or("root").to_owned();
    let (keeps, unread) = match call.invocation.read("/etc/doas.conf") {
        Ok(text) => (text.windows(7).any(|w| w == b"keepenv"), None),
        Err(ReadError::Missing) => (true, Some("there is no /etc/doas.conf".to_owned())),
        Err(error) => (true, Some(format!("/etc/doas.conf: {error}"))),
    };
    let (environment, doubt) = if keeps {
        with_home(call.invocation.environment().clone(), &user)
    } else {
        target(call.invocation, &user, false, &[], true)
    };
    let doubt =
        doubt.or(unread.map(|why| Doubt::around(format!("what doas keeps of the environment: {why}"))));
    let nested = match call.parsed.has("-s") {
        true => call.invocation.nested(vec![shell_of(call.invocation)]),
        false => call.nested(),
    };
    call.start(nested.with_environment(environment).with_user(Some(user)), doubt)
}

/// `gosu USER CMD`.
pub fn gosu(call: &Call) -> Through {
    let user =
        call.parsed.operands.first().map_or("root", |(word, _)| word.split(':').next().unwrap_or("root"));
    let (environment, doubt) = with_home(call.invocation.environment().clone(), user);
    call.start(call.nested().with_environment(environment).with_user(Some(user.to_owned())), doubt)
}

/// su and runuser: `-c` gives a shell a script; runuser `-u` starts a command directly.
pub fn su(call: &Call) -> Through {
    let options = &call.parsed;
    let args = call.invocation.args();
    let mut operands: Vec<OsString> = options.operands.iter().map(|(_, at)| args[*at].clone()).collect();
    let dash = operands.first().is_some_and(|w| w == "-");
    if dash {
        operands.remove(0);
    }
    let login = dash || options.has("--login");
    let runs_directly = options.last("--user").map(str::to_owned);
    let user = match &runs_directly {
        Some(user) => user.clone(),
        None if operands.is_empty() => "root".to_owned(),
        None => operands.remove(0).to_string_lossy().into_owned(),
    };
    let keeps = options.has("--preserve-environment") || options.has("-m");
    let before = call.invocation.environment();
    let (environment, doubt) = if login {
        target(call.invocation, &user, false, &[], true)
    } else if keeps || runs_directly.is_some() {
        (before.clone(), None)
    } else {
        with_home(before.set("USER", OsStr::new(&user)), &user)
    };
    let words = match options.last("--command").or_else(|| options.last("--session-command")) {
        Some(text) => {
            let shell = options.last("--shell").map_or_else(|| OsString::from("sh"), OsString::from);
            [vec![shell, "-c".into(), text.into()], operands].concat()
        }
        None if runs_directly.is_some() => operands,
        None => {
            let shell = options.last("--shell").map_or_else(|| OsString::from("sh"), OsString::from);
            [vec![shell], operands].concat()
        }
    };
    let mut nested = call.invocation.nested(words).with_environment(environment).with_user(Some(user));
    if let Some(home) = login.then(|| nested.home()).flatten() {
        nested = nested.with_cwd(home);
    }
    if nested.argv().is_empty() {
        return Through::nothing(call.invocation, "there is no command to run");
    }
    Through::new(call.invocation, vec![Start { invocation: nested, doubt }])
}
