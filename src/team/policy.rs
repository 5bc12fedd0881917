//! What a request tells of the policy that asked for it, so that an approver with the same policy can see that it is.

use crate::settings::Dirs;
use crate::statement::Hash;
use crate::sys::file;

/// SHA-256 of a label and `policy.toml`; `None` where there is no such file and the shipped policy counts.
pub fn policy_digest(dirs: &Dirs) -> Option<Hash> {
    let bytes = file::read_bounded(&dirs.config.join("policy.toml"), 1 << 20).ok()?;
    Some(Hash::of(&[b"guard-policy-v1\0", &bytes]))
}
