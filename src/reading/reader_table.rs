//! Which reader reads which program, by the name of its rule file; rows stand by their first name. A program that
//! is not here is read as its rule file says. Must never name a program twice.

use super::{
    Reading, Tool, ansible, aws, az, bq, cargo, cdk, clickhouse, cobra, copy, docker, etcdctl, files, find,
    forge, gcloud, git, gsutil, hashicorp, kafka, kill, kubectl, mkfs, mongo, mysql, permissions, pg_tools,
    platform, psql, redirection, redis, rm, sql_client, sqlite, ssh, systemd, terraform, terragrunt,
};
use crate::invocation::Invocation;

type Reader = fn(&Invocation, &Tool) -> Reading;

/// Programs with a grammar of their own.
const READERS: &[(&[&str], Reader)] = &[
    (&["ansible"], ansible::adhoc),
    (&["ansible-playbook"], ansible::playbook),
    (
        &[
            "argocd",
            "eksctl",
            "flux",
            "helm",
            "istioctl",
            "k3d",
            "k9s",
            "kind",
            "kubectl-cnpg",
            "kubectx",
            "kubens",
            "kustomize",
            "minikube",
            "velero",
        ],
        cobra::read,
    ),
    (&["aws"], |invocation, _| aws::read(invocation)),
    (&["az"], |invocation, _| az::read(invocation)),
    (&["bq"], bq::read),
    (&["cargo"], cargo::read),
    (&["cdk"], cdk::read),
    (&["chgrp", "chmod", "chown"], |invocation, tool| permissions::read(invocation, &tool.program)),
    (&["clickhouse-client"], clickhouse::read),
    (
        &[
            "clusterdb",
            "createdb",
            "createuser",
            "dropdb",
            "dropuser",
            "initdb",
            "pg_archivecleanup",
            "pg_basebackup",
            "pg_ctl",
            "pg_ctlcluster",
            "pg_dropcluster",
            "pg_dump",
            "pg_dumpall",
            "pg_receivewal",
            "pg_recvlogical",
            "pg_resetwal",
            "pg_restore",
            "pg_rewind",
            "pg_upgrade",
            "pgbench",
            "reindexdb",
            "vacuumdb",
            "vacuumlo",
        ],
        pg_tools::read,
    ),
    (&["consul", "nomad", "vault"], hashicorp::read),
    (
        &["cp", "dd", "install", "ln", "mv", "rmdir", "shred", "tee", "truncate", "unlink"],
        |invocation, tool| files::read(invocation, &tool.program),
    ),
    (&["docker"], |invocation, _| docker::read(invocation)),
    (&["etcdctl"], etcdctl::read),
    (&["find"], |invocation, _| find::read(invocation)),
    (&["flyctl", "heroku"], platform::read),
    (&["gcloud"], |invocation, _| gcloud::read(invocation)),
    (&["gh", "glab"], forge::read),
    (&["git"], |invocation, _| git::read(invocation)),
    (&["gsutil"], gsutil::read),
    (
        &[
            "kafka-acls.sh",
            "kafka-configs.sh",
            "kafka-consumer-groups.sh",
            "kafka-delete-records.sh",
            "kafka-topics.sh",
        ],
        kafka::read,
    ),
    (&["kill"], |invocation, _| kill::read(invocation)),
    (&["kubectl"], |invocation, _| kubectl::read(invocation)),
    (&["machinectl"], systemd::machinectl),
    (&["mkfs"], |invocation, _| mkfs::read(invocation)),
    (&["mongosh"], mongo::read),
    (&["mosh"], copy::mosh),
    (&["mysql", "mysqladmin", "mysqldump", "mysqlimport"], mysql::read),
    (&["psql"], |invocation, _| psql::read(invocation)),
    (&["reboot"], systemd::reboot),
    (&[redirection::PROGRAM], |invocation, _| redirection::read(invocation)),
    (&["redis-cli"], redis::read),
    (&["rm"], |invocation, _| rm::read(invocation)),
    (&["rsync"], copy::rsync),
    (&["scp"], copy::scp),
    (&["service"], systemd::service),
    (&["sftp"], copy::sftp),
    (&["shutdown"], systemd::shutdown),
    (&["sqlcmd"], sql_client::read),
    (&["sqlite3"], sqlite::read),
    (&["ssh"], |invocation, _| ssh::read(invocation)),
    (&["systemctl"], systemd::systemctl),
    (&["telinit"], systemd::telinit),
    (&["terraform"], |invocation, _| terraform::read(invocation)),
    (&["terragrunt"], |invocation, _| terragrunt::read(invocation)),
];

/// The reader of a program.
pub fn reader(program: &str) -> Option<Reader> {
    READERS.iter().find(|(names, _)| names.contains(&program)).map(|(_, reader)| *reader)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_in_order_and_have_rule_files() {
        assert!(READERS.is_sorted_by_key(|(names, _)| names[0]));
        assert!(READERS.iter().all(|(names, _)| names.is_sorted()));
        let mut names: Vec<&str> = READERS.iter().flat_map(|(names, _)| *names).copied().collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b), "a name stands twice: {names:?}");
        for name in names {
            let file = format!("{}/rules.d/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&file).is_file(), "{name} has no rule file");
        }
    }
}
