//! Debian's pg_wrapper: which cluster it chooses, hence PGHOST, PGPORT and PGDATABASE for psql.
//! Source: pg_wrapper and PgCommon.pm of postgresql-common 248. Must never run either.

use super::settings::Stop;
use crate::invocation::Invocation;
use crate::reading::psql::{client, files, wrapper::Scan};
use std::path::{Path, PathBuf};

/// A cluster: version, name, database, and what chose it.
struct Choice {
    version: String,
    cluster: Option<String>,
    database: Option<String>,
    source: String,
}

/// The variables pg_wrapper sets.
pub fn variables(invocation: &Invocation, scan: &Scan) -> Result<Vec<(&'static str, String, String)>, Stop> {
    let explicit_host = scan.host || invocation.var("PGHOST").is_some();
    let port = scan.port.clone().or_else(|| invocation.var("PGPORT"));
    let explicit_port = port.filter(|p| !p.is_empty() && p != "0");
    let explicit_service = scan.service || invocation.var("PGSERVICE").is_some();
    let choice = match (chosen(invocation, scan)?, explicit_port) {
        (Some(choice), _) => Some(choice),
        (None, _) if explicit_host => None,
        (None, Some(_)) if explicit_service => None,
        (None, Some(port)) => listening(invocation, &port),
        (None, None) => mapped(invocation),
    };
    let Some(choice) = choice else { return Ok(Vec::new()) };
    let mut set = Vec::new();
    if let Some(cluster) = &choice.cluster {
        let (host, port) = endpoint(invocation, &choice.version, cluster)?;
        let source = format!("pg_wrapper: cluster {}/{cluster} ({})", choice.version, choice.source);
        set.push(("PGHOST", host, source.clone()));
        if invocation.var_filled("PGPORT").is_none_or(|p| p == "0") {
            set.push(("PGPORT", port, source));
        }
    }
    if let Some(database) = choice.database
        && invocation.var_filled("PGDATABASE").is_none_or(|d| d == "0")
    {
        set.push(("PGDATABASE", database, format!("pg_wrapper: {}", choice.source)));
    }
    set.retain(|(_, value, _)| !value.is_empty());
    Ok(set)
}

/// --cluster, else PGCLUSTER unless a host is given.
fn chosen(invocation: &Invocation, scan: &Scan) -> Result<Option<Choice>, Stop> {
    let from_variable = invocation.var("PGCLUSTER").filter(|_| invocation.var("PGHOST").is_none());
    // An invalid PGCLUSTER is refused even when --cluster or -h would replace it.
    let from_variable = from_variable.map(|value| parse(&value, "PGCLUSTER")).transpose()?;
    let from_option = scan.cluster.as_ref().map(|value| parse(value, "--cluster")).transpose()?;
    Ok(from_option.or(from_variable.filter(|_| !scan.host)))
}

fn parse(value: &str, source: &str) -> Result<Choice, Stop> {
    let (version, cluster) = value.split_once('/').unwrap_or((value, ""));
    if !client::has_psql(version) || cluster.is_empty() || cluster == "0" {
        return Err(Stop::Refused(format!("{source} names no version that is installed, or no cluster")));
    }
    Ok(Choice {
        version: version.into(),
        cluster: Some(cluster.into()),
        database: None,
        source: source.into(),
    })
}

/// `host:port`, or a local cluster's socket directory and port.
fn endpoint(invocation: &Invocation, version: &str, cluster: &str) -> Result<(String, String), Stop> {
    if let Some((host, port)) = network(cluster) {
        return Ok((host, if port.is_empty() || port == "0" { "5432".into() } else { port }));
    }
    if !clusters(invocation, version).iter().any(|c| c == cluster) {
        return Err(Stop::Refused(format!(
            "cluster {version}/{} does not exist",
            crate::text::show_line(cluster, 40)
        )));
    }
    let conf = configuration(invocation, version, cluster);
    let directory = match value(&conf, "unix_socket_directories") {
        Some(list) => list.split(',').next().unwrap_or("").trim_end().to_owned(),
        None => default_directory(&conf),
    };
    Ok((directory, value(&conf, "port").unwrap_or_else(|| "5432".into())))
}

/// `^(\S+):(\d*)$`
fn network(cluster: &str) -> Option<(String, String)> {
    let (host, port) = cluster.rsplit_once(':')?;
    let fits =
        !host.is_empty() && !host.contains(char::is_whitespace) && port.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| (host.to_owned(), port.to_owned()))
}

fn root(invocation: &Invocation) -> PathBuf {
    invocation
        .var_filled("PG_CLUSTER_CONF_ROOT")
        .map_or_else(|| "/etc/postgresql".into(), |p| invocation.path(p))
}

/// The clusters of a version, sorted.
fn clusters(invocation: &Invocation, version: &str) -> Vec<String> {
    let directory = root(invocation).join(version);
    let entries = std::fs::read_dir(&directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|e| std::fs::symlink_metadata(e.path().join("postgresql.conf")).is_ok())
        .filter_map(|e| e.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The cluster's settings, last one last; ALTER SYSTEM's file where it can be read.
fn configuration(invocation: &Invocation, version: &str, cluster: &str) -> Vec<(String, String)> {
    let mut conf = Vec::new();
    read(invocation, &root(invocation).join(version).join(cluster).join("postgresql.conf"), &mut conf, 0);
    if let Some(directory) = value(&conf, "data_directory") {
        let mut auto = Vec::new();
        read(invocation, &Path::new(&directory).join("postgresql.auto.conf"), &mut auto, 0);
        conf.extend(auto.into_iter().filter(|(name, _)| name != "data_directory"));
    }
    conf
}

fn read(invocation: &Invocation, path: &Path, conf: &mut Vec<(String, String)>, depth: usize) {
    let Ok(bytes) = invocation.read(path) else { return };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let end = line.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(line.len());
        let name = line[..end].to_lowercase();
        let rest = line[end..].trim_start().trim_start_matches('=').trim_start();
        let value = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next().unwrap_or("").to_owned(),
            None => rest.split(['#', ' ', '\t']).next().unwrap_or("").to_owned(),
        };
        let included = path.parent().unwrap_or(Path::new("/")).join(&value);
        match name.as_str() {
            "include" | "include_if_exists" if depth < 10 => read(invocation, &included, conf, depth + 1),
            "include_dir" if depth < 10 => directory(invocation, &included, conf, depth + 1),
            _ => conf.push((name, value)),
        }
    }
}

