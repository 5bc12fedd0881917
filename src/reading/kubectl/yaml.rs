//! YAML as kubectl reads it: go-yaml v2's resolution of plain scalars (YAML 1.1), merge keys, duplicate keys with
//! the last winning. Must never read a value as another type than kubectl would: `y` is a boolean there.

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, StrInput, Tag};
use std::collections::HashMap;

/// One value of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Null,
    Bool(bool),
    /// An integer or a float, as text; integers in decimal.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Entries in order; of equal keys the last counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(String, Node)>);

/// Values that one file may hold after aliases are expanded: far more than any real file, and less than what an
/// alias bomb unfolds to.
const LIMIT: usize = 400_000;

impl Node {
    /// A value of a mapping.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(map) => map.get(key),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => None,
        }
    }

    /// As `get`, along a path.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => None,
        }
    }

    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Node] {
        match self {
            Node::List(items) => items,
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_) => &[],
        }
    }

    /// Whether it is a number equal to zero.
    pub fn is_zero(&self) -> bool {
        matches!(self, Node::Number(n) if n.parse::<f64>().is_ok_and(|v| v == 0.0))
    }
}

impl Map {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// Every entry, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }
}

/// Every document of the text; an empty text has none.
pub fn documents(text: &str) -> Result<Vec<Node>, String> {
    Builder::new(text).documents(usize::MAX)
}

/// The first document, as kubectl takes it from a kubeconfig; what follows it is not even looked at.
pub fn first_document(text: &str) -> Result<Node, String> {
    Ok(Builder::new(text).documents(1)?.pop().unwrap_or(Node::Null))
}

/// A JSON text, or several one after the other.
pub fn json_values(text: &str) -> Result<Vec<Node>, String> {
    serde_json::Deserializer::from_str(text)
        .into_iter::<serde_json::Value>()
        .map(|value| value.map(of_json).map_err(|e| e.to_string()))
        .collect()
}

fn of_json(value: serde_json::Value) -> Node {
    use serde_json::Value;
    match value {
        Value::Null => Node::Null,
        Value::Bool(b) => Node::Bool(b),
        Value::Number(n) => Node::Number(n.to_string()),
        Value::String(s) => Node::Text(s),
        Value::Array(items) => Node::List(items.into_iter().map(of_json).collect()),
        Value::Object(entries) => Node::Map(Map(entries.into_iter().map(|(k, v)| (k, of_json(v))).collect())),
    }
}

struct Builder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, (Node, usize)>,
    count: usize,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Builder<'t> {
        Builder { parser: Parser::new_from_str(text), anchors: HashMap::new(), count: 0 }
    }

    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(error.to_string()),
            None => Ok(Event::StreamEnd),
        }
    }

    fn documents(mut self, most: usize) -> Result<Vec<Node>, String> {
        let mut list = Vec::new();
        while list.len() < most {
            match self.next()? {
                Event::StreamEnd => break,
                Event::DocumentStart(..) => {
                    let event = self.next()?;
                    if matches!(event, Event::DocumentEnd) {
                        list.push(Node::Null);
                        continue;
                    }
                    list.push(self.node(event)?);
                    self.anchors.clear();
                }
                _ => {}
            }
        }
        Ok(list)
    }

    fn node(&mut self, event: Event<'t>) -> Result<Node, String> {
        let before = self.count;
        self.spend(1)?;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (scalar(&text, style, tag.as_deref()), anchor),
            Event::SequenceStart(_, anchor, _) => (self.list()?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map()?, anchor),
            Event::Alias(id) => {
                let (node, size) = self.anchors.get(&id).cloned().ok_or("an alias within its own anchor")?;
                self.spend(size)?;
                (node, 0)
            }
            _ => return Err("a value is missing".into()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.count - before));
        }
        Ok(node)
    }

    fn spend(&mut self, values: usize) -> Result<(), String> {
        self.count = self.count.saturating_add(values);
        if self.count > LIMIT { Err(format!("more than {LIMIT} values")) } else { Ok(()) }
    }

    fn list(&mut self) -> Result<Node, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Node::List(items)),
                event => items.push(self.node(event)?),
            }
        }
    }

    fn map(&mut self) -> Result<Node, String> {
        let mut map = Map::default();
        loop {
            let key = match self.next()? {
                Event::MappingEnd => return Ok(Node::Map(map)),
                Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<" => {
                    let event = self.next()?;
                    let value = self.node(event)?;
                    merge(&mut map, &value)?;
                    continue;
                }
                event => self.node(event)?,
            };
            let event = self.next()?;
            let value = self.node(event)?;
            map.0.push((key_text(key)?, value));
        }
    }
}

