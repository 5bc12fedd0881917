//! What a shell's redirection hits: the file behind the path, and what losing its content means. Must never call
//! an ordinary new file, a log or a terminal a target: most redirections are harmless.

use super::removed::Removed;
use super::walk::walk;
use crate::reading::{Command, Does};
use crate::sys::file::lexical;
use crate::targets::declared::machine;
use crate::targets::fact::path_text;
use crate::targets::{Datum, Fact, Resolution, Targets};
use std::fs::Metadata;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// Resolves a redirection; one that loses nothing has an empty list of paths.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("path");
    let word = command.operand_at.first().and_then(|at| command.invocation.args().get(*at));
    let known = !command.traits.has("form", "unknown");
    match (&command.does, word) {
        (Does::Nothing(why), _) => nothing(&mut targets, why),
        (Does::Acts | Does::Unsure(_), None) => nothing(&mut targets, "no path is named"),
        (Does::Acts | Does::Unsure(_), Some(word)) if command.verb == "send" => {
            hit(&mut targets, &absolute(command, word.as_bytes()), "secret");
        }
        (Does::Acts | Does::Unsure(_), Some(word)) if known => {
            let path = absolute(command, word.as_bytes());
            match kind(&path, &command.verb, command.invocation.home().as_deref()) {
                Ok(kind) => hit(&mut targets, &path, kind),
                Err(why) => nothing(&mut targets, why),
            }
        }
        (Does::Acts | Does::Unsure(_), Some(word)) => match by_prefix(&word.to_string_lossy()) {
            Some(kind) => {
                targets.traits.add("target.path", kind);
                targets.facts.push(Fact::unknown("paths", "the name is made while it runs", "the words"));
                targets.typed = word.to_string_lossy().into_owned();
            }
            None => nothing(&mut targets, "a name of its own in an ordinary directory"),
        },
    }
    targets.facts.push(machine());
    Resolution::Hits(targets)
}

fn hit(targets: &mut Targets, path: &Path, kind: &'static str) {
    targets.traits.add("target.path", kind);
    targets.objects = vec![path_text(path)];
    targets.typed = path_text(path);
    targets.facts.push(Fact::known("paths", Datum::texts([path_text(path)]), "the redirection"));
}

fn nothing(targets: &mut Targets, why: &str) {
    targets.facts.push(Fact::known("paths", Datum::List(Vec::new()), why));
    targets.typed = "nothing".to_owned();
}

/// The canonical path; where nothing is there yet, as far as its directories lead.
fn absolute(command: &Command, word: &[u8]) -> PathBuf {
    let cwd = command.invocation.cwd();
    let place = lexical(&cwd.join(std::ffi::OsStr::from_bytes(word)));
    if let Ok(real) = std::fs::canonicalize(command.invocation.path(std::ffi::OsStr::from_bytes(word))) {
        return real;
    }
    let parent = place.parent().unwrap_or(Path::new("/")).as_os_str().as_bytes();
    match (walk(Path::new("/"), parent, &Removed::default()), place.file_name()) {
        (Ok(walked), Some(name)) => walked.path.join(name),
        (_, _) => place,
    }
}

/// What the file is; `Err` says why nothing is lost.
fn kind(path: &Path, verb: &str, home: Option<&Path>) -> Result<&'static str, &'static str> {
    let named = by_name(path, home);
    if let Some(kind @ ("device" | "kernel" | "power")) = named {
        return Ok(kind);
    }
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        // Appending to a list of accounts or keys makes it where it is not there.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match named {
                Some(kind @ ("account" | "login")) => Ok(kind),
                Some(_) | None => Err("the file is new"),
            };
        }
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return named.ok_or("nobody here may look at it");
        }
        Err(_) => return Err("it cannot be opened"),
    };
    if meta.file_type().is_block_device() {
        return Ok("device");
    }
    if !meta.is_file() {
        return Err("it is no file that keeps anything");
    }
    match named {
        Some(kind @ ("account" | "login" | "start-up")) => return Ok(kind),
        _ if meta.len() == 0 => return Err("the file is empty"),
        Some(kind) => return Ok(kind),
        None => {}
    }
    if verb != "overwrite" {
        let part = if verb == "edit" { "only a part of the file changes" } else { "it only adds to a file" };
        return if is_database(path, &meta) { Ok("database") } else { Err(part) };
    }
    if is_database(path, &meta) {
        return Ok("database");
    }
    if is_passing(path) { Err("a log or a temporary file") } else { Ok("file") }
}

/// Device names that hold a file system or a volume, also where they are not there at the moment.
const DISKS: &[&str] = &[
    "sd", "hd", "vd", "xvd", "nvme", "mmcblk", "dm-", "md", "loop", "sr", "ram", "nbd", "zd", "rbd", "pmem",
    "disk",
];

