//! Requests that were used: an approval counts once on this machine, whatever a relay says. Must never say "unused"
//! before the use is on the disk.

use super::error::TeamError;
use super::store::{DIRECTORY, LOCK};
use crate::keys::private::{self, Privacy};
use crate::statement::Hash;
use std::collections::BTreeSet;
use std::path::Path;

const SPENT: &str = "spent";
/// 64 digits and a line break.
const LINE: usize = 65;

/// Notes that the request with this digest is used now. `false`: it was used before.
pub fn spend(state: &Path, request: &Hash) -> Result<bool, TeamError> {
    let directory = private::prepare_inside(&private::prepare_state(state)?, DIRECTORY)?;
    let _held = private::lock(&directory, LOCK)?;
    let used = private::read_whole(&directory, SPENT, Privacy::Own)?.unwrap_or_default();
    let line = format!("{}\n", request.hex());
    if used.chunks(LINE).any(|kept| kept == line.as_bytes()) {
        return Ok(false);
    }
    // A line that is not whole was never answered with "unused".
    let mut now = used[..used.len() - used.len() % LINE].to_vec();
    now.extend_from_slice(line.as_bytes());
    private::replace(&directory, SPENT, &now)?;
    Ok(true)
}

/// Everything that was used here, for lists; nothing where nothing was.
pub(super) fn ledger(state: &Path) -> Result<BTreeSet<Hash>, TeamError> {
    if !state.join(DIRECTORY).join(SPENT).exists() {
        return Ok(BTreeSet::new());
    }
    let directory = private::inside(&private::open_state(state)?, DIRECTORY)?;
    let used = private::read_whole(&directory, SPENT, Privacy::Own)?.unwrap_or_default();
    let lines = used.chunks_exact(LINE).filter_map(|line| std::str::from_utf8(&line[..LINE - 1]).ok());
    Ok(lines.filter_map(|hex| Hash::read(&format!("sha256:{hex}"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_used_once_also_after_a_torn_write() {
        let state = std::env::temp_dir().join(format!("guard-spent-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&state);
        let (one, two) = (Hash([1; 32]), Hash([2; 32]));
        assert!(spend(&state, &one).expect("kept"));
        assert!(!spend(&state, &one).expect("read"));
        let file = state.join(DIRECTORY).join(SPENT);
        let mut torn = std::fs::read(&file).expect("there");
        torn.extend_from_slice(b"0202");
        std::fs::write(&file, torn).expect("written");
        assert!(spend(&state, &two).expect("kept"));
        assert!(!spend(&state, &two).expect("read"));
        assert!(!spend(&state, &one).expect("read"));
        assert_eq!(ledger(&state).expect("read"), [one, two].into());
        assert!(ledger(&state.join("none")).expect("nothing").is_empty());
        std::fs::remove_dir_all(&state).expect("removed");
    }
}
