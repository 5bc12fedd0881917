//! Wrappers as a whole: command lines in, inner commands out.

use super::super::through::{Start, through};
use super::xargs::items;
use crate::invocation::{Environment, Invocation, Stdin};
use crate::reading::Does;
use std::ffi::OsString;

fn invocation(line: &str) -> Invocation {
    let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let environment = Environment::from_pairs([
        ("HOME", "/home/dev"),
        ("KUBECONFIG", "/k"),
        ("PGHOST", "prod-db"),
        ("LANG", "C"),
    ]);
    Invocation::here(argv, Stdin::TooMuch).expect("a working directory").with_environment(environment)
}

fn start(line: &str) -> Option<Start> {
    through(&invocation(line), None).expect("a wrapper").starts.into_iter().next()
}

fn inner(line: &str) -> String {
    start(line).map_or_else(String::new, |s| {
        s.invocation.argv().iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
    })
}

#[test]
fn options_and_their_values_are_passed_over() {
    for wrapper in [
        "env",
        "env -i",
        "env -u HOME -C / A=b",
        "env -",
        "env --unset=HOME --chdir / A=b C=d",
        "nice",
        "nice -n 5",
        "nice -5",
        "nice -19",
        "nice --adj 5",
        "nohup",
        "timeout 5",
        "timeout -s KILL -k 1 5",
        "timeout --preserve-status --sig=KILL 5",
        "setsid -w",
        "stdbuf -oL -e 0",
        "ionice -c 2 -n 7",
        "ionice -c2 -t",
        "chrt -f 10",
        "chrt --sched-runtime 5 -d 0",
        "taskset -c 0",
        "taskset 0x1",
        "time -p",
        "time -f %e -o out",
        "strace -f -o out -e trace=open",
        "flock -n -w 5 lock",
        "unshare -m --map-root-user",
        "chroot / ",
        "sudo",
        "sudo -u dev -nH",
        "sudo -udev --",
        "sudo --us dev A=b",
        "doas -u dev -n",
        "runuser -u dev --",
        "gosu dev",
        "busybox",
        "watch -n 1 -x",
    ] {
        let line = format!("{} kubectl delete ns a", wrapper.trim_end());
        assert_eq!(inner(&line), "kubectl delete ns a", "{line}");
    }
}

