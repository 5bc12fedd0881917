//! gcloud's properties: option, `CLOUDSDK_SECTION_NAME`, the active configuration, the installation's file.
//! Must never take the name of a configuration from an empty variable, nor a property from anything but an empty one.

use crate::invocation::{Invocation, ReadError};
use crate::reading::ini::Ini;
use std::path::PathBuf;

/// A value and where it comes from.
pub type Found = Option<(String, String)>;

/// What decides a property besides the command's own options.
pub struct Properties<'a> {
    invocation: &'a Invocation,
    /// The active configuration's name and file.
    active: (String, Option<Ini>),
    installed: Option<Ini>,
}

impl<'a> Properties<'a> {
    /// Reads the configuration that is named, else the active one.
    pub fn read(invocation: &'a Invocation, named: Option<&str>) -> Result<Properties<'a>, String> {
        let directory = match invocation.var_filled("CLOUDSDK_CONFIG") {
            Some(directory) => invocation.path(directory),
            None => invocation.home().ok_or("HOME is not set")?.join(".config/gcloud"),
        };
        let name = match named.filter(|c| !c.is_empty()) {
            Some(name) => name.to_owned(),
            None => match invocation.var_filled("CLOUDSDK_ACTIVE_CONFIG_NAME") {
                Some(name) => name,
                None => chosen(invocation, directory.join("active_config"))?,
            },
        };
        let active = match name.as_str() {
            "NONE" => None,
            name => ini(invocation, directory.join(format!("configurations/config_{name}")))?,
        };
        let installed = installation(invocation).map_or(Ok(None), |file| ini(invocation, file))?;
        Ok(Properties { invocation, active: (name, active), installed })
    }

    /// A property by its variable or configuration. A variable set to nothing is an empty value.
    pub fn find(&self, section: &str, key: &str) -> Found {
        let variable = format!("CLOUDSDK_{}_{}", section.to_uppercase(), key.to_uppercase());
        if let Some(value) = self.invocation.var(&variable) {
            return Some((value, format!("${variable}")));
        }
        let (name, active) = &self.active;
        let of = |ini: &Option<Ini>| ini.as_ref().and_then(|i| i.get(section, key).map(str::to_owned));
        let of_active = of(active).map(|value| (value, format!("{section}/{key} of configuration {name}")));
        of_active
            .or_else(|| of(&self.installed).map(|value| (value, "the installation's properties".to_owned())))
    }
}

/// The configuration that `gcloud config configurations activate` chose last.
fn chosen(invocation: &Invocation, path: PathBuf) -> Result<String, String> {
    match invocation.read(path) {
        Ok(bytes) => {
            let name = String::from_utf8_lossy(&bytes).into_owned();
            let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let named = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(valid);
            // gcloud removes a file that names nothing, and goes on with the default one.
            Ok(if named || name == "NONE" { name } else { "default".to_owned() })
        }
        Err(ReadError::Missing) => Ok("default".to_owned()),
        Err(error) => Err(format!("active_config: {error}")),
    }
}

fn ini(invocation: &Invocation, path: PathBuf) -> Result<Option<Ini>, String> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    match invocation.read(path) {
        Ok(bytes) => Ini::parse(&bytes).map(Some).map_err(|why| format!("{name}: {why}")),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

/// `properties` beside the `bin` of the SDK that PATH leads to.
fn installation(invocation: &Invocation) -> Option<PathBuf> {
    let path = invocation.var_filled("PATH")?;
    path.split(':').filter(|d| !d.is_empty()).find_map(|directory| {
        let real = invocation.path(directory).join("gcloud").canonicalize().ok()?;
        let root = real.parent()?.parent()?;
        root.join("lib/googlecloudsdk").is_dir().then(|| root.join("properties"))
    })
}
