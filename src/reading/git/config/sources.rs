//! Which files and variables git reads settings from, and in which order: system, global, repository, worktree,
//! then what the call itself carries. Must never read a file the call switched off.

use super::{Config, Setting, canonical, parse, truth, wildmatch};
use crate::invocation::{Invocation, ReadError};
use crate::reading::git::repository::Repository;
use crate::reading::includes::{self, Includes};
use crate::sys::file::lexical;
use std::path::{Path, PathBuf};

/// Files may include each other this deep.
const DEEPEST: usize = 10;

/// The system's file: of a package, and of what was built by hand or by Homebrew.
const SYSTEM: &[&str] = &["/etc/gitconfig", "/usr/local/etc/gitconfig", "/opt/homebrew/etc/gitconfig"];

/// Reads everything, as a command started like this would.
pub fn read(invocation: &Invocation, repository: Option<&Repository>) -> Config {
    let mut reader = Reader {
        invocation,
        repository,
        urls: None,
        config: Config::default(),
        includes: Includes::default(),
    };
    reader.everything();
    // What depends on the remotes is only known when they are.
    if reader.config.iter().any(|s| is_conditional_on_remotes(&s.key)) {
        let urls = reader.config.iter().filter(|s| s.key.starts_with("remote.") && s.key.ends_with(".url"));
        reader.urls = Some(urls.filter_map(|s| s.value.clone()).collect());
        reader.config = Config::default();
        reader.includes = Includes::default();
        reader.everything();
    }
    reader.config
}

/// Only what the call itself carries: `-c`, GIT_CONFIG_COUNT.
pub fn carried(invocation: &Invocation) -> Config {
    let mut reader = Reader {
        invocation,
        repository: None,
        urls: None,
        config: Config::default(),
        includes: Includes::default(),
    };
    reader.carried();
    reader.config
}

fn is_conditional_on_remotes(key: &str) -> bool {
    key.starts_with("includeif.hasconfig:remote.*.url:")
}

struct Reader<'a> {
    invocation: &'a Invocation,
    repository: Option<&'a Repository>,
    urls: Option<Vec<String>>,
    config: Config,
    includes: Includes,
}

