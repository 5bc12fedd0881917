//! Connection parameters with the place each comes from, filled as libpq fills them: connection string and
//! options, then the service file, then the environment, then defaults. Must never invent a value.

use super::conninfo::{self, Pairs};
use super::service;
use crate::invocation::Invocation;
use crate::reading::psql::{Options, client, is_connection_string};
use std::collections::BTreeMap;

/// A value and the place it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    pub source: String,
}

/// Parameters by libpq's names.
pub type Settings = BTreeMap<String, Setting>;

/// Why there is no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// psql itself refuses.
    Refused(String),
    /// It cannot be determined.
    Unknown(String),
}

/// The environment psql gets: the command's own, with what pg_wrapper sets.
pub struct Surroundings<'i> {
    pub invocation: &'i Invocation,
    /// Variable, value, source.
    pub wrapper: Vec<(&'static str, String, String)>,
}

impl Surroundings<'_> {
    pub fn var(&self, name: &str) -> Option<Setting> {
        if let Some((_, value, source)) = self.wrapper.iter().find(|(n, _, _)| *n == name) {
            return Some(Setting { value: value.clone(), source: source.clone() });
        }
        let value = self.invocation.var(name)?;
        Some(Setting { value, source: name.to_owned() })
    }
}

/// Parameters that say where a connection goes, and the variable that stands in for each.
const VARIABLES: &[(&str, &str)] = &[
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("options", "PGOPTIONS"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
];

/// What the command line says, before anything is filled in.
pub fn given(options: &Options, surroundings: &Surroundings) -> Result<Settings, Stop> {
    let mut settings = Settings::new();
    let mut put = |name: &str, value: &Option<String>, source: &str| {
        if let Some(value) = value.clone().filter(|v| !v.is_empty()) {
            settings.insert(name.to_owned(), Setting { value, source: source.to_owned() });
        }
    };
    put("host", &options.host, "-h");
    put("port", &options.port, "-p");
    if let Some((user, source)) = &options.user {
        put("user", &Some(user.clone()), source);
    }
    match &options.dbname {
        None if options.list => put("dbname", &Some("postgres".into()), "-l"),
        None => {}
        Some((text, _)) if is_connection_string(text) => merge(&mut settings, text, surroundings)?,
        Some((name, source)) => put("dbname", &Some(name.clone()), source),
    }
    Ok(settings)
}

/// Puts a connection string over what is there: each parameter it names, empty ones too.
pub fn merge(settings: &mut Settings, text: &str, surroundings: &Surroundings) -> Result<(), Stop> {
    let uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
    let source = if uri { "URI" } else { "connection string" };
    let pairs = conninfo::parse(text).map_err(Stop::Refused)?;
    known(&pairs, surroundings)?;
    for (name, value) in pairs {
        settings.insert(name, Setting { value, source: source.into() });
    }
    Ok(())
}

fn known(pairs: &Pairs, surroundings: &Surroundings) -> Result<(), Stop> {
    match pairs.iter().find(|(name, _)| !conninfo::is_keyword(name)) {
        None => Ok(()),
        Some((name, _)) => {
            let shown = crate::text::show_line(name, 40);
            if client::find(surroundings.invocation).refuses_what_is_not_known() {
                Err(Stop::Refused(format!("{shown} is no connection parameter")))
            } else {
                Err(Stop::Unknown(format!("connection parameter {shown} is not known")))
            }
        }
    }
}

/// Service file, environment, defaults, for every parameter that is not there yet. An empty value is there.
pub fn fill(settings: &mut Settings, surroundings: &Surroundings) -> Result<(), Stop> {
    service::fill(settings, surroundings)?;
    for (name, variable) in VARIABLES {
        if !settings.contains_key(*name)
            && let Some(setting) = surroundings.var(variable)
        {
            settings.insert((*name).to_owned(), setting);
        }
    }
    let empty = |settings: &Settings, name: &str| settings.get(name).is_none_or(|s| s.value.is_empty());
    if empty(settings, "port") {
        settings.insert("port".into(), Setting { value: "5432".into(), source: "default".into() });
    }
    if empty(settings, "user") {
        let switched = surroundings.invocation.user().map(str::to_owned);
        let name = switched
            .or_else(crate::sys::who::user_name)
            .ok_or_else(|| Stop::Unknown("the system does not know the name of this user".into()))?;
        settings.insert(
            "user".into(),
            Setting { value: name, source: "default: name of the system user".into() },
        );
    }
    if empty(settings, "dbname")
        && let Some(user) = settings.get("user").cloned()
    {
        let source = format!("default: the user's name ({})", user.source);
        settings.insert("dbname".into(), Setting { value: user.value, source });
    }
    Ok(())
}
