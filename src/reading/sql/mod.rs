//! SQL as far as it must be understood: which statements a text holds, and what each would do.
//! Shared by the readers of database tools. Pure. Must never take a statement it does not know for harmless.

mod classify;
mod condition;
mod define;
pub mod dialect;
mod function_table;
mod functions;
mod kind;
mod lex;
mod tokens;
mod transaction;
mod write;

pub use classify::{Known, Prepared, Statement, classify, copy_meta};
pub use kind::{Kind, Rollback, Weight, is_write};
pub use lex::{Lexeme, Shape, is_space, next};
pub use tokens::{Cut, Ends, Token, Tokens, cut};
pub use transaction::Turn;

/// One thing a statement does. A statement may do several: a WITH that deletes, a SELECT that calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub kind: Kind,
    /// `DROP TABLE`, as shown before the names.
    pub verb: String,
    /// What kind of thing the names are: `table`, `database`, `function`; empty when there is none.
    pub class: &'static str,
    pub names: Vec<String>,
}

impl Deed {
    pub fn new(kind: Kind, verb: impl Into<String>, class: &'static str, names: Vec<String>) -> Deed {
        Deed { kind, verb: verb.into(), class, names }
    }

    /// `DROP TABLE orders, users`, with a remark where the words alone would not tell.
    pub fn phrase(&self) -> String {
        let mut phrase = self.verb.clone();
        for (i, name) in self.names.iter().take(3).enumerate() {
            phrase.push_str(if i == 0 { " " } else { ", " });
            phrase.push_str(name);
        }
        if self.names.len() > 3 {
            phrase.push_str(&format!(" and {} more", self.names.len() - 3));
        }
        match self.kind {
            Kind::DeleteAll | Kind::UpdateAll => phrase + " (every row)",
            Kind::UnknownFunction => phrase + "() (what this function does is not known)",
            Kind::DestroyingFunction | Kind::TerminateBackend | Kind::AdminFunction | Kind::Sequence => {
                phrase + "()"
            }
            _ => phrase,
        }
    }
}
