//! Which Argo CD server a command talks to: options, `ARGOCD_OPTS`, `ARGOCD_SERVER`, the contexts of argocd's own
//! configuration (util/localconfig, pkg/apiclient). Must never guess a server behind a port-forward's local port.

use super::kubernetes::relatives;
use super::{Fact, Resolution, Targets};
use crate::invocation::{Invocation, ReadError};
use crate::reading::kubectl::yaml::{self, Node};
use crate::reading::words::{Line, split};
use crate::reading::{Command, Opt};
use std::ffi::OsStr;
use std::path::PathBuf;

/// Options whose default `ARGOCD_OPTS` sets.
const BY_OPTS: &[&str] = &["config", "server", "core", "port-forward", "port-forward-namespace"];

/// Resolves a command's target.
pub fn resolve(command: &Command) -> Resolution {
    let mut command = command.clone();
    let opts = match with_opts(&mut command) {
        Ok(opts) => opts,
        Err(Wrong::Refused(why)) => return Resolution::Nothing(why),
        Err(Wrong::Unread(why)) => {
            return Resolution::Hits(hits(&command, vec![Fact::unknown("server", why, "$ARGOCD_OPTS")]));
        }
    };
    let config = Config::load(&command.invocation, command.option("--config").filter(|c| !c.is_empty()));
    let admin = command.verb.starts_with("admin");
    if admin || is_on(&command, "--core") || config.as_ref().is_ok_and(|c| c.is_core(&command)) {
        return relatives::resolve(&command);
    }
    match facts(&command, config, &opts) {
        Ok(facts) => Resolution::Hits(hits(&command, facts)),
        Err(why) => Resolution::Nothing(why),
    }
}

fn hits(command: &Command, facts: Vec<Fact>) -> Targets {
    let mut targets = Targets::new("argocd");
    targets.facts = facts;
    targets.objects = command.operands.clone();
    let place = targets.text("server").unwrap_or("argocd").to_owned();
    targets.typed = match command.operands.as_slice() {
        [] => place,
        [name] => format!("{place}/{name}"),
        [first, rest @ ..] => format!("{place}/{first}+{}", rest.len()),
    };
    targets
}

fn is_on(command: &Command, option: &str) -> bool {
    command.option(option).is_some_and(|v| v.is_empty() || crate::reading::kubectl::go_bool(v) == Some(true))
}

/// What `ARGOCD_OPTS` adds.
#[derive(Default)]
struct Opts {
    /// Options that count, since the line does not have them; with dashes.
    applied: Vec<String>,
    /// It names a context.
    context: bool,
}

enum Wrong {
    /// argocd itself stops.
    Refused(String),
    Unread(String),
}

/// Adds the options of the variable that the line does not have.
fn with_opts(command: &mut Command) -> Result<Opts, Wrong> {
    let Some(opts) = command.invocation.var_filled("ARGOCD_OPTS") else { return Ok(Opts::default()) };
    let words: Vec<String> = match split(OsStr::new(&opts)) {
        Line::Simple { variables, words } if variables.is_empty() => {
            words.iter().map(|w| w.to_string_lossy().into_owned()).collect()
        }
        Line::Simple { .. } => return Err(Wrong::Refused("ARGOCD_OPTS holds more than options".into())),
        Line::Empty => Vec::new(),
        Line::Unsure(why) => return Err(Wrong::Unread(format!("ARGOCD_OPTS cannot be taken apart: {why}"))),
    };
    let mut found: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for word in &words {
        if let Some(name) = word.strip_prefix("--") {
            let (name, value) = name.split_once('=').unwrap_or((name, ""));
            found.push((name.to_owned(), value.to_owned()));
            open = !word.contains('=');
        } else if open && let Some(last) = found.last_mut() {
            last.1.clone_from(word);
            open = false;
        } else {
            return Err(Wrong::Refused(format!("ARGOCD_OPTS is invalid at {}", crate::text::show(word))));
        }
    }
    let context = found.iter().any(|(name, _)| name == "argocd-context");
    let known = found.into_iter().filter(|(name, _)| BY_OPTS.contains(&name.as_str()));
    let added: Vec<Opt> = known
        .map(|(name, value)| Opt { name: format!("--{name}"), value: Some(value), at: 0 })
        .filter(|o| command.option(&o.name).is_none())
        .collect();
    let applied = added.iter().map(|o| o.name.clone()).collect();
    command.options.extend(added);
    Ok(Opts { applied, context })
}

