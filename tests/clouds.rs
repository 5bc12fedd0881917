//! Cloud command lines that hide what they do or where, through the real guard.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A home with files in it.
fn home(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let home = std::env::temp_dir().join(format!("guard-clouds-{name}-{}", std::process::id()));
    for (path, text) in files {
        let path = home.join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, text).expect("written");
    }
    home
}

fn check(home: &Path, environment: &[(&str, &str)], line: &str) -> serde_json::Value {
    let mut command = Command::new(support::guard());
    command.args(["check", "--json", "--"]).args(line.split(' ')).current_dir(home).env_clear();
    command
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    serde_json::from_slice(&command.output().expect("guard runs").stdout).expect("guard prints JSON")
}

fn fact(answer: &serde_json::Value, key: &str) -> String {
    answer["commands"][0]["target"][key]["value"].as_str().unwrap_or("(unknown)").to_owned()
}

#[test]
fn a_cloud_target_that_is_named_elsewhere() {
    let home = home(
        "elsewhere",
        &[
            (".aws/credentials", "[default]\naws_access_key_id = AKDEV\n"),
            ("other/config", "[default]\nregion = eu-prod-1\n"),
            (".config/gcloud/configurations/config_default", "[core]\nproject = dev\n"),
            ("other/configurations/config_default", "[core]\nproject = prod\n"),
            ("flags.yaml", "--project: prod\n--quiet:\n"),
        ],
    );
    let delete = "gcloud compute instances delete vm";
    assert_eq!(fact(&check(&home, &[], delete), "project"), "dev");
    assert_eq!(fact(&check(&home, &[("CLOUDSDK_CONFIG", "other")], delete), "project"), "prod");
    assert_eq!(fact(&check(&home, &[], &format!("{delete} --flags-file flags.yaml")), "project"), "prod");
    let terminate = "aws ec2 terminate-instances --instance-ids i-1";
    assert_eq!(fact(&check(&home, &[("AWS_CONFIG_FILE", "other/config")], terminate), "region"), "eu-prod-1");
    let id = "/subscriptions/prod/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/v";
    let answer = check(&home, &[], &format!("az vm delete --subscription dev --ids {id}"));
    assert_eq!((fact(&answer, "subscription"), fact(&answer, "group")), ("prod".into(), "rg".into()));
    fs::remove_dir_all(home).expect("removed");
}

#[test]
fn a_cloud_command_under_another_name() {
    let alias = "[toplevel]\nls = s3 rm --recursive\nwho = sts get-caller-identity\nclean = !rm -rf \"$HOME\"\nsay = !echo\n";
    let home = home("alias", &[(".aws/cli/alias", alias), (".aws/config", "[default]\nregion = x\n")]);
    for (line, dangerous) in [
        ("aws ls s3://bucket", true),
        ("aws clean", true),
        ("aws who", false),
        ("aws say hello", false),
        ("aws s3 rm s3://bucket --recurs", true),
        ("az rest -m DELETE -u https://management.azure.com/subscriptions/x", true),
        ("az rest -u https://management.azure.com/subscriptions/x", false),
        ("gcloud compute ssh vm --command=reboot", true),
        ("gcloud compute ssh vm --command=uptime", false),
        ("gcloud beta sql instances delete db", true),
        ("terragrunt run --all -- apply -destroy", true),
        ("pulumi down -y", true),
    ] {
        assert_eq!(check(&home, &[], line)["dangerous"], serde_json::Value::Bool(dangerous), "{line}");
    }
    fs::remove_dir_all(home).expect("removed");
}

#[test]
fn a_cloud_dry_run_that_is_none() {
    let home = home("dry", &[(".aws/config", "[default]\nregion = x\n")]);
    for (line, dangerous) in [
        ("aws ec2 terminate-instances --instance-ids i-1 --dry-run", false),
        ("aws ec2 terminate-instances --instance-ids i-1 --dry-run --no-dry-run", true),
        ("aws ec2 terminate-instances --instance-ids i-1 -- --dry-run", true),
        ("aws ec2 terminate-instances --instance-ids --help-me=--dry-run", true),
        ("aws ec2 terminate-instances --instance-ids i-1 help", true),
        ("gcloud sql instances delete db -- --dry-run", true),
        ("gcloud sql instances delete --help", false),
        ("rclone purge prod:bucket --dry-run=false", true),
        ("rclone purge prod:bucket -nv", false),
        ("rclone purge prod:bucket --config -n", true),
        ("pulumi destroy --preview-only=false", true),
        ("az group delete -n --help", false),
    ] {
        assert_eq!(check(&home, &[], line)["dangerous"], serde_json::Value::Bool(dangerous), "{line}");
    }
    fs::remove_dir_all(home).expect("removed");
}