/// What a path is by its name alone.
pub fn by_name(path: &Path, home: Option<&Path>) -> Option<&'static str> {
    let text = path.to_string_lossy();
    let parts: Vec<&str> = text.split('/').filter(|p| !p.is_empty()).collect();
    let name = parts.last().copied().unwrap_or("");
    match parts.as_slice() {
        ["dev", "mem" | "kmem" | "port"] => return Some("device"),
        ["dev", "mapper", device, ..] if *device != "control" => return Some("device"),
        ["dev", "disk" | "block", ..] => return Some("device"),
        ["dev", device, ..] if DISKS.iter().any(|d| is_disk(device, d)) => return Some("device"),
        ["dev", ..] => return None,
        ["proc", "sysrq-trigger"] | ["sys", "power", "state" | "disk"] => return Some("power"),
        ["sys", .., "delete" | "remove" | "unbind" | "offline"] => return Some("kernel"),
        ["proc" | "sys", ..] => return None,
        _ => {}
    }
    if HISTORY.iter().any(|h| parts.iter().rev().skip(1).any(|p| p == h)) {
        return Some("repository");
    }
    if is_secret(&parts, home.is_some_and(|h| path.starts_with(h))) {
        return Some(if name.starts_with("authorized_keys") { "login" } else { "keys" });
    }
    system(&parts)
}

const HISTORY: &[&str] = &[".git", ".hg", ".jj", ".svn"];

fn is_disk(device: &str, prefix: &str) -> bool {
    device.strip_prefix(prefix).is_some_and(|rest| match prefix {
        "sd" | "hd" | "vd" | "xvd" => {
            let letters = rest.trim_end_matches(|c: char| c.is_ascii_digit());
            (1..4).contains(&letters.len()) && letters.chars().all(|c| c.is_ascii_lowercase())
        }
        _ => rest.starts_with(|c: char| c.is_ascii_digit()),
    })
}

fn is_secret(parts: &[&str], at_home: bool) -> bool {
    match parts {
        [.., ".ssh", "authorized_keys" | "authorized_keys2"] => true,
        [.., ".ssh", name] => name.starts_with("id_") && !name.ends_with(".pub"),
        [.., ".kube", "config"] | [.., ".aws", "credentials"] => true,
        [.., ".docker", "config.json"] => at_home,
        [.., ".pgpass" | ".my.cnf" | ".netrc" | ".vault-token"] => at_home,
        _ => parts.contains(&".gnupg") || at_home && parts.windows(2).any(|w| w == [".config", "gcloud"]),
    }
}

fn system(parts: &[&str]) -> Option<&'static str> {
    match parts {
        ["etc", "passwd" | "shadow" | "group" | "gshadow" | "sudoers" | "doas.conf" | "ld.so.preload"]
        | ["etc", "sudoers.d" | "pam.d", ..] => Some("account"),
        ["etc", "fstab" | "crypttab" | "hosts" | "nsswitch.conf"] | ["etc", "ssh", _] => Some("vital"),
        ["etc", "crontab" | "rc.local" | "profile" | "environment" | "bash.bashrc"]
        | ["etc", "cron.d" | "cron.daily" | "cron.hourly" | "profile.d" | "systemd" | "init.d", ..]
        | ["var", "spool", "cron", ..] => Some("start-up"),
        ["var", "log", .., "wtmp" | "btmp" | "lastlog" | "auth.log" | "secure" | "audit.log"] => {
            Some("evidence")
        }
        ["etc" | "boot" | "bin" | "sbin" | "lib" | "lib64" | "usr", _, ..] => match parts {
            ["usr", "local", "src" | "share" | "etc" | "var", ..] | ["usr", "src", ..] => None,
            _ => Some("system"),
        },
        ["var", "lib", _, ..] => Some("server"),
        _ => None,
    }
}

/// Extensions of files that hold a database, a state or a disk.
const STORES: &[&str] = &[
    "db", "sqlite", "sqlite3", "db3", "mdb", "accdb", "ibd", "frm", "myd", "myi", "rdb", "aof", "tfstate",
    "qcow2", "vmdk", "vdi", "vhd", "vhdx", "img", "kdbx", "ldb", "duckdb", "realm", "wt",
];

/// A database by its name, its first bytes or the directory it is in.
fn is_database(path: &Path, meta: &Metadata) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    if STORES.contains(&extension.as_str()) {
        return true;
    }
    let data = |directory: &Path| super::place::is_data_directory(directory);
    if path.ancestors().skip(1).take(3).any(data) {
        return true;
    }
    meta.len() >= 100 && starts_with(path, b"SQLite format 3\0")
}

