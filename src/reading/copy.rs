//! rsync, scp, sftp and mosh: what they remove or replace, and what they have run on either side.
//! Traits: `form` = to-device, to-system, to-root, deletes, deletes-system, server; `session` = interactive, batch, command.
//! Must never take a dry run for the deed, nor a batch of sftp that was not read for harmless.

use super::through::Start;
use super::{Command, Does, Reading, Tool, generic};
use crate::invocation::{Invocation, Stdin};
use std::ffi::OsString;

/// An operand of rsync or scp: a host with user, or none, and the path there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// `user@host`, as it was given.
    pub host: Option<String>,
    pub port: Option<u16>,
    pub path: String,
}

/// `[user@]host:path`, `host::module/path`, `rsync://host:port/module`, `scp://host:port/path`; a colon behind a slash
/// is part of a path.
pub fn spot(word: &str) -> Spot {
    for scheme in ["rsync://", "scp://", "sftp://"] {
        if let Some(rest) = word.strip_prefix(scheme) {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let (host, port) = match host.rsplit_once(':') {
                Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
                _ => (host, None),
            };
            return Spot { host: Some(host.to_owned()), port, path: path.to_owned() };
        }
    }
    let here = Spot { host: None, port: None, path: word.to_owned() };
    let from = word.rfind(']').filter(|_| word.split('@').next_back().is_some_and(|h| h.starts_with('[')));
    let search = from.unwrap_or(0);
    match word[search..].find([':', '/']).map(|at| at + search) {
        Some(at) if at > 0 && word.as_bytes()[at] == b':' => {
            let path = word[at + 1..].trim_start_matches(':');
            Spot { host: Some(word[..at].to_owned()), port: None, path: path.to_owned() }
        }
        Some(_) | None => here,
    }
}

/// What replacing a path amounts to by its words.
fn form_of(path: &str) -> Option<&'static str> {
    const SYSTEM: &[&str] =
        &["bin", "boot", "etc", "lib", "lib64", "sbin", "usr", "root", "var", "home", "opt", "srv"];
    if path.starts_with("/dev/")
        && !["/dev/null", "/dev/stdout", "/dev/shm"].iter().any(|d| path.starts_with(d))
    {
        return Some("to-device");
    }
    let plain = path.strip_prefix('/')?.trim_end_matches(['/', '.']);
    match plain.split_once('/') {
        None if plain.is_empty() => Some("to-root"),
        None if SYSTEM.contains(&plain) => Some("to-system"),
        Some(("etc" | "boot" | "bin" | "sbin" | "lib" | "usr", _)) => Some("to-system"),
        None | Some(_) => None,
    }
}

/// Reads rsync.
pub fn rsync(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if invocation.args().iter().any(|w| w == "--server") {
        command.does = Does::Nothing("the far end of an rsync that is judged where it begins".into());
        return Reading::of(command);
    }
    let has = |names: &[&str]| names.iter().any(|name| command.option(name).is_some());
    let looks = has(&["--dry-run", "--list-only", "--only-write-batch"]);
    if command.operands.len() < 2 && !has(&["--read-batch"]) {
        command.does = Does::Nothing("without a target it only lists".into());
    } else if looks {
        command.does = Does::Nothing("a dry run".into());
    }
    let deletes = command.options.iter().any(|o| o.name.starts_with("--del"));
    let target = command.operands.last().map(|w| spot(w));
    if deletes {
        command.traits.add("form", "deletes");
    }
    if let Some(form) = target.as_ref().and_then(|t| form_of(&t.path)) {
        command.traits.add("form", form);
        if deletes && form != "to-device" {
            command.traits.add("form", "deletes-system");
        }
    }
    let mut starts = Vec::new();
    if command.does == Does::Acts {
        let far = command.operands.iter().find_map(|w| spot(w).host);
        let text = |name: &str| command.option(name).filter(|v| !v.is_empty()).map(OsString::from);
        if let (Some(far), Some(path)) = (far, text("--rsync-path")) {
            let argv = vec!["sh".into(), "-c".into(), path];
            let invocation = invocation.elsewhere(argv, &format!("the host {far}"));
            starts.push(Start { invocation, doubt: None });
        }
        if let Some(shell) = text("--rsh") {
            let invocation = invocation.nested(vec!["sh".into(), "-c".into(), shell]);
            let stdin = Stdin::Content(b""[..].into());
            starts.push(Start { invocation: invocation.with_stdin(stdin), doubt: None });
        }
    }
    Reading { commands: vec![command], starts }
}

/// Reads scp.
pub fn scp(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if command.option("-t").is_some() || command.option("-f").is_some() {
        command.does = Does::Nothing("the far end of an scp that is judged where it begins".into());
    } else if command.operands.len() < 2 {
        command.does = Does::Nothing("it names no target".into());
    }
    if let Some(form) = command.operands.last().and_then(|w| form_of(&spot(w).path)) {
        command.traits.add("form", form);
    }
    let starts = local_programs(&command);
    Reading { commands: vec![command], starts }
}

