//! A local state file: which objects it says exist. Must never keep attributes: they hold secrets in clear.

use crate::invocation::{Invocation, ReadError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// What a local state file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No such file, or no managed object in it: terraform has nothing to delete.
    Empty,
    /// Its managed objects.
    Holds(Vec<Held>),
    /// It cannot be read for certain: encrypted, damaged, another format.
    Unknown,
}

/// One managed object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) address: String,
    /// Addresses, without an index, of what it depends on, as the last apply saw it.
    needs: Vec<String>,
}

/// The addresses of those that go with `targets`: named by them or, at any distance, dependent on one that is.
pub(super) fn going(held: &[Held], targets: &[String]) -> Vec<String> {
    let mut goes: Vec<bool> = held.iter().map(|h| targets.iter().any(|t| is_within(&h.address, t))).collect();
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let taken = |goes: &[bool]| {
        held.iter().zip(goes).filter(|(_, g)| **g).map(|(h, _)| unindexed(&h.address)).collect()
    };
    loop {
        let next: BTreeSet<String> = taken(&goes);
        if next == gone {
            break;
        }
        gone = next;
        for (held, goes) in held.iter().zip(&mut goes) {
            *goes |= held.needs.iter().any(|need| gone.contains(&unindexed(need)));
        }
    }
    held.iter().zip(goes).filter(|(_, goes)| *goes).map(|(held, _)| held.address.clone()).collect()
}

/// Whether an address of -target or -exclude names this object, one of its instances, or a module around it.
pub(super) fn is_within(address: &str, target: &str) -> bool {
    let rest = address.strip_prefix(target.trim());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.', ' ']))
}

/// The address without `[0]`, `["key"]` and what stands behind a space.
fn unindexed(address: &str) -> String {
    let mut plain = String::new();
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if !quoted => inside = false,
            ' ' if !inside => break,
            _ if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

impl State {
    pub(super) fn word(&self) -> &'static str {
        match self {
            State::Empty => "empty",
            State::Holds(_) => "holds",
            State::Unknown => "unknown",
        }
    }
}

/// Reads a state file of format 4, which every terraform and tofu since 2019 writes.
pub(super) fn read(invocation: &Invocation, path: &Path) -> State {
    // A path that came through text may not be the one that terraform opens.
    if path.to_str().is_none_or(|p| p.contains('\u{fffd}')) {
        return State::Unknown;
    }
    let bytes = match invocation.read(path) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return State::Empty,
        Err(ReadError::TooLarge | ReadError::Failed(_)) => return State::Unknown,
    };
    if bytes.is_empty() {
        return State::Empty;
    }
    let root: Option<Value> = serde_json::from_slice(&bytes).ok();
    match root.as_ref().and_then(objects) {
        Some(all) if all.is_empty() => State::Empty,
        Some(all) => State::Holds(all),
        None => State::Unknown,
    }
}

/// Whether `state push` without -force would refuse `source` over `destination` (statemgr's CheckValidImport):
/// another lineage, or an older serial, over a state that holds something.
pub(super) fn refuses(invocation: &Invocation, source: &Path, destination: &Path) -> bool {
    let meta = |path: &Path| -> Option<(String, u64, usize)> {
        let root: Value = serde_json::from_slice(&invocation.read(path).ok()?).ok()?;
        let lineage = root.get("lineage")?.as_str()?.to_owned();
        Some((lineage, root.get("serial")?.as_u64()?, objects(&root)?.len()))
    };
    let (Some(new), Some(old)) = (meta(source), meta(destination)) else { return false };
    // A state without a lineage is from another age, and terraform lets everything pass.
    let known = !new.0.is_empty() && !old.0.is_empty() && old.2 > 0;
    known && (new.0 != old.0 || new.1 < old.1)
}

fn objects(root: &Value) -> Option<Vec<Held>> {
    if root.get("version")?.as_u64()? != 4 || root.get("encrypted_data").is_some() {
        return None;
    }
    let mut all = Vec::new();
    for resource in root.get("resources")?.as_array()? {
        let text = |name: &str| resource.get(name).and_then(Value::as_str);
        if text("mode")? != "managed" {
            continue;
        }
        let module = text("module").map_or(String::new(), |m| format!("{m}."));
        let name = format!("{module}{}.{}", text("type")?, text("name")?);
        for instance in resource.get("instances")?.as_array()? {
            let needs = instance.get("dependencies").and_then(Value::as_array);
            let needs = needs.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            all.push(Held { address: format!("{name}{}", suffix(instance)), needs });
        }
    }
    Some(all)
}

/// `[0]`, `["key"]`, ` (deposed 1234)`.
fn suffix(instance: &Value) -> String {
    let index = match instance.get("index_key") {
        Some(Value::Number(number)) => format!("[{number}]"),
        Some(Value::String(key)) => format!("[{key:?}]"),
        _ => String::new(),
    };
    match instance.get("deposed").and_then(Value::as_str) {
        Some(key) => format!("{index} (deposed {key})"),
        None => index,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn addresses(root: &Value) -> Option<Vec<String>> {
        objects(root).map(|all| all.into_iter().map(|held| held.address).collect())
    }

    #[test]
    fn what_depends_on_a_target_goes_with_it() {
        let held = |address: &str, needs: &[&str]| Held {
            address: address.into(),
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
        };
        let all = [
            held("t.a[\"x.y]\"]", &[]),
            held("t.ab", &[]),
            held("module.m[0].t.b", &["t.a"]),
            held("t.c", &["module.m.t.b"]),
            held("t.d", &["t.ab"]),
        ];
        let going = |target: &str| going(&all, &[target.to_owned()]).join(" ");
        assert_eq!(going("t.a"), "t.a[\"x.y]\"] module.m[0].t.b t.c");
        assert_eq!(going("module.m"), "module.m[0].t.b t.c");
        assert_eq!(going("t.ab"), "t.ab t.d");
        assert_eq!(going("t.c"), "t.c");
    }

    #[test]
    fn managed_instances_have_their_addresses() {
        let state = json!({"version": 4, "resources": [
            {"mode": "data", "type": "x", "name": "y", "instances": [{}]},
            {"mode": "managed", "module": "module.m", "type": "t", "name": "n", "instances": [
                {"index_key": 0}, {"index_key": "k"}, {"deposed": "ab"}]},
        ]});
        assert_eq!(
            addresses(&state),
            Some(vec![
                "module.m.t.n[0]".into(),
                "module.m.t.n[\"k\"]".into(),
                "module.m.t.n (deposed ab)".into()
            ])
        );
    }

    #[test]
    fn what_is_not_plain_state_is_not_called_empty() {
        assert_eq!(addresses(&json!({"version": 4, "resources": [], "encrypted_data": "x"})), None);
        assert_eq!(addresses(&json!({"version": 3, "modules": []})), None);
        assert_eq!(addresses(&json!({"version": 4})), None);
        assert_eq!(addresses(&json!({"version": 4, "resources": []})), Some(vec![]));
    }
}
