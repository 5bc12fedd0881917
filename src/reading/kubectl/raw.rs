//! A path of the Kubernetes API as `--raw` takes it.

/// `/apis/GROUP/VERSION/namespaces/NS/RESOURCE/NAME/SUB` taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawPath {
    pub namespace: Option<String>,
    pub resource: Option<String>,
    pub name: Option<String>,
    /// `eviction`, `scale`, `finalize` …
    pub sub: Option<String>,
}

impl RawPath {
    /// Takes a path apart; what is not shaped like an API path has no resource.
    pub fn of(path: &str) -> RawPath {
        let path = path.split(['?', '#']).next().unwrap_or("");
        let path = match path.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, p)| p),
            None => path,
        };
        let all: Vec<&str> = path.split('/').filter(|s| !s.is_empty() && *s != ".").collect();
        // A server behind a path prefix: the API begins at `api` or `apis`.
        let start = all.iter().position(|s| *s == "api" || *s == "apis");
        let rest = match start.map(|i| (all[i], &all[i + 1..])) {
            Some(("api", rest)) => rest.get(1..),
            Some((_, rest)) => rest.get(2..),
            None => None,
        };
        let Some(rest) = rest else { return RawPath::default() };
        let text = |i: usize, from: &[&str]| from.get(i).map(|s| (*s).to_owned());
        match rest {
            ["namespaces", _, "finalize" | "status"] | ["namespaces"] | ["namespaces", _] => {
                RawPath { namespace: None, resource: text(0, rest), name: text(1, rest), sub: text(2, rest) }
            }
            ["namespaces", namespace, rest @ ..] => RawPath {
                namespace: Some((*namespace).to_owned()),
                resource: text(0, rest),
                name: text(1, rest),
                sub: text(2, rest),
            },
            rest => {
                RawPath { namespace: None, resource: text(0, rest), name: text(1, rest), sub: text(2, rest) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RawPath;

    fn read(path: &str) -> [String; 4] {
        let raw = RawPath::of(path);
        [raw.namespace, raw.resource, raw.name, raw.sub].map(Option::unwrap_or_default)
    }

    #[test]
    fn paths_of_the_api() {
        assert_eq!(read("/api/v1/namespaces/payments"), ["", "namespaces", "payments", ""]);
        assert_eq!(read("/api/v1/namespaces/payments/pods"), ["payments", "pods", "", ""]);
        assert_eq!(read("/api/v1/namespaces/a/pods/x/eviction?dryRun=All"), ["a", "pods", "x", "eviction"]);
        assert_eq!(
            read("/apis/apps/v1/namespaces/a/deployments/web/scale"),
            ["a", "deployments", "web", "scale"]
        );
        assert_eq!(read("api/v1/namespaces/a/finalize"), ["", "namespaces", "a", "finalize"]);
        assert_eq!(read("/api/v1/nodes/n1"), ["", "nodes", "n1", ""]);
        assert_eq!(read("/k8s/clusters/c-1/api/v1/nodes"), ["", "nodes", "", ""]);
        assert_eq!(read("/healthz"), ["", "", "", ""]);
    }
}
