//! What `pulumi stack select` wrote down for a project: one file for each place of a Pulumi.yaml.
//! Must never choose between backends that the files do not choose between.

use super::sha1;
use crate::invocation::Invocation;
use crate::reading::Command;
use crate::reading::kubectl::yaml;
use std::path::{Path, PathBuf};

/// The selected stack, or why nobody can tell.
pub(super) fn stack(command: &Command) -> Result<String, String> {
    let invocation = &command.invocation;
    let (file, project) = project(invocation, &directory(command))?;
    let name = project.get("name").and_then(yaml::Node::text).ok_or("Pulumi.yaml names no project")?;
    let home = match invocation.var_filled("PULUMI_HOME") {
        Some(home) => invocation.path(home),
        None => invocation.home().ok_or("HOME is not set")?.join(".pulumi"),
    };
    let digest = sha1::hex(file.as_os_str().as_encoded_bytes());
    let settings = home.join(format!("workspaces/{name}-{digest}-workspace.json"));
    let bytes = invocation.read(settings).map_err(|_| "no stack is selected for this project here")?;
    let settings: serde_json::Value = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let by_backend = settings.get("stacks").and_then(|s| s.as_object()).filter(|s| !s.is_empty());
    let text = |value: Option<&serde_json::Value>| value.and_then(|v| v.as_str()).map(str::to_owned);
    let chosen = match by_backend {
        Some(all) => match backend(invocation, &project, &home) {
            Some(url) => text(all.get(&url)),
            None => text(all.values().next()).filter(|_| all.len() == 1),
        },
        None => None,
    };
    let chosen = chosen.or_else(|| text(settings.get("stack"))).filter(|s| !s.is_empty());
    chosen.ok_or_else(|| "no stack is selected for this project and backend".to_owned())
}

/// Where pulumi works: after `-C` the directory's real path, else `$PWD` if it leads here, as Go's Getwd.
fn directory(command: &Command) -> PathBuf {
    let invocation = &command.invocation;
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if let Some(given) = command.option("--cwd").filter(|d| !d.is_empty()) {
        return real(&invocation.path(given));
    }
    let here = invocation.cwd().to_owned();
    let said = invocation.var_filled("PWD").map(PathBuf::from).filter(|p| p.is_absolute());
    said.filter(|p| real(p) == real(&here)).unwrap_or(here)
}

/// The nearest Pulumi.yaml above.
fn project(invocation: &Invocation, from: &Path) -> Result<(PathBuf, yaml::Node), String> {
    for directory in from.ancestors() {
        for name in ["Pulumi.json", "Pulumi.yaml", "Pulumi.yml"] {
            let file = directory.join(name);
            if let Ok(bytes) = invocation.read(&file) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                return yaml::first_document(&text).map(|node| (file, node));
            }
        }
    }
    Err("there is no Pulumi.yaml here".to_owned())
}

/// The address of the backend in use.
fn backend(invocation: &Invocation, project: &yaml::Node, home: &Path) -> Option<String> {
    if let Some(url) = invocation.var_filled("PULUMI_BACKEND_URL") {
        return Some(url);
    }
    if let Some(url) = project.at(&["backend", "url"]).and_then(yaml::Node::text) {
        return Some(url.to_owned());
    }
    let bytes = invocation.read(home.join("credentials.json")).ok()?;
    let credentials: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    credentials.get("current")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};
    use crate::reading::Opt;

    #[test]
    fn the_selection_belongs_to_one_pulumi_yaml() {
        let root = std::env::temp_dir().join(format!("guard-pulumi-{}", std::process::id()));
        let root = {
            std::fs::create_dir_all(root.join("infra/deep")).expect("made");
            root.canonicalize().expect("there")
        };
        std::fs::write(root.join("infra/Pulumi.yaml"), "name: web\nruntime: go\n").expect("written");
        std::fs::create_dir_all(root.join(".pulumi/workspaces")).expect("made");
        let digest = sha1::hex(root.join("infra/Pulumi.yaml").as_os_str().as_encoded_bytes());
        let settings = root.join(format!(".pulumi/workspaces/web-{digest}-workspace.json"));
        let home = Environment::default().set("HOME", root.as_os_str());
        let here = Invocation::here(vec!["pulumi".into()], Stdin::Terminal).expect("cwd").with_environment(home);
        let mut command = Command::new(&here.with_cwd(root.clone()), "pulumi");
        let value = Some("infra/deep".to_owned());
        command.options.push(Opt { name: "--cwd".into(), value, at: 0 });
        for (text, want) in [
            (r#"{"stack": "acme/prod"}"#, Some("acme/prod")),
            (r#"{"stacks": {"https://api.pulumi.com": "acme/dev"}, "stack": "old"}"#, Some("acme/dev")),
            (r#"{"stacks": {"a": "x", "b": "y"}}"#, None),
            ("{}", None),
        ] {
            std::fs::write(&settings, text).expect("written");
            assert_eq!(stack(&command).ok().as_deref(), want, "{text}");
        }
        std::fs::remove_dir_all(root).expect("removed");
    }
}
