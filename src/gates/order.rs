//! What costs the person least comes first: a reason, the typed name, a code, a wait, another person. Must never lose a
//! gate: of several waits the longest stays, everything else as often as it is different.

use crate::rules::pack::Gate;

/// The gates that somebody is asked for, in the order they are asked.
pub fn in_order(gates: &[Gate]) -> Vec<Gate> {
    let mut asked: Vec<Gate> = gates.iter().filter(|gate| rank(gate).is_some()).cloned().collect();
    asked.sort_by_key(rank);
    let longest = asked.iter().filter_map(seconds).max();
    asked.retain(|gate| seconds(gate).is_none_or(|s| Some(s) == longest));
    asked.dedup();
    asked
}

fn seconds(gate: &Gate) -> Option<u32> {
    match gate {
        Gate::Delay(seconds) => Some(*seconds),
        Gate::Deny
        | Gate::Notice
        | Gate::ReadOnly
        | Gate::Reason
        | Gate::Confirm
        | Gate::Totp
        | Gate::Approval { .. } => None,
    }
}

/// `None`: nobody is asked.
fn rank(gate: &Gate) -> Option<u8> {
    match gate {
        // Denied commands do not come here; notices and read-only sessions ask nobody.
        Gate::Deny | Gate::Notice | Gate::ReadOnly => None,
        Gate::Reason => Some(0),
        Gate::Confirm => Some(1),
        Gate::Totp => Some(2),
        Gate::Delay(_) => Some(3),
        Gate::Approval { .. } => Some(4),
    }
}

#[cfg(test)]
mod tests {
    use super::in_order;
    use crate::rules::pack::Gate;

    #[test]
    fn the_cheapest_comes_first_and_nothing_is_lost() {
        let sre = Gate::Approval { group: "sre".into(), people: 2 };
        let dba = Gate::Approval { group: "dba".into(), people: 1 };
        let gates = [
            sre.clone(),
            Gate::Delay(5),
            Gate::Totp,
            Gate::ReadOnly,
            dba.clone(),
            Gate::Confirm,
            Gate::Delay(10),
            Gate::Reason,
        ];
        assert_eq!(in_order(&gates), [Gate::Reason, Gate::Confirm, Gate::Totp, Gate::Delay(10), sre, dba]);
        assert_eq!(in_order(&[Gate::ReadOnly, Gate::Notice]), []);
    }
}
