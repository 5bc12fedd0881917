//! Gates beside an approval that only a person can pass: a machine's command is refused with a ticket, too, and every place
//! where that can be seen beforehand says so, with the policy that has to change.

use super::tickets::{COMMAND, RUN, workload_that};
use guard::statement::approval::Decision;
use std::process::Output;

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_gate_for_people_refuses_a_machine_with_a_ticket_and_names_the_policy() {
    let night = workload_that("beside", "\"approval:sre\"", &[]);
    let found = night.ticket(&["--max", "3"], COMMAND, |_| {});
    night.says("bob", &found.envelope, Decision::Approve);
    let id = &found.envelope.digest().hex()[..8];
    let quiet = night.done(&["doctor"]);
    assert!(!said(&quiet).contains("no ticket can ever work"), "{quiet:?}");
    for (gate, word) in [("confirm", "confirm"), ("totp", "totp"), ("delay:5s", "delay:5s")] {
        night.policy(&format!("\"{gate}\", \"approval:sre\""));
        let why = format!(
            "needs {word}, and only a person at a terminal can give that: neither a ticket nor --wait stands in for it"
        );
        let refused = night.run_with(&found, &[], RUN);
        night.refuses(&refused, 77, &why);
        let hint = format!(
            "policy.toml:3) asks for {word} beside the approval; for what machines run let policy ask for the approval alone"
        );
        assert!(said(&refused).contains(&hint), "{hint}: {refused:?}");
        // The same where guard never asks anybody.
        let enforced = night.done(&[&["run", "--mode", "enforce", "--"], RUN].concat());
        night.refuses(&enforced, 77, &why);
        // What can be known beforehand.
        let verified = night.done(&[&["ticket", "verify", id, "--"], RUN].concat());
        assert_eq!(verified.status.code(), Some(1), "{verified:?}");
        let also = format!("the ticket covers it, but the command also needs {word} here");
        assert!(said(&verified).contains(&also) && said(&verified).contains(&hint), "{verified:?}");
        let issued = night
            .done(&[&["ticket", "issue", "--workload", "ci", "--yes", "--print", "--"], COMMAND].concat());
        assert_eq!(issued.status.code(), Some(0), "{issued:?}");
        let would = format!("by the policy here it would let nothing run: the command also needs {word}");
        assert!(said(&issued).contains(&would), "{issued:?}");
        let doctor = said(&night.done(&["doctor", "--json"]));
        assert!(
            doctor.contains("this machine is the workload ci, and no ticket can ever work by production"),
            "{doctor}"
        );
    }
    // Nothing of the ticket is gone; a reason is no such gate.
    night.policy("\"approval:sre\"");
    assert_eq!(night.run_with(&found, &[], RUN).status.code(), Some(0));
    let listed = said(&night.done(&["ticket", "list"]));
    assert!(listed.contains("approved (2 of 3 uses left)"), "{listed}");
}
