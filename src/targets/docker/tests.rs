//! Which daemon a command line reaches.

use super::*;
use crate::invocation::{Environment, Given, Invocation, Stdin};
use crate::reading::Tool;
use std::path::PathBuf;

fn given() -> Vec<Given> {
    let meta = |home: &str, name: &str, host: &str| {
        let path = format!("{home}/contexts/meta/{}/meta.json", sha256::hex(name.as_bytes()));
        let text =
            format!("{{\"Name\": \"{name}\", \"Endpoints\": {{\"docker\": {{\"Host\": \"{host}\"}}}}}}");
        (PathBuf::from(path), Some(text.into_bytes().into()))
    };
    let config = |home: &str, context: &str| {
        let text = format!("{{\"currentContext\": \"{context}\"}}");
        (PathBuf::from(format!("{home}/config.json")), Some(text.into_bytes().into()))
    };
    vec![
        config("/h/.docker", "staging"),
        meta("/h/.docker", "staging", "tcp://10.0.0.1:2375"),
        meta("/h/.docker", "prod", "tcp://10.0.0.2:2375"),
        config("/other", "p2"),
        meta("/other", "p2", "ssh://root@p2"),
        (PathBuf::from("/w/compose.yaml"), Some(b"name: shop\nservices: {}\n"[..].into())),
    ]
}

fn at(line: &str, variables: &[(&str, &str)]) -> String {
    let argv = line.split(' ').map(Into::into).collect();
    let mut pairs = vec![("HOME", "/h")];
    pairs.extend_from_slice(variables);
    let invocation = Invocation::here(argv, Stdin::Terminal)
        .expect("cwd")
        .with_cwd("/w".into())
        .with_environment(Environment::from_pairs(pairs))
        .with_given(given());
    let command = crate::reading::read(&invocation, &Tool::named("docker")).commands.remove(0);
    match resolve(&command) {
        Resolution::Hits(targets) => {
            let fact = |key: &str| targets.fact(key).map_or("-".to_owned(), |f| f.value.to_string());
            let project = targets.fact("project").map_or(String::new(), |f| format!(" {}", f.value));
            format!("{} {}{project}", fact("context"), fact("host"))
        }
        Resolution::Nothing(_) => "nothing".to_owned(),
    }
}

#[test]
fn flags_win_over_variables_and_these_over_the_configuration() {
    let staging = "staging tcp://10.0.0.1:2375";
    let prod = "prod tcp://10.0.0.2:2375";
    for (line, variables, found) in [
        ("docker rm -f web", &[][..], staging),
        ("docker -cprod rm web", &[], prod),
        ("docker --context prod rm web", &[("DOCKER_HOST", "tcp://x:1")], prod),
        ("docker rm web", &[("DOCKER_CONTEXT", "prod")], prod),
        ("docker rm web", &[("DOCKER_CONTEXT", "prod"), ("DOCKER_HOST", "tcp://x:1")], "none tcp://x:1"),
        ("docker rm web", &[("DOCKER_CONTEXT", ""), ("DOCKER_HOST", "")], staging),
        (
            "docker -H y:2 rm web",
            &[("DOCKER_CONTEXT", "prod"), ("DOCKER_HOST", "tcp://x:1")],
            "none tcp://y:2",
        ),
        ("docker --config /other rm web", &[], "p2 ssh://root@p2"),
        ("docker rm web", &[("DOCKER_CONFIG", "/other")], "p2 ssh://root@p2"),
        ("docker --config /nowhere rm web", &[], "default unix:///var/run/docker.sock"),
        ("docker -c default rm web", &[("DOCKER_HOST", "tcp://x:1")], "default tcp://x:1"),
        ("docker -c nope rm web", &[], "nothing"),
        ("docker -c prod -H x rm web", &[], "nothing"),
        ("docker -H a -H b rm web", &[], "nothing"),
        ("docker --context= rm web", &[], staging),
        ("docker context use prod", &[], "- -"),
    ] {
        assert_eq!(at(line, variables), found, "{line} {variables:?}");
    }
}

#[test]
fn compose_acts_on_a_project() {
    assert_eq!(at("docker -c prod compose down -v", &[]), "prod tcp://10.0.0.2:2375 shop");
    assert_eq!(
        at("docker compose -p x down", &[("COMPOSE_PROJECT_NAME", "y")]),
        "staging tcp://10.0.0.1:2375 x"
    );
    assert_eq!(at("docker-compose down", &[("COMPOSE_PROJECT_NAME", "y")]), "staging tcp://10.0.0.1:2375 y");
    assert_eq!(at("docker-compose -H x:1 down", &[]), "none tcp://x:1 shop");
}

#[test]
fn podman_is_local_unless_it_is_told() {
    assert_eq!(at("podman rm -f web", &[]), "none local");
    assert_eq!(at("podman rm -f web", &[("DOCKER_HOST", "tcp://x:1")]), "none local");
    assert_eq!(at("podman rm --url ssh://p web", &[]), "none ssh://p");
    assert!(at("podman -c prod rm web", &[]).starts_with("prod unknown"));
    assert_eq!(at("nerdctl -n k8s.io rm -f web", &[]), "k8s.io /run/containerd/containerd.sock");
}
