//! Which hosts command lines reach.

use super::*;
use crate::invocation::{Environment, Given, Invocation, Stdin};
use crate::reading::Tool;
use crate::reading::tool::{OptionSpec, Style, Takes};
use crate::targets::Value;
use std::path::PathBuf;

const HOSTS: &str =
    "lone\n[web]\nw[1:3] ansible_host=10.0.0.1\n[db]\nd-[a:b]:2222\n[prod:children]\nweb\ndb\n";
const SITE: &str =
    "- hosts: \"{{ target | default('db') }}\"\n  tasks: [{ping: }]\n- hosts: localhost\n  tasks: []\n";

fn at(words: &[&str], variables: &[(&str, &str)]) -> String {
    let option =
        |long: &str, short: char, takes| OptionSpec { long: long.to_owned(), short: Some(short), takes };
    let options = vec![
        option("inventory", 'i', Takes::Value),
        option("limit", 'l', Takes::Value),
        option("extra-vars", 'e', Takes::Value),
    ];
    let tool = Tool { style: Style::Argparse, verb_words: 0, options, ..Tool::named(words[0]) };
    let given: Vec<Given> = [
        ("/w/hosts", HOSTS),
        ("/w/inv.yml", "all: {children: {edge: {hosts: {'e[1:2]': }}}}\n"),
        ("/w/plugin.yml", "plugin: amazon.aws.aws_ec2\n"),
        ("/w/ansible.cfg", "[defaults]\ninventory = hosts ; here\n"),
        ("/w/other.cfg", "[defaults]\ninventory = inv.yml\n"),
        ("/w/site.yml", SITE),
        ("/w/v.yml", "target: web\n"),
        ("/w/limit", "w1\nd-a\n"),
    ]
    .iter()
    .map(|(p, t)| (PathBuf::from(p), Some(t.as_bytes().into())))
    .collect();
    let invocation = Invocation::here(words.iter().map(Into::into).collect(), Stdin::Terminal)
        .expect("cwd")
        .with_cwd("/w".into())
        .with_environment(Environment::from_pairs(variables.iter().copied()))
        .with_given(given);
    let command = crate::reading::read(&invocation, &tool).commands.remove(0);
    match resolve(&command) {
        Resolution::Hits(targets) => match targets.fact("hosts").map(|f| &f.value) {
            Some(Value::Known(datum)) => datum.to_string(),
            Some(Value::Unknown(_)) | None => "?".to_owned(),
        },
        Resolution::Nothing(_) => "nothing".to_owned(),
    }
}

#[test]
fn patterns_choose_hosts() {
    for (pattern, hosts) in [
        ("all", "lone, w1, w2, w3, d-a, d-b"),
        ("web:!w1", "w2, w3"),
        ("prod:&web", "w1, w2, w3"),
        ("web[0]", "w1"),
        ("web[1:]", "w2, w3"),
        ("web[-1],lone", "w3, lone"),
        ("d*", "d-a, d-b"),
        ("ungrouped", "lone"),
        ("nope", ""),
        ("~w.*", "?"),
    ] {
        assert_eq!(at(&["ansible", pattern], &[]), hosts, "{pattern}");
    }
}

#[test]
fn inventories_come_from_the_first_place_that_names_one() {
    assert_eq!(at(&["ansible", "all", "-i", "a,b,"], &[]), "a, b");
    assert_eq!(at(&["ansible", "edge", "-i", "inv.yml"], &[("ANSIBLE_INVENTORY", "hosts")]), "e1, e2");
    assert_eq!(at(&["ansible", "all"], &[("ANSIBLE_INVENTORY", "inv.yml")]), "e1, e2");
    assert_eq!(at(&["ansible", "all"], &[("ANSIBLE_CONFIG", "other.cfg")]), "e1, e2");
    assert_eq!(at(&["ansible", "all", "-i", "plugin.yml"], &[]), "?");
    assert_eq!(at(&["ansible", "all", "-i", "nowhere"], &[]), "");
}

#[test]
fn extra_variables_move_a_play() {
    let play = |words: &[&str]| at(&[&["ansible-playbook", "site.yml"], words].concat(), &[]);
    assert_eq!(play(&[]), "d-a, d-b");
    assert_eq!(play(&["-e", "target=web"]), "w1, w2, w3");
    assert_eq!(play(&["-e", "@v.yml"]), "w1, w2, w3");
    assert_eq!(play(&["-e", "{\"target\": \"lone\"}"]), "lone");
    assert_eq!(play(&["-e", "target=web", "-l", "@limit"]), "w1");
    assert_eq!(play(&["-l", "lone"]), "nothing");
    assert_eq!(play(&["-e", "@nowhere.yml"]), "?");
    assert_eq!(at(&["ansible-playbook", "none.yml"], &[]), "nothing");
}
