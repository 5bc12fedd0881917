//! Command lines that hide what they do or where, most of clouds, through the real guard.

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

const DEV: &str = "apiVersion: v1\nkind: Config\ncurrent-context: dev\nusers: [{name: me, user: {}}]\n\
    clusters: [{name: c, cluster: {server: 'https://dev:6443'}}]\ncontexts: [{name: dev, context: {cluster: c, user: me}}]\n";

#[test]
fn the_name_of_an_object_that_says_production() {
    let home = home(
        "objects",
        &[
            (".kube/config", DEV),
            (".aws/credentials", "[dev]\naws_access_key_id = AKDEV\n[dev2]\n"),
            (".aws/config", "[profile dev]\nregion = eu-1\n"),
        ],
    );
    let environment = |line: &str| check(&home, &[], line)["environment"].as_str().unwrap_or("").to_owned();
    for line in [
        "kubectl --context dev delete ns production",
        "kubectl delete deployment/web deployment/prod-web",
        "kubectl delete pods -l env=prod",
        "kubectl exec prod-web -- rm -rf /data",
        "helm uninstall web-prod",
        "docker rm -f prod-web",
        "docker volume rm prod_data",
        "docker exec prod-web rm -rf /data",
        "ssh dev1 docker rm -f prod-web",
        "dropdb -h localhost prod_orders",
        "mysqladmin -h localhost drop prod",
        "redis-cli -h localhost del prod:users",
        "aws --profile dev s3 rb s3://acme-prod",
        "aws --profile dev rds delete-db-instance --db-instance-identifier=prod-db",
        "gcloud --project dev sql instances delete prod-db",
        "systemctl stop prod-api",
        "vault kv delete secret/prod/db",
        "nomad job stop prod-api",
        "virsh undefine prod-db",
    ] {
        assert_eq!(environment(line), "production", "{line}");
    }
    for line in [
        "kubectl delete ns products",
        "kubectl delete ns non-prod",
        "kubectl delete pods -l env!=prod",
        "kubectl delete -f prod.yaml",
        "docker rmi acme/prod-web",
        "docker cp ./prod/x web:/x",
        "docker exec web rm -rf /data/prod",
        "redis-cli -h localhost del users",
        "aws --profile dev s3 sync s3://acme-prod s3://acme-dev --delete",
        "aws --profile dev s3 sync ./prod s3://acme-dev --delete",
        "nomad job stop api",
        "rm -rf prod",
    ] {
        assert_ne!(environment(line), "production", "{line}");
    }
    let answer = check(&home, &[], "kubectl delete ns prod-payments");
    assert_eq!(fact(&answer, "object"), "namespace/prod-payments");
    assert_eq!(fact(&check(&home, &[], "kubectl delete ns payments"), "object"), "(unknown)");
    fs::remove_dir_all(home).expect("removed");
}

/// By its words a name only raises: what a team calls staging stays what it is without it.
#[test]
fn the_name_of_an_object_takes_no_protection_away() {
    let rules = "[[environment]]\nname = 'production'\nmatch = [{ kubernetes.object = 'namespace/payments' }, \
        { postgres.host = '10.20.0.0/16' }]\n[[environment]]\nname = 'staging'\nwords = ['staging']\n\
        match = [{ docker.object = 'scratch-*' }]\n";
    let home = home("raises", &[(".kube/config", DEV), (".config/guard/environments.toml", rules)]);
    let environment = |line: &str| check(&home, &[], line)["environment"].as_str().unwrap_or("").to_owned();
    assert_eq!(environment("kubectl delete ns staging"), "unlabelled");
    assert_eq!(environment("kubectl exec staging-web -- rm -rf /"), "unlabelled");
    assert_eq!(environment("kubectl delete ns payments"), "production");
    assert_eq!(environment("docker rm -f scratch-1"), "staging");
    let mut command = Command::new(support::guard());
    command.args(["check", "--json", "--", "dropdb", "--maintenance-db=host=db hostaddr=10.20.3.4", "shop"]);
    let output = command.current_dir(&home).env("HOME", &home).output().expect("guard runs");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["environment"], "production", "{answer}");
    fs::remove_dir_all(home).expect("removed");
}

#[test]
fn the_region_of_eksctl_comes_from_option_file_variable_then_profile() {
    let home = home(
        "eksctl",
        &[
            (".aws/config", "[default]\nregion = us-east-1\n[profile prod]\nregion = eu-west-1\n"),
            ("c.yaml", "kind: ClusterConfig\nmetadata:\n  name: shop\n  region: eu-north-1\n"),
        ],
    );
    let variables = [("AWS_PROFILE", "prod"), ("AWS_DEFAULT_REGION", "x"), ("AWS_REGION", "y")];
    for (line, environment, cluster, region, profile) in [
        ("eksctl delete cluster --name a", &[][..], "a", "us-east-1", "default"),
        ("eksctl delete cluster a --profile prod", &[], "a", "eu-west-1", "prod"),
        ("eksctl delete cluster a", &variables[..1], "a", "eu-west-1", "prod"),
        ("eksctl delete cluster a", &variables[..2], "a", "x", "prod"),
        ("eksctl delete cluster a", &variables, "a", "y", "prod"),
        ("eksctl delete cluster -f c.yaml", &variables, "shop", "eu-north-1", "prod"),
        ("eksctl delete cluster -n a -r z", &variables, "a", "z", "prod"),
        ("eksctl delete nodegroup --cluster a --name n", &[], "a", "us-east-1", "default"),
        ("eksctl delete cluster -f nosuch.yaml", &variables, "(unknown)", "(unknown)", "prod"),
        ("eksctl delete cluster a --profile none", &[], "a", "(unknown)", "none"),
    ] {
        let answer = check(&home, environment, line);
        let found = ["cluster", "region", "profile"].map(|key| fact(&answer, key));
        assert_eq!(found, [cluster, region, profile], "{line}");
    }
    fs::remove_dir_all(home).expect("removed");
}
