//! kubeconfig in the exact shape that kubectl and cloud tools write, read line by line: certificates make these
//! files large, and a YAML parser's milliseconds would be felt. Must never read what is not plainly in that shape:
//! it then answers `None`, and the YAML parser decides.

use super::kubeconfig::{Cluster, Context, File};
use crate::reading::kubectl::yaml::{self, Node};

/// The file, or `None` when anything in it is unusual.
pub fn read(text: &str) -> Option<File> {
    let mut reader = Reader { lines: Vec::new(), at: 0 };
    for line in text.split('\n') {
        if let Some(line) = Line::of(line)? {
            reader.lines.push(line);
        }
    }
    let file = reader.file()?;
    file.repeated().is_none().then_some(file)
}

/// `- key: value` or `key: value`, with the column of the key.
#[derive(Clone, Copy, Debug)]
struct Line<'t> {
    column: usize,
    /// The key stands behind a dash.
    item: bool,
    key: &'t str,
    value: &'t str,
}

impl<'t> Line<'t> {
    /// `None`: unusual. `Some(None)`: a blank line or a comment of its own.
    fn of(text: &'t str) -> Option<Option<Line<'t>>> {
        let text = text.strip_suffix('\r').unwrap_or(text);
        let body = text.trim_start_matches(' ');
        let mut column = text.len() - body.len();
        if body.is_empty() || (body.starts_with('#') && column == 0) {
            return Some(None);
        }
        let (item, body) = match body.strip_prefix("- ") {
            Some(rest) => (true, rest),
            None => (false, body),
        };
        column += usize::from(item) * 2;
        let split = body.split_once(": ").or_else(|| body.strip_suffix(':').map(|key| (key, "")));
        // An argument of a credential plugin (`- --profile`), or a sentence going on.
        let Some((key, value)) = split else {
            let alone = if item { is_word(body) || is_phrase(body) } else { is_phrase(body) };
            return alone.then_some(Some(Line { column, item, key: "", value: body }));
        };
        let usual_key =
            !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        (usual_key && (value.is_empty() || is_value(value))).then_some(Some(Line {
            column,
            item,
            key,
            value,
        }))
    }

    /// The column where it begins, with its dash.
    fn start(&self) -> usize {
        self.column - usize::from(self.item) * 2
    }
}

/// Bytes of plain words. A table, because certificates are most of the file.
const USUAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"-_./:=@+,%~";
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};

/// A plain scalar of one line that can be nothing else: no indicator, no comment, no space at an end.
fn is_word(text: &str) -> bool {
    let first = |b: u8| b.is_ascii_alphanumeric() || b"/._-=+".contains(&b);
    text.bytes().all(|b| USUAL[usize::from(b)])
        && text.bytes().next().is_some_and(first)
        && text != "-"
        && !text.starts_with("---")
        && text != "..."
        && !text.ends_with(':')
}

/// Plain words with spaces between them: a hint, a date. Only ever skipped.
fn is_phrase(text: &str) -> bool {
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([' ', ':'])
}

/// A plain word or phrase, a quoted string without escapes, or an empty collection.
fn is_value(text: &str) -> bool {
    is_word(text) || is_phrase(text) || unquoted(text).is_some() || matches!(text, "{}" | "[]" | "null")
}

fn unquoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let body = text.get(1..text.len() - 1).filter(|_| text.len() >= 2 && text.ends_with(quote))?;
    (!body.contains([quote, '\\'])).then_some(body)
}

/// A string field's value; a plain word that YAML takes for a number or a boolean is not one.
fn text_of(value: &str) -> Option<String> {
    if let Some(body) = unquoted(value) {
        return Some(body.to_owned());
    }
    if value.is_empty() || value == "null" {
        return Some(String::new());
    }
    match yaml::plain(value) {
        Node::Text(text) if is_word(value) => Some(text),
        Node::Text(_) | Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => None,
    }
}

struct Reader<'t> {
    lines: Vec<Line<'t>>,
    at: usize,
}

/// One entry of a list: its name, and the string fields of its body.
struct Entry<'t> {
    name: String,
    body: Vec<(&'t str, &'t str)>,
}

impl<'t> Reader<'t> {
    fn file(mut self) -> Option<File> {
        let mut file = File::default();
        let mut seen: Vec<&str> = Vec::new();
        while let Some(line) = self.take() {
            if line.column != 0 || line.item || seen.contains(&line.key) {
                return None;
            }
            seen.push(line.key);
            match (line.key, line.value) {
                ("apiVersion", "v1") | ("kind", "Config") | ("preferences", "{}") => {}
                ("clusters" | "contexts" | "users", "[]" | "null") => {}
                ("current-context", value) => file.current = text_of(value)?,
                ("clusters", "") => {
                    file.clusters = self.entries("cluster")?.iter().map(cluster).collect::<Option<_>>()?
                }
                ("contexts", "") => {
                    file.contexts = self.entries("context")?.iter().map(context).collect::<Option<_>>()?
                }
                ("users", "") => file.users = self.entries("user")?.into_iter().map(|e| e.name).collect(),
                _ => return None,
            }
        }
        Some(file)
    }

