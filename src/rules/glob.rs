//! Globs in linear time: `*` is any run of characters (also `/`), `?` one character, nothing else is special.

/// Whether `pattern` matches all of `text`. Backtracks to the last `*` only: O(pattern × text) at worst.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    let (mut i, mut j) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while j < t.len() {
        if i < p.len() && p[i] == b'*' {
            retry = Some((i, j));
            i += 1;
        } else if i < p.len() && (p[i] == t[j] || p[i] == b'?') {
            i += 1;
            j += 1;
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            i = star + 1;
            j = from + 1;
        } else {
            return false;
        }
    }
    p[i..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks() {
        assert!(matches("*prod*", "eu-prod-1") && matches("prod", "prod") && matches("**", ""));
        assert!(matches("release/*", "release/1.2/rc") && matches("a?c", "abc"));
        assert!(!matches("prod", "prod1") && !matches("a?c", "ac") && !matches("*x", "xy"));
        assert!(!matches(&"*a".repeat(200), &"a".repeat(150)));
    }
}
