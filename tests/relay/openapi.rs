//! openapi.yaml says what the program does: every route, method and status in one is in the other.

use guard::relay::ROUTES;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Calls = BTreeMap<(String, String), BTreeSet<u16>>;

fn described() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/approvals/openapi.yaml");
    let text = std::fs::read_to_string(path).expect("openapi.yaml");
    serde_saphyr::from_str(&text).expect("YAML")
}

fn operations(file: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = file["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods");
        methods.iter().filter(|(name, _)| *name != "parameters").map(move |(name, call)| (path, name, call))
    })
}

#[test]
fn every_route_method_and_status_is_in_the_file_and_the_reverse() {
    let file = described();
    let mut written = Calls::new();
    for (path, method, call) in operations(&file) {
        let statuses = call["responses"].as_object().expect("responses").keys();
        let statuses = statuses.map(|s| s.parse().expect("a status")).collect();
        written.insert((method.to_uppercase(), path.clone()), statuses);
    }
    let served: Calls = ROUTES
        .iter()
        .map(|r| ((r.method.to_owned(), r.path.to_owned()), r.statuses.iter().copied().collect()))
        .collect();
    assert_eq!(written, served);
}

#[test]
fn every_reference_leads_somewhere_and_only_what_is_open_is_open() {
    let file = described();
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|v| references(v, found));
            }
            Value::Array(array) => array.iter().for_each(|v| references(v, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    references(&file, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("inside the file");
        assert!(file.pointer(pointer).is_some(), "{reference}");
    }
    for (path, method, call) in operations(&file) {
        let open = call["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(open, !path.starts_with("/v1/t/"), "{method} {path}");
        let problems =
            call["responses"].as_object().expect("responses").iter().filter(|(s, _)| s.as_str() >= "400");
        for (status, response) in problems {
            assert!(response["$ref"].is_string(), "{method} {path} {status}: no problem document");
        }
    }
}

/// `cargo test --test relay -- --ignored fuzzer`, with schemathesis (PyPI) on PATH: some minutes.
#[test]
#[ignore = "takes minutes, and a tool from PyPI"]
fn a_schema_fuzzer_finds_nothing() {
    crate::server::on_each("fuzzer", fuzz);
}

fn fuzz(place: &crate::server::Place, db: &str) {
    let team = crate::team::Team::new();
    let relay = crate::server::Relay::start(place, db, &team, crate::server::GENEROUS);
    // An admin, to whom every call is open.
    let dora = relay.sign_in(&team, "dora");
    let header = format!("Authorization: Bearer {}", dora.token.as_deref().expect("a token"));
    // The team's name is fixed, so that calls get past the door; events never end.
    let text = std::fs::read_to_string("docs/approvals/openapi.yaml").expect("openapi.yaml");
    let pattern = "description: the team's name, as in its roster\n      schema: {type: string, pattern: '^[a-z0-9._-]{1,128}$'}";
    assert!(text.contains(pattern));
    let fixed = format!("schema: {{const: {}}}", team.name);
    let file = place.path("openapi.yaml");
    std::fs::write(&file, text.replace(pattern, &fixed).replace("maximum: 55", "maximum: 1")).expect("write");
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,\
                  response_headers_conformance,response_schema_conformance,unsupported_method";
    let mut command = std::process::Command::new("schemathesis");
    command.args(["run", "--url", &relay.url, "-H", &header, "--checks", checks]);
    command.args(["--exclude-path-regex", "/events$", "--max-examples", "200"]);
    command.args(["--phases", "examples,coverage,fuzzing"]).arg(&file).current_dir(&place.0);
    assert!(command.status().expect("schemathesis is on PATH").success(), "see above, on {db}");
}
