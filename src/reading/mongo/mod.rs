//! mongosh and mongo: which server and database their address means, and what their JavaScript calls.
//! Source: arg-parser and uri-generator of mongosh 2. Traits: `kind` (what is called), `session` = interactive,
//! `input` = command, file, stdin, stdin-unread, stream. Must never take a call that is not known for a read.

mod address;
mod call_table;
mod calls;
mod javascript;

#[cfg(test)]
mod tests;

pub use address::{Address, address};

use super::includes::{self, Includes};
use super::{Command, Does, Opt, Reading, Tool};
use crate::invocation::{Invocation, ReadError, Stdin};
use std::collections::HashSet;
use std::path::Path;
use std::rc::Rc;

/// Options with a value; the rest of the known ones have none.
const VALUES: &[&str] = &[
    "apiVersion",
    "authenticationDatabase",
    "authenticationMechanism",
    "awsAccessKeyId",
    "awsIamSessionToken",
    "awsSecretAccessKey",
    "awsSessionToken",
    "browser",
    "csfleLibraryPath",
    "cryptSharedLibPath",
    "db",
    "deepInspect",
    "eval",
    "file",
    "gssapiHostName",
    "gssapiServiceName",
    "host",
    "jsContext",
    "keyVaultNamespace",
    "kmsURL",
    "locale",
    "oidcFlows",
    "oidcRedirectUri",
    "oidcTrustedEndpoint",
    "password",
    "port",
    "sslCAFile",
    "sslCRLFile",
    "sslCertificateSelector",
    "sslDisabledProtocols",
    "sslPEMKeyFile",
    "sslPEMKeyPassword",
    "sspiHostnameCanonicalization",
    "sspiRealmOverride",
    "tlsCAFile",
    "tlsCRLFile",
    "tlsCertificateKeyFile",
    "tlsCertificateKeyFilePassword",
    "tlsCertificateSelector",
    "tlsDisabledProtocols",
    "username",
    "networkMessageCompressors",
];

const FLAGS: &[&str] = &[
    "apiDeprecationErrors",
    "apiStrict",
    "build-info",
    "buildInfo",
    "exposeAsyncRewriter",
    "help",
    "ipv6",
    "json",
    "nodb",
    "norc",
    "oidcDumpTokens",
    "oidcIdTokenAsAccessToken",
    "oidcNoNonce",
    "perfTests",
    "quiet",
    "retryWrites",
    "shell",
    "skipStartupWarnings",
    "smokeTests",
    "ssl",
    "sslAllowInvalidCertificates",
    "sslAllowInvalidHostnames",
    "sslFIPSMode",
    "tls",
    "tlsAllowInvalidCertificates",
    "tlsAllowInvalidHostnames",
    "tlsFIPSMode",
    "tlsUseSystemCA",
    "verbose",
    "version",
    "deepInspect",
];

/// The words taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub options: Vec<Opt>,
    pub operands: Vec<String>,
}

impl Line {
    pub fn last(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .rev()
            .find(|o| o.name == format!("--{name}"))
            .map(|o| o.value.as_deref().unwrap_or(""))
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options
            .iter()
            .filter(move |o| o.name.strip_prefix("--") == Some(name))
            .filter_map(|o| o.value.as_deref())
    }
}

/// Why there is nothing to run, or no telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Nothing(String),
    Unsure(String),
}

/// Takes the words apart as yargs-parser does for mongosh.
pub fn line(invocation: &Invocation) -> Result<Line, Stop> {
    let args: Vec<String> = invocation.args().iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let mut line = Line::default();
    let mut at = 0;
    while let Some(word) = args.get(at) {
        let here = at;
        at += 1;
        if word == "--" {
            line.operands.extend(args[at..].iter().cloned());
            break;
        }
        let Some(body) = word.strip_prefix("--").or_else(|| letter(word)) else {
            line.operands.push(word.clone());
            continue;
        };
        let (name, glued) = body.split_once('=').map_or((body, None), |(n, v)| (n, Some(v.to_owned())));
        let bare = name.strip_prefix("no-").filter(|n| FLAGS.contains(n)).unwrap_or(name);
        let takes = VALUES.contains(&bare);
        if !takes && !FLAGS.contains(&bare) {
            let shown = crate::text::show_line(word.split('=').next().unwrap_or(word), 40);
            return Err(Stop::Unsure(format!("option {shown} is not one that guard knows")));
        }
        if bare != name {
            continue;
        }
        let next = args.get(at).filter(|n| !n.starts_with('-') || n.len() == 1);
        let value = match (takes, glued, next) {
            (_, Some(glued), _) => Some(glued),
            (true, None, Some(next)) => {
                at += 1;
                Some(next.clone())
            }
            (true, None, None) => Some(String::new()),
            (false, None, next) => {
                // A boolean takes the words true and false.
                let word = next.filter(|n| matches!(n.as_str(), "true" | "false")).cloned();
                at += usize::from(word.is_some());
                if word.as_deref() == Some("false") {
                    continue;
                }
                None
            }
        };
        line.options.push(Opt { name: format!("--{bare}"), value, at: here });
    }
    for name in ["help", "version", "build-info", "buildInfo"] {
        if line.last(name).is_some() {
            return Err(Stop::Nothing("help or version only".into()));
        }
    }
    Ok(line)
}

