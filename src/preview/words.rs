//! Numbers as people read them: `1,204 files`, `3.2 GB`. Pure.

use std::collections::BTreeMap;

/// With thousands set off.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 pod`, `1,204 policies`.
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {}", number(n), plural(noun)) }
}

fn plural(noun: &str) -> String {
    let ends = |all: &[&str]| all.iter().any(|end| noun.ends_with(end));
    if ends(&["s", "x", "ch", "sh"]) {
        return format!("{noun}es");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        Some(_) | None => format!("{noun}s"),
    }
}

/// Powers of 1000, as `ls -h --si`: `812 bytes`, `3.2 GB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return count(n, "byte");
    }
    let mut whole = n;
    let mut rest = 0;
    let mut unit = "bytes";
    for next in UNITS {
        if whole < 1000 {
            break;
        }
        (rest, whole, unit) = (whole % 1000 / 100, whole / 1000, next);
    }
    if whole < 10 { format!("{whole}.{rest} {unit}") } else { format!("{whole} {unit}") }
}

/// `30 pods, 12 services and 3 of 2 other kinds`, the most first.
pub fn kinds(counts: &BTreeMap<String, u64>) -> String {
    const SHOWN: usize = 5;
    let mut list: Vec<(&String, &u64)> = counts.iter().collect();
    list.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let mut shown: Vec<String> = list.iter().take(SHOWN).map(|(kind, n)| count(**n, kind)).collect();
    let rest = &list[list.len().min(SHOWN)..];
    if !rest.is_empty() {
        shown.push(format!("{} others", number(rest.iter().map(|(_, n)| **n).sum())));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, kinds};

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!(count(1, "pod"), "1 pod");
        assert_eq!(count(1_234_567, "policy"), "1,234,567 policies");
        assert_eq!((count(2, "ingress"), count(0, "key")), ("2 ingresses".into(), "0 keys".into()));
        let all = [0, 1, 999, 1000, 1999, 12_345, 3_210_000_000, u64::MAX].map(bytes);
        assert_eq!(
            all,
            ["0 bytes", "1 byte", "999 bytes", "1.0 kB", "1.9 kB", "12 kB", "3.2 GB", "18 EB"]
        );
        let many = ["a", "b", "c", "d", "e", "f", "g"].into_iter().zip(1..);
        let many = many.map(|(k, n)| (k.to_owned(), n)).collect();
        assert_eq!(kinds(&many), "7 gs, 6 fs, 5 es, 4 ds, 3 cs, 3 others");
    }
}
