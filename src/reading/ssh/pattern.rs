//! Patterns of ssh_config(5): `*` and `?`, lists with commas and negation (match.c of OpenSSH).
//! Must never match case-insensitively where ssh does not: only `Match host` folds case.

/// One pattern against one text.
pub fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut t, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(b'?') => (t, p) = (t + 1, p + 1),
            Some(byte) if *byte == text[t] => (t, p) = (t + 1, p + 1),
            Some(_) | None => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (t, p) = (from + 1, at + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

/// A list with commas: one negated match spoils it, else one match is enough.
pub fn list_matches(text: &str, list: &str) -> bool {
    let mut found = false;
    for part in list.split(',') {
        match part.strip_prefix('!') {
            Some(pattern) if matches(text, pattern) => return false,
            Some(_) => {}
            None => found |= matches(text, part),
        }
    }
    found
}

/// As `list_matches`, without regard to case.
pub fn host_matches(host: &str, list: &str) -> bool {
    list_matches(&host.to_ascii_lowercase(), &list.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negated_match_spoils_a_list() {
        assert!(matches("a.prod", "*.prod") && matches("ab", "a?") && !matches("ab", "a??"));
        assert!(matches("", "*") && matches("abc", "*b*") && !matches("abc", "*d*"));
        assert!(list_matches("db1", "*,!web*") && !list_matches("web1", "*,!web*"));
        assert!(!list_matches("db1", "!web*"), "a negation alone matches nothing");
        assert!(host_matches("DB1", "db*") && !list_matches("DB1", "db*"));
    }
}
