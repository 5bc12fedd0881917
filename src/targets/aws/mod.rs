//! aws: profile, access key, region, and the account and role where the files name them.
//! Must never take one version's order of variables for the other's, and never contact anything.

mod credentials;
mod profiles;
#[cfg(test)]
mod tests;
mod version;

use super::{Fact, Resolution, Targets};
use crate::invocation::Invocation;
use crate::reading::Command;
use profiles::Profiles;
use version::Version;

/// Which account and region one command acts in.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("aws");
    targets.objects.clone_from(&command.operands);
    let invocation = &command.invocation;
    let profiles = match Profiles::read(invocation) {
        Ok(profiles) => profiles,
        Err(why) => {
            for key in ["profile", "access_key", "region"] {
                targets.facts.push(Fact::unknown(key, why.clone(), "the files in ~/.aws"));
            }
            targets.typed = "aws".into();
            return Resolution::Hits(targets);
        }
    };
    let look = Look { command, profiles: &profiles };
    let named = look.profile();
    let name = match &named {
        Choice::Said(name, source) => {
            // It writes the profile that it is asked to.
            if !profiles.has(name) && !command.verb.starts_with("configure") {
                return Resolution::Nothing(format!(
                    "there is no profile {} ({source})",
                    crate::text::show(name)
                ));
            }
            Some(name.clone())
        }
        Choice::Silent => Some("default".to_owned()),
        Choice::Unclear(_) => None,
    };
    let region = look.region(name.as_deref());
    look.facts(&named, name.as_deref(), &mut targets);
    targets.facts.push(region);
    look.endpoint(name.as_deref(), &mut targets);
    targets.typed = typed(&targets);
    Resolution::Hits(targets)
}

/// One setting of a profile in the files of `~/.aws`, with where it stands: for tools that share those files.
pub(super) fn setting_of_profile(
    invocation: &Invocation,
    profile: &str,
    key: &str,
) -> Result<Option<(String, String)>, String> {
    Ok(Profiles::read(invocation)?.sourced(profile, key).filter(|(value, _)| !value.is_empty()))
}

fn typed(targets: &Targets) -> String {
    let first =
        ["account", "profile", "access_key"].iter().find_map(|key| targets.text(key)).unwrap_or("aws");
    match targets.text("region").filter(|r| !r.is_empty()) {
        Some(region) => format!("{first}/{region}"),
        None => first.to_owned(),
    }
}

/// What names a profile or a region.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Said(String, String),
    Silent,
    /// The versions of aws disagree, and which would run is not known.
    Unclear(String),
}

struct Look<'a> {
    command: &'a Command,
    profiles: &'a Profiles,
}

impl Look<'_> {
    fn invocation(&self) -> &Invocation {
        &self.command.invocation
    }

    fn profile(&self) -> Choice {
        match self.command.option("--profile").filter(|p| !p.is_empty()) {
            Some(profile) => Choice::Said(profile.to_owned(), "--profile".into()),
            None => self.by_version(
                [&["AWS_DEFAULT_PROFILE", "AWS_PROFILE"], &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]],
                |_| None,
            ),
        }
    }

    /// What both versions say, or the one that would run: the first variable of its list that is set, also to
    /// nothing, else what the profile says.
    fn by_version(
        &self,
        variables: [&[&str]; 2],
        else_: impl Fn(Version) -> Option<(String, String)>,
    ) -> Choice {
        let said = |version: Version| {
            let list = match version {
                Version::One => variables[0],
                Version::Two => variables[1],
            };
            let set = list.iter().find_map(|v| Some((self.invocation().var(v)?, format!("${v}"))));
            set.or_else(|| else_(version))
        };
        let (one, two) = (said(Version::One), said(Version::Two));
        let same = one.as_ref().map(|(v, _)| v) == two.as_ref().map(|(v, _)| v);
        let settled = match same {
            true => one,
            false => match version::of(self.invocation()) {
                Some(Version::One) => one,
                Some(Version::Two) => two,
                None => {
                    let word = |side: &Option<(String, String)>| match side {
                        Some((value, source)) => format!("{} ({source})", crate::text::show(value)),
                        None => "none".into(),
                    };
                    let why = format!("aws 1 takes {}, aws 2 takes {}", word(&one), word(&two));
                    return Choice::Unclear(why);
                }
            },
        };
        settled.map_or(Choice::Silent, |(value, source)| Choice::Said(value, source))
    }

    fn region(&self, profile: Option<&str>) -> Fact {
        // An empty one is not looked up elsewhere.
        if let Some(region) = self.command.option("--region") {
            return Fact::text("region", region, "--region");
        }
        let of_profile = |_| profile.and_then(|p| self.profiles.sourced(p, "region"));
        let variables: [&[&str]; 2] = [&["AWS_DEFAULT_REGION"], &["AWS_REGION", "AWS_DEFAULT_REGION"]];
        match self.by_version(variables, of_profile) {
            Choice::Said(region, source) => Fact::text("region", region, source),
            Choice::Unclear(why) => Fact::unknown("region", why, "$AWS_REGION"),
            Choice::Silent if profile.is_none() => {
                Fact::unknown("region", "the profile is not known", "~/.aws/config")
            }
            Choice::Silent => Fact::none("region", "nothing names one"),
        }
    }

    /// Where the requests go, if that is not AWS itself.
    fn endpoint(&self, profile: Option<&str>, targets: &mut Targets) {
        let ignored =
            self.invocation().var_filled("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|v| v == "true");
        let option =
            self.command.option("--endpoint-url").map(|v| (v.to_owned(), "--endpoint-url".to_owned()));
        let configured = || {
            let variable = self.invocation().var_filled("AWS_ENDPOINT_URL");
            let variable = variable.map(|v| (v, "$AWS_ENDPOINT_URL".to_owned()));
            variable.or_else(|| profile.and_then(|p| self.profiles.sourced(p, "endpoint_url")))
        };
        let found = option.or_else(|| (!ignored).then(configured).flatten());
        if let Some((value, source)) = found.filter(|(v, _)| !v.is_empty()) {
            targets.facts.push(Fact::text("endpoint", value, source));
        }
    }
}
