//! What a path is by its words alone, where nobody here can look: on another host, in a container. Must never
//! believe that a path is harmless because of its spelling.

use super::operand::{Extent, Flags, Item, Kind};
use super::place::{self, World};
use std::path::{Component, Path, PathBuf};

/// Directories below /var/lib that servers keep their data in, also deep inside.
const SERVERS: &[&str] = &[
    "postgresql",
    "pgsql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongo",
    "redis",
    "etcd",
    "docker",
    "containerd",
    "containers",
    "kubelet",
    "rancher",
    "elasticsearch",
    "opensearch",
    "kafka",
    "zookeeper",
    "cassandra",
    "scylla",
    "influxdb",
    "prometheus",
    "grafana",
    "loki",
    "rabbitmq",
    "consul",
    "vault",
    "nomad",
    "neo4j",
    "clickhouse",
    "ceph",
    "libvirt",
    "couchdb",
    "minio",
    "jenkins",
    "gitlab",
    "ldap",
    "slapd",
    "bind",
    "samba",
    "dovecot",
    "rook",
    "longhorn",
    "registry",
];

/// The values of `target.path` for an operand; `recursive` when everything below goes with it.
pub fn values(operand: &str, recursive: bool) -> Vec<&'static str> {
    let operand = operand.trim_matches(['"', '\'']);
    if let Some(below) = in_home(operand) {
        return at_home(below, recursive);
    }
    let (body, all) = without_glob(operand);
    if !operand.starts_with('/') {
        return relative(body, all, recursive);
    }
    let path = normal(body);
    if all {
        // Everything in it, as a shell's * names it.
        let mut found = place::by_name(&path, &world(recursive));
        found.extend(server(&path));
        found.push(if recursive { "many" } else { "unseen" });
        return unique(found);
    }
    let item = Item { path, kind: Kind::Unseen, extent: Extent::Whole };
    let mut found = match recursive {
        true => place::traits(&item, &world(true)),
        false => place::with_position("unseen", &item, &world(false)),
    };
    found.extend(server(&item.path));
    if is_disk(&item.path) {
        found.push("device");
    }
    found.extend(history(&item.path, recursive));
    unique(found)
}

/// The home is not known there; every account's counts.
fn world(recursive: bool) -> World {
    World::new(None, PathBuf::from("/"), Flags { recursive, ..Flags::default() })
}

fn unique(mut values: Vec<&'static str>) -> Vec<&'static str> {
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|value| seen.insert(*value));
    values
}

/// What follows `~`, `~name`, `$HOME` or `${HOME}`.
fn in_home(operand: &str) -> Option<&str> {
    let below = operand.strip_prefix("$HOME").or_else(|| operand.strip_prefix("${HOME}")).or_else(|| {
        let name = operand.strip_prefix('~')?;
        let end = name.find('/').unwrap_or(name.len());
        name[..end].chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)).then(|| &name[end..])
    })?;
    (below.is_empty() || below.starts_with('/')).then_some(below)
}

fn at_home(below: &str, recursive: bool) -> Vec<&'static str> {
    let (body, all) = without_glob(below);
    let path = normal(&format!("/home/someone/{body}"));
    let names = path.components().count();
    match (names, recursive) {
        // `~/..` and further up.
        (0..=1, _) => vec!["unseen", "root", "above-home"],
        (2, _) => vec!["unseen", "home", "above-home"],
        (3, true) => vec!["unseen", "home"],
        (3, false) => vec!["unseen"],
        (4, _) if path.ends_with(".ssh") && (recursive || all) => vec!["unseen", "keys"],
        _ => {
            let mut found = vec!["unseen"];
            found.extend(history(&path, recursive));
            found
        }
    }
}

/// `dir/*`, `dir/.*`, `*`: the directory, and that everything in it is meant.
fn without_glob(operand: &str) -> (&str, bool) {
    let (parent, name) = operand.rsplit_once('/').map_or(("", operand), |(p, n)| (p, n));
    let everything =
        ["*", ".*", "{*,.*}", "{.*,*}", "{,.}*", ".[!.]*", ".[^.]*", "..?*", "**"].contains(&name);
    match (everything, parent) {
        (false, _) => (operand, false),
        (true, "") if operand.starts_with('/') => ("/", true),
        (true, parent) => (parent, true),
    }
}