/// The server, and the context it comes from.
fn facts(command: &Command, config: Result<Config, Missing>, opts: &Opts) -> Result<Vec<Fact>, String> {
    let given = |name: &str| command.option(name).filter(|v| !v.is_empty());
    let said = |name: &str| {
        if opts.applied.iter().any(|o| o == name) { "$ARGOCD_OPTS".to_owned() } else { name.to_owned() }
    };
    let server = |value: &str, source: &str| Fact::text("server", value, source);
    if command.verb == "login"
        && let Some(first) = command.operands.first()
    {
        return Ok(vec![server(first, "the words of the command")]);
    }
    if is_on(command, "--port-forward") || given("--port-forward-namespace").is_some() {
        let why = "a port is forwarded to a server in the cluster of the kubeconfig";
        return Ok(vec![Fact::unknown("server", why, said("--port-forward"))]);
    }
    let config = match config {
        Ok(config) => Some(config),
        Err(Missing::NoFile) => None,
        Err(Missing::Unreadable(why)) => match given("--server") {
            Some(value) => return Ok(vec![server(value, &said("--server"))]),
            None => return Ok(vec![Fact::unknown("server", why, "argocd's configuration")]),
        },
    };
    let context = config.as_ref().map(|c| c.context(given("--argocd-context"))).transpose()?;
    if opts.context && given("--argocd-context").is_none() {
        let why = "ARGOCD_OPTS names a context, which only some versions of argocd heed";
        return Ok(vec![Fact::unknown("server", why, "$ARGOCD_OPTS")]);
    }
    let of_variable = command.invocation.var_filled("ARGOCD_SERVER");
    let fact = match (given("--server"), of_variable, &context) {
        (Some(value), _, _) => server(value, &said("--server")),
        (None, Some(value), _) => server(&value, "$ARGOCD_SERVER"),
        (None, None, Some((name, value))) => {
            return Ok(vec![
                Fact::text("context", name, "argocd's configuration"),
                server(value, &format!("context {name:?} of argocd's configuration")),
            ]);
        }
        (None, None, None) => return Err("Argo CD server address unspecified".into()),
    };
    Ok(vec![fact])
}

enum Missing {
    NoFile,
    Unreadable(String),
}

/// argocd's configuration.
struct Config {
    document: Node,
}

impl Config {
    fn load(invocation: &Invocation, explicit: Option<&str>) -> Result<Config, Missing> {
        let path = explicit.map_or_else(|| directory(invocation).join("config"), PathBuf::from);
        let bytes = match invocation.read(path) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) => return Err(Missing::NoFile),
            Err(error) => return Err(Missing::Unreadable(error.to_string())),
        };
        let text = String::from_utf8(bytes).map_err(|_| Missing::Unreadable("not UTF-8".into()))?;
        yaml::first_document(&text).map(|document| Config { document }).map_err(Missing::Unreadable)
    }

    fn current(&self) -> &str {
        self.document.get("current-context").and_then(Node::text).unwrap_or("")
    }

    fn entry(&self, list: &str, key: &str, value: &str) -> Option<&Node> {
        let items = self.document.get(list).map_or(&[][..], Node::items);
        items.iter().find(|i| i.get(key).and_then(Node::text) == Some(value))
    }

    /// A context's name and server; the configuration must be whole even where it is not asked.
    fn context(&self, asked: Option<&str>) -> Result<(String, String), String> {
        if self.current().is_empty() {
            return Err("argocd's configuration has no current-context".into());
        }
        let name = asked.unwrap_or(self.current());
        let context = self.entry("contexts", "name", name).ok_or(format!("context {name:?} is undefined"))?;
        let text = |key| context.get(key).and_then(Node::text).unwrap_or("");
        let server = text("server");
        if self.entry("servers", "server", server).is_none() {
            return Err(format!("server {server:?} is undefined"));
        }
        if self.entry("users", "name", text("user")).is_none() {
            return Err(format!("user {:?} is undefined", text("user")));
        }
        Ok((name.to_owned(), server.to_owned()))
    }

    /// `argocd login --core` writes a context that stands for the cluster of the kubeconfig.
    fn is_core(&self, command: &Command) -> bool {
        let asked = command.option("--argocd-context").filter(|c| !c.is_empty());
        let Ok((_, server)) = self.context(asked) else { return false };
        matches!(self.entry("servers", "server", &server).and_then(|s| s.get("core")), Some(Node::Bool(true)))
    }
}

/// `$ARGOCD_CONFIG_DIR`, else `~/.argocd` where it exists, else below the usual place.
fn directory(invocation: &Invocation) -> PathBuf {
    if let Some(directory) = invocation.var_filled("ARGOCD_CONFIG_DIR") {
        return directory.into();
    }
    let home = invocation.home().unwrap_or_default();
    let legacy = home.join(".argocd");
    if invocation.path(&legacy).exists() {
        return legacy;
    }
    let base = invocation.var_filled("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    base.join("argocd")
}
