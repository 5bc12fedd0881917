//! Everything that reads foreign bytes, each as one function of those bytes. Used by the fuzz targets, by
//! tests/robust.rs with a fixed seed, and by benches/limits for how long the largest inputs take.

use guard::flow::verdict;
use guard::invocation::{Environment, Invocation, Stdin};
use guard::rules::load::{self, File};
use guard::rules::{Coverage, Depth, RuleSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

mod seeds;

/// A reader of foreign bytes, and inputs that lead far into it.
pub struct Area {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: &'static [&'static str],
}

pub const AREAS: &[Area] = &[
    Area { name: "shell", run: shell, seeds: seeds::SHELL },
    Area { name: "redirections", run: redirections, seeds: seeds::REDIRECTIONS },
    Area { name: "options", run: options, seeds: seeds::OPTIONS },
    Area { name: "sql", run: sql, seeds: seeds::SQL },
    Area { name: "mysql", run: mysql, seeds: seeds::MYSQL },
    Area { name: "statements", run: statements, seeds: seeds::SQL },
    Area { name: "redis", run: redis, seeds: seeds::REDIS },
    Area { name: "mongosh", run: mongosh, seeds: seeds::MONGOSH },
    Area { name: "option_file", run: option_file, seeds: seeds::OPTION_FILE },
    Area { name: "pg_archive", run: pg_archive, seeds: seeds::PG_ARCHIVE },
    Area { name: "ssh_config", run: ssh_config, seeds: seeds::SSH_CONFIG },
    Area { name: "git_config", run: git_config, seeds: seeds::GIT_CONFIG },
    Area { name: "docker", run: docker, seeds: seeds::DOCKER },
    Area { name: "aws_config", run: aws_config, seeds: seeds::AWS_CONFIG },
    Area { name: "cloud_profile", run: cloud_profile, seeds: seeds::CLOUD_PROFILE },
    Area { name: "inventory", run: inventory, seeds: seeds::INVENTORY },
    Area { name: "playbook", run: playbook, seeds: seeds::PLAYBOOK },
    Area { name: "kubeconfig", run: kubeconfig, seeds: seeds::KUBECONFIG },
    Area { name: "manifest", run: manifest, seeds: seeds::MANIFEST },
    Area { name: "kustomization", run: kustomization, seeds: seeds::KUSTOMIZATION },
    Area { name: "terraform", run: terraform, seeds: seeds::TERRAFORM },
    Area { name: "project", run: project, seeds: seeds::PROJECT },
    Area { name: "lists", run: lists, seeds: seeds::LISTS },
    Area { name: "rules", run: rules, seeds: seeds::RULES },
    Area { name: "redaction", run: redaction, seeds: seeds::SHELL },
    Area { name: "signed", run: signed, seeds: seeds::SIGNED },
];

/// Reads and judges a command and all that it starts, by the shipped rules, in an empty directory that is also the
/// home directory.
fn judge(argv: Vec<OsString>, stdin: Stdin, files: Vec<(&str, &[u8])>) {
    judge_beside(argv, stdin, files, &[]);
}

/// The same beside directories, as far as those can be told from files.
fn judge_beside(argv: Vec<OsString>, stdin: Stdin, files: Vec<(&str, &[u8])>, directories: &[&str]) {
    let Ok(invocation) = Invocation::here(argv, stdin) else { return };
    let here = PathBuf::from("/var/empty");
    let given = files.iter().map(|(name, bytes)| (here.join(name), Some((*bytes).into())));
    let given = given.chain(directories.iter().map(|name| (here.join(name), None))).collect();
    let environment = Environment::from_pairs([("HOME", "/var/empty"), ("PATH", "/usr/bin:/bin")]);
    let invocation = invocation.with_cwd(here).with_environment(environment).with_given(given);
    let rules = RuleSet::Shipped;
    let Ok(around) = rules.decide_by() else { return };
    let program = invocation.program().as_encoded_bytes().to_vec();
    let pack = match rules.coverage(&program) {
        Coverage::Covered(pack) => Some(pack),
        Coverage::Uncovered(_) | Coverage::Broken(_) => None,
    };
    let Ok(verdict) = verdict(&invocation, pack.as_ref(), &rules, &around, Depth::Full) else { return };
    for judged in &verdict.commands {
        std::hint::black_box(judged.headline());
    }
}

fn words(list: &[&str]) -> Vec<OsString> {
    list.iter().map(OsString::from).collect()
}

