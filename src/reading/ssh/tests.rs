//! ssh as a whole: what it runs, and where.

use super::*;
use crate::invocation::Environment;
use crate::reading::through::through;

fn invocation(words: &[&str], config: &str, stdin: Stdin) -> Invocation {
    let file = std::path::PathBuf::from("/nowhere/config");
    let mut argv: Vec<OsString> = vec!["ssh".into(), "-F".into(), file.clone().into()];
    argv.extend(words.iter().map(OsString::from));
    Invocation::here(argv, stdin)
        .expect("cwd")
        .with_environment(Environment::default())
        .with_given(vec![(file, Some(config.as_bytes().into()))])
}

/// The programs of the shell that ssh starts, with where they run.
fn programs(invocation: &Invocation) -> Vec<String> {
    let mut out = Vec::new();
    for start in super::read(invocation).starts {
        let at = start.invocation.place().unwrap_or("here").to_owned();
        match through(&start.invocation, start.doubt.as_ref()) {
            Some(inner) if matches!(inner.command.does, Does::Unsure(_)) => out.push(format!("{at}: ?")),
            Some(inner) => out.extend(inner.starts.iter().map(|s| {
                let words: Vec<_> = s.invocation.argv().iter().map(|w| w.to_string_lossy()).collect();
                format!("{at}: {}", words.join("|"))
            })),
            None => out.push(format!("{at}: ? no shell")),
        }
    }
    out
}

fn at_terminal(words: &[&str], config: &str) -> Vec<String> {
    programs(&invocation(words, config, Stdin::Terminal))
}

fn session(words: &[&str], stdin: Stdin) -> String {
    let reading = super::read(&invocation(words, "", stdin));
    let command = &reading.commands[0];
    match &command.does {
        Does::Nothing(_) => "nothing".to_owned(),
        Does::Acts | Does::Unsure(_) => command.traits.values("session").collect(),
    }
}

#[test]
fn the_words_are_read_by_a_shell_at_the_other_end() {
    assert_eq!(
        at_terminal(&["h", "rm -rf", "/srv; reboot"], ""),
        ["the host h: rm|-rf|/srv", "the host h: reboot"]
    );
    assert!(at_terminal(&["h", "echo", "'a;", "reboot'"], "").is_empty(), "echo is the shell's own");
    assert_eq!(
        at_terminal(&["-t", "-oHostName=prod-db", "stg", "sudo", "rm", "x"], ""),
        ["the host prod-db: sudo|rm|x"]
    );
    assert_eq!(at_terminal(&["h", "--", "rm", "-v", "x"], ""), ["the host h: rm|-v|x"]);
}

#[test]
fn a_configured_command_runs_without_a_word_of_it_on_the_line() {
    let config = "Host danger\n HostName prod-db\n RemoteCommand rm -rf /srv/%n\n";
    assert_eq!(at_terminal(&["danger"], config), ["the host prod-db: rm|-rf|/srv/danger"]);
    assert!(at_terminal(&["-N", "danger"], config).is_empty());
    assert!(at_terminal(&["-o", "RemoteCommand=none", "danger"], config).is_empty());
    let both = super::read(&invocation(&["danger", "uptime"], config, Stdin::Terminal));
    assert!(matches!(both.commands[0].does, Does::Nothing(_)), "ssh refuses two commands");
}

#[test]
fn programs_that_get_ssh_through_run_here() {
    let config = "Host h\n ProxyCommand rm -rf %h-%p\n LocalCommand reboot\n";
    assert_eq!(at_terminal(&["h"], config), ["here: rm|-rf|h-22"]);
    let permitted = ["-o", "PermitLocalCommand=yes", "-J", "none", "h"];
    assert_eq!(at_terminal(&permitted, config), ["here: reboot"]);
}

#[test]
fn what_a_condition_decides_when_it_runs_is_not_known() {
    let config =
        "Match exec \"test -e /x\"\n HostName prod\n RemoteCommand reboot\nHost *\n HostName dev\n User u\n";
    let invocation = invocation(&["h"], config, Stdin::Terminal);
    let line = parse(&invocation).expect("a command line");
    let connection = connections(&invocation, &line).remove(0).expect("a connection");
    assert!(connection.hostname.value.is_err(), "either block may set it");
    assert_eq!(connection.user.value.as_deref(), Ok("u"));
    assert_eq!(programs(&invocation), ["the host h: ?"]);
    let never = "Match originalhost other exec \"x\"\n HostName prod\n";
    assert!(at_terminal(&["h"], never).is_empty());
}

#[test]
fn standard_input_is_the_script_of_a_login_shell() {
    let fed = |words: &[&str], text: &str| {
        programs(&self::invocation(words, "", Stdin::Content(text.as_bytes().into())))
    };
    assert_eq!(fed(&["h"], "rm -rf /x\n"), ["the host h: rm|-rf|/x"]);
    assert!(fed(&["-n", "h"], "rm -rf /x\n").is_empty());
    assert_eq!(programs(&invocation(&["h"], "", Stdin::TooMuch)), ["the host h: ?"]);
    let shell = self::invocation(&["h", "bash", "-s"], "", Stdin::Content(b"reboot\n"[..].into()));
    let start = super::read(&shell).starts.remove(0);
    let inner = through(&start.invocation, None).expect("a shell").starts.remove(0);
    let programs = through(&inner.invocation, None).expect("a shell").starts;
    assert_eq!(programs[0].invocation.program(), "reboot");
}

#[test]
fn sessions_are_told_apart() {
    for (words, kind) in [
        (&["h"][..], "interactive"),
        (&["-N", "h"], "forward"),
        (&["-W", "a:1", "h"], "forward"),
        (&["-s", "h", "sftp"], "subsystem"),
        (&["-O", "exit", "h"], "control"),
        (&["h", "uptime"], "command"),
        (&["-V"], "nothing"),
        (&["-G", "h", "reboot"], "nothing"),
        (&["-Q", "cipher"], "nothing"),
        (&[], "nothing"),
        (&["-p", "0", "h"], "nothing"),
        (&["@h"], "nothing"),
    ] {
        assert_eq!(session(words, Stdin::Terminal), kind, "{words:?}");
    }
    assert_eq!(session(&["h"], Stdin::Content(b""[..].into())), "idle");
}

#[test]
fn hosts_from_a_list() {
    let only = |words: &[&str], first: usize, single: bool| {
        let argv = words.iter().map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal).expect("cwd");
        let doubt = super::Doubt { single, ..super::Doubt::from_word(first, "x") };
        super::only_the_host(&invocation, &doubt)
    };
    assert!(only(&["ssh", "{}", "uptime"], 1, true));
    assert!(only(&["ssh", "-n", "-o", "BatchMode=yes", "$h", "uptime"], 4, true));
    assert!(only(&["ssh", "root@$h", "uptime"], 1, false));
    // Several words, an option's value, the command itself, no command.
    assert!(!only(&["ssh", "$h", "uptime"], 1, false));
    assert!(!only(&["ssh", "-o", "{}", "web", "uptime"], 2, true));
    assert!(!only(&["ssh", "web", "{}"], 2, true));
    assert!(!only(&["ssh", "{}"], 1, true));
    assert!(!only(&["ssh", "$u@$h", "uptime"], 1, false));
}