/// The letters and the option each stands for.
fn letter(word: &str) -> Option<&str> {
    Some(match word {
        "-h" => "help",
        "-u" => "username",
        "-p" => "password",
        "-f" => "file",
        _ if word.len() > 1 && word.starts_with('-') => &word[1..],
        _ => return None,
    })
}

/// What would run, and where it goes on the way.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub calls: Vec<calls::Call>,
    /// Databases that the script goes to, in order; `None` for one known only at run time.
    pub databases: Vec<Option<String>>,
    /// It went there before it called anything.
    pub goes_first: bool,
    pub unsure: Option<String>,
    pub interactive: bool,
    pub unread: bool,
    pub stream: bool,
}

/// Walks through everything that runs; `line` and `address` are the invocation's.
pub fn foresee(invocation: &Invocation, line: &Line, address: &Address) -> Rc<Run> {
    invocation.once(|| walked(invocation, line, address))
}

fn walked(invocation: &Invocation, line: &Line, address: &Address) -> Run {
    let mut run = Run::default();
    let mut includes = Includes::default();
    let texts: Vec<&str> = line.all("eval").collect();
    let files: Vec<&str> = line.all("file").chain(address.files.iter().map(String::as_str)).collect();
    for text in &texts {
        let loads = calls::script(text, false, &mut run);
        for name in &loads {
            script_file(invocation, name, &mut run, &mut includes, 0);
        }
    }
    // Named thousands of times, a file that is not there is looked for once.
    let mut absent: HashSet<&str> = HashSet::new();
    for file in &files {
        if !absent.contains(file) && !script_file(invocation, file, &mut run, &mut includes, 0) {
            absent.insert(file);
        }
    }
    let stays = line.last("shell").is_some();
    if (!texts.is_empty() || !files.is_empty()) && !stays {
        return run;
    }
    if line.last("norc").is_none()
        && let Some(home) = invocation.home()
    {
        script_file(invocation, &home.join(".mongoshrc.js").to_string_lossy(), &mut run, &mut includes, 0);
    }
    match invocation.stdin().clone() {
        Stdin::Terminal => run.interactive = true,
        Stdin::Content(bytes) => {
            let loads = calls::script(&String::from_utf8_lossy(&bytes), true, &mut run);
            for name in &loads {
                script_file(invocation, name, &mut run, &mut includes, 0);
            }
        }
        Stdin::Unread => {
            run.unread = true;
            run.unsure = Some("commands come from a pipe or file on standard input that was not read".into());
        }
        Stdin::TooMuch => {
            run.stream = true;
            run.unsure = Some("commands come from a stream that cannot be read before they run".into());
        }
    }
    run
}

/// A script, and those that it loads by a plain name; whether it is there.
fn script_file(
    invocation: &Invocation,
    name: &str,
    run: &mut Run,
    includes: &mut Includes,
    depth: usize,
) -> bool {
    match invocation.read(Path::new(name)) {
        Ok(bytes) if !includes.enter_small(Path::new(name), bytes.len()) => {
            run.unsure.get_or_insert_with(|| includes::WHY.into());
        }
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let loads = calls::script(&text, false, run);
            for name in loads {
                if depth < 8 {
                    script_file(invocation, &name, run, includes, depth + 1);
                } else {
                    run.unsure.get_or_insert_with(|| includes::WHY.into());
                }
            }
        }
        Err(ReadError::Missing) => return false,
        Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => {
            let shown = crate::text::show_line(name, 60);
            run.unsure.get_or_insert_with(|| format!("{shown} cannot be looked at: {why}"));
        }
    }
    true
}

pub fn read(invocation: &Invocation, tool: &Tool) -> Reading {
    let mut command = Command::new(invocation, &tool.program);
    let found = line(invocation).and_then(|line| {
        let address = address(&line)?;
        Ok((line, address))
    });
    match found {
        Ok((line, address)) => describe(&mut command, &line, &address),
        Err(Stop::Nothing(why)) => command.does = Does::Nothing(why),
        Err(Stop::Unsure(why)) => command.does = Does::Unsure(why),
    }
    Reading::of(command)
}

fn describe(command: &mut Command, line: &Line, address: &Address) {
    command.options = line.options.clone();
    command.operands = line.operands.clone();
    let run = foresee(&command.invocation.clone(), line, address);
    if address.hosts.is_empty() && !run.interactive {
        command.does = Does::Nothing("without a connection (--nodb)".into());
        // A script can connect by itself.
        let connects = run.calls.iter().any(|c| c.kind != "read");
        if !connects && run.unsure.is_none() {
            return;
        }
        command.does = Does::Acts;
    }
    command.verb = if run.interactive { "session" } else { "run" }.into();
    let worst = run.calls.iter().rev().max_by_key(|c| calls::weight(c.kind));
    command.headline = match worst {
        Some(call) => crate::text::show_line(&call.shown, 100),
        None if run.stream => "commands from a stream".into(),
        None if run.interactive => "an interactive session".into(),
        None => "no call".into(),
    };
    for call in &run.calls {
        command.traits.add("kind", call.kind);
        if calls::weight(call.kind) > 0 {
            command.traits.add("object", call.shown.clone());
        }
    }
    if run.interactive {
        command.traits.add("session", "interactive");
    }
    if run.unread {
        command.traits.add("input", "stdin-unread");
    }
    if run.stream {
        command.traits.add("input", "stream");
    }
    if let Some(why) = run.unsure.clone() {
        command.does = Does::Unsure(why);
    }
}
