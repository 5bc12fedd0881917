//! Where each kind of backend keeps the state: what its recorded configuration says, and the variable that
//! terraform reads at run time where a field is null. Must never show a secret, nor a place it only supposes.

use super::connection;
use super::recorded::Backend;
use crate::invocation::Invocation;
use crate::targets::fact::{Datum, Value};
use serde_json::Value as Json;

/// The place of the state in a backend that is not local.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) address: Value,
    pub(super) state: Value,
    /// What a person would call it: the last part of its path.
    pub(super) last: String,
    /// The variable or file that decided.
    pub(super) source: String,
    /// The workspace, where the backend's configuration decides it.
    pub(super) workspace: Option<String>,
}

/// What the kind of backend says for one workspace.
pub(super) fn of(backend: &Backend, workspace: &str, invocation: &Invocation) -> Address {
    let lookup = Lookup { backend, invocation };
    let found = match backend.kind.as_str() {
        "http" => lookup.http(),
        "pg" => lookup.pg(),
        "s3" => lookup.s3(workspace),
        "gcs" => lookup.gcs(workspace),
        "azurerm" => lookup.azurerm(workspace),
        "consul" => lookup.consul(workspace),
        "kubernetes" => lookup.kubernetes(workspace),
        "oss" | "cos" => lookup.prefixed_bucket(workspace),
        "cloud" | "remote" => lookup.cloud(workspace),
        kind => Err(format!("guard does not know the {} backend", crate::text::show_line(kind, 40))),
    };
    found.unwrap_or_else(|why| Address {
        address: Value::Unknown(why.clone()),
        state: Value::Unknown(why),
        last: String::new(),
        source: backend.source.clone(),
        workspace: None,
    })
}

struct Lookup<'a> {
    backend: &'a Backend,
    invocation: &'a Invocation,
}

