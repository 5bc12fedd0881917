//! What a container is given of the machine it runs on, and the program it starts.
//! Must never call a container closed that can write to its host.

use super::super::grammar::Parsed;
use super::super::through::Start;
use super::line::Line;
use crate::invocation::Invocation;
use std::ffi::OsString;

/// Ways out of a container, as values of the trait `form`.
pub fn ways_out(parsed: &Parsed) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut add = |form| {
        if !found.contains(&form) {
            found.push(form);
        }
    };
    for option in &parsed.options {
        let value = option.value.as_deref().unwrap_or("");
        let form = match option.name.as_str() {
            "--privileged" => Some("privileged"),
            "--use-api-socket" => Some("host-socket"),
            "--device" => Some("device"),
            "--volume" => value.split(':').next().and_then(source),
            "--mount" => mounted(value).and_then(source),
            "--pid" | "--userns" if value == "host" => Some("host-namespace"),
            "--cap-add" if is_strong(value) => Some("capability"),
            "--security-opt" if value.ends_with("unconfined") || value == "label=disable" => {
                Some("unconfined")
            }
            _ => None,
        };
        form.into_iter().for_each(&mut add);
    }
    found
}

/// `type=bind,source=/,target=/host`.
fn mounted(value: &str) -> Option<&str> {
    let pair = |part: &'_ str| -> bool { part.starts_with("source=") || part.starts_with("src=") };
    value.split(',').find(|part| pair(part)).and_then(|part| part.split_once('=')).map(|(_, path)| path)
}

/// What a path of the host means in a container.
fn source(path: &str) -> Option<&'static str> {
    const SYSTEM: &[&str] = &[
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib64",
        "/opt",
        "/proc",
        "/root",
        "/run",
        "/sbin",
        "/srv",
        "/sys",
        "/usr",
        "/var",
        "/var/lib",
        "/var/lib/docker",
        "/var/run",
        "/run/containerd",
    ];
    const SOCKETS: &[&str] = &["docker.sock", "containerd.sock", "podman.sock", "crio.sock"];
    let plain = path.trim_end_matches(['/', '.']);
    let absolute = path.starts_with('/');
    match plain.rsplit('/').next() {
        Some(name) if SOCKETS.contains(&name) => Some("host-socket"),
        _ if absolute && plain.is_empty() => Some("host-root"),
        _ if SYSTEM.contains(&plain) => Some("host-system"),
        _ => None,
    }
}

fn is_strong(capability: &str) -> bool {
    const STRONG: &[&str] =
        &["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF", "NET_ADMIN"];
    let upper = capability.to_ascii_uppercase();
    STRONG.contains(&upper.strip_prefix("CAP_").unwrap_or(&upper))
}

/// Nothing of the host, of another container or of a volume is in it: what it removes is its own.
pub fn is_closed(parsed: &Parsed) -> bool {
    const OPENS: &[&str] = &[
        "--volume",
        "--mount",
        "--volumes-from",
        "--privileged",
        "--device",
        "--pid",
        "--userns",
        "--cap-add",
        "--security-opt",
        "--use-api-socket",
        "--ipc",
        "--tmpfs",
        "--secret",
        "--pod",
        "--pod-id-file",
    ];
    !OPENS.iter().any(|name| parsed.has(name))
}

/// Images whose entry point is a program that takes the words: what their own Dockerfiles say.
const ENTRY_POINTS: &[(&str, &str)] = &[
    ("amazon/aws-cli", "aws"),
    ("aws-cli/aws-cli", "aws"),
    ("hashicorp/terraform", "terraform"),
    ("opentofu/opentofu", "tofu"),
    ("hashicorp/packer", "packer"),
    ("bitnami/kubectl", "kubectl"),
    ("rancher/kubectl", "kubectl"),
    ("alpine/k8s", ""),
    ("alpine/helm", "helm"),
    ("alpine/git", "git"),
    ("bitnami/git", ""),
    ("rclone/rclone", "rclone"),
    ("minio/mc", "mc"),
    ("flyio/flyctl", "flyctl"),
    ("pulumi/pulumi", "pulumi"),
    ("bitnami/flux", "flux"),
    ("fluxcd/flux-cli", "flux"),
    ("restic/restic", "restic"),
];

/// The program that the image starts with the words; `None` where the words begin with it, or nobody can tell.
pub fn entry_point(image: &str) -> Option<&'static str> {
    let name = image.split('@').next().unwrap_or(image);
    let name = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    let two = name.rsplitn(3, '/').take(2).collect::<Vec<_>>();
    let short = if two.len() == 2 { format!("{}/{}", two[1], two[0]) } else { name.to_owned() };
    ENTRY_POINTS.iter().find(|(n, program)| *n == short && !program.is_empty()).map(|(_, program)| *program)
}

