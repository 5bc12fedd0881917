//! The one connection of a psql in libpq's own parameters, for a look at the same place. Holds the password where
//! the command line or a service file gives it: must never be shown or logged.

use super::{Stop, places};
use crate::reading::Command;
use crate::reading::psql::{self, Words};

/// Where it goes, and everything else that libpq is told.
pub struct Connection {
    pub host: String,
    pub hostaddr: Option<String>,
    pub port: String,
    /// Every other parameter by libpq's name, `user` and `dbname` included.
    pub parameters: Vec<(String, String)>,
}

impl Connection {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }
}

/// The connection, or why there is not exactly one.
pub fn connection(command: &Command) -> Result<Connection, String> {
    let options = match psql::command_line(&command.invocation) {
        Words::Runs(options) => options,
        Words::Stops(why) | Words::Unsure(why) => return Err(why),
    };
    let mut places = places(command, &options).map_err(|stop| match stop {
        Stop::Refused(why) | Stop::Unknown(why) => why,
    })?;
    let place = places.pop().filter(|_| places.is_empty()).ok_or("it uses several connections")?;
    let [endpoint] = place.endpoints.all.as_slice() else {
        return Err("several hosts are tried in turn".into());
    };
    let apart = ["host", "hostaddr", "port"];
    let parameters = place.settings.iter().filter(|(name, _)| !apart.contains(&name.as_str()));
    Ok(Connection {
        host: endpoint.host.clone(),
        hostaddr: endpoint.address.clone(),
        port: endpoint.port.trim().to_owned(),
        parameters: parameters.map(|(name, setting)| (name.clone(), setting.value.clone())).collect(),
    })
}
