//! Where an ssh goes: the command line over the user's file over the system's, as `ssh -G` says it.
//! Must never ask a name service: a name that is canonicalized is not known.

use super::config::{Pass, Stop};
use super::line::{Line, Word};
use super::place;
use super::settings::{Active, Settings, Slot};
use super::words;
use crate::invocation::Invocation;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// One connection, every part known or not, with its source.
#[derive(Clone, Debug)]
pub struct Connection {
    pub hostname: Slot,
    pub user: Slot,
    pub port: Slot,
    /// As `ssh -G` prints it; `None` without one.
    pub proxyjump: Option<Slot>,
    pub settings: Settings,
    /// The host as it was given, without user and port.
    pub alias: String,
}

impl Connection {
    /// A command of the configuration with its tokens replaced; `None` without one.
    pub fn command(&self, name: &str) -> Option<Result<String, String>> {
        match &self.settings.get(name)?.value {
            Ok(text) if text.eq_ignore_ascii_case("none") => None,
            Ok(text) => Some(Ok(self.expanded(text))),
            Err(why) => Some(Err(why.clone())),
        }
    }

    /// Tokens of ssh_config(5) that are known; others stay as they are.
    fn expanded(&self, text: &str) -> String {
        let known = |slot: &Slot| slot.value.clone().ok();
        let mut out = String::new();
        let mut letters = text.chars();
        while let Some(c) = letters.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let Some(token) = letters.next() else {
                out.push('%');
                break;
            };
            let value = match token {
                '%' => Some("%".to_owned()),
                'h' => known(&self.hostname),
                'n' => Some(self.alias.clone()),
                'p' => known(&self.port),
                'r' => known(&self.user),
                'u' => crate::sys::who::user_name(),
                _ => None,
            };
            match value {
                Some(value) => out += &value,
                None => out.extend(['%', token]),
            }
        }
        out
    }
}

/// The readings of a command line: the first is shown. ssh looks for `~/.ssh/config` in the account's home directory
/// whatever `$HOME` says, programs that stand in for it do not; where both lead somewhere, both count.
pub fn connections(invocation: &Invocation, line: &Line) -> Vec<Result<Connection, Stop>> {
    let account = match invocation.user() {
        Some(user) => crate::sys::who::home_of(user),
        None => crate::sys::who::passwd_home(),
    };
    let own = invocation.home();
    let config = |home: &Path| home.join(".ssh/config");
    let differ = invocation.place().is_none()
        && !line.has('F')
        && own.is_some()
        && own != account
        && own.as_deref().is_some_and(|home| invocation.read(config(home)).is_ok());
    let homes: Vec<Option<PathBuf>> = if differ { vec![own, account] } else { vec![account.or(own)] };
    homes.into_iter().map(|home| connect(invocation, line, home.map(|h| config(&h)))).collect()
}

fn connect(invocation: &Invocation, line: &Line, config: Option<PathBuf>) -> Result<Connection, Stop> {
    let mut settings = Settings::default();
    let given = given(line, &mut settings)?;
    let local_user = match invocation.user() {
        Some(user) => Some(user.to_owned()),
        None => crate::sys::who::user_name(),
    };
    let joined = line.joined().to_string_lossy().into_owned();
    let mut pass = Pass {
        invocation,
        settings: &mut settings,
        host: Ok(given.host.clone()),
        original: &given.host,
        local_user: local_user.clone(),
        command: &joined,
        last: false,
        wants_last: false,
    };
    files(&mut pass, given.file.as_deref(), config.as_deref())?;
    let mut again = pass.wants_last;
    let (hostname, canonical) = resolved(&settings, &given.host);
    again |= canonical;
    if again {
        settings.replace("hostname", hostname.value.clone(), &hostname.source);
        let mut pass = Pass {
            invocation,
            settings: &mut settings,
            host: hostname.value.clone(),
            original: &given.host,
            local_user: local_user.clone(),
            command: &joined,
            last: true,
            wants_last: false,
        };
        files(&mut pass, given.file.as_deref(), config.as_deref())?;
    }
    let default_user = Slot {
        value: local_user.ok_or_else(|| "the system does not know who you are".to_owned()),
        source: "the user who runs it".into(),
    };
    Ok(Connection {
        hostname,
        user: settings.get("user").map_or(default_user, user),
        port: settings
            .get("port")
            .cloned()
            .unwrap_or(Slot { value: Ok("22".into()), source: "default".into() }),
        proxyjump: settings.get("proxyjump").and_then(jump),
        settings,
        alias: given.host,
    })
}