impl Reader<'_> {
    fn everything(&mut self) {
        if self.invocation.place().is_some() {
            self.carried();
            return;
        }
        if truth(self.invocation.var("GIT_CONFIG_NOSYSTEM").as_deref().or(Some(""))) != Some(true) {
            match self.invocation.var("GIT_CONFIG_SYSTEM") {
                Some(file) => self.file(Path::new(&file), 0),
                None => SYSTEM.iter().for_each(|file| self.file(Path::new(file), 0)),
            }
        }
        for file in self.global() {
            self.file(&file, 0);
        }
        if let Some(repository) = self.repository {
            self.file(&repository.common.join("config"), 0);
            if self.config.truth("extensions.worktreeconfig") == Some(true) {
                self.file(&repository.directory.join("config.worktree"), 0);
            }
        }
        self.carried();
    }

    fn global(&self) -> Vec<PathBuf> {
        if let Some(file) = self.invocation.var("GIT_CONFIG_GLOBAL") {
            return if file.is_empty() { Vec::new() } else { vec![PathBuf::from(file)] };
        }
        let home = self.invocation.home();
        let xdg = self.invocation.var_filled("XDG_CONFIG_HOME").map(PathBuf::from);
        let xdg = xdg.or_else(|| home.as_ref().map(|h| h.join(".config")));
        let first = xdg.map(|x| x.join("git/config"));
        first.into_iter().chain(home.map(|h| h.join(".gitconfig"))).collect()
    }

    fn file(&mut self, path: &Path, depth: usize) {
        let text = match self.invocation.read(path) {
            Ok(bytes) if !self.includes.enter_settings(path, bytes.len()) => {
                return self.trouble(path, includes::WHY);
            }
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(ReadError::Missing) => return,
            Err(error) => return self.trouble(path, &error.to_string()),
        };
        match parse::parse(&text) {
            Ok(found) => {
                let source = crate::text::show(path.as_os_str().as_encoded_bytes());
                for (key, value) in found {
                    self.add(Setting { key, value, source: source.clone() }, Some(path), depth);
                }
            }
            Err(line) => self.trouble(path, &format!("line {line} cannot be read")),
        }
    }

    fn trouble(&mut self, path: &Path, why: &str) {
        let path = crate::text::show(path.as_os_str().as_encoded_bytes());
        self.config.trouble.get_or_insert_with(|| format!("{path}: {why}"));
    }

    fn add(&mut self, setting: Setting, file: Option<&Path>, depth: usize) {
        let include = self.include(&setting, file);
        self.config.settings.push(setting);
        match include {
            Some(path) if depth < DEEPEST => self.file(&path, depth + 1),
            Some(path) => self.trouble(&path, "included too deep"),
            None => {}
        }
    }

    /// The file a setting includes, when its condition holds.
    fn include(&self, setting: &Setting, file: Option<&Path>) -> Option<PathBuf> {
        let wanted = match setting.key.strip_prefix("includeif.").and_then(|k| k.strip_suffix(".path")) {
            Some(condition) => self.holds(condition, file),
            None => setting.key == "include.path",
        };
        let path = setting.value.as_deref().filter(|v| wanted && !v.is_empty())?;
        Some(match path.strip_prefix("~/") {
            Some(rest) => self.invocation.home()?.join(rest),
            None => file.and_then(Path::parent).unwrap_or(self.invocation.cwd()).join(path),
        })
    }

    fn holds(&self, condition: &str, file: Option<&Path>) -> bool {
        let (kind, pattern) = condition.split_once(':').unwrap_or((condition, ""));
        match kind {
            "gitdir" => self.in_directory(pattern, file, false),
            "gitdir/i" => self.in_directory(pattern, file, true),
            "onbranch" => {
                let branch = self.repository.and_then(|r| r.branch(self.invocation));
                let pattern = directory(pattern.to_owned());
                branch.is_some_and(|b| wildmatch::matches(pattern.as_bytes(), b.as_bytes(), false))
            }
            "hasconfig" => {
                let pattern = pattern.strip_prefix("remote.*.url:").unwrap_or_default();
                let fits = |url: &String| wildmatch::matches(pattern.as_bytes(), url.as_bytes(), false);
                self.urls.as_ref().is_some_and(|urls| urls.iter().any(fits))
            }
            _ => false,
        }
    }

    fn in_directory(&self, pattern: &str, file: Option<&Path>, fold: bool) -> bool {
        let Some(repository) = self.repository else { return false };
        let pattern = if let Some(rest) = pattern.strip_prefix("~/") {
            let Some(home) = self.invocation.home() else { return false };
            home.join(rest).to_string_lossy().into_owned()
        } else if let Some(rest) = pattern.strip_prefix("./") {
            let Some(beside) = file.and_then(Path::parent) else { return false };
            beside.join(rest).to_string_lossy().into_owned()
        } else if pattern.starts_with('/') {
            pattern.to_owned()
        } else {
            format!("**/{pattern}")
        };
        let text = lexical(&self.invocation.path(&repository.directory));
        wildmatch::matches(directory(pattern).as_bytes(), text.to_string_lossy().as_bytes(), fold)
    }

    /// GIT_CONFIG_COUNT with its pairs, then GIT_CONFIG_PARAMETERS, which is what `-c` becomes.
    fn carried(&mut self) {
        let count = self.invocation.var_filled("GIT_CONFIG_COUNT").and_then(|n| n.parse::<usize>().ok());
        for at in 0..count.unwrap_or(0).min(10_000) {
            let key = self.invocation.var(&format!("GIT_CONFIG_KEY_{at}"));
            let value = self.invocation.var(&format!("GIT_CONFIG_VALUE_{at}"));
            let (Some(key), Some(value)) = (key.as_deref().and_then(canonical), value) else {
                self.config.trouble.get_or_insert_with(|| format!("GIT_CONFIG_KEY_{at} is not a setting"));
                return;
            };
            self.add(Setting { key, value: Some(value), source: format!("$GIT_CONFIG_KEY_{at}") }, None, 0);
        }
        let Some(parameters) = self.invocation.var_filled(PARAMETERS) else { return };
        let Some(pairs) = dequote(&parameters) else {
            self.config.trouble.get_or_insert_with(|| format!("${PARAMETERS} cannot be read"));
            return;
        };
        for (key, value) in pairs {
            let Some(key) = canonical(&key) else { continue };
            self.add(Setting { key, value, source: "-c".to_owned() }, None, 0);
        }
    }
}

/// The variable in which git hands `-c` down.
pub const PARAMETERS: &str = "GIT_CONFIG_PARAMETERS";

/// `'key'='value'` and `'key=value'` words.
fn dequote(text: &str) -> Option<Vec<(String, Option<String>)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (first, after) = quoted(rest)?;
        rest = after;
        match rest.strip_prefix('=') {
            Some(after) if after.starts_with('\'') => {
                let (value, after) = quoted(after)?;
                pairs.push((first, Some(value)));
                rest = after;
            }
            Some(after) => {
                pairs.push((first, None));
                rest = after;
            }
            None => pairs.push(match first.split_once('=') {
                Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                None => (first, None),
            }),
        }
        rest = rest.trim_start();
    }
    Some(pairs)
}

/// One word in single quotes, with `'\''` and `'\!'` inside, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let end = rest.find('\'')?;
        word.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix("\\'").map(|r| ('\'', r)).or(rest.strip_prefix("\\!").map(|r| ('!', r))) {
            Some((c, after)) => {
                word.push(c);
                rest = after.strip_prefix('\'')?;
            }
            None => return Some((word, rest)),
        }
    }
}

/// A pattern that ends in a slash holds for everything below.
fn directory(mut pattern: String) -> String {
    if pattern.ends_with('/') {
        pattern.push_str("**");
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::dequote;

    #[test]
    fn what_git_hands_down_is_read_back() {
        let pairs = dequote("'a.b'='x y' 'c.d=e'  'f.g'= 'h.i'='it'\\''s'").expect("reads");
        let text = |v: &str| Some(v.to_owned());
        assert_eq!(
            pairs,
            [
                ("a.b".to_owned(), text("x y")),
                ("c.d".to_owned(), text("e")),
                ("f.g".to_owned(), None),
                ("h.i".to_owned(), text("it's")),
            ]
        );
        assert_eq!(dequote("'a"), None);
    }
}
