//! What Debian's pg_wrapper makes of the words before psql sees them. Source: pg_wrapper of
//! postgresql-common 248. Its scan looks at every word by pattern, values and SQL included; so does this.

use std::ffi::OsString;

/// The words psql gets, and what pg_wrapper concluded from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    pub args: Vec<OsString>,
    /// `--cluster VERSION/NAME`, not yet checked.
    pub cluster: Option<String>,
    /// Something looked like -h: PGCLUSTER is dropped.
    pub host: bool,
    /// Something looked like -p, and its value.
    pub port: Option<String>,
    pub service: bool,
}

/// Scans the words; `Err`: pg_wrapper refuses them.
pub fn scan(args: &[OsString]) -> Result<Scan, String> {
    let mut scan = Scan::default();
    let words: Vec<String> = args.iter().map(|w| w.to_string_lossy().into_owned()).collect();
    for (i, word) in words.iter().enumerate() {
        if word == "--" {
            break;
        }
        if word == "--cluster" {
            let value = words.get(i + 1).ok_or("--cluster needs VERSION/CLUSTER")?;
            scan.cluster = Some(value.clone());
            scan.args = without(args, i, 2);
            return Ok(scan);
        }
        if let Some(value) = word.strip_prefix("--cluster=").filter(|v| is_cluster(v)) {
            scan.cluster = Some(value.to_owned());
            scan.args = without(args, i, 1);
            return Ok(scan);
        }
        scan.note(word, words.get(i + 1));
    }
    scan.args = args.to_vec();
    Ok(scan)
}

fn without(args: &[OsString], at: usize, count: usize) -> Vec<OsString> {
    args[..at].iter().chain(&args[at + count..]).cloned().collect()
}

impl Scan {
    fn note(&mut self, word: &str, next: Option<&String>) {
        if long(word, "--host") || letters_with(word, b'h').is_some_and(|rest| rest.is_empty()) {
            self.host = true;
        }
        if long(word, "--port") {
            let digits: String = word["--port".len()..]
                .strip_prefix('=')
                .unwrap_or("")
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            self.port(digits, next);
        } else if let Some(digits) =
            letters_with(word, b'p').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        {
            self.port(digits.to_owned(), next);
        }
        let at_word_start = |at: usize| {
            at == 0 || !word.as_bytes()[at - 1].is_ascii_alphanumeric() && word.as_bytes()[at - 1] != b'_'
        };
        self.service |= word.match_indices("service=").any(|(at, _)| at_word_start(at));
    }

    fn port(&mut self, digits: String, next: Option<&String>) {
        if !digits.is_empty() {
            self.port = Some(digits);
        } else if let Some(next) = next {
            self.port = Some(next.clone());
        }
    }
}

/// `^--name\b`
fn long(word: &str, name: &str) -> bool {
    word.strip_prefix(name).is_some_and(|rest| !rest.bytes().next().is_some_and(is_word))
}

/// `^-\w*X…$` where the rest after the last fitting X is returned: for `h` it must be empty (`-\w*h\w*` holds
/// any later letters), for `p` digits.
fn letters_with(word: &str, letter: u8) -> Option<&str> {
    let body = word.strip_prefix('-')?;
    let body = body.strip_suffix('\n').unwrap_or(body);
    if !body.bytes().all(is_word) {
        return None;
    }
    match letter {
        b'h' => body.bytes().any(|b| b == b'h').then_some(""),
        _ => {
            let at = body.trim_end_matches(|c: char| c.is_ascii_digit());
            at.ends_with('p').then(|| &body[at.len()..])
        }
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// `^\d+\.?\d/.+`
fn is_cluster(value: &str) -> bool {
    let Some((version, cluster)) = value.split_once('/') else { return false };
    super::client::is_version(version)
        && version.rsplit('.').next().is_some_and(|tail| !version.contains('.') || tail.len() == 1)
        && !cluster.is_empty()
        && !cluster.starts_with('\n')
}

#[cfg(test)]
mod tests {
    use super::{Scan, scan};
    use std::ffi::OsString;

    fn of(line: &str) -> Scan {
        scan(&line.split(' ').map(OsString::from).collect::<Vec<_>>()).expect("not refused")
    }

    #[test]
    fn the_scan_is_by_pattern_not_by_meaning() {
        assert!(of("-Uhoward").host && !of("-U howard").host);
        assert!(of("-Xh prod").host && !of("-hprod-db").host && of("-hproddb").host && of("--host=x").host);
        assert!(!of("--hosts").host && !of("--ho x").host);
        assert_eq!(of("-p5433").port.as_deref(), Some("5433"));
        assert_eq!(of("--port 5433").port.as_deref(), Some("5433"));
        assert_eq!(of("--port=54x").port.as_deref(), Some("54"));
        assert_eq!(of("-Up prod").port.as_deref(), Some("prod"));
        assert!(of("a service=x").service && !of("myservice=x").service);
    }

    #[test]
    fn cluster_is_taken_out_wherever_it_stands() {
        let found = of("prod --cluster 15/main -X");
        assert_eq!((found.cluster.as_deref(), found.args.len()), (Some("15/main"), 2));
        assert_eq!(of("--cluster=15/h:1 x").cluster.as_deref(), Some("15/h:1"));
        assert_eq!(of("--cluster=9/x").cluster, None);
        assert_eq!(of("-- --cluster 15/main").cluster, None);
        assert!(scan(&[OsString::from("--cluster")]).is_err());
    }
}
