//! The text of a configuration file, as config.c of git 2.47 reads it.
//! Must never go on behind a line git would stop at.

/// Key and value, or the number of the line that is wrong.
pub fn parse(text: &str) -> Result<Vec<(String, Option<String>)>, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let mut reader = Reader { letters: text.chars().collect(), at: 0, line: 1 };
    let mut found = Vec::new();
    let mut section = String::new();
    while let Some(c) = reader.next() {
        match c {
            c if c.is_ascii_whitespace() => {}
            '#' | ';' => reader.skip_line(),
            '[' => section = reader.section()?,
            c if c.is_ascii_alphabetic() => {
                let (name, value) = reader.setting(c)?;
                if section.is_empty() {
                    return Err(reader.line);
                }
                found.push((format!("{section}.{name}"), value));
            }
            _ => return Err(reader.line),
        }
    }
    Ok(found)
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    line: usize,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let c = self.letters.get(self.at).copied()?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|c| c != '\n') {}
    }

    /// After `[`: `name]`, `name.sub]` (all lower case) or `name "Sub"]`.
    fn section(&mut self) -> Result<String, usize> {
        let mut name = String::new();
        loop {
            match self.next() {
                Some(']') => return Ok(name),
                Some(' ' | '\t') => {
                    while matches!(self.peek(), Some(' ' | '\t')) {
                        self.next();
                    }
                    return self.subsection(name);
                }
                Some(c) if c.is_ascii_alphanumeric() || c == '-' || c == '.' => {
                    name.push(c.to_ascii_lowercase());
                }
                Some(_) | None => return Err(self.line),
            }
        }
    }

    fn subsection(&mut self, mut name: String) -> Result<String, usize> {
        if self.next() != Some('"') {
            return Err(self.line);
        }
        name.push('.');
        loop {
            match self.next() {
                Some('"') => break,
                Some('\\') => match self.next() {
                    Some('\n') | None => return Err(self.line),
                    Some(c) => name.push(c),
                },
                Some('\n') | None => return Err(self.line),
                Some(c) => name.push(c),
            }
        }
        if self.next() == Some(']') { Ok(name) } else { Err(self.line) }
    }

    fn setting(&mut self, first: char) -> Result<(String, Option<String>), usize> {
        let mut name = String::from(first.to_ascii_lowercase());
        while let Some(c) = self.peek().filter(|c| c.is_ascii_alphanumeric() || *c == '-') {
            name.push(c.to_ascii_lowercase());
            self.next();
        }
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
        match self.next() {
            None | Some('\n') => Ok((name, None)),
            Some('=') => Ok((name, Some(self.value()?))),
            Some(_) => Err(self.line),
        }
    }

    fn value(&mut self) -> Result<String, usize> {
        let (mut value, mut quoted, mut kept) = (String::new(), false, 0);
        loop {
            let c = match self.next() {
                None | Some('\n') if quoted => return Err(self.line),
                None | Some('\n') => break,
                Some(c) => c,
            };
            if c.is_ascii_whitespace() && !quoted {
                if !value.is_empty() {
                    value.push(c);
                }
                continue;
            }
            match c {
                '#' | ';' if !quoted => {
                    self.skip_line();
                    break;
                }
                '"' => {
                    quoted = !quoted;
                    kept = value.len();
                    continue;
                }
                '\\' => match self.next() {
                    Some('\n') => continue,
                    Some('t') => value.push('\t'),
                    Some('b') => value.push('\u{8}'),
                    Some('n') => value.push('\n'),
                    Some(c @ ('\\' | '"')) => value.push(c),
                    Some(_) | None => return Err(self.line),
                },
                c => value.push(c),
            }
            kept = value.len();
        }
        value.truncate(kept);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn quotes_comments_and_continuations() {
        let text = "[Remote \"O r\\\"g\"] URL = a\\\n b ; c\n\tpush = \"+x # y\" z  \nflag\n[a.B]\nc=\n";
        let found = parse(text).expect("reads");
        let found: Vec<(&str, Option<&str>)> =
            found.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect();
        assert_eq!(
            found,
            [
                ("remote.O r\"g.url", Some("a b")),
                ("remote.O r\"g.push", Some("+x # y z")),
                ("remote.O r\"g.flag", None),
                ("a.b.c", Some("")),
            ]
        );
    }

    #[test]
    fn it_stops_where_git_stops() {
        for text in ["[a", "[a]\n1 = x", "x = 1", "[a] b = \"x", "[a] b = \\q", "[a \"b\" ]", "[a] b c"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
