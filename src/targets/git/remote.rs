//! A remote as remote.c of git puts it together: addresses after rewriting, refspecs, mirror.
//! Must never show a password that stands in an address.

use crate::reading::git::Config;
use std::path::Path;

/// Where a push goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name in the configuration, or the address given on the line.
    pub name: String,
    /// Every address a push goes to.
    pub urls: Vec<String>,
    /// Where the address comes from.
    pub source: String,
    /// `remote.NAME.push`.
    pub push: Vec<String>,
    pub mirror: bool,
}

/// A remote by name, or by address.
pub fn get(config: &Config, name: &str) -> Remote {
    let values = |what: &str| -> Vec<String> {
        let key = format!("remote.{name}.{what}");
        config.all(&key, what != "push").iter().filter_map(|s| s.value.clone()).collect()
    };
    let (mut urls, pushed) = (values("url"), values("pushurl"));
    let mut source = format!("remote.{name}.{}", if pushed.is_empty() { "url" } else { "pushurl" });
    if urls.is_empty() {
        if pushed.is_empty() {
            "the words of the command".clone_into(&mut source);
        }
        urls.push(name.to_owned());
    }
    let instead = rewrites(config, "insteadof");
    let mut to: Vec<String> = pushed.iter().map(|u| rewritten(u, &instead).unwrap_or(u.clone())).collect();
    if to.is_empty() {
        let push_instead = rewrites(config, "pushinsteadof");
        to = urls.iter().filter_map(|u| rewritten(u, &push_instead)).collect();
        source.push_str(if to.is_empty() { "" } else { ", rewritten by pushInsteadOf" });
    }
    if to.is_empty() {
        to = urls.iter().map(|u| rewritten(u, &instead).unwrap_or(u.clone())).collect();
        source.push_str(if to == urls { "" } else { ", rewritten by insteadOf" });
    }
    let mirror = config.truth(&format!("remote.{name}.mirror")) == Some(true);
    Remote { name: name.to_owned(), urls: to, source, push: values("push"), mirror }
}

/// The remote that settings give for a push of the current branch.
pub fn configured(config: &Config, branch: Option<&str>) -> Option<String> {
    let of_branch = |what: &str| config.get(&format!("branch.{}.{what}", branch?)).map(str::to_owned);
    of_branch("pushremote")
        .or_else(|| config.get("remote.pushdefault").map(str::to_owned))
        .or_else(|| of_branch("remote"))
}

/// The remote a branch follows.
pub fn upstream(config: &Config, branch: &str) -> String {
    let own = config.get(&format!("branch.{branch}.remote")).map(str::to_owned);
    own.unwrap_or_else(|| only(config))
}

/// The remote nobody needs to name, if it has an address.
pub fn unsaid(config: &Config) -> Option<String> {
    let name = only(config);
    config.get(&format!("remote.{name}.url")).map(|_| name)
}

/// The only remote there is, else `origin`.
fn only(config: &Config) -> String {
    let named = config.iter().filter_map(|s| Some(s.key.strip_prefix("remote.")?.rsplit_once('.')?.0));
    let mut names: Vec<&str> = named.collect();
    names.sort_unstable();
    names.dedup();
    if let [one] = names.as_slice() { (*one).to_owned() } else { "origin".to_owned() }
}

/// `url.BASE.insteadOf`: prefix and base.
fn rewrites(config: &Config, name: &str) -> Vec<(String, String)> {
    let pairs = config.below("url", name);
    pairs.filter_map(|(base, s)| Some((s.value.clone()?, base.to_owned()))).collect()
}

/// The longest prefix counts, the first of equals.
fn rewritten(url: &str, rewrites: &[(String, String)]) -> Option<String> {
    let mut best: Option<&(String, String)> = None;
    for pair in rewrites.iter().filter(|(prefix, _)| url.starts_with(prefix.as_str())) {
        if best.is_none_or(|(prefix, _)| prefix.len() < pair.0.len()) {
            best = Some(pair);
        }
    }
    best.map(|(prefix, base)| format!("{base}{}", &url[prefix.len()..]))
}

/// An address that is a directory of this machine, relative ones as git takes them: from the top of its files.
pub fn local_path(url: &str, top: &Path) -> Option<std::path::PathBuf> {
    if let Some(path) = url.strip_prefix("file://") {
        return Some(path.into());
    }
    let slash = url.find('/').unwrap_or(url.len());
    let colon = url.find(':').unwrap_or(usize::MAX);
    (colon > slash).then(|| crate::sys::file::lexical(&top.join(url)))
}

/// The address as it may be shown: without user and password of a web address.
pub fn shown(url: &str, top: &Path) -> String {
    if let Some(path) = local_path(url, top).filter(|_| !url.starts_with("file://")) {
        return path.to_string_lossy().into_owned();
    }
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let keeps = scheme.contains("ssh") && !user.contains(':') && !user.is_empty();
    if keeps { format!("{scheme}://{user}@{host}{path}") } else { format!("{scheme}://{host}{path}") }
}

/// The place's own name: the last part of its address without `.git`.
pub fn place(shown: &str) -> String {
    let plain = shown.trim_end_matches('/');
    let plain = plain.strip_suffix("/.git").unwrap_or(plain);
    let last = plain.rsplit(['/', ':']).next().unwrap_or(plain);
    let name = last.strip_suffix(".git").unwrap_or(last);
    if name.is_empty() { plain.to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{place, shown};
    use std::path::Path;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let top = Path::new("/home/me/work");
        for (url, want, name) in [
            ("https://me:secret@example.com/acme/api.git", "https://example.com/acme/api.git", "api"),
            ("https://token@example.com/acme/api", "https://example.com/acme/api", "api"),
            ("ssh://git@example.com:22/acme/api.git", "ssh://git@example.com:22/acme/api.git", "api"),
            ("git@example.com:acme/api.git", "git@example.com:acme/api.git", "api"),
            ("../prod.git", "/home/me/prod.git", "prod"),
            ("host:api", "host:api", "api"),
            ("/srv/api/.git", "/srv/api/.git", "api"),
            ("file:///srv/api.git/", "file:///srv/api.git/", "api"),
        ] {
            assert_eq!(shown(url, top), want);
            assert_eq!(place(&shown(url, top)), name, "{url}");
        }
    }
}
