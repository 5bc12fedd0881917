//! Which paths are more than files: homes, repositories, mounts, system directories, data directories.
//! Must never read the contents of anything; a handful of names are looked up.

use super::mounts::Mounts;
use super::operand::{Extent, Flags, Item, Kind};
use crate::settings::{Dirs, default_shims};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What a path is compared with. Everything canonical; mounts are read when first asked for.
pub(super) struct World {
    pub home: Option<PathBuf>,
    pub cwd: PathBuf,
    pub flags: Flags,
    mounts: OnceCell<Option<Mounts>>,
    /// guard's own directories: its log, its rules, its shims.
    own: OnceCell<Vec<PathBuf>>,
    /// Whether a directory belongs to a server's data, by directory.
    data: RefCell<BTreeMap<PathBuf, bool>>,
}

impl World {
    pub(super) fn new(home: Option<PathBuf>, cwd: PathBuf, flags: Flags) -> World {
        World { home, cwd, flags, mounts: OnceCell::new(), own: OnceCell::new(), data: RefCell::default() }
    }

    fn mounts(&self) -> Option<&Mounts> {
        self.mounts.get_or_init(Mounts::of_process).as_ref()
    }

    fn own(&self) -> &[PathBuf] {
        self.own.get_or_init(|| {
            let dirs = Dirs::of_user().into_iter().flat_map(|dirs| [dirs.config, dirs.state]);
            dirs.chain(default_shims()).map(|path| std::fs::canonicalize(&path).unwrap_or(path)).collect()
        })
    }

    /// It lies in the data directory of a server, a few steps down at most.
    fn in_data(&self, path: &Path) -> bool {
        let Some(parent) = path.parent() else { return false };
        if let Some(known) = self.data.borrow().get(parent) {
            return *known;
        }
        let known = path.ancestors().skip(1).take(3).any(is_data_directory);
        self.data.borrow_mut().insert(parent.to_owned(), known);
        known
    }

    /// Mounts were needed and the kernel does not say.
    pub(super) fn mounts_unknown(&self) -> bool {
        self.mounts.get().is_some_and(Option::is_none)
    }

    /// A mount point is emptied, but busy itself.
    pub(super) fn is_mount(&self, item: &Item) -> bool {
        item.kind == Kind::Directory
            && self.flags.recursive
            && self.mounts().is_some_and(|m| m.is_mount(&item.path))
    }

    /// `--one-file-system` keeps all of it.
    pub(super) fn keeps(&self, item: &Item) -> bool {
        let recursive = item.kind == Kind::Directory && self.flags.recursive;
        recursive && self.flags.one_file_system && self.mounts().is_some_and(|m| m.only_elsewhere(&item.path))
    }
}

/// Values of `target.path` that make a path worth typing in full; the rules give all of them `critical`.
pub(super) const GRAVE: &[&str] = &[
    "root",
    "home",
    "above-home",
    "cwd",
    "above-cwd",
    "repository",
    "mount",
    "contains-mount",
    "system",
    "data-directory",
    "elsewhere",
    "keys",
    "guard",
    "contains-repository",
];

/// The values of `target.path` for one item.
pub(super) fn traits(item: &Item, world: &World) -> Vec<&'static str> {
    match item.kind {
        Kind::Link => with_position("link", item, world),
        Kind::File => with_position("file", item, world),
        Kind::Device => vec!["file", "system"],
        Kind::EmptyDirectory => with_position("empty-directory", item, world),
        Kind::Unseen => {
            let mut found = with_position("unseen", item, world);
            found.extend(by_name(&item.path, world));
            found
        }
        Kind::Directory => {
            let mut found = with_position("directory", item, world);
            found.extend(by_name(&item.path, world));
            found.extend(by_content(&item.path));
            if !found.contains(&"repository") && holds_repositories(&item.path) {
                found.push("contains-repository");
            }
            found.extend(by_mounts(&item.path, world));
            if item.path == world.cwd {
                found.push("cwd");
            } else if world.cwd.starts_with(&item.path) {
                found.push("above-cwd");
            }
            if item.extent == Extent::BehindLink && !item.path.starts_with(&world.cwd) {
                found.push("elsewhere");
            }
            found
        }
    }
}

