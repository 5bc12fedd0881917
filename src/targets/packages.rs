//! Which registry a package manager publishes to, and which package: options, variables, settings files and the
//! manifest of the directory. Must never show a token that stands beside a registry's address.

use super::{Datum, Fact, Resolution, Targets};
use crate::invocation::Invocation;
use crate::reading::{Command, Does};
use std::path::{Path, PathBuf};

/// Resolves a command of a package manager.
pub fn resolve(command: &Command, family: &'static str) -> Resolution {
    if let Does::Nothing(why) = &command.does {
        return Resolution::Nothing(why.clone());
    }
    let (registry, package) = match family {
        "cargo" => cargo(command),
        _ => npm(command),
    };
    let mut targets = Targets::new(family);
    let name = package.as_ref().map(|p| p.0.clone());
    targets.typed = name.clone().unwrap_or_else(|| command.tool.clone());
    targets.objects = name.into_iter().collect();
    targets.facts.push(registry);
    targets.facts.push(match package {
        Some((name, source)) => Fact::known("package", Datum::Text(name), source),
        None => Fact::unknown("package", "no manifest here names it", "the working directory"),
    });
    Resolution::Hits(targets)
}

type Named = Option<(String, String)>;

const NPM: &str = "https://registry.npmjs.org/";

fn npm(command: &Command) -> (Fact, Named) {
    let invocation = &command.invocation;
    let manifest = upwards(invocation, "package.json")
        .and_then(|(path, text)| Some((path, serde_json::from_slice::<serde_json::Value>(&text).ok()?)));
    let from_words = npm_operand(command).map(|w| (w, "the words of the command".to_owned()));
    let publishes = command.verb.ends_with("publish") && !command.verb.ends_with("unpublish");
    let from_manifest = manifest
        .as_ref()
        .and_then(|(path, json)| Some((json.get("name")?.as_str()?.to_owned(), path.display().to_string())));
    // `npm publish FILE` publishes what the file holds; its name is not read here.
    let package = if publishes && from_words.is_some() { None } else { from_words.or(from_manifest) };
    let own = manifest.as_ref().filter(|_| publishes).and_then(|(path, json)| {
        let text = json.get("publishConfig")?.get("registry")?.as_str()?.to_owned();
        Some((text, format!("publishConfig of {}", path.display())))
    });
    let scope = package
        .as_ref()
        .and_then(|(name, _)| name.strip_prefix('@')?.split_once('/').map(|(s, _)| s.to_owned()));
    let registry = npm_registry(command, own, scope.as_deref());
    (registry, package)
}

/// Where the words name a package: `unpublish NAME@1`, `dist-tag add NAME@1 TAG`, `owner add USER NAME`.
fn npm_operand(command: &Command) -> Option<String> {
    let at = match command.verb.as_str() {
        "owner add" | "owner rm" | "npm owner add" | "npm owner rm" => 1,
        "access grant" | "access revoke" => 2,
        "access set" => 1,
        _ => 0,
    };
    let word = command.operands.get(at)?;
    let version = word.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(word.len(), |(at, _)| at);
    Some(word[..version].to_owned())
}

fn npm_registry(command: &Command, own: Named, scope: Option<&str>) -> Fact {
    let invocation = &command.invocation;
    if let Some(registry) = command.option("--registry").filter(|r| !r.is_empty()) {
        return address(registry, "--registry");
    }
    if let Some((registry, source)) = own {
        return address(&registry, &source);
    }
    let files = npmrc(invocation);
    let in_files = |key: &str| {
        files.iter().find_map(|(path, text)| Some((setting(text, key)?, path.display().to_string())))
    };
    if let Some((registry, source)) = scope.and_then(|s| in_files(&format!("@{s}:registry"))) {
        return address(&registry, &source);
    }
    for variable in
        ["npm_config_registry", "NPM_CONFIG_REGISTRY", "YARN_NPM_PUBLISH_REGISTRY", "YARN_REGISTRY"]
    {
        if let Some(registry) = invocation.var_filled(variable) {
            return address(&registry, &format!("${variable}"));
        }
    }
    match in_files("registry") {
        Some((registry, source)) => address(&registry, &source),
        None => Fact::text("registry", NPM, "default"),
    }
}

/// The project's settings, then the user's.
fn npmrc(invocation: &Invocation) -> Vec<(PathBuf, String)> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let project = upwards(invocation, "package.json").and_then(|(path, _)| {
        let path = path.parent()?.join(".npmrc");
        Some((path.clone(), text(invocation.read(&path).ok()?)))
    });
    let user =
        ["npm_config_userconfig", "NPM_CONFIG_USERCONFIG"].iter().find_map(|v| invocation.var_filled(v));
    let user = user.map(PathBuf::from).or_else(|| invocation.home().map(|h| h.join(".npmrc")));
    let user = user.and_then(|path| Some((path.clone(), text(invocation.read(&path).ok()?))));
    project.into_iter().chain(user).collect()
}

/// `key=value` of an ini file; the last one counts.
fn setting(text: &str, key: &str) -> Option<String> {
    let lines = text.lines().rev().filter_map(|line| line.split_once('='));
    let value = lines.into_iter().find(|(name, _)| name.trim() == key)?.1.trim();
    Some(value.trim_matches('"').to_owned())
}