#[test]
fn a_string_for_a_shell_is_kept_whole() {
    let words = |argv: &[&str]| {
        let argv = argv.iter().map(OsString::from).collect();
        let found = through(&invocation("x").with_argv(argv), None).expect("a wrapper");
        found.starts[0].invocation.argv().iter().map(|w| w.to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(words(&["flock", "l", "-c", "a b"]), ["sh", "-c", "a b"]);
    assert_eq!(words(&["su", "dev", "-c", "a b"]), ["sh", "-c", "a b"]);
    assert_eq!(words(&["su", "-", "dev", "-c", "a b", "x"]), ["sh", "-c", "a b", "x"]);
    assert_eq!(words(&["script", "-qc", "a b", "/dev/null"]), ["sh", "-c", "a b"]);
    assert_eq!(words(&["watch", "a", "b"]), ["sh", "-c", "a b"]);
    assert_eq!(words(&["sudo", "-s", "a b", "c;"]), ["sh", "-c", "a\\ b c\\;"]);
    assert_eq!(words(&["env", "-iS", "a 'b c'", "d"]), ["a", "b c", "d"]);
    assert_eq!(words(&["env", "-Sa b", "d"]), ["a", "b", "d"]);
}

#[test]
fn an_option_that_is_not_known_is_unsure() {
    for line in ["nice --nope rm x", "sudo -Z rm x", "env --nope rm x", "timeout --s-not 5 rm x"] {
        assert!(
            matches!(through(&invocation(line), None).expect("a wrapper").command.does, Does::Unsure(_)),
            "{line}"
        );
    }
    for line in ["sudo -l rm x", "sudo -v", "nice", "env", "taskset -p 1", "nice --help", "sudo -k"] {
        assert!(inner(line).is_empty(), "{line}");
    }
}

#[test]
fn sudo_drops_the_callers_environment() {
    let after = |line: &str| start(line).expect("a command").invocation;
    let plain = after("sudo kubectl get");
    assert_eq!((plain.var("KUBECONFIG"), plain.var("PGHOST")), (None, None));
    assert_eq!((plain.var("HOME").as_deref(), plain.user()), (Some("/root"), Some("root")));
    assert_eq!(plain.var("LANG").as_deref(), Some("C"));
    assert_eq!(after("sudo KUBECONFIG=/x kubectl get").var("KUBECONFIG").as_deref(), Some("/x"));
    let listed = after("sudo --preserve-env=KUBECONFIG,HOME kubectl get");
    assert_eq!((listed.var("KUBECONFIG").as_deref(), listed.var("PGHOST")), (Some("/k"), None));
    let all = after("sudo -E kubectl get");
    assert_eq!(
        (all.var("PGHOST").as_deref(), all.var("HOME").as_deref()),
        (Some("prod-db"), Some("/home/dev"))
    );
    assert_eq!(after("sudo -EH kubectl get").var("HOME").as_deref(), Some("/root"));
    assert!(start("sudo -u nobody-of-that-name kubectl get").expect("a command").doubt.is_some());
    assert_eq!(after("sudo -i kubectl get").cwd(), std::path::Path::new("/root"));
}

#[test]
fn env_changes_what_it_says() {
    let after = |line: &str| start(line).expect("a command").invocation;
    assert_eq!(after("env -i A=b kubectl").var("KUBECONFIG"), None);
    assert_eq!(after("env - A=b kubectl").var("A").as_deref(), Some("b"));
    assert_eq!(after("env -u KUBECONFIG kubectl").var("KUBECONFIG"), None);
    assert_eq!(after("env -C /tmp kubectl").cwd(), std::path::Path::new("/tmp"));
}

#[test]
fn xargs_cuts_words_as_it_does() {
    let cut = |text: &str| -> Vec<String> {
        let found = items(text.as_bytes(), None, false, None).expect("words");
        found.into_iter().map(|i| String::from_utf8_lossy(&i).into_owned()).collect()
    };
    assert_eq!(cut("a 'b c' \"d e\"\nf\\ g"), ["a", "b c", "d e", "f g"]);
    assert_eq!(cut("  a\n\n\tb "), ["a", "b"]);
    assert!(items(b"a 'b", None, false, None).is_err());
    assert_eq!(items(b"a b\0c\0", Some(0), false, None).expect("words"), [b"a b".to_vec(), b"c".to_vec()]);
    assert_eq!(items(b" a b\nc", None, true, None).expect("words"), [b"a b".to_vec(), b"c".to_vec()]);
}

#[test]
fn xargs_without_known_input_is_in_doubt() {
    let found = start("xargs -n 1 rm -rf").expect("a command");
    assert_eq!(found.doubt.map(|d| d.first), Some(2));
    let found = start("xargs -I% sh -c rm_%").expect("a command");
    assert_eq!(found.doubt.map(|d| d.first), Some(2));
    assert!(start("xargs -p rm").is_none());
}

#[test]
fn code_that_starts_programs_is_followed_or_unsure() {
    let code = |program: &str, flag: &str, code: &str| {
        let argv = [program, flag, code].iter().map(OsString::from).collect();
        through(&invocation("x").with_argv(argv), None).expect("an interpreter")
    };
    for (program, flag, text) in [
        ("python3", "-c", "import os; os.system('rm x')"),
        ("python3.11", "-c", "import subprocess; subprocess.run(['sh', '-c', 'rm x'])"),
        ("perl", "-e", "system(\"rm x\")"),
        ("ruby", "-e", "system 'rm x'"),
        ("php", "-r", "passthru('rm x');"),
    ] {
        let found = code(program, flag, text);
        assert_eq!(found.starts.len(), 1, "{text}");
        assert_eq!(found.starts[0].invocation.argv()[2], "rm x", "{text}");
    }
    for text in ["import os; os.system(x)", "exec(input())", "__import__('o'+'s')", "os.execvp('rm', ['rm'])"]
    {
        assert!(matches!(code("python3", "-c", text).command.does, Does::Unsure(_)), "{text}");
    }
    assert_eq!(code("python3", "-c", "print(1)").command.does, Does::Acts);
}

#[test]
fn text_of_powershell_is_followed_or_unsure() {
    let found = |words: &[&str]| {
        let argv = words.iter().map(OsString::from).collect();
        through(&invocation("x").with_argv(argv), None).expect("a shell")
    };
    let started = |words: &[&str]| {
        let through = found(words);
        assert!(!matches!(through.command.does, Does::Unsure(_)), "{words:?}");
        let line =
            |s: &Start| s.invocation.argv().iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ");
        through.starts.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        started(&["pwsh", "-NoP", "-Command", "kubectl delete ns a; rm -rf 'b c'"]),
        ["kubectl delete ns a", "rm -rf b c"]
    );
    assert_eq!(started(&["pwsh", "-c", "rm", "-rf", "x"]), ["rm -rf x"]);
    assert_eq!(started(&["powershell.exe", "git", "push", "--force"]), ["git push --force"]);
    for words in [
        &["pwsh", "-c", "Get-Process | Sort-Object CPU | Select-Object -First 5"][..],
        &["pwsh", "-nologo", "-c", "$PSVersionTable.PSVersion"],
        &["pwsh", "--version"],
        &["pwsh", "x.ps1", "-c", "rm"],
        &["pwsh", "-wd", "/srv", "-File", "x.ps1"],
    ] {
        assert!(started(words).is_empty(), "{words:?}");
    }
    for words in [
        &["pwsh", "-Command", "Remove-Item -Recurse x"][..],
        &["pwsh", "-com", "ri x"],
        &["pwsh", "-c", "& $program x"],
        &["pwsh", "-c", "Get-Content x | iex"],
        &["pwsh", "-c", "Get-Item $(rm x)"],
        &["pwsh", "-c", "rm \"$home\""],
        &["pwsh", "-c", "Get-ChildItem | ForEach-Object { rm $_ }"],
        &["pwsh", "-enc", "cgBtAA=="],
        &["pwsh", "-unknown", "-c", "rm x"],
    ] {
        assert!(matches!(found(words).command.does, Does::Unsure(_)), "{words:?}");
    }
}
