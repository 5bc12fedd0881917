//! A line of redis-cli's input as words: quotes and escapes as sdssplitargs has them.

/// The words; `None` where redis-cli says that the quotes do not fit and passes on.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut chars = line.chars().peekable();
    loop {
        while chars.peek().is_some_and(|c| c.is_ascii_whitespace()) {
            chars.next();
        }
        if chars.peek().is_none() {
            return Some(all);
        }
        let mut word = String::new();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    loop {
                        match chars.next()? {
                            '"' => break,
                            '\\' => match chars.next()? {
                                'n' => word.push('\n'),
                                't' => word.push('\t'),
                                'r' => word.push('\r'),
                                'x' => word.push_str("\\x"),
                                other => word.push(other),
                            },
                            other => word.push(other),
                        }
                    }
                    ends(&mut chars)?;
                    break;
                }
                '\'' => {
                    loop {
                        match chars.next()? {
                            '\'' => break,
                            '\\' if chars.peek() == Some(&'\'') => word.extend(chars.next()),
                            other => word.push(other),
                        }
                    }
                    ends(&mut chars)?;
                    break;
                }
                c if c.is_ascii_whitespace() => break,
                other => word.push(other),
            }
        }
        all.push(word);
    }
}

/// A closing quote must end the word.
fn ends(chars: &mut std::iter::Peekable<std::str::Chars>) -> Option<()> {
    chars.peek().is_none_or(|c| c.is_ascii_whitespace()).then_some(())
}
