//! Patterns of `includeIf`: `*` and `?` stay within a directory, `**` does not.
//! Must never match what git's wildmatch would not.

/// Whether the whole of `text` fits.
pub fn matches(pattern: &[u8], text: &[u8], fold: bool) -> bool {
    let same = |a: u8, b: u8| a == b || fold && a.eq_ignore_ascii_case(&b);
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', b'/', rest @ ..] => {
            let mut from = Some(0);
            while let Some(at) = from {
                if matches(rest, &text[at..], fold) {
                    return true;
                }
                from = text[at..].iter().position(|b| *b == b'/').map(|slash| at + slash + 1);
            }
            false
        }
        [b'*', b'*'] => true,
        [b'*', rest @ ..] => {
            let end = text.iter().position(|b| *b == b'/').unwrap_or(text.len());
            (0..=end).any(|at| matches(rest, &text[at..], fold))
        }
        [b'?', rest @ ..] => matches!(text, [b, ..] if *b != b'/') && matches(rest, &text[1..], fold),
        [b'[', ..] => class(pattern, text, fold),
        [b'\\', b, rest @ ..] | [b, rest @ ..] => {
            matches!(text, [t, ..] if same(*b, *t)) && matches(rest, &text[1..], fold)
        }
    }
}

fn class(pattern: &[u8], text: &[u8], fold: bool) -> bool {
    let Some(end) = pattern.iter().skip(2).position(|b| *b == b']').map(|at| at + 2) else { return false };
    let [first, ..] = text else { return false };
    let not = matches!(pattern[1], b'!' | b'^');
    let set = &pattern[1 + usize::from(not)..end];
    let mut at = 0;
    let mut found = false;
    while at < set.len() {
        let (low, high, used) = match &set[at..] {
            [low, b'-', high, ..] => (*low, *high, 3),
            _ => (set[at], set[at], 1),
        };
        found |= (low..=high).contains(first) || fold && (low..=high).contains(&first.to_ascii_lowercase());
        at += used;
    }
    *first != b'/' && found != not && matches(&pattern[end + 1..], &text[1..], fold)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_directories() {
        for (pattern, text, fits) in [
            ("/home/*/work/**", "/home/me/work/a/.git", true),
            ("/home/*/work/**", "/home/me/x/work/a", false),
            ("**/acme/**", "/srv/acme/api/.git", true),
            ("**/acme/**", "acme/api", true),
            ("/a/[xy]?", "/a/yz", true),
            ("/a/[!xy]?", "/a/yz", false),
            ("/A/b", "/a/b", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), false), fits, "{pattern} {text}");
        }
        assert!(matches(b"/A/b", b"/a/B", true));
    }
}
