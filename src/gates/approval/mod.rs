//! Another person's approval. Must never be taken for passed because nobody can be asked for it.

pub mod capture;

pub use capture::target;

use super::Stopped;
use crate::rules::pack::Gate;

/// Whether the approvals among these gates can be asked for.
pub fn askable(gates: &[Gate]) -> Result<(), Stopped> {
    let Some(gate) = gates.iter().find(|gate| matches!(gate, Gate::Approval { .. })) else { return Ok(()) };
    Err(Stopped::NotAskable {
        gate: gate.clone(),
        why: "this version of guard has no such gate".into(),
        hint: "change the policy that asks for it, see `guard explain`".into(),
    })
}
