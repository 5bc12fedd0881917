//! Command lines with their secrets marked, tool by tool.

use super::{secrets_in_command, secrets_in_text};

/// The line with every secret as `‹kind›`.
fn hidden(words: &[&str]) -> Vec<String> {
    let tool = words[0].rsplit('/').next().expect("a word");
    let bytes: Vec<&[u8]> = words.iter().map(|w| w.as_bytes()).collect();
    let spans = secrets_in_command(tool, &bytes);
    bytes.iter().zip(spans).map(|(word, spans)| replace(word, &spans)).collect()
}

fn replace(word: &[u8], spans: &[super::Span]) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for span in spans {
        out += &String::from_utf8_lossy(&word[at..span.start]);
        out += &format!("‹{}›", span.kind);
        at = span.end;
    }
    out + &String::from_utf8_lossy(&word[at..])
}

fn line(words: &[&str]) -> String {
    hidden(words).join(" ")
}

#[test]
fn kubectl() {
    assert_eq!(line(&["kubectl", "--token", "abc", "get", "pods"]), "kubectl --token ‹option› get pods");
    assert_eq!(
        line(&["kubectl", "--password=p w", "delete", "ns", "x"]),
        "kubectl --password=‹assignment› delete ns x"
    );
    assert_eq!(
        line(&[
            "kubectl",
            "create",
            "secret",
            "generic",
            "s",
            "--from-literal=user=bob",
            "--from-literal",
            "k=v"
        ]),
        "kubectl create secret generic s --from-literal=user=‹option› --from-literal k=‹option›"
    );
    assert_eq!(
        line(&[
            "kubectl",
            "create",
            "secret",
            "docker-registry",
            "r",
            "--docker-password",
            "x",
            "--docker-username=u"
        ]),
        "kubectl create secret docker-registry r --docker-password ‹option› --docker-username=u"
    );
    assert_eq!(line(&["kubectl", "delete", "secret", "db-password"]), "kubectl delete secret db-password");
    assert_eq!(
        line(&["kubectl", "patch", "secret", "s", "-p", r#"{"stringData":{"password":"a b"},"x":"y"}"#]),
        r#"kubectl patch secret s -p {"stringData":{"password":"‹header›"},"x":"‹option›"}"#
    );
    assert_eq!(
        line(&["kubectl", "patch", "secret/s", "--patch", r#"{"data": {"k": "djE=", "n": 1}}"#]),
        r#"kubectl patch secret/s --patch {"data": {"k": "‹option›", "n": 1}}"#
    );
    let patch = ["kubectl", "patch", "deploy", "s", "-p", r#"{"spec":{"k":"v"}}"#];
    assert_eq!(hidden(&patch), patch);
    assert_eq!(
        line(&["kubectl", "exec", "db-0", "--", "mysql", "-uroot", "-phunter2", "-P3306"]),
        "kubectl exec db-0 -- mysql -uroot -p‹option› -P3306"
    );
    assert_eq!(
        line(&[
            "kubectl",
            "exec",
            "db-0",
            "--",
            "sh",
            "-c",
            "PGPASSWORD=x psql -c 'select 1'; mysql -pabc db"
        ]),
        "kubectl exec db-0 -- sh -c PGPASSWORD=‹assignment› psql -c 'select 1'; mysql -p‹option› db"
    );
}

#[test]
fn patches_of_kubernetes_secrets() {
    assert_eq!(
        line(&["kubectl", "patch", "secret/s", "--patch", r#"{"data": {"k": "djE=", "n": 1}}"#]),
        r#"kubectl patch secret/s --patch {"data": {"k": "‹option›", "n": 1}}"#
    );
    assert_eq!(
        line(&[
            "kubectl",
            "patch",
            "secret",
            "s",
            r#"--patch=[{"op":"replace","path":"/data/k","value":"x"}]"#
        ]),
        r#"kubectl patch secret s --patch=[{"op":"replace","path":"/data/k","value":"‹option›"}]"#
    );
    assert_eq!(
        line(&["kubectl", "patch", "secret", "s", "-p", "stringData:\n  k: v w\n"]),
        "kubectl patch secret s -p stringData:\n  k: ‹option›\n"
    );
    let other = ["kubectl", "patch", "deploy", "s", "-p", r#"{"spec":{"k":"v"}}"#];
    assert_eq!(hidden(&other), other);
}

#[test]
fn terraform() {
    assert_eq!(
        line(&["terraform", "apply", "-var", "db_password=p=q"]),
        "terraform apply -var db_password=‹assignment›"
    );
    assert_eq!(
        line(&["terraform", "apply", "-var=db_password=x", "-var", "size=3"]),
        "terraform apply -var=db_password=‹assignment› -var size=3"
    );
    assert_eq!(
        line(&["terraform", "init", "-backend-config=access_key=abc", "-backend-config=key=prod/state"]),
        "terraform init -backend-config=access_key=‹assignment› -backend-config=key=prod/state"
    );
    assert_eq!(
        line(&["terraform", "apply", "-var", r#"db={ password = "x" }"#]),
        r#"terraform apply -var db={ password = "‹assignment›" }"#
    );
    assert_eq!(
        line(&["terraform", "destroy", "-target=aws_secretsmanager_secret.db"]),
        "terraform destroy -target=aws_secretsmanager_secret.db"
    );
    assert_eq!(
        line(&["terraform", "apply", "-var-file=secrets.tfvars"]),
        "terraform apply -var-file=secrets.tfvars"
    );
}

#[test]
fn psql() {
    assert_eq!(
        line(&["psql", "postgres://app:p@ss@db/orders"]),
        "psql postgres://app:‹uri-password›@db/orders"
    );
    assert_eq!(
        line(&["psql", "postgresql://app@db/orders?password=x&sslmode=require"]),
        "psql postgresql://app@db/orders?password=‹assignment›&sslmode=require"
    );
    assert_eq!(line(&["psql", "host=db password=x dbname=o"]), "psql host=db password=‹assignment› dbname=o");
    assert_eq!(line(&["psql", "password='a b' host=db"]), "psql password='‹assignment›' host=db");
    assert_eq!(line(&["psql", "password=x host=db"]), "psql password=‹assignment› host=db");
    assert_eq!(
        line(&["psql", "-c", "ALTER ROLE a ENCRYPTED PASSWORD 'it''s'; DROP TABLE t"]),
        "psql -c ALTER ROLE a ENCRYPTED PASSWORD '‹sql-password›'; DROP TABLE t"
    );
    assert_eq!(
        line(&["psql", "-c", "create role a password $x$q$x$ login"]),
        "psql -c create role a password $x$‹sql-password›$x$ login"
    );
    assert_eq!(
        line(&["psql", "-c", r"alter user a with password E'\'q'"]),
        "psql -c alter user a with password E'‹sql-password›'"
    );
    assert_eq!(
        line(&["psql", "-c", "CREATE USER a IDENTIFIED BY \"x\""]),
        "psql -c CREATE USER a IDENTIFIED BY \"‹sql-password›\""
    );
    assert_eq!(line(&["psql", "-c", "ALTER ROLE a PASSWORD NULL"]), "psql -c ALTER ROLE a PASSWORD NULL");
    assert_eq!(line(&["psql", "--password", "orders"]), "psql --password orders");
    assert_eq!(
        line(&["psql", "-c", "delete from t where a = b order by 'x'"]),
        "psql -c delete from t where a = b order by 'x'"
    );
}

#[test]
fn tokens_and_keys_by_their_shape() {
    let github = format!("ghp_{}", "a1B2".repeat(9));
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    assert_eq!(
        line(&["git", "clone", &format!("https://{github}@github.com/a/b")]),
        "git clone https://‹token›@github.com/a/b"
    );
    assert_eq!(line(&["x", jwt, "AKIAIOSFODNN7EXAMPLE"]), "x ‹token› ‹token›");
    assert_eq!(
        line(&["curl", "-H", "Authorization: Bearer abc.def"]),
        "curl -H Authorization: Bearer ‹header›"
    );
    assert_eq!(
        line(&["curl", "-H", "X-Api-Key: abc", "-u", "me:pw"]),
        "curl -H X-Api-Key: ‹header› -u me:‹option›"
    );
    let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\n";
    assert_eq!(
        line(&["x", pem]),
        "x -----BEGIN RSA PRIVATE KEY-----‹private-key›-----END RSA PRIVATE KEY-----\n"
    );
    assert_eq!(
        line(&["x", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"]),
        "x wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "too even to be sure"
    );
    assert_eq!(line(&["x", "q9Zk2LmX7vTb4Rw8Nc1Yp6HsJ3fGd5Ae"]), "x ‹random›");
}

#[test]
fn what_is_no_secret_stays_readable() {
    for words in [
        vec![
            "kubectl",
            "set",
            "image",
            "deploy/x",
            "app=nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ],
        vec!["kubectl", "delete", "pod", "checkout-7d9f8b6c5d-x2x9k", "-n", "shop"],
        vec!["kubectl", "delete", "pv", "pvc-123e4567-e89b-12d3-a456-426614174000"],
        vec!["rm", "-rf", "/srv/cache/q9Zk2LmX7vTb4Rw8Nc1Yp6HsJ3fGd5Ae", "/etc/secrets/token"],
        vec!["terraform", "destroy", "-target=module.vpc.aws_subnet.private[\"eu-west-1a\"]"],
        vec!["docker", "run", "-p", "8080:80", "-v", "secret:/run/x", "redis:7"],
        vec!["x", "MyVeryLongControllerRevisionHistoryLimitExceededHandlerFactory2"],
        vec!["x", "--token-file", "/run/token", "--password-stdin", "--no-password", "x"],
        vec!["git", "push", "origin", "3f786850e387550fdab836ed7e6dc881de23001b:main"],
    ] {
        assert_eq!(hidden(&words), words);
    }
}

#[test]
fn other_tools_by_their_grammar() {
    assert_eq!(line(&["sudo", "redis-cli", "-a", "pw", "FLUSHALL"]), "sudo redis-cli -a ‹option› FLUSHALL");
    assert_eq!(line(&["docker", "login", "-u", "me", "-p", "pw"]), "docker login -u me -p ‹option›");
    assert_eq!(line(&["sshpass", "-ppw", "ssh", "host"]), "sshpass -p‹option› ssh host");
    assert_eq!(
        line(&["aws", "configure", "set", "aws_secret_access_key", "x"]),
        "aws configure set aws_secret_access_key ‹option›"
    );
    assert_eq!(
        line(&["helm", "upgrade", "--set", "a=b,db.password=x,c=d"]),
        "helm upgrade --set a=b,db.password=‹assignment›,c=d"
    );
    assert_eq!(line(&["openssl", "rsa", "-passin", "pass:x"]), "openssl rsa -passin pass:‹option›");
}

#[test]
fn running_text_and_bytes() {
    let text = "delete from orders at postgres://u:p@h/db";
    assert_eq!(
        replace(text.as_bytes(), &secrets_in_text(text.as_bytes())),
        "delete from orders at postgres://u:‹uri-password›@h/db"
    );
    let raw = b"token=\xff\xfe";
    assert_eq!(secrets_in_text(raw)[0].end, raw.len());
    assert_eq!(line(&["env", "PGPASSWORD=a b", "psql"]), "env PGPASSWORD=‹assignment› psql");
    assert!(secrets_in_text("password=‹redacted:assignment:AAAA›".as_bytes()).is_empty());
    assert!(secrets_in_text("postgres://u:‹redacted:uri-password:AAAA›@h".as_bytes()).is_empty());
}

#[test]
fn a_value_whose_name_stands_beside_it() {
    for (words, expected) in [
        (
            r#"kubectl patch deploy s -p {"env":[{"name":"MODE","value":"fast"},{"name":"DB_PASSWORD","value":"hunter2"}]}"#,
            r#"kubectl patch deploy s -p {"env":[{"name":"MODE","value":"fast"},{"name":"DB_PASSWORD","value":"‹option›"}]}"#,
        ),
        (
            r#"kubectl patch deploy s --patch={"env":[{"value":"hunter2","name":"DB_PASSWORD"},{"name":"A","value":"b"}]}"#,
            r#"kubectl patch deploy s --patch={"env":[{"value":"‹option›","name":"DB_PASSWORD"},{"name":"A","value":"b"}]}"#,
        ),
        (
            r#"kubectl patch deploy s --type=json -p [{"op":"add","path":"/spec/env/0/value","value":"hunter2"}]"#,
            r#"kubectl patch deploy s --type=json -p [{"op":"add","path":"/spec/env/0/value","value":"‹option›"}]"#,
        ),
        (
            r#"kubectl patch cm s --type=json -p [{"op":"add","path":"/data/mode","value":"fast"}]"#,
            r#"kubectl patch cm s --type=json -p [{"op":"add","path":"/data/mode","value":"fast"}]"#,
        ),
        (
            "helm upgrade x . --set env[0].name=API_TOKEN,env[0].value=hunter2,replicas=3",
            "helm upgrade x . --set env[0].name=API_TOKEN,env[0].value=‹option›,replicas=3",
        ),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(line(&words), expected);
    }
    assert_eq!(
        line(&[
            "kubectl",
            "patch",
            "deploy",
            "s",
            "-p",
            "env:\n- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b\n"
        ]),
        "kubectl patch deploy s -p env:\n- name: DB_PASSWORD\n  value: ‹option›\n- name: A\n  value: b\n"
    );
}

#[test]
fn functions_that_take_passwords() {
    for (sql, expected) in [
        (
            "update u set h = crypt('hunter2', gen_salt('bf')) where n = 'bob'",
            "update u set h = crypt('‹sql-password›', gen_salt('‹sql-password›')) where n = 'bob'",
        ),
        (
            "select pgp_sym_encrypt('x', $k$y$k$), 'z'",
            "select pgp_sym_encrypt('‹sql-password›', $k$‹sql-password›$k$), 'z'",
        ),
        (
            "SET PASSWORD FOR 'app'@'%' = 'hunter2'; select 'a'",
            "SET PASSWORD FOR 'app'@'%' = '‹sql-password›'; select 'a'",
        ),
        ("update u set p = MD5('hunter2'), q = 'r'", "update u set p = MD5('‹sql-password›'), q = 'r'"),
        ("delete from crypt where a = 'b'", "delete from crypt where a = 'b'"),
    ] {
        assert_eq!(line(&["psql", "-c", sql]), format!("psql -c {expected}"));
    }
}

#[test]
fn passwords_that_people_write_every_day() {
    for (words, expected) in [
        ("mysql -uroot -phunter2 shop", "mysql -uroot -p‹option› shop"),
        ("mysqlcheck -u root -phunter2 --all-databases", "mysqlcheck -u root -p‹option› --all-databases"),
        ("mysql --password=hunter2 shop", "mysql --password=‹assignment› shop"),
        ("sqlplus me/hunter2@db @x.sql", "sqlplus me/‹option›@db @x.sql"),
        ("sqlplus me/hunter2 @x", "sqlplus me/‹option› @x"),
        ("sqlplus / as sysdba", "sqlplus / as sysdba"),
        ("sqlcmd -U sa -Phunter2 -i a/b", "sqlcmd -U sa -P‹option› -i a/b"),
        ("cqlsh -u a -p hunter2 db1", "cqlsh -u a -p ‹option› db1"),
        ("redis-cli -h db -a hunter2 FLUSHALL", "redis-cli -h db -a ‹option› FLUSHALL"),
        ("redis-cli CONFIG SET requirepass hunter2", "redis-cli CONFIG SET requirepass ‹option›"),
        ("redis-cli AUTH hunter2", "redis-cli AUTH ‹option›"),
        ("redis-cli ACL SETUSER bob on >hunter2 ~*", "redis-cli ACL SETUSER bob on >‹option› ~*"),
        ("env REDISCLI_AUTH=hunter2 redis-cli FLUSHALL", "env REDISCLI_AUTH=‹assignment› redis-cli FLUSHALL"),
        (
            "redis-cli -u redis://:hunter2@db:6379/0 FLUSHALL",
            "redis-cli -u redis://:‹uri-password›@db:6379/0 FLUSHALL",
        ),
        (
            "mongosh mongodb+srv://app:hunter2@c.example/shop",
            "mongosh mongodb+srv://app:‹uri-password›@c.example/shop",
        ),
        ("mongosh mongodb://app:hun/ter2@c/shop", "mongosh mongodb://app:‹uri-password›@c/shop"),
        ("curl https://api.example:8443/a@b", "curl https://api.example:8443/a@b"),
        ("mongosh -u app -p hunter2 --host c", "mongosh -u app -p ‹option› --host c"),
        (
            "aws configure set aws_secret_access_key hunter2",
            "aws configure set aws_secret_access_key ‹option›",
        ),
        ("env AWS_SECRET_ACCESS_KEY=hunter2 aws s3 ls", "env AWS_SECRET_ACCESS_KEY=‹assignment› aws s3 ls"),
        (
            "aws secretsmanager put-secret-value --secret-id db --secret-string hunter2",
            "aws secretsmanager put-secret-value --secret-id db --secret-string ‹option›",
        ),
        ("aws ssm put-parameter --name a --value hunter2", "aws ssm put-parameter --name a --value ‹option›"),
        (
            "aws rds modify-db-instance --master-user-password hunter2",
            "aws rds modify-db-instance --master-user-password ‹option›",
        ),
        (
            "az keyvault secret set --name a --value hunter2",
            "az keyvault secret set --name a --value ‹option›",
        ),
        ("docker login -u me -phunter2 registry", "docker login -u me -p‹option› registry"),
        ("docker login --password hunter2", "docker login --password ‹option›"),
        ("docker run -e DB_PASSWORD=hunter2 redis", "docker run -e DB_PASSWORD=‹assignment› redis"),
        ("vault login hunter2", "vault login ‹option›"),
        ("vault token revoke hunter2", "vault token revoke ‹option›"),
        ("vault operator unseal hunter2", "vault operator unseal ‹option›"),
        (
            "vault kv put -mount=kv app/db user=bob note=@file",
            "vault kv put -mount=kv app/db user=‹option› note=@file",
        ),
        ("vault delete secret/app", "vault delete secret/app"),
        ("env VAULT_TOKEN=hunter2 vault delete a/b", "env VAULT_TOKEN=‹assignment› vault delete a/b"),
        ("x s.1a2B3c4D5e6F7g8H9i0J1k2L", "x ‹token›"),
        ("curl -u me:hunter2 https://x", "curl -u me:‹option› https://x"),
        ("curl -ume:hunter2 https://x", "curl -ume:‹option› https://x"),
        ("curl -sSu me:hunter2 https://x", "curl -sSu me:‹option› https://x"),
        ("curl -b session=hunter2 https://x", "curl -b session=‹option› https://x"),
        ("http -a me:hunter2 DELETE https://x", "http -a me:‹option› DELETE https://x"),
        (
            "ansible-playbook p.yml -e ansible_password=hunter2",
            "ansible-playbook p.yml -e ansible_password=‹assignment›",
        ),
        (
            "ansible-playbook p.yml --extra-vars={\"db_password\":\"hunter2\"}",
            "ansible-playbook p.yml --extra-vars={\"db_password\":\"‹header›\"}",
        ),
        (
            "helm upgrade x . --set-string auth.rootPassword=hunter2,a=b",
            "helm upgrade x . --set-string auth.rootPassword=‹assignment›,a=b",
        ),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        assert_eq!(line(&words), expected);
    }
    assert_eq!(
        line(&["ansible", "all", "-e", "port=1 ansible_become_pass=hunter2 b=2"]),
        "ansible all -e port=1 ansible_become_pass=‹assignment› b=2"
    );
}

#[test]
fn secrets_that_commands_take_as_operands() {
    for (words, expected) in [
        (&["redis-cli", "-h", "prod", "config", "set", "requirepass", "pw"][..], "requirepass ‹option›"),
        (&["redis-cli", "acl", "setuser", "x", "on", ">pw", "~*"], "setuser x on >‹option› ~*"),
        (&["redis-cli", "auth", "me", "pw"], "auth ‹option› ‹option›"),
        (&["bash", "-c", "redis-cli <<< 'AUTH pw'"], "<<< 'AUTH ‹option›'"),
        (&["bash", "-c", "redis-cli <<< 'AUTH pw\nFLUSHALL'"], "AUTH ‹option›\nFLUSHALL"),
        (&["etcdctl", "--user", "root:pw", "del", "k"], "--user root:‹option› del k"),
        (&["etcdctl", "--user=root:pw", "del", "k"], "--user=root:‹option› del k"),
        (
            &["mysql", "-e", "set password for x = 'pw'; drop table y"],
            "set password for x = '‹sql-password›'; drop table y",
        ),
        (&["mysql", "-e", "SET PASSWORD = 'pw'"], "SET PASSWORD = '‹assignment›'"),
        (&["aws", "s3", "rm", "s3://b/k", "--sse-c-key", "pw"], "--sse-c-key ‹option›"),
        (
            &["aws", "rds", "modify-db-instance", "--master-user-password", "pw"],
            "--master-user-password ‹option›",
        ),
        (&["vault", "token", "revoke", "pw"], "token revoke ‹option›"),
        (&["vault", "kv", "put", "secret/x", "a=pw"], "secret/x a=‹option›"),
        (&["curl", "-u", "user:pw", "https://h"], "-u user:‹option› https://h"),
        (&["curl", "-su", "user:pw", "https://h"], "-su user:‹option› https://h"),
        (&["bash", "-c", "echo pw | sudo -S rm -rf /etc"], "echo ‹option› | sudo -S rm -rf /etc"),
        (&["sh", "-c", "sudo -kS id <<< 'p w'"], "sudo -kS id <<< '‹option›'"),
    ] {
        assert!(line(words).contains(expected), "{}", line(words));
    }
    for words in [
        &["vault", "token", "revoke", "-accessor", "abc"][..],
        &["redis-cli", "config", "set", "maxmemory", "1"],
        &["bash", "-c", "echo y | sudo rm -rf /etc"],
        &["git", "commit", "-m", "AUTHOR fix"],
    ] {
        assert_eq!(hidden(words), words);
    }
}

#[test]
fn secrets_of_an_environment() {
    let long = "a1B2".repeat(12);
    for (entry, expected) in [
        ("SSHPASS=pw", "SSHPASS=‹assignment›"),
        ("AUTH=Basic dTpw", "AUTH=‹assignment›"),
        ("NPM_CONFIG__AUTH=dTpw", "NPM_CONFIG__AUTH=‹assignment›"),
        ("DB_CREDS=u:p", "DB_CREDS=‹assignment›"),
        ("X=https://hooks.slack.com/services/T0/B0/x", "X=https://hooks.slack.com/services/‹token›"),
        ("X=https://discord.com/api/webhooks/1/abc", "X=https://discord.com/api/webhooks/‹token›"),
        ("X=u:p=w@tcp(db:3306)/shop", "X=u:‹uri-password›@tcp(db:3306)/shop"),
        ("X=machine h login u password pw", "X=machine h login u password ‹option›"),
        ("X=default\nlogin u\npassword pw\n", "X=default\nlogin u\npassword ‹option›\n"),
        ("X=https://0123456789abcdef0123456789abcdef@o1.x.io/2", "X=https://‹uri-password›@o1.x.io/2"),
        ("X=sk-proj-abcdefghijklmnop1", "X=‹token›"),
        ("X=sk-ant-api03-abcdefghijklm", "X=‹token›"),
    ] {
        assert_eq!(hidden(&["env", entry]), ["env", expected]);
    }
    let beginnings =
        "ghp_ github_pat_ glpat- xoxb- npm_ pypi- dop_v1_ hvs. sk_live_ rk_live_ SG. hf_ gsk_ AIza";
    for beginning in beginnings.split(' ') {
        let text = format!("X={beginning}{long}");
        assert_eq!(replace(text.as_bytes(), &secrets_in_text(text.as_bytes())), "X=‹token›");
    }
    for entry in [
        "PATH=/usr/bin:/bin",
        "GIT_AUTHOR_NAME=Pat Auth",
        "PATTERN=a.*",
        "AUTH=none",
        "DSN=tcp(db:3306)/shop",
        "X=the login asks for a password twice",
        "MSG=auth: the login is fixed",
    ] {
        assert_eq!(hidden(&["env", entry]), ["env", entry]);
    }
    assert!(secrets_in_text(b"auth: the login of pat: fixed").is_empty());
}
