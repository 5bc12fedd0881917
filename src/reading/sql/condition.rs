//! WHERE conditions that hold for every row: `true`, `1 = 1`, `id = id`, `x OR true`. A DELETE with such a
//! condition has none. Must only answer when the answer is certain.

use super::tokens::{Token, Tokens};

/// What the condition is for every row: `Some(true)`, `Some(false)`, or `None`: it depends on the row.
pub fn constant(tokens: Tokens) -> Option<bool> {
    let tokens = stripped(tokens);
    let either: Vec<Tokens> = parts(tokens, "or");
    if either.len() > 1 {
        let values: Vec<Option<bool>> = either.into_iter().map(constant).collect();
        return if values.contains(&Some(true)) { Some(true) } else { all(&values, false).then_some(false) };
    }
    if tokens.find(&["between"]).is_some() {
        return None;
    }
    let both: Vec<Tokens> = parts(tokens, "and");
    if both.len() > 1 {
        let values: Vec<Option<bool>> = both.into_iter().map(constant).collect();
        return if values.contains(&Some(false)) { Some(false) } else { all(&values, true).then_some(true) };
    }
    if tokens.is(0, "not") {
        return constant(tokens.from(1)).map(|value| !value);
    }
    single(tokens)
}

fn all(values: &[Option<bool>], wanted: bool) -> bool {
    values.iter().all(|v| *v == Some(wanted))
}

/// Without parentheses round the whole, and without a cast of the whole.
fn stripped<'a, 't>(tokens: Tokens<'a, 't>) -> Tokens<'a, 't> {
    let n = tokens.len();
    if n >= 2 && tokens.sign(0, b'(') && tokens.closing(0) == n - 1 {
        return stripped(Tokens(&tokens.0[1..n - 1]));
    }
    if n == 4 && tokens.sign(1, b':') && tokens.sign(2, b':') {
        return Tokens(&tokens.0[..1]);
    }
    tokens
}

fn parts<'a, 't>(tokens: Tokens<'a, 't>, word: &str) -> Vec<Tokens<'a, 't>> {
    let mut list = Vec::new();
    let mut start = 0;
    for i in tokens.top().filter(|i| tokens.is(*i, word)) {
        list.push(Tokens(&tokens.0[start..i]));
        start = i + 1;
    }
    list.push(tokens.from(start));
    list
}

fn single(tokens: Tokens) -> Option<bool> {
    match tokens.0 {
        [Token::Word(word)] if word.eq_ignore_ascii_case("true") => return Some(true),
        [Token::Word(word)] if word.eq_ignore_ascii_case("false") => return Some(false),
        [Token::Text(text)] => return boolean(text.trim_matches('\'')),
        _ => {}
    }
    if tokens.is(0, "exists") && tokens.sign(1, b'(') && tokens.closing(1) + 1 == tokens.len() {
        return (tokens.is(2, "select") && !tokens.has(&["from"]) && !tokens.has(&["where"])).then_some(true);
    }
    if tokens.len() > 2 && tokens.is(tokens.len() - 2, "is") && tokens.is(tokens.len() - 1, "true") {
        return constant(Tokens(&tokens.0[..tokens.len() - 2]));
    }
    comparison(tokens)
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn comparison(tokens: Tokens) -> Option<bool> {
    let is_operator = |i: &usize| matches!(tokens.0[*i], Token::Sign(b'=' | b'<' | b'>' | b'!'));
    let at = tokens.top().find(is_operator)?;
    let length = 1 + usize::from(at + 1 < tokens.len() && is_operator(&(at + 1)));
    let operator: Vec<u8> = (at..at + length)
        .filter_map(|i| match tokens.0[i] {
            Token::Sign(sign) => Some(sign),
            _ => None,
        })
        .collect();
    let (left, right) = (Tokens(&tokens.0[..at]), tokens.from(at + length));
    let order = order(left, right)?;
    match operator.as_slice() {
        b"=" => Some(order.is_eq()),
        b"<>" | b"!=" => Some(order.is_ne()),
        b"<" => Some(order.is_lt()),
        b">" => Some(order.is_gt()),
        b"<=" => Some(order.is_le()),
        b">=" => Some(order.is_ge()),
        _ => None,
    }
}

/// How two sides compare, when that is known: numbers, equal strings, the same column on both sides
/// (true for every row but NULLs).
fn order(left: Tokens, right: Tokens) -> Option<std::cmp::Ordering> {
    let (left, right) = (stripped(left), stripped(right));
    if let ([Token::Number(a)], [Token::Number(b)]) = (left.0, right.0) {
        return a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?);
    }
    if let ([Token::Text(a)], [Token::Text(b)]) = (left.0, right.0) {
        return Some(a.cmp(b));
    }
    let calls = left.0.contains(&Token::Sign(b'('));
    let same = !left.0.is_empty()
        && !calls
        && left.len() == right.len()
        && left.0.iter().zip(right.0).all(|(a, b)| match (a, b) {
            (Token::Word(a), Token::Word(b)) => a.eq_ignore_ascii_case(b),
            (a, b) => a == b,
        });
    same.then_some(std::cmp::Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::super::tokens::{Tokens, cut};
    use super::constant;

    fn eval(text: &str) -> Option<bool> {
        constant(Tokens(&cut(text).statements[0]))
    }

    #[test]
    fn conditions_that_hold_for_every_row_are_known() {
        for text in [
            "true",
            "1=1",
            "(1 = 1)",
            "NOT false",
            "id = ID",
            "x > 3 OR true",
            "'a'='a' AND 2>1",
            "'t'",
            "EXISTS (SELECT 1)",
            "((true)) IS TRUE",
            "o.id = o.id",
            "true::boolean",
            "1 <> 2",
        ] {
            assert_eq!(eval(text), Some(true), "{text}");
        }
        for text in
            ["id = 1", "true AND id = 3", "a = b", "random() = random()", "id BETWEEN 1 AND 1", "$1 = 1"]
        {
            assert_eq!(eval(text), None, "{text}");
        }
        assert_eq!(eval("false"), Some(false));
        assert_eq!(eval("1=2 AND id=3"), Some(false));
    }
}
