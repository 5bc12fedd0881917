//! kubeconfig files, found and merged as client-go does (tools/clientcmd/loader.go): the first file to define a
//! name wins whole, the first non-empty current-context wins. Must never fall back to a file kubectl does not read.

use super::access::Given;
use crate::invocation::{Invocation, ReadError};
use crate::reading::kubectl::yaml::{self, Node};
use std::path::{Path, PathBuf};

/// What all files say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kubeconfig {
    pub current: Option<From<String>>,
    pub contexts: Vec<From<Context>>,
    /// Name and server.
    pub clusters: Vec<From<Cluster>>,
    pub users: Vec<From<String>>,
    /// Every file that was asked for, as shown.
    pub looked_at: Vec<String>,
}

/// Something with the file it stands in, as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From<T> {
    pub what: T,
    pub file: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub name: String,
    pub cluster: String,
    pub user: String,
    pub namespace: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    pub name: String,
    pub server: String,
    pub proxy_url: String,
    pub tls_server_name: String,
}

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub current: String,
    pub contexts: Vec<Context>,
    pub clusters: Vec<Cluster>,
    pub users: Vec<String>,
}

/// Why there is no configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// kubectl itself stops, and what it says.
    Refused(String),
    /// It cannot be known what kubectl reads.
    Unknown(String),
}

impl Kubeconfig {
    /// Loads what `--kubeconfig` names, else `$KUBECONFIG`, else `~/.kube/config`.
    pub fn load(invocation: &Invocation, explicit: Option<&Given>) -> Result<Kubeconfig, Problem> {
        let mut merged = Kubeconfig::default();
        for (path, shown) in candidates(invocation, explicit.map(|g| g.value.as_str())) {
            merged.looked_at.push(shown.clone());
            let bytes = match read(invocation, &path) {
                Ok(bytes) => bytes,
                Err(ReadError::Missing) if explicit.is_some() => {
                    return Err(Problem::Refused(format!("--kubeconfig {shown}: no such file")));
                }
                Err(ReadError::Missing) => continue,
                Err(error) => return Err(Problem::Unknown(format!("{shown}: {error}"))),
            };
            let file = parse(&bytes).map_err(|problem| match problem {
                Problem::Refused(why) => Problem::Refused(format!("kubectl refuses {shown}: {why}")),
                Problem::Unknown(why) => Problem::Unknown(format!("{shown} cannot be read: {why}")),
            })?;
            merged.add(file, &shown);
        }
        Ok(merged)
    }

    fn add(&mut self, file: File, shown: &str) {
        let here = |_: &()| shown.to_owned();
        if self.current.is_none() && !file.current.is_empty() {
            self.current = Some(From { what: file.current, file: here(&()) });
        }
        for context in file.contexts {
            if self.context(&context.name).is_none() {
                self.contexts.push(From { what: context, file: here(&()) });
            }
        }
        for cluster in file.clusters {
            if self.cluster(&cluster.name).is_none() {
                self.clusters.push(From { what: cluster, file: here(&()) });
            }
        }
        for user in file.users {
            if self.user(&user).is_none() {
                self.users.push(From { what: user, file: here(&()) });
            }
        }
    }

    pub fn context(&self, name: &str) -> Option<&From<Context>> {
        self.contexts.iter().find(|c| c.what.name == name)
    }

    pub fn cluster(&self, name: &str) -> Option<&From<Cluster>> {
        self.clusters.iter().find(|c| c.what.name == name)
    }

    pub fn user(&self, name: &str) -> Option<&From<String>> {
        self.users.iter().find(|u| u.what == name)
    }
}

/// Paths in order, each with how it is shown. `--kubeconfig` is one path, `$KUBECONFIG` a list.
fn candidates(invocation: &Invocation, explicit: Option<&str>) -> Vec<(PathBuf, String)> {
    if let Some(path) = explicit {
        return vec![(path.into(), path.to_owned())];
    }
    match invocation.var_filled("KUBECONFIG") {
        Some(list) => {
            let mut paths: Vec<(PathBuf, String)> = Vec::new();
            for path in list.split(':').filter(|p| !p.is_empty()) {
                if !paths.iter().any(|(_, shown)| shown == path) {
                    paths.push((path.into(), path.to_owned()));
                }
            }
            paths
        }
        None => {
            let home = invocation.home().unwrap_or_default();
            vec![(home.join(".kube/config"), "~/.kube/config".to_owned())]
        }
    }
}

/// A file; kubectl copies `.kube/.kubeconfig`, its name of long ago, to `~/.kube/config` where that is missing.
fn read(invocation: &Invocation, path: &Path) -> Result<Vec<u8>, ReadError> {
    let home = invocation.home().unwrap_or_default();
    match invocation.read(path) {
        Err(ReadError::Missing) if path == home.join(".kube/config") => {
            invocation.read(home.join(".kube/.kubeconfig"))
        }
        outcome => outcome,
    }
}

