//! What terraform runs for a line, as observed with 1.11.4.

use super::*;
use crate::invocation::Environment;

fn command(line: &str, environment: &[(&str, &str)], stdin: Stdin) -> Command {
    let argv = line.split(' ').map(Into::into).collect();
    let here = Invocation::here(argv, stdin).expect("a working directory");
    let here = here.with_environment(Environment::from_pairs(environment.iter().copied()));
    read(&here).commands.remove(0)
}

fn form(line: &str, environment: &[(&str, &str)]) -> String {
    let command = command(line, environment, Stdin::Unread);
    match command.does {
        Does::Acts => command.traits.values("form").collect::<Vec<_>>().join("+"),
        Does::Nothing(_) => "nothing".into(),
        Does::Unsure(_) => "unsure".into(),
    }
}

#[test]
fn an_operation_is_known_by_what_it_does() {
    for (line, want) in [
        ("terraform destroy -destroy=false", "destroy"),
        ("terraform apply -auto-approve --destroy", "destroy"),
        ("terraform apply -destroy=T -target=a.b", "destroy-targeted"),
        ("terraform apply -destroy -destroy=false", "apply"),
        ("terraform apply -var -destroy", "apply"),
        ("terraform apply -refresh-only", "refresh-only"),
        ("terraform apply -destroy=false p", "plan"),
        ("terraform apply p -no-color", "plan"),
        ("terraform apply -invoke=action.a.b", "invoke"),
        ("tofu destroy -exclude=a.b", "destroy-targeted"),
        ("terraform -chdir=../prod destroy", "destroy"),
        ("terraform refresh", "refresh-only"),
    ] {
        assert_eq!(form(line, &[]), want, "{line}");
    }
}

#[test]
fn what_terraform_refuses_runs_nothing() {
    for line in [
        "terraform",
        "terraform DESTROY",
        "terraform destroyx",
        "terraform -chdir ../prod destroy",
        "terraform -chdir= destroy",
        "terraform -chdir=a -chdir=b destroy",
        "terraform --chdir=a destroy",
        "terraform destroy -chdir=../prod",
        "terraform -auto-approve destroy",
        "terraform apply p -auto-approve",
        "terraform destroy p",
        "terraform destroy -destroy",
        "terraform apply -destroy=yes",
        "terraform apply -var",
        "terraform apply -json",
        "terraform apply -destroy -refresh-only",
        "terraform state rm",
        "terraform state rmx a",
        "terraform state",
        "terraform workspace",
        "terraform destroy ---auto-approve",
    ] {
        assert_eq!(form(line, &[]), "nothing", "{line}");
    }
}

#[test]
fn help_and_version_count_where_terraform_looks_for_them() {
    for line in [
        "terraform -help destroy",
        "terraform destroy -auto-approve -h",
        "terraform destroy -var --help",
        "terraform destroy -v",
        "terraform destroy -- -version",
        "terraform -version apply",
        "terraform apply --help",
    ] {
        assert_eq!(form(line, &[]), "nothing", "{line}");
    }
    assert_eq!(form("terraform apply -- -help", &[]), "plan");
    assert_eq!(form("terraform destroy -V", &[]), "unsure");
}

#[test]
fn variables_put_words_before_the_typed_ones() {
    let args = |name: &'static str, value: &'static str| [(name, value)];
    assert_eq!(form("terraform apply", &args("TF_CLI_ARGS_apply", "-destroy -auto-approve")), "destroy");
    assert_eq!(form("terraform apply -destroy=false", &args("TF_CLI_ARGS_apply", "-destroy")), "apply");
    assert_eq!(form("terraform apply", &args("TF_CLI_ARGS_apply", "-auto-approve p")), "plan");
    assert_eq!(form("terraform apply", &args("TF_CLI_ARGS", "-destroy")), "destroy");
    assert_eq!(form("terraform", &args("TF_CLI_ARGS", "destroy -auto-approve")), "destroy");
    assert_eq!(form("terraform destroy", &args("TF_CLI_ARGS", "-help")), "nothing");
    assert_eq!(form("terraform apply", &args("TF_CLI_ARGS_destroy", "-destroy")), "apply");
    // The general variable ends up behind the particular one, so it wins.
    assert_eq!(
        form("terraform apply", &[("TF_CLI_ARGS", "-destroy=0"), ("TF_CLI_ARGS_apply", "-destroy")]),
        "apply"
    );
}

#[test]
fn nested_subcommands_and_their_variables() {
    let dry = command("terraform state rm a.b", &[("TF_CLI_ARGS_state_rm", "-dry-run")], Stdin::Unread);
    assert_eq!(
        (dry.verb.as_str(), dry.option("--dry-run"), dry.operands.len()),
        ("state rm", Some("true"), 1)
    );
    let delete =
        command("terraform env delete -force prod", &[("TF_CLI_ARGS_workspace", "-force=0")], Stdin::Unread);
    assert_eq!((delete.verb.as_str(), delete.option("--force")), ("workspace delete", Some("true")));
    assert_eq!(
        command("terraform workspace", &[("TF_CLI_ARGS", "delete -force x")], Stdin::Unread).verb,
        "workspace delete"
    );
}

#[test]
fn an_unknown_option_is_uncertain_only_where_it_matters() {
    assert_eq!(form("terraform destroy -new-option", &[]), "unsure");
    assert_eq!(command("terraform plan -new-option", &[], Stdin::Unread).does, Does::Acts);
    assert_eq!(command("terraform workspace select -x prod", &[], Stdin::Unread).does, Does::Acts);
    assert!(matches!(command("terraform stacks x", &[], Stdin::Unread).does, Does::Unsure(_)));
}

#[test]
fn only_a_known_answer_declines() {
    let declined = |line: &str, stdin: Stdin| command(line, &[], stdin).traits.has("input", "declined");
    let text = |t: &str| Stdin::Content(t.as_bytes().into());
    assert!(declined("terraform destroy", text("no\n")));
    assert!(!declined("terraform destroy", text("no\nyes\n")) && !declined("terraform destroy", text("")));
    assert!(
        !declined("terraform destroy -auto-approve", text("no\n"))
            && !declined("terraform apply p", text("no\n"))
    );
    assert!(
        !declined("terraform destroy", Stdin::Terminal) && !declined("terraform destroy", Stdin::TooMuch)
    );
}
