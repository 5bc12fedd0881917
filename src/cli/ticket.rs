//! `guard ticket`: the approval of a command's shape, asked for ahead, for a workload without a terminal. Must never be
//! issued for a target that is not known, or for a command that policy asks no approval for.

mod doctor;
mod export;
mod holes;
mod issue;
mod list;
mod relayed;
mod verify;

use super::team::Trouble;
use crate::gates::Beside;
use crate::rules::pack::{self, Gate};
use crate::rules::{Decision, Verdict};
use crate::settings::Dirs;
use crate::statement::{Need, Needs, Severity, Surface};

pub use doctor::findings;

/// Tickets for CI: approvals made ahead, for one shape of a command
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Issue(issue::Args),
    List(list::Args),
    Show(list::Show),
    Export(export::Args),
    Join(export::Join),
    Verify(verify::Args),
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let done = match &args.command {
        Command::Issue(args) => issue::run(args, dirs).map(|()| 0),
        Command::List(args) => list::run(args, dirs).map(|()| 0),
        Command::Show(args) => list::show_one(args, dirs).map(|()| 0),
        Command::Export(args) => export::run(args, dirs).map(|()| 0),
        Command::Join(args) => export::join(args, dirs).map(|()| 0),
        Command::Verify(args) => verify::run(args, dirs),
    };
    done.unwrap_or_else(Trouble::complain)
}

/// What policy here asks of a ticket for this command; numbers are for terminals.
fn needs(verdict: &Verdict) -> Result<Needs, Trouble> {
    let gates: &[Gate] = match &verdict.decision {
        Decision::Gate(gates) => gates,
        Decision::Refuse => {
            let hint = "`guard explain` says which policy";
            return Err(Trouble::new(77, "policy denies this command: no ticket covers it", hint));
        }
        Decision::Pass | Decision::Notice => &[],
    };
    let seat = |gate: &Gate| match gate {
        Gate::Approval { group, people } => Some(Need { group: group.clone(), n: u64::from(*people) }),
        Gate::Deny
        | Gate::Notice
        | Gate::Delay(_)
        | Gate::Reason
        | Gate::Confirm
        | Gate::Totp
        | Gate::ReadOnly => None,
    };
    let seats: Vec<Need> = gates.iter().filter_map(seat).collect();
    if seats.is_empty() {
        let hint = "`guard explain` says what policy asks for";
        return Err(Trouble::new(64, "policy asks no approval for this command", hint));
    }
    Ok(Needs {
        seats,
        severity: severity(verdict),
        surfaces: Surface::ALL.to_vec(),
        number: false,
        end_of_text: severity(verdict) >= Severity::High,
        deny_quorum: 1,
    })
}

/// What policy here asks for beside the approval, by which the ticket would let nothing run.
fn beside(verdict: &Verdict) -> Option<Beside> {
    match &verdict.decision {
        Decision::Gate(gates) => Beside::of(gates, verdict),
        Decision::Refuse | Decision::Pass | Decision::Notice => None,
    }
}

fn severity(verdict: &Verdict) -> Severity {
    match verdict.severity {
        Some(pack::Severity::Low) => Severity::Low,
        Some(pack::Severity::Medium) => Severity::Medium,
        Some(pack::Severity::High) => Severity::High,
        Some(pack::Severity::Critical) | None => Severity::Critical,
    }
}
