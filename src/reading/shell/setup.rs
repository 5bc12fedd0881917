//! Programs whose documented output is set-up for the shell that evaluates it: `eval "$(ssh-agent -s)"`,
//! `source <(kubectl completion bash)`. Must never list one that prints commands which act.

use super::super::words::{Line, split};
use std::ffi::OsStr;

/// A program, the words that must follow it (any of them, or none), and the variables its output sets.
struct Setup {
    program: &'static str,
    words: &'static [&'static str],
    sets: &'static [&'static str],
}

const DOCKER: &[&str] = &["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"];
/// What a project's own environment often holds.
const PROJECT: &[&str] = &[
    "KUBECONFIG",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGSERVICE",
    "TF_WORKSPACE",
    "TF_CLI_ARGS",
    "CLOUDSDK_CORE_PROJECT",
    "CLOUDSDK_ACTIVE_CONFIG_NAME",
    "VAULT_ADDR",
    "VAULT_NAMESPACE",
    "HELM_KUBECONTEXT",
];

const fn setup(
    program: &'static str,
    words: &'static [&'static str],
    sets: &'static [&'static str],
) -> Setup {
    Setup { program, words, sets }
}

const SETUPS: &[Setup] = &[
    setup("ssh-agent", &[], &[]),
    setup("keychain", &[], &[]),
    setup("dircolors", &[], &[]),
    setup("lesspipe", &[], &[]),
    setup("brew", &["shellenv"], &[]),
    setup("pyenv", &["init", "virtualenv-init"], &[]),
    setup("rbenv", &["init"], &[]),
    setup("nodenv", &["init"], &[]),
    setup("goenv", &["init"], &[]),
    setup("jenv", &["init"], &[]),
    setup("starship", &["init"], &[]),
    setup("zoxide", &["init"], &[]),
    setup("atuin", &["init"], &[]),
    setup("mcfly", &["init"], &[]),
    setup("oh-my-posh", &["init", "prompt"], &[]),
    setup("poetry", &["env"], &[]),
    setup("op", &["signin"], &[]),
    setup("thefuck", &["--alias"], &[]),
    setup("fzf", &["--bash", "--zsh"], &[]),
    setup("fnm", &["env"], &[]),
    setup("opam", &["env"], &[]),
    setup("luarocks", &["path"], &[]),
    setup("conda", &["shell.bash", "shell.zsh", "shell.posix"], &[]),
    setup("register-python-argcomplete", &[], &[]),
    setup("guard", &["init"], &[]),
    setup("direnv", &["hook", "export"], PROJECT),
    setup("mise", &["activate", "env", "hook-env"], PROJECT),
    setup("minikube", &["docker-env"], DOCKER),
    setup("docker-machine", &["env"], DOCKER),
    setup("aws", &["configure"], &["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_REGION"]),
];

/// Words by which programs print their own completion.
const COMPLETION: &[&str] = &["completion", "completions", "--completion", "shell-completion"];

/// Programs that print what stands elsewhere, in a file of that name, say.
const PRINTERS: &[&str] = &[
    "awk", "base64", "bash", "bunzip2", "bzcat", "cat", "curl", "cut", "dash", "echo", "envsubst", "gpg",
    "grep", "gunzip", "gzip", "head", "http", "nc", "node", "openssl", "perl", "printf", "python", "python3",
    "rev", "ruby", "sed", "sh", "sort", "ssh", "strings", "tac", "tail", "tee", "tr", "wget", "xxd", "xz",
    "xzcat", "zcat", "zsh", "zstdcat",
];

/// The variables that evaluating `$(…)` sets; `None` where it could do anything.
pub fn sets(shown: &[u8]) -> Option<&'static [&'static str]> {
    let text = std::str::from_utf8(shown).ok()?;
    sets_line(text.strip_prefix("$(")?.strip_suffix(')')?)
}

/// The same for the command line itself.
pub fn sets_line(line: &str) -> Option<&'static [&'static str]> {
    let Line::Simple { variables, words } = split(OsStr::new(line.trim().trim_end_matches(';'))) else {
        return None;
    };
    let words: Vec<&str> = words.iter().map(|w| w.to_str()).collect::<Option<_>>()?;
    let (program, rest) = words.split_first().filter(|_| variables.is_empty())?;
    let program = program.rsplit('/').next().unwrap_or(program);
    let listed = SETUPS.iter().find(|s| {
        s.program == program && (s.words.is_empty() || s.words.iter().any(|w| rest.first() == Some(w)))
    });
    let completes = !PRINTERS.contains(&program)
        && rest
            .iter()
            .find(|w| !w.starts_with('-') || COMPLETION.contains(w))
            .is_some_and(|w| COMPLETION.contains(w));
    listed.map(|s| s.sets).or(completes.then_some(&[]))
}