/// Programs that ssh runs on this machine for it, where the command line says so: `-o ProxyCommand=…`, `-S PROGRAM`.
fn local_programs(command: &Command) -> Vec<Start> {
    if matches!(command.does, Does::Nothing(_)) {
        return Vec::new();
    }
    const LINES: &[&str] = &["proxycommand", "localcommand", "knownhostscommand"];
    let line = |setting: &str| {
        let (name, value) = setting.trim_start().split_once(['=', ' ', '\t'])?;
        let value = value.trim_start_matches([' ', '\t', '=']);
        let runs = LINES.contains(&name.to_ascii_lowercase().as_str());
        (runs && !value.is_empty() && !value.eq_ignore_ascii_case("none"))
            .then(|| vec!["sh".into(), "-c".into(), OsString::from(value)])
    };
    let lines = command.option_values("-o").filter_map(line);
    let programs = command.option_values("-S").map(|program| vec![OsString::from(program)]);
    let stdin = Stdin::Content(b""[..].into());
    lines
        .chain(programs)
        .map(|argv| Start {
            invocation: command.invocation.nested(argv).with_stdin(stdin.clone()),
            doubt: None,
        })
        .collect()
}

/// Reads sftp with its batch.
pub fn sftp(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    if command.operands.is_empty() {
        command.does = Does::Nothing("it names no host".into());
        return Reading::of(command);
    }
    let mut starts = local_programs(&command);
    let batch = command.option("-b").filter(|b| *b != "-").map(str::to_owned);
    let script = match (&batch, invocation.stdin()) {
        (Some(file), _) => invocation.read(file).map_err(|e| format!("{file} cannot be read: {e}")),
        (None, Stdin::Terminal) => {
            command.traits.add("session", "interactive");
            return Reading { commands: vec![command], starts };
        }
        (None, Stdin::Content(bytes)) => Ok(bytes.to_vec()),
        (None, Stdin::Unread | Stdin::TooMuch) => Err("it runs what comes on its standard input".into()),
    };
    match script {
        Ok(text) => lines(&mut command, &String::from_utf8_lossy(&text), &mut starts),
        Err(why) => command.does = Does::Unsure(why),
    }
    Reading { commands: vec![command], starts }
}

/// The commands of a batch.
fn lines(command: &mut Command, text: &str, starts: &mut Vec<Start>) {
    command.traits.add("session", "batch");
    for line in text.lines() {
        let line = line.trim_start().trim_start_matches(['-', '@']).trim_start();
        if let Some(local) = line.strip_prefix('!').filter(|l| !l.trim().is_empty()) {
            let invocation = command.invocation.nested(vec!["sh".into(), "-c".into(), local.into()]);
            starts.push(Start { invocation, doubt: None });
            continue;
        }
        let form = match line.split_whitespace().next().unwrap_or("").to_ascii_lowercase().as_str() {
            "rm" | "rmdir" => "removes",
            "put" | "mput" | "reput" | "rename" | "ln" | "symlink" | "chmod" | "chown" | "chgrp" => "changes",
            _ => continue,
        };
        command.traits.add("form", form);
    }
}

/// Reads mosh: the words after the host are a program there.
pub fn mosh(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = generic::command(invocation, tool);
    let Some(host) = command.operands.first().cloned() else {
        command.does = Does::Nothing("it names no host".into());
        return Reading::of(command);
    };
    let mut starts = Vec::new();
    match command.operand_at.get(1) {
        Some(at) => {
            command.traits.add("session", "command");
            let argv = invocation.args()[*at..].to_vec();
            let place = format!("the host {host}");
            starts.push(Start { invocation: invocation.elsewhere(argv, &place), doubt: None });
        }
        None => command.traits.add("session", "interactive"),
    }
    Reading { commands: vec![command], starts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_before_any_slash_names_a_host() {
        let of = |word: &str| {
            let spot = spot(word);
            (spot.host.unwrap_or_default(), spot.path)
        };
        for (word, host, path) in [
            ("db1:/srv", "db1", "/srv"),
            ("root@db1:", "root@db1", ""),
            ("./a:b", "", "./a:b"),
            ("/x:y", "", "/x:y"),
            ("h::mod/p", "h", "mod/p"),
            ("rsync://u@h:873/mod/p", "u@h", "mod/p"),
            ("u@[::1]:/x", "u@[::1]", "/x"),
            ("plain", "", "plain"),
        ] {
            assert_eq!(of(word), (host.to_owned(), path.to_owned()), "{word}");
        }
    }

    #[test]
    fn what_a_path_is_stands_in_its_words() {
        assert_eq!(form_of("/dev/sda"), Some("to-device"));
        assert_eq!(form_of("/"), Some("to-root"));
        assert_eq!(form_of("/etc/passwd"), Some("to-system"));
        assert_eq!((form_of("/srv/app"), form_of("etc"), form_of("/dev/null")), (None, None, None));
    }
}
