//! Command lines with files, through the reader and the resolver.

use super::resolve;
use super::{kubeconfig, quick};
use crate::invocation::{Environment, Invocation, Stdin};
use crate::reading::Tool;
use crate::targets::{Datum, Resolution, Targets, Value};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

const CONFIG: &str = "apiVersion: v1\nkind: Config\ncurrent-context: staging\nclusters:\n- name: prod-c\n  cluster:\n    \
    server: https://prod.example:6443\n- name: staging-c\n  cluster:\n    server: https://staging.example:6443\nusers:\n\
    - name: prod-u\n  user:\n    token: t\n- name: staging-u\n  user:\n    token: s\ncontexts:\n- name: prod\n  context:\n    \
    cluster: prod-c\n    user: prod-u\n    namespace: payments\n- name: staging\n  context:\n    cluster: staging-c\n    \
    user: staging-u\n";

/// A directory with files, gone when dropped.
struct Scene(PathBuf);

impl Scene {
    fn new(name: &str, files: &[(&str, &str)]) -> Scene {
        let root = std::env::temp_dir().join(format!("guard-kubernetes-{name}-{}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("below the root")).expect("created");
            fs::write(path, text).expect("written");
        }
        fs::create_dir_all(&root).expect("created");
        Scene(root)
    }

    fn resolve(&self, line: &str, environment: &[(&str, &str)]) -> Resolution {
        let argv: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let home = self.0.to_str().expect("UTF-8");
        let invocation = Invocation::here(
            argv,
            Stdin::Content(b"kind: Namespace\nmetadata: {name: in}".as_slice().into()),
        )
        .expect("a working directory")
        .with_cwd(self.0.clone())
        .with_environment(Environment::from_pairs(environment.iter().copied().chain([("HOME", home)])));
        let tool = Tool::named("kubectl");
        resolve(&crate::reading::read(&invocation, &tool).commands[0])
    }

    fn hits(&self, line: &str, environment: &[(&str, &str)]) -> Targets {
        match self.resolve(line, environment) {
            Resolution::Hits(targets) => targets,
            Resolution::Nothing(why) => panic!("{line}: {why}"),
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `context cluster server namespace user`, `-` for none and `?` for unknown.
fn facts(targets: &Targets) -> String {
    let show = |key| match targets.fact(key).map(|f| &f.value) {
        Some(Value::Known(Datum::Null)) | None => "-".to_owned(),
        Some(Value::Known(datum)) => datum.to_string(),
        Some(Value::Unknown(_)) => "?".to_owned(),
    };
    ["context", "cluster", "server", "namespace", "user"].map(show).join(" ")
}

#[test]
fn options_move_one_part_each() {
    let scene = Scene::new("options", &[(".kube/config", CONFIG)]);
    let of = |line: &str| facts(&scene.hits(line, &[]));
    let staging = "https://staging.example:6443";
    let prod = "https://prod.example:6443";
    assert_eq!(of("kubectl delete pod x"), format!("staging staging-c {staging} default staging-u"));
    assert_eq!(of("kubectl delete pod x --context=prod"), format!("prod prod-c {prod} payments prod-u"));
    assert_eq!(
        of("kubectl delete pod x --context prod --cluster staging-c"),
        format!("prod staging-c {staging} payments prod-u")
    );
    assert_eq!(
        of("kubectl delete pod x --user prod-u -n= "),
        format!("staging staging-c {staging} default prod-u")
    );
    assert_eq!(
        of(&format!("kubectl delete pod x -s{prod}")),
        format!("staging staging-c {prod} default staging-u")
    );
    assert_eq!(of("kubectl delete ns x -n a"), format!("staging staging-c {staging} - staging-u"));
    assert_eq!(of("kubectl delete deploy --all -A"), format!("staging staging-c {staging} * staging-u"));
    assert_eq!(
        of("kubectl create rolebinding a --clusterrole=b --user=eve"),
        format!("staging staging-c {staging} default staging-u")
    );
    for line in [
        "kubectl delete pod x --context nope",
        "kubectl delete pod x --cluster nope",
        "kubectl delete pod x --user nope",
        "kubectl delete pod x --kubeconfig nope",
    ] {
        assert!(matches!(scene.resolve(line, &[]), Resolution::Nothing(_)), "{line}");
    }
}

#[test]
fn what_a_person_types_names_the_real_place() {
    let scene = Scene::new("typed", &[(".kube/config", CONFIG)]);
    let typed = |line: &str| scene.hits(line, &[]).typed;
    assert_eq!(typed("kubectl delete deploy web"), "staging/default");
    assert_eq!(typed("kubectl delete ns payments"), "staging/payments");
    assert_eq!(typed("kubectl delete pvc d"), "staging/d");
    assert_eq!(typed("kubectl delete deploy --all -A"), "staging/*");
    assert_eq!(typed("kubectl delete deploy web --cluster prod-c"), "prod.example/default");
    assert_eq!(typed("kubectl drain n1"), "staging/n1");
    assert_eq!(typed("oc delete project a"), "staging/a");
}

#[test]
fn of_several_objects_the_worst_comes_first() {
    let scene = Scene::new("several", &[(".kube/config", CONFIG)]);
    let of = |line: &str| {
        let hits = scene.hits(line, &[]);
        (hits.headline.unwrap_or_default(), hits.typed)
    };
    let is = |line: &str, headline: &str, typed: &str| {
        assert_eq!(of(line), (headline.to_owned(), typed.to_owned()), "{line}");
    };
    is("kubectl delete cm/a ns/b pvc/c", "delete namespace/b, persistentvolumeclaim/c, configmap/a", "staging/b,c");
    is("kubectl delete deploy web api", "delete deployment/web, deployment/api", "staging/default");
    is(
        "kubectl delete ns a b c d",
        "delete namespace/a, namespace/b, namespace/c, namespace/d",
        "staging/a+3",
    );
    is("kubectl drain n1 n2", "", "staging/n1,n2");
}

#[test]
fn files_merge_by_whole_entries() {
    let second = "contexts:\n- name: prod\n  context: {cluster: staging-c, user: x}\n- name: late\n  context: {cluster: prod-c, user: u}\n\
        current-context: late\nclusters:\n- name: prod-c\n  cluster: {server: https://other.example}\n";
    let scene = Scene::new("merge", &[("a", CONFIG), ("b", second), ("none", "")]);
    let of = |list: &str, line: &str| facts(&scene.hits(line, &[("KUBECONFIG", list)]));
    assert_eq!(of("b:a", "kubectl delete pod x"), "late prod-c https://other.example default u");
    assert_eq!(
        of("a:b", "kubectl delete pod x --context late"),
        "late prod-c https://prod.example:6443 default u"
    );
    assert_eq!(
        of(":none:missing:a:", "kubectl delete pod x"),
        "staging staging-c https://staging.example:6443 default staging-u"
    );
    assert_eq!(of("missing", "kubectl delete pod x"), "- - http://localhost:8080 default -");
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let scene = Scene::new("unknown", &[(".kube/config", "a: [b"), ("dir/x", "")]);
    assert_eq!(facts(&scene.hits("kubectl delete pod x -n a", &[])), "? ? ? a ?");
    assert_eq!(facts(&scene.hits("kubectl delete pod x", &[("KUBECONFIG", "dir")])), "? ? ? ? ?");
    assert_eq!(facts(&scene.hits("kubectl frobnicate x", &[("KUBECONFIG", "missing")])), "? ? ? ? ?");
}

#[test]
fn manifests_name_objects_and_namespaces() {
    let both = "kind: ConfigMap\nmetadata: {name: cfg, namespace: payments}\n---\nkind: Namespace\nmetadata: {name: staging}\n";
    let list =
        "{\"kind\":\"List\",\"items\":[{\"kind\":\"PersistentVolume\",\"metadata\":{\"name\":\"pv\"}}]}";
    let scene = Scene::new(
        "manifests",
        &[
            (".kube/config", CONFIG),
            ("x.yaml", both),
            ("b.json", list),
            ("d/a.yml", "kind: Pod\nmetadata: {name: p}"),
            ("d/sub/b.yaml", "kind: Secret\nmetadata: {name: s}"),
            ("d/c.txt", "x"),
            ("k/kustomization.yaml", "namespace: k8s\nnamePrefix: my-\nresources: [../d/a.yml]"),
        ],
    );
    let of = |line: &str| {
        let hits = scene.hits(line, &[]);
        let namespace = facts(&hits).split(' ').nth(3).unwrap_or_default().to_owned();
        format!("{namespace}: {}", hits.objects.join(" "))
    };
    assert_eq!(
        of("kubectl delete -f x.yaml,b.json"),
        "payments: namespace/staging persistentvolume/pv configmap/cfg"
    );
    assert_eq!(of("kubectl delete -f x.yaml -n default"), "-: namespace/staging");
    assert_eq!(of("kubectl delete -f d"), "default: pod/p");
    assert_eq!(of("kubectl delete -R -f d"), "default: secret/s pod/p");
    assert_eq!(of("kubectl delete -f *.yaml"), "payments: namespace/staging configmap/cfg");
    assert_eq!(of("kubectl delete -k k"), "k8s: pod/my-p");
    assert_eq!(of("kubectl delete -f -"), "-: namespace/in");
    assert_eq!(of("kubectl delete -f https://example.org/x.yaml"), "?: ");
    assert!(matches!(scene.resolve("kubectl delete -f nope.yaml", &[]), Resolution::Nothing(_)));
}

#[test]
fn preferences_that_may_apply_leave_a_doubt() {
    let kuberc = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ndefaults:\n- command: delete\n  options:\n  \
        - name: context\n    default: prod\n";
    let scene = Scene::new("kuberc", &[(".kube/config", CONFIG), (".kube/kuberc", kuberc)]);
    let with = |value: Option<&'static str>| {
        let environment: Vec<(&str, &str)> = value.map(|v| ("KUBECTL_KUBERC", v)).into_iter().collect();
        scene.hits("kubectl delete pod x", &environment)
    };
    assert_eq!(with(Some("true")).text("context"), Some("prod"));
    assert_eq!(with(Some("false")).unknowns().count(), 0);
    assert_eq!(with(None).unknowns().map(|(key, _)| key).collect::<Vec<_>>(), ["kuberc"]);
}

#[test]
fn the_quick_reader_gives_up_on_everything_unusual() {
    assert!(quick::read(CONFIG).is_some());
    for (from, to) in [
        ("current-context: staging", "current-context: &a staging"),
        ("kind: Config", "kind: Config\nkind: Config"),
        ("    token: t", "\ttoken: t"),
        ("- name: prod\n", "- name: y\n"),
        ("- name: prod\n", "- name: 12\n"),
        ("- name: prod\n", "- name: \"a\\n\"\n"),
        ("- name: staging\n", "- name: prod\n"),
        ("kind: Config", "---\nkind: Config"),
        ("    namespace: payments", "    namespace: payments\n    namespace: other"),
        ("kind: Config", "kind: Foo"),
        ("    cluster: prod-c", "    <<: *x"),
        ("    namespace: payments", "    namespace: a\n      b"),
        ("server: https://prod.example:6443", "server: |\n      x"),
        ("user: prod-u", "user: prod-u # admin"),
    ] {
        let text = CONFIG.replacen(from, to, 1);
        assert!(text != CONFIG && quick::read(&text).is_none(), "{to}");
    }
}

/// A small generator of numbers: the same texts on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.roll(all.len())]
    }
}

/// A kubeconfig, mostly of the usual shape, with something unusual on some lines.
fn some_config(dice: &mut Dice) -> String {
    const WORDS: &[&str] =
        &["a", "prod", "arn:aws:eks:eu:1:cluster/x", "user@c", "c-1", "2001-01-01", "1.2.3"];
    const ODD: &[&str] = &[
        "y",
        "12",
        "1e3",
        "\"a b\"",
        "'x'",
        "null",
        "",
        "a b",
        "&a x",
        "a # c",
        "~",
        "{}",
        "[]",
        "|",
        "-",
        "a: b",
        "\"a\\x41\"",
        "*a",
        "!x y",
        "0x1",
        "a:",
        ": a",
        "...",
        "---",
        "%a",
        "@a",
        "=",
        "<<",
        "#a",
        "'it''s'",
        "- a",
        "é",
    ];
    let word = |dice: &mut Dice| if dice.roll(40) == 0 { dice.pick(ODD) } else { dice.pick(WORDS) };
    let mut text = String::new();
    for (list, body, fields) in [
        ("clusters", "cluster", &["server", "extra"][..]),
        ("contexts", "context", &["cluster", "user", "namespace"]),
        ("users", "user", &["token"]),
    ] {
        let indent = dice.pick(&["", "", "  "]);
        text += &format!("{list}:\n");
        for i in 0..dice.roll(4) {
            text += &format!("{indent}- {body}:\n");
            for field in fields.iter().filter(|_| dice.roll(6) > 0).collect::<Vec<_>>() {
                text += &format!("{indent}    {field}: {}\n", word(dice));
            }
            if list == "users" && dice.roll(3) == 0 {
                let hint = dice.pick(&[
                    "Install it by following\n        https://a.b/c#d",
                    "x",
                    "\"q\"",
                    "a\n      b",
                ]);
                text += &format!(
                    "{indent}    exec:\n{indent}      args:\n{indent}      - --region\n{indent}      installHint: {hint}\n"
                );
            }
            text += &format!("{indent}  name: {}{i}\n", word(dice));
            if dice.roll(60) == 0 {
                text += dice.pick(&[
                    "# c\n",
                    "\n",
                    "  # c\n",
                    "---\n",
                    "...\n",
                    "\tx\n",
                    " x: y\n",
                    "- a\n",
                    "    b: c\n",
                ]);
            }
        }
    }
    text += &format!("current-context: {}\nkind: Config\npreferences: {{}}\n", word(dice));
    text
}

#[test]
fn the_quick_reader_agrees_with_the_yaml_parser() {
    let mut dice = Dice(7);
    let mut quickly = 0;
    for _ in 0..4000 {
        let text = some_config(&mut dice);
        if let Some(file) = quick::read(&text) {
            quickly += 1;
            assert_eq!(kubeconfig::by_yaml(&text), Ok(file), "{text}");
        }
    }
    assert!(quickly > 500, "only {quickly} were read quickly");
}
