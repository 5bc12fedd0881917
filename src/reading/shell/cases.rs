//! `case` within a substitution: the parser counts parentheses there, and a pattern's `)` has no `(`. Must never change
//! what a script means: bash takes a `(` before each pattern too.

/// What the text at an index stands in.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    /// Parentheses, with whether they stand in double quotes.
    Parens(bool),
    /// Between `case` and `in`.
    Subject,
    /// Where a pattern begins.
    Start,
    Pattern,
    Body,
}

/// The script with `(` before the patterns that have none; `None` when there are none.
pub fn with_parens(text: &str) -> Option<String> {
    let mut reader =
        Reader { text, at: 0, out: String::with_capacity(text.len() + 32), stack: Vec::new(), quoted: false };
    let mut added = false;
    while reader.at < text.len() {
        added |= reader.step();
    }
    added.then_some(reader.out)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    out: String,
    stack: Vec<Within>,
    quoted: bool,
}

impl Reader<'_> {
    fn copy(&mut self, length: usize) {
        let end = (self.at + length).min(self.text.len());
        let end = (end..=self.text.len()).find(|i| self.text.is_char_boundary(*i)).unwrap_or(self.text.len());
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// Whether the word comes next, as a word of its own.
    fn word(&self, word: &str) -> bool {
        let rest = self.text[self.at..].strip_prefix(word);
        let before = self.out.chars().next_back().is_none_or(|c| c.is_whitespace() || ";&|()`".contains(c));
        before
            && rest
                .is_some_and(|r| r.chars().next().is_none_or(|c| c.is_whitespace() || ";&|()`".contains(c)))
    }

    /// Whether a command may begin next.
    fn begins(&self) -> bool {
        const BEFORE: &[&str] = &["then", "do", "else", "{", "!", "if", "while", "until", "elif"];
        let line = self.out.trim_end_matches([' ', '\t']);
        let last = line.rsplit(|c: char| c.is_whitespace() || ";&|()`".contains(c)).next().unwrap_or("");
        last.is_empty() || line.len() < self.out.len() && BEFORE.contains(&last)
    }

    /// Takes what comes next; whether a parenthesis was put before it.
    fn step(&mut self) -> bool {
        let Some(c) = self.text[self.at..].chars().next() else { return false };
        let top = self.stack.last().copied();
        if c == '\\' {
            self.copy(2);
        } else if self.quoted {
            self.in_quotes(c);
        } else if c == '#' && self.out.chars().next_back().is_none_or(char::is_whitespace) {
            let rest = &self.text[self.at..];
            self.copy(rest.find('\n').unwrap_or(rest.len()));
        } else if top == Some(Within::Start) && !c.is_whitespace() {
            return self.pattern(c);
        } else {
            self.plain(c, top);
        }
        false
    }

    fn in_quotes(&mut self, c: char) {
        if self.text[self.at..].starts_with("$(") {
            self.copy(2);
            self.stack.push(Within::Parens(true));
            self.quoted = false;
        } else {
            self.quoted = c != '"';
            self.copy(c.len_utf8());
        }
    }

    fn pattern(&mut self, c: char) -> bool {
        self.stack.pop();
        if self.word("esac") {
            self.copy(4);
            return false;
        }
        self.stack.push(Within::Pattern);
        if c == '(' {
            self.copy(1);
        } else {
            self.out.push('(');
        }
        c != '('
    }

    fn plain(&mut self, c: char, top: Option<Within>) {
        let rest = &self.text[self.at..];
        match (c, top) {
            ('\'', _) => self.copy(rest[1..].find('\'').map_or(rest.len(), |n| n + 2)),
            ('"', _) => {
                self.quoted = true;
                self.copy(1);
            }
            ('(', _) => {
                self.stack.push(Within::Parens(false));
                self.copy(1);
            }
            (')', Some(Within::Parens(quoted))) => {
                self.stack.pop();
                self.quoted = quoted;
                self.copy(1);
            }
            (')', Some(Within::Pattern)) => self.become_and_copy(Within::Body, 1),
            (';', Some(Within::Body)) if rest.starts_with(";;&") => self.become_and_copy(Within::Start, 3),
            (';', Some(Within::Body)) if rest.starts_with(";;") || rest.starts_with(";&") => {
                self.become_and_copy(Within::Start, 2);
            }
            ('i', Some(Within::Subject)) if self.word("in") => self.become_and_copy(Within::Start, 2),
            ('e', Some(Within::Body)) if self.word("esac") && self.begins() => {
                self.stack.pop();
                self.copy(4);
            }
            ('c', None | Some(Within::Body | Within::Parens(_))) if self.word("case") && self.begins() => {
                self.stack.push(Within::Subject);
                self.copy(4);
            }
            _ => self.copy(c.len_utf8()),
        }
    }

    fn become_and_copy(&mut self, next: Within, length: usize) {
        self.stack.pop();
        self.stack.push(next);
        self.copy(length);
    }
}