fn cargo(command: &Command) -> (Fact, Named) {
    let invocation = &command.invocation;
    let given = command.option("--registry").map(|r| (r.to_owned(), "--registry".to_owned()));
    let index = command.option("--index").map(|i| (i.to_owned(), "--index".to_owned()));
    let variable =
        invocation.var_filled("CARGO_REGISTRY_DEFAULT").map(|v| (v, "$CARGO_REGISTRY_DEFAULT".to_owned()));
    let found = given.or(index).or(variable).or_else(|| cargo_default(invocation));
    let registry = match found {
        Some((name, source)) => address(&name, &source),
        None => Fact::text("registry", "crates-io", "default"),
    };
    let word = command.operands.first().filter(|_| ["yank", "owner"].contains(&command.verb.as_str()));
    let word = word.map(|w| w.split('@').next().unwrap_or(w).to_owned());
    let option = command.option("--package").map(str::to_owned);
    let named = option.or(word).map(|name| (name, "the words of the command".to_owned()));
    (registry, named.or_else(|| cargo_package(command)))
}

/// `[registry] default` of the nearest settings file.
fn cargo_default(invocation: &Invocation) -> Named {
    let home = invocation.var_filled("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| invocation.home().map(|h| h.join(".cargo")));
    let nearest = invocation.cwd().ancestors().map(|d| d.join(".cargo"));
    nearest.chain(home).flat_map(|d| [d.join("config.toml"), d.join("config")]).find_map(|path| {
        let text = String::from_utf8_lossy(&invocation.read(&path).ok()?).into_owned();
        Some((in_section(&text, "[registry]", "default")?, path.display().to_string()))
    })
}

fn cargo_package(command: &Command) -> Named {
    let invocation = &command.invocation;
    let (path, text) = match command.option("--manifest-path") {
        Some(path) => (invocation.path(path), invocation.read(path).ok()?),
        None => upwards(invocation, "Cargo.toml")?,
    };
    let name = in_section(&String::from_utf8_lossy(&text), "[package]", "name")?;
    Some((name, path.display().to_string()))
}

/// A quoted value of a section; enough for a name, and nothing where the file says it in another way.
fn in_section(text: &str, section: &str, key: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != section).skip(1);
    let line = lines.by_ref().take_while(|line| !line.starts_with('[')).find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })?;
    let quote = line.chars().next().filter(|c| ['"', '\''].contains(c))?;
    line[1..].split_once(quote).map(|(value, _)| value.to_owned())
}

/// The nearest file of that name, from the working directory upwards.
fn upwards(invocation: &Invocation, name: &str) -> Option<(PathBuf, Vec<u8>)> {
    let directories = invocation.cwd().ancestors();
    directories
        .map(|d: &Path| d.join(name))
        .find_map(|path| Some((path.clone(), invocation.read(&path).ok()?)))
}

/// An address without user and password.
fn address(url: &str, source: &str) -> Fact {
    let shown = match url.split_once("://") {
        Some((scheme, rest)) => {
            let slash = rest.find('/').unwrap_or(rest.len());
            let host = rest[..slash].rsplit('@').next().unwrap_or("");
            format!("{scheme}://{host}{}", &rest[slash..])
        }
        None => url.to_owned(),
    };
    Fact::text("registry", shown, source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};
    use crate::reading::Tool;

    fn facts(program: &str, directory: &Path, verb: &str, operands: &[&str]) -> Vec<String> {
        let invocation = Invocation::here(vec![program.into()], Stdin::Terminal)
            .expect("cwd")
            .with_cwd(directory.to_owned())
            .with_environment(Environment::from_pairs([("HOME", "/nowhere")]));
        let mut command = Command::new(&invocation, &Tool::named(program).program);
        command.verb = verb.to_owned();
        command.operands = operands.iter().map(|o| (*o).to_owned()).collect();
        let family = if program == "cargo" { "cargo" } else { "npm" };
        match resolve(&command, family) {
            Resolution::Hits(targets) => targets.facts.iter().map(|f| f.value.to_string()).collect(),
            Resolution::Nothing(why) => vec![why],
        }
    }

    #[test]
    fn the_registry_and_the_package_come_from_the_files_of_the_project() {
        let root = std::env::temp_dir().join(format!("guard-packages-{}", std::process::id()));
        std::fs::create_dir_all(root.join("src")).expect("scratch");
        std::fs::write(root.join("package.json"), "{\"name\": \"@acme/api\"}").expect("scratch");
        std::fs::write(
            root.join(".npmrc"),
            "@acme:registry=https://me:secret@npm.acme.com/\nregistry=https://x/\n",
        )
        .expect("scratch");
        std::fs::write(root.join("Cargo.toml"), "[package]\nname = \"acme-api\" # x\n").expect("scratch");
        assert_eq!(facts("npm", &root.join("src"), "publish", &[]), ["https://npm.acme.com/", "@acme/api"]);
        assert_eq!(facts("npm", &root, "unpublish", &["left-pad@1.0.0"]), ["https://x/", "left-pad"]);
        assert_eq!(
            facts("npm", &root, "owner add", &["me", "@acme/web"]),
            ["https://npm.acme.com/", "@acme/web"]
        );
        assert_eq!(facts("cargo", &root.join("src"), "publish", &[]), ["crates-io", "acme-api"]);
        assert_eq!(facts("cargo", &root, "yank", &["serde@1.0.0"]), ["crates-io", "serde"]);
        std::fs::remove_dir_all(&root).expect("scratch");
    }
}