/// The directory that it runs in is not known: what would be all of it is.
fn relative(body: &str, all: bool, recursive: bool) -> Vec<&'static str> {
    let mut depth: i64 = 0;
    for component in Path::new(body).components() {
        match component {
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    let mut found = vec!["unseen"];
    match depth {
        0 if all || body.starts_with('.') => found.push("cwd"),
        i64::MIN..0 => found.extend(["cwd", "above-cwd"]),
        _ => {}
    }
    found.extend(history(Path::new(body), recursive));
    if recursive && Path::new(body).ends_with(".ssh") {
        found.push("keys");
    }
    found
}

fn history(path: &Path, recursive: bool) -> Option<&'static str> {
    let name = path.file_name()?;
    (recursive && [".git", ".hg", ".svn", ".jj"].iter().any(|h| name == *h)).then_some("repository")
}

fn server(path: &Path) -> Option<&'static str> {
    let names: Vec<&str> = path.to_str()?.split('/').skip(1).collect();
    match names.as_slice() {
        ["var", "lib", name, ..] | ["srv" | "data" | "mnt" | "opt", name, ..] if SERVERS.contains(name) => {
            Some("data-directory")
        }
        ["var", "lib", "apt" | "dpkg" | "rpm" | "pacman"] => Some("system"),
        _ => None,
    }
}

fn is_disk(path: &Path) -> bool {
    path.starts_with("/dev") && path != Path::new("/dev") && !super::writes::is_harmless_device(path)
}

/// Without `.`, `..` and doubled slashes.
pub(super) fn normal(path: &str) -> PathBuf {
    crate::sys::file::lexical(&Path::new("/").join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_what_must_not_be_lost() {
        for (operand, expected) in [
            ("/", "root"),
            ("//", "root"),
            ("/*", "root"),
            ("/.", "root"),
            ("/etc/..", "root"),
            ("~", "home"),
            ("~/", "home"),
            ("~/*", "home"),
            ("~dev", "home"),
            ("$HOME", "home"),
            ("${HOME}/", "home"),
            ("~/..", "above-home"),
            ("~/.ssh", "keys"),
            ("/root", "home"),
            ("/root/.ssh", "keys"),
            ("/home/dev", "home"),
            ("/home/dev/*", "home"),
            ("/home", "system"),
            ("/etc", "system"),
            ("/etc/", "system"),
            ("/etc/*", "system"),
            ("/usr/lib", "system"),
            ("/usr/./lib/", "system"),
            ("/boot/*", "system"),
            ("/var/log/*", "system"),
            ("/var/lib/postgresql/15/main", "data-directory"),
            ("/var/lib/mysql/*", "data-directory"),
            ("/var/lib/docker", "data-directory"),
            ("/var/lib/anything", "data-directory"),
            ("/srv/app", "system"),
            ("/data", "system"),
            ("/dev/sda", "device"),
            (".", "cwd"),
            ("./", "cwd"),
            ("*", "cwd"),
            ("./*", "cwd"),
            ("..", "above-cwd"),
            ("a/../..", "above-cwd"),
            (".git", "repository"),
            ("/srv/app/.git", "repository"),
            ("/etc/passwd", "system"),
            (".ssh", "keys"),
        ] {
            assert!(values(operand, true).contains(&expected), "{operand}: {:?}", values(operand, true));
        }
    }

    #[test]
    fn ordinary_paths_stay_ordinary() {
        for operand in [
            "build",
            "/srv/app/build",
            "/home/dev/src/x",
            "~/src/x",
            "/tmp/x",
            "a/b/..",
            "/var/lib/apt/lists/*",
            "x/*",
            "/var/log/nginx/old.log",
            "/dev/null",
            "~x/y z",
        ] {
            let found = values(operand, true);
            assert!(found.iter().all(|v| ["unseen", "many"].contains(v)), "{operand}: {found:?}");
        }
        for operand in ["/etc/motd", "/opt/app", "~"] {
            assert_eq!(values(operand, false), ["unseen"], "{operand}");
        }
        assert!(values("/etc/passwd", false).contains(&"system"));
    }
}