/// A script as bash would get it.
pub fn shell(bytes: &[u8]) {
    // No program can be given a word with a NUL in it.
    let script: Vec<u8> = bytes.iter().copied().filter(|b| *b != 0).collect();
    judge(vec!["bash".into(), "-c".into(), OsString::from_vec(script)], Stdin::Terminal, Vec::new());
}

/// The path of a redirection, written as a shell would see it.
pub fn redirections(bytes: &[u8]) {
    let path = bytes.iter().copied().filter(|b| *b != 0);
    let script = b"echo a >".iter().copied().chain(path).collect();
    judge(vec!["bash".into(), "-c".into(), OsString::from_vec(script)], Stdin::Terminal, Vec::new());
}

/// Any covered program (the first two bytes say which) with any words, cut at NUL.
pub fn options(bytes: &[u8]) {
    let [high, low, rest @ ..] = bytes else { return };
    let programs = RuleSet::Shipped.programs().unwrap_or_default();
    let program = &programs[usize::from(u16::from_be_bytes([*high, *low])) % programs.len()];
    let args = rest.split(|b| *b == 0).map(|word| OsString::from_vec(word.to_vec()));
    judge(std::iter::once(program.into()).chain(args).collect(), Stdin::Terminal, Vec::new());
}

/// A script on psql's standard input.
pub fn sql(bytes: &[u8]) {
    judge(words(&["psql", "-X", "-h", "db", "orders"]), Stdin::Content(bytes.into()), Vec::new());
}

/// A script on mysql's standard input.
pub fn mysql(bytes: &[u8]) {
    judge(words(&["mysql", "-h", "db", "orders"]), Stdin::Content(bytes.into()), Vec::new());
}

/// Scripts of the other two that speak SQL.
pub fn statements(bytes: &[u8]) {
    judge(words(&["sqlite3", "a.db"]), Stdin::Content(bytes.into()), Vec::new());
    let argv = words(&["clickhouse-client", "-h", "db", "--queries-file", "q.sql"]);
    judge(argv, Stdin::Terminal, vec![("q.sql", bytes)]);
}

/// Commands on redis-cli's standard input.
pub fn redis(bytes: &[u8]) {
    judge(words(&["redis-cli", "-h", "cache"]), Stdin::Content(bytes.into()), Vec::new());
}

/// A script of mongosh.
pub fn mongosh(bytes: &[u8]) {
    judge(words(&["mongosh", "mongodb://db/orders", "x.js"]), Stdin::Terminal, vec![("x.js", bytes)]);
}

/// Option files of database clients: MySQL's, libpq's services and passwords, ClickHouse's.
pub fn option_file(bytes: &[u8]) {
    let files =
        || vec![(".my.cnf", bytes), (".pg_service.conf", bytes), (".pgpass", bytes), ("c.xml", bytes)];
    judge(words(&["mysql", "-e", "DROP TABLE a"]), Stdin::Terminal, files());
    judge(words(&["psql", "-X", "service=a", "-c", "DROP TABLE a"]), Stdin::Terminal, files());
    let argv = words(&["clickhouse-client", "--config-file", "c.xml", "-q", "DROP TABLE a"]);
    judge(argv, Stdin::Terminal, files());
}

/// The beginning of an archive of pg_dump.
pub fn pg_archive(bytes: &[u8]) {
    let argv = words(&["pg_restore", "-C", "-c", "-d", "postgres"]);
    judge(argv, Stdin::Content(bytes.into()), Vec::new());
}

/// The user's ssh_config.
pub fn ssh_config(bytes: &[u8]) {
    judge(words(&["ssh", "db1", "reboot"]), Stdin::Terminal, vec![(".ssh/config", bytes)]);
}

/// A repository's settings, and its refs.
pub fn git_config(bytes: &[u8]) {
    let files = || {
        let refs = b"1111111111111111111111111111111111111111 refs/heads/main\n";
        vec![
            (".git/HEAD", b"ref: refs/heads/main\n".as_slice()),
            (".git/packed-refs", refs),
            (".git/config", bytes),
            (".gitconfig", bytes),
        ]
    };
    let directories = [".git/objects", ".git/refs"];
    judge_beside(words(&["git", "push", "-f"]), Stdin::Terminal, files(), &directories);
    judge_beside(words(&["git", "a", "b"]), Stdin::Terminal, files(), &directories);
    let files = vec![(".git/HEAD", bytes), (".git/packed-refs", bytes), (".git/refs/heads/a", bytes)];
    judge_beside(words(&["git", "branch", "-D", "a"]), Stdin::Terminal, files, &directories);
}

