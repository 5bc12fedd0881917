//! What one SQL statement does, as words that rules match, with how much it weighs and whether a rollback
//! takes it back. Must never call a statement harmless that this file does not name.

/// How much a statement weighs when the worst of several is looked for. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Reads, or steers the session.
    Reads,
    /// Changes something in a way that is taken back easily.
    Slight,
    Bounded,
    Heavy,
    Worst,
}

/// Whether ROLLBACK certainly takes a statement back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// Undone, or refused by the server inside a transaction.
    Undoes,
    /// It acts outside the transaction, or nobody knows what it does.
    Cannot,
}

/// Whether the server refuses a statement in a read-only transaction.
pub fn is_write(kind: Kind) -> bool {
    kind.row().2 == Rollback::Undoes && kind.weight() > Weight::Reads && kind != Kind::Lock
}

macro_rules! kinds {
    ($($name:ident $word:literal $weight:ident $rollback:ident;)*) => {
        /// The classes of statements. `word()` is what `statement = "…"` in a rule file matches.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($name),* }

        impl Kind {
            fn row(self) -> (&'static str, Weight, Rollback) {
                match self { $(Kind::$name => ($word, Weight::$weight, Rollback::$rollback)),* }
            }
        }
    };
}

kinds! {
    DropDatabase "drop-database" Worst Undoes;
    DropSchema "drop-schema" Worst Undoes;
    DropOwned "drop-owned" Worst Undoes;
    DropTablespace "drop-tablespace" Worst Undoes;
    DropTable "drop-table" Heavy Undoes;
    DropCascade "drop-cascade" Heavy Undoes;
    Truncate "truncate" Heavy Undoes;
    DeleteAll "delete-all" Heavy Undoes;
    UpdateAll "update-all" Heavy Undoes;
    MergeDelete "merge-delete" Heavy Undoes;
    AlterDropColumn "alter-drop-column" Heavy Undoes;
    AlterTypeUsing "alter-type-using" Heavy Undoes;
    CopyProgram "copy-program" Heavy Cannot;
    DoBlock "do-block" Heavy Cannot;
    Call "call" Heavy Cannot;
    ExecuteUnknown "execute-unknown" Heavy Cannot;
    UnknownFunction "unknown-function" Heavy Cannot;
    DestroyingFunction "destroying-function" Heavy Cannot;
    Gexec "gexec" Heavy Cannot;
    Shell "shell" Heavy Cannot;
    Load "load" Heavy Cannot;
    Superuser "superuser" Heavy Undoes;
    GrantWide "grant-wide" Bounded Undoes;
    Shutdown "shutdown" Heavy Cannot;
    PurgeLogs "purge-logs" Heavy Cannot;
    EmptySchema "drop-empty-schema" Bounded Undoes;
    DropObject "drop-object" Bounded Undoes;
    DeleteWhere "delete-where" Bounded Undoes;
    UpdateWhere "update-where" Bounded Undoes;
    Merge "merge" Bounded Undoes;
    Upsert "upsert" Bounded Undoes;
    Rename "rename" Bounded Undoes;
    Revoke "revoke" Bounded Undoes;
    DetachPartition "detach-partition" Bounded Undoes;
    RollbackPrepared "rollback-prepared" Bounded Cannot;
    Replication "replication" Bounded Cannot;
    TerminateBackend "terminate-backend" Bounded Cannot;
    AdminFunction "admin-function" Bounded Cannot;
    AlterSystem "alter-system" Bounded Cannot;
    CopyToFile "copy-to-file" Bounded Cannot;
    AlterType "alter-type" Bounded Undoes;
    Alter "alter" Bounded Undoes;
    VacuumFull "vacuum-full" Bounded Cannot;
    Reindex "reindex" Bounded Cannot;
    Lock "lock" Bounded Undoes;
    Insert "insert" Slight Undoes;
    CopyFrom "copy-from" Slight Undoes;
    CopyToLocal "copy-to-local" Slight Cannot;
    Create "create" Slight Undoes;
    SelectInto "select-into" Slight Undoes;
    Grant "grant" Slight Undoes;
    Comment "comment" Slight Undoes;
    Refresh "refresh" Slight Undoes;
    Maintain "maintain" Slight Cannot;
    Notify "notify" Slight Undoes;
    Sequence "setval" Slight Cannot;
    Set "set" Reads Cannot;
    Select "select" Reads Cannot;
    Explain "explain" Reads Cannot;
    ExplainAnalyze "explain-analyze" Reads Cannot;
    Prepare "prepare" Reads Cannot;
    Cursor "cursor" Reads Cannot;
    Transaction "transaction" Reads Cannot;
}

impl Kind {
    pub fn word(self) -> &'static str {
        self.row().0
    }

    pub fn weight(self) -> Weight {
        self.row().1
    }

    pub fn rollback(self) -> Rollback {
        self.row().2
    }
}
