//! Splits TF_CLI_ARGS as terraform's own splitter does (mattn/go-shellwords with environment and backticks off):
//! quotes and backslashes, no expansion, and everything from an unquoted `;`, `&`, `|`, `<` or `>` on is dropped.
//! Must never split a value it is not certain about: substitutions differ between versions of that library.

use super::words::Stop;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// The words of a variable's value, or why terraform stops (or guard cannot tell).
pub(super) fn split(name: &str, value: &str) -> Result<Vec<String>, Stop> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = Quote::None;
    let mut letters = value.chars();
    while let Some(c) = letters.next() {
        match (quote, c) {
            (Quote::None | Quote::Double, '\\') => match letters.next() {
                Some('t' | 'n') | None => return Err(unsure(name, value)),
                Some(next) => word.get_or_insert_default().push(next),
            },
            (Quote::None, ' ' | '\t' | '\r' | '\n') => words.extend(word.take()),
            (Quote::None, '"') => open(&mut quote, Quote::Double),
            (Quote::None, '\'') => open(&mut quote, Quote::Single),
            (Quote::Double, '"') | (Quote::Single, '\'') => {
                quote = Quote::None;
                word.get_or_insert_default();
            }
            (Quote::None, ';' | '&' | '|' | '<') => break,
            // `2>` loses its digits as a shell would; which words remain depends on the version.
            (Quote::None, '>' | '`' | '(' | ')') => return Err(unsure(name, value)),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote != Quote::None {
        return Err(Stop::Nothing(format!("{name} has an open quote: terraform refuses it")));
    }
    words.extend(word);
    Ok(words)
}

fn open(quote: &mut Quote, kind: Quote) {
    *quote = kind;
}

fn unsure(name: &str, value: &str) -> Stop {
    Stop::Unsure(format!("{name}={} cannot be split with certainty", crate::text::show_line(value, 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(value: &str) -> Vec<String> {
        split("TF_CLI_ARGS", value).unwrap_or_else(|_| vec!["stopped".into()])
    }

    #[test]
    fn quotes_join_and_separators_end() {
        assert_eq!(words("-destroy  -auto-approve"), ["-destroy", "-auto-approve"]);
        assert_eq!(words("-var 'a=b c' -var=x\\ y \"-z\"q"), ["-var", "a=b c", "-var=x y", "-zq"]);
        assert_eq!(words("-a ; -destroy"), ["-a"]);
        assert_eq!(words("'' \"\""), ["", ""]);
        assert_eq!(words("$HOME"), ["$HOME"]);
    }

    #[test]
    fn what_is_not_certain_stops() {
        assert!(matches!(split("X", "-a 'b"), Err(Stop::Nothing(_))));
        for value in ["-a `b`", "$(b)", "a\\", "2>x", "a\\nb"] {
            assert!(matches!(split("X", value), Err(Stop::Unsure(_))), "{value}");
        }
    }
}