/// One file: by the quick reader when it has the shape kubectl writes, else by the YAML parser.
pub fn parse(bytes: &[u8]) -> Result<File, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::Unknown("not UTF-8".into()))?;
    if let Some(file) = super::quick::read(text) {
        return Ok(file);
    }
    by_yaml(text)
}

/// Any file, by the YAML parser.
pub fn by_yaml(text: &str) -> Result<File, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = yaml::first_document(text).map_err(Problem::Unknown)?;
    file(&document).map_err(Problem::Refused)
}

/// The fields of a `Config` (client-go tools/clientcmd/api/v1); the error is a type that kubectl refuses.
fn file(document: &Node) -> Result<File, String> {
    match document {
        Node::Null => return Ok(File::default()),
        Node::Map(_) => {}
        Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => return Err("not a mapping".into()),
    }
    for (key, expected) in [("apiVersion", "v1"), ("kind", "Config")] {
        let given = string(document, key)?;
        if !given.is_empty() && given != expected {
            return Err(format!("{key} is not {expected}"));
        }
    }
    let contexts = entries(document, "contexts", "context", |name, body| {
        let text = |key| string(body, key);
        Ok(Context { name, cluster: text("cluster")?, user: text("user")?, namespace: text("namespace")? })
    })?;
    let clusters = entries(document, "clusters", "cluster", |name, body| {
        let text = |key| string(body, key);
        let (proxy_url, tls_server_name) = (text("proxy-url")?, text("tls-server-name")?);
        Ok(Cluster { name, server: text("server")?, proxy_url, tls_server_name })
    })?;
    let users = entries(document, "users", "user", |name, _| Ok(name))?;
    let file = File { current: string(document, "current-context")?, contexts, clusters, users };
    match file.repeated() {
        Some(what) => Err(format!("a {what} is defined twice")),
        None => Ok(file),
    }
}

impl File {
    /// Which kind of entry has one name twice: kubectl refuses that.
    pub fn repeated(&self) -> Option<&'static str> {
        let twice = |mut names: Vec<&str>| {
            names.sort_unstable();
            names.windows(2).any(|pair| pair[0] == pair[1])
        };
        if twice(self.contexts.iter().map(|c| c.name.as_str()).collect()) {
            Some("context")
        } else if twice(self.clusters.iter().map(|c| c.name.as_str()).collect()) {
            Some("cluster")
        } else if twice(self.users.iter().map(String::as_str).collect()) {
            Some("user")
        } else {
            None
        }
    }
}

fn entries<T>(
    document: &Node,
    list: &str,
    body: &str,
    build: impl Fn(String, &Node) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let items = match document.get(list) {
        None | Some(Node::Null) => return Ok(Vec::new()),
        Some(Node::List(items)) => items,
        Some(Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_)) => {
            return Err(format!("{list} is not a list"));
        }
    };
    items
        .iter()
        .map(|item| match item {
            Node::Null => build(String::new(), &Node::Null),
            Node::Map(_) => match item.get(body) {
                None | Some(Node::Null | Node::Map(_)) => {
                    build(string(item, "name")?, item.get(body).unwrap_or(&Node::Null))
                }
                Some(Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_)) => {
                    Err(format!("{body} is not a mapping"))
                }
            },
            Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => {
                Err(format!("{list} holds no mapping"))
            }
        })
        .collect()
}

/// A string field: `null` is empty, anything but text is refused.
fn string(node: &Node, key: &str) -> Result<String, String> {
    match node.get(key) {
        None | Some(Node::Null) => Ok(String::new()),
        Some(Node::Text(text)) => Ok(text.clone()),
        Some(Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_)) => {
            Err(format!("{key} is not a string"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, parse};

    #[test]
    fn what_kubectl_refuses_is_refused() {
        for text in [
            "kind: Foo",
            "- a",
            "contexts: {}",
            "contexts:\n- name: y",
            "contexts:\n- name: 012",
            "contexts:\n- name: a\n- name: a",
            "current-context: [a]",
            "users:\n- x",
            "apiVersion: v2",
            "clusters:\n- name: a\n  cluster: {server: 1}",
        ] {
            assert!(matches!(parse(text.as_bytes()), Err(Problem::Refused(_))), "{text}");
        }
        assert!(matches!(parse(b"a: [b"), Err(Problem::Unknown(_))));
        assert!(matches!(parse(b"a: \xff"), Err(Problem::Unknown(_))));
    }

    #[test]
    fn what_kubectl_takes_is_taken() {
        for text in [
            "",
            "# nothing",
            "contexts:\n- null",
            "contexts: null",
            "\u{feff}current-context: bom",
            "{\"current-context\": \"j\"}",
            "Current-Context: x",
        ] {
            assert!(parse(text.as_bytes()).is_ok(), "{text}");
        }
        let file = parse(b"current-context: a\n---\ncurrent-context: b").map(|f| f.current);
        assert_eq!(file, Ok("a".into()));
    }
}
