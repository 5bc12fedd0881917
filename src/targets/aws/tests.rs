//! Where a command goes, as aws 1.45 goes.

use super::*;
use crate::invocation::{Environment, Stdin};
use crate::reading::Command;
use crate::targets::{Datum, Value};
use std::ffi::OsString;

const CONFIG: &str = "[default]\nregion = us-east-1\n[profile prod]\nregion = eu-west-1\n[prod2]\nregion = xx\n\
    [profile role]\nrole_arn = arn:aws:iam::999:role/x\nsource_profile = prod\n\
    [profile sso]\nsso_account_id = 42\nsso_role_name = Admin\n[profile tool]\ncredential_process = /bin/x\n";
const CREDENTIALS: &str =
    "[default]\naws_access_key_id = AKDEFAULT\n[prod]\naws_access_key_id = AKPROD\n[keys]\naws_access_key_id = AKKEYS\nregion = sa-east-1\n";

fn resolve_in(options: &[(&str, &str)], environment: &[(&str, &str)]) -> Resolution {
    let home = std::env::temp_dir().join(format!("guard-aws-{:?}", std::thread::current().id()));
    std::fs::create_dir_all(home.join(".aws")).expect("a scratch directory");
    std::fs::write(home.join(".aws/config"), CONFIG).expect("written");
    std::fs::write(home.join(".aws/credentials"), CREDENTIALS).expect("written");
    let mut all = Environment::from_pairs(environment.iter().copied()).set("HOME", home.as_os_str());
    if all.get("PATH").is_none() {
        all = all.set("PATH", &OsString::from("/nowhere"));
    }
    let here = Invocation::here(vec!["aws".into()], Stdin::Terminal).expect("cwd").with_environment(all);
    let mut command = Command::new(&here, "aws");
    command.verb = "ec2 terminate-instances".into();
    for (name, value) in options {
        let value = Some((*value).to_owned());
        command.options.push(crate::reading::Opt { name: (*name).to_owned(), value, at: 0 });
    }
    let resolution = resolve(&command);
    std::fs::remove_dir_all(home).expect("removed");
    resolution
}

fn facts(options: &[(&str, &str)], environment: &[(&str, &str)]) -> Vec<String> {
    let Resolution::Hits(targets) = resolve_in(options, environment) else { return vec!["nothing".into()] };
    let word = |value: &Value| match value {
        Value::Known(Datum::Text(text)) => text.clone(),
        Value::Known(_) => "none".into(),
        Value::Unknown(_) => "unknown".into(),
    };
    targets.facts.iter().map(|f| format!("{}={}", f.key, word(&f.value))).collect()
}

#[test]
fn the_profile_brings_key_and_region() {
    assert_eq!(facts(&[], &[]), ["profile=default", "access_key=AKDEFAULT", "region=us-east-1"]);
    let prod = ["profile=prod", "access_key=AKPROD", "region=eu-west-1"];
    assert_eq!(facts(&[("--profile", "prod")], &[("AWS_ACCESS_KEY_ID", "AKENV")]), prod);
    assert_eq!(facts(&[], &[("AWS_PROFILE", "prod")]), prod);
    assert_eq!(facts(&[("--profile", "keys")], &[])[2], "region=sa-east-1");
}

#[test]
fn keys_of_the_environment_leave_the_settings_to_the_profile() {
    let found = facts(&[], &[("AWS_PROFILE", "prod"), ("AWS_ACCESS_KEY_ID", "AKENV")]);
    assert_eq!(found, ["profile=unknown", "access_key=AKENV", "settings=prod", "region=eu-west-1"]);
}

#[test]
fn where_the_versions_disagree_the_installed_one_decides() {
    let both = [("AWS_PROFILE", "prod"), ("AWS_DEFAULT_PROFILE", "keys")];
    assert_eq!(facts(&[], &both)[0], "profile=unknown");
    assert_eq!(facts(&[], &[("AWS_REGION", "eu-north-1")])[2], "region=unknown");
    let scratch = std::env::temp_dir().join(format!("guard-aws-version-{}", std::process::id()));
    for (version, want) in [("1.45.11", "profile=keys"), ("2.17.0", "profile=prod")] {
        let library = scratch.join("lib/python3.11/site-packages/awscli");
        std::fs::create_dir_all(&library).expect("made");
        std::fs::create_dir_all(scratch.join("bin")).expect("made");
        std::fs::write(library.join("__init__.py"), format!("x = 1\n__version__ = '{version}'\n")).expect("written");
        std::fs::write(scratch.join("bin/aws"), "#!/usr/bin/python3\nimport awscli\n").expect("written");
        let path = scratch.join("bin").to_string_lossy().into_owned();
        let found = facts(&[], &[both[0], both[1], ("PATH", &path)]);
        assert_eq!(found[0], want, "{version}");
        std::fs::remove_dir_all(&scratch).expect("removed");
    }
}

#[test]
fn a_role_or_sign_on_names_its_account() {
    let role = facts(&[("--profile", "role")], &[]);
    assert_eq!(role[..4], ["profile=role", "role=arn:aws:iam::999:role/x", "account=999", "access_key=AKPROD"]);
    let sso = facts(&[("--profile", "sso")], &[]);
    assert_eq!(sso[..4], ["profile=sso", "account=42", "role=Admin", "access_key=none"]);
    assert_eq!(facts(&[("--profile", "tool")], &[])[1], "access_key=unknown");
}

#[test]
fn a_profile_that_is_not_there_stops_aws() {
    for environment in [[("AWS_PROFILE", "prod2")], [("AWS_PROFILE", "")], [("AWS_DEFAULT_PROFILE", "x")]] {
        assert_eq!(facts(&[], &environment), ["nothing"], "{environment:?}");
    }
}