impl Lookup<'_> {
    /// A field as recorded, else the first variable that is set; with its source.
    fn field(&self, name: &str, variables: &[&str]) -> Option<(String, String)> {
        if let Some(text) = self.backend.text(name) {
            return Some((text.to_owned(), self.backend.source.clone()));
        }
        variables.iter().find_map(|v| self.invocation.var_filled(v).map(|text| (text, format!("${v}"))))
    }

    fn needed(&self, name: &str, variables: &[&str]) -> Result<(String, String), String> {
        self.field(name, variables).ok_or_else(|| match variables {
            [] => format!("the {} backend records no {name}", self.backend.kind),
            [variable, ..] => {
                format!("the {} backend records no {name} and ${variable} is not set", self.backend.kind)
            }
        })
    }

    fn http(&self) -> Result<Address, String> {
        let (address, source) = self.needed("address", &["TF_HTTP_ADDRESS"])?;
        let shown = without_secrets(&address);
        let path = shown.split_once("://").map_or(shown.as_str(), |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]).trim_end_matches("?…").to_owned();
        Ok(place(shown, format!("http:{path}"), &path, source))
    }

    fn pg(&self) -> Result<Address, String> {
        let recorded = self.field("conn_str", &["PG_CONN_STR"]);
        let (text, source) = recorded.unwrap_or((String::new(), "libpq's variables and defaults".into()));
        let found = connection::parse(&text, self.invocation)?;
        let schema = self.field("schema_name", &["PG_SCHEMA_NAME"]).map(|(name, _)| name);
        let schema = schema
            .filter(|s| s != "terraform_remote_state")
            .map_or(String::new(), |s| format!(" schema {s}"));
        let address = format!("{}@{}:{}/{}{schema}", found.user, found.host, found.port, found.database);
        Ok(place(address, format!("pg:{}", found.database), &found.database, source))
    }

    fn s3(&self, workspace: &str) -> Result<Address, String> {
        let (bucket, source) = self.needed("bucket", &[])?;
        let (key, _) = self.needed("key", &[])?;
        let prefix = self.backend.text("workspace_key_prefix").unwrap_or("env:");
        let full = if workspace == "default" { key } else { format!("{prefix}/{workspace}/{key}") };
        let own =
            self.backend.config.get("endpoints").map(one).and_then(|e| e.get("s3")).and_then(Json::as_str);
        let own = own.filter(|e| !e.is_empty()).map(str::to_owned);
        let variables = ["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL"];
        let endpoint = own.or_else(|| self.field("endpoint", &variables).map(|(text, _)| text));
        let at = endpoint.map_or(String::new(), |e| format!(" at {}", without_secrets(&e)));
        let state = format!("s3://{bucket}/{full}");
        Ok(place(format!("{state}{at}"), state, &format!("{bucket}/{full}"), source))
    }

    fn gcs(&self, workspace: &str) -> Result<Address, String> {
        let (bucket, source) = self.needed("bucket", &[])?;
        let prefix =
            self.backend.text("prefix").map_or(String::new(), |p| format!("{}/", p.trim_matches('/')));
        let variables = ["GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT", "GOOGLE_STORAGE_CUSTOM_ENDPOINT"];
        let at = self.field("storage_custom_endpoint", &variables);
        let at = at.map_or(String::new(), |(e, _)| format!(" at {}", without_secrets(&e)));
        let state = format!("gs://{bucket}/{prefix}{workspace}.tfstate");
        let last = format!("{bucket}/{prefix}");
        Ok(place(format!("{state}{at}"), state, last.trim_end_matches('/'), source))
    }

    fn azurerm(&self, workspace: &str) -> Result<Address, String> {
        let (account, source) = self.needed("storage_account_name", &[])?;
        let (container, _) = self.needed("container_name", &[])?;
        let (key, _) = self.needed("key", &[])?;
        let suffix = if workspace == "default" { String::new() } else { format!("env:{workspace}") };
        let cloud = self.field("environment", &["ARM_ENVIRONMENT"]).map(|(name, _)| name);
        let cloud = cloud.filter(|c| c != "public").map_or(String::new(), |c| format!(" in {c}"));
        let state = format!("azurerm:{account}/{container}/{key}{suffix}");
        Ok(place(format!("{state}{cloud}"), state, &format!("{account}/{container}/{key}"), source))
    }

    fn consul(&self, workspace: &str) -> Result<Address, String> {
        let (path, _) = self.needed("path", &[])?;
        let (server, source) = self
            .field("address", &["CONSUL_HTTP_ADDR"])
            .unwrap_or(("127.0.0.1:8500".into(), "consul's default".into()));
        let suffix = if workspace == "default" { String::new() } else { format!("-env:{workspace}") };
        let datacenter =
            self.backend.text("datacenter").map_or(String::new(), |d| format!(" datacenter {d}"));
        let address = format!("{}{datacenter}", without_secrets(&server));
        Ok(place(address, format!("consul:{path}{suffix}"), &path, source))
    }

    fn kubernetes(&self, workspace: &str) -> Result<Address, String> {
        let (suffix, source) = self.needed("secret_suffix", &[])?;
        let namespace =
            self.field("namespace", &["KUBE_NAMESPACE"]).map_or("default".into(), |(name, _)| name);
        let state = format!("kubernetes:{namespace}/tfstate-{workspace}-{suffix}");
        let host = self.field("host", &["KUBE_HOST"]).map(|(host, _)| without_secrets(&host));
        let context = self.field("config_context", &["KUBE_CTX"]).map(|(name, _)| format!("context {name}"));
        let mut found = place(String::new(), state, &suffix, source);
        found.address = match host.or(context) {
            Some(text) => Value::Known(Datum::Text(text)),
            None => Value::Unknown("the cluster is the current one of a kubeconfig".into()),
        };
        Ok(found)
    }

    /// Alibaba's oss and Tencent's cos: PREFIX/WORKSPACE/KEY.
    fn prefixed_bucket(&self, workspace: &str) -> Result<Address, String> {
        let (bucket, source) = self.needed("bucket", &[])?;
        let fallback = if self.backend.kind == "oss" { "env:" } else { "" };
        let prefix = self.backend.text("prefix").unwrap_or(fallback);
        let key = self.backend.text("key").unwrap_or("terraform.tfstate");
        let parts = [prefix, if workspace == "default" { "" } else { workspace }, key];
        let path = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("/");
        let state = format!("{}://{bucket}/{path}", self.backend.kind);
        Ok(place(state.clone(), state, &format!("{bucket}/{path}"), source))
    }

    fn cloud(&self, workspace: &str) -> Result<Address, String> {
        // Only the `cloud` block reads these; the older `remote` backend wants them written down.
        let is_cloud = self.backend.kind == "cloud";
        let variables = |name: &'static str| if is_cloud { vec![name] } else { Vec::new() };
        let host = self.field("hostname", &variables("TF_CLOUD_HOSTNAME"));
        let host = host.map_or("app.terraform.io".into(), |(name, _)| name);
        let (organization, source) = self.needed("organization", &variables("TF_CLOUD_ORGANIZATION"))?;
        let mapping = self.backend.config.get("workspaces").map(one);
        let text =
            |name: &str| mapping.and_then(|m| m.get(name)).and_then(Json::as_str).filter(|v| !v.is_empty());
        let name = match (text("name"), text("prefix")) {
            (Some(name), _) => name.to_owned(),
            (None, Some(prefix)) => format!("{prefix}{workspace}"),
            (None, None) => workspace.to_owned(),
        };
        let state = format!("{host}/{organization}/{name}");
        let mut found = place(state.clone(), state, &name, source);
        found.workspace = Some(name);
        Ok(found)
    }
}

