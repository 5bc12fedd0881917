//! Arithmetic that has a constant answer: `$((1 - 1))`. Must never evaluate what changes a variable: the
//! variables in it are not known afterwards.

use super::run::Shell;
use super::state::{State, Value};
use super::word::Context;

impl Shell<'_> {
    /// The value of an expression.
    pub fn arithmetic(&mut self, raw: &str, state: &mut State) -> Result<i64, String> {
        let (text, doubt) = self.text_in(raw, Context::Quoted, state);
        let text = String::from_utf8(text).map_err(|_| "arithmetic that is not UTF-8")?;
        if changes(&text) {
            // What is not known stands there as it was written, and was run already.
            match &doubt {
                None => self.evaluated(&text, state, 0),
                Some(_) => self.evaluated(&names(&text).join(" "), state, 0),
            }
            for name in names(&text) {
                self.assign(state, &name, Value::Unknown(format!("${name} is computed")));
            }
            return Err("arithmetic that changes variables".into());
        }
        if let Some(why) = doubt {
            return Err(why);
        }
        let mut reader = Reader { text: text.as_bytes(), at: 0, shell: self, state, depth: 0 };
        let value = reader.binary(0)?;
        reader.blank();
        if reader.at < text.len() { Err("arithmetic that guard does not read".into()) } else { Ok(value) }
    }

    /// A text that bash evaluates: it runs the substitutions in it, and in the variables that it names.
    pub fn evaluated(&mut self, text: &str, state: &State, depth: usize) {
        const DEEPEST: usize = 4;
        if text.contains("$(") || text.contains('`') {
            self.unsure("arithmetic on a text that starts something");
        }
        for name in names(text).into_iter().filter(|_| depth < DEEPEST) {
            if let Some(Value::Text(value)) = self.variable(state, &name)
                && !value.iter().all(u8::is_ascii_digit)
            {
                self.evaluated(&String::from_utf8_lossy(&value), state, depth + 1);
            }
        }
    }

    /// The name of a variable, whose key bash evaluates.
    pub fn named(&mut self, name: &[u8]) {
        if name.contains(&b'[') && (name.contains(&b'`') || name.windows(2).any(|two| two == b"$(")) {
            self.unsure("the name of a variable that starts something");
        }
    }

    /// `((…))`: only what it changes counts.
    pub fn arithmetic_effects(&mut self, raw: &str, state: &mut State) {
        let _ = self.arithmetic(raw, state);
    }
}

/// Assigns or counts.
fn changes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let assigns = (0..bytes.len()).any(|i| {
        bytes[i] == b'='
            && bytes.get(i + 1) != Some(&b'=')
            && !(i > 0
                && (b"=!".contains(&bytes[i - 1])
                    || (b"<>".contains(&bytes[i - 1]) && !doubled(bytes, i - 1))))
    });
    assigns || text.contains("++") || text.contains("--")
}

fn doubled(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1] == bytes[at]
}

fn names(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|w| w.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        .map(str::to_owned)
        .collect()
}

struct Reader<'a, 's, 'b> {
    text: &'a [u8],
    at: usize,
    shell: &'a mut Shell<'b>,
    state: &'s State,
    depth: usize,
}

/// Operators by binding, loosest first; longer ones before their beginnings.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Reader<'_, '_, '_> {
    fn blank(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blank();
        let rest = &self.text[self.at..];
        let found = LEVELS[level].iter().find(|o| rest.starts_with(o.as_bytes()))?;
        let next = rest.get(found.len()).copied().unwrap_or(b' ');
        let longer = matches!(
            (*found, next),
            ("|", b'|') | ("&", b'&') | ("<" | ">", b'<' | b'>' | b'=') | ("*", b'*')
        );
        if longer {
            return None;
        }
        self.at += found.len();
        Some(found)
    }

    fn binary(&mut self, level: usize) -> Result<i64, String> {
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            let right = self.binary(level + 1)?;
            left = apply(operator, left, right)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > 200 {
            return Err("arithmetic that is nested too deep".into());
        }
        self.blank();
        let sign = self.text.get(self.at).copied();
        let value = match sign {
            Some(b'-' | b'+' | b'!' | b'~') => {
                self.at += 1;
                let value = self.unary()?;
                match sign {
                    Some(b'-') => value.wrapping_neg(),
                    Some(b'!') => i64::from(value == 0),
                    Some(b'~') => !value,
                    _ => value,
                }
            }
            Some(b'(') => {
                self.at += 1;
                let value = self.binary(0)?;
                self.blank();
                if self.text.get(self.at) != Some(&b')') {
                    return Err("arithmetic that guard does not read".into());
                }
                self.at += 1;
                value
            }
            _ => self.operand()?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<i64, String> {
        let from = self.at;
        while self.text.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.at += 1;
        }
        let word = String::from_utf8_lossy(&self.text[from..self.at]).into_owned();
        if word.is_empty() && from == self.text.len() && from == 0 {
            return Ok(0);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return number(&word).ok_or_else(|| "arithmetic that guard does not read".into());
        }
        if word.is_empty() {
            return Err("arithmetic that guard does not read".into());
        }
        match self.shell.variable(self.state, &word) {
            None => Ok(0),
            Some(Value::Text(text)) if text.is_empty() => Ok(0),
            Some(Value::Text(text)) => number(&String::from_utf8_lossy(&text)).ok_or_else(|| {
                // bash would evaluate the text, and run the substitutions in it.
                self.shell.unsure(format!("arithmetic on ${word}, which is not a number"));
                format!("${word} is not a number")
            }),
            Some(Value::List(_)) => Err(format!("${word} is a list")),
            Some(Value::Unknown(why)) => Err(why),
        }
    }
}

fn number(word: &str) -> Option<i64> {
    let (sign, word) = word.strip_prefix('-').map_or((1, word), |w| (-1, w));
    let value = match word.as_bytes() {
        [b'0', b'x' | b'X', ..] => i64::from_str_radix(&word[2..], 16).ok(),
        [b'0', _, ..] => i64::from_str_radix(&word[1..], 8).ok(),
        _ => word.parse().ok(),
    };
    value.map(|v: i64| v.wrapping_mul(sign))
}

fn apply(operator: &str, a: i64, b: i64) -> Result<i64, String> {
    let shift = |n: i64| u32::try_from(n).ok().filter(|n| *n < 64).ok_or("arithmetic that overflows");
    Ok(match operator {
        "||" => i64::from(a != 0 || b != 0),
        "&&" => i64::from(a != 0 && b != 0),
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "==" => i64::from(a == b),
        "!=" => i64::from(a != b),
        "<=" => i64::from(a <= b),
        ">=" => i64::from(a >= b),
        "<" => i64::from(a < b),
        ">" => i64::from(a > b),
        "<<" => a.wrapping_shl(shift(b)?),
        ">>" => a.wrapping_shr(shift(b)?),
        "+" => a.wrapping_add(b),
        "-" => a.wrapping_sub(b),
        "*" => a.wrapping_mul(b),
        "/" => a.checked_div(b).ok_or("a division by zero")?,
        _ => a.checked_rem(b).ok_or("a division by zero")?,
    })
}
