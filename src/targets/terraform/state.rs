//! A local state file: which objects it says exist. Must never keep attributes: they hold secrets in clear.

use crate::invocation::{Invocation, ReadError};
use serde_json::Value;
use std::path::Path;

/// What a local state file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No such file, or no managed object in it: terraform has nothing to delete.
    Empty,
    /// Addresses of its managed objects.
    Holds(Vec<String>),
    /// It cannot be read for certain: encrypted, damaged, another format.
    Unknown,
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
    match root.as_ref().and_then(addresses) {
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
        Some((lineage, root.get("serial")?.as_u64()?, addresses(&root)?.len()))
    };
    let (Some(new), Some(old)) = (meta(source), meta(destination)) else { return false };
    // A state without a lineage is from another age, and terraform lets everything pass.
    let known = !new.0.is_empty() && !old.0.is_empty() && old.2 > 0;
    known && (new.0 != old.0 || new.1 < old.1)
}

fn addresses(root: &Value) -> Option<Vec<String>> {
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
            all.push(format!("{name}{}", suffix(instance)));
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
