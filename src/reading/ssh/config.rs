//! Files of ssh_config(5): Host, Match and Include, line by line as readconf.c of OpenSSH reads them.
//! Must never run a `Match exec`, and never take a block for inactive whose condition is not known.

use super::pattern::{host_matches, list_matches, matches};
use super::place;
use super::settings::{Active, Settings, kept, takes_whole_line};
use super::words;
use crate::invocation::{Invocation, ReadError};
use std::path::{Path, PathBuf};

/// Why there is no connection to speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// ssh itself stops.
    Refused(String),
    Unknown(String),
}

/// How deep files may include each other (READCONF_MAX_DEPTH).
const DEEPEST: usize = 16;

/// One pass over the files.
pub struct Pass<'a> {
    pub invocation: &'a Invocation,
    pub settings: &'a mut Settings,
    /// The name that `Host` looks at: as given, in the last pass as resolved.
    pub host: Result<String, String>,
    /// As given.
    pub original: &'a str,
    /// Who runs ssh.
    pub local_user: Option<String>,
    /// The remote command of the command line.
    pub command: &'a str,
    pub last: bool,
    /// Set when a file asks for a last pass.
    pub wants_last: bool,
}

/// Where a file stands.
#[derive(Clone)]
struct At {
    /// Of the user, not of the system.
    user: bool,
    /// Included from a block that does not count.
    never: bool,
    depth: usize,
}