/// A user may hold tokens and variables, which older versions take literally.
fn user(slot: &Slot) -> Slot {
    match &slot.value {
        Ok(name) if name.contains(['%', '$']) => {
            Slot { value: Err(format!("what {name} stands for")), source: slot.source.clone() }
        }
        Ok(_) | Err(_) => slot.clone(),
    }
}

fn jump(slot: &Slot) -> Option<Slot> {
    let value = match &slot.value {
        Ok(text) => Ok(place::jump(text).ok().flatten()?),
        Err(why) => Err(why.clone()),
    };
    Some(Slot { value, source: slot.source.clone() })
}

fn files(pass: &mut Pass, file: Option<&str>, config: Option<&Path>) -> Result<(), Stop> {
    match file {
        Some(none) if none.eq_ignore_ascii_case("none") => Ok(()),
        Some(file) => match pass.file(&pass.invocation.path(file), true)? {
            true => Ok(()),
            false => Err(Stop::Refused(format!("there is no {file}"))),
        },
        None => {
            if let Some(config) = config {
                pass.file(config, true)?;
            }
            pass.file(Path::new("/etc/ssh/ssh_config"), false).map(drop)
        }
    }
}

/// What the command line says besides options that are settled.
struct Given {
    host: String,
    file: Option<String>,
}

/// The command line, in its order.
fn given(line: &Line, settings: &mut Settings) -> Result<Given, Stop> {
    let mut given = Given { host: String::new(), file: None };
    for word in &line.words {
        match word {
            Word::Host(word) => {
                let place = place::destination(word).map_err(Stop::Refused)?;
                if let Some(user) = &place.user {
                    settings.set("user", user, &Active::Yes, "the destination");
                }
                if let Some(port) = place.port {
                    settings.set("port", &port.to_string(), &Active::Yes, "the destination");
                }
                given.host = place.host;
            }
            Word::Value('F', file) => given.file = Some(file.clone()),
            Word::Value('o', text) => option(text, settings)?,
            Word::Value(letter, value) => short(*letter, value, settings)?,
            Word::Flag('N') => settings.set("sessiontype", "none", &Active::Yes, "-N"),
            Word::Flag('s') => settings.set("sessiontype", "subsystem", &Active::Yes, "-s"),
            Word::Flag('n' | 'f') => settings.replace("stdinnull", Ok("yes".into()), "-n"),
            Word::Flag(_) => {}
        }
    }
    Ok(given)
}

fn short(letter: char, value: &str, settings: &mut Settings) -> Result<(), Stop> {
    let name = match letter {
        'l' => "user",
        'p' if place::port(value).is_none() => return Err(Stop::Refused(format!("the port {value}"))),
        'p' => "port",
        'J' => {
            place::jump(value).map_err(Stop::Refused)?;
            if settings.get("proxyjump").or(settings.get("proxycommand")).is_some() {
                return Err(Stop::Refused("-J with another jump or ProxyCommand".into()));
            }
            "proxyjump"
        }
        'W' => {
            settings.replace("sessiontype", Ok("none".into()), "-W");
            return Ok(());
        }
        'P' => "tag",
        _ => return Ok(()),
    };
    settings.set(name, value, &Active::Yes, &format!("-{letter}"));
    Ok(())
}

