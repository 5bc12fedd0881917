//! The MongoDB servers and database that mongosh reaches: hosts, db. Must never show the database of the address
//! where the script goes to another.

use super::{Datum, Fact, Resolution, Targets, declared};
use crate::reading::Command;
use crate::reading::mongo::{self, Address, Stop};

pub fn resolve(command: &Command) -> Resolution {
    let found = mongo::line(&command.invocation).and_then(|line| {
        let address = mongo::address(&line)?;
        Ok((line, address))
    });
    let (line, address) = match found {
        Ok(found) => found,
        Err(Stop::Nothing(why)) => return Resolution::Nothing(why),
        Err(Stop::Unsure(why)) => return Resolution::Hits(unknown(command, &why)),
    };
    if address.hosts.is_empty() {
        return match command.does {
            crate::reading::Does::Nothing(_) => Resolution::Nothing("without a connection (--nodb)".into()),
            crate::reading::Does::Acts | crate::reading::Does::Unsure(_) => {
                Resolution::Hits(unknown(command, "the script connects by itself"))
            }
        };
    }
    let run = mongo::foresee(&command.invocation, &line, &address);
    let mut targets = Targets::new("mongodb");
    targets.facts.push(Fact::known("hosts", Datum::texts(address.hosts.clone()), address.source));
    targets.facts.push(database(&address, &run));
    if let Some(user) = &address.user {
        targets.facts.push(Fact::text("user", user.clone(), "-u or URI"));
    }
    let local = |h: &String| h.starts_with("127.") || h.starts_with("localhost:") || h.starts_with("[::1]");
    if address.hosts.iter().any(local) {
        targets.facts.push(declared::machine());
    }
    targets.objects = command.traits.values("object").map(str::to_owned).collect();
    let host = address.hosts.join(",");
    targets.typed = match targets.text("db") {
        Some(database) => format!("{database}@{}", host.strip_suffix(":27017").unwrap_or(&host)),
        None => host,
    };
    Resolution::Hits(targets)
}

/// The database of the address, or those that the script goes to.
fn database(address: &Address, run: &mongo::Run) -> Fact {
    if run.databases.contains(&None) {
        return Fact::unknown("db", "the script says at run time which database it goes to", "the script");
    }
    let mut names: Vec<String> = run.databases.iter().flatten().cloned().collect();
    names.dedup();
    match names.as_slice() {
        [] => Fact::text("db", address.database.clone(), address.source),
        [one] if run.goes_first => Fact::text("db", one.clone(), "use in the script"),
        _ => {
            names.insert(0, address.database.clone());
            names.dedup();
            Fact::known("db", Datum::texts(names), "the address, then the script")
        }
    }
}

fn unknown(command: &Command, why: &str) -> Targets {
    let mut targets = Targets::new("mongodb");
    for key in ["hosts", "db"] {
        targets.facts.push(Fact::unknown(key, why, "the words of the command"));
    }
    targets.typed = command.tool.clone();
    targets
}
