//! A throwaway home as `guard shim add` would leave it: shims first on PATH, a kubeconfig with 50 contexts.

use guard::rules::index::{Index, encode};
use guard::settings::{Dirs, MARKER, Marker};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::fs;
use std::iter;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Contexts of the kubeconfig; the current one is a development cluster.
pub const CONTEXTS: usize = 50;

pub struct Scene {
    pub root: PathBuf,
    path: OsString,
}

impl Scene {
    /// `shim` is the static executable, `guard` the full one, `kubectl` the stand-in, also for the `others`.
    pub fn new(shim: &Path, guard: &Path, kubectl: &Path, others: &[&str]) -> Scene {
        let root = env::temp_dir().join(format!("guard-overhead-{}", std::process::id()));
        for directory in ["home/.kube", "work", "lib", "stub", "shims"] {
            fs::create_dir_all(root.join(directory)).expect("scratch directory");
        }
        let root = root.canonicalize().expect("scratch directory");
        fs::copy(shim, root.join("lib/guard-shim")).expect("the static shim");
        symlink(guard, root.join("lib/guard")).expect("link");
        for name in iter::once("kubectl").chain(others.iter().copied()) {
            fs::copy(kubectl, root.join("stub").join(name)).expect("the static stub");
        }
        for name in ["true", "rm", "kubectl"].iter().chain(others) {
            symlink(root.join("lib/guard-shim"), root.join("shims").join(name)).expect("link");
        }
        put_marker(&root, "shims", &dirs(&root.join("home")));
        fs::write(root.join("home/.kube/config"), kubeconfig()).expect("kubeconfig");
        repository(&root.join("work"));
        fs::create_dir_all(root.join("home/.ssh")).expect("scratch directory");
        fs::write(root.join("home/.ssh/config"), ssh_config()).expect("ssh_config");
        env::set_current_dir(root.join("work")).expect("scratch directory");
        let places = [root.join("shims"), root.join("stub")].into_iter();
        let rest = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        let path = env::join_paths(places.chain(rest.map(PathBuf::from))).expect("no colon in it");
        Scene { root, path }
    }

    /// A shim of a user with rules of their own, all of them `times` times: the programs that are not asked for are
    /// copies of the shipped ones.
    pub fn shim_among(&self, name: &str, times: usize) -> PathBuf {
        let shims = format!("shims-{times}");
        let dirs = dirs(&self.root.join(format!("home-{times}")));
        fs::create_dir_all(self.root.join(&shims)).expect("scratch directory");
        fs::create_dir_all(&dirs.config).expect("scratch directory");
        fs::write(dirs.config.join("policy.toml"), OWN_POLICY).expect("policy");
        put_marker(&self.root, &shims, &dirs);
        drop(guard::rules::sources::compile(&dirs));
        let file = dirs.cache.join("rules.index");
        let small = fs::read(&file).expect("a compiled index");
        fs::write(&file, multiplied(&small, times)).expect("a larger index");
        let shim = self.root.join(shims).join(name);
        symlink(self.root.join("lib/guard-shim"), &shim).expect("link");
        shim
    }

    pub fn shim(&self, name: &str) -> PathBuf {
        self.root.join("shims").join(name)
    }

    /// What a login shell hands down, more or less.
    pub fn environment(&self) -> Vec<(&'static str, &OsStr)> {
        let home = self.root.join("home");
        let home: &OsStr = Box::leak(home.into_boxed_path()).as_os_str();
        let fixed = [
            ("USER", "dev"),
            ("LOGNAME", "dev"),
            ("SHELL", "/bin/bash"),
            ("LANG", "C.UTF-8"),
            ("TERM", "xterm-256color"),
            ("EDITOR", "vi"),
            ("PAGER", "less"),
            ("XDG_RUNTIME_DIR", "/run/user/1000"),
            ("SSH_AUTH_SOCK", "/run/user/1000/agent"),
        ];
        let mut all: Vec<(&str, &OsStr)> = fixed.iter().map(|(n, v)| (*n, OsStr::new(*v))).collect();
        all.extend([("HOME", home), ("PATH", self.path.as_os_str())]);
        all
    }

