//! eksctl: cluster, region and profile, as its SDK (aws-sdk-go-v2) and its configuration file say.
//! Must never show the shell's region where a configuration file names another.

use super::aws::setting_of_profile;
use super::{Fact, Resolution, Targets};
use crate::reading::Command;
use crate::reading::kubectl::yaml::{self, Node};

/// What one command acts on.
pub fn resolve(command: &Command) -> Resolution {
    let file = ClusterFile::of(command);
    let mut targets = Targets::new("eksctl");
    let (profile, source) = profile(command);
    let region = region(command, &file, &profile);
    targets.facts.push(cluster(command, &file));
    targets.facts.push(region);
    targets.facts.push(Fact::text("profile", profile, source));
    targets.objects.clone_from(&command.operands);
    targets.typed = targets.text("cluster").or(targets.text("region")).unwrap_or("eksctl").to_owned();
    Resolution::Hits(targets)
}

/// What `-f` names.
enum ClusterFile {
    None,
    Read(Node),
    Unread(String),
}

impl ClusterFile {
    fn of(command: &Command) -> ClusterFile {
        let Some(path) = command.option("--config-file").filter(|p| !p.is_empty()) else {
            return ClusterFile::None;
        };
        let bytes = match path {
            "-" => Err("the configuration comes on standard input".to_owned()),
            path => command.invocation.read(path).map_err(|error| error.to_string()),
        };
        let document = bytes.and_then(|b| yaml::first_document(&String::from_utf8_lossy(&b)));
        document.map_or_else(ClusterFile::Unread, ClusterFile::Read)
    }

    /// A field of its metadata; `Err` is why nobody can tell.
    fn metadata(&self, key: &str) -> Result<Option<String>, &str> {
        match self {
            ClusterFile::None => Ok(None),
            ClusterFile::Read(document) => {
                let text = document.at(&["metadata", key]).and_then(Node::text);
                Ok(text.filter(|t| !t.is_empty()).map(str::to_owned))
            }
            ClusterFile::Unread(why) => Err(why),
        }
    }
}

fn cluster(command: &Command, file: &ClusterFile) -> Fact {
    for option in ["--cluster", "--name"] {
        // The name of a part, where the cluster is named apart.
        if let Some(name) = command.option(option).filter(|n| !n.is_empty()) {
            return Fact::text("cluster", name, option);
        }
    }
    match file.metadata("name") {
        Ok(Some(name)) => Fact::text("cluster", name, "metadata.name of the configuration file"),
        Err(why) => Fact::unknown("cluster", why, "--config-file"),
        Ok(None) => match command.operands.first() {
            Some(name) => Fact::text("cluster", name, "the words of the command"),
            None => Fact::unknown("cluster", "no --name and no configuration file", "the command line"),
        },
    }
}

fn profile(command: &Command) -> (String, String) {
    if let Some(profile) = command.option("--profile").filter(|p| !p.is_empty()) {
        return (profile.to_owned(), "--profile".to_owned());
    }
    ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
        .iter()
        .find_map(|v| Some((command.invocation.var_filled(v)?, format!("${v}"))))
        .unwrap_or_else(|| ("default".to_owned(), "default".to_owned()))
}

fn region(command: &Command, file: &ClusterFile, profile: &str) -> Fact {
    if let Some(region) = command.option("--region").filter(|r| !r.is_empty()) {
        return Fact::text("region", region, "--region");
    }
    match file.metadata("region") {
        Ok(Some(region)) => {
            return Fact::text("region", region, "metadata.region of the configuration file");
        }
        Err(why) => return Fact::unknown("region", why, "--config-file"),
        Ok(None) => {}
    }
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Some(region) = command.invocation.var_filled(variable) {
            return Fact::text("region", region, format!("${variable}"));
        }
    }
    match setting_of_profile(&command.invocation, profile, "region") {
        Ok(Some((region, source))) => Fact::text("region", region, source),
        Ok(None) => {
            Fact::unknown("region", "neither option, file, variable nor profile names one", "~/.aws/config")
        }
        Err(why) => Fact::unknown("region", why, "~/.aws/config"),
    }
}