/// go-yaml v2 lays the merged mapping over what stands before it, and what stands after over that.
fn merge(map: &mut Map, value: &Node) -> Result<(), String> {
    match value {
        Node::Map(from) => map.0.extend(from.0.iter().cloned()),
        Node::List(all) => all.iter().rev().try_for_each(|one| merge(map, one))?,
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {
            return Err("map merge requires map or sequence of maps as the value".into());
        }
    }
    Ok(())
}

fn key_text(key: Node) -> Result<String, String> {
    match key {
        Node::Text(text) | Node::Number(text) => Ok(text),
        Node::Bool(value) => Ok(value.to_string()),
        Node::Null => Ok("null".into()),
        Node::List(_) | Node::Map(_) => Err("a key is not a scalar".into()),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Node {
    if style != ScalarStyle::Plain || tag.is_some_and(|t| t.core_suffix() == Some("str")) {
        return Node::Text(text.to_owned());
    }
    plain(text)
}

/// go-yaml v2, resolve.go.
pub fn plain(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Node::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Node::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Node::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf"
        | "-.Inf" | "-.INF" => return Node::Number(text.to_owned()),
        _ => {}
    }
    number(text).map_or_else(|| Node::Text(text.to_owned()), Node::Number)
}

fn number(text: &str) -> Option<String> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || b"+-.".contains(&first)) {
        return None;
    }
    let bare = text.replace('_', "");
    match super::values::go_integer(&bare) {
        Some(value) => Some(value.to_string()),
        None => is_float(&bare).then_some(bare),
    }
}

/// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
fn is_float(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let whole = match mantissa.split_once('.') {
        Some(("", after)) => digits(after),
        Some((before, after)) => digits(before) && (after.is_empty() || digits(after)),
        None => digits(mantissa),
    };
    whole && exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)))
}

#[cfg(test)]
mod tests {
    use super::{Node, documents, first_document, plain};

    fn text(s: &str) -> Node {
        Node::Text(s.into())
    }

    #[test]
    fn plain_scalars_are_yaml_1_1() {
        for word in ["y", "On", "no", "FALSE"] {
            assert!(matches!(plain(word), Node::Bool(_)), "{word}");
        }
        for word in ["012", "1_000", "0o7", "1e3", ".5", "0x1F", "+1", "0b1", "1_0.5", "08", ".inf", "-3"] {
            assert!(matches!(plain(word), Node::Number(_)), "{word}");
        }
        for word in ["yES", "1:30", "2001-01-01", "1.2.3", "=", "1e", "0x", "prod", "-", "nULL", "1.", "e1"] {
            assert_eq!(matches!(plain(word), Node::Text(_)), word != "1.", "{word}");
        }
    }

    #[test]
    fn keys_merge_and_repeat_as_in_go() {
        let doc = first_document(
            "x: &c {server: a, other: z}\nc: {server: b, <<: *c}\nd: {<<: *c, server: b}\n\
            e: {<<: [{server: l}, *c]}\nf: {server: 1, server: \"2\"}\n",
        );
        let doc = doc.expect("parses");
        let server = |key| doc.at(&[key, "server"]).cloned();
        assert_eq!(server("c"), Some(text("a")));
        assert_eq!(server("d"), Some(text("b")));
        assert_eq!(server("e"), Some(text("l")));
        assert_eq!(doc.at(&["e", "other"]), Some(&text("z")));
        assert_eq!(server("f"), Some(text("2")));
    }

    #[test]
    fn documents_are_told_apart() {
        assert_eq!(documents("a: 1\n---\n# none\n---\nb: 2\n").map(|d| d.len()), Ok(3));
        assert_eq!(first_document("a: b\n---\n[broken"), Ok(first_document("a: b").expect("parses")));
        assert_eq!(first_document(""), Ok(Node::Null));
        assert_eq!(documents("").map(|d| d.len()), Ok(0));
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..9 {
            let before = format!("*a{}, ", i - 1).repeat(10);
            bomb += &format!("a{i}: &a{i} [{before}]\n");
        }
        assert!(documents(&bomb).is_err());
    }
}