/// Settings of docker and podman, a context, a compose file and its variables.
pub fn docker(bytes: &[u8]) {
    let meta = format!(".docker/contexts/meta/{PROD}/meta.json");
    let files = || {
        vec![
            (".docker/config.json", bytes),
            (meta.as_str(), bytes),
            (".config/containers/podman-connections.json", bytes),
            ("compose.yaml", bytes),
            (".env", bytes),
        ]
    };
    judge(words(&["docker", "rm", "-f", "a"]), Stdin::Terminal, files());
    judge(words(&["docker", "-c", "prod", "compose", "down", "-v"]), Stdin::Terminal, files());
    judge(words(&["podman", "--connection", "prod", "rm", "-f", "a"]), Stdin::Terminal, files());
}

/// The SHA-256 of `prod`.
const PROD: &str = "6754af9632a2745e85c293e5aac0863370d9bd3330b9938c00cadfd215227d77";

/// Settings, credentials and aliases of aws.
pub fn aws_config(bytes: &[u8]) {
    let files = || vec![(".aws/config", bytes), (".aws/credentials", bytes), (".aws/cli/alias", bytes)];
    judge(words(&["aws", "--profile", "a", "s3", "rb", "s3://b"]), Stdin::Terminal, files());
    judge(words(&["aws", "a", "b"]), Stdin::Terminal, files());
}

/// Settings of az, gcloud and bq.
pub fn cloud_profile(bytes: &[u8]) {
    let files = || {
        vec![
            (".azure/azureProfile.json", bytes),
            (".azure/config", bytes),
            (".config/gcloud/active_config", b"default".as_slice()),
            (".config/gcloud/configurations/config_default", bytes),
            (".config/gcloud/properties", bytes),
            (".bigqueryrc", bytes),
            ("flags.yaml", bytes),
        ]
    };
    judge(words(&["az", "group", "delete", "-n", "a"]), Stdin::Terminal, files());
    let argv = words(&["gcloud", "projects", "delete", "a", "--flags-file", "flags.yaml"]);
    judge(argv, Stdin::Terminal, files());
    judge(words(&["gcloud", "sql", "instances", "delete", "a"]), Stdin::Terminal, files());
    judge(words(&["bq", "rm", "-r", "-f", "a"]), Stdin::Terminal, files());
}

/// Settings and an inventory of ansible, in both its formats.
pub fn inventory(bytes: &[u8]) {
    let files = || vec![("ansible.cfg", bytes), ("hosts", bytes), ("hosts.yml", bytes), ("v.yml", bytes)];
    for hosts in ["hosts", "hosts.yml"] {
        let argv = words(&["ansible", "a:!b", "-i", hosts, "-e", "@v.yml", "-m", "shell", "-a", "reboot"]);
        judge(argv, Stdin::Terminal, files());
    }
}

/// A playbook and everything that it includes.
pub fn playbook(bytes: &[u8]) {
    let files = vec![("p.yml", bytes), ("t.yml", bytes), ("roles/a/tasks/main.yml", bytes)];
    judge(words(&["ansible-playbook", "-i", "a,b,", "p.yml"]), Stdin::Terminal, files);
}

/// A kustomization, kubectl's preferences and a patch.
pub fn kustomization(bytes: &[u8]) {
    let files =
        || vec![("/kustomization.yaml", bytes), ("/m.yaml", bytes), (".kube/kuberc", bytes), ("p", bytes)];
    judge(words(&["kubectl", "delete", "-k", "/"]), Stdin::Terminal, files());
    judge(words(&["kubectl", "patch", "deploy", "a", "--patch-file", "p"]), Stdin::Terminal, files());
    judge(words(&["kubectl", "a", "b"]), Stdin::Terminal, files());
}

