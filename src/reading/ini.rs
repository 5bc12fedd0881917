//! INI files as Python's configparser reads them: the AWS and Google command lines, and tools like them.
//! Must never go on past a line that Python would refuse: the tool would not have started.

use std::collections::BTreeSet;

/// Sections in order, each with its keys (lower case) and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ini {
    sections: Vec<(String, Vec<(String, String)>)>,
    names: BTreeSet<String>,
    /// Keys of the last section.
    keys: BTreeSet<String>,
}

impl Ini {
    /// Reads a file (Python 3, `RawConfigParser` with its defaults); the error is the line that stops it.
    pub fn parse(bytes: &[u8]) -> Result<Ini, String> {
        let text = String::from_utf8_lossy(bytes);
        let mut ini = Ini::default();
        let mut indent = 0;
        let mut open = false;
        for (number, line) in text.lines().enumerate() {
            let value = line.trim();
            let comment = value.starts_with(['#', ';']);
            if value.is_empty() || comment {
                if open && !comment {
                    ini.extend("");
                }
                continue;
            }
            let depth = line.len() - line.trim_start().len();
            if open && depth > indent {
                ini.extend(value);
                continue;
            }
            indent = depth;
            open = ini.line(value).map_err(|why| format!("line {}: {why}", number + 1))?;
        }
        Ok(ini)
    }

    /// One line that continues nothing; says whether the next may continue it.
    fn line(&mut self, value: &str) -> Result<bool, String> {
        if let Some(name) = value.strip_prefix('[').and_then(|rest| Some(&rest[..rest.rfind(']')?]))
            && !name.is_empty()
        {
            if !self.names.insert(name.to_owned()) {
                return Err(format!("section {name} is there twice"));
            }
            self.keys.clear();
            self.sections.push((name.to_owned(), Vec::new()));
            return Ok(false);
        }
        let Some((_, keys)) = self.sections.last_mut() else { return Err("no section".into()) };
        let (key, value) = value.split_once(['=', ':']).ok_or("neither a section nor key = value")?;
        let key = key.trim_end().to_lowercase();
        if !self.keys.insert(key.clone()) {
            return Err(format!("{key} is there twice"));
        }
        keys.push((key, value.trim().to_owned()));
        Ok(true)
    }

    fn extend(&mut self, more: &str) {
        if let Some((_, value)) = self.sections.last_mut().and_then(|(_, keys)| keys.last_mut()) {
            value.push('\n');
            value.push_str(more);
        }
    }

    pub fn sections(&self) -> impl Iterator<Item = (&str, &[(String, String)])> {
        self.sections.iter().map(|(name, keys)| (name.as_str(), keys.as_slice()))
    }

    pub fn section(&self, name: &str) -> Option<&[(String, String)]> {
        self.sections().find(|(n, _)| *n == name).map(|(_, keys)| keys)
    }

    /// A key's value, without the blank lines that follow it.
    pub fn get(&self, section: &str, key: &str) -> Option<&str> {
        let keys = self.section(section)?;
        keys.iter().find(|(k, _)| k == key).map(|(_, value)| value.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_where_they_are_indented() {
        let ini = Ini::parse(b"# c\n[profile a]\ns3 =\n  x = y\n; c\nRegion: eu\n\n[b]\nk = v # kept\n")
            .expect("reads");
        assert_eq!(ini.get("profile a", "s3"), Some("\nx = y"));
        assert_eq!(ini.get("profile a", "region"), Some("eu"));
        assert_eq!(ini.get("b", "k"), Some("v # kept"));
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for text in ["a = b", "[x]\nword", "[x]\n[x]", "[x]\na=1\nA=2"] {
            assert!(Ini::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
