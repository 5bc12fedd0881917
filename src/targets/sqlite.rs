//! The file that sqlite3 opens. Must never call a database in memory a file.

use super::{Fact, Resolution, Targets, declared};
use crate::reading::{Command, Does, sqlite};

pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("sqlite");
    match sqlite::line(&command.invocation) {
        Ok(line) => match line.file {
            Some(file) => {
                let plain =
                    file.strip_prefix("file:").map_or(file.as_str(), |f| f.split('?').next().unwrap_or(f));
                let path = command.invocation.path(plain);
                targets.facts.push(Fact::path("path", &path, "first operand"));
                targets.typed =
                    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            }
            None => {
                targets.facts.push(Fact::none("path", "in memory"));
                targets.typed = "memory".into();
            }
        },
        Err(Does::Nothing(why)) => return Resolution::Nothing(why),
        Err(Does::Unsure(why)) => targets.facts.push(Fact::unknown("path", why, "the words of the command")),
        Err(Does::Acts) => {}
    }
    targets.facts.push(declared::machine());
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    Resolution::Hits(targets)
}