/// A nested block is recorded as an object or as a list of one.
fn one(block: &Json) -> &Json {
    block.get(0).unwrap_or(block)
}

fn place(address: String, state: String, path: &str, source: String) -> Address {
    Address {
        address: Value::Known(Datum::Text(address)),
        state: Value::Known(Datum::Text(state)),
        last: last_part(path),
        source,
        workspace: None,
    }
}

/// The last element of a path that says something: `network` of `prod/network/terraform.tfstate`.
pub(super) fn last_part(path: &str) -> String {
    let mut parts = path.rsplit('/').filter(|p| !p.is_empty());
    let last = parts.next().unwrap_or("");
    match parts.next() {
        Some(before) if last == "terraform.tfstate" => before.to_owned(),
        Some(_) | None => last.to_owned(),
    }
}

/// A URL without user, password, query and fragment: any of them may hold a secret.
fn without_secrets(url: &str) -> String {
    let (head, cut) = match url.find(['?', '#']) {
        Some(at) => (&url[..at], "?…"),
        None => (url, ""),
    };
    let (scheme, rest) = head.split_once("://").map_or(("", head), |(s, r)| (&head[..s.len() + 3], r));
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}{host}{path}{cut}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};
    use serde_json::json;

    fn find(kind: &str, config: Json, workspace: &str, environment: &[(&str, &str)]) -> (String, String) {
        let here = Invocation::here(vec!["terraform".into()], Stdin::Unread).unwrap();
        let here = here.with_environment(Environment::from_pairs(environment.iter().copied()));
        let backend = Backend { kind: kind.into(), config, source: "init".into() };
        let found = of(&backend, workspace, &here);
        let text = |value: &Value| match value {
            Value::Known(datum) => datum.to_string(),
            Value::Unknown(why) => format!("unknown: {why}"),
        };
        (text(&found.state), text(&found.address))
    }

    #[test]
    fn a_recorded_value_beats_the_variable_and_null_asks_it() {
        let staging = [("TF_HTTP_ADDRESS", "http://h/staging")];
        let (state, address) =
            find("http", json!({"address": "https://u:pw@h:1/prod?token=x"}), "default", &staging);
        assert_eq!((state.as_str(), address.as_str()), ("http:/prod", "https://h:1/prod?…"));
        assert_eq!(find("http", json!({"address": null}), "default", &staging).0, "http:/staging");
        assert!(find("http", json!({}), "default", &[]).0.contains("TF_HTTP_ADDRESS is not set"));
    }

    #[test]
    fn passwords_stay_out_of_the_facts() {
        let found = find("pg", json!({"conn_str": "postgres://a:secret@db/prod"}), "default", &[]);
        assert_eq!(found, ("pg:prod".into(), "a@db:5432/prod".into()));
        assert_eq!(find("pg", json!({}), "default", &[("PG_CONN_STR", "dbname=x user=a host=h")]).0, "pg:x");
        assert_eq!(find("pg", json!({}), "default", &[("PGDATABASE", "y"), ("PGUSER", "a")]).0, "pg:y");
    }

    #[test]
    fn workspaces_move_the_key() {
        let s3 =
            json!({"bucket": "b", "key": "net/terraform.tfstate", "endpoints": [{"s3": "http://minio"}]});
        assert_eq!(find("s3", s3.clone(), "default", &[]).0, "s3://b/net/terraform.tfstate");
        assert_eq!(find("s3", s3, "prod", &[]).1, "s3://b/env:/prod/net/terraform.tfstate at http://minio");
        assert_eq!(
            find("gcs", json!({"bucket": "b", "prefix": "p/"}), "prod", &[]).0,
            "gs://b/p/prod.tfstate"
        );
        let named = json!({"organization": "o", "workspaces": {"name": "prod"}});
        assert_eq!(find("cloud", named, "default", &[]).0, "app.terraform.io/o/prod");
        let prefix = json!({"hostname": "h", "organization": "o", "workspaces": [{"prefix": "app-"}]});
        assert_eq!(find("remote", prefix, "eu", &[("TF_CLOUD_HOSTNAME", "x")]).0, "h/o/app-eu");
    }

    #[test]
    fn what_a_backend_does_not_say_is_unknown() {
        assert!(find("kubernetes", json!({"secret_suffix": "s"}), "default", &[]).1.starts_with("unknown"));
        assert!(find("artifactory", json!({"url": "x"}), "default", &[]).0.starts_with("unknown"));
        assert_eq!(last_part("b/net/terraform.tfstate"), "net");
        assert_eq!(last_part("st/prod.tfstate"), "prod.tfstate");
    }
}