/// The same command with paths of the host, where it names something below a directory that is mounted.
pub fn on_the_host(invocation: &Invocation, line: &Line, argv: &[OsString]) -> Option<Start> {
    let mut mounts: Vec<(String, String)> = Vec::new();
    for option in &line.parsed.options {
        let Some(value) = &option.value else { continue };
        mounts.extend(match option.name.as_str() {
            "--volume" => volume(value),
            "--mount" => bind(value),
            _ => None,
        });
    }
    mounts.sort_by_key(|(_, inside)| std::cmp::Reverse(inside.len()));
    let translate = |word: &OsString| -> OsString {
        let text = word.to_str().unwrap_or_default();
        let found = mounts.iter().find_map(|(host, inside)| {
            let host = invocation.path(host);
            translated(text, host.to_str()?, inside)
        });
        found.map_or_else(|| word.clone(), OsString::from)
    };
    let words: Vec<OsString> = argv.iter().map(translate).collect();
    if words == argv || line.verb != "container run" {
        return None;
    }
    let set = |name: &str| invocation.var_filled(name).is_some();
    let moved = ["--host", "--context"].iter().any(|o| line.globals.has(o));
    let there = moved || set("DOCKER_HOST") || set("DOCKER_CONTEXT");
    let nested =
        if there { invocation.elsewhere(words, "the host of the daemon") } else { invocation.nested(words) };
    Some(Start { invocation: nested, doubt: None })
}

/// `HOST:INSIDE[:OPTIONS]`; a name is a volume, and `ro` cannot be written.
fn volume(value: &str) -> Option<(String, String)> {
    let mut parts = value.split(':');
    let (host, inside) = (parts.next()?, parts.next()?);
    let read_only = parts.any(|options| options.split(',').any(|o| o == "ro"));
    (host.starts_with(['/', '.', '~']) && !read_only).then(|| (host.to_owned(), inside.to_owned()))
}

/// `type=bind,source=HOST,target=INSIDE`.
fn bind(value: &str) -> Option<(String, String)> {
    let part = |names: &[&str]| {
        value
            .split(',')
            .filter_map(|p| p.split_once('='))
            .find(|(n, _)| names.contains(n))
            .map(|(_, v)| v.to_owned())
    };
    let read_only = value.split(',').any(|p| matches!(p, "ro" | "readonly" | "ro=true" | "readonly=true"));
    let bind = part(&["type"]).as_deref() == Some("bind") && !read_only;
    Some((part(&["source", "src"])?, part(&["target", "destination", "dst"])?)).filter(|_| bind)
}

/// The text with the host's path wherever one below `inside` begins; `None` where none does.
fn translated(text: &str, host: &str, inside: &str) -> Option<String> {
    let (host, inside) = (host.trim_end_matches('/'), inside.trim_end_matches('/'));
    let apart = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "'\"=;|&()".contains(c));
    if inside.is_empty() {
        return None;
    }
    let (mut out, mut from, mut changed) = (String::new(), 0, false);
    while let Some(at) = text[from..].find(inside).map(|i| from + i) {
        let end = at + inside.len();
        let after = text[end..].chars().next();
        out.push_str(&text[from..at]);
        if apart(text[..at].chars().next_back()) && (after == Some('/') || apart(after)) {
            changed = true;
            out.push_str(if host.is_empty() && after != Some('/') { "/" } else { host });
        } else {
            out.push_str(inside);
        }
        from = end;
    }
    out.push_str(&text[from..]);
    changed.then_some(out)
}

#[cfg(test)]
mod mounts {
    use super::{bind, translated, volume};

    #[test]
    fn a_path_below_a_mount_is_one_of_the_host() {
        let pair = |host: &str, inside: &str| Some((host.to_owned(), inside.to_owned()));
        assert_eq!(volume("/etc:/e"), pair("/etc", "/e"));
        assert_eq!((volume("/etc:/e:ro"), volume("data:/e")), (None, None));
        assert_eq!(bind("type=bind,source=/,target=/h"), pair("/", "/h"));
        assert_eq!(bind("type=volume,source=x,target=/h"), None);
        assert_eq!(translated("/h/etc", "/", "/h").as_deref(), Some("/etc"));
        assert_eq!(translated("/h", "/", "/h").as_deref(), Some("/"));
        assert_eq!(translated("rm -rf '/e/x'; ls", "/etc", "/e").as_deref(), Some("rm -rf '/etc/x'; ls"));
        assert_eq!((translated("/home/x", "/", "/h"), translated("a/h/b", "/", "/h")), (None, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::grammar::Opt;

    fn with(name: &str, value: &str) -> Vec<&'static str> {
        let option = Opt { name: name.to_owned(), value: Some(value.to_owned()), at: 0 };
        ways_out(&Parsed { options: vec![option], ..Parsed::default() })
    }

    #[test]
    fn the_host_shows_through_a_mount() {
        for (value, form) in [
            ("/:/host", Some("host-root")),
            ("/./:/host:ro", Some("host-root")),
            ("/etc/:/e", Some("host-system")),
            ("/var/run/docker.sock:/var/run/docker.sock", Some("host-socket")),
            ("/srv/app:/app", None),
            ("data:/var/lib/postgresql", None),
            ("./src:/src", None),
        ] {
            assert_eq!(with("--volume", value).first().copied(), form, "{value}");
        }
        assert_eq!(with("--mount", "type=bind,src=/,dst=/host"), ["host-root"]);
        assert!(with("--mount", "type=volume,source=data,target=/d").is_empty());
        assert_eq!(with("--cap-add", "cap_sys_admin"), ["capability"]);
        assert_eq!(with("--pid", "host"), ["host-namespace"]);
        assert!(with("--network", "host").is_empty());
    }

    #[test]
    fn an_image_may_be_a_program() {
        assert_eq!(entry_point("amazon/aws-cli:2.15"), Some("aws"));
        assert_eq!(entry_point("public.ecr.aws/aws-cli/aws-cli"), Some("aws"));
        assert_eq!(entry_point("reg.example:5000/hashicorp/terraform@sha256:00"), Some("terraform"));
        assert_eq!(entry_point("alpine"), None);
    }
}
