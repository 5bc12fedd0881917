//! Where \connect takes a session. Source: psql's manual on \connect; psql 15's own behaviour.

use super::settings::{self, Settings, Stop, Surroundings};
use crate::reading::psql::{Move, is_connection_string};

/// The parameters after a move, filled. `before` is `None` when the session has lost its connection: then
/// there is nothing to re-use.
pub fn apply(before: Option<&Settings>, to: &Move, surroundings: &Surroundings) -> Result<Settings, Stop> {
    let connection_string = to.dbname.as_deref().is_some_and(is_connection_string);
    let reuses = to.reuse.unwrap_or(!connection_string);
    let mut settings = match before {
        Some(before) if reuses => before.clone(),
        None if reuses => return Err(Stop::Refused("there is no connection to take parameters from".into())),
        Some(_) | None => Settings::new(),
    };
    if reuses {
        // libpq does not hand the service back; all it said is already there.
        settings.remove("service");
        settings.remove("servicefile");
    }
    match &to.dbname {
        Some(text) if connection_string => settings::merge(&mut settings, text, surroundings)?,
        Some(name) => put(&mut settings, "dbname", name),
        None => {}
    }
    if let Some(user) = &to.user {
        put(&mut settings, "user", user);
    }
    if let Some(host) = &to.host {
        if settings.get("host").is_none_or(|old| old.value != *host) {
            settings.remove("hostaddr");
        }
        put(&mut settings, "host", host);
    }
    if let Some(port) = &to.port {
        put(&mut settings, "port", port);
    }
    settings.retain(|_, setting| !setting.value.is_empty());
    settings::fill(&mut settings, surroundings)?;
    Ok(settings)
}

/// An empty word takes the old value away; the environment or a default takes its place.
fn put(settings: &mut Settings, name: &str, value: &str) {
    settings.insert(name.into(), settings::Setting { value: value.into(), source: "\\connect".into() });
}
