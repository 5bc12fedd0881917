//! Wrappers that only start their operands, in short form: letters as getopt(3) writes them, long names with `=`
//! for a value and `?` for an optional one. From their manuals; a row says what is special.

use super::brief::{Brief, Runs};

const fn row(
    names: &'static [&'static str],
    verbs: &'static [&'static str],
    letters: &'static str,
    long: &'static [&'static str],
    operands: usize,
    runs: Runs,
) -> Brief {
    Brief { names, verbs, letters, long, operands, runs }
}

const HELP: &[&str] = &["help", "version"];
const NONE: &[&str] = &[];

pub static BRIEF: &[Brief] = &[
    // Around one process: tracing, limits, priorities, signals.
    row(&["ltrace"], NONE, "a:A:bcCD:e:fF:hil:Ln:o:p:rs:StTu:Vw:x:", &["align=", "config=", "debug=", "demangle", "indent=", "help", "library=", "no-signals", "output=", "where=", "version"], 0, Runs::Words),
    row(&["chronic"], NONE, "evh", HELP, 0, Runs::Words),
    row(&["unbuffer"], NONE, "p", NONE, 0, Runs::Words),
    row(&["nocache"], NONE, "n:", NONE, 0, Runs::Words),
    row(&["cpulimit"], NONE, "l:p:e:P:zivqbfmh", &["limit=", "pid=", "exe=", "path=", "lazy", "include-children", "verbose", "quiet", "background", "foreground", "monitor-forks", "help"], 0, Runs::Words),
    row(&["prlimit"], NONE, "p:o:c::d::e::f::i::l::m::n::q::r::s::t::u::v::x::y::hV", &["pid=", "output=", "noheadings", "raw", "verbose", "core?", "data?", "nice?", "fsize?", "sigpending?", "memlock?", "rss?", "nofile?", "msgqueue?", "rtprio?", "stack?", "cpu?", "nproc?", "as?", "locks?", "rttime?", "help", "version"], 0, Runs::Words),
    row(&["numactl"], NONE, "i:p:N:C:m:lsHbavVho:P:w:", &["interleave=", "preferred=", "preferred-many=", "weighted-interleave=", "cpunodebind=", "physcpubind=", "membind=", "localalloc", "show", "hardware", "balancing", "all", "cpubind=", "help", "version"], 0, Runs::Words),
    row(&["cgexec"], NONE, "g:bch", &["sticky", "help"], 0, Runs::Words),
    row(&["caffeinate"], NONE, "disut:w:m", NONE, 0, Runs::Words),
    row(&["setpriv"], NONE, "dhV", &["dump", "clear-groups", "keep-groups", "init-groups", "groups=", "inh-caps=", "ambient-caps=", "bounding-set=", "list-caps", "no-new-privs", "nnp", "rgid=", "ruid=", "egid=", "euid=", "reuid=", "regid=", "ruidgid=", "securebits=", "pdeathsig=", "selinux-label=", "apparmor-profile=", "landlock-access=", "landlock-rule=", "reset-env", "help", "version"], 0, Runs::Words),
    row(&["dumb-init"], NONE, "cr:vhV", &["single-child", "rewrite=", "verbose", "help", "version"], 0, Runs::Words),
    row(&["tini", "tini-static"], NONE, "gsvwhp:e:l", &["version"], 0, Runs::Words),
    row(&["faketime"], NONE, "mfp:h", &["date-prog=", "exclude-monotonic", "disable-shm", "help", "version"], 1, Runs::Words),
    row(&["systemd-inhibit"], NONE, "h", &["what=", "who=", "why=", "mode=", "list", "no-pager", "no-legend", "no-ask-password", "help", "version"], 0, Runs::Words),
    row(&["systemd-cat"], NONE, "t:p:h", &["identifier=", "priority=", "stderr-priority=", "level-prefix=", "namespace=", "help", "version"], 0, Runs::Words),
    row(&["setarch"], &["*"], "BFILRSTXZ3hVv", &["32bit", "fdpic-funcptrs", "short-inode", "addr-compat-layout", "addr-no-randomize", "whole-seconds", "sticky-timeouts", "read-implies-exec", "mmap-page-zero", "3gb", "4gb", "uname-2.6", "verbose", "list", "show?", "help", "version"], 0, Runs::Words),
    row(&["linux32", "linux64", "i386", "x86_64"], NONE, "BFILRSTXZ3hVv", &["32bit", "addr-no-randomize", "addr-compat-layout", "uname-2.6", "verbose", "help", "version"], 0, Runs::Words),
    row(&["torsocks", "torify"], NONE, "diu:p:a:Pqh", &["isolate", "user=", "pass=", "address=", "port=", "debug", "quiet", "help", "version", "shell"], 0, Runs::Words),
    row(&["proxychains", "proxychains4"], NONE, "qf:", NONE, 0, Runs::Words),
    row(&["dbus-run-session"], NONE, "h", &["config-file=", "dbus-daemon=", "help", "version"], 0, Runs::Words),
    row(&["dbus-launch"], NONE, "h", &["exit-with-session", "exit-with-x11", "auto-syntax", "sh-syntax", "csh-syntax", "binary-syntax", "close-stderr", "config-file=", "autolaunch=", "help", "version"], 0, Runs::Words),
    row(&["xvfb-run"], NONE, "ae:f:hln:p:s:w:", &["auto-servernum", "error-file=", "auth-file=", "listen-tcp", "server-num=", "xauth-protocol=", "server-args=", "wait=", "help"], 0, Runs::Words),
    row(&["ssh-agent"], NONE, "a:cDdE:kO:P:st:xuU", NONE, 0, Runs::Words),
    row(&["retry"], NONE, "t:s:m:x:d:u:r:hqv", &["tries=", "times=", "sleep=", "min=", "max=", "delay=", "until=", "fail=", "quiet", "verbose", "help", "version"], 0, Runs::Words),
    row(&["perf"], &["stat", "record", "trace"], "e:o:r:p:t:C:aI:vgF:c:dDniqBSsx:A", &["event=", "output=", "repeat=", "pid=", "tid=", "cpu=", "all-cpus", "call-graph=", "freq=", "count=", "verbose", "null", "delay=", "field-separator=", "per-core", "per-socket", "no-big-num", "detailed"], 0, Runs::Words),
    row(&["valgrind", "firejail", "catchsegv", "pv-run"], NONE, "*", NONE, 0, Runs::Words),
    row(&["ld.so", "ld-linux.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "ld-linux-armhf.so.3", "ld-musl-x86_64.so.1", "ld-musl-aarch64.so.1"], NONE, "", &["list", "verify", "inhibit-cache", "library-path=", "inhibit-rpath=", "audit=", "preload=", "argv0=", "glibc-hwcaps-prepend=", "glibc-hwcaps-mask=", "list-tunables", "list-diagnostics", "help", "version"], 0, Runs::Words),
    // A line for a shell.
    row(&["sg"], NONE, "", NONE, 1, Runs::AfterC),
    row(&["hyperfine"], NONE, "w:r:m:M:p:s:c:C:Ni:S:n:u:o:h", &["warmup=", "runs=", "min-runs=", "max-runs=", "prepare=", "setup=", "cleanup=", "conclude=", "shell=", "ignore-failure?", "style=", "sort=", "time-unit=", "export-json=", "export-csv=", "export-markdown=", "show-output", "output=", "input=", "command-name=", "help", "version"], 0, Runs::Lines),
    row(&["watchexec"], NONE, "e:w:i:f:s:d:o:crvqnp1E:W:", &["exts=", "watch=", "ignore=", "filter=", "signal=", "stop-signal=", "debounce=", "on-busy-update=", "clear?", "restart", "postpone", "quiet", "verbose", "no-vcs-ignore", "no-project-ignore", "no-default-ignore", "env=", "workdir=", "notify", "timings", "help", "version"], 0, Runs::Line),
    row(&["entr"], NONE, "acdnprszx", NONE, 0, Runs::Entr),
    // Another root, another machine: nothing here is what they see.
    row(&["proot"], NONE, "r:b:m:q:w:v:k:0i:R:S:hVlp:", &["rootfs=", "bind=", "mount=", "qemu=", "cwd=", "pwd=", "verbose=", "kernel-release=", "root-id", "change-id=", "link2symlink", "kill-on-exit", "help", "version", "about"], 0, Runs::Root),
    row(&["nsenter"], NONE, "at:m::u::i::n::p::C::U::T::S:G:r::w::W:eFZhVcN:", &["all", "target=", "mount?", "uts?", "ipc?", "net?", "pid?", "cgroup?", "user?", "time?", "setuid=", "setgid=", "preserve-credentials", "keep-caps", "root?", "wd?", "wdns=", "env", "no-fork", "join-cgroup", "user-parent", "net-socket=", "follow-context", "help", "version"], 0, Runs::Namespace),
    row(&["systemd-run"], NONE, "u:p:H:M:E:tPqGdSrh", &["unit=", "property=", "description=", "slice=", "slice-inherit", "service-type=", "uid=", "gid=", "nice=", "working-directory=", "same-dir", "root-directory=", "setenv=", "pty", "pty-late", "pipe", "quiet", "json=", "collect", "shell", "remain-after-exit", "send-sighup", "wait", "no-block", "no-ask-password", "scope", "user", "system", "host=", "machine=", "capsule=", "expand-environment=", "job-mode=", "ignore-failure", "background=", "on-active=", "on-boot=", "on-startup=", "on-unit-active=", "on-unit-inactive=", "on-calendar=", "on-clock-change", "on-timezone-change", "path-property=", "socket-property=", "timer-property=", "help", "version", "no-pager"], 0, Runs::Systemd),
    row(&["machinectl"], &["shell"], "p:lqE:H:M:s:h", &["uid=", "setenv=", "host=", "machine=", "quiet", "no-pager", "help", "version"], 1, Runs::Elsewhere("a machine of machinectl")),
    row(&["toolbox"], &["run"], "c:d:r:hv", &["container=", "distro=", "release=", "preserve-fds=", "help"], 0, Runs::Elsewhere("a toolbox container")),
    row(&["distrobox", "distrobox-enter"], &["enter"], "n:ea:vTYhnw:", &["name=", "root", "additional-flags=", "verbose", "no-tty", "clean-path", "no-workdir", "help", "version"], 0, Runs::AfterDashes("a distrobox container")),
    row(&["flatpak-spawn"], NONE, "", &["host", "verbose", "forward-fd=", "clear-env", "watch-bus", "env=", "unset-env=", "latest-version", "no-network", "sandbox", "directory=", "help"], 0, Runs::Words),
    // An environment made by another program.
    row(&["direnv"], &["exec"], "", NONE, 1, Runs::Around("direnv sets the variables of that directory")),
    row(&["aws-vault"], &["exec"], "d:njts", &["duration=", "no-session", "region=", "mfa-token=", "json", "server", "ec2-server", "ecs-server", "lazy", "stdout", "backend=", "prompt=", "debug", "help"], 1, Runs::Profile),
    row(&["chamber"], &["exec"], "b:k:r:v", &["backend=", "kms-key-alias=", "pristine", "strict", "strict-value=", "retries=", "verbose", "help"], 1, Runs::AfterDashesAround("chamber sets variables from its store")),
    row(&["envchain"], NONE, "lnsv", &["list", "set", "unset"], 1, Runs::Around("envchain sets variables from the keychain")),
    row(&["envdir"], NONE, "", NONE, 1, Runs::Around("envdir sets the variables of that directory")),
    row(&["doppler", "infisical", "op", "teller", "bws"], &["run"], "p:c:t:h", &["project=", "config=", "token=", "env-file=", "env=", "path=", "account=", "no-masking", "preserve-env?", "fallback=", "only-secrets=", "silent", "watch", "command=", "projectId=", "recursive", "help"], 0, Runs::Around("it sets variables from a store of secrets")),
    row(&["dotenv", "dotenvx"], &["run", ""], "e:f:q:x:vp:o", &["env-file=", "file=", "quote=", "override", "no-override", "help", "version", "overload"], 0, Runs::Around("it sets variables from a file")),
    row(&["poetry"], &["run"], "C:P:nqvhV", &["directory=", "project=", "no-interaction", "no-plugins", "no-cache", "quiet", "verbose", "ansi", "no-ansi", "help", "version"], 0, Runs::Words),
    row(&["pipenv"], &["run"], "vqh", &["python=", "pypi-mirror=", "system", "site-packages", "quiet", "verbose", "help", "version"], 0, Runs::Words),
    row(&["uv"], &["run"], "p:w:mqvnsh", &["with=", "with-requirements=", "with-editable=", "python=", "package=", "project=", "directory=", "extra=", "group=", "only-group=", "no-group=", "env-file=", "index=", "index-url=", "extra-index-url=", "find-links=", "cache-dir=", "config-file=", "resolution=", "refresh-package=", "module", "script", "gui-script", "no-sync", "frozen", "locked", "isolated", "no-project", "no-dev", "dev", "only-dev", "all-extras", "all-groups", "all-packages", "active", "exact", "no-env-file", "no-editable", "no-config", "no-cache", "offline", "quiet", "verbose", "no-progress", "native-tls", "refresh", "help"], 0, Runs::Words),
    row(&["pdm", "rye", "pixi", "rtx"], &["run"], "p:e:svqh", &["project=", "env-file=", "environment=", "manifest-path=", "site-packages", "quiet", "verbose", "frozen", "locked", "help"], 0, Runs::Words),
    row(&["bundle", "rbenv", "pyenv", "nodenv", "jenv", "goenv", "asdf"], &["exec"], "", &["keep-file-descriptors", "gemfile=", "no-color", "verbose", "help"], 0, Runs::Words),
    row(&["rustup", "volta"], &["run"], "hv", &["install", "node=", "npm=", "pnpm=", "yarn=", "bundled-npm", "env=", "help"], 1, Runs::Words),
    row(&["fnm"], &["exec"], "", &["using=", "using-file", "help"], 0, Runs::Words),
    row(&["npx", "pnpx", "bunx"], NONE, "yqp:c:w:h", &["yes", "no", "no-install", "package=", "call=", "workspace=", "workspaces", "quiet", "bun", "ignore-existing", "help", "version"], 0, Runs::Words),
    row(&["npm"], &["exec", "x"], "yp:c:w:h", &["yes", "no", "package=", "call=", "workspace=", "workspaces", "silent", "prefix=", "help"], 0, Runs::Words),
    row(&["pnpm"], &["exec"], "C:F:rc", &["dir=", "filter=", "recursive", "parallel", "shell-mode", "workspace-root", "silent", "help"], 0, Runs::Words),
    row(&["yarn"], &["exec"], "h", &["cwd=", "silent", "help"], 0, Runs::Words),
    row(&["lerna"], &["exec"], "", &["scope=", "ignore=", "since=", "concurrency=", "stream", "parallel", "no-bail", "no-prefix", "help"], 0, Runs::Words),
    row(&["conda", "mamba", "micromamba"], &["run"], "n:p:vhr:", &["name=", "prefix=", "cwd=", "root-prefix=", "no-capture-output", "live-stream", "dev", "debug-wrapper-scripts", "attach=", "detach", "clean-env", "env=", "help"], 0, Runs::Words),
    row(&["mise"], &["exec", "x"], "C:c:j:qvyh", &["cd=", "command=", "jobs=", "raw", "env=", "quiet", "verbose", "yes", "help"], 0, Runs::AfterDashesAround("mise sets the variables of this directory")),
    row(&["guix"], &["shell", "environment"], "f:m:e:D:p:CNFWr:hvL:", &["file=", "manifest=", "expression=", "development", "profile=", "pure", "preserve=", "container", "network", "emulate-fhs", "check", "root=", "help"], 0, Runs::AfterDashesAround("guix sets the environment")),
    row(&["nix"], &["develop", "shell"], "f:iku:vLc", &["command", "ignore-environment", "keep=", "unset=", "file=", "impure", "offline", "verbose", "print-build-logs", "refresh", "accept-flake-config", "help", "extra-experimental-features=", "experimental-features=", "profile="], 0, Runs::AfterC),
    row(&["nix-shell"], NONE, "A:p:i:I:E:Qjkvh", &["attr=", "packages=", "pure", "run=", "command=", "keep=", "expr=", "exclude=", "verbose", "quiet", "help", "version"], 0, Runs::Option("--run")),
    row(&["devbox", "devenv"], &["run", "shell"], "c:qe:h", &["config=", "quiet", "env=", "env-file=", "pure", "environment=", "help"], 0, Runs::AfterDashesAround("it sets the project's environment")),
];