fn starts_with(path: &Path, magic: &[u8; 16]) -> bool {
    let mut first = [0u8; 16];
    std::fs::File::open(path).and_then(|mut f| f.read_exact(&mut first)).is_ok() && first == *magic
}

/// Directories whose files come and go.
const PASSING: &[&str] = &["/dev/shm", "/var/log", "/run", "/var/run", "/var/cache"];
/// Directories that everybody throws single files into.
const SCRATCH: &[&str] = &["/tmp", "/var/tmp"];
/// Extensions of what programs write anew each time.
const REWRITTEN: &[&str] =
    &["log", "out", "err", "tmp", "temp", "pid", "lock", "swp", "bak", "trace", "stamp", "cache"];

fn is_passing(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    REWRITTEN.contains(&extension)
        || name == "nohup.out"
        || PASSING.iter().any(|d| path.starts_with(d))
        || SCRATCH.iter().any(|d| path.parent() == Some(Path::new(d)))
        || path.components().any(|c| c.as_os_str() == ".cache" || c.as_os_str() == "node_modules")
}

/// What a path whose end is not known may be: by the words that are known before it. `None` where those lead to
/// an ordinary directory, or the name ends in an extension that no system file has.
fn by_prefix(shown: &str) -> Option<&'static str> {
    let at = shown.find(['$', '`']).unwrap_or(shown.len());
    let (fixed, rest) = shown.split_at(at);
    if fixed.starts_with("/dev/")
        && !["/dev/shm/", "/dev/tcp/", "/dev/udp/", "/dev/tty", "/dev/pts/", "/dev/fd/"]
            .iter()
            .any(|d| fixed.starts_with(d))
    {
        return Some("device");
    }
    let inside = ["/etc/", "/boot/", "/usr/bin", "/usr/lib", "/bin/", "/sbin/", "/lib"];
    if inside.iter().any(|d| fixed.starts_with(d)) {
        return Some("system");
    }
    let ends = rest.rsplit(['}', ')', '"']).next().unwrap_or("");
    let suffix = ends.rsplit_once('.').map_or("", |(_, suffix)| suffix);
    let plain = !suffix.is_empty() && suffix.chars().all(|c| c.is_ascii_alphanumeric());
    if plain && !STORES.contains(&suffix) || !fixed.is_empty() && fixed != "/" {
        return None;
    }
    Some("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_tell_disks_accounts_and_keys() {
        let home = Some(Path::new("/home/dev"));
        for (path, expected) in [
            ("/dev/sda", Some("device")),
            ("/dev/sda1", Some("device")),
            ("/dev/nvme0n1p2", Some("device")),
            ("/dev/mapper/vg-root", Some("device")),
            ("/dev/mapper/control", None),
            ("/dev/null", None),
            ("/dev/shm/x", None),
            ("/dev/sdk-foo", None),
            ("/etc/passwd", Some("account")),
            ("/etc/sudoers.d/dev", Some("account")),
            ("/etc/fstab", Some("vital")),
            ("/etc/ssh/sshd_config", Some("vital")),
            ("/etc/nginx/nginx.conf", Some("system")),
            ("/etc/cron.d/x", Some("start-up")),
            ("/var/lib/dpkg/status", Some("server")),
            ("/var/log/auth.log", Some("evidence")),
            ("/var/log/nginx/access.log", None),
            ("/proc/sysrq-trigger", Some("power")),
            ("/proc/sys/vm/drop_caches", None),
            ("/home/dev/.ssh/authorized_keys", Some("login")),
            ("/home/dev/.ssh/id_ed25519", Some("keys")),
            ("/home/dev/.ssh/id_ed25519.pub", None),
            ("/home/dev/.ssh/config", None),
            ("/home/dev/p/.git/config", Some("repository")),
            ("/home/dev/notes", None),
        ] {
            assert_eq!(by_name(Path::new(path), home), expected, "{path}");
        }
        let no_text = std::ffi::OsStr::from_bytes(b"/home/\xff/.ssh/authorized_keys");
        assert_eq!(by_name(Path::new(no_text), None), Some("login"));
    }

    #[test]
    fn a_name_made_while_it_runs_is_judged_by_what_stands_before_it() {
        for (shown, expected) in [
            ("$(pick)", Some("unknown")),
            ("${f}", Some("unknown")),
            ("/dev/${x}", Some("device")),
            ("/dev/shm/${x}", None),
            ("/etc/${x}", Some("system")),
            ("out/${x}", None),
            ("b-$(date +%F).sql", None),
            ("${f}.tmp", None),
            ("${f}.sqlite", Some("unknown")),
        ] {
            assert_eq!(by_prefix(shown), expected, "{shown}");
        }
    }
}
