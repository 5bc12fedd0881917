//! Somebody's public keys at a forge, read once while a roster is edited. Must never be asked again later: a forge account
//! that is taken over must not become an approver.

use super::Unreached;
use super::courier::client;
use crate::keys::{SshKeyError, SshPublicKey};
use serde_json::Value;
use std::io::Read;
use std::time::Duration;

/// A list of keys is small.
const LARGEST: u64 = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(15);

/// Where keys are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A public list over https.
    Url(String),
    File(String),
}

/// The keys, and how many lines were none that guard takes, each with the reason.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    pub keys: Vec<SshPublicKey>,
    pub passed_over: Vec<SshKeyError>,
}

impl Source {
    /// `github:LOGIN`, `gitlab:LOGIN`, an address, or a file. `None`: a login that is none.
    pub fn read(text: &str) -> Option<Source> {
        let plain = |login: &str| {
            let inside = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            !login.is_empty() && login.len() <= 255 && login.bytes().all(inside) && !login.starts_with('.')
        };
        if let Some(login) = text.strip_prefix("github:") {
            // The keys that may sign, not those that may push.
            let url = format!("https://api.github.com/users/{login}/ssh_signing_keys");
            return plain(login).then_some(Source::Url(url));
        }
        if let Some(login) = text.strip_prefix("gitlab:") {
            return plain(login).then(|| Source::Url(format!("https://gitlab.com/{login}.keys")));
        }
        Some(if text.contains("://") { Source::Url(text.to_owned()) } else { Source::File(text.to_owned()) })
    }
}

/// Fetches a list.
pub fn fetch(url: &str, ca: Option<&str>) -> Result<Vec<u8>, Unreached> {
    super::check_way(url, ca)?;
    let lost = |why: String| Unreached::Lost { relay: url.to_owned(), why };
    let answer = client(ca)?
        .get(url)
        .timeout(PATIENCE)
        .header("accept", "application/json, text/plain")
        .send()
        .map_err(|error| lost(error.without_url().to_string()))?;
    if !answer.status().is_success() {
        return Err(lost(format!("it answers {}", answer.status().as_u16())));
    }
    let mut bytes = Vec::new();
    answer.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| lost(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        Err(lost("it is too long for a list of keys".to_owned()))
    } else {
        Ok(bytes)
    }
}

/// The keys in a list: one a line, or GitHub's JSON.
pub fn listed(bytes: &[u8]) -> Listed {
    let text = String::from_utf8_lossy(bytes);
    let json: Option<Vec<Value>> = serde_json::from_slice(bytes).ok();
    let lines: Vec<String> = match &json {
        Some(entries) => entries.iter().filter_map(|e| e["key"].as_str().map(str::to_owned)).collect(),
        None => text.lines().map(|line| line.trim().to_owned()).collect(),
    };
    let mut listed = Listed::default();
    for line in lines.iter().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match SshPublicKey::from_line(line) {
            Ok(key) if listed.keys.contains(&key) => {}
            Ok(key) => listed.keys.push(key),
            Err(why) => listed.passed_over.push(why),
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_told_by_its_spelling() {
        let url = |text: &str| Source::Url(text.to_owned());
        let github = url("https://api.github.com/users/bob-k/ssh_signing_keys");
        assert_eq!(Source::read("github:bob-k"), Some(github));
        assert_eq!(Source::read("gitlab:bob"), Some(url("https://gitlab.com/bob.keys")));
        for bad in ["github:", "github:a/b", "gitlab:../x", "github:a?b", "gitlab:a#b"] {
            assert_eq!(Source::read(bad), None, "{bad}");
        }
        assert_eq!(Source::read("keys.txt"), Some(Source::File("keys.txt".to_owned())));
    }
}