/// What the item is, and what it counts for by where it stands alone: the links of a merged /usr are nothing but
/// links, and yet no program starts without them. Only names are compared: this runs for every operand.
pub(super) fn with_position(what: &'static str, item: &Item, world: &World) -> Vec<&'static str> {
    let mut found = vec![what];
    let Some(below) = item.path.as_os_str().as_bytes().strip_prefix(b"/") else { return found };
    let mut names = below.split(|b| *b == b'/');
    let names = [names.next(), names.next(), names.next(), names.next()];
    let tree = matches!(item.kind, Kind::Directory | Kind::Unseen) && world.flags.recursive;
    let system = match names {
        [Some(first), None, ..] => !first.is_empty(),
        [Some(b"etc"), Some(name), None, _] => tree || ACCOUNTS.contains(&name),
        [Some(b"etc"), Some(b"ssh"), Some(_), None] => true,
        [Some(first), Some(_), None, _] => tree && HOLDERS.contains(&first),
        [Some(b"usr"), Some(b"lib" | b"lib32" | b"lib64" | b"libx32"), Some(_), None] => tree,
        _ => false,
    };
    if system {
        found.push("system");
    }
    if tree && is_keys(&item.path, world) {
        found.push("keys");
    }
    let own = |own: &PathBuf| item.path.starts_with(own) || tree && own.starts_with(&item.path);
    if world.own().iter().any(own) {
        found.push("guard");
    }
    if matches!(item.kind, Kind::File | Kind::Directory | Kind::EmptyDirectory) && world.in_data(&item.path) {
        found.push(if item.kind == Kind::Directory { "data-directory" } else { "data-file" });
    }
    found
}

/// Entries of a directory that are looked at for repositories in it.
const LOOKED_AT: usize = 200;

/// A repository stands right below it: what was never pushed from it goes too. Further down nobody looks.
fn holds_repositories(path: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(path) else { return false };
    let is_repository = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|e| e.file_type().is_ok_and(|t| t.is_dir()) && e.path().join(".git").is_dir())
    };
    entries.take(LOOKED_AT).any(is_repository)
}

/// `~/.ssh`, and that of any other account.
fn is_keys(path: &Path, world: &World) -> bool {
    let Some(owner) = path.parent().filter(|_| path.file_name().is_some_and(|name| name == ".ssh")) else {
        return false;
    };
    world.home.as_deref() == Some(owner)
        || owner == Path::new("/root")
        || owner.parent().is_some_and(|all| all == Path::new("/home") || all == Path::new("/Users"))
}

/// Files in /etc without which nobody logs in, or nothing is mounted or found.
const ACCOUNTS: &[&[u8]] = &[b"passwd", b"shadow", b"group", b"gshadow", b"sudoers", b"fstab", b"hosts"];

/// Directories whose every directory belongs to some part of the system or to a service.
const HOLDERS: &[&[u8]] =
    &[b"usr", b"var", b"boot", b"lib", b"lib32", b"lib64", b"libx32", b"opt", b"srv", b"home"];

/// What losing everything visible in a directory amounts to, though the directory itself stays: `rm -rf ~/*`.
/// Not a repository, whose `.git` such a glob leaves, nor the working directory: that is how builds are cleaned.
pub(super) fn traits_of_contents(directory: &Path, world: &World) -> Vec<&'static str> {
    let mut found = vec!["many"];
    found.extend(by_name(directory, world));
    found.extend(by_content(directory).into_iter().filter(|t| *t != "repository"));
    found.extend(by_mounts(directory, world));
    found
}

pub(super) fn by_name(path: &Path, world: &World) -> Vec<&'static str> {
    let mut found = Vec::new();
    if path == Path::new("/") {
        found.push("root");
    }
    match world.home.as_deref() {
        Some(home) if home == path => found.push("home"),
        Some(home) if home.starts_with(path) => found.push("above-home"),
        Some(_) | None => {}
    }
    let names: Vec<&[u8]> = path.as_os_str().as_bytes().split(|b| *b == b'/').skip(1).collect();
    match names.as_slice() {
        [b"root"] | [b"home" | b"Users", _] => found.extend(["home", "system"]),
        [first] if SYSTEM.contains(first) => found.push("system"),
        [b"usr" | b"boot", _] | [b"var", b"lib" | b"log" | b"mail" | b"spool" | b"www"] => {
            found.push("system")
        }
        [b"var", b"lib", _] => found.push("data-directory"),
        _ => {}
    }
    found
}

/// Directories below `/` that a machine needs to run, or that hold what it is for (hier(7)).
const SYSTEM: &[&[u8]] = &[
    b"bin",
    b"boot",
    b"dev",
    b"etc",
    b"home",
    b"lib",
    b"lib32",
    b"lib64",
    b"libx32",
    b"nix",
    b"opt",
    b"proc",
    b"run",
    b"sbin",
    b"snap",
    b"srv",
    b"sys",
    b"usr",
    b"var",
    b"Applications",
    b"Library",
    b"System",
    b"Users",
    b"private",
];

/// Names that make a directory a work tree or its history.
const HISTORY: &[&str] = &[".git", ".hg", ".jj", ".svn"];

