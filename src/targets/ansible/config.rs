//! Where ansible finds its inventories: -i, ANSIBLE_INVENTORY, the first ansible.cfg, /etc/ansible/hosts.
//! Must never read an ansible.cfg of a directory that everybody may write: ansible ignores it.

use crate::invocation::Invocation;
use crate::reading::Command;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// An inventory as it is named, and where that stands.
#[derive(Clone, Debug)]
pub struct Source {
    pub text: String,
    pub source: String,
}

/// The sources in order.
pub fn inventories(command: &Command) -> Result<Vec<Source>, String> {
    let invocation = &command.invocation;
    let of = |text: &str, source: &str| Source { text: text.to_owned(), source: source.to_owned() };
    let given: Vec<Source> = command
        .options
        .iter()
        .filter(|o| ["--inventory", "--inventory-file"].contains(&o.name.as_str()))
        .map(|o| of(o.value.as_deref().unwrap_or(""), "-i"))
        .collect();
    if !given.is_empty() {
        return Ok(given);
    }
    if let Some(list) = invocation.var_filled("ANSIBLE_INVENTORY") {
        return Ok(list.split(',').filter(|p| !p.is_empty()).map(|p| of(p, "$ANSIBLE_INVENTORY")).collect());
    }
    if let Some(place) = invocation.place() {
        return Err(format!("its configuration is on {place}"));
    }
    if let Some((file, text)) = config_file(invocation)
        && let Some(list) = value(&text, "inventory")
    {
        let directory = file.parent().map_or_else(PathBuf::new, Path::to_owned);
        let shown = format!("inventory, {}", file.display());
        let path = |p: &str| match (p.strip_prefix("~/"), invocation.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => directory.join(p.replace("{{CWD}}", &invocation.cwd().to_string_lossy())),
        };
        return Ok(list
            .split(',')
            .map(str::trim)
            .filter(|p| !p.is_empty())
            .map(|p| of(&path(p).to_string_lossy(), &shown))
            .collect());
    }
    Ok(vec![of("/etc/ansible/hosts", "default")])
}

/// The first configuration there is.
fn config_file(invocation: &Invocation) -> Option<(PathBuf, String)> {
    let mut tries: Vec<PathBuf> = Vec::new();
    if let Some(named) = invocation.var_filled("ANSIBLE_CONFIG") {
        let path = invocation.path(match (named.strip_prefix("~/"), invocation.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(&named),
        });
        tries.push(if path.is_dir() { path.join("ansible.cfg") } else { path });
    }
    let open = std::fs::metadata(invocation.cwd()).is_ok_and(|m| m.permissions().mode() & 0o002 != 0);
    if !open {
        tries.push(invocation.path("ansible.cfg"));
    }
    tries.extend(invocation.home().map(|home| home.join(".ansible.cfg")));
    tries.push("/etc/ansible/ansible.cfg".into());
    tries.into_iter().find_map(|path| {
        let bytes = invocation.read(&path).ok()?;
        Some((path, String::from_utf8_lossy(&bytes).into_owned()))
    })
}

/// A value of `[defaults]`.
fn value(text: &str, name: &str) -> Option<String> {
    let mut inside = false;
    let mut found = None;
    for line in text.lines() {
        let plain = line.trim();
        if let Some(section) = plain.strip_prefix('[') {
            inside = section.starts_with("defaults]");
        } else if inside
            && !plain.starts_with(['#', ';'])
            && let Some((key, rest)) = plain.split_once(['=', ':'])
            && key.trim().eq_ignore_ascii_case(name)
        {
            let value = rest.split(" ;").next().unwrap_or("").split(" #").next().unwrap_or("").trim();
            found = Some(value.to_owned()).filter(|v| !v.is_empty());
        }
    }
    found
}