impl Pass<'_> {
    /// Reads a file that may be missing; whether it was there.
    pub fn file(&mut self, path: &Path, user: bool) -> Result<bool, Stop> {
        self.open(path, Active::Yes, &At { user, never: false, depth: 0 })
    }

    fn open(&mut self, path: &Path, active: Active, at: &At) -> Result<bool, Stop> {
        if at.depth > DEEPEST {
            return Err(Stop::Refused("its files include each other without end".into()));
        }
        let shown = path.display().to_string();
        let bytes = match self.invocation.read(path) {
            Ok(bytes) => bytes,
            // What ssh cannot open either is not there for it.
            Err(ReadError::Missing) => return Ok(false),
            Err(ReadError::Failed(_))
                if self.invocation.place().is_none() && !self.invocation.is_given(path) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(Stop::Unknown(format!("{shown} cannot be read: {error}"))),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut active = active;
        for (i, line) in text.split('\n').enumerate() {
            let source = format!("{shown}:{}", i + 1);
            self.line(line, &mut active, at, &source)?;
        }
        Ok(true)
    }

    fn line(&mut self, line: &str, active: &mut Active, at: &At, source: &str) -> Result<(), Stop> {
        let refused = |why: String| Stop::Refused(format!("{source}: {why}"));
        let Some((keyword, rest)) = words::keyword(line) else { return Ok(()) };
        if rest.is_empty() {
            return Err(refused(format!("{keyword} has no argument")));
        }
        let Some(args) = words::split(rest) else { return Err(refused("a quote is not closed".into())) };
        match keyword.as_str() {
            "host" => {
                if args.iter().any(String::is_empty) {
                    return Err(refused("an empty Host".into()));
                }
                *active = if at.never { Active::No } else { self.host_line(&args) };
            }
            "match" => {
                let found = self.match_line(rest).map_err(refused)?;
                *active = if at.never { Active::No } else { found };
            }
            "include" => {
                for pattern in &args {
                    self.include(pattern, active, at, source)?;
                }
            }
            _ => option(self.settings, &keyword, rest, &args, active, source).map_err(refused)?,
        }
        Ok(())
    }

    fn host_line(&self, patterns: &[String]) -> Active {
        let mut found = Active::No;
        for pattern in patterns {
            let (negated, pattern) = match pattern.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, pattern.as_str()),
            };
            let hit = match &self.host {
                Ok(host) => Active::when(matches(host, pattern)),
                Err(_) if pattern.bytes().all(|b| b == b'*') => Active::Yes,
                Err(why) => Active::Maybe(why.clone()),
            };
            found = match (hit, negated) {
                (Active::Yes, true) => return Active::No,
                (Active::Yes, false) if matches!(found, Active::No) => Active::Yes,
                (Active::Maybe(why), true) => found.and(Active::Maybe(why)),
                (Active::Maybe(why), false) if matches!(found, Active::No) => Active::Maybe(why),
                (Active::Yes | Active::No | Active::Maybe(_), _) => found,
            };
        }
        found
    }

    /// The name that `Match host` looks at.
    fn resolved(&self) -> Result<String, String> {
        match self.settings.get("hostname") {
            Some(slot) if self.last => slot.value.clone(),
            Some(slot) => slot.value.clone().and_then(|name| super::with_host(&name, self.original)),
            None => Ok(self.original.to_owned()),
        }
    }

    fn match_line(&mut self, rest: &str) -> Result<Active, String> {
        let mut result = Active::Yes;
        let mut seen = 0;
        let mut words = words::Criteria::new(rest);
        while let Some(word) = words.next()? {
            if word.starts_with('#') {
                break;
            }
            let (negate, name) = match word.strip_prefix('!') {
                Some(name) => (true, name.to_ascii_lowercase()),
                None => (false, word.to_ascii_lowercase()),
            };
            let turned = |a: Active| if negate { a.negated() } else { a };
            if name == "all" {
                let more = words.next()?.is_some_and(|w| !w.is_empty() && !w.starts_with('#'));
                return if seen > 1 || more {
                    Err("Match all stands alone".into())
                } else {
                    Ok(result.and(turned(Active::Yes)))
                };
            }
            seen += 1;
            if name == "canonical" || name == "final" {
                self.wants_last |= name == "final";
                result = result.and(turned(Active::when(self.last)));
                continue;
            }
            let argument = words.next()?.ok_or_else(|| format!("Match {name} without an argument"))?;
            if (argument.is_empty() || argument.starts_with('#')) && name != "tagged" && name != "command" {
                return Err(format!("Match {name} without an argument"));
            }
            let one = self.criterion(&name, &argument)?;
            result = result.and(turned(one));
        }
        if seen == 0 { Err("a Match without conditions".into()) } else { Ok(result) }
    }

    fn criterion(&self, name: &str, argument: &str) -> Result<Active, String> {
        let of = |value: Result<String, String>, test: &dyn Fn(&str) -> bool| match value {
            Ok(value) => Active::when(test(&value)),
            Err(why) => Active::Maybe(why),
        };
        let listed = |value: &str| list_matches(value, argument);
        let or_empty = |value: &str| if value.is_empty() { argument.is_empty() } else { listed(value) };
        let local =
            || self.local_user.clone().ok_or_else(|| "the system does not know who you are".to_owned());
        Ok(match name {
            "host" => of(self.resolved(), &|host| host_matches(host, argument)),
            "originalhost" => Active::when(host_matches(self.original, argument)),
            "user" => match self.settings.get("user") {
                Some(slot) => of(slot.value.clone(), &listed),
                None => of(local(), &listed),
            },
            "localuser" => of(local(), &listed),
            "tagged" => Active::when(or_empty(self.settings.known("tag").unwrap_or(""))),
            "command" => Active::when(or_empty(self.command)),
            "exec" | "localnetwork" | "version" | "sessiontype" => {
                Active::Maybe(format!("Match {name} {argument} decides when ssh runs"))
            }
            _ => return Err(format!("ssh does not know Match {name}")),
        })
    }

    fn include(&mut self, pattern: &str, active: &mut Active, at: &At, source: &str) -> Result<(), Stop> {
        if pattern.is_empty() {
            return Err(Stop::Refused(format!("{source}: an empty Include")));
        }
        let home = || {
            self.invocation
                .home()
                .ok_or_else(|| Stop::Unknown(format!("{source}: ~ is not known without $HOME")))
        };
        let path = match pattern.strip_prefix('~') {
            Some(_) if !at.user => {
                return Err(Stop::Refused(format!("{source}: ~ in a file of the system")));
            }
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                home()?.join(rest.trim_start_matches('/'))
            }
            Some(rest) => {
                let (user, rest) = rest.split_once('/').unwrap_or((rest, ""));
                let Some(home) = crate::sys::who::home_of(user) else { return Ok(()) };
                home.join(rest)
            }
            None if pattern.starts_with('/') => PathBuf::from(pattern),
            None if at.user => home()?.join(".ssh").join(pattern),
            None => Path::new("/etc/ssh").join(pattern),
        };
        if pattern.contains(['%', '$']) {
            let why = format!("{source}: which file {pattern} names");
            return match active {
                Active::No => Ok(()),
                Active::Yes | Active::Maybe(_) => Err(Stop::Unknown(why)),
            };
        }
        for path in words::listed(&path, self.invocation).map_err(Stop::Unknown)? {
            let never = at.never || *active == Active::No;
            let inside = At { never, depth: at.depth + 1, ..at.clone() };
            self.open(&path, active.clone(), &inside)?;
        }
        Ok(())
    }
}

/// One option of a file, or of `-o`.
pub fn option(
    settings: &mut Settings,
    keyword: &str,
    rest: &str,
    args: &[String],
    active: &Active,
    source: &str,
) -> Result<(), String> {
    let Some(name) = kept(keyword) else { return Ok(()) };
    if takes_whole_line(name) {
        let value = rest.trim_start_matches([' ', '\t', '\r', '\n', '=']);
        if name == "proxyjump" {
            place::jump(value)?;
        }
        settings.set(name, value, active, source);
        return Ok(());
    }
    let value = args.first().filter(|a| !a.is_empty()).ok_or_else(|| format!("{keyword} has no value"))?;
    if args.len() > 1 && name != "canonicalizepermittedcnames" {
        return Err(format!("{keyword} has more than one value"));
    }
    if name == "port" && place::port(value).is_none() {
        return Err(format!("the port {value}"));
    }
    settings.set(name, value, active, source);
    Ok(())
}
