//! Whole command lines through the reader.

use super::read;
use crate::invocation::{Environment, Invocation, Stdin};
use crate::reading::{Command, Does};
use std::ffi::OsString;
use std::path::Path;

fn invocation(words: &[&str], environment: &[(&str, &str)]) -> Invocation {
    let argv = std::iter::once("kubectl").chain(words.iter().copied()).map(OsString::from).collect();
    let invocation = Invocation::here(argv, Stdin::Terminal).expect("a working directory");
    let home = [("HOME", "/nonexistent"), ("PATH", "/nonexistent")];
    invocation
        .with_environment(Environment::from_pairs(environment.iter().copied().chain(home)))
        .with_cwd(Path::new("/nonexistent").to_owned())
}

fn command(line: &str) -> Command {
    let words: Vec<&str> = line.split(' ').collect();
    read(&invocation(&words, &[])).commands.remove(0)
}

fn traits(line: &str, name: &str) -> String {
    command(line).traits.values(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_dry_run_is_one_only_when_kubectl_takes_it_so() {
    for (value, dry) in [
        ("", "client"),
        ("=client", "client"),
        ("=server", "server"),
        ("=true", "client"),
        ("=unchanged", "client"),
        ("=none", ""),
        ("=false", ""),
        ("=client --dry-run=none", ""),
        ("=none --dry-run", "client"),
        (" client", "client"),
    ] {
        assert_eq!(traits(&format!("delete pod x --dry-run{value}"), "dry-run"), dry, "{value}");
    }
    assert_eq!(traits("delete pod x -- --dry-run=client", "dry-run"), "");
    assert_eq!(traits("delete --raw /api/v1/namespaces/a --dry-run=client", "dry-run"), "");
    assert_eq!(traits("rollout restart deploy/web --dry-run=client", "dry-run"), "");
    for refused in ["delete pod x --dry-run=Client", "delete pod x --dry-run="] {
        assert!(matches!(command(refused).does, Does::Nothing(_)), "{refused}");
    }
}

#[test]
fn what_kubectl_refuses_before_it_deletes() {
    for line in [
        "delete",
        "delete pod",
        "delete pods --all=false",
        "delete pod x -A",
        "delete pods x --all",
        "delete pod x -l a=b",
        "delete -f a b",
        "delete -f a -k b",
        "delete DEPLOY web",
        "delete pod/x y",
        "delete pod x --cascade=no",
        "delete pod x --force --grace-period=3",
        "delete pod x --wait=no",
        "--all delete pods",
        "-h delete pod x",
        "",
        "scale deploy/web",
        "scale --replicas=x deploy/web",
        "drain",
        "patch deploy web",
        "rollout frob",
        "del pod x",
        "delete --raw /api/v1/namespaces/a b",
        "-- delete pod x",
        "cp a",
        "delete pods -l a=b --all",
        "help delete pod x",
    ] {
        let does = command(line).does;
        assert!(
            matches!(does, Does::Nothing(_)) || line.starts_with("help") || line.starts_with("rollout"),
            "{line}: {does:?}"
        );
    }
    for line in
        ["delete pod x", "delete pods --all", "delete pods -l a=b -A", "delete -f a", "delete pod x y --now"]
    {
        assert_eq!(command(line).does, Does::Acts, "{line}");
    }
}

#[test]
fn names_of_verbs_elsewhere_are_no_verbs() {
    for line in [
        "get pods -l run=delete",
        "auth can-i delete pods",
        "-n delete get pods",
        "logs delete",
        "explain delete",
    ] {
        let read = command(line);
        assert!(read.verb != "delete" && read.does == Does::Acts, "{line}");
    }
}

#[test]
fn commands_that_only_read_touch_no_file() {
    for line in [
        "get pods",
        "logs web",
        "describe pod x --unheard-of",
        "config view",
        "version",
        "top pod",
        "diff -f x.yaml",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let invocation = invocation(&words, &[("KUBECTL_KUBERC", "true")]);
        let reading = read(&invocation);
        assert_eq!(reading.commands[0].does, Does::Acts, "{line}");
        assert!(invocation.inputs().list().is_empty(), "{line}");
    }
}

#[test]
fn completion_does_nothing_whatever_follows() {
    for line in
        ["__complete delete ns a", "__completeNoDesc delete ns ", "--context prod __complete delete pod"]
    {
        assert!(matches!(command(line).does, Does::Nothing(_)), "{line}");
    }
}

#[test]
fn what_is_not_known_is_unsure() {
    for line in ["delete pod x --unheard-of", "--unheard-of x delete ns a", "delete pod x -Z"] {
        assert!(matches!(command(line).does, Does::Unsure(_)), "{line}: {:?}", command(line).does);
    }
}

#[test]
fn capacity_taken_away_is_seen_in_every_spelling() {
    for words in [
        &["scale", "--replicas=00", "deploy/web"][..],
        &["--replicas", "0", "scale", "deploy/web"],
        &["patch", "deploy", "web", "-p", "spec:\n  replicas: 0"],
        &["patch", "deploy", "web", "-p", "{\"spec\":{\"replicas\":0}}"],
        &[
            "patch",
            "deploy",
            "web",
            "--type=json",
            "-p",
            "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":0}]",
        ],
        &["patch", "deploy", "web", "--type", "merge", "-p={spec: {replicas: 0x0}}"],
    ] {
        let read = read(&invocation(words, &[])).commands.remove(0);
        assert!(read.traits.has("form", "replicas-zero"), "{words:?}");
    }
    for words in [
        &["patch", "pvc", "d", "-p", "{\"metadata\":{\"finalizers\":null}}"][..],
        &["patch", "pvc", "d", "--type=merge", "-p", "{\"metadata\":{\"finalizers\":[]}}"],
        &["patch", "db/x", "--type=json", "-p", "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers/0\"}]"],
    ] {
        let read = read(&invocation(words, &[])).commands.remove(0);
        assert!(read.traits.has("form", "finalizers-removed"), "{words:?}");
    }
    assert_eq!(traits("taint nodes n1 k=v:NoExecute", "form"), "no-execute");
    assert_eq!(traits("taint nodes n1 k:NoExecute-", "form"), "");
    assert!(matches!(command("patch deploy web -p {a:[").does, Does::Unsure(_)));
}

