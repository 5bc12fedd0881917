//! Targets in small directory trees, each a situation in which another state would be hit than the words suggest.

use super::*;
use crate::invocation::{Environment, Invocation, Stdin};
use std::path::{Path, PathBuf};

/// A directory tree that goes when the test ends.
struct Tree(PathBuf);

impl Tree {
    fn of(name: &str, files: &[(&str, &[u8])]) -> Tree {
        let root = std::env::temp_dir().join(format!("guard-tf-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("work")).expect("a temporary directory");
        let root = root.canonicalize().expect("it was just made");
        for (path, content) in files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a directory");
            std::fs::write(path, content).expect("a file");
        }
        Tree(root)
    }

    fn targets(&self, line: &str, environment: &[(&str, &str)]) -> Targets {
        let argv = line.split(' ').map(Into::into).collect();
        let here = Invocation::here(argv, Stdin::Unread).expect("a working directory");
        let here = here.with_cwd(self.0.join("work"));
        let here = here.with_environment(Environment::from_pairs(environment.iter().copied()));
        let tool = crate::reading::Tool::named("terraform");
        let reading = crate::reading::read(&here, &tool);
        match resolve(&reading.commands[0]) {
            Resolution::Hits(targets) => targets,
            Resolution::Nothing(why) => panic!("nothing: {why}"),
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const HTTP: &[u8] = br#"{"version":3,"backend":{"type":"http","config":{"address":null},"hash":1}}"#;
const STATE: &[u8] = br#"{"version":4,"resources":[
    {"mode":"managed","type":"t","name":"a","instances":[{}]}]}"#;

#[test]
fn the_default_is_local_and_shown_from_the_parent() {
    let tree = Tree::of("local", &[("work/terraform.tfstate", STATE)]);
    let found = tree.targets("terraform destroy", &[]);
    let facts = ["dir", "backend", "workspace", "state"].map(|key| found.text(key).unwrap_or("?"));
    assert_eq!(facts, ["work", "local", "default", "work/terraform.tfstate"]);
    assert_eq!((found.deletes.as_slice(), found.typed.as_str()), (&["t.a".to_owned()][..], "work"));
    assert_eq!(found.headline.as_deref(), Some("destroy everything in workspace default: 1 object"));
    assert_eq!(tree.targets("terraform destroy -state other", &[]).text("state"), Some("work/other"));
}

#[test]
fn everything_relative_is_resolved_after_chdir() {
    let tree =
        Tree::of("chdir", &[("work/dd/environment", b"fromcwd"), ("prod/dd/environment", b"fromchdir\n")]);
    let found = tree.targets("terraform -chdir=../prod workspace show", &[("TF_DATA_DIR", "dd")]);
    assert_eq!((found.text("dir"), found.text("workspace")), (Some("prod"), Some("fromchdir")));
    assert_eq!(found.fact("state").map(|f| f.value.clone()), Some(Value::Known(Datum::Null)));
    let found = tree.targets("terraform -chdir=../prod destroy", &[("TF_DATA_DIR", "dd")]);
    assert_eq!(found.text("state"), Some("prod/terraform.tfstate.d/fromchdir/terraform.tfstate"));
}

#[test]
fn a_checkout_is_the_base_inside_it() {
    let tree = Tree::of("git", &[(".git/HEAD", b"x"), ("work/main.tf", b"")]);
    assert_eq!(tree.targets("terraform destroy", &[]).text("dir"), Some("work"));
    assert_eq!(tree.targets("terraform -chdir=a/b destroy", &[]).text("dir"), Some("work/a/b"));
    let outside = tree.targets("terraform -chdir=/ destroy", &[]);
    assert_eq!((outside.text("dir"), outside.text("state")), (Some("/"), Some("/terraform.tfstate")));
}

#[test]
fn the_record_counts_and_null_fields_ask_the_environment() {
    let tree = Tree::of("record", &[("work/.terraform/terraform.tfstate", HTTP)]);
    let found =
        tree.targets("terraform destroy", &[("TF_HTTP_ADDRESS", "http://h/prod"), ("TF_WORKSPACE", "eu")]);
    assert_eq!((found.text("state"), found.text("workspace")), (Some("http:/prod"), Some("eu")));
    assert!(found.traits.has("target.run", "here") && found.traits.has("target.backend", "http"));
    assert!(tree.targets("terraform destroy", &[]).unknowns().any(|(key, _)| key == "address"));
    let surgery = tree.targets("terraform state rm -state=x.tfstate a.b", &[]);
    assert_eq!(surgery.text("state"), Some("work/x.tfstate"));
}

#[test]
fn what_is_not_initialised_or_damaged_is_unknown() {
    for (name, files) in [
        ("uninitialised", [("work/main.tf", &b"terraform {\n backend \"s3\" {}\n}\n"[..])]),
        ("torn", [("work/.terraform/terraform.tfstate", &b"{\"backend\":"[..])]),
        ("store", [("work/.terraform/terraform.tfstate", &b"{\"state_store\":{\"type\":\"x\"}}"[..])]),
        ("odd", [("work/main.tf", &b"terraform {"[..])]),
    ] {
        let tree = Tree::of(name, &files);
        let found = tree.targets("terraform destroy", &[]);
        assert!(found.unknowns().any(|(key, _)| key == "backend"), "{name}");
        assert!(
            found.traits.has("target.run", "unknown") && !found.traits.has("target.state", "empty"),
            "{name}"
        );
    }
}

#[test]
fn an_apply_can_delete_nothing_where_there_is_nothing() {
    let state = |name: &str, files: &[(&str, &[u8])]| {
        let found = Tree::of(name, files).targets("terraform apply", &[]);
        found.traits.values("target.state").collect::<Vec<_>>().join("+")
    };
    assert_eq!(state("first", &[("work/main.tf", b"")]), "empty");
    assert_eq!(state("import", &[("work/main.tf", b"import {\n to = a.b\n}\n")]), "unknown");
    assert_eq!(state("filled", &[("work/terraform.tfstate", STATE)]), "holds");
    assert_eq!(state("encrypted", &[("work/terraform.tfstate", b"{\"encrypted_data\":\"x\"}")]), "unknown");
}

#[test]
fn the_state_that_is_read_decides_not_the_one_that_is_written() {
    let tree = Tree::of("out", &[("work/terraform.tfstate", STATE)]);
    let found = tree.targets("terraform apply -state-out=new.tfstate", &[]);
    assert!(found.traits.has("target.state", "holds") && found.text("state") == Some("work/new.tfstate"));
}

#[test]
fn a_plan_brings_its_own_backend_and_says_what_goes() {
    let plan = plan::tests::file(&[("a.a", 5), ("a.b", 6), ("a.c", 0)]);
    let tree = Tree::of("plan", &[("work/.terraform/terraform.tfstate", HTTP), ("work/p", &plan)]);
    let found = tree.targets("terraform apply p", &[]);
    assert_eq!((found.text("backend"), found.text("state")), (Some("local"), Some("work/terraform.tfstate")));
    assert_eq!((found.deletes.join(" ").as_str(), found.typed.as_str()), ("a.a a.b", "destroy 2"));
    assert!(found.traits.has("target.plan", "deletes"));
    assert_eq!(found.headline.as_deref(), Some("apply saved plan p: 1 to delete, 1 to replace"));
    let other = tree.targets("terraform apply p", &[("TF_WORKSPACE", "prod")]);
    assert_eq!((other.text("workspace"), other.text("plan_workspace")), (Some("prod"), Some("default")));
}

#[test]
fn a_plan_that_cannot_be_read_makes_everything_unknown() {
    let tree = Tree::of("badplan", &[("work/p", b"{\"remote_plan_format\":1}")]);
    for line in ["terraform apply p", "terraform apply missing"] {
        let found = tree.targets(line, &[]);
        assert!(found.traits.has("target.plan", "unreadable") && found.unknowns().next().is_some(), "{line}");
    }
}

#[test]
fn pushing_a_foreign_or_older_state_is_refused_by_terraform_itself() {
    let state = |lineage: &str, serial: u64| {
        let object = r#"{"mode":"managed","type":"t","name":"a","instances":[{}]}"#;
        format!(r#"{{"version":4,"serial":{serial},"lineage":"{lineage}","resources":[{object}]}}"#)
            .into_bytes()
    };
    let tree = Tree::of(
        "push",
        &[
            ("work/terraform.tfstate", &state("a", 5)),
            ("work/foreign", &state("b", 9)),
            ("work/older", &state("a", 4)),
            ("work/later", &state("a", 6)),
        ],
    );
    for (source, refused) in
        [("foreign", true), ("older", true), ("later", false), ("-", false), ("gone", false)]
    {
        let found = tree.targets(&format!("terraform state push {source}"), &[]);
        assert_eq!(found.traits.has("target.state", "newer"), refused, "{source}");
    }
}

#[test]
fn deleting_a_workspace_names_it_and_knows_refusals() {
    let tree = Tree::of(
        "ws",
        &[
            ("work/.terraform/environment", b"staging"),
            ("work/terraform.tfstate.d/prod/terraform.tfstate", STATE),
            ("work/terraform.tfstate.d/staging/terraform.tfstate", STATE),
        ],
    );
    let found = tree.targets("terraform workspace delete -force prod", &[]);
    assert_eq!((found.text("workspace"), found.typed.as_str()), (Some("prod"), "prod"));
    assert_eq!((found.objects.len(), found.traits.values("target.workspace").count()), (1, 0));
    for (name, why) in [("staging", "current"), ("default", "default"), ("gone", "absent")] {
        let found = tree.targets(&format!("terraform workspace delete -force {name}"), &[]);
        assert!(found.traits.has("target.workspace", why), "{name}");
    }
    assert_eq!(tree.targets("terraform workspace select prod", &[]).text("workspace"), Some("staging"));
}

#[test]
fn the_cloud_profile_is_shown_beside_the_state() {
    let tree = Tree::of("aws", &[]);
    assert_eq!(
        tree.targets("terraform destroy", &[("AWS_PROFILE", "prod")]).text("aws_profile"),
        Some("prod")
    );
    assert!(tree.targets("terraform destroy", &[("AWS_PROFILE", "")]).fact("aws_profile").is_none());
}

#[test]
fn the_targets_of_a_destroy_are_listed_and_named() {
    let state: &[u8] = br#"{"version":4,"resources":[
        {"mode":"managed","type":"t","name":"a","instances":[{}]},
        {"mode":"managed","type":"t","name":"c","instances":[{"dependencies":["t.a"]}]},
        {"mode":"managed","type":"t","name":"prod_db","instances":[{}]}]}"#;
    let tree = Tree::of("targeted", &[("work/terraform.tfstate", state)]);
    let deletes = |line: &str| tree.targets(line, &[]).deletes.join(" ");
    assert_eq!(deletes("terraform destroy -target=t.prod_db"), "t.prod_db");
    assert_eq!(deletes("terraform destroy -target=t.a"), "t.a t.c");
    assert_eq!(deletes("terraform apply -destroy -target t.c"), "t.c");
    assert_eq!(deletes("tofu destroy -exclude=t.prod_db"), "t.a t.c");
    assert_eq!(deletes("tofu destroy -target-file=x"), "t.a t.c t.prod_db");
    assert_eq!(deletes("terraform destroy -target=t.gone"), "t.gone");
    let found = tree.targets("terraform destroy -target=t.prod_db", &[]);
    assert_eq!(
        found.headline.as_deref(),
        Some("destroy the targeted resources in workspace default: 1 object, and what else depends on them")
    );
}

#[test]
fn an_address_in_the_words_is_a_name_like_those_of_the_state() {
    for line in [
        "terraform destroy -target=t.prod_db",
        "terraform apply -replace=t.prod_db",
        "terraform apply -target t.prod_db",
        "terraform state mv t.prod_db t.b",
        "terraform state rm t.prod_db",
        "terraform taint t.prod_db",
    ] {
        let argv = line.split(' ').map(Into::into).collect();
        let here = Invocation::here(argv, Stdin::Unread).expect("a working directory");
        let tool = crate::reading::Tool::named("terraform");
        let command = crate::reading::read(&here, &tool).commands.remove(0);
        let names = crate::targets::names::of(&command, &Targets::new("terraform"));
        assert!(names.iter().any(|name| name == "t.prod_db"), "{line}: {names:?}");
    }
}
