//! mysqladmin, mysqldump and mysqlimport: what their words amount to.
//! Must never miss a shortened command: mysqladmin takes any unique beginning.

use super::options::Parsed;
use crate::reading::{Command, Does};

/// mysqladmin's commands and how many words follow each.
const COMMANDS: &[(&str, usize)] = &[
    ("create", 1),
    ("debug", 0),
    ("drop", 1),
    ("extended-status", 0),
    ("flush-all-statistics", 0),
    ("flush-all-status", 0),
    ("flush-binary-log", 0),
    ("flush-client-statistics", 0),
    ("flush-engine-log", 0),
    ("flush-error-log", 0),
    ("flush-general-log", 0),
    ("flush-hosts", 0),
    ("flush-index-statistics", 0),
    ("flush-logs", 0),
    ("flush-privileges", 0),
    ("flush-relay-log", 0),
    ("flush-slow-log", 0),
    ("flush-ssl", 0),
    ("flush-status", 0),
    ("flush-table-statistics", 0),
    ("flush-tables", 0),
    ("flush-threads", 0),
    ("flush-user-resources", 0),
    ("flush-user-statistics", 0),
    ("kill", 1),
    ("old-password", 1),
    ("password", 1),
    ("ping", 0),
    ("processlist", 0),
    ("refresh", 0),
    ("reload", 0),
    ("shutdown", 0),
    ("start-all-slaves", 0),
    ("start-replica", 0),
    ("start-slave", 0),
    ("status", 0),
    ("stop-all-slaves", 0),
    ("stop-replica", 0),
    ("stop-slave", 0),
    ("variables", 0),
    ("version", 0),
];

pub fn read(command: &mut Command, parsed: &Parsed) {
    match command.tool.as_str() {
        "mysqladmin" => administer(command, parsed),
        "mysqldump" => dump(command, parsed),
        _ => import(command, parsed),
    }
}

/// Every command of the line, in order; one that is not known ends the line.
fn administer(command: &mut Command, parsed: &Parsed) {
    let mut words = parsed.operands.iter();
    let mut shown = Vec::new();
    if parsed.operands.is_empty() {
        command.does = Does::Nothing("it shows its help".into());
        return;
    }
    while let Some(word) = words.next() {
        let word = word.to_ascii_lowercase();
        let fits: Vec<&(&str, usize)> = COMMANDS.iter().filter(|(name, _)| name.starts_with(&word)).collect();
        let exact = fits.iter().find(|(name, _)| *name == word);
        let (name, count) = match (exact, fits.as_slice()) {
            (Some(row), _) => **row,
            (None, [only]) => **only,
            (None, []) => {
                if shown.is_empty() {
                    command.does = Does::Nothing("no such command".into());
                }
                break;
            }
            // Versions differ in their commands: what is several here may be one there.
            (None, several) => {
                let grave = several.iter().any(|(n, _)| ["drop", "shutdown", "kill"].contains(n));
                if grave {
                    command.does =
                        Does::Unsure(format!("{} could be several", crate::text::show_line(&word, 40)));
                }
                break;
            }
        };
        command.traits.add("kind", name);
        shown.push(name.to_owned());
        for _ in 0..count {
            let Some(object) = words.next() else { break };
            if matches!(name, "create" | "drop") {
                command.traits.add("object", format!("database {object}"));
                shown.push(object.clone());
            }
        }
    }
    command.verb = "administer".into();
    command.headline = crate::text::show_line(shown.join(" "), 100);
}

fn dump(command: &mut Command, parsed: &Parsed) {
    if parsed.operands.is_empty() && !parsed.on("all-databases") && !parsed.on("system") {
        command.does = Does::Nothing("it needs a database".into());
        return;
    }
    command.verb = "dump".into();
    let everything = parsed.on("all-databases") || parsed.on("all-tablespaces");
    command.traits.add("kind", if everything { "everything" } else { "databases" });
    let purges = ["delete-master-logs", "delete-source-logs"].iter().any(|name| parsed.on(name));
    if purges {
        command.traits.add("kind", "purge-logs");
    }
    let what = if everything { "all databases".to_owned() } else { parsed.operands.join(", ") };
    command.headline = format!("dump {}", crate::text::show_line(what, 80));
}

/// `mysqlimport database file…`: each file goes into the table of its name.
fn import(command: &mut Command, parsed: &Parsed) {
    if parsed.operands.len() < 2 && parsed.last("dir").is_none() {
        command.does = Does::Nothing("it needs a database and a file".into());
        return;
    }
    command.verb = "import".into();
    for file in parsed.operands.iter().skip(1) {
        let stem = std::path::Path::new(file).file_stem().map(|s| s.to_string_lossy().into_owned());
        let table = stem.unwrap_or_default().split('.').next().unwrap_or("").to_owned();
        command.traits.add("object", format!("table {table}"));
    }
    let kind = match (parsed.on("delete"), parsed.on("replace")) {
        (true, _) => "delete",
        (false, true) => "replace",
        (false, false) => "add",
    };
    command.traits.add("kind", kind);
    command.headline = format!("import into {}", crate::text::show_line(parsed.operands.join(", "), 80));
}
