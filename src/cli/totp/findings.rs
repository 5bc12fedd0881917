//! What `guard doctor` says about the second factor. Must never call it stronger than it is: who owns the secret can make
//! codes.

use super::super::lock::open_for;
use super::place;
use crate::gates::totp::{Custody, Factor, FactorError, SHIPPED_SOCKET, Standing, verifier};
use crate::intercept::doctor::{Finding, Level};
use crate::rules::pack::Gate;
use crate::rules::sources;
use crate::settings::Dirs;
use std::path::Path;

/// Fewer recovery codes than this are worth a word.
const FEW: usize = 3;

pub fn findings(dirs: &Dirs) -> Vec<Finding> {
    match Factor::find(dirs) {
        Ok(Some(factor)) => enrolled(&factor, dirs),
        Ok(None) => none(dirs).into_iter().collect(),
        // A broken policy file is a finding of its own.
        Err(FactorError::Policy(_)) => Vec::new(),
        Err(error) => vec![found(Level::Broken, format!("second factor: {error}"), Some(error.hint()))],
    }
}

fn enrolled(factor: &Factor, dirs: &Dirs) -> Vec<Finding> {
    let standing = factor.standing();
    let open = match open_for(factor, dirs) {
        Some(_) => ", unlocked now",
        None => "",
    };
    let mut findings = vec![match factor.out_of_reach() {
        None => found(
            Level::Good,
            format!("second factor: the secret is {}{open}", place(standing.custody)),
            None,
        ),
        Some(error) => found(
            Level::Broken,
            format!("second factor: enrolled, but {error}; codes cannot be checked"),
            Some(error.hint()),
        ),
    }];
    findings.push(match standing.custody {
        Custody::Managed => found(
            Level::Note,
            "second factor: the person at the keyboard cannot read the secret, root can".to_owned(),
            None,
        ),
        Custody::Keyring | Custody::Passphrase => found(
            Level::Note,
            "the second factor guards against haste and a stolen terminal, not against its owner: whoever runs as \
             this user can read the secret and make codes"
                .to_owned(),
            Some(if Path::new(SHIPPED_SOCKET).exists() {
                format!("this machine has a verifier that no policy names: `[totp] verifier = \"{SHIPPED_SOCKET}\"`")
            } else {
                "a policy can name a verifier that keeps it, see docs/totp.md".to_owned()
            }),
        ),
    });
    findings.extend(few(&standing));
    findings
}

fn few(standing: &Standing) -> Option<Finding> {
    let left = standing.recovery_left;
    (left < FEW).then(|| {
        let hint = "`guard totp rotate` makes ten new ones".to_owned();
        let codes = match left {
            0 => "no recovery code is left".to_owned(),
            1 => "1 recovery code is left".to_owned(),
            left => format!("{left} recovery codes are left"),
        };
        found(Level::Warning, format!("second factor: {codes}"), Some(hint))
    })
}

/// Only worth a word where somebody asks for it.
fn none(dirs: &Dirs) -> Option<Finding> {
    let rules = sources::looked_up(dirs);
    let around = rules.decide_by().ok()?;
    if !around.policies.iter().any(|policy| policy.require.contains(&Gate::Totp)) {
        return None;
    }
    let hint = match verifier(dirs) {
        Ok(Some(_)) => FactorError::Managed.hint(),
        Ok(None) | Err(_) => FactorError::NotEnrolled.hint(),
    };
    let text = "policy asks for a second factor and none is enrolled: what needs it is refused";
    Some(found(Level::Warning, text.to_owned(), Some(hint)))
}

fn found(level: Level, text: String, hint: Option<String>) -> Finding {
    Finding { level, text, hint }
}
