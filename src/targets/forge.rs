//! Which host and repository gh and glab act on: options, variables, the words of the command, else the git remote
//! of the directory. Must never take a remote for certain where the program would ask which one is meant.

use super::{Fact, Resolution, Targets};
use crate::reading::git::{Call, Config};
use crate::reading::{Command, Does};

/// Resolves a command of gh or glab.
pub fn resolve(command: &Command) -> Resolution {
    if let Does::Nothing(why) = &command.does {
        return Resolution::Nothing(why.clone());
    }
    let program = if command.tool == "glab" { &GLAB } else { &GH };
    let (repository, host) = repository(command, program);
    let mut targets = Targets::new(program.family);
    let words = [host.clone(), repository.as_ref().ok().and_then(|r| r.as_ref().map(|(n, _)| n.clone()))];
    targets.facts.push(match host {
        Some(host) => Fact::text("host", host, "the repository's address"),
        None => host_of(command, program),
    });
    targets.facts.push(match repository {
        Ok(Some((name, source))) => Fact::text("repo", name, source),
        Ok(None) => Fact::none("repo", "it acts on no repository"),
        Err(why) => Fact::unknown("repo", why, "git remotes"),
    });
    targets.typed = words[1]
        .clone()
        .or_else(|| command.operands.first().cloned())
        .unwrap_or_else(|| command.tool.clone());
    targets.objects = command.operands.clone();
    Resolution::Hits(targets)
}

struct Program {
    family: &'static str,
    host: &'static [&'static str],
    default: &'static str,
    repository: &'static [&'static str],
    /// Groups of commands that act on an account, not on a repository.
    account: &'static [&'static str],
}

const GH: Program = Program {
    family: "gh",
    host: &["GH_HOST"],
    default: "github.com",
    repository: &["GH_REPO"],
    account: &[
        "auth",
        "gist",
        "ssh-key",
        "gpg-key",
        "config",
        "alias",
        "extension",
        "org",
        "project",
        "codespace",
    ],
};

const GLAB: Program = Program {
    family: "glab",
    host: &["GITLAB_HOST", "GITLAB_URI", "GL_HOST"],
    default: "gitlab.com",
    repository: &["GITLAB_REPO"],
    account: &["auth", "ssh-key", "gpg-key", "config", "alias", "user"],
};

/// Verbs whose first operand is the repository.
const NAMED: &[&str] = &[
    "repo delete",
    "repo archive",
    "repo unarchive",
    "repo edit",
    "repo sync",
    "repo view",
    "repo transfer",
    "repo fork",
    "repo clone",
    "repo update",
    "repo mirror",
    "repo create",
];

type Named = Result<Option<(String, String)>, String>;

/// The repository with its source, and its host where the name carries one.
fn repository(command: &Command, program: &Program) -> (Named, Option<String>) {
    let given = |text: &str, source: &str| {
        let (host, name) = parts(text);
        (Ok(Some((name, source.to_owned()))), host)
    };
    let operand =
        command.operands.first().filter(|o| NAMED.contains(&command.verb.as_str()) && !o.is_empty());
    if let Some(word) = operand {
        return given(word, "the words of the command");
    }
    if command.verb == "api" {
        return api(command);
    }
    if let Some(text) = command.option("--repo").filter(|r| !r.is_empty()) {
        return given(text, "--repo");
    }
    for variable in program.repository {
        if let Some(text) = command.invocation.var_filled(variable) {
            return given(&text, &format!("${variable}"));
        }
    }
    let group = command.verb.split(' ').next().unwrap_or("");
    let organisation = command.option("--org").is_some() || command.option("--user").is_some();
    if program.account.contains(&group) || organisation {
        return (Ok(None), None);
    }
    match remote(command, program) {
        Ok(Some((url, source))) => given(&url, &source),
        Ok(None) => (Err("no git remote here says which repository is meant".to_owned()), None),
        Err(why) => (Err(why), None),
    }
}

