//! Where a command goes, as gcloud 528 goes.

use super::*;
use crate::invocation::{Environment, Invocation, Stdin};
use crate::targets::{Datum, Value};

/// Facts of a command line in a home with three configurations; `staging` is active.
fn facts_of(line: &str, environment: &[(&str, &str)]) -> Vec<String> {
    let home = std::env::temp_dir().join(format!("guard-gcloud-{:?}", std::thread::current().id()));
    let directory = home.join(".config/gcloud");
    std::fs::create_dir_all(directory.join("configurations")).expect("a scratch directory");
    let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).expect("written");
    write("active_config", "staging");
    write("configurations/config_default", "[core]\nproject = default-proj\n");
    write("configurations/config_staging", "[core]\nproject = stg\naccount = s@x\n[compute]\nzone = us-a\n");
    write("configurations/config_prod", "[core]\nproject = prod\naccount = p@x\n[compute]\nregion = eu\nzone = eu-b\n");
    write("ff.yaml", "- --project: from-file\n- --quiet:\n");
    let line = line.replace("@", &directory.to_string_lossy());
    let all = Environment::from_pairs(environment.iter().copied()).set("HOME", home.as_os_str());
    let argv = line.split(' ').map(Into::into).collect();
    let here = Invocation::here(argv, Stdin::Terminal).expect("cwd").with_environment(all);
    let Resolution::Hits(targets) = resolve(&crate::reading::gcloud::read(&here).commands[0]) else { panic!() };
    std::fs::remove_dir_all(home).expect("removed");
    let word = |value: &Value| match value {
        Value::Known(Datum::Text(text)) => text.clone(),
        Value::Known(_) => "none".into(),
        Value::Unknown(_) => "unknown".into(),
    };
    targets.facts.iter().take(3).map(|f| word(&f.value)).collect()
}

const DELETE: &str = "gcloud compute instances delete vm";

#[test]
fn option_variable_configuration() {
    assert_eq!(facts_of(DELETE, &[]), ["stg", "s@x", "us-a"]);
    let prod = [("CLOUDSDK_ACTIVE_CONFIG_NAME", "prod")];
    assert_eq!(facts_of(DELETE, &prod), ["prod", "p@x", "eu-b"]);
    assert_eq!(facts_of(&format!("{DELETE} --configuration default"), &prod), ["default-proj", "unknown", "none"]);
    assert_eq!(facts_of(&format!("{DELETE} --configuration gone"), &[]), ["unknown", "unknown", "none"]);
    assert_eq!(facts_of(&format!("{DELETE} --project=a --zone z --project b"), &prod), ["b", "p@x", "z"]);
}

#[test]
fn empty_is_absent_for_the_configuration_only() {
    assert_eq!(facts_of(DELETE, &[("CLOUDSDK_ACTIVE_CONFIG_NAME", "")])[0], "stg");
    assert_eq!(facts_of(DELETE, &[("CLOUDSDK_CORE_PROJECT", "")])[0], "");
    assert_eq!(facts_of(DELETE, &[("GOOGLE_CLOUD_PROJECT", "other")])[0], "stg");
}

#[test]
fn a_flags_file_and_a_full_name_bring_their_project() {
    assert_eq!(facts_of(&format!("{DELETE} --flags-file @/ff.yaml"), &[])[0], "from-file");
    let full = "gcloud compute instances delete projects/prod/zones/eu-c/instances/vm --project stg";
    assert_eq!(facts_of(full, &[]), ["prod", "s@x", "eu-c"]);
    assert_eq!(facts_of("gcloud projects delete other", &[])[0], "other");
}
