//! Git's configuration as git reads it: every file in order, includes, `-c` and the variables that carry settings.
//! Must never skip a line it does not understand: git stops there, and so does this.

mod parse;
mod sources;
mod wildmatch;

pub use sources::{PARAMETERS, carried, read};

/// One setting as it stands somewhere; `None` for a name without `=`, which is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `section.Sub Section.name`, with section and name in lower case.
    pub key: String,
    pub value: Option<String>,
    /// The file, or what else said so.
    pub source: String,
}

/// All settings in the order git reads them: later ones win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    settings: Vec<Setting>,
    /// Where reading stopped, and why; git stops there too, or guard cannot tell.
    pub trouble: Option<String>,
}

impl Config {
    /// The last value of a key; a name without `=` is the empty text here.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.last(key).map(|s| s.value.as_deref().unwrap_or(""))
    }

    /// The last setting of a key.
    pub fn last(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rev().find(|s| s.key == key)
    }

    /// Every value of a key; an empty one takes back all before it where `clears` is set.
    pub fn all(&self, key: &str, clears: bool) -> Vec<&Setting> {
        let mut found: Vec<&Setting> = Vec::new();
        for setting in self.settings.iter().filter(|s| s.key == key) {
            if clears && setting.value.as_deref() == Some("") {
                found.clear();
            } else {
                found.push(setting);
            }
        }
        found
    }

    /// As git reads a truth value; `None` where it is not one, or not set.
    pub fn truth(&self, key: &str) -> Option<bool> {
        let value = self.last(key)?.value.as_deref();
        truth(value)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter()
    }

    /// The middle parts of `section.*.name` keys, with their settings.
    pub fn below<'a>(
        &'a self,
        section: &'a str,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Setting)> {
        self.settings.iter().filter_map(move |s| Some((middle(&s.key, section, name)?, s)))
    }
}

fn middle<'a>(key: &'a str, section: &str, name: &str) -> Option<&'a str> {
    key.strip_prefix(section)?.strip_prefix('.')?.strip_suffix(name)?.strip_suffix('.')
}

/// `None` for what is no truth value.
pub fn truth(value: Option<&str>) -> Option<bool> {
    let Some(value) = value else { return Some(true) };
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.trim_end_matches(['k', 'm', 'g']).parse::<i64>().ok().map(|n| n != 0),
    }
}

/// A key as git writes it: section and name in lower case, what stands between as it is.
pub fn canonical(key: &str) -> Option<String> {
    let (section, rest) = key.split_once('.')?;
    let section = section.to_ascii_lowercase();
    Some(match rest.rsplit_once('.') {
        Some((middle, name)) => format!("{section}.{middle}.{}", name.to_ascii_lowercase()),
        None => format!("{section}.{}", rest.to_ascii_lowercase()),
    })
}
