//! Values as Go's strconv reads them. What these refuse, kubectl refuses with a usage error.

/// strconv.ParseBool.
pub fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// strconv.ParseInt with base 0: `00` is octal, `0x0`, `0b0`, `0o0`, `1_000` are numbers.
pub fn go_integer(text: &str) -> Option<i64> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = body.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    // An underscore must stand between digits or after the base.
    let based = digits.len() < lower.len();
    if digits.ends_with('_') || digits.contains("__") || (digits.starts_with('_') && !based) {
        return None;
    }
    let digits = digits.replace('_', "");
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i64::from_str_radix(&digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// A StringSlice flag's value: one CSV record.
pub fn comma_list(text: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => list.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    list.push(field);
    list
}

#[cfg(test)]
mod tests {
    use super::{comma_list, go_bool, go_integer};

    #[test]
    fn integers_have_go_bases() {
        for zero in ["0", "00", "0x0", "-0", "+0", "0b0", "0o0", "0_0", "000"] {
            assert_eq!(go_integer(zero), Some(0), "{zero}");
        }
        assert_eq!(
            (go_integer("010"), go_integer("0x1F"), go_integer("1_000")),
            (Some(8), Some(31), Some(1000))
        );
        for wrong in ["", "08", "x", "1__0", "_1", "1_", "0x", "--1", "0-1", "3.0", " 0"] {
            assert_eq!(go_integer(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn booleans_and_lists() {
        assert_eq!(
            (go_bool("T"), go_bool("0"), go_bool("yes"), go_bool("")),
            (Some(true), Some(false), None, None)
        );
        assert_eq!(comma_list("a.yaml,b.json"), ["a.yaml", "b.json"]);
        assert_eq!(comma_list("\"a,b\",c"), ["a,b", "c"]);
    }
}
