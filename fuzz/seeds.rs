//! Inputs that lead far into each reader: where fuzzing and mutation begin. Inputs that once took guard down stay here.

pub const SHELL: &[&str] = &[
    "cat <<E | ssh h sh\nrm -rf ${x:-/}{a,b}\nE\n",
    "f(){ eval \"$1\"; }; for i in $(seq 3); do f 'kubectl delete ns a' || true; done",
    "a=(1 2); case $x in a|b) echo $((1+2));; *) printf '%s' \"${a[@]}\" | xargs -I{} rm {};; esac",
    "if [[ -f x && ! y =~ z ]]; then :; fi >out 2>&1 <<<in; $'\\x72m' \"a b\"",
];
pub const OPTIONS: &[&str] = &[
    "\0\u{40}--context\0prod\0delete\0ns\0a\0--dry-run=none",
    "\0\u{5}-rf\0--no-preserve-root\0--\0/",
    "\0\u{20}-C\0x\0push\0-fu\0origin\0+main:main",
];
pub const SQL: &[&str] = &[
    "WITH d AS (DELETE FROM a WHERE 1=1 RETURNING *) SELECT $tag$x;$tag$, E'\\'', U&\"d\" /* /* */ */ -- x\n;",
    "\\set a b\nDROP TABLE :\"a\" \\gexec\nCOPY t FROM STDIN;\n1\t2\n\\.\n\\if true\nUPDATE x SET y=1;\n\\endif\n",
    "\\set a 'x;'\n\\set a :a:a\n\\set a :a:a\n\\set a :a:a\n\\set a :a:a\nselect :a, :'a', :\"a\";\n",
    "EXPLAIN (ANALYZE) MERGE INTO a USING b ON a.i=b.i WHEN MATCHED THEN DELETE;",
];
pub const KUBECONFIG: &[&str] = &[
    "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters:\n- name: c\n  cluster: {server: 'https://x'}\ncontexts:\n- context:\n    cluster: c\n    user: u\n    namespace: &n pay\n  name: a\nusers:\n- {name: u, user: {token: t}}\n",
];
pub const MANIFEST: &[&str] = &[
    "apiVersion: v1\nkind: List\nitems:\n- {kind: Namespace, apiVersion: v1, metadata: {name: a}}\n---\n{\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}\n",
];
pub const TERRAFORM: &[&str] = &[
    "{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"a\",\"name\":\"b\",\"instances\":[{\"index_key\":0}]}]}",
    "terraform {\n  backend \"s3\" {\n    key = \"x\"\n  }\n}\n",
    "PK\u{3}\u{4}\u{14}\0\0\0\0\0tfplan",
];
pub const RULES: &[&str] = &[
    "[tool]\nprogram = \"acme\"\nvalue_options = [\"-e/--env\"]\n[[rule]]\nid = \"acme.x\"\nwhen = { verb = \"x\" }\neffect = \"edit\"\nseverity = \"low\"\nwhy = \"w\"\nundo = \"u\"\nhit = [\"acme x\"]\nmiss = [\"acme y\"]\n",
];
pub const REDIRECTIONS: &[&str] = &[
    "/etc/fstab",
    "\"$HOME/.ssh/authorized_keys\" 2>&1 <<<x",
    "{/dev/sda,~/a}",
    "| /dev/sd[a-c] >>${x:-/dev/null}",
    "& >(tee -a /etc/passwd)",
];
pub const MYSQL: &[&str] = &[
    "DROP DATABASE `a``b`; DELETE FROM a WHERE 1=1; -- x\n# y\n/*! DROP TABLE b */;/*!80000 x*/\n",
    "delimiter //\nCREATE PROCEDURE p() BEGIN DELETE FROM a; END//\ndelimiter ;\nuse b\nsource x.sql\n\\! rm -rf /\n",
    "SELECT 'a''b\\'', \"c\", _utf8'x', x'00', 1e5\\G\nGRANT ALL ON *.* TO 'a'@'%';TRUNCATE b;",
];
pub const REDIS: &[&str] = &[
    "FLUSHALL ASYNC\nDEL a b\nSET \"a\\x00b\" 'c'\nSELECT 3\n",
    "EVAL \"return redis.call('flushdb')\" 0\nCONFIG SET dir /\n3 DEL a\n",
    "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n",
];
pub const MONGOSH: &[&str] = &[
    "use orders\ndb.dropDatabase()\ndb.getSiblingDB('a').b.deleteMany({})\n",
    "db['a'].remove({x: /a[/]b/g, y: `t${1}`}); // c\n/* d */ for (const c of db.getCollectionNames()) { db[c].drop() }",
    "rs.stepDown(); sh.removeShard(\"a\"); db.adminCommand({shutdown: 1}); load('y.js')",
];
pub const OPTION_FILE: &[&str] = &[
    "[client]\nhost = db\nuser=\"root\"\n[mysql]\ndatabase = 'orders'\n!include b.cnf\n!includedir /c\n",
    "# c\n[a]\nhost=db\nport=5432\ndbname=orders\n",
    "db:5432:*:root:a\\:b\n",
    "<config><host>db</host><port>9000</port></config>\n",
];
pub const PG_ARCHIVE: &[&str] = &[
    "PGDMP\u{1}\u{e}\0\u{4}\u{8}\u{1}\u{1}\0\0\0\0\u{0}\u{6}\0\0\0orders",
    "PGDMP\u{1}\u{10}\0\u{4}\u{8}\u{1}\0\u{10}\0\0\0\0\u{7f}\u{7f}\u{7f}\u{7f}",
];
pub const SSH_CONFIG: &[&str] = &[
    "Host db* !db2\n  HostName %h.example.com\n  User root\n  Port=22\n  ProxyJump a,b\nInclude x/*\n",
    "Match host \"db1\" user x exec \"true\"\n RemoteCommand sudo -i\nMatch final all\n HostName [::1]\nCanonicalizeHostname yes\n",
    "RequestTTY force\nRemoteCommand rm -rf /srv/%n\n",
];
pub const GIT_CONFIG: &[&str] = &[
    "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@h:a/b.git\n\tpush = +refs/heads/*:refs/heads/*\n[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n",
    "[alias]\n\ta = !rm -rf / #\\\n x\n\tb = \"push -f\" ; c\n[push]\n default=current\n[url \"x\"]\n insteadOf = y\n pushInsteadOf = \"z\\t\"\n",
    "[includeIf \"gitdir:~/**/a[b-d]\"]\n\tpath = ../x\n[alias \"a\"]\n command = reset --hard\n",
    "# pack-refs with: peeled\n1111111111111111111111111111111111111111 refs/heads/a\n^2222222222222222222222222222222222222222\n",
];
pub const DOCKER: &[&str] = &[
    "{\"currentContext\": \"prod\", \"Endpoints\": {\"docker\": {\"Host\": \"ssh://a@b\"}}, \"aliases\": {\"builder\": \"x\"}}",
    "name: ${A:-shop}\nservices:\n  a: {image: b, volumes: [\"/:/h\"]}\nvolumes: {c: {}}\n",
    "export A='b'\nCOMPOSE_PROJECT_NAME=x\nCOMPOSE_FILE=a:b\n",
];
pub const AWS_CONFIG: &[&str] = &[
    "[default]\nregion = eu-central-1\n[profile \"a\"]\nsource_profile = b\nrole_arn = arn:aws:iam::1:role/x\n[profile b]\nsso_session=c\n s3 =\n  max = 1\n",
    "[toplevel]\na = !f() { rm -rf \"$1\"; }; f\nb = ec2 terminate-instances\n  --instance-ids 'i 1'\n[command s3]\nrb = x\n",
];
pub const CLOUD_PROFILE: &[&str] = &[
    "\u{feff}{\"subscriptions\": [{\"id\": \"1\", \"name\": \"a\", \"isDefault\": true, \"environmentName\": \"AzureCloud\"}]}",
    "[core]\nproject = a\naccount: b\n[compute]\nzone = c\n[defaults]\ngroup = d\n[cloud]\nname = AzureCloud\n",
    "- --quiet:\n  --project: a\n- --flags-file: flags.yaml\n- --labels: {a: b, c: [d]}\n",
];
pub const INVENTORY: &[&str] = &[
    "a ansible_host=1.2.3.4 x='y z'\n[web]\nw[01:20:2].example.com:22\n[all:children]\nweb\n[web:vars]\nansible_user=root\n",
    "all:\n  children:\n    web: {hosts: {\"w[a:f]\": {x: 1}}, children: {web: {}}}\n",
    "[defaults]\ninventory = a,b ; c\n",
];
pub const PLAYBOOK: &[&str] = &[
    "- hosts: all:!a\n  become: yes\n  tasks:\n  - name: x\n    shell: rm -rf /srv\n    when: b\n  - include_tasks: t.yml\n  - block: [{file: {path: /a, state: absent}}]\n    rescue: [{command: [reboot]}]\n  roles: [a]\n- import_playbook: p.yml\n",
    "- shell: kubectl delete ns {{ a }}\n  args: {chdir: /}\n- ansible.builtin.apt: name=b state=absent\n  loop: [1, 2]\n",
];
pub const KUSTOMIZATION: &[&str] = &[
    "resources: [m.yaml, ../a, 'https://x']\nnamespace: b\nnamePrefix: c-\nnameSuffix: -d\ncomponents: [.]\n",
    "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\naliases:\n- name: a\n  command: delete\n  prependArgs: [ns]\n  options: [{name: force, default: \"true\"}]\ndefaults:\n- command: delete\n  options: [{name: interactive, default: \"true\"}]\n",
    "{\"spec\":{\"replicas\":0,\"template\":{\"spec\":{\"hostPID\":true}}}}",
];
pub const PROJECT: &[&str] = &[
    "app = \"shop\" # c\nprimary_region = 'ams'\n[build]\n",
    "[package]\nname = 'shop'\n[registry]\ndefault = \"own\"\n[alias]\na = [\"yank\", \"b\"]\n",
    "{\"name\": \"@a/shop\", \"publishConfig\": {\"registry\": \"https://u:p@r/\"}, \"app\": \"x\", \"profile\": \"p\", \"namespace\": \"n\"}",
    "registry=https://r/\n@a:registry = \"https://s\"\n//r/:_authToken=t\n",
    "name: shop\nbackend: {url: s3://b}\naliases: {a: repo delete, b: '!rm -rf $1'}\ncurrent-context: c\ncontexts: [{name: c, server: d, user: e}]\nservers: [{server: d}]\nusers: [{name: e}]\n",
    "remote_state {\n  backend = \"s3\"\n  config = { key = \"${path_relative_to_include()}/x\" }\n}\ninclude \"root\" {\n  path = find_in_parent_folders()\n}\n",
];
pub const LISTS: &[&str] = &[
    "-rm /srv/*\n@rmdir \"/a b\"\nput -r x /y\nrename a b\n!rm -rf /\nchmod 777 /\n",
    "/srv/a 'b c' d\\ e\n\"f\"\0g\n",
    "#!/bin/sh -e\nkubectl delete ns \"$1\"\n. ./f\n",
    "- *.o\n+ /a/\n! \n. merge\n",
];
/// An approval, the payload of a roster and of a request, a key line.
pub const SIGNED: &[&str] = &[
    r#"{"payload":"eyJjaGFpbiI6eyJoZWFkIjoic2hhMjU2OjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYwNjA2MDYiLCJzZXEiOjE4MTJ9LCJkZWNpc2lvbiI6ImFwcHJvdmUiLCJleHAiOjE3OTAwMDAzOTAsImlhdCI6MTc5MDAwMDA5MCwia2V5IjoiU0hBMjU2OjRBOWp5WkJPaG5LWnZjR1E2VFJGYmY1R3ltYjQxQWZZdllhVm1XSEQrRzQiLCJtYXRjaCI6Ijg0MCIsInBlcnNvbiI6ImJvYiIsInJlcXVlc3QiOiJzaGEyNTY6ZjA3YzJmZWI5MjQ2M2Q1NTMxNDkyMGRjMTdjOWI1MTA3MTEyZDE0NTU3YzJhZjFkMDliNTQ0OWJlYjcwOGQyZiIsInJvc3RlciI6eyJkaWdlc3QiOiJzaGEyNTY6ZWMxNjJmNWM0MDg4ZjhiNzMzZTdmMmVlYjMwOTk4MzY1NTk0NTI0ZjVlMGYyNDY5YmQzNTIzMmQ2ZjFmNTljMSIsInZlcnNpb24iOjF9LCJzYXciOnsiZGlnZXN0Ijoic2hhMjU2OmE2NjY3MzViZWIxZTg5ZWVlNDhiMDRhMTE5NDNkZWE1ZjcxNzI0YWYxOTBjZGI2OGFmOGViZWEzNmZlYmQwY2YiLCJlbmQiOnRydWUsIm1zIjoxODQwMCwicmVuZGVyIjoiZ3VhcmQtcmVuZGVyLzEifSwic3VyZmFjZSI6Im5hdGl2ZSIsInRlYW0iOiJzcmUuYWNtZS5leGFtcGxlIiwidiI6MX0=","payloadType":"application/vnd.guard.approval.v1+json","signatures":[{"keyid":"SHA256:4A9jyZBOhnKZvcGQ6TRFbf5Gymb41AfYvYaVmWHD+G4","sig":"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAggTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5QAAAAiZ3VhcmQtYXBwcm92YWwtdjFAc3JlLmFjbWUuZXhhbXBsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEDakhofZ3r38cylwGR4yyibavHbt8tpRjy9K01AulHl+wi9cCHh8/QzmrB51YcZKbSjCuRWVUlVUGt4dML5LXMN"}]}"#,
    r#"{"admins":{"persons":["dora","eli"],"threshold":2},"exp":1791728100,"iat":1789999100,"persons":[{"groups":["sre"],"human":"emp-alice","id":"alice","keys":[{"kid":"SHA256:fe85JkIjo8VPe+XqXJGH5Mau1EMFdK1OdKvJUFicyA8","pub":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c","type":"ssh","use":["approve","request"]}]},{"groups":["sre","sre-leads"],"human":"emp-bob","id":"bob","keys":[{"kid":"SHA256:4A9jyZBOhnKZvcGQ6TRFbf5Gymb41AfYvYaVmWHD+G4","pub":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU","type":"ssh","use":["approve","request"]},{"kid":"SHA256:IQp+oTUUvPgXPa3uJqofaqQSJ8en4VjmdtcS1ttw6DU","pub":"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfRAAAABHNzaDo=","type":"ssh","use":["approve"]}]},{"groups":["sre"],"human":"emp-carol","id":"carol","keys":[{"kid":"SHA256:vxu9sT7+WkqIPG3kOwohja2DmYBjKw903FLEcS+Xb6o","pub":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqTrBcFGHBx1nuDx/8O/oEI6OxFMFdddyaHkzPb2r58","type":"ssh","use":["approve","request"]},{"cose":"pQECAyYgASFYIAeBDql0zqV3PmO4l_N-O-mgnnpf6blxpE0QZawqOpMRIlggY35HpPmUZKD9zkSojsfXA6kYPB0GVS2eLWt2BpSBxXc","credential":"Y3JlZGVudGlhbA","kid":"webauthn:r1_CgXbQhihwW1KOWTfj6afQQaAt9yWKJ0pJVGyiFWY","min_flags":"up","origins":["https://approve.acme.example"],"rp":"approve.acme.example","type":"webauthn","use":["approve"]}]},{"groups":["sre"],"human":"emp-dora","id":"dora","keys":[{"kid":"SHA256:0u/o6v5dG9kGuyEnxv7IH6j0Ao57dIDrUruSyZqTrXo","pub":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqHX/8es4RRV3rNWv7kBUVlaN18ieCQhjoFV7x69J8X","type":"ssh","use":["approve","request","roster"]}]},{"groups":["db"],"human":"emp-eli","id":"eli","keys":[{"kid":"SHA256:z/fSv0Z0RZS+Lccbc6ZoOWwt/fbj1VFJGSBKQbo4icE","pub":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs","type":"ssh","use":["approve","request","roster"]}]},{"groups":["sre"],"id":"ci","keys":[{"kid":"SHA256:RFGPmv0HqTEFgFwzM49kDpWeoM4LSFeh+oNnj0R89WQ","pub":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBOY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK","type":"ssh","use":["request"]}],"kind":"workload"}],"team":"sre.acme.example","v":1,"version":1}"#,
    r#"{"chain":{"head":"sha256:0606060606060606060606060606060606060606060606060606060606060606","seq":1812},"exec":{"argv":["kubectl","--context","prod-eu","delete","ns","payments"],"cwd":"/home/alice","env":{"hmac":"hmac-sha256:0505050505050505050505050505050505050505050505050505050505050505"},"exe":{"path":"/usr/local/bin/kubectl","sha256":"sha256:0404040404040404040404040404040404040404040404040404040404040404"},"stdin":{"kind":"tty"}},"exp":1790000600,"iat":1790000000,"id":"01JD0000000000000000000000","match":{"commit":"sha256:9079bc366df5315ddf62e3ccf56b2f080f26cba7fb1d13d54fde1baa85f430d7","mode":"approver-types"},"nonce":"CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=","policy":{"digest":"sha256:0303030303030303030303030303030303030303030303030303030303030303","needs":[{"group":"sre","n":1}],"rule":"kubectl.delete-namespace","severity":"high"},"reason":"INC-4411 stuck finalizer","requester":{"ancestry":["zsh","tmux"],"host":"lap-alice","host_id":"hmac-sha256:0101010101010101010101010101010101010101010101010101010101010101","key":"SHA256:fe85JkIjo8VPe+XqXJGH5Mau1EMFdK1OdKvJUFicyA8","origin":"tty","person":"alice"},"roster":{"digest":"sha256:ec162f5c4088f8b733e7f2eeb30998365594524f5e0f2469bd35232d6f1f59c1","version":1},"target":{"class":"production","ident":{"context":"prod-eu","namespace":"payments"},"kind":"kubernetes"},"team":"sre.acme.example","ticket":"INC-4411","use":{"max":1,"within":120},"v":1}"#,
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c bob@lap",
    "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
];
