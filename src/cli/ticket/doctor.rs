//! What `guard doctor` says about tickets on a machine that uses them: policies by which none can ever work. Must never be said
//! where people sit: there these gates are as they should be.

use crate::gates::in_the_way;
use crate::intercept::doctor::{Finding, Level};
use crate::keys::Identity;
use crate::rules::sources;
use crate::settings::Dirs;
use crate::team::{Team, ticket};

pub fn findings(dirs: &Dirs) -> Vec<Finding> {
    // What is broken about key, team or policy is a finding of its own, or is said where it is used.
    let (Ok(Some(team)), Ok(Some(identity))) = (Team::existing(&dirs.state), Identity::existing(&dirs.state))
    else {
        return Vec::new();
    };
    let kid = identity.public().fingerprint();
    let (Some(_), Some((person, _))) = (ticket::workload(team.roster(), &kid), team.roster().key(&kid))
    else {
        return Vec::new();
    };
    let Ok(around) = sources::looked_up(dirs).decide_by() else { return Vec::new() };
    let (never, maybe) = in_the_way(&around.policies);
    let who = crate::text::show(&person.id);
    let hint = "let policy ask machines for the approval alone; one of the same name in policy.toml replaces a shipped one";
    let found = |level, text: String| Finding { level, text, hint: Some(hint.to_owned()) };
    let mut findings = Vec::new();
    if !never.is_empty() {
        let text = format!(
            "tickets: this machine is the workload {who}, and no ticket can ever work by {}: beside the approval it asks for \
             what only a person at a terminal can give",
            never.join(" and ")
        );
        findings.push(found(Level::Warning, text));
    }
    if !maybe.is_empty() {
        let text = format!(
            "tickets: this machine is the workload {who}; where {} holds beside a policy that asks for an approval, no ticket works",
            maybe.join(" or ")
        );
        findings.push(found(Level::Note, text));
    }
    findings
}
