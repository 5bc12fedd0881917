//! Statements that begin, end and split transactions. Must never read a COMMIT as anything else.

use super::tokens::Tokens;

/// How a statement turns the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Begin,
    /// `chain`: the next transaction begins at once.
    Commit {
        chain: bool,
    },
    Rollback {
        chain: bool,
    },
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    /// PREPARE TRANSACTION: the work waits outside the session and may still be committed.
    SetAside,
}

/// `None`: not a statement of this family.
pub fn turn(tokens: Tokens) -> Option<Turn> {
    let chain = tokens.has(&["and", "chain"]);
    let after = |at: usize| tokens.skip(tokens.skip(at, &["work"]), &["transaction"]);
    let savepoint = |at: usize| tokens.name(tokens.skip(at, &["savepoint"])).map(|(name, _)| name);
    Some(match tokens.lower(0).as_str() {
        "begin" => Turn::Begin,
        "start" if tokens.is(1, "transaction") => Turn::Begin,
        "commit" if tokens.is(1, "prepared") => return None,
        "commit" | "end" => Turn::Commit { chain },
        "rollback" | "abort" => {
            let at = after(1);
            if tokens.is(1, "prepared") {
                return None;
            } else if tokens.is(at, "to") {
                Turn::RollbackTo(savepoint(at + 1)?)
            } else {
                Turn::Rollback { chain }
            }
        }
        "savepoint" => Turn::Savepoint(tokens.name(1)?.0),
        "release" => Turn::Release(savepoint(1)?),
        "prepare" if tokens.is(1, "transaction") => Turn::SetAside,
        _ => return None,
    })
}

/// Whether a statement could lift `default_transaction_read_only`, at once or for later ones.
pub fn lifts_read_only(tokens: Tokens) -> bool {
    let names = |word: &str| {
        word.eq_ignore_ascii_case("default_transaction_read_only")
            || word.eq_ignore_ascii_case("transaction_read_only")
    };
    tokens.has(&["read", "write"])
        || (tokens.any(0, &["reset", "discard"]) && tokens.is(1, "all"))
        || tokens.has(&["set_config"])
        || (0..tokens.len()).any(|i| tokens.name(i).is_some_and(|(name, _)| names(&name)))
}
