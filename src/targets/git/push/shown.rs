//! What is said of a push: its facts, what rules match, and its headline.
//! Must never show an address with the password that stands in it.

use super::{Change, How, Push};
use crate::reading::git::Call;
use crate::targets::git::remote::{self, Remote};
use crate::targets::git::{about, short};
use crate::targets::{Datum, Fact, Targets};

impl Push<'_> {
    pub(super) fn targets(&self, remote: &Remote, changes: &[Change]) -> Targets {
        let mut targets = Targets::new("git");
        let top = self.repository.top();
        let urls: Vec<String> = remote.urls.iter().map(|url| remote::shown(url, top)).collect();
        let places: Vec<String> = urls.iter().map(|url| remote::place(url)).collect();
        let names: Vec<String> = changes.iter().map(|c| c.name.clone()).collect();
        targets.facts.push(Fact::known("remote", one_or_list(&places), remote.source.clone()));
        targets.facts.push(Fact::known("url", one_or_list(&urls), remote.source.clone()));
        let from =
            if self.command.operands.len() > 1 { "the words of the command" } else { "options and settings" };
        targets.facts.push(Fact::known("refs", Datum::texts(names.clone()), from));
        about(&mut targets, &Call::of(&self.command.invocation), self.repository);
        let branches: Vec<String> =
            names.iter().filter_map(|n| n.strip_prefix("refs/heads/")).map(str::to_owned).collect();
        if targets.fact("branch").is_none() {
            let every = names.iter().any(|n| n == "*" || n.starts_with("refs/heads/") && n.contains('*'));
            targets.facts.push(match branches.as_slice() {
                _ if every => Fact::unknown("branch", "every branch that the remote has", from),
                [] => Fact::none("branch", from),
                _ => Fact::known("branch", one_or_list(&branches), from),
            });
        }
        if !self.flags.dry {
            for change in changes {
                targets.traits.add("target.push", format!("{}-{}", change.how.word(), class(&change.name)));
            }
        }
        let place = places.first().cloned().unwrap_or_default();
        targets.typed = match names.as_slice() {
            [one] if class(one) == "protected" && !one.contains('*') => format!("{place}/{}", short(one)),
            [one] if !one.contains('*') => short(one).to_owned(),
            _ => place.clone(),
        };
        targets.headline = Some(self.headline(changes, &place));
        targets.objects = names;
        targets
    }

    fn headline(&self, changes: &[Change], place: &str) -> String {
        let said: Vec<String> = changes
            .iter()
            .map(|c| {
                let what = if c.name == "*" { "every ref" } else { short(&c.name) };
                match c.how {
                    How::Plain => format!("push {what}"),
                    How::Force => format!("overwrite {what}"),
                    How::Lease => format!("overwrite {what} if it is as last seen"),
                    How::Delete => format!("delete {what}"),
                    How::Prune => format!("overwrite {what} and delete what is not here"),
                    How::Mirror => format!("make {what} as it is here, and delete the rest"),
                }
            })
            .collect();
        format!("{} on {place}", said.join(", "))
    }
}

fn one_or_list(all: &[String]) -> Datum {
    match all {
        [one] => Datum::Text(one.clone()),
        _ => Datum::texts(all.to_vec()),
    }
}

/// Branches that others build on, by the names they have everywhere; a pattern of branches holds them too.
const PROTECTED: &[&str] = &["main", "master", "trunk", "develop", "production", "prod", "release", "stable"];

fn class(name: &str) -> &'static str {
    if name == "*" {
        return "all";
    }
    if name.starts_with("refs/tags/") {
        return "tag";
    }
    let Some(branch) = name.strip_prefix("refs/heads/") else { return "other" };
    let first = branch.split(['/', '-']).next().unwrap_or(branch);
    let release = ["release", "releases", "hotfix"].contains(&first) && branch != first;
    if branch.contains('*') || PROTECTED.contains(&branch) || release { "protected" } else { "branch" }
}
