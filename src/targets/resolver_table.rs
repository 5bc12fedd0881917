//! Which resolver finds out what a program acts on, by the name of its rule file; rows stand by their first name.
//! The facts of a program that is not here are those its rule file declares. Must never name a program twice.

use super::{
    Resolution, ansible, argocd, aws, az, bigquery, cdk, clickhouse, copy, docker, eksctl, forge, gcloud,
    git, kubernetes, mongodb, mysql, packages, path, pgdata, platform, postgres, process, pulumi, redis,
    sqlite, ssh, systemd, terraform, terragrunt,
};
use crate::reading::{Command, redirection};

type Resolver = fn(&Command) -> Resolution;

/// Programs whose target takes more than options, variables and words.
const RESOLVERS: &[(&[&str], Resolver)] = &[
    (&["ansible", "ansible-playbook"], ansible::resolve),
    (&["argocd"], argocd::resolve),
    (&["aws"], aws::resolve),
    (&["az"], az::resolve),
    (
        &[
            "badblocks",
            "blkdiscard",
            "cryptsetup",
            "fdisk",
            "hdparm",
            "losetup",
            "mdadm",
            "mkfs",
            "nvme",
            "parted",
            "resize2fs",
            "sfdisk",
            "sgdisk",
            "swapoff",
            "umount",
            "wipefs",
        ],
        path::device,
    ),
    (&["bq"], bigquery::resolve),
    (&["cargo"], |command| packages::resolve(command, "cargo")),
    (&["cdk"], cdk::resolve),
    (&["chgrp", "chmod", "chown"], path::permissions),
    (&["clickhouse-client"], clickhouse::resolve),
    (
        &[
            "clusterdb",
            "createdb",
            "createuser",
            "dropdb",
            "dropuser",
            "pg_basebackup",
            "pg_dump",
            "pg_dumpall",
            "pg_receivewal",
            "pg_recvlogical",
            "pg_restore",
            "pgbench",
            "reindexdb",
            "vacuumdb",
            "vacuumlo",
        ],
        postgres::resolve_tool,
    ),
    (&["cp", "install", "ln", "mv"], path::copies),
    (&["dd", "shred", "tee", "truncate"], path::writes),
    (&["docker"], docker::resolve),
    (&["eksctl"], eksctl::resolve),
    (&["find"], path::find),
    (
        &["flux", "helm", "istioctl", "k9s", "kubectl-argo-rollouts", "kubectl-cnpg", "velero"],
        kubernetes::relatives::resolve,
    ),
    (&["flyctl", "heroku"], platform::resolve),
    (&["gcloud"], gcloud::resolve),
    (&["gh", "glab"], forge::resolve),
    (&["git"], git::resolve),
    (
        &[
            "initdb",
            "pg_archivecleanup",
            "pg_ctl",
            "pg_ctlcluster",
            "pg_dropcluster",
            "pg_resetwal",
            "pg_rewind",
            "pg_upgrade",
        ],
        pgdata::resolve,
    ),
    (
        &["journalctl", "loginctl", "machinectl", "reboot", "service", "shutdown", "systemctl", "telinit"],
        systemd::resolve,
    ),
    (&["kill"], process::resolve),
    (&["kubectl"], kubernetes::resolve),
    (&["kubectx", "kubens", "kustomize"], kubernetes::relatives::on_this_machine),
    (&["mongosh"], mongodb::resolve),
    (&["mosh", "rsync", "scp", "sftp"], copy::resolve),
    (&["mysql", "mysqladmin", "mysqldump", "mysqlimport"], mysql::resolve),
    (&["npm", "pnpm", "yarn"], |command| packages::resolve(command, "npm")),
    (&["psql"], postgres::resolve),
    (&["pulumi"], pulumi::resolve),
    (&[redirection::PROGRAM], path::written),
    (&["redis-cli"], redis::resolve),
    (&["rm", "rmdir", "unlink"], path::resolve),
    (&["sqlite3"], sqlite::resolve),
    (&["ssh"], ssh::resolve),
    (&["terraform"], terraform::resolve),
    (&["terragrunt"], |command| Resolution::Hits(terragrunt::resolve(command))),
];

/// The resolver of a program.
pub fn resolver(program: &str) -> Option<Resolver> {
    RESOLVERS.iter().find(|(names, _)| names.contains(&program)).map(|(_, resolver)| *resolver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_in_order_and_have_rule_files() {
        assert!(RESOLVERS.is_sorted_by_key(|(names, _)| names[0]));
        assert!(RESOLVERS.iter().all(|(names, _)| names.is_sorted()));
        let mut names: Vec<&str> = RESOLVERS.iter().flat_map(|(names, _)| *names).copied().collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b), "a name stands twice: {names:?}");
        for name in names {
            let file = format!("{}/rules.d/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&file).is_file(), "{name} has no rule file");
        }
    }
}
