//! What runs are found to do, by their own words and by the playbooks they name.

use super::*;
use crate::invocation::Given;
use crate::reading::tool::{OptionSpec, Style, Takes};

fn tool(program: &str) -> Tool {
    let option =
        |long: &str, short: char, takes| OptionSpec { long: long.to_owned(), short: Some(short), takes };
    let options = vec![
        option("module-name", 'm', Takes::Value),
        option("args", 'a', Takes::Value),
        option("extra-vars", 'e', Takes::Value),
        option("tags", 't', Takes::Value),
        option("skip-tags", 'S', Takes::Value),
        option("check", 'C', Takes::Nothing),
        option("list-hosts", 'L', Takes::Nothing),
    ];
    Tool { style: Style::Argparse, verb_words: 0, options, ..Tool::named(program) }
}

/// What the command does, then the programs it starts.
fn run(words: &[&str], files: &[(&str, &str)]) -> String {
    let given: Vec<Given> =
        files.iter().map(|(p, t)| (PathBuf::from("/w").join(p), Some(t.as_bytes().into()))).collect();
    let argv = words.iter().map(OsString::from).collect();
    let invocation =
        Invocation::here(argv, Stdin::Terminal).expect("cwd").with_cwd("/w".into()).with_given(given);
    let reading = crate::reading::read(&invocation, &tool(words[0]));
    let command = &reading.commands[0];
    let mut out: Vec<String> = match &command.does {
        Does::Nothing(_) => vec!["nothing".into()],
        Does::Acts => command.traits.values("kind").map(str::to_owned).collect(),
        Does::Unsure(_) => vec!["?".into()],
    };
    for start in &reading.starts {
        let words: Vec<_> = start.invocation.argv().iter().map(|w| w.to_string_lossy()).collect();
        out.push(words.join("|"));
    }
    out.join(" ")
}

fn adhoc(module: &str, text: &str) -> String {
    run(&["ansible", "all", "-m", module, "-a", text], &[])
}

#[test]
fn an_ad_hoc_module_runs_its_text() {
    assert_eq!(adhoc("shell", "rm -rf /data; ls"), "runs sh|-c|rm -rf /data; ls");
    assert_eq!(adhoc("ansible.builtin.command", "chdir=/x rm -rf 'a b'"), "runs rm|-rf|a b");
    assert_eq!(adhoc("command", "{\"cmd\": \"reboot\"}"), "runs reboot");
    assert_eq!(adhoc("file", "path=/data state=absent"), "destroys");
    assert_eq!(adhoc("ping", ""), "reads");
    assert_eq!(run(&["ansible", "all", "-a", "reboot"], &[]), "runs reboot");
    assert_eq!(run(&["ansible", "all", "-a", "reboot", "--list-hosts"], &[]), "nothing");
    assert_eq!(run(&["ansible", "all", "-a", "reboot", "-C"], &[]), "nothing");
    let script = run(&["ansible", "all", "-m", "script", "-a", "x.sh"], &[("x.sh", "reboot\n")]);
    assert_eq!(script, "runs sh");
}

const SITE: &str = "
- hosts: web
  pre_tasks:
  - debug: {msg: hi}
  tasks:
  - block:
    - name: wipe
      ansible.builtin.file: {path: /data, state: absent}
      tags: [wipe]
    rescue:
    - service: name=nginx state=stopped
  - include_tasks: more.yml
  roles:
  - {role: app, tags: app}
";
const FILES: &[(&str, &str)] = &[
    ("site.yml", SITE),
    ("more.yml", "- shell: rm -rf {{ dir }}/x\n  tags: shell\n"),
    ("roles/app/tasks/main.yml", "- command: systemctl stop app\n"),
];

fn site(words: &[&str]) -> String {
    run(&[&["ansible-playbook", "site.yml"], words].concat(), FILES)
}

#[test]
fn every_task_of_a_playbook_counts() {
    let whole = site(&[]);
    for part in ["destroys", "disrupts", "sh|-c|rm -rf '{{dir}}'/x", "systemctl|stop|app"] {
        assert!(whole.contains(part), "{part}: {whole}");
    }
    assert_eq!(site(&["-e", "dir=/srv", "-t", "shell"]), "runs sh|-c|rm -rf /srv/x");
    assert_eq!(site(&["-t", "wipe"]), "destroys");
    assert!(!site(&["-S", "wipe"]).contains("destroys"));
    assert_eq!(site(&["-t", "app"]), "runs systemctl|stop|app");
    assert_eq!(site(&["--check"]), "nothing");
    assert_eq!(site(&["--list-hosts"]), "nothing");
}

#[test]
fn what_cannot_be_read_is_opaque() {
    let play = |tasks: &str| {
        let text = format!("- hosts: all\n  {tasks}\n");
        run(&["ansible-playbook", "p.yml"], &[("p.yml", &text)])
    };
    assert_eq!(play("roles: [nowhere]"), "opaque");
    assert_eq!(play("tasks: [{include_tasks: '{{ x }}.yml'}]"), "opaque");
    assert_eq!(play("tasks: [{shell: '{{ cmd }}'}]"), "opaque");
    assert_eq!(run(&["ansible-playbook", "p.yml"], &[("p.yml", "- hosts: [\n")]), "opaque");
    let unchecked = "- hosts: all\n  tasks:\n  - {command: reboot, check_mode: false}\n  - {command: ls}\n";
    assert_eq!(run(&["ansible-playbook", "p.yml", "-C"], &[("p.yml", unchecked)]), "runs reboot");
}
