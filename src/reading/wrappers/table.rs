//! Option tables of wrappers: coreutils 9.1, util-linux 2.38, sudo 1.9, opendoas 6.8, findutils 4.9, procps 4.0,
//! strace 6.1. What stands before the command, and what is special, is said per row.

use super::super::grammar::{Spec, Takes, opt};

/// What stands between the options and the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Command,
    /// So many operands.
    Operands(usize),
    /// `NAME=value` words.
    Assignments,
}

/// What a wrapper does besides starting its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Env,
    Sudo,
    Doas,
    /// Takes a user before the command.
    User,
    Su,
    Chroot,
    Unshare,
    /// The command may be a string for `sh -c`, after `-c`.
    Flock,
    Script,
    /// The words are joined and given to `sh -c`, unless `--exec`.
    Watch,
    /// `-p` acts on a running process instead.
    Pid,
    Xargs,
    Find,
    Strace,
}

/// A wrapper's grammar.
#[derive(Debug)]
pub struct Wrapper {
    pub names: &'static [&'static str],
    pub table: &'static [Spec<'static>],
    pub before: Before,
    pub kind: Kind,
}

const N: Takes = Takes::Nothing;
const V: Takes = Takes::Value;
const O: Takes = Takes::Optional;

const fn row(
    names: &'static [&'static str],
    kind: Kind,
    before: Before,
    table: &'static [Spec<'static>],
) -> Wrapper {
    Wrapper { names, table, before, kind }
}

/// The wrapper of a name.
pub fn find(name: &[u8]) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|w| w.names.iter().any(|n| n.as_bytes() == name))
}

static WRAPPERS: &[Wrapper] = &[
    row(&["nohup", "busybox", "toybox", "eatmydata", "command"], Kind::Plain, Before::Command, HELP),
    row(&["fakeroot"], Kind::Plain, Before::Command, FAKEROOT),
    row(&["nice"], Kind::Plain, Before::Command, NICE),
    row(&["ionice"], Kind::Pid, Before::Command, IONICE),
    row(&["chrt"], Kind::Pid, Before::Operands(1), CHRT),
    row(&["taskset"], Kind::Pid, Before::Operands(1), TASKSET),
    row(&["timeout"], Kind::Plain, Before::Operands(1), TIMEOUT),
    row(&["time"], Kind::Plain, Before::Command, TIME),
    row(&["setsid"], Kind::Plain, Before::Command, SETSID),
    row(&["stdbuf"], Kind::Plain, Before::Command, STDBUF),
    row(&["strace"], Kind::Strace, Before::Command, STRACE),
    row(&["watch"], Kind::Watch, Before::Command, WATCH),
    row(&["env"], Kind::Env, Before::Assignments, ENV),
    row(&["sudo"], Kind::Sudo, Before::Assignments, SUDO),
    row(&["doas"], Kind::Doas, Before::Command, DOAS),
    row(&["pkexec"], Kind::Sudo, Before::Command, PKEXEC),
    row(&["gosu", "su-exec", "setuidgid", "chpst"], Kind::User, Before::Operands(1), HELP),
    row(&["tini", "tini-static", "dumb-init", "catatonit"], Kind::Plain, Before::Command, INIT),
    row(&["su"], Kind::Su, Before::Command, SU),
    row(&["runuser"], Kind::Su, Before::Command, SU),
    row(&["chroot"], Kind::Chroot, Before::Operands(1), CHROOT),
    row(&["unshare"], Kind::Unshare, Before::Command, UNSHARE),
    row(&["flock"], Kind::Flock, Before::Operands(1), FLOCK),
    row(&["script"], Kind::Script, Before::Operands(1), SCRIPT),
    row(&["xargs", "gxargs"], Kind::Xargs, Before::Command, XARGS),
    row(&["find"], Kind::Find, Before::Command, &[]),
];

const HELP: &[Spec] = &[opt("help", '\0', N), opt("version", '\0', N), opt("p", 'p', N)];

