//! Shells as a whole: scripts in, programs out.

use super::super::through::{Start, Through, through};
use crate::invocation::{Environment, Invocation, Stdin};
use crate::reading::Does;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A directory with a few files, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("guard-shell-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("src")).expect("a scratch directory");
        for file in ["src/a", "src/b", ".env", "sp ace", "-rf", "plain"] {
            fs::write(path.join(file), "x").expect("a scratch file");
        }
        Place(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn invocation(argv: &[&str], at: &Path) -> Invocation {
    let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
    Invocation::here(argv, Stdin::TooMuch)
        .expect("a working directory")
        .with_cwd(at.to_owned())
        .with_environment(Environment::from_pairs([
            ("HOME", "/home/dev"),
            ("PATH", "/usr/bin"),
            ("PROD", "prod"),
        ]))
}

fn read(script: &str, at: &Path) -> Through {
    through(&invocation(&["bash", "-c", script], at), None).expect("a shell")
}

/// Every program that is started in the end, as one text each; `?` in front when something of it is not known.
fn programs(through: &Through) -> Vec<String> {
    let mut out = Vec::new();
    if let Does::Unsure(_) = through.command.does {
        out.push("?".to_owned());
    }
    for Start { invocation, doubt } in &through.starts {
        match super::super::through(invocation, doubt.as_ref()) {
            Some(inner) => out.extend(programs(&inner)),
            None => {
                let words: Vec<_> = invocation.argv().iter().map(|w| w.to_string_lossy()).collect();
                out.push(format!("{}{}", if doubt.is_some() { "?" } else { "" }, words.join("|")));
            }
        }
    }
    out
}

fn found(script: &str) -> Vec<String> {
    programs(&read(script, Path::new("/")))
}

#[track_caller]
fn runs(script: &str, expected: &[&str]) {
    assert_eq!(found(script), expected, "{script}");
}

#[test]
fn quotes_are_removed_from_a_programs_name() {
    for script in
        ["r''m -rf x", "\\rm -rf x", "r\"m\" -r'f' x", "$'\\x72m' -rf x", "r\\\nm -rf x", "\"rm\" -rf x"]
    {
        runs(script, &["rm|-rf|x"]);
    }
}

#[test]
fn a_name_made_by_expansion_is_known() {
    for script in [
        "{rm,-rf,x}",
        "IFS=,; c=rm,-rf,x; $c",
        "c='rm -rf x'; $c",
        "a=rm b=-rf; $a $b x",
        "c=(rm -rf x); \"${c[@]}\"",
        "set -- rm -rf x; \"$@\"",
        "${NOTHING:-rm} -rf x",
        "c=xrm; ${c#x} -rf x",
        "c=mr; ${c:1:1}${c:0:1} -rf x",
        "n=c c=rm; ${!n} -rf x",
        "rm$IFS-rf${IFS}x",
        "printf -v c %s rm; $c -rf x",
    ] {
        runs(script, &["rm|-rf|x"]);
    }
}

#[test]
fn a_substitution_with_a_known_output_is_known() {
    for script in
        ["$(echo rm) -rf x", "`echo rm` -rf x", "$(printf '\\162\\155') -rf x", "$(echo $(echo rm)) -rf x"]
    {
        runs(script, &["rm|-rf|x"]);
    }
    runs("$(uname -m) -rf x", &["uname|-m", "?$(uname -m)|-rf|x"]);
    runs("rm -rf \"$(pick)\"", &["pick", "?rm|-rf|$(pick)"]);
}

#[test]
fn text_that_reaches_a_shell_is_read() {
    for script in [
        "bash -c 'rm -rf x'",
        "sh -ec 'rm -rf x'",
        "bash -o pipefail -c 'rm -rf \"$1\"' _ x",
        "eval 'rm -rf' x",
        "echo 'rm -rf x' | sh",
        "sh <<E\nrm -rf x\nE",
        "bash <<< 'rm -rf x'",
        "bash <(echo rm -rf x)",
        "source <(echo rm -rf x)",
        ". /dev/stdin <<< 'rm -rf x'",
        "trap 'rm -rf x' EXIT",
        "coproc rm -rf x",
        "exec rm -rf x",
        "f() { rm -rf \"$1\"; }; f x",
        "BASH_ENV= bash -c 'rm -rf x'",
        "env -S 'rm -rf' x",
        "su -c 'rm -rf x'",
        "nice -n 5 timeout -s KILL 5 rm -rf x",
        "flock lock -c 'rm -rf x'",
    ] {
        runs(script, &["rm|-rf|x"]);
    }
    runs("echo cm0gLXJmIHg= | base64 -d | sh", &["base64|-d", "rm|-rf|x"]);
    runs("printf '%s\\n' 'rm -rf x' | rev | rev | bash", &["rev", "rev", "rm|-rf|x"]);
}

#[test]
fn text_that_is_not_known_is_unsure() {
    for script in [
        "curl -s http://x | sh",
        "eval \"$(curl http://x)\"",
        "bash <(curl http://x)",
        "echo $RANDOM | sh",
        "read c; $c",
        "$(curl http://x)",
        "cat script | tr a b | bash",
        "echo 'rm x' > s; sh s",
        "curl -o s http://x; . s",
        "eval $((",
        "for ((",
        "echo $0 | openssl enc | sh",
    ] {
        let all = found(script);
        assert!(all.iter().any(|p| p.starts_with('?')), "{script}: {all:?}");
    }
}

#[test]
fn only_the_way_that_is_taken_counts() {
    runs("false && rm x", &[]);
    runs("true || rm x", &[]);
    runs("true && rm x || rm y", &["rm|x", "rm|y"]);
    runs("exit; rm x", &[]);
    runs("if false; then rm x; else rm y; fi", &["rm|y"]);
    runs("case a in b) rm x;; a|c) rm y;; *) rm z;; esac", &["rm|y"]);
    runs("rm() { :; }; rm x", &[]);
    runs("rm() { :; }; command rm x", &["rm|x"]);
    runs("f() { return; rm x; }; f; rm y", &["rm|y"]);
    runs("for i in 1 2; do break; rm x; done; rm y", &["rm|y"]);
    runs("(exit 1) && rm x; rm y", &["rm|x", "rm|y"]);
    runs("while false; do rm x; done; ! true || rm y", &["rm|y"]);
}

#[test]
fn what_two_ways_disagree_on_is_not_known() {
    runs("x=a; test $y && x=b; rm $x", &["?rm|${x}"]);
    runs("test y && cd /tmp; rm a", &["?rm|a"]);
    runs("if [ a ]; then kubectl() { :; }; fi; kubectl delete ns a", &["?", "kubectl|delete|ns|a"]);
    runs("while read x; do rm $x; done", &["?rm|${x}"]);
    runs("x=a; f() { local x=b; }; f; rm $x", &["rm|a"]);
    runs("x=a; (x=b); rm $x; x=b true; rm $x; echo | x=c; rm $x", &["rm|a", "rm|a", "rm|a"]);
    runs("mv src old && rm -rf old", &["mv|src|old", "?rm|-rf|old"]);
}

#[test]
fn variables_come_from_the_environment_or_are_unset() {
    runs("rm -rf \"$UNSET\"/srv $PROD", &["rm|-rf|/srv|prod"]);
    runs("rm -rf \"$UNSET\" $UNSET", &["rm|-rf|"]);
    runs("x='a b'; rm $x \"$x\" '$x'", &["rm|a|b|a b|$x"]);
    runs("rm ~/x ~+/y '~/z'", &["rm|/home/dev/x|//y|~/z"]);
    runs("rm a$((2 + 3 * 2)) $((1 ? 2 : 3))", &["?rm|a8|$((1 ? 2 : 3))"]);
    runs("unset PROD; rm x$PROD", &["rm|x"]);
}

#[test]
fn arguments_of_the_script_are_its_own() {
    let line = ["bash", "-c", "kubectl delete \"$0\" \"$1\" $#", "ns", "a"];
    let through = through(&invocation(&line, Path::new("/")), None).expect("a shell");
    assert_eq!(programs(&through), ["kubectl|delete|ns|a|1"]);
}

#[test]
fn patterns_are_matched_where_the_command_runs() {
    let place = Place::new("patterns");
    let at = |script: &str| programs(&read(script, &place.0));
    assert_eq!(at("rm -rf -- *"), ["rm|-rf|--|-rf|plain|sp ace|src"]);
    assert_eq!(at("rm .*"), ["rm|.env"]);
    assert_eq!(at("rm s* no*"), ["rm|sp ace|src|no*"]);
    assert_eq!(at("cd src && rm *"), ["rm|a|b"]);
    assert_eq!(at("rm src/[!a] 'src/*' \"s\"rc/?"), ["rm|src/b|src/*|src/a|src/b"]);
    assert_eq!(at("set -f; rm *"), ["rm|*"]);
    assert_eq!(at("x='s*'; rm $x \"$x\""), ["rm|sp ace|src|s*"]);
    assert_eq!(at("for f in src/*; do rm $f; done"), ["rm|src/a", "rm|src/b"]);
    assert_eq!(at("echo src/* | xargs -n 1 rm"), ["rm|src/a", "rm|src/b"]);
    assert_eq!(at("find src -type f -name '[a]' -exec rm {} +"), ["rm|src/a"]);
    assert_eq!(at("find src -mtime +3 -exec rm {} +"), [""; 0]);
    assert_eq!(at("find src -regex a -exec rm {} +"), ["?rm|{}"]);
    assert_eq!(at("find src -delete -flags x"), ["?"]);
    assert_eq!(at("find src -name z -delete; find src -type d -delete; find . -name -delete"), [""; 0]);
    assert_eq!(at("find src -type f -print0 | sort -z | xargs -0 rm"), ["rm|src/a|src/b"]);
}

#[test]
fn surroundings_change_on_the_way() {
    let start = |script: &str| read(script, Path::new("/")).starts.pop().expect("a program").invocation;
    assert_eq!(start("KUBECONFIG=/x kubectl get").var("KUBECONFIG").as_deref(), Some("/x"));
    assert_eq!(start("export KUBECONFIG=/x; kubectl get").var("KUBECONFIG").as_deref(), Some("/x"));
    assert_eq!(start("KUBECONFIG=/x; kubectl get").var("KUBECONFIG"), None);
    assert_eq!(start("PROD=x; kubectl get").var("PROD").as_deref(), Some("x"));
    assert_eq!(start("exec -c kubectl get").var("HOME"), None);
    assert_eq!(start("unset HOME; kubectl get").var("HOME"), None);
    assert_eq!(start("cd /tmp; kubectl get").cwd(), Path::new("/tmp"));
    assert_eq!(start("(cd /tmp); kubectl get").cwd(), Path::new("/"));
    assert!(matches!(start("echo DROP | psql").stdin(), Stdin::Content(text) if &text[..] == b"DROP\n"));
    assert!(matches!(start("pg_dump | psql").stdin(), Stdin::TooMuch));
}

#[test]
fn aliases_count_from_the_next_line_where_they_are_on() {
    runs(
        "shopt -s expand_aliases\nalias k='kubectl --context prod'\nk delete ns a",
        &["kubectl|--context|prod|delete|ns|a"],
    );
    runs("alias k=kubectl\nk delete", &["k|delete"]);
    runs("shopt -s expand_aliases; alias k=kubectl; k delete", &["k|delete"]);
}

#[test]
fn other_shells_are_read_only_where_all_agree() {
    let shell = |name: &str, script: &str| {
        programs(&through(&invocation(&[name, "-c", script], Path::new("/")), None).expect("a shell"))
    };
    assert_eq!(shell("zsh", "kubectl delete 'ns' a"), ["kubectl|delete|ns|a"]);
    assert_eq!(shell("fish", "rm $x"), ["?"]);
    assert_eq!(shell("dash", "kubectl {delete,ns}"), ["?kubectl|{delete,ns}"]);
}

#[test]
fn a_menu_runs_its_body_with_any_of_the_words() {
    runs("select x in a b; do rm $x; done", &["rm|a", "rm|b"]);
    runs("PS3='x: '; select x in a; do rm $x; done; echo select x in y", &["rm|a"]);
    runs("if true; then select x in a; do rm $x; done; fi", &["rm|a"]);
    runs("f() { select x; do rm $x; done; }; f a", &["rm|a"]);
    runs("f() { select x\ndo rm $x; done; }; f a", &["rm|a"]);
    runs("if [[ $y == @(a|b) ]]; then rm a; fi", &["rm|a"]);
    let all = found("shopt -s extglob\n[[ $y == @(a|b) ]]\nrm !(keep)");
    assert!(all.iter().any(|p| p.starts_with('?')), "{all:?}");
}

#[test]
fn what_goes_into_a_substitution_is_not_read_from_it() {
    let all = found("rm a > >(tee log) 2>&1; tee >(wc -l) < x");
    assert!(all.iter().all(|p| !p.starts_with('?')), "{all:?}");
    let all = found("tee >(bash) < x");
    assert!(all.iter().any(|p| p.starts_with('?')), "{all:?}");
}

#[test]
fn each_shell_has_its_own_options() {
    let of = |line: &[&str]| {
        let found = through(&invocation(line, Path::new("/")), None).expect("a shell");
        (programs(&found).join(" "), matches!(found.command.does, Does::Unsure(_)))
    };
    let runs = |text: &str| (text.to_owned(), false);
    for line in [
        &["fish", "--command", "rm x"][..],
        &["fish", "--command=rm x"],
        &["fish", "-Nc", "rm x"],
        &["fish", "--no-config", "-d", "3", "-c", "rm x", "argument"],
        &["nu", "--log-level", "error", "--commands", "rm x"],
        &["nu", "-n", "-c", "rm x"],
        &["zsh", "--no-rcs", "--xtrace", "-c", "rm x"],
        &["zsh", "--emulate", "sh", "-fc", "rm x"],
    ] {
        assert_eq!(of(line), runs("rm|x"), "{line:?}");
    }
    for line in
        [&["fish", "--no-execute", "x.fish"][..], &["zsh", "--no-exec", "-c", "rm x"], &["fish", "-n"]]
    {
        assert_eq!(of(line), runs(""), "{line:?}");
    }
    // What is run besides the script.
    for line in [
        &["fish", "-C", "rm x"][..],
        &["fish", "--init-command=rm x"],
        &["nu", "-e", "rm x"],
        &["nu", "--execute", "rm x"],
    ] {
        assert!(of(line).1, "{line:?}");
    }
}

#[test]
fn shells_that_run_nothing_say_so() {
    for line in
        [&["bash", "-n", "-c", "rm x"][..], &["bash", "--version"], &["bash", "-c"], &["sh", "/nonexistent"]]
    {
        let through = through(&invocation(line, Path::new("/")), None).expect("a shell");
        assert!(matches!(through.command.does, Does::Nothing(_)) && through.starts.is_empty(), "{line:?}");
    }
}

#[test]
fn in_another_place_nothing_here_is_looked_at() {
    let there = |script: &str| {
        let argv = ["bash", "-c", script].iter().map(OsString::from).collect();
        programs(
            &through(&invocation(&["x"], Path::new("/tmp")).elsewhere(argv, "the host db1"), None)
                .expect("a shell"),
        )
    };
    assert_eq!(there("cd /srv && ls *.log | tail -n 3; echo $HOME"), ["ls|*.log", "tail|-n|3"]);
    assert_eq!(there("rm -rf $DIR"), ["?rm|-rf|${DIR}"]);
    assert_eq!(there("rm -rf ~/x /etc/*; rm *"), ["rm|-rf|~/x|/etc/*", "rm|*"]);
    assert_eq!(there(". /etc/profile; bash deploy.sh; uptime"), ["uptime"]);
    assert_eq!(there("ls / | xargs rm"), ["ls|/", "?rm"]);
    assert_eq!(there("find /etc -name x -exec rm {} +"), ["?rm|{}"]);
    assert_eq!(there("cat /etc/hostname | sh").last().map(String::as_str), Some("?"));
    let argv = ["bash", "-c", "cd /etc; rm ssh"].iter().map(OsString::from).collect();
    let found = through(&invocation(&["x"], Path::new("/")).elsewhere(argv, "db1"), None).expect("a shell");
    assert_eq!(found.starts[0].invocation.cwd(), Path::new("/etc"));
    assert_eq!(found.starts[0].invocation.place(), Some("db1"));
}

/// Pieces that have meaning to a shell, glued in a fixed pseudo-random order.
#[test]
fn no_text_takes_the_reader_down() {
    const PIECES: &[&str] = &[
        "rm",
        " ",
        "\n",
        ";",
        "&&",
        "||",
        "|",
        "&",
        "(",
        ")",
        "{",
        "}",
        "$(",
        "${",
        "$((",
        "))",
        "`",
        "'",
        "\"",
        "\\",
        "$",
        "x=",
        "*",
        "?",
        "[",
        "]",
        "<",
        ">",
        "<<E",
        "\nE\n",
        "<<<",
        "<(",
        "if ",
        "then ",
        "fi",
        "for x in ",
        "do ",
        "done",
        "case x in ",
        "esac",
        "while ",
        "f()",
        "eval ",
        "sh -c ",
        "sudo ",
        "env -S ",
        "xargs ",
        "find -exec ",
        "{a,b}",
        "{1..9}",
        "~",
        "#",
        "!",
        "%%",
        "//",
        ":-",
        "@",
        "é",
        "\u{202e}",
        "1",
        "99999999999999999999",
        "$'\\x",
        "~99999999999999999999",
        "printf %",
        "-",
        "[[ ",
        " ]]",
        "coproc ",
        "time ",
        "function ",
        "\t",
        "=",
        "a[",
        "+=",
        "exec ",
        "trap ",
        "let ",
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % n as u64) as usize
    };
    for _ in 0..3_000 {
        let text: String = (0..next(14)).map(|_| PIECES[next(PIECES.len())]).collect();
        let _ = programs(&read(&text, Path::new("/nonexistent")));
    }
    for text in ["(".repeat(400), "$(".repeat(400), "{ ".repeat(400), "if ".repeat(400), "x=$((".repeat(100)]
    {
        assert!(found(&text).contains(&"?".to_owned()), "{}", &text[..8]);
    }
}

#[test]
fn bytes_that_are_no_text_are_unsure() {
    let argv = vec!["bash".into(), "-c".into(), std::ffi::OsStr::from_bytes(b"rm \xff").to_owned()];
    let through = through(&invocation(&["bash"], Path::new("/")).with_argv(argv), None).expect("a shell");
    assert!(matches!(through.command.does, Does::Unsure(_)));
}

#[test]
fn a_script_in_another_place_looks_at_nothing_here() {
    let place = Place::new("there");
    let there = |script: &str| {
        let outer = invocation(&["ssh"], &place.0);
        let argv = ["sh", "-c", script].map(OsString::from).to_vec();
        programs(&through(&outer.elsewhere(argv, "the host db1"), None).expect("a shell"))
    };
    assert_eq!(there("rm -rf /etc/* ~/x"), ["rm|-rf|/etc/*|~/x"], "patterns and homes are not ours");
    assert_eq!(there("cd app && rm -rf build"), ["rm|-rf|build"]);
    assert_eq!(there("cd app; git pull"), ["git|pull"], "that its directory is not known says nothing new");
    assert_eq!(
        there("rm -rf $HOME/x"),
        ["?rm|-rf|${HOME}/x"],
        "a variable that is not set here may be there"
    );
    assert_eq!(there("/bin/r? -rf /"), ["?/bin/r?|-rf|/"]);
    assert_eq!(there("rm -rf $(ls /)"), ["ls|/", "?rm|-rf|$(ls /)"]);
    assert_eq!(there("[ -e /x ] && reboot"), ["reboot"]);
}