/// `-o Name=value`.
fn option(text: &str, settings: &mut Settings) -> Result<(), Stop> {
    let Some((keyword, rest)) = words::keyword(text) else { return Ok(()) };
    if ["host", "match", "include"].contains(&keyword.as_str()) || rest.is_empty() {
        return Err(Stop::Refused(format!("-o {text} is not an option")));
    }
    let args =
        words::split(rest).ok_or_else(|| Stop::Refused(format!("a quote of -o {text} is not closed")))?;
    super::config::option(settings, &keyword, rest, &args, &Active::Yes, &format!("-o {keyword}"))
        .map_err(Stop::Refused)
}

/// The host name after HostName, and whether the files are read again because it may change.
fn resolved(settings: &Settings, given: &str) -> (Slot, bool) {
    let mut slot = match settings.get("hostname") {
        Some(slot) => Slot {
            value: slot.value.clone().and_then(|name| super::with_host(&name, given)),
            source: slot.source.clone(),
        },
        None => Slot { value: Ok(given.to_owned()), source: "the destination".into() },
    };
    let mut address = false;
    if let Ok(name) = &mut slot.value {
        match canonical_address(name) {
            Some(canonical) => (*name, address) = (canonical, true),
            None => name.make_ascii_lowercase(),
        }
    }
    let asks = match settings.get("canonicalizehostname").map(|s| s.value.as_deref()) {
        Some(Ok(value)) => !["no", "false"].contains(&value.to_ascii_lowercase().as_str()),
        Some(Err(_)) => true,
        None => false,
    };
    let follows =
        settings.get("canonicalizepermittedcnames").is_some_and(|s| s.value.as_deref() != Ok("none"));
    if (asks || follows) && !address {
        let word = if asks { "CanonicalizeHostname" } else { "CanonicalizePermittedCNAMEs" };
        slot.value = slot.value.and_then(|name| Err(format!("{word} asks the name service about {name}")));
    }
    (slot, asks)
}

/// An address as getaddrinfo(3) writes it: inet_aton(3) also takes `127.1`; `None` for a name.
fn canonical_address(name: &str) -> Option<String> {
    if let Ok(v6) = name.parse::<Ipv6Addr>() {
        let canonical = v6.to_string();
        return Some(if canonical.eq_ignore_ascii_case(name) { name.to_owned() } else { canonical });
    }
    let parts: Vec<u32> = name.split('.').map(number).collect::<Option<_>>()?;
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 || leading.iter().any(|p| *p > 255) {
        return None;
    }
    let room = 8 * (4 - leading.len() as u32);
    if room < 32 && *last >= 1 << room {
        return None;
    }
    let head = leading.iter().enumerate().fold(0, |sum, (i, part)| sum | part << (24 - 8 * i as u32));
    Some(Ipv4Addr::from(head | last).to_string())
}

/// A part of an address: decimal, octal with a leading zero, or hexadecimal.
fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.starts_with('+') {
        return None;
    }
    match (text.strip_prefix("0x").or(text.strip_prefix("0X")), text.strip_prefix('0')) {
        (Some(hex), _) => u32::from_str_radix(hex, 16).ok(),
        (None, Some(octal)) if !octal.is_empty() => u32::from_str_radix(octal, 8).ok(),
        (None, _) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_in_full() {
        for (name, address) in [
            ("127.1", Some("127.0.0.1")),
            ("0x7f.1", Some("127.0.0.1")),
            ("10.1.258", Some("10.1.1.2")),
            ("2130706433", Some("127.0.0.1")),
            ("010.0.0.1", Some("8.0.0.1")),
            ("FE80::1", Some("FE80::1")),
            ("0:0:0:0:0:0:0:1", Some("::1")),
            ("db1", None),
            ("1.2.3.4.5", None),
            ("256.1.1.1", None),
        ] {
            assert_eq!(canonical_address(name).as_deref(), address, "{name}");
        }
    }
}
