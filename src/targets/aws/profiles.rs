//! The profiles of `~/.aws/config` and `~/.aws/credentials`, laid over each other as botocore does.
//! Must never make a profile of a section that is none.

use crate::invocation::{Invocation, ReadError};
use crate::reading::ini::Ini;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// Every profile with its settings. The credentials file wins where both have a key.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    profiles: BTreeMap<String, Vec<Setting>>,
}

#[derive(Clone, Debug)]
struct Setting {
    key: String,
    value: String,
    file: &'static str,
}

const CONFIG: &str = "~/.aws/config";
const CREDENTIALS: &str = "~/.aws/credentials";

impl Profiles {
    /// Reads both files; the error is what stops aws.
    pub(super) fn read(invocation: &Invocation) -> Result<Profiles, String> {
        let mut all = Profiles::default();
        if let Some(ini) = file(invocation, "AWS_CONFIG_FILE", "config", CONFIG)? {
            for (section, keys) in ini.sections() {
                if let Some(name) = profile_name(section) {
                    // A second spelling of a name (`default`, `profile default`) replaces the first.
                    all.profiles.insert(name, settings(keys, CONFIG));
                }
            }
        }
        if let Some(ini) = file(invocation, "AWS_SHARED_CREDENTIALS_FILE", "credentials", CREDENTIALS)? {
            for (section, keys) in ini.sections() {
                all.lay_over(section, settings(keys, CREDENTIALS));
            }
        }
        Ok(all)
    }

    fn lay_over(&mut self, name: &str, mut settings: Vec<Setting>) {
        let own = self.profiles.entry(name.to_owned()).or_default();
        let new: HashSet<&str> = settings.iter().map(|s| s.key.as_str()).collect();
        own.retain(|s| !new.contains(s.key.as_str()));
        own.append(&mut settings);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.profiles.contains_key(name)
    }

    pub(super) fn get(&self, profile: &str, key: &str) -> Option<&str> {
        self.setting(profile, key).map(|s| s.value.as_str())
    }

    /// A setting with the file it is in, for messages.
    pub(super) fn sourced(&self, profile: &str, key: &str) -> Option<(String, String)> {
        self.setting(profile, key)
            .map(|s| (s.value.clone(), format!("{key} of profile {profile}, {}", s.file)))
    }

    fn setting(&self, profile: &str, key: &str) -> Option<&Setting> {
        self.profiles.get(profile)?.iter().find(|s| s.key == key)
    }
}

fn settings(keys: &[(String, String)], file: &'static str) -> Vec<Setting> {
    let setting = |(key, value): &(String, String)| Setting {
        key: key.clone(),
        value: value.trim_end().to_owned(),
        file,
    };
    keys.iter().map(setting).collect()
}

/// `[default]` and `[profile NAME]`, NAME quoted where it has spaces.
fn profile_name(section: &str) -> Option<String> {
    if section == "default" {
        return Some("default".into());
    }
    let words = crate::reading::python_words(section.strip_prefix("profile").map(|_| section)?).ok()?;
    match &words[..] {
        [_, name] => Some(name.clone()),
        _ => None,
    }
}

fn file(
    invocation: &Invocation,
    variable: &str,
    name: &str,
    shown: &'static str,
) -> Result<Option<Ini>, String> {
    let home = invocation.home();
    let path = match invocation.var(variable) {
        Some(path) => match (path.strip_prefix("~/"), &home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        },
        None => home.ok_or("HOME is not set")?.join(".aws").join(name),
    };
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    match invocation.read(path) {
        Ok(bytes) => Ini::parse(&bytes).map(Some).map_err(|why| format!("{shown}: {why}")),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