    /// The file that the measured `rm` takes away, put back.
    pub fn put_file(&self) {
        fs::write(self.root.join("work/x.o"), b"").expect("scratch file");
    }
}

/// What makes guard keep an index of its own.
const OWN_POLICY: &str =
    "[[policy]]\nname = \"no shells\"\nwhen = { rule = \"*.interactive-session\" }\nrequire = [\"deny\"]\n";

fn multiplied(block: &[u8], times: usize) -> Vec<u8> {
    let index = Index::open(block).expect("an index of this version");
    let mut programs = Vec::new();
    for name in index.programs().expect("undamaged") {
        let entry = index.program(name.as_bytes()).expect("undamaged").expect("a listed program");
        for copy in 1..times {
            programs.push((format!("{name}-{copy}"), entry.clone()));
        }
        programs.push((name, entry));
    }
    encode(&programs, &index.surroundings().expect("undamaged"), &index.sources().expect("undamaged"))
}

fn dirs(home: &Path) -> Dirs {
    Dirs {
        config: home.join(".config/guard"),
        state: home.join(".local/state/guard"),
        cache: home.join(".cache/guard"),
    }
}

fn put_marker(root: &Path, shims: &str, dirs: &Dirs) {
    let marker = Marker { guard: root.join("lib/guard"), dirs: dirs.clone() };
    fs::write(root.join(shims).join(MARKER), marker.to_bytes().expect("absolute paths")).expect("marker");
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = env::set_current_dir("/");
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A small git repository, with a terraform configuration in it.
fn repository(work: &Path) {
    for directory in [".git/objects", ".git/refs/heads", ".terraform"] {
        fs::create_dir_all(work.join(directory)).expect("scratch directory");
    }
    let settings = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote \"origin\"]\n\turl = \
        git@git.example.com:team/shop.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch \"main\"]\n\tremote = \
        origin\n\tmerge = refs/heads/main\n";
    let files = [
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".git/config", settings),
        (".git/refs/heads/main", "1111111111111111111111111111111111111111\n"),
        ("main.tf", "terraform {\n  backend \"s3\" {\n    bucket = \"b\"\n    key    = \"k\"\n  }\n}\n"),
        (
            ".terraform/terraform.tfstate",
            "{\"version\": 3, \"backend\": {\"type\": \"s3\", \"config\": {\"bucket\": \"b\"}}}",
        ),
    ];
    for (name, text) in files {
        fs::write(work.join(name), text).expect("scratch file");
    }
}

/// Fifty hosts, and what stands for all of them.
fn ssh_config() -> String {
    let mut text = String::new();
    for i in 0..50 {
        let _ =
            write!(text, "Host db{i} db{i}.example.com\n  HostName 10.0.0.{i}\n  User deploy\n  Port 22\n\n");
    }
    text + "Host *\n  ServerAliveInterval 30\n  ControlMaster auto\n  ControlPath ~/.ssh/%r@%h:%p\n"
}

/// As `aws eks update-kubeconfig` writes it: about 2 KiB a cluster, most of it a certificate.
fn kubeconfig() -> String {
    let mut text =
        "apiVersion: v1\nkind: Config\npreferences: {}\ncurrent-context: dev-7\nclusters:\n".to_owned();
    let certificate = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t".repeat(40);
    for i in 0..CONTEXTS {
        let _ = write!(
            text,
            "- cluster:\n    certificate-authority-data: {certificate}\n    server: https://{i:02}.gr7.eu-central-1.eks.example.com\n  \
             name: cluster-{i}\n"
        );
    }
    text.push_str("contexts:\n");
    for i in 0..CONTEXTS {
        let stage = ["dev", "staging", "prod"][i % 3];
        let name = if i == 7 { "dev-7".to_owned() } else { format!("{stage}-eu-{i}") };
        let _ = write!(
            text,
            "- context:\n    cluster: cluster-{i}\n    user: user-{i}\n    namespace: team\n  name: {name}\n"
        );
    }
    text.push_str("users:\n");
    for i in 0..CONTEXTS {
        let _ = write!(
            text,
            "- name: user-{i}\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      \
             args: [--region, eu-central-1, eks, get-token, --cluster-name, c{i}]\n"
        );
    }
    text
}
