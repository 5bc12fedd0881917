//! Everything that reads foreign bytes, each as one function of those bytes. Used by the fuzz targets, by
//! tests/robust.rs with a fixed seed, and by benches/limits for how long the largest inputs take.

use guard::flow::verdict;
use guard::invocation::{Environment, Invocation, Stdin};
use guard::rules::load::{self, File};
use guard::rules::{Coverage, Depth, RuleSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// A reader of foreign bytes, and inputs that lead far into it.
pub struct Area {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: &'static [&'static str],
}

pub const AREAS: &[Area] = &[
    Area { name: "shell", run: shell, seeds: SHELL },
    Area { name: "options", run: options, seeds: OPTIONS },
    Area { name: "sql", run: sql, seeds: SQL },
    Area { name: "kubeconfig", run: kubeconfig, seeds: KUBECONFIG },
    Area { name: "manifest", run: manifest, seeds: MANIFEST },
    Area { name: "terraform", run: terraform, seeds: TERRAFORM },
    Area { name: "rules", run: rules, seeds: RULES },
    Area { name: "redaction", run: redaction, seeds: SHELL },
];

const SHELL: &[&str] = &[
    "cat <<E | ssh h sh\nrm -rf ${x:-/}{a,b}\nE\n",
    "f(){ eval \"$1\"; }; for i in $(seq 3); do f 'kubectl delete ns a' || true; done",
    "a=(1 2); case $x in a|b) echo $((1+2));; *) printf '%s' \"${a[@]}\" | xargs -I{} rm {};; esac",
    "if [[ -f x && ! y =~ z ]]; then :; fi >out 2>&1 <<<in; $'\\x72m' \"a b\"",
];
const OPTIONS: &[&str] = &[
    "\u{1}kubectl\0--context\0prod\0delete\0ns\0a\0--dry-run=none",
    "\u{5}-rf\0--no-preserve-root\0--\0/",
    "git\0-C\0x\0push\0-fu\0origin\0+main:main",
];
const SQL: &[&str] = &[
    "WITH d AS (DELETE FROM a WHERE 1=1 RETURNING *) SELECT $tag$x;$tag$, E'\\'', U&\"d\" /* /* */ */ -- x\n;",
    "\\set a b\nDROP TABLE :\"a\" \\gexec\nCOPY t FROM STDIN;\n1\t2\n\\.\n\\if true\nUPDATE x SET y=1;\n\\endif\n",
    "EXPLAIN (ANALYZE) MERGE INTO a USING b ON a.i=b.i WHEN MATCHED THEN DELETE;",
];
const KUBECONFIG: &[&str] = &[
    "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters:\n- name: c\n  cluster: {server: 'https://x'}\ncontexts:\n- context:\n    cluster: c\n    user: u\n    namespace: &n pay\n  name: a\nusers:\n- {name: u, user: {token: t}}\n",
];
const MANIFEST: &[&str] = &[
    "apiVersion: v1\nkind: List\nitems:\n- {kind: Namespace, apiVersion: v1, metadata: {name: a}}\n---\n{\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}\n",
];
const TERRAFORM: &[&str] = &[
    "{\"version\":4,\"resources\":[{\"mode\":\"managed\",\"type\":\"a\",\"name\":\"b\",\"instances\":[{\"index_key\":0}]}]}",
    "terraform {\n  backend \"s3\" {\n    key = \"x\"\n  }\n}\n",
    "PK\u{3}\u{4}\u{14}\0\0\0\0\0tfplan",
];
const RULES: &[&str] = &[
    "[tool]\nprogram = \"acme\"\nvalue_options = [\"-e/--env\"]\n[[rule]]\nid = \"acme.x\"\nwhen = { verb = \"x\" }\neffect = \"edit\"\nseverity = \"low\"\nwhy = \"w\"\nundo = \"u\"\nhit = [\"acme x\"]\nmiss = [\"acme y\"]\n",
];

/// Reads and judges a command and all that it starts, by the shipped rules, in an empty directory.
fn judge(argv: Vec<OsString>, stdin: Stdin, files: Vec<(&str, &[u8])>) {
    let Ok(invocation) = Invocation::here(argv, stdin) else { return };
    let here = PathBuf::from("/var/empty");
    let given = files.iter().map(|(name, bytes)| (here.join(name), Some((*bytes).into()))).collect();
    let environment = Environment::from_pairs([("HOME", "/var/empty"), ("PATH", "/usr/bin:/bin")]);
    let invocation = invocation.with_cwd(here).with_environment(environment).with_given(given);
    let rules = RuleSet::Shipped;
    let Ok(around) = rules.decide_by() else { return };
    let program = invocation.program().as_encoded_bytes().to_vec();
    let pack = match rules.coverage(&program) {
        Coverage::Covered(pack) => Some(pack),
        Coverage::Uncovered(_) | Coverage::Broken(_) => None,
    };
    let Ok(verdict) = verdict(&invocation, pack.as_deref(), &rules, &around, Depth::Full) else { return };
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

/// Any covered program (the first byte says which) with any words, cut at NUL.
pub fn options(bytes: &[u8]) {
    let Some((which, rest)) = bytes.split_first() else { return };
    let programs = RuleSet::Shipped.programs().unwrap_or_default();
    let program = &programs[usize::from(*which) % programs.len()];
    let args = rest.split(|b| *b == 0).map(|word| OsString::from_vec(word.to_vec()));
    judge(std::iter::once(program.into()).chain(args).collect(), Stdin::Terminal, Vec::new());
}

/// A script on psql's standard input.
pub fn sql(bytes: &[u8]) {
    judge(words(&["psql", "-X", "-h", "db", "orders"]), Stdin::Content(bytes.into()), Vec::new());
}

/// A kubeconfig.
pub fn kubeconfig(bytes: &[u8]) {
    let argv = words(&["kubectl", "--kubeconfig", "config", "delete", "pod", "x"]);
    judge(argv, Stdin::Terminal, vec![("config", bytes)]);
}

/// Manifests to delete.
pub fn manifest(bytes: &[u8]) {
    let argv = words(&["kubectl", "delete", "-f", "m.yaml"]);
    judge(argv, Stdin::Terminal, vec![("m.yaml", bytes)]);
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
