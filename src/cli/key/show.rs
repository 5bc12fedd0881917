//! `guard key show`: fingerprint, type, where the secret is, since when.

use super::{Trouble, identity, moment};
use crate::keys::Identity;
use crate::settings::Dirs;
use jiff::tz::TimeZone;
use serde_json::json;

/// Print the key that signs as you, and where its secret is
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print it as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let identity = identity(dirs)?;
    if args.json {
        crate::outln!("{}", crate::text::json(as_json(&identity)));
        return Ok(());
    }
    let key = identity.public();
    let since = moment(identity.since()).to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string();
    crate::outln!("fingerprint  {}", key.fingerprint());
    let hardware = if key.is_hardware() { " (hardware)" } else { "" };
    crate::outln!("type         {}{hardware}", key.algorithm().name());
    crate::outln!("secret       {}", identity.whereabouts());
    crate::outln!("since        {since}");
    crate::outln!("public       {}", key.to_line());
    Ok(())
}

fn as_json(identity: &Identity) -> serde_json::Value {
    let key = identity.public();
    let former: Vec<_> = identity
        .former()
        .iter()
        .map(|old| {
            json!({
                "fingerprint": old.key.fingerprint(), "public": old.key.to_line(),
                "since": moment(old.since).to_string(), "until": moment(old.until).to_string(),
            })
        })
        .collect();
    json!({
        "v": 1,
        "fingerprint": key.fingerprint(),
        "type": key.algorithm().name(),
        "hardware": key.is_hardware(),
        "public": key.to_line(),
        "custody": identity.custody().word(),
        "since": moment(identity.since()).to_string(),
        "former": former,
    })
}
