//! What bash does itself: changing directory, variables and options, reading more text to run.
//! Must never leave out a builtin that runs words or text.

use super::output;
use super::parameter::is_name;
use super::run::{Io, Leave, Shell};
use super::setup;
use super::shared::Shared;
use super::simple::Words;
use super::state::{Alias, Outcome, State, Value, Variable};
use crate::invocation::Stdin;
use crate::sys::file::lexical;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Builtins whose arguments are assignments.
pub fn declares(name: &str) -> bool {
    ["export", "declare", "typeset", "local", "readonly"].contains(&name)
}

/// Builtins that start nothing and change nothing that is modelled here.
const INERT: &[&str] = &[
    "bg", "bind", "caller", "compgen", "complete", "compopt", "dirs", "disown", "enable", "fc", "fg", "help",
    "history", "jobs", "suspend", "test", "[", "times", "type", "ulimit", "umask", "wait", "logout",
];

/// Files in the home directory that shells read when they start.
const START_UP: &[&[u8]] =
    &[b".bashrc", b".bash_profile", b".bash_login", b".profile", b".bash_aliases", b".zshrc", b".zprofile"];

impl Shell<'_> {
    /// `Err` gives the state back: it is no builtin.
    pub fn builtin(
        &mut self,
        name: &str,
        words: &Words,
        mut state: State,
        io: &Io,
    ) -> Result<Outcome, Box<State>> {
        Ok(match name {
            ":" | "true" => Outcome::ok(state),
            "false" => Outcome::fail(state),
            "echo" | "printf" => self.prints(name, words, state, io),
            "pwd" => {
                let cwd = state.cwd.as_ref().map(|c| [c.as_os_str().as_bytes(), b"\n"].concat());
                self.print(io, cwd.as_deref());
                Outcome::ok(state)
            }
            "cd" | "pushd" | "popd" => self.change_directory(name, words, state),
            "eval" => self.eval(words, state, io),
            "." | "source" => self.source(words, state, io),
            "command" | "builtin" | "exec" => self.prefixed(name, words, state, io),
            "exit" => Outcome::end(),
            "return" => self.leave(Leave::Function, state),
            "break" | "continue" => self.leave(Leave::Loop, state),
            "export" | "declare" | "typeset" | "local" | "readonly" => self.declare(name, words, state, io),
            "unset" => self.unset(words, state),
            "set" => self.set_options(words, state),
            "shopt" => self.shopt(words, state),
            "shift" => self.shift(words, state),
            "alias" => self.alias(words, state),
            "unalias" => {
                state.aliases.clear();
                Outcome::either(state)
            }
            "read" | "mapfile" | "readarray" | "getopts" | "let" => {
                state = self.called_back(words, state, io);
                for word in words.words.iter().skip(1) {
                    let text = String::from_utf8_lossy(word).into_owned();
                    match name {
                        "let" if words.all_known() => self.evaluated(&text, &state, 0),
                        "let" => {}
                        _ => self.named(word),
                    }
                    let named = text.split(['=', '+', '-', '[']).find(|w| is_name(w.as_bytes()));
                    if let Some(name) = named {
                        self.assign(
                            &mut state,
                            name,
                            Value::Unknown(format!("${name} is read from elsewhere")),
                        );
                    }
                }
                Outcome::either(state)
            }
            "trap" => self.trap(words, state, io),
            "hash" => self.hash(words, state),
            "jobs" if words.known(1) == Some(b"-x") => self.dispatch(&words.after(2), state, io, false),
            _ if INERT.contains(&name) => {
                if name == "compgen" {
                    state = self.called_back(words, state, io);
                }
                for pair in words.words.windows(2).filter(|pair| pair[0] == b"-v") {
                    self.named(&pair[1]);
                }
                self.print(io, None);
                Outcome::either(state)
            }
            _ => return Err(Box::new(state)),
        })
    }

    /// `mapfile -C CODE`, `compgen -C CODE`: the code is run.
    fn called_back(&mut self, words: &Words, state: State, io: &Io) -> State {
        let name = words.name();
        let takes = ["mapfile", "readarray", "compgen"].contains(&name.as_str());
        let mut rest = words.words.iter().skip(1).filter(|_| takes);
        while let Some(word) = rest.next() {
            let Some(code) = word.strip_prefix(b"-C") else { continue };
            let code = if code.is_empty() { rest.next().map_or(&b""[..], Vec::as_slice) } else { code };
            let code = String::from_utf8_lossy(code).into_owned();
            let _ = self.maybe(true, |shell| shell.script(&code, state.clone(), io));
        }
        state
    }

    fn prints(&mut self, name: &str, words: &Words, mut state: State, io: &Io) -> Outcome {
        if name == "printf" && words.known(1) == Some(b"-v") {
            self.named(words.words.get(2).map_or(b"", Vec::as_slice));
            if let Some(variable) = words.known(2).map(|n| String::from_utf8_lossy(n).into_owned()) {
                let rest: Vec<Vec<u8>> =
                    std::iter::once(b"printf".to_vec()).chain(words.words.iter().skip(3).cloned()).collect();
                let printed = words.all_known().then(|| output::printf(&rest)).flatten();
                let value = printed.map_or_else(|| Value::Unknown("printed by printf".into()), Value::Text);
                self.assign(&mut state, &variable, value);
            }
            return Outcome::either(state);
        }
        let printed = match name {
            _ if !words.all_known() => None,
            "echo" => output::echo(&words.words, self.bash),
            _ => output::printf(&words.words),
        };
        self.print(io, printed.as_deref());
        Outcome::ok(state)
    }

    fn leave(&mut self, how: Leave, state: State) -> Outcome {
        self.left.push((how, state));
        Outcome::end()
    }

    fn eval(&mut self, words: &Words, state: State, io: &Io) -> Outcome {
        if let Some(doubt) = &words.doubt {
            if let [_, text] = words.words.as_slice()
                && let Some(names) = setup::sets(text)
            {
                return Outcome::either(self.set_elsewhere(names, state));
            }
            self.unsure(format!("eval of {}", doubt.why));
            self.print(io, None);
            return Outcome::either(state);
        }
        let from = if words.known(1) == Some(b"--") { 2 } else { 1 };
        match String::from_utf8(words.words.get(from..).unwrap_or(&[]).join(&b' ')) {
            Ok(text) => self.script(&text, state, io),
            Err(_) => {
                self.unsure("eval of text that is not UTF-8");
                Outcome::either(state)
            }
        }
    }

    fn source(&mut self, words: &Words, state: State, io: &Io) -> Outcome {
        let at = if words.known(1) == Some(b"--") { 2 } else { 1 };
        if words.words.len() <= at && words.all_known() {
            // "filename argument required"; fish would read its standard input.
            return Outcome::either(state);
        }
        let Some(path) = words.known(at).map(<[u8]>::to_vec) else {
            self.unsure("a file to source that is not known");
            return Outcome::either(state);
        };
        let descriptor = path.starts_with(b"/dev/fd/") || path.windows(4).any(|part| part == b"/fd/");
        if descriptor && path != b"/dev/fd/0" && !self.substituted.iter().any(|(given, _)| *given == path) {
            self.unsure("a file to source that is an open descriptor");
            return Outcome::either(state);
        }
        if self.is_absent(&path, &state) {
            // An earlier program may make it: what follows runs or does not.
            return Outcome::either(state);
        }
        let text = self.searched(&path, &state).or_else(|| self.content_of(&path, &state, &io.stdin));
        let Some(text) = text.and_then(|t| String::from_utf8(t).ok()) else {
            self.unsure(format!(
                "the file {} that is sourced cannot be read",
                String::from_utf8_lossy(&path)
            ));
            return Outcome::either(state);
        };
        let mut inner = state;
        let outer = (inner.arguments.clone(), inner.arguments_doubt);
        if words.words.len() > at + 1 {
            let zero = inner.arguments.first().cloned().unwrap_or_default();
            inner.arguments =
                Shared::new(std::iter::once(zero).chain(words.words[at + 1..].iter().cloned()).collect());
            inner.arguments_doubt = !words.all_known();
        }
        let mark = self.left.len();
        // What runs at the start of every shell anyway is not this command's doing.
        let quiet = self.quiet;
        self.quiet |= self.is_start_up(&path, &inner);
        let mut out = self.script(&text, inner, io);
        self.quiet = quiet;
        if let Some(left) = self.take_left(mark, Leave::Function, true) {
            out = out.join(Outcome::either(left));
        }
        for state in [&mut out.ok, &mut out.fail].into_iter().flatten() {
            (state.arguments, state.arguments_doubt) = outer.clone();
        }
        out
    }

    /// Nothing is there, nothing on this line writes it, and it is no name to look for in PATH.
    fn is_absent(&self, path: &[u8], state: &State) -> bool {
        let Some(cwd) = &state.cwd else { return false };
        let place = cwd.join(OsStr::from_bytes(path));
        let given = self.substituted.iter().any(|(p, _)| p == path);
        // In another place nobody can look: it is a program like any other.
        self.base.place().is_some() && !given && !path.starts_with(b"/dev/")
            || !given
                && path.contains(&b'/')
                && state.changed_by(place.as_os_str().as_bytes()).is_none()
                && place.symlink_metadata().is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
    }

    fn is_start_up(&self, path: &[u8], state: &State) -> bool {
        let Some(home) = text(self.variable(state, "HOME")) else { return false };
        let own = path.strip_prefix(home.as_slice()).and_then(|rest| rest.strip_prefix(b"/"));
        path == b"/etc/profile" || own.is_some_and(|name| START_UP.contains(&name))
    }

    /// Variables that a program sets by what it prints: exported, to values that are not known.
    fn set_elsewhere(&self, names: &[&str], mut state: State) -> State {
        for name in names {
            let value = Some(Value::Unknown(format!("${name} is set by another program")));
            state.variables.insert((*name).to_owned(), Variable { value, exported: true });
        }
        state
    }

    /// A name without a slash is looked up in PATH first.
    fn searched(&self, name: &[u8], state: &State) -> Option<Vec<u8>> {
        if name.contains(&b'/') {
            return None;
        }
        let Some(Value::Text(path)) = self.variable(state, "PATH") else { return None };
        path.split(|b| *b == b':').filter(|d| d.starts_with(b"/")).find_map(|directory| {
            let file = Path::new(OsStr::from_bytes(directory)).join(OsStr::from_bytes(name));
            if file.is_file() { self.base.read(file).ok() } else { None }
        })
    }

    /// `command`, `builtin`, `exec`: the command after their options.
    fn prefixed(&mut self, name: &str, words: &Words, mut state: State, io: &Io) -> Outcome {
        let mut at = 1;
        while let Some(word) = words.known(at).filter(|w| w.starts_with(b"-") && w.len() > 1) {
            at += 1;
            match word {
                b"--" => break,
                _ if name == "command" && word.iter().any(|b| b"vV".contains(b)) => {
                    self.print(io, None);
                    return Outcome::either(state);
                }
                _ if name == "exec" => {
                    if word.contains(&b'c') {
                        state = self.emptied(state);
                    }
                    if word.ends_with(b"a") {
                        at += 1;
                    }
                }
                _ => {}
            }
        }
        let rest = words.after(at);
        if rest.words.is_empty() {
            return Outcome::either(state);
        }
        match name {
            "builtin" => {
                let inner = rest.name();
                self.builtin(&inner, &rest, state, io).unwrap_or_else(|state| Outcome::fail(*state))
            }
            "exec" if rest.known(0).is_some() => {
                let _ = self.program(&rest, state, io);
                Outcome::end()
            }
            "exec" | "command" => self.dispatch(&rest, state, io, false),
            _ => Outcome::either(state),
        }
    }

    /// `exec -c`: nothing of the environment goes on.
    fn emptied(&self, mut state: State) -> State {
        for name in self.base.environment().names() {
            state.variables.insert(name, Variable { value: None, exported: false });
        }
        state.variables.values_mut().for_each(|v| v.exported = false);
        state
    }

    fn change_directory(&mut self, name: &str, words: &Words, mut state: State) -> Outcome {
        let operand =
            words.words.iter().skip(1).position(|w| !w.starts_with(b"-") || w == b"-").map(|i| i + 1);
        let to = match operand {
            _ if name == "popd" => None,
            Some(at) => words.known(at).map(<[u8]>::to_vec),
            None if !words.all_known() || name == "pushd" => None,
            None => text(self.variable(&state, "HOME")),
        };
        let to = match to.as_deref() {
            Some(b"-") => text(self.variable(&state, "OLDPWD")),
            _ => to,
        };
        let searched = self.variable(&state, "CDPATH").is_some_and(|v| v != Value::Text(Vec::new()));
        let old = state.cwd.clone();
        let oldpwd = old.as_ref().map_or_else(
            || Value::Unknown("the directory before".into()),
            |cwd| Value::Text(cwd.as_os_str().as_bytes().to_vec()),
        );
        let before = state.clone();
        self.assign(&mut state, "OLDPWD", oldpwd);
        state.cwd =
            to.filter(|to| !searched || to.starts_with(b"/") || to.starts_with(b".")).and_then(|to| {
                let to = Path::new(OsStr::from_bytes(&to));
                // `..` comes off the name it has, whatever links are on the way.
                Some(lexical(&if to.is_absolute() { to.to_owned() } else { old?.join(to) }))
            });
        match &state.cwd {
            _ if self.base.place().is_some() => Outcome::either(state),
            // The directory is there now; that it still is then is checked again before anything runs.
            Some(cwd) if self.base.place().is_none() && cwd.is_dir() => Outcome::ok(state),
            _ => Outcome { ok: Some(state), fail: Some(before) },
        }
    }

    fn unset(&mut self, words: &Words, mut state: State) -> Outcome {
        for at in 1..words.words.len() {
            match words.known(at) {
                Some(word) if word.starts_with(b"-") => {}
                Some(word) => {
                    let name = String::from_utf8_lossy(word).into_owned();
                    state.functions.remove(&name);
                    state.variables.insert(name, Variable { value: None, exported: false });
                }
                None => self.unsure("a variable to unset that is not known"),
            }
        }
        Outcome::either(state)
    }

    fn set_options(&mut self, words: &Words, mut state: State) -> Outcome {
        let mut at = 1;
        while let Some(word) = words.words.get(at) {
            let on = match word.first() {
                Some(b'-') => true,
                Some(b'+') => false,
                Some(_) | None => break,
            };
            at += 1;
            if word == b"--" || word == b"-" {
                break;
            }
            let named = word.len() == 2 && word[1] == b'o';
            let value =
                if named { words.words.get(at).cloned().unwrap_or_default() } else { word[1..].to_vec() };
            at += usize::from(named);
            match value.as_slice() {
                b"noglob" => state.options.no_glob = on,
                b"noclobber" => state.options.no_clobber = on,
                b"allexport" => state.options.export_all = on,
                b"noexec" if on => return Outcome::end(),
                _ if named => {}
                letters => {
                    state.options.no_glob = if letters.contains(&b'f') { on } else { state.options.no_glob };
                    if letters.contains(&b'C') {
                        state.options.no_clobber = on;
                    }
                    state.options.export_all =
                        if letters.contains(&b'a') { on } else { state.options.export_all };
                    if letters.contains(&b'n') && on {
                        return Outcome::end();
                    }
                }
            }
        }
        let ended = at > 1 && words.words.get(at - 1).is_some_and(|w| w == b"--");
        if ended || at < words.words.len() {
            let zero = state.arguments.first().cloned().unwrap_or_default();
            let rest = words.words.get(at..).unwrap_or(&[]).iter().cloned();
            state.arguments = Shared::new(std::iter::once(zero).chain(rest).collect());
            state.arguments_doubt = !words.all_known();
        }
        Outcome::either(state)
    }

    fn shopt(&mut self, words: &Words, mut state: State) -> Outcome {
        let on = words.words.iter().any(|w| w == b"-s");
        let off = words.words.iter().any(|w| w == b"-u");
        for word in words.words.iter().skip(1).filter(|_| on || off) {
            match word.as_slice() {
                b"expand_aliases" => state.options.aliases = on,
                b"lastpipe" => state.options.last_pipe = on,
                b"nullglob" => state.options.null_glob = on,
                b"dotglob" => state.options.dot_glob = on,
                b"extglob" | b"failglob" | b"globstar" | b"nocaseglob" | b"nocasematch" => {
                    state.options.odd_glob |= on;
                }
                _ => {}
            }
        }
        Outcome::either(state)
    }

    fn shift(&mut self, words: &Words, mut state: State) -> Outcome {
        let count = match words.words.get(1) {
            None => Some(1),
            Some(word) => String::from_utf8_lossy(word).parse::<usize>().ok().filter(|_| words.all_known()),
        };
        match count {
            Some(n) if n < state.arguments.len() => {
                state.arguments.drain(1..=n);
                Outcome::ok(state)
            }
            Some(_) => Outcome::fail(state),
            None => {
                state.arguments_doubt = true;
                Outcome::either(state)
            }
        }
    }

    fn alias(&mut self, words: &Words, mut state: State) -> Outcome {
        for at in 1..words.words.len() {
            let Some(word) = words.known(at) else {
                self.unsure("an alias that is not known");
                continue;
            };
            let word = String::from_utf8_lossy(word).into_owned();
            if let Some((name, text)) = word.split_once('=') {
                if text.ends_with([' ', '\t']) {
                    self.unsure("an alias that lets the next word be one too");
                }
                state.aliases.insert(name.to_owned(), Alias { text: text.to_owned(), line: self.line });
            }
        }
        Outcome::either(state)
    }

    /// The text runs at some later time: as if now, with what is known now.
    fn trap(&mut self, words: &Words, state: State, io: &Io) -> Outcome {
        let at = 1 + usize::from(words.known(1) == Some(b"--"));
        match words.known(at) {
            None if !words.all_known() => self.unsure("a trap that is not known"),
            Some(text) if words.words.len() > at + 1 && !text.starts_with(b"-") => {
                let text = String::from_utf8_lossy(text).into_owned();
                let mark = self.left.len();
                let io = Io::new(Stdin::TooMuch, io.captured);
                let _ = self.script(&text, state.clone(), &io);
                self.left.truncate(mark);
            }
            Some(_) | None => {}
        }
        Outcome::either(state)
    }

    fn hash(&mut self, words: &Words, mut state: State) -> Outcome {
        if let Some(at) = words.words.iter().position(|w| w == b"-p") {
            match (words.known(at + 1), words.known(at + 2)) {
                (Some(path), Some(name)) => {
                    state.hashed.insert(String::from_utf8_lossy(name).into_owned(), path.to_vec());
                }
                _ => self.unsure("a program's path that is not known"),
            }
        }
        Outcome::either(state)
    }
}

fn text(value: Option<Value>) -> Option<Vec<u8>> {
    match value {
        Some(Value::Text(text)) => Some(text),
        Some(Value::List(_) | Value::Unknown(_)) | None => None,
    }
}
