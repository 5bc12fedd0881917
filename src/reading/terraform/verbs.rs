//! terraform's and OpenTofu's subcommands with their options: terraform 1.0 to 1.15 and tofu 1.6 to 1.11 together.
//! An option that only one of them knows makes the other stop, so the union never hides anything.

use crate::reading::grammar::{Spec, Takes, opt};

/// Every subcommand of the command table, as it is spelled there.
pub(super) const COMMANDS: &[&str] = &[
    "apply",
    "console",
    "destroy",
    "env",
    "env list",
    "env select",
    "env new",
    "env delete",
    "fmt",
    "force-unlock",
    "get",
    "graph",
    "import",
    "init",
    "internal-plugin",
    "login",
    "logout",
    "metadata",
    "metadata functions",
    "modules",
    "output",
    "plan",
    "providers",
    "providers lock",
    "providers mirror",
    "providers schema",
    "push",
    "query",
    "refresh",
    "rpcapi",
    "show",
    "stacks",
    "state",
    "state identities",
    "state list",
    "state migrate",
    "state mv",
    "state pull",
    "state push",
    "state replace-provider",
    "state rm",
    "state show",
    "taint",
    "test",
    "untaint",
    "validate",
    "version",
    "workspace",
    "workspace delete",
    "workspace list",
    "workspace new",
    "workspace select",
    "workspace show",
];

const fn flag(name: &str) -> Spec<'_> {
    // Go's booleans take a value only after "=".
    opt(name, '\0', Takes::Optional)
}

const fn value(name: &str) -> Spec<'_> {
    opt(name, '\0', Takes::Value)
}

const STATE: &[Spec] = &[
    flag("lock"),
    value("lock-timeout"),
    value("state"),
    value("state-out"),
    value("backup"),
    value("backup-out"),
];

const VARIABLES: &[Spec] = &[value("var"), value("var-file")];

const COMMON: &[Spec] = &[
    flag("input"),
    flag("json"),
    flag("compact-warnings"),
    flag("ignore-remote-version"),
    flag("concise"),
    flag("show-sensitive"),
    flag("consolidate-warnings"),
    flag("consolidate-errors"),
    value("json-into"),
    value("deprecation"),
    value("parallelism"),
];

const OPERATION: &[Spec] = &[
    flag("refresh"),
    flag("destroy"),
    flag("refresh-only"),
    flag("minimal-refresh"),
    flag("allow-deferral"),
    value("target"),
    value("target-file"),
    value("exclude"),
    value("exclude-file"),
    value("invoke"),
    value("replace"),
    value("policies"),
    flag("suppress-forget-errors"),
];

const APPLY: &[Spec] = &[flag("auto-approve")];

const PLAN: &[Spec] = &[value("out"), value("generate-config-out"), flag("detailed-exitcode")];

const INIT: &[Spec] = &[
    flag("backend"),
    flag("cloud"),
    flag("get"),
    flag("force-copy"),
    flag("reconfigure"),
    flag("migrate-state"),
    flag("upgrade"),
    value("from-module"),
    value("lockfile"),
    value("test-directory"),
    value("backend-config"),
    value("plugin-dir"),
    value("target"),
    value("state-provider-lock-file"),
    value("policies"),
    flag("enable-pluggable-state-storage-experiment"),
];

const SURGERY: &[Spec] = &[
    flag("dry-run"),
    flag("auto-approve"),
    flag("force"),
    flag("force-copy"),
    flag("upgrade"),
    value("source-provider-lock-file"),
    value("destination-provider-lock-file"),
];

const WORKSPACE: &[Spec] = &[flag("force"), flag("or-create")];

const OBJECT: &[Spec] = &[flag("allow-missing"), value("config"), value("target")];

/// The options of a subcommand; `None` when none of them could make it worse than it is without.
pub(super) fn options(command: &str) -> Option<Vec<Spec<'static>>> {
    let own: &[&[Spec]] = match command {
        "apply" | "destroy" | "refresh" => &[OPERATION, APPLY],
        "plan" => &[OPERATION, PLAN],
        "init" => &[INIT],
        "taint" | "untaint" | "import" => &[OBJECT],
        "force-unlock" => &[WORKSPACE],
        _ if command.starts_with("state ") => &[SURGERY],
        _ if command.starts_with("workspace ") => &[WORKSPACE],
        _ => return None,
    };
    Some([COMMON, STATE, VARIABLES].iter().chain(own).flat_map(|table| table.iter().copied()).collect())
}

/// Whether an option that guard does not know could change what these do for the worse.
pub(super) fn depends_on_options(command: &str) -> bool {
    matches!(
        command,
        "apply"
            | "destroy"
            | "init"
            | "force-unlock"
            | "state rm"
            | "state push"
            | "state migrate"
            | "workspace delete"
    )
}

/// Whether these take `-compact-warnings` out of the words before anything else is parsed, as all do with `-no-color`.
pub(super) fn strips_view_options(command: &str) -> bool {
    matches!(command, "apply" | "destroy" | "plan" | "refresh")
}
