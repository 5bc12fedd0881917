//! Which environment a target belongs to: by its facts, and by the names of the things its command acts on.
//! Must never let a name on the line take protection away that the target has without it.

use super::{EnvironmentName, Judged};
use crate::reading::Command;
use crate::rules::pack::{Condition, Environment, Surroundings};
use crate::rules::{glob, names};
use crate::targets::names::WITHIN;
use crate::targets::{self, Datum, Fact, Targets, Value};

/// The fact that says which of the command's own words name an environment.
const OBJECT: &str = "object";

/// The environment of a command's target, and the facts that put it there. Where only the name of an object does,
/// it becomes a fact, so that the question shows it.
pub(super) fn place(
    command: &Command,
    targets: &mut Targets,
    environments: &[Environment],
) -> (EnvironmentName, Vec<String>) {
    let (said, family) = (targets::names::of(command, targets), targets.family.clone());
    let names = |environment: &Environment, first: bool| -> Vec<String> {
        let says = |name: &&String| {
            first && names::carries(name, &environment.words, &environment.negations)
                || environment.matches.iter().any(|c| matches_fact(c, &family, OBJECT, name))
        };
        said.iter().filter(says).cloned().collect()
    };
    let unknown = targets.unknowns().next().is_some();
    for (rank, environment) in environments.iter().enumerate() {
        if rank > 0 && unknown {
            break;
        }
        let mut because: Vec<String> = targets
            .facts
            .iter()
            .filter(|fact| names_environment(fact, &family, environment, rank == 0))
            .map(|fact| fact.key.clone().into_owned())
            .collect();
        let objects = names(environment, rank == 0);
        if because.is_empty() && !objects.is_empty() {
            because.push(OBJECT.to_owned());
            show(objects, targets);
        }
        if !because.is_empty() {
            return (EnvironmentName::Named(environment.name.clone()), because);
        }
    }
    (if unknown { EnvironmentName::Unknown } else { EnvironmentName::Unlabelled }, Vec::new())
}

/// Makes names of objects a fact, beside what that fact says already.
fn show(mut objects: Vec<String>, targets: &mut Targets) {
    let own = targets.facts.iter().position(|fact| fact.key == OBJECT).map(|at| targets.facts.remove(at));
    if let Some(Fact { value: Value::Known(datum), .. }) = own {
        datum.each_text(&mut |text| objects.insert(0, text.to_owned()));
    }
    let value = match <[String; 1]>::try_from(objects) {
        Ok([one]) => Datum::Text(one),
        Err(several) => Datum::texts(several),
    };
    targets.facts.push(Fact::known(OBJECT, value, "the words of the command"));
}

/// Facts whose words say nothing about where a command acts.
const NOT_A_PLACE: &[&str] = &["user", "paths", "device", "cwd", "tls-server-name"];

fn names_environment(fact: &Fact, family: &str, environment: &Environment, first: bool) -> bool {
    let Value::Known(datum) = &fact.value else { return false };
    let mut found = false;
    datum.each_text(&mut |text| {
        let by_word = !NOT_A_PLACE.contains(&fact.key.as_ref())
            // As the names of objects, it must not lead anywhere less protected.
            && (first || fact.key != WITHIN)
            && names::carries(text, &environment.words, &environment.negations);
        found |= by_word || environment.matches.iter().any(|c| matches_fact(c, family, &fact.key, text));
    });
    found
}

fn matches_fact(condition: &Condition, family: &str, key: &str, text: &str) -> bool {
    if condition.key == "path" {
        let is_path = family == "path" && matches!(key, "paths" | "device");
        return is_path && condition.any.iter().any(|p| covers_path(p, text));
    }
    match condition.key.split_once('.') {
        Some((f, k)) => {
            // A host that is given as an address is the same host.
            let same = k == key || (f == "postgres" && k == "host" && key == "hostaddr");
            f == family && same && condition.any.iter().any(|p| glob::matches(p, text) || in_network(p, text))
        }
        None => false,
    }
}

/// A path is in a labelled area when the glob matches it, or when it is a parent of the area:
/// `rm -rf /` also removes `/srv/**`.
fn covers_path(pattern: &str, path: &str) -> bool {
    let area = pattern.split(['*', '?']).next().unwrap_or("").trim_end_matches('/');
    let parent = path.trim_end_matches('/');
    glob::matches(pattern, path)
        || path == area
        || (area.len() > parent.len() && area.starts_with(parent) && area.as_bytes()[parent.len()] == b'/')
}

/// `10.20.0.0/16` contains `10.20.3.4`; anything that is not a network and an address is no.
fn in_network(pattern: &str, text: &str) -> bool {
    use std::net::IpAddr;
    let Some((base, bits)) = pattern.split_once('/') else { return false };
    let (Ok(base), Ok(bits), Ok(address)) =
        (base.parse::<IpAddr>(), bits.parse::<u32>(), text.parse::<IpAddr>())
    else {
        return false;
    };
    // `::ffff:10.20.3.4` is 10.20.3.4.
    let address = if base.is_ipv4() { address.to_canonical() } else { address };
    match (base, address) {
        (IpAddr::V4(b), IpAddr::V4(a)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(b) & mask == u32::from(a) & mask
        }
        (IpAddr::V6(b), IpAddr::V6(a)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(b) & mask == u128::from(a) & mask
        }
        _ => false,
    }
}

/// Of the commands that were judged, the most protected environment.
pub(super) fn worst_environment(commands: &[Judged], surroundings: &Surroundings) -> EnvironmentName {
    let rank = |name: &EnvironmentName| match name {
        EnvironmentName::Named(n) => match surroundings.environments.iter().position(|e| e.name == *n) {
            Some(0) => 0,
            Some(i) => i + 1,
            None => usize::MAX - 1,
        },
        EnvironmentName::Unknown => 1,
        EnvironmentName::Unlabelled => usize::MAX,
    };
    commands
        .iter()
        .filter(|j| j.resolution.is_some() || j.unsure.is_some())
        .map(|j| &j.environment)
        .min_by_key(|e| rank(e))
        .cloned()
        .unwrap_or(EnvironmentName::Unlabelled)
}

#[cfg(test)]
mod tests {
    use super::in_network;

    #[test]
    fn a_network_holds_addresses_that_are_mapped_into_ipv6() {
        assert!(in_network("10.20.0.0/16", "10.20.3.4") && in_network("10.20.0.0/16", "::ffff:10.20.3.4"));
        assert!(!in_network("10.20.0.0/16", "::ffff:10.21.3.4") && !in_network("10.20.0.0/16", "host"));
    }
}