/// The repository that the path of a request names.
fn api(command: &Command) -> (Named, Option<String>) {
    let path = command.operands.first().map(String::as_str).unwrap_or("");
    let parts: Vec<&str> = path.trim_start_matches('/').split(['/', '?']).collect();
    let named = match parts.as_slice() {
        ["repos", owner, name, ..] if !owner.starts_with(['{', ':']) => Some(format!("{owner}/{name}")),
        ["projects", id, ..] if !id.starts_with(':') => Some(id.replace("%2F", "/").replace("%2f", "/")),
        _ => None,
    };
    (Ok(named.map(|name| (name, "the path of the request".to_owned()))), None)
}

fn host_of(command: &Command, program: &Program) -> Fact {
    if let Some(host) = command.option("--hostname").filter(|h| !h.is_empty()) {
        return Fact::text("host", host, "--hostname");
    }
    for variable in program.host {
        if let Some(host) = command.invocation.var_filled(variable) {
            let host = parts(&format!("{host}/x/x")).0.unwrap_or(host);
            return Fact::text("host", host, format!("${variable}"));
        }
    }
    Fact::text("host", program.default, "default")
}

/// The address of the remote that counts: one that was chosen before, else upstream, github, origin.
fn remote(command: &Command, program: &Program) -> Result<Option<(String, String)>, String> {
    let call = Call::of(&command.invocation.nested(vec!["git".into(), "remote".into()]));
    let (_, config) = call.settled();
    if let Some(trouble) = &config.trouble {
        return Err(trouble.clone());
    }
    let chosen = config.below("remote", "gh-resolved").next().map(|(name, s)| (name, s.value.clone()));
    if let Some((name, value)) = chosen.filter(|_| program.family == "gh") {
        let value = value.filter(|v| v != "base" && !v.is_empty());
        let source = format!("remote.{name}.gh-resolved");
        return Ok(value.or_else(|| address(config, name)).map(|url| (url, source)));
    }
    let names: Vec<&str> = config.below("remote", "url").map(|(name, _)| name).collect();
    let preferred = ["upstream", "github", "gitlab", "origin"];
    let name = preferred.iter().find(|n| names.contains(n)).or(names.first());
    Ok(name.and_then(|name| Some((address(config, name)?, format!("remote.{name}.url")))))
}

fn address(config: &Config, remote: &str) -> Option<String> {
    config.get(&format!("remote.{remote}.url")).map(str::to_owned)
}

/// Host and `owner/name` of an address, of `host/owner/name` or of `owner/name`.
fn parts(text: &str) -> (Option<String>, String) {
    let plain = text.trim_end_matches('/');
    let plain = plain.strip_suffix(".git").unwrap_or(plain);
    let split = |host: &str, path: &str| {
        let host = host.rsplit('@').next().unwrap_or(host);
        let host = host.split(':').next().unwrap_or(host);
        (Some(host.to_owned()), path.trim_start_matches('/').to_owned())
    };
    if let Some((_, rest)) = plain.split_once("://") {
        return rest.split_once('/').map_or((None, rest.to_owned()), |(host, path)| split(host, path));
    }
    if let Some((host, path)) = plain.split_once(':').filter(|(host, _)| !host.contains('/')) {
        return split(host, path);
    }
    match plain.split('/').collect::<Vec<_>>().as_slice() {
        [host, _, _, ..] if host.contains('.') => {
            plain.split_once('/').map_or((None, String::new()), |(h, p)| split(h, p))
        }
        _ => (None, plain.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_repository_is_read_from_every_spelling() {
        for (text, host, name) in [
            ("acme/api", None, "acme/api"),
            ("ghe.acme.com/acme/api", Some("ghe.acme.com"), "acme/api"),
            ("https://me:secret@github.com/acme/api.git", Some("github.com"), "acme/api"),
            ("git@github.com:acme/api.git", Some("github.com"), "acme/api"),
            ("ssh://git@gitlab.com:2222/acme/team/api", Some("gitlab.com"), "acme/team/api"),
            ("group/team/api", None, "group/team/api"),
        ] {
            assert_eq!(parts(text), (host.map(str::to_owned), name.to_owned()), "{text}");
        }
    }
}