#[test]
fn a_plugin_is_a_program_of_its_own() {
    for (line, argv) in [
        ("frob x --all", &["kubectl-frob", "x", "--all"][..]),
        ("view-secret a", &["kubectl-view_secret", "a"]),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let reading = read(&invocation(&words, &[("PATH", "/dev/null")]));
        let [start] = reading.starts.as_slice() else { panic!("{line}: {reading:?}") };
        assert_eq!(start.invocation.argv(), argv, "{line}");
        assert!(start.doubt.as_ref().is_some_and(|d| d.unless_covered), "{line}");
    }
    let directory = std::env::temp_dir().join(format!("guard-plugins-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("scratch");
    for name in ["kubectl-create-frob", "kubectl-a-b"] {
        std::fs::write(directory.join(name), "").expect("scratch");
    }
    let path = directory.to_string_lossy().into_owned();
    let runs = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let reading = read(&invocation(&words, &[("PATH", &path)]));
        crate::text::quote_line(reading.starts[0].invocation.argv())
    };
    assert_eq!(runs("create frob x --all"), "kubectl-create-frob x --all");
    assert_eq!(runs("a b c -x"), "kubectl-a-b c -x");
    assert_eq!(runs("a c"), "kubectl-a c");
    assert!(read(&invocation(&["--all", "frob", "x"], &[])).starts.is_empty());
    assert!(read(&invocation(&["delte", "x"], &[])).starts.is_empty());
}

fn started(line: &str, stdin: Stdin) -> (Vec<OsString>, Stdin, bool) {
    let words: Vec<&str> = line.split(' ').collect();
    let start = read(&invocation(&words, &[]).with_stdin(stdin)).starts.remove(0);
    let stdin = start.invocation.stdin().clone();
    (start.invocation.argv().to_vec(), stdin, start.doubt.is_some())
}

#[test]
fn a_script_of_the_container_is_an_unknown_program() {
    let starts = |words: &[&str]| read(&invocation(words, &[])).starts.len();
    assert_eq!(starts(&["exec", "web-1", "--", "sh", "/opt/x.sh", "-c"]), 0);
    assert_eq!(starts(&["run", "x", "--image=b", "--dry-run=client", "--", "rm", "x"]), 0);
    assert_eq!(starts(&["create", "job", "x", "--image=b"]), 0);
    for words in [
        &["exec", "web-1", "--", "sh", "-c", "ls"][..],
        &["exec", "-i", "web-1", "--", "bash", "-s", "x"],
        &["exec", "-i", "web-1", "--", "sh", "/dev/stdin"],
        &["exec", "web-1", "--", "bash", "-o", "pipefail", "-c", "ls"],
    ] {
        assert_eq!(starts(words), 1, "{words:?}");
    }
}

#[test]
fn what_runs_in_a_container_is_started_there() {
    let words = ["exec", "-it", "web-1", "-c", "c", "--", "sh", "-c", "rm -rf /data"];
    let reading = read(&invocation(&words, &[]));
    assert_eq!(reading.starts[0].invocation.argv(), ["sh", "-c", "rm -rf /data"]);
    assert_eq!(reading.starts[0].invocation.place(), Some("the container of pod/web-1"));
    assert_eq!(traits("exec -it web-1 -- bash", "form"), "interactive");
    assert_eq!(traits("exec web-1 -- ls /", "form"), "inner-other");
    assert_eq!(traits("exec web-1 -- kill 1", "form"), "inner-destructive");
    let form = |script: &str| {
        let words = ["exec", "web-1", "--", "sh", "-ec", script];
        read(&invocation(&words, &[])).commands[0].traits.has("form", "inner-destructive")
    };
    assert!(form("kill -9 $(pidof java)") && form("if x; then /bin/pkill java; fi"));
    assert!(!form("echo kill; ls") && !form("cat kill"));
    for (line, argv) in [
        ("exec web-1 rm x", &["rm", "x"][..]),
        ("debug web-1 --image=b -- env", &["env"]),
        ("run x --image=b -- psql -c x", &["psql", "-c", "x"]),
        ("exec -f pod.yaml -- ls", &["ls"]),
        ("create job x --image=b -- rm -rf /data", &["rm", "-rf", "/data"]),
    ] {
        assert_eq!(started(line, Stdin::Terminal).0, argv, "{line}");
    }
    for (line, alarming) in [
        ("exec web-1 -- ./manage.py migrate", false),
        ("exec web-1 -- prog --version", false),
        ("exec web-1 -- env", false),
        ("exec web-1 -- rm x", true),
        ("exec web-1 -- redis-cli flushall", true),
        ("exec web-1 -- redis-cli ping", false),
    ] {
        assert_eq!(started(line, Stdin::Terminal).2, alarming, "{line}");
    }
}

#[test]
fn objects_on_standard_input_wait_for_it() {
    let input = |line: &str, stdin: Stdin| {
        let words: Vec<&str> = line.split(' ').collect();
        let command = read(&invocation(&words, &[]).with_stdin(stdin)).commands.remove(0);
        command.traits.has("input", "stdin-unread")
    };
    for line in ["delete -f -", "apply -f a.yaml,-", "replace --force --filename=-"] {
        assert!(input(line, Stdin::Unread), "{line}");
        assert!(!input(line, Stdin::Content([].into())) && !input(line, Stdin::TooMuch), "{line}");
    }
    for line in ["get -f -", "delete -f a.yaml", "delete pod x"] {
        assert!(!input(line, Stdin::Unread), "{line}");
    }
}

#[test]
fn a_script_for_the_pod_needs_standard_input_handed_on() {
    assert!(matches!(started("exec -i web-1 -- sh", Stdin::Unread).1, Stdin::Unread));
    let piped = Stdin::Content(b"DROP TABLE t".as_slice().into());
    assert!(
        matches!(started("exec -i web-1 -- psql app", piped).1, Stdin::Content(text) if !text.is_empty())
    );
    assert!(matches!(started("exec web-1 -- sh", Stdin::Unread).1, Stdin::Content(text) if text.is_empty()));
    assert_eq!(traits("exec -it web-1 -- sh", "form"), "interactive");
    let fed = read(&invocation(&["exec", "-i", "web-1", "--", "sh"], &[]).with_stdin(Stdin::Unread));
    assert!(fed.commands[0].traits.has("form", "inner-other"));
}

#[test]
fn kinds_and_scope() {
    assert_eq!(traits("delete ns,pv a", "kind"), "namespace persistentvolume");
    assert_eq!(traits("delete deploy --all -A", "scope"), "all-namespaces");
    assert_eq!(traits("delete crd x", "scope"), "cluster");
    assert_eq!(traits("delete --raw /api/v1/namespaces/payments", "kind"), "namespace");
    assert_eq!(traits("label pods web app=zzz", "kind"), "pod");
    assert_eq!(traits("delete db/main", "kind"), "db");
    assert_eq!(command("delete ns payments").headline, "delete namespace payments");
}
