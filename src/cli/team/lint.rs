//! `guard team lint`: what the roster allows and is still unwise, with the quorums of the policy that is loaded here.

use super::{Trouble, now, team};
use crate::rules::pack::Gate;
use crate::rules::sources;
use crate::settings::Dirs;
use crate::statement::roster::lint;
use serde_json::json;
use std::collections::BTreeMap;

/// Look for what is unwise in the roster: somebody twice, groups too small for their quorum, weak keys, ends near
///
/// Exit status 0 when there is nothing, 1 when there is.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<i32, Trouble> {
    let team = team(dirs)?;
    let findings: Vec<String> =
        lint(team.roster(), &quorums(dirs)?, now()).iter().map(ToString::to_string).collect();
    if args.json {
        let version = team.roster().version();
        crate::outln!(
            "{}",
            crate::text::json(
                json!({ "v": 1, "team": team.name(), "version": version, "findings": findings })
            )
        );
    } else {
        findings.iter().for_each(|line| crate::outln!("{}", crate::text::show(line)));
    }
    Ok(i32::from(!findings.is_empty()))
}

/// The largest quorum of each group that the policy asks for.
fn quorums(dirs: &Dirs) -> Result<Vec<(String, u64)>, Trouble> {
    let rules = sources::looked_up(dirs);
    let around = rules.decide_by().map_err(|message| {
        Trouble::new(78, format!("rules do not load: {message}"), "`guard rules lint` says where")
    })?;
    let mut largest: BTreeMap<String, u64> = BTreeMap::new();
    for gate in around.policies.iter().flat_map(|policy| &policy.require) {
        if let Gate::Approval { group, people } = gate {
            let people = u64::from(*people);
            let kept = largest.entry(group.clone()).or_insert(people);
            *kept = people.max(*kept);
        }
    }
    Ok(largest.into_iter().collect())
}
