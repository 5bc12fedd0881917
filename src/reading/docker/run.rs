//! What a container is given of the machine it runs on, and the program it starts.
//! Must never call a container closed that can write to its host.

use super::super::grammar::Parsed;

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
