//! curl at the interface of Elasticsearch and OpenSearch: a request is read as a program of its own with rules of
//! its own. Must never take a request to another server for one.

use super::through::Start;
use crate::invocation::Invocation;
use std::ffi::OsString;

/// The name under which the rules stand.
const PROGRAM: &str = "elasticsearch-request";

/// Letters of curl that take a value.
const WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

/// Long options of curl that take a value and may hold an address that is not the request's.
const LONG: &[&str] = &[
    "--cacert",
    "--cert",
    "--connect-to",
    "--cookie",
    "--data",
    "--data-binary",
    "--data-raw",
    "--data-urlencode",
    "--header",
    "--json",
    "--key",
    "--max-time",
    "--noproxy",
    "--output",
    "--proxy",
    "--referer",
    "--resolve",
    "--retry",
    "--user",
    "--user-agent",
    "--write-out",
];

/// The requests of a curl that change or delete something there.
pub fn of(invocation: &Invocation) -> Vec<Start> {
    if invocation.program() != "curl" {
        return Vec::new();
    }
    let (method, addresses) = request(invocation.args());
    let changes = |address: &str| match method.as_str() {
        "DELETE" => true,
        "POST" => {
            address.contains("/_delete_by_query")
                || address.split('?').next().is_some_and(|p| p.ends_with("/_close"))
        }
        _ => false,
    };
    let wanted = addresses.into_iter().filter(|address| is_search_server(address) && changes(address));
    let start = |address: String| {
        let argv = vec![OsString::from(PROGRAM), method.clone().into(), without_user(&address).into()];
        Start { invocation: invocation.nested(argv), doubt: None }
    };
    wanted.map(start).collect()
}

/// The method and the addresses of the words.
fn request(args: &[OsString]) -> (String, Vec<String>) {
    let (mut method, mut has_body, mut addresses) = (None, false, Vec::new());
    let mut words = args.iter().map(|w| w.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        let (name, value) = if let Some(long) = word.strip_prefix("--") {
            let name = format!("--{long}");
            let takes = matches!(long, "request" | "url") || LONG.contains(&name.as_str());
            (name, takes.then(|| words.next()).flatten())
        } else if let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) {
            let Some(at) = letters.find(|c| WITH_VALUE.contains(c)) else { continue };
            let glued = letters[at + 1..].to_owned();
            let value = if glued.is_empty() { words.next() } else { Some(glued) };
            (format!("-{}", &letters[at..=at]), value)
        } else {
            addresses.push(word);
            continue;
        };
        match name.as_str() {
            "-X" | "--request" => method = value,
            "--url" => addresses.extend(value),
            name => has_body |= name == "-d" || name == "--json" || name.starts_with("--data"),
        }
    }
    let method = method.unwrap_or_else(|| if has_body { "POST".into() } else { "GET".into() });
    (method.to_ascii_uppercase(), addresses)
}

/// The address without `user:password@`, which nobody needs to see.
fn without_user(address: &str) -> String {
    let (scheme, rest) =
        address.split_once("://").map_or(("", address), |(s, r)| (&address[..s.len() + 3], r));
    let host_ends = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..host_ends].rsplit('@').next().unwrap_or("");
    format!("{scheme}{host}{}", &rest[host_ends..])
}

/// The usual ports, the names of the services that are rented, or a name that says it.
fn is_search_server(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?']).next().unwrap_or("").rsplit('@').next().unwrap_or("");
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    matches!(port, "9200" | "9201")
        || [".es.amazonaws.com", ".es.io", ".elastic-cloud.com"].iter().any(|end| name.ends_with(end))
        || ["elasticsearch", "opensearch"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::invocation::{Invocation, Stdin};

    #[test]
    fn a_password_in_an_address_goes_no_further() {
        assert_eq!(super::without_user("https://u:p@es:9200/a@b?x"), "https://es:9200/a@b?x");
        assert_eq!(super::without_user("es:9200/a"), "es:9200/a");
    }

    #[test]
    fn requests_that_delete_an_index() {
        let found = |line: &str| {
            let argv = line.split(' ').map(Into::into).collect();
            of(&Invocation::here(argv, Stdin::Terminal).expect("a directory")).len()
        };
        for line in [
            "curl -X DELETE http://localhost:9200/logs",
            "curl -sXDELETE prod-es:9200/*",
            "curl --request delete https://u:p@x.eu-1.es.amazonaws.com/logs",
            "curl -d @query localhost:9200/logs/_delete_by_query",
            "curl -XPOST --url http://elasticsearch/logs/_close?wait=1",
        ] {
            assert_eq!(found(line), 1, "{line}");
        }
        for line in [
            "curl localhost:9200/_cat/indices",
            "curl -d @query localhost:9200/logs/_search",
            "curl -X DELETE https://api.example.com/things/1",
            "curl -X DELETE https://api.example.com/9200/1",
            "curl -H X-Elastic:9200 -X DELETE https://api.example.com/",
            "wget -X DELETE http://localhost:9200/logs",
        ] {
            assert_eq!(found(line), 0, "{line}");
        }
    }
}
