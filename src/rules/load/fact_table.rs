//! Facts that an environment may name, `family.key` in alphabetical order: what the resolvers in src/targets find
//! out. Must hold all of them: a misspelt one would match nothing, and production would be unlabelled.

/// The facts; those that rule files declare come on top.
pub const FACTS: &[&str] = &[
    "ansible.hosts",
    "ansible.inventory",
    "ansible.patterns",
    "argocd.context",
    "argocd.object",
    "argocd.server",
    "aws.access_key",
    "aws.account",
    "aws.endpoint",
    "aws.object",
    "aws.profile",
    "aws.region",
    "aws.role",
    "aws.settings",
    "az.group",
    "az.object",
    "az.subscription",
    "az.subscription_id",
    "bigquery.dataset",
    "bigquery.object",
    "bigquery.project",
    "cargo.package",
    "cargo.registry",
    "cdk.app",
    "cdk.profile",
    "cdk.role",
    "cdk.stacks",
    "clickhouse.database",
    "clickhouse.host",
    "clickhouse.machine",
    "clickhouse.object",
    "clickhouse.port",
    "clickhouse.user",
    "docker.context",
    "docker.files",
    "docker.host",
    "docker.machine",
    "docker.object",
    "docker.project",
    "docker.within",
    "eksctl.cluster",
    "eksctl.profile",
    "eksctl.region",
    "flyctl.app",
    "flyctl.object",
    "gcloud.account",
    "gcloud.impersonates",
    "gcloud.object",
    "gcloud.project",
    "gcloud.region",
    "gcloud.zone",
    "gh.host",
    "gh.object",
    "gh.repo",
    "git.branch",
    "git.refs",
    "git.remote",
    "git.repo",
    "git.url",
    "glab.host",
    "glab.object",
    "glab.repo",
    "heroku.app",
    "heroku.object",
    "kubernetes.cluster",
    "kubernetes.context",
    "kubernetes.namespace",
    "kubernetes.object",
    "kubernetes.proxy-url",
    "kubernetes.server",
    "kubernetes.tls-server-name",
    "kubernetes.user",
    "kubernetes.within",
    "local.machine",
    "mongodb.db",
    "mongodb.hosts",
    "mongodb.machine",
    "mongodb.object",
    "mongodb.user",
    "mysql.dbname",
    "mysql.host",
    "mysql.machine",
    "mysql.object",
    "mysql.port",
    "mysql.user",
    "npm.package",
    "npm.registry",
    "path",
    "path.machine",
    "postgres.cluster",
    "postgres.connect_db",
    "postgres.dbname",
    "postgres.host",
    "postgres.hostaddr",
    "postgres.machine",
    "postgres.object",
    "postgres.pgdata",
    "postgres.port",
    "postgres.user",
    "pulumi.backend",
    "pulumi.cwd",
    "pulumi.stack",
    "redis.db",
    "redis.host",
    "redis.machine",
    "redis.object",
    "redis.port",
    "redis.user",
    "sqlite.machine",
    "sqlite.path",
    "ssh.account_hostname",
    "ssh.alias",
    "ssh.host",
    "ssh.hostname",
    "ssh.machine",
    "ssh.paths",
    "ssh.port",
    "ssh.proxyjump",
    "ssh.user",
    "systemd.container",
    "systemd.host",
    "systemd.machine",
    "systemd.port",
    "systemd.units",
    "terraform.address",
    "terraform.aws_profile",
    "terraform.backend",
    "terraform.dir",
    "terraform.directory",
    "terraform.object",
    "terraform.plan_workspace",
    "terraform.state",
    "terraform.workspace",
    "terragrunt.aws_profile",
    "terragrunt.dir",
    "terragrunt.role",
    "terragrunt.units",
    "terragrunt.workspace",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::reading::read;
    use crate::reading::words::{Line, split};
    use crate::rules::load;
    use crate::targets::{Resolution, resolve};
    use std::collections::BTreeSet;
    use std::ffi::OsStr;
    use std::path::Path;

    /// Named by `path`, or nothing about where a command acts.
    const NOT_NAMED: &[&str] = &["local.config", "local.cwd", "local.processes", "path.device", "path.paths"];

    fn shipped() -> load::Loaded {
        let files = load::directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules.d"));
        load::everything(&files.expect("readable").found)
    }

    #[test]
    fn what_resolvers_find_out_can_be_named() {
        let loaded = shipped();
        let mut missing = BTreeSet::new();
        for case in &loaded.cases {
            let pack =
                loaded.packs.iter().find(|p| p.rules.iter().any(|r| r.id == case.rule)).expect("its pack");
            let Line::Simple { words, .. } = split(OsStr::new(&case.line)) else { panic!("{}", case.line) };
            let invocation =
                Invocation::here(words, Stdin::Terminal).expect("a working directory").with_environment(
                    Environment::from_pairs([("HOME", "/nonexistent"), ("PATH", "/usr/bin:/bin")]),
                );
            for command in read(&invocation, &pack.tool).commands {
                let Resolution::Hits(targets) = resolve(&command, Some(&pack.tool)) else { continue };
                if targets.family != pack.tool.program || pack.tool.facts.is_empty() {
                    missing.extend(targets.facts.iter().map(|f| format!("{}.{}", targets.family, f.key)));
                }
            }
        }
        missing.retain(|f| !FACTS.contains(&f.as_str()) && !NOT_NAMED.contains(&f.as_str()));
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn what_can_be_named_is_found_out_somewhere() {
        assert!(FACTS.is_sorted_by(|a, b| a < b));
        let mut code = String::new();
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/targets"), &mut code);
        for fact in FACTS.iter().filter(|f| **f != "path") {
            let key = fact.split_once('.').expect("family.key").1;
            assert!(code.contains(&format!("\"{key}\"")), "no resolver finds out {fact}");
        }
    }

    fn gather(directory: &Path, code: &mut String) {
        for entry in std::fs::read_dir(directory).expect("is there").flatten() {
            if entry.path().is_dir() {
                gather(&entry.path(), code);
            } else {
                code.push_str(&std::fs::read_to_string(entry.path()).expect("readable"));
            }
        }
    }
}
