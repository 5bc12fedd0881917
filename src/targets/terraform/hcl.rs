//! A look at HCL text, enough to see top-level blocks and what stands directly inside `terraform { … }`.
//! Must never evaluate anything, and say nothing rather than guess where quotes or braces do not add up.

use super::recorded::Configuration;
use serde_json::Value;

/// What one file says; `None` when it cannot be followed.
pub(super) fn look(bytes: &[u8], json: bool) -> Option<Configuration> {
    let text = std::str::from_utf8(bytes).ok()?;
    if json { in_json(text) } else { in_native(text) }
}

fn in_json(text: &str) -> Option<Configuration> {
    let root: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let names =
        |block: &Value| ["backend", "cloud", "state_store"].iter().any(|name| block.get(name).is_some());
    let backend = match root.get("terraform") {
        Some(Value::Array(blocks)) => blocks.iter().any(names),
        Some(block) => names(block),
        None => false,
    };
    Some(Configuration { backend, imports: root.get("import").is_some() })
}

/// Follows braces; a block is known by the first word of the line that opens it.
fn in_native(text: &str) -> Option<Configuration> {
    let mut found = Configuration::default();
    let mut open: Vec<&str> = Vec::new();
    let mut header: Option<&str> = None;
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(c) = rest.chars().next() {
        if rest.starts_with('#') || rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = &comment[comment.find("*/")? + 2..];
        } else if let Some(inside) = rest.strip_prefix('"') {
            rest = after_string(inside, 16)?;
        } else if let Some(marker) = rest.strip_prefix("<<") {
            rest = after_heredoc(marker)?;
        } else if c.is_alphanumeric() || c == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
            header = header.or(Some(&rest[..end]));
            rest = &rest[end..];
        } else {
            match c {
                '{' => {
                    let name = header.take().unwrap_or("");
                    found.backend |=
                        open == ["terraform"] && ["backend", "cloud", "state_store"].contains(&name);
                    found.imports |= open.is_empty() && name == "import";
                    open.push(name);
                }
                '}' => {
                    open.pop()?;
                    header = None;
                }
                '\n' => header = None,
                _ => {}
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    open.is_empty().then_some(found)
}

/// Behind the closing quote; a template `${…}` may hold strings of its own.
fn after_string(mut rest: &str, depth: u8) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    loop {
        let c = rest.chars().next()?;
        if let Some(template) = rest.strip_prefix("${").or(rest.strip_prefix("%{")) {
            rest = after_template(template, depth)?;
            continue;
        }
        // `$${` and `%%{` are the characters themselves.
        let skip = if rest.starts_with("$${") || rest.starts_with("%%{") { 3 } else { c.len_utf8() };
        rest = &rest[skip..];
        match c {
            '"' => return Some(rest),
            '\\' => rest = &rest[rest.chars().next()?.len_utf8()..],
            '\n' => return None,
            _ => {}
        }
    }
}

fn after_template(mut rest: &str, depth: u8) -> Option<&str> {
    let mut braces = 1_usize;
    loop {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => rest = after_string(rest, depth)?,
            '{' => braces += 1,
            '}' if braces == 1 => return Some(rest),
            '}' => braces -= 1,
            _ => {}
        }
    }
}

/// Behind the line that holds nothing but the marker.
fn after_heredoc(rest: &str) -> Option<&str> {
    let (marker, mut body) = rest.split_once('\n')?;
    let marker = marker.trim_start_matches('-').trim();
    loop {
        let (line, further) = body.split_once('\n').unwrap_or((body, ""));
        if line.trim() == marker {
            return Some(&body[line.len()..]);
        }
        if further.is_empty() {
            return None;
        }
        body = further;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(text: &str) -> Option<bool> {
        look(text.as_bytes(), false).map(|c| c.backend)
    }

    #[test]
    fn a_backend_is_seen_only_where_it_is_one() {
        assert_eq!(backend("terraform {\n  backend \"http\" {}\n}\n"), Some(true));
        assert_eq!(backend("terraform { cloud { organization = \"x\" } }"), Some(true));
        assert_eq!(
            backend("terraform {\n required_version = \">1\"\n}\n# terraform { backend \"s3\" {} }\n"),
            Some(false)
        );
        assert_eq!(backend("resource \"x\" \"y\" {\n backend \"z\" {}\n}\n"), Some(false));
        assert_eq!(
            backend("/* terraform { backend */ locals {\n a = \"${f(\"}\")}{\"\n b = { c = 1 }\n}"),
            Some(false)
        );
        assert_eq!(backend("locals {\n a = <<-EOT\n  terraform { backend \"s3\" {\n  EOT\n}\n"), Some(false));
    }

    #[test]
    fn what_does_not_add_up_is_not_guessed() {
        assert_eq!(backend("terraform {"), None);
        assert_eq!(backend("a = \"open"), None);
        assert_eq!(backend("a = <<EOT\nnever closed"), None);
        assert_eq!(look(b"\xff", false), None);
    }

    #[test]
    fn json_and_imports() {
        let json = look(br#"{"terraform":[{"backend":{"http":{}}}]}"#, true);
        assert_eq!(json, Some(Configuration { backend: true, imports: false }));
        assert_eq!(look(b"import {\n to = a.b\n id = \"x\"\n}\n", false).map(|c| c.imports), Some(true));
        assert_eq!(look(b"{", true), None);
    }
}