/// Programs that reap processes in a container.
const INIT: &[Spec] = &[
    opt("help", 'h', N),
    opt("version", 'V', N),
    opt("subreaper", 's', N),
    opt("p", 'p', V),
    opt("e", 'e', V),
    opt("g", 'g', N),
    opt("v", 'v', N),
    opt("w", 'w', N),
    opt("l", 'l', N),
    opt("P", 'P', N),
    opt("single-child", 'c', N),
    opt("rewrite", 'r', V),
    opt("verbose", '\0', N),
];

const NICE: &[Spec] = &[
    opt("adjustment", 'n', V),
    opt("help", '\0', N),
    opt("version", '\0', N),
    // `-5` and `-19` are levels.
    opt("0", '0', O),
    opt("1", '1', O),
    opt("2", '2', O),
    opt("3", '3', O),
    opt("4", '4', O),
    opt("5", '5', O),
    opt("6", '6', O),
    opt("7", '7', O),
    opt("8", '8', O),
    opt("9", '9', O),
];

const IONICE: &[Spec] = &[
    opt("class", 'c', V),
    opt("classdata", 'n', V),
    opt("pid", 'p', V),
    opt("pgid", 'P', V),
    opt("uid", 'u', V),
    opt("ignore", 't', N),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const CHRT: &[Spec] = &[
    opt("batch", 'b', N),
    opt("deadline", 'd', N),
    opt("fifo", 'f', N),
    opt("idle", 'i', N),
    opt("other", 'o', N),
    opt("rr", 'r', N),
    opt("reset-on-fork", 'R', N),
    opt("sched-runtime", 'T', V),
    opt("sched-period", 'P', V),
    opt("sched-deadline", 'D', V),
    opt("all-tasks", 'a', N),
    opt("max", 'm', N),
    opt("pid", 'p', N),
    opt("verbose", 'v', N),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const TASKSET: &[Spec] = &[
    opt("all-tasks", 'a', N),
    opt("pid", 'p', N),
    opt("cpu-list", 'c', N),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const TIMEOUT: &[Spec] = &[
    opt("signal", 's', V),
    opt("kill-after", 'k', V),
    opt("foreground", '\0', N),
    opt("preserve-status", '\0', N),
    opt("verbose", 'v', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const TIME: &[Spec] = &[
    opt("format", 'f', V),
    opt("output", 'o', V),
    opt("append", 'a', N),
    opt("portability", 'p', N),
    opt("verbose", 'v', N),
    opt("quiet", 'q', N),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const SETSID: &[Spec] = &[
    opt("ctty", 'c', N),
    opt("fork", 'f', N),
    opt("wait", 'w', N),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const FAKEROOT: &[Spec] = &[
    opt("lib", 'l', V),
    opt("faked", '\0', V),
    opt("save", 's', V),
    opt("load", 'i', V),
    opt("unknown-is-real", 'u', N),
    opt("fd-base", 'b', V),
    opt("help", 'h', N),
    opt("version", 'v', N),
];

const STDBUF: &[Spec] = &[
    opt("input", 'i', V),
    opt("output", 'o', V),
    opt("error", 'e', V),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const STRACE: &[Spec] = &[
    opt("a", 'a', V),
    opt("b", 'b', V),
    opt("e", 'e', V),
    opt("o", 'o', V),
    opt("p", 'p', V),
    opt("s", 's', V),
    opt("u", 'u', V),
    opt("E", 'E', V),
    opt("I", 'I', V),
    opt("O", 'O', V),
    opt("P", 'P', V),
    opt("S", 'S', V),
    opt("U", 'U', V),
    opt("X", 'X', V),
    opt("A", 'A', N),
    opt("c", 'c', N),
    opt("C", 'C', N),
    opt("d", 'd', N),
    opt("D", 'D', N),
    opt("f", 'f', N),
    opt("F", 'F', N),
    opt("h", 'h', N),
    opt("i", 'i', N),
    opt("k", 'k', N),
    opt("n", 'n', N),
    opt("N", 'N', N),
    opt("q", 'q', N),
    opt("r", 'r', N),
    opt("t", 't', N),
    opt("T", 'T', N),
    opt("v", 'v', N),
    opt("V", 'V', N),
    opt("w", 'w', N),
    opt("x", 'x', N),
    opt("y", 'y', N),
    opt("Y", 'Y', N),
    opt("z", 'z', N),
    opt("Z", 'Z', N),
    opt("attach", '\0', V),
    opt("follow-forks", '\0', N),
    opt("output", '\0', V),
    opt("output-append-mode", '\0', N),
    opt("output-separately", '\0', N),
    opt("trace", '\0', V),
    opt("string-limit", '\0', V),
    opt("columns", '\0', V),
    opt("env", '\0', V),
    opt("user", '\0', V),
    opt("summary", '\0', N),
    opt("summary-only", '\0', N),
    opt("summary-wall-clock", '\0', N),
    opt("summary-sort-by", '\0', V),
    opt("summary-columns", '\0', V),
    opt("summary-syscall-overhead", '\0', V),
    opt("syscall-times", '\0', O),
    opt("relative-timestamps", '\0', O),
    opt("absolute-timestamps", '\0', O),
    opt("timestamps", '\0', O),
    opt("syscall-number", '\0', N),
    opt("stack-traces", '\0', O),
    opt("instruction-pointer", '\0', N),
    opt("decode-fds", '\0', O),
    opt("decode-pids", '\0', V),
    opt("strings-in-hex", '\0', O),
    opt("const-print-style", '\0', V),
    opt("no-abbrev", '\0', N),
    opt("successful-only", '\0', N),
    opt("failed-only", '\0', N),
    opt("trace-path", '\0', V),
    opt("interruptible", '\0', V),
    opt("kill-on-exit", '\0', N),
    opt("seccomp-bpf", '\0', N),
    opt("syscall-limit", '\0', V),
    opt("detach-on", '\0', V),
    opt("abbrev", '\0', V),
    opt("verbose", '\0', V),
    opt("raw", '\0', V),
    opt("read", '\0', V),
    opt("write", '\0', V),
    opt("signal", '\0', V),
    opt("status", '\0', V),
    opt("inject", '\0', V),
    opt("fault", '\0', V),
    opt("debug", '\0', N),
    opt("argv0", '\0', V),
    opt("quiet", '\0', O),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const WATCH: &[Spec] = &[
    opt("interval", 'n', V),
    opt("differences", 'd', O),
    opt("no-title", 't', N),
    opt("beep", 'b', N),
    opt("errexit", 'e', N),
    opt("chgexit", 'g', N),
    opt("equexit", 'q', V),
    opt("color", 'c', N),
    opt("no-color", 'C', N),
    opt("precise", 'p', N),
    opt("exec", 'x', N),
    opt("no-wrap", 'w', N),
    opt("no-rerun", 'r', N),
    opt("help", 'h', N),
    opt("version", 'v', N),
];

const ENV: &[Spec] = &[
    opt("ignore-environment", 'i', N),
    opt("null", '0', N),
    opt("unset", 'u', V),
    opt("chdir", 'C', V),
    opt("split-string", 'S', V),
    opt("argv0", 'a', V),
    opt("block-signal", '\0', O),
    opt("default-signal", '\0', O),
    opt("ignore-signal", '\0', O),
    opt("list-signal-handling", '\0', N),
    opt("debug", 'v', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const SUDO: &[Spec] = &[
    opt("askpass", 'A', N),
    opt("background", 'b', N),
    opt("bell", 'B', N),
    opt("close-from", 'C', V),
    opt("chdir", 'D', V),
    opt("preserve-env", 'E', O),
    opt("edit", 'e', N),
    opt("group", 'g', V),
    opt("set-home", 'H', N),
    opt("host", 'h', V),
    opt("login", 'i', N),
    opt("remove-timestamp", 'K', N),
    opt("reset-timestamp", 'k', N),
    opt("list", 'l', N),
    opt("no-update", 'N', N),
    opt("non-interactive", 'n', N),
    opt("preserve-groups", 'P', N),
    opt("prompt", 'p', V),
    opt("chroot", 'R', V),
    opt("role", 'r', V),
    opt("stdin", 'S', N),
    opt("shell", 's', N),
    opt("command-timeout", 'T', V),
    opt("type", 't', V),
    opt("other-user", 'U', V),
    opt("user", 'u', V),
    opt("validate", 'v', N),
    opt("version", 'V', N),
    opt("help", '\0', N),
];

const PKEXEC: &[Spec] = &[
    opt("user", 'u', V),
    opt("disable-internal-agent", '\0', N),
    opt("keep-cwd", '\0', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const DOAS: &[Spec] = &[
    opt("a", 'a', V),
    opt("C", 'C', V),
    opt("L", 'L', N),
    opt("n", 'n', N),
    opt("s", 's', N),
    opt("u", 'u', V),
];

const SU: &[Spec] = &[
    opt("command", 'c', V),
    opt("session-command", '\0', V),
    opt("fast", 'f', N),
    opt("group", 'g', V),
    opt("supp-group", 'G', V),
    opt("login", 'l', N),
    opt("preserve-environment", 'p', N),
    opt("m", 'm', N),
    opt("pty", 'P', N),
    opt("shell", 's', V),
    opt("user", 'u', V),
    opt("whitelist-environment", 'w', V),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const CHROOT: &[Spec] = &[
    opt("groups", '\0', V),
    opt("userspec", '\0', V),
    opt("skip-chdir", '\0', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];

const UNSHARE: &[Spec] = &[
    opt("mount", 'm', O),
    opt("uts", 'u', O),
    opt("ipc", 'i', O),
    opt("net", 'n', O),
    opt("pid", 'p', O),
    opt("user", 'U', O),
    opt("cgroup", 'C', O),
    opt("time", 'T', O),
    opt("fork", 'f', N),
    opt("map-user", '\0', V),
    opt("map-group", '\0', V),
    opt("map-root-user", 'r', N),
    opt("map-current-user", 'c', N),
    opt("map-auto", '\0', N),
    opt("map-users", '\0', V),
    opt("map-groups", '\0', V),
    opt("kill-child", '\0', O),
    opt("mount-proc", '\0', O),
    opt("propagation", '\0', V),
    opt("setgroups", '\0', V),
    opt("keep-caps", '\0', N),
    opt("root", 'R', V),
    opt("wd", 'w', V),
    opt("setuid", 'S', V),
    opt("setgid", 'G', V),
    opt("monotonic", '\0', V),
    opt("boottime", '\0', V),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const FLOCK: &[Spec] = &[
    opt("shared", 's', N),
    opt("exclusive", 'x', N),
    opt("e", 'e', N),
    opt("unlock", 'u', N),
    opt("nonblock", 'n', N),
    opt("nb", '\0', N),
    opt("timeout", 'w', V),
    opt("wait", '\0', V),
    opt("conflict-exit-code", 'E', V),
    opt("close", 'o', N),
    opt("command", 'c', N),
    opt("no-fork", 'F', N),
    opt("verbose", '\0', N),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const SCRIPT: &[Spec] = &[
    opt("append", 'a', N),
    opt("command", 'c', V),
    opt("echo", 'E', V),
    opt("return", 'e', N),
    opt("flush", 'f', N),
    opt("force", '\0', N),
    opt("log-in", 'I', V),
    opt("log-out", 'O', V),
    opt("log-io", 'B', V),
    opt("log-timing", 'T', V),
    opt("logging-format", 'm', V),
    opt("output-limit", 'o', V),
    opt("quiet", 'q', N),
    opt("timing", 't', O),
    opt("help", 'h', N),
    opt("version", 'V', N),
];

const XARGS: &[Spec] = &[
    opt("null", '0', N),
    opt("arg-file", 'a', V),
    opt("delimiter", 'd', V),
    opt("E", 'E', V),
    opt("eof", 'e', O),
    opt("I", 'I', V),
    opt("replace", 'i', O),
    opt("L", 'L', V),
    opt("max-lines", 'l', O),
    opt("max-args", 'n', V),
    opt("open-tty", 'o', N),
    opt("max-procs", 'P', V),
    opt("interactive", 'p', N),
    opt("process-slot-var", '\0', V),
    opt("no-run-if-empty", 'r', N),
    opt("max-chars", 's', V),
    opt("show-limits", '\0', N),
    opt("verbose", 't', N),
    opt("exit", 'x', N),
    opt("help", '\0', N),
    opt("version", '\0', N),
];