/// Names that only the data directory of a server holds; all of a row must be there.
const DATA: &[&[&str]] = &[
    &["PG_VERSION"],                  // PostgreSQL
    &["ibdata1"],                     // MySQL, MariaDB
    &["mysql", "performance_schema"], // MySQL without a shared tablespace
    &["member/wal"],                  // etcd
    &["member/snap"],
    &["WiredTiger"],    // MongoDB
    &["appendonlydir"], // Redis
    &["dump.rdb"],
    &["meta.properties", "log-start-offset-checkpoint"], // Kafka
    &["nodes/0/_state"],                                 // Elasticsearch
    &["_state", "indices"],
    &["commitlog", "data/system"], // Cassandra
    &["engine-id", "overlay2"],    // Docker
    &["containers", "overlay2"],
    &["raft/raft.db"], // Consul, Nomad, Vault
    &["vault.db"],
    &["chunks_head", "wal"], // Prometheus
];

/// Whether a directory holds what only a server's data directory holds.
pub(super) fn is_data_directory(path: &Path) -> bool {
    let holds = |name: &&str| std::fs::symlink_metadata(path.join(name)).is_ok();
    DATA.iter().any(|row| row.iter().all(holds))
}

fn by_content(path: &Path) -> Vec<&'static str> {
    let holds = |name: &&str| std::fs::symlink_metadata(path.join(name)).is_ok();
    let mut found = Vec::new();
    let is_history = path.file_name().is_some_and(|name| HISTORY.iter().any(|h| name == *h));
    let is_bare = || ["HEAD", "objects", "refs"].iter().all(holds);
    if is_history || HISTORY.iter().any(holds) || is_bare() {
        found.push("repository");
    }
    if is_data_directory(path) {
        found.push("data-directory");
    }
    found
}

fn by_mounts(path: &Path, world: &World) -> Vec<&'static str> {
    let Some(mounts) = world.mounts() else { return Vec::new() };
    let mut found = Vec::new();
    if mounts.is_mount(path) {
        found.push("mount");
    }
    if mounts.reaches_into(path, world.flags.one_file_system) {
        found.push("contains-mount");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_homes_and_system_directories() {
        let world = World::new(Some("/data/home/me".into()), "/tmp".into(), Flags::default());
        for (path, expected) in [
            ("/", &["root", "above-home"][..]),
            ("/data/home/me", &["home"]),
            ("/data", &["above-home"]),
            ("/home/other", &["home", "system"]),
            ("/root", &["home", "system"]),
            ("/etc", &["system"]),
            ("/usr/lib", &["system"]),
            ("/var/lib/mysql", &["data-directory"]),
            ("/var/lib", &["system"]),
            ("/srv/data", &[]),
            ("/etc/nginx", &[]),
            ("/home/other/src", &[]),
            ("/scratch", &[]),
            ("/datax", &[]),
        ] {
            assert_eq!(by_name(Path::new(path), &world), expected, "{path}");
        }
    }

    #[test]
    fn a_place_makes_grave_what_is_otherwise_small() {
        let flags = Flags { recursive: true, ..Flags::default() };
        let world = |flags| World::new(Some("/data/home/me".into()), "/tmp".into(), flags);
        let told = |path: &str, kind, flags| {
            let item = Item { path: path.into(), kind, extent: Extent::Whole };
            with_position("x", &item, &world(flags))[1..].join(" ")
        };
        for (path, kind, recursive, plain) in [
            ("/lib64", Kind::Link, "system", "system"),
            ("/vmlinuz", Kind::File, "system", "system"),
            ("/scratch", Kind::Directory, "system", "system"),
            ("/empty", Kind::EmptyDirectory, "system", "system"),
            ("/etc/nginx", Kind::Directory, "system", ""),
            ("/etc/ssh", Kind::Directory, "system", ""),
            ("/opt/app", Kind::Directory, "system", ""),
            ("/opt/app", Kind::Link, "", ""),
            ("/usr/lib/systemd", Kind::Directory, "system", ""),
            ("/usr/local/go", Kind::Directory, "", ""),
            ("/opt/app/build", Kind::Directory, "", ""),
            ("/tmp/x", Kind::Directory, "", ""),
            ("/etc/passwd", Kind::File, "system", "system"),
            ("/etc/passwd.bak", Kind::File, "", ""),
            ("/etc/ssh/sshd_config", Kind::File, "system", "system"),
            ("/var/x.log", Kind::File, "", ""),
            ("/data/home/me/.ssh", Kind::Directory, "keys", ""),
            ("/home/other/.ssh", Kind::Directory, "keys", ""),
            ("/root/.ssh", Kind::Directory, "keys", ""),
            ("/data/home/me/.ssh/id", Kind::File, "", ""),
            ("/data/home/me/src/.ssh", Kind::Directory, "", ""),
        ] {
            assert_eq!(told(path, kind, flags), recursive, "{path}");
            assert_eq!(told(path, kind, Flags::default()), plain, "{path}");
        }
    }
}
