//! Opening an interactive psql so that the server refuses writes: what PGOPTIONS must say then, or why it would not
//! hold. Must never promise a session read-only that something known beforehand makes writable.

use super::{Stop, places, read_only};
use crate::reading::psql::{self, Words};
use crate::reading::{Command, Does};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

const VARIABLE: &str = "PGOPTIONS";
const ASK: &str = "-c default_transaction_read_only=on";

/// How the session is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    value: OsString,
    /// A server is reached without a network: no pooler in between that could drop the options.
    pub direct: bool,
}

impl Opening {
    /// `PGOPTIONS=…` for psql's environment.
    pub fn assignment(&self) -> OsString {
        let mut text = OsString::from(VARIABLE);
        text.push("=");
        text.push(&self.value);
        text
    }
}

/// Why a session cannot be opened read-only, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHeld {
    pub why: &'static str,
    pub hint: &'static str,
}

fn not(why: &'static str, hint: &'static str) -> NotHeld {
    NotHeld { why, hint }
}

/// How this psql is opened read-only, if that would hold.
pub fn opening(command: &Command) -> Result<Opening, NotHeld> {
    let explain = "`guard explain` with the same command says what is read";
    if !matches!(command.does, Does::Acts) {
        return Err(not("this psql cannot be read with certainty", explain));
    }
    if !command.traits.has("session", "interactive") {
        return Err(not(
            "only an interactive psql can be opened read-only",
            "limit the policy to rule = \"psql.interactive-session\"",
        ));
    }
    if command.traits.has("read-only", "lifted") || command.traits.has("moves", "yes") {
        return Err(not("a start-up file of psql may lift it", "`psql -X` leaves the start-up files out"));
    }
    let Words::Runs(options) = psql::command_line(&command.invocation) else {
        return Err(not("this psql cannot be read with certainty", explain));
    };
    let mut all = places(command, &options).map_err(|stop| match stop {
        Stop::Refused(_) | Stop::Unknown(_) => not("where this psql connects is not known", explain),
    })?;
    let Some(place) = all.pop() else { return Err(not("where this psql connects is not known", explain)) };
    let own = place.settings.get("options");
    if own.is_some_and(|setting| setting.source != VARIABLE && !read_only::asks(&setting.value)) {
        return Err(not(
            "its connection string or service has options= of its own, which go before PGOPTIONS",
            "leave options= out there, and set PGOPTIONS instead",
        ));
    }
    if place.settings.get("target_session_attrs").is_some_and(|s| s.value == "read-write") {
        return Err(not(
            "target_session_attrs=read-write lets libpq take writable sessions only",
            "target_session_attrs=primary finds the same server",
        ));
    }
    let value = extended(command.invocation.environment().get(VARIABLE))?;
    Ok(Opening { value, direct: place.endpoints.all.iter().all(|e| e.is_socket()) })
}

/// What is there already, and the request behind it: the last one counts.
fn extended(now: Option<&OsStr>) -> Result<OsString, NotHeld> {
    let mut value = now.unwrap_or_default().to_owned();
    if value.as_bytes().ends_with(b"\\") {
        return Err(not("PGOPTIONS ends in a backslash, which would take in what is added", "take it away"));
    }
    if !value.is_empty() {
        value.push(" ");
    }
    value.push(ASK);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::opening;
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::reading::{Tool, read};

    /// The assignment, or why there is none. `psqlrc`: the start-up file's text.
    fn opened(words: &[&str], variables: &[(&str, &str)], psqlrc: &str) -> Result<String, &'static str> {
        let home = std::env::temp_dir().join(format!("guard-opening-{}", std::process::id()));
        let unique = home.join(format!("{:?}", std::thread::current().id()));
        std::fs::create_dir_all(&unique).expect("home");
        std::fs::write(unique.join("rc"), psqlrc).expect("psqlrc");
        std::fs::write(unique.join("services"), "[free]\nhost=a\n[own]\noptions=-c work_mem=1MB\n")
            .expect("file");
        let text = |name: &str| unique.join(name).to_string_lossy().into_owned();
        let (rc, services) = (text("rc"), text("services"));
        let fixed = [("HOME", "/nowhere"), ("PSQLRC", &rc), ("PGSERVICEFILE", &services)];
        let environment = Environment::from_pairs(fixed.into_iter().chain(variables.iter().copied()));
        let argv = std::iter::once("psql").chain(words.iter().copied()).map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::Terminal).expect("cwd").with_environment(environment);
        let reading = read(&invocation, &Tool::named("psql"));
        let found = opening(&reading.commands[0]);
        let _ = std::fs::remove_dir_all(&unique);
        found.map(|o| o.assignment().to_string_lossy().into_owned()).map_err(|not| not.why)
    }

    #[test]
    fn the_request_stands_behind_what_is_there() {
        let asked = Ok("PGOPTIONS=-c default_transaction_read_only=on".to_owned());
        assert_eq!(opened(&["-h", "db", "shop"], &[], ""), asked);
        assert_eq!(opened(&["service=free"], &[], "\\timing on\n"), asked);
        assert_eq!(opened(&["shop"], &[("PGOPTIONS", "")], ""), asked);
        let off = "-c default_transaction_read_only=off";
        let both = format!("PGOPTIONS={off} -c default_transaction_read_only=on");
        assert_eq!(opened(&["shop"], &[("PGOPTIONS", off)], ""), Ok(both));
    }

    #[test]
    fn it_is_not_promised_where_it_would_not_hold() {
        let refused = |words: &[&str], variables: &[(&str, &str)], rc: &str, why: &str| {
            let said = opened(words, variables, rc).expect_err("refused");
            assert!(said.contains(why), "{words:?} {variables:?}: {said}");
        };
        refused(&["postgresql://db/shop?options=-cwork_mem%3D1MB"], &[], "", "options= of its own");
        refused(&["dbname=shop options="], &[], "", "options= of its own");
        refused(&["service=own"], &[], "", "options= of its own");
        refused(&[], &[("PGSERVICE", "own")], "", "options= of its own");
        refused(&["shop"], &[("PGOPTIONS", "-c a=b\\")], "", "backslash");
        refused(&["shop"], &[], "SET default_transaction_read_only = off;\n", "start-up file");
        refused(&["shop"], &[], "\\c other\n", "start-up file");
        refused(&["shop"], &[("PGTARGETSESSIONATTRS", "read-write")], "", "read-write");
        refused(&["-c", "SELECT 1"], &[], "", "only an interactive psql");
        refused(&["-f", "nothere"], &[], "", "only an interactive psql");
    }

    #[test]
    fn a_connection_string_that_asks_for_it_itself_is_no_obstacle() {
        let words = ["postgresql://db/shop?options=-cdefault_transaction_read_only%3Don"];
        assert!(opened(&words, &[], "").is_ok());
    }
}