    fn take(&mut self) -> Option<Line<'t>> {
        let line = self.lines.get(self.at).copied()?;
        self.at += 1;
        Some(line)
    }

    fn next_is(&self, wanted: impl Fn(&Line) -> bool) -> bool {
        self.lines.get(self.at).is_some_and(wanted)
    }

    /// The items of one list, all behind dashes of one column.
    fn entries(&mut self, body: &str) -> Option<Vec<Entry<'t>>> {
        let column = self.lines.get(self.at).filter(|l| l.item && (l.column == 2 || l.column == 4))?.column;
        let mut list = Vec::new();
        while self.next_is(|l| l.item && l.column == column) {
            list.push(self.entry(body, column)?);
        }
        // Whatever follows must begin a new section.
        (!self.next_is(|l| l.column != 0)).then_some(list)
    }

    fn entry(&mut self, body: &str, column: usize) -> Option<Entry<'t>> {
        let mut entry = Entry { name: String::new(), body: Vec::new() };
        let (mut named, mut embodied, mut first) = (false, false, true);
        while self.next_is(|l| l.column == column && l.item == first) {
            let line = self.take()?;
            first = false;
            match line.key {
                "name" if !named => {
                    named = true;
                    entry.name = text_of(line.value)?;
                }
                key if key == body && !embodied => {
                    embodied = true;
                    match line.value {
                        "" => entry.body = self.body(column)?,
                        "{}" => {}
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        named.then_some(entry)
    }

    /// The scalar fields one level down; what is deeper is skipped, when its shape is in order.
    fn body(&mut self, above: usize) -> Option<Vec<(&'t str, &'t str)>> {
        let column = self.lines.get(self.at).filter(|l| !l.item && l.column > above)?.column;
        let mut fields: Vec<(&str, &str)> = Vec::new();
        let mut nest = Nest { open: vec![Open::Map(column)], last: None };
        while self.next_is(|l| l.column > above) {
            let line = self.take()?;
            if !nest.takes(&line) {
                return None;
            }
            if line.column == column && !line.item {
                if fields.iter().any(|(key, _)| *key == line.key) {
                    return None;
                }
                fields.push((line.key, line.value));
            } else if fields.last().is_none_or(|(_, value)| !value.is_empty()) {
                // A sentence going on would change a field that counts.
                return None;
            }
        }
        Some(fields)
    }
}

/// The block collections that are open, by column, outermost first.
struct Nest<'t> {
    open: Vec<Open>,
    last: Option<Line<'t>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Map(usize),
    /// The column of its dashes.
    List(usize),
}

impl<'t> Nest<'t> {
    /// Whether the line may stand here.
    fn takes(&mut self, line: &Line<'t>) -> bool {
        let last = self.last.replace(*line);
        if line.key.is_empty() && !line.item {
            return last.is_some_and(|l| line.column > l.start() && is_phrase(l.value));
        }
        let start = line.start();
        while self.open.last().is_some_and(|open| match *open {
            Open::Map(column) => column > start,
            Open::List(column) => column > start || (column == start && !line.item),
        }) {
            self.open.pop();
        }
        let below = |column: usize| last.is_some_and(|l| l.value.is_empty() && l.column == column);
        let fits = match (self.open.last().copied(), line.item) {
            (Some(Open::List(column)), true) => column == start,
            (Some(Open::Map(column)), true) if below(column) => {
                self.open.push(Open::List(start));
                true
            }
            (Some(Open::Map(column)), false) if column == start => true,
            (Some(Open::Map(column)), false) if below(column) => {
                self.open.push(Open::Map(start));
                true
            }
            (Some(Open::List(_) | Open::Map(_)) | None, _) => false,
        };
        if fits && line.item && !line.key.is_empty() {
            self.open.push(Open::Map(line.column));
        }
        fits
    }
}

impl Entry<'_> {
    fn text(&self, key: &str) -> Option<String> {
        self.body.iter().find(|(k, _)| *k == key).map_or(Some(String::new()), |(_, v)| text_of(v))
    }
}

fn cluster(entry: &Entry) -> Option<Cluster> {
    Some(Cluster {
        name: entry.name.clone(),
        server: entry.text("server")?,
        proxy_url: entry.text("proxy-url")?,
        tls_server_name: entry.text("tls-server-name")?,
    })
}

fn context(entry: &Entry) -> Option<Context> {
    Some(Context {
        name: entry.name.clone(),
        cluster: entry.text("cluster")?,
        user: entry.text("user")?,
        namespace: entry.text("namespace")?,
    })
}
