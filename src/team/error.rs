//! What can be wrong with the team's files, each with the next step. Must never carry a secret or raw foreign text.

use crate::keys::private::FileError;
use crate::statement::roster::NotARoster;
use crate::text::quote;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// Why the team's files were not used or not changed.
#[derive(Debug)]
#[must_use]
pub enum TeamError {
    File(FileError),
    /// A file is not what guard wrote.
    Damaged {
        path: PathBuf,
        what: &'static str,
    },
    /// A roster that is not the next one of this team.
    Roster(NotARoster),
    /// There is a team already.
    Joined {
        team: String,
    },
    /// The words are not those of the first roster.
    OtherWords,
}

impl Display for TeamError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            TeamError::File(error) => write!(f, "{error}"),
            TeamError::Damaged { path, what } => write!(f, "{} is damaged: {what}", quote(path)),
            TeamError::Roster(why) => write!(f, "{why}"),
            TeamError::Joined { team } => {
                write!(f, "this machine is in the team {} already", crate::text::show(team))
            }
            TeamError::OtherWords => {
                f.write_str("the first roster of that relay does not have these six words")
            }
        }
    }
}

impl TeamError {
    /// The next step for a person.
    pub fn hint(&self) -> String {
        match self {
            TeamError::File(error) => error.hint(),
            TeamError::Damaged { .. } => {
                "restore it from a backup, or `guard team leave` and join again with the six words".into()
            }
            TeamError::Roster(_) => "ask an admin of the team for the newest roster file".into(),
            TeamError::Joined { .. } => "`guard team leave` forgets it first".into(),
            TeamError::OtherWords => {
                "read them again with the teammate who gave them; if they are right, the relay lies".into()
            }
        }
    }
}

impl From<FileError> for TeamError {
    fn from(error: FileError) -> TeamError {
        TeamError::File(error)
    }
}

impl From<NotARoster> for TeamError {
    fn from(why: NotARoster) -> TeamError {
        TeamError::Roster(why)
    }
}
