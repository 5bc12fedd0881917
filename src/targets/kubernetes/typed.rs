//! What a person types to confirm: place and name, `prod-eu/payments`. Must never be the context's name when the
//! command goes to another server than the context's.

use super::connection::Connection;
use crate::reading::kubectl::holds_others;
use crate::targets::{Datum, Fact, Value};

/// More names than this are counted, not typed.
const MOST: usize = 3;

/// `<context>/<namespace>`; the objects' own names where they are containers of others or live in no namespace:
/// `prod/payments`, `prod/n1,n2`, `prod/a+4`. `objects` come worst first.
pub fn of(connection: &Connection, namespace: &Fact, objects: &[String]) -> String {
    let names: Vec<String> = objects.iter().filter_map(|object| own_name(object, namespace)).collect();
    let name = match names.as_slice() {
        [] => text(namespace).map(str::to_owned),
        few if few.len() <= MOST => Some(few.join(",")),
        [first, rest @ ..] => Some(format!("{first}+{}", rest.len())),
    };
    match (place(connection), name) {
        (Some(place), Some(name)) => format!("{place}/{name}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "kubectl".into(),
    }
}

fn own_name(object: &str, namespace: &Fact) -> Option<String> {
    let (kind, name) = object.split_once('/')?;
    let global = matches!(namespace.value, Value::Known(Datum::Null)) || kind == "node";
    ((global || holds_others(kind)) && !name.is_empty()).then(|| name.to_owned())
}

fn place(connection: &Connection) -> Option<String> {
    let fact = |key: &str| connection.facts.iter().find(|f| f.key == key).and_then(text);
    let host = fact("server").map(host);
    match fact("context") {
        Some(context) if !connection.elsewhere => Some(context.to_owned()),
        _ => host,
    }
}

fn text(fact: &Fact) -> Option<&str> {
    match &fact.value {
        Value::Known(Datum::Text(text)) => Some(text),
        Value::Known(Datum::Null | Datum::Number(_) | Datum::List(_)) | Value::Unknown(_) => None,
    }
}

/// The host of a URL, without scheme, user, port and path.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let bare = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match bare.strip_prefix('[').and_then(|b| b.split_once(']')) {
        Some((v6, _)) => v6.to_owned(),
        None => bare.split(':').next().unwrap_or(bare).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn hosts_of_urls() {
        assert_eq!(host("https://prod.example:6443"), "prod.example");
        assert_eq!(host("https://rancher.example/k8s/clusters/c-abc"), "rancher.example");
        assert_eq!(host("prod.example"), "prod.example");
        assert_eq!(host("https://[::1]:6443/x"), "::1");
    }
}