/// Files that name a project, an app or a package, for every tool that looks for one.
pub fn project(bytes: &[u8]) {
    let names = [
        "fly.toml",
        "Cargo.toml",
        ".cargo/config.toml",
        "package.json",
        ".npmrc",
        "Pulumi.yaml",
        "cdk.json",
        ".config/gh/config.yml",
        ".config/argocd/config",
        ".config/velero/config.json",
        ".terragrunt/terragrunt.hcl",
        "terragrunt.hcl",
    ];
    let commands: [&[&str]; 10] = [
        &["fly", "scale", "count", "0"],
        &["cargo", "yank", "--version", "1.0.0"],
        &["cargo", "a"],
        &["npm", "unpublish", "-f"],
        &["pulumi", "destroy", "-y"],
        &["cdk", "destroy", "a", "-f"],
        &["gh", "a", "b"],
        &["argocd", "app", "delete", "a"],
        &["velero", "backup", "delete", "a"],
        &["terragrunt", "destroy"],
    ];
    for command in commands {
        judge(words(command), Stdin::Terminal, names.iter().map(|name| (*name, bytes)).collect());
    }
}

/// Lists of words and commands that programs take from a file.
pub fn lists(bytes: &[u8]) {
    let commands: [&[&str]; 5] = [
        &["sftp", "-b", "f", "db1"],
        &["xargs", "-a", "f", "rm", "-rf"],
        &["parallel", "rm", "-rf", "::::", "f"],
        &["rsync", "-a", "--delete", "--files-from=f", "a/", "db1:/b/"],
        &["./f", "a"],
    ];
    for command in commands {
        judge(words(command), Stdin::Content(bytes.into()), vec![("f", bytes)]);
    }
}

/// A kubeconfig.
pub fn kubeconfig(bytes: &[u8]) {
    let argv = words(&["kubectl", "--kubeconfig", "config", "delete", "pod", "x"]);
    judge(argv, Stdin::Terminal, vec![("config", bytes)]);
}

/// Manifests to delete.
pub fn manifest(bytes: &[u8]) {
    // kubectl looks whether a file is there, and those given here are not.
    judge(words(&["kubectl", "delete", "-f", "-"]), Stdin::Content(bytes.into()), Vec::new());
}

/// A plan, a state, a backend file and a configuration: whatever the bytes are.
pub fn terraform(bytes: &[u8]) {
    let files = || {
        vec![
            ("plan", bytes),
            ("terraform.tfstate", bytes),
            (".terraform/terraform.tfstate", bytes),
            (".terraform/environment", bytes),
            ("main.tf", bytes),
        ]
    };
    judge(words(&["terraform", "apply", "plan"]), Stdin::Terminal, files());
    judge(words(&["terraform", "destroy"]), Stdin::Terminal, files());
}

/// A rule file, an environments file and a policy file.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for stem in ["acme", "environments", "policy"] {
        let file = File { shown: format!("{stem}.toml"), stem: stem.into(), text: text.clone() };
        std::hint::black_box(load::everything(&[file]));
    }
}

/// Text that people will see.
pub fn redaction(bytes: &[u8]) {
    std::hint::black_box(guard::text::redact::text_for_people(&String::from_utf8_lossy(bytes)));
    std::hint::black_box(guard::text::show(bytes));
}

/// Everything signed that comes over a network: envelopes, statements, rosters, bundles, keys and signatures.
pub fn signed(bytes: &[u8]) {
    use guard::statement::{Approval, Bundle, Envelope, Hash, Request, Roster, RosterFile, Ticket, read};
    if let Ok(envelope) = Envelope::from_bytes(bytes) {
        assert_eq!(envelope.to_bytes(), bytes, "one spelling");
        let _ = std::hint::black_box(Roster::root(&envelope));
    }
    std::hint::black_box((read::<Approval>(bytes).is_ok(), Bundle::from_bytes(bytes).is_ok()));
    if let Ok(request) = read::<Request>(bytes) {
        std::hint::black_box(guard::statement::render::request(&request));
    }
    if let Ok(ticket) = read::<Ticket>(bytes) {
        std::hint::black_box(guard::statement::render::ticket(&ticket));
    }
    if let Ok(file) = read::<RosterFile>(bytes) {
        std::hint::black_box(Roster::check(file, Hash([0; 32])).is_ok());
    }
    if let Ok(key) = guard::keys::SshPublicKey::from_line(&String::from_utf8_lossy(bytes)) {
        assert!(guard::keys::verify_sshsig(&key, "n", b"", bytes).is_err());
    }
    let own = guard::keys::SshPublicKey::from_ed25519(guard::keys::PublicKey([7; 32]));
    assert!(guard::keys::verify_sshsig(&own, "n", b"", bytes).is_err(), "nobody signed this");
}
