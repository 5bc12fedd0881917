//! A gate that stands beside an approval and that only a person at a terminal can pass: there no ticket and no wait lets a
//! machine's command run. Must never be taken for passed.

use crate::rules::Verdict;
use crate::rules::pack::{Gate, Policy, When};

/// The first of them, and which policies ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    pub gate: Gate,
    /// `production (/etc/guard/policy.toml:3)`.
    pub policies: Vec<String>,
}

impl Beside {
    /// Of a verdict that asks for an approval; `None` where a ticket would do.
    pub fn of(gates: &[Gate], verdict: &Verdict) -> Option<Beside> {
        let gate = gates.iter().find(|gate| for_people(gate))?.clone();
        gates.iter().find(|gate| is_approval(gate))?;
        let contributions = verdict.commands.iter().flat_map(|judged| &judged.contributions);
        let mut policies: Vec<String> = contributions
            .filter(|contribution| contribution.adds.contains(&gate))
            .map(|c| named(c.name.as_deref(), &c.place.file, c.place.line))
            .collect();
        policies.dedup();
        Some(Beside { gate, policies })
    }

    /// Why no machine gets through, behind "it needs GATE, and ".
    pub fn why() -> &'static str {
        "only a person at a terminal can give that: neither a ticket nor --wait stands in for it"
    }

    pub fn hint(&self) -> String {
        let who = match &self.policies[..] {
            [] => "policy asks".to_owned(),
            [one] => format!("policy {one} asks"),
            all => format!("policies {} ask", all.join(" and ")),
        };
        format!(
            "{who} for {} beside the approval; for what machines run let policy ask for the approval alone (a policy of the \
             same name in your policy.toml replaces a shipped one)",
            self.gate
        )
    }
}

/// Policies by which no ticket can work, for whoever looks after a machine that uses tickets: those that ask for both
/// themselves, and those that ask for a person at a terminal where another one may ask for an approval.
pub fn in_the_way(policies: &[Policy]) -> (Vec<String>, Vec<String>) {
    let words = |policy: &Policy| named(policy.name.as_deref(), &policy.place.file, policy.place.line);
    let approvals: Vec<&Policy> = policies.iter().filter(|p| p.require.iter().any(is_approval)).collect();
    let people = policies.iter().filter(|policy| policy.require.iter().any(for_people));
    let meets = |policy: &&Policy| approvals.iter().any(|approval| may_meet(&approval.when, &policy.when));
    let (never, maybe): (Vec<&Policy>, Vec<&Policy>) =
        people.filter(meets).partition(|policy| policy.require.iter().any(is_approval));
    (never.into_iter().map(words).collect(), maybe.into_iter().map(words).collect())
}

/// Whether a command may fall under both, as far as lists of names say. Rules and tools are patterns: they may.
fn may_meet(one: &When, other: &When) -> bool {
    fn share<T: PartialEq>(one: &[T], other: &[T]) -> bool {
        one.is_empty() || other.is_empty() || one.iter().any(|item| other.contains(item))
    }
    share(&one.environment, &other.environment)
        && share(&one.severity, &other.severity)
        && share(&one.effect, &other.effect)
}

fn named(name: Option<&str>, file: &str, line: u32) -> String {
    format!("{} ({}:{line})", crate::text::show(name.unwrap_or("(unnamed)")), crate::text::show(file))
}

fn is_approval(gate: &Gate) -> bool {
    matches!(gate, Gate::Approval { .. })
}

fn for_people(gate: &Gate) -> bool {
    match gate {
        Gate::Confirm | Gate::Totp | Gate::Delay(_) => true,
        // A ticket carries its reason; a session that is opened read-only asks nobody.
        Gate::Reason | Gate::ReadOnly | Gate::Notice | Gate::Deny | Gate::Approval { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::in_the_way;
    use crate::rules::pack::{Gate, Place, Policy, When};

    fn policy(name: &str, environment: &[&str], require: &[Gate]) -> Policy {
        let environment = environment.iter().map(|name| (*name).to_owned()).collect();
        Policy {
            name: Some(name.to_owned()),
            when: When { environment, ..When::default() },
            require: require.to_vec(),
            reason: None,
            again_s: None,
            place: Place { file: "p".to_owned(), line: 1, column: 1 },
        }
    }

    #[test]
    fn policies_that_keep_tickets_from_working_are_told_apart() {
        let sre = Gate::Approval { group: "sre".to_owned(), people: 1 };
        let typed = policy("typed", &["production"], &[Gate::Confirm]);
        let elsewhere = policy("elsewhere", &["staging"], &[Gate::Totp]);
        let reason = policy("reason", &["production"], &[Gate::Reason, Gate::ReadOnly, Gate::Notice]);
        assert_eq!(in_the_way(&[typed.clone(), elsewhere.clone()]), (vec![], vec![]));
        let approval = policy("approval", &["production", "dr"], std::slice::from_ref(&sre));
        let both = policy("both", &["production"], &[sre, Gate::Delay(5)]);
        let all = [typed, elsewhere, reason, approval];
        assert_eq!(in_the_way(&all), (vec![], vec!["typed (p:1)".to_owned()]));
        let with = [&all[..], &[both]].concat();
        assert_eq!(in_the_way(&with), (vec!["both (p:1)".to_owned()], vec!["typed (p:1)".to_owned()]));
    }
}
