//! What a person types to confirm: place and name, `prod-eu/payments`. Must never be the context's name when the
//! command goes to another server than the context's.

use super::connection::Connection;
use crate::reading::kubectl::holds_others;
use crate::targets::{Datum, Fact, Value};

/// `<context>/<namespace>`; the object's own name for one that is a container of others or lives in no namespace.
pub fn of(connection: &Connection, namespace: &Fact, objects: &[String]) -> String {
    let name = match objects {
        [only] => own_name(only, namespace),
        _ => None,
    };
    let name = name.or_else(|| text(namespace).map(str::to_owned));
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