fn directory(invocation: &Invocation, path: &Path, conf: &mut Vec<(String, String)>, depth: usize) {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|e| e.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".conf") && !name.starts_with('.'));
    names.sort();
    names.iter().for_each(|name| read(invocation, &path.join(name), conf, depth));
}

fn value(conf: &[(String, String)], name: &str) -> Option<String> {
    conf.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone()).filter(|v| !v.is_empty())
}

/// /tmp for a cluster that does not belong to the owner of /var/run/postgresql.
fn default_directory(conf: &[(String, String)]) -> String {
    let owner = |path: &str| crate::sys::file::identity(Path::new(path)).ok().map(|i| i.owner);
    let data = value(conf, "data_directory").and_then(|d| owner(&d));
    if data.is_some() && data != owner("/var/run/postgresql") {
        "/tmp".into()
    } else {
        "/var/run/postgresql".into()
    }
}

/// ~/.postgresqlrc, the system's user_clusters, the only cluster, or the one at port 5432.
fn mapped(invocation: &Invocation) -> Option<Choice> {
    let usable = |version: &str, cluster: &str| {
        client::has_psql(version)
            && (network(cluster).is_some() || clusters(invocation, version).iter().any(|c| c == cluster))
    };
    let choice = |version: &str, cluster: &str, database: &str, source: &str| Choice {
        version: version.into(),
        cluster: Some(cluster.into()),
        database: Some(database.to_owned()).filter(|d| d != "*"),
        source: source.into(),
    };
    for fields in lines(invocation, files::home(invocation).map(|h| h.join(".postgresqlrc"))) {
        if let [version, cluster, database, ..] = fields.as_slice()
            && usable(version, cluster)
        {
            return Some(choice(version, cluster, database, "~/.postgresqlrc"));
        }
    }
    let common =
        invocation.var_filled("PGSYSCONFDIR").map_or_else(|| "/etc/postgresql-common".into(), PathBuf::from);
    let map = common.join("user_clusters");
    let me = |pattern: &str, name: Option<String>| pattern == "*" || Some(pattern.to_owned()) == name;
    for fields in lines(invocation, Some(map.clone())) {
        if let [user, group, version, cluster, database, ..] = fields.as_slice()
            && usable(version, cluster)
            && me(user, invocation.user().map(str::to_owned).or_else(crate::sys::who::user_name))
            && me(group, crate::sys::who::group_name())
        {
            return Some(choice(version, cluster, database, &map.display().to_string()));
        }
    }
    only(invocation)
}

fn lines(invocation: &Invocation, path: Option<PathBuf>) -> Vec<Vec<String>> {
    let text = path.and_then(|p| invocation.read(p).ok()).map(|b| String::from_utf8_lossy(&b).into_owned());
    let split =
        |line: &str| line.split('#').next().unwrap_or("").split_whitespace().map(str::to_owned).collect();
    text.unwrap_or_default().lines().map(split).filter(|fields: &Vec<String>| !fields.is_empty()).collect()
}

/// Only a port is given: the local cluster of that port, the newest version first.
fn listening(invocation: &Invocation, port: &str) -> Option<Choice> {
    let at_port = |v: &str, c: &str| {
        value(&configuration(invocation, v, c), "port").as_deref().unwrap_or("5432") == port
    };
    let mut all = all_clusters(invocation);
    // Versions backwards, the clusters of one version forwards.
    all.sort_by(|(a, _), (b, _)| number(b).total_cmp(&number(a)));
    let (version, cluster) = all.into_iter().find(|(v, c)| at_port(v, c))?;
    Some(Choice { version, cluster: Some(cluster), database: None, source: format!("the cluster at port {port}") })
}

fn number(version: &str) -> f64 {
    version.parse().unwrap_or(0.0)
}

/// Every version's clusters, oldest version first.
fn all_clusters(invocation: &Invocation) -> Vec<(String, String)> {
    let mut versions = client::versions();
    let configured = std::fs::read_dir(root(invocation)).into_iter().flatten().flatten();
    versions.extend(
        configured.filter_map(|e| e.file_name().into_string().ok()).filter(|v| client::is_version(v)),
    );
    versions.sort_by(|a, b| number(a).total_cmp(&number(b)));
    versions.dedup();
    versions
        .into_iter()
        .flat_map(|v| clusters(invocation, &v).into_iter().map(move |c| (v.clone(), c)))
        .collect()
}

fn only(invocation: &Invocation) -> Option<Choice> {
    let all = all_clusters(invocation);
    let at_default =
        |v: &str, c: &str| value(&configuration(invocation, v, c), "port").is_none_or(|p| p == "5432");
    let found = match all.as_slice() {
        [] => None,
        [only] => Some((only, "the only cluster")),
        several => {
            several.iter().rev().find(|(v, c)| at_default(v, c)).map(|one| (one, "the cluster at port 5432"))
        }
    };
    found.map(|((version, cluster), source)| Choice {
        version: version.clone(),
        cluster: Some(cluster.clone()),
        database: None,
        source: source.into(),
    })
}
