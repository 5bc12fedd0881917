//! Where `git push` goes and which refs it changes there, and how: builtin/push.c and remote.c of git 2.47 without
//! asking the remote. Must never leave out a ref that would be changed.

use super::refspec::{Named, Refs, Refspec};
use super::remote::{self, Remote};
use super::short;
use crate::reading::Command;
use crate::reading::git::{Call, Config, Repository};
use crate::targets::{Datum, Fact, Resolution, Targets};

/// One change of the remote: a full ref name or a pattern of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub name: String,
    pub how: How,
}

/// How strongly a ref is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The remote refuses what would lose commits.
    Plain,
    Force,
    Lease,
    Delete,
    /// Everything that is not here is deleted there.
    Prune,
    Mirror,
}

impl How {
    fn word(self) -> &'static str {
        match self {
            How::Plain => "plain",
            How::Force => "force",
            How::Lease => "lease",
            How::Delete => "delete",
            How::Prune => "prune",
            How::Mirror => "mirror",
        }
    }
}

/// What git itself says before it contacts anything.
struct Refused(String);

/// Resolves a push.
pub fn resolve(command: &Command, call: &Call, repository: &Repository, config: &Config) -> Resolution {
    let push = Push::new(command, call, repository, config);
    let remote = push.remote();
    match push.changes(&remote) {
        Ok(changes) => Resolution::Hits(push.targets(&remote, &changes)),
        Err(Refused(why)) => Resolution::Nothing(why),
    }
}

struct Push<'a> {
    command: &'a Command,
    repository: &'a Repository,
    config: &'a Config,
    here: Refs<'a>,
    branch: Option<String>,
    flags: Flags,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    force: bool,
    mirror: bool,
    all: bool,
    tags: bool,
    delete: bool,
    prune: bool,
    dry: bool,
}

impl Flags {
    /// `--mirror` carries `--force` with it, both ways.
    fn of(command: &Command) -> Flags {
        let mut flags = Flags::default();
        for option in &command.options {
            let (name, on) = match option.name.strip_prefix("--no-") {
                Some(name) => (name, false),
                None => (option.name.trim_start_matches('-'), true),
            };
            match name {
                "force" => flags.force = on,
                "mirror" => (flags.mirror, flags.force) = (on, on),
                "all" | "branches" => flags.all = on,
                "tags" => flags.tags = on,
                "delete" => flags.delete = on,
                "prune" => flags.prune = on,
                "dry-run" => flags.dry = on,
                _ => {}
            }
        }
        flags
    }

    /// Two of these at once, and git stops.
    fn conflict(self, mirror: bool, refspecs: usize) -> Option<&'static str> {
        let several = [self.delete, self.tags, self.all, self.mirror].iter().filter(|f| **f).count() > 1;
        if several {
            Some("--delete, --tags, --all and --mirror cannot be combined")
        } else if self.delete && refspecs == 0 {
            Some("--delete names no ref")
        } else if (self.all || mirror) && refspecs > 0 {
            Some("--all and --mirror cannot be combined with refspecs")
        } else {
            None
        }
    }
}

impl<'a> Push<'a> {
    fn new(command: &'a Command, call: &'a Call, repository: &'a Repository, config: &'a Config) -> Push<'a> {
        Push {
            command,
            repository,
            config,
            here: Refs { repository, invocation: &call.invocation },
            branch: repository.branch(&call.invocation),
            flags: Flags::of(command),
        }
    }

    fn remote(&self) -> Remote {
        let name = self.command.operands.first().map(String::as_str).or_else(|| self.command.option("--repo"));
        let default = || remote::default(self.config, self.branch.as_deref());
        remote::get(self.config, &name.map_or_else(default, str::to_owned))
    }

    fn changes(&self, remote: &Remote) -> Result<Vec<Change>, Refused> {
        let words = self.command.operands.get(1..).unwrap_or(&[]);
        let mirror = self.flags.mirror || remote.mirror;
        if let Some(why) = self.flags.conflict(mirror, words.len()) {
            return Err(Refused(why.to_owned()));
        }
        let force = self.flags.force || remote.mirror;
        let mut specs = self.written(words, remote)?;
        if self.flags.tags {
            specs.insert(0, spec("refs/tags/*")?);
        }
        if specs.is_empty() && !self.flags.all {
            if !remote.push.is_empty() {
                specs = remote.push.iter().map(|s| spec(s)).collect::<Result<_, _>>()?;
            } else if !mirror {
                specs.push(self.default_refspec(remote)?);
            }
        }
        if self.flags.all {
            specs.push(spec(":")?);
        }
        let there = self.there(remote);
        let mut changes: Vec<Change> = Vec::new();
        for spec in &specs {
            let mut change = self.change(spec, remote, there.as_ref())?;
            change.how = match change.how {
                How::Plain if force || spec.force => How::Force,
                How::Plain if self.leased(&change.name) => How::Lease,
                how => how,
            };
            let many = spec.matching || spec.is_pattern();
            if self.flags.prune && many {
                change.how = How::Prune;
            }
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
        // What is not sent is deleted, whatever the refspecs are.
        if mirror {
            changes = vec![Change { name: "*".to_owned(), how: How::Mirror }];
        }
        Ok(changes)
    }

    /// The refspecs of the command line, with what the configuration makes of plain names.
    fn written(&self, words: &[String], remote: &Remote) -> Result<Vec<Refspec>, Refused> {
        let mut specs = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "tag" {
                let tag = words.next().ok_or_else(|| Refused("tag is followed by no name".to_owned()))?;
                let sign = if self.flags.delete { ":" } else { "" };
                specs.push(spec(&format!("{sign}refs/tags/{tag}"))?);
            } else if self.flags.delete {
                if word.contains(':') || word.is_empty() {
                    return Err(Refused("--delete takes plain names only".to_owned()));
                }
                specs.push(spec(&format!(":{word}"))?);
            } else if word.contains(':') {
                specs.push(spec(word)?);
            } else {
                specs.push(self.mapped(word, remote)?);
            }
        }
        Ok(specs)
    }

    /// A name without `:` goes where `remote.NAME.push` or the upstream says.
    fn mapped(&self, word: &str, remote: &Remote) -> Result<Refspec, Refused> {
        let Named::Ref(full) = self.here.named(word) else { return spec(word) };
        for configured in &remote.push {
            let configured = spec(configured)?;
            if let Some(to) = configured.maps(&full) {
                let sign = if configured.force { "+" } else { "" };
                return spec(&format!("{sign}{full}:{to}"));
            }
        }
        if self.push_default() == "upstream"
            && let Some(branch) = full.strip_prefix("refs/heads/")
            && let [one] = self.merges(branch).as_slice()
        {
            return spec(&format!("{word}:{one}"));
        }
        spec(word)
    }

    fn push_default(&self) -> &str {
        match self.config.get("push.default") {
            None => "simple",
            Some("tracking") => "upstream",
            Some(value) => value,
        }
    }

    /// `branch.NAME.merge`, which counts only beside a remote.
    fn merges(&self, branch: &str) -> Vec<String> {
        if self.config.get(&format!("branch.{branch}.remote")).is_none() {
            return Vec::new();
        }
        let all = self.config.all(&format!("branch.{branch}.merge"), false);
        all.iter().filter_map(|s| s.value.clone()).collect()
    }

    fn default_refspec(&self, remote: &Remote) -> Result<Refspec, Refused> {
        let kind = self.push_default();
        match kind {
            "matching" => return spec(":"),
            "nothing" => return Err(Refused("push.default is nothing".to_owned())),
            _ => {}
        }
        let branch = self.branch.as_deref().ok_or_else(|| Refused("HEAD is on no branch".to_owned()))?;
        let own = format!("refs/heads/{branch}");
        let same = remote.name == remote::upstream(self.config, Some(branch));
        let to = match kind {
            "current" => own.clone(),
            "upstream" if !same => {
                return Err(Refused(format!("{} is not what {branch} follows", remote.name)));
            }
            "upstream" => self.upstream_ref(branch)?,
            "simple" if same => {
                let upstream = self.upstream_ref(branch)?;
                if upstream != own {
                    return Err(Refused(format!("{branch} follows {upstream}, which has another name")));
                }
                own.clone()
            }
            "simple" => own.clone(),
            other => return Err(Refused(format!("git does not know push.default {other}"))),
        };
        spec(&format!("{own}:{to}"))
    }

    fn upstream_ref(&self, branch: &str) -> Result<String, Refused> {
        let automatic = self.config.truth("push.autosetupremote") == Some(true);
        if automatic && self.config.all(&format!("branch.{branch}.merge"), false).is_empty() {
            return Ok(format!("refs/heads/{branch}"));
        }
        match self.merges(branch).as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(Refused(format!("{branch} has no upstream"))),
            [_, ..] => Err(Refused(format!("{branch} has several upstreams"))),
        }
    }

    /// The remote itself, where it is a directory of this machine whose refs can be read.
    fn there(&self, remote: &Remote) -> Option<Repository> {
        let [url] = remote.urls.as_slice() else { return None };
        let path = remote::local_path(url, self.repository.top())?;
        let found = Repository::of_path(self.here.invocation, &path)?;
        (!found.is_opaque(self.here.invocation)).then_some(found)
    }

    fn change(&self, spec: &Refspec, remote: &Remote, there: Option<&Repository>) -> Result<Change, Refused> {
        let plain = |name: String| Change { name, how: How::Plain };
        if spec.matching {
            return Ok(plain("refs/heads/*".to_owned()));
        }
        if spec.is_pattern() {
            return Ok(plain(spec.to.clone().unwrap_or_else(|| spec.from.clone())));
        }
        let there = there.map(|repository| Refs { repository, invocation: self.here.invocation });
        if spec.from.is_empty() {
            let name = self.deleted(spec.to.as_deref().unwrap_or(""), remote, there)?;
            return Ok(Change { name, how: How::Delete });
        }
        let source = match self.here.named(&spec.from) {
            Named::Ref(full) => self.here.resolve(&full),
            Named::Several => return Err(Refused(format!("{} could be several refs", spec.from))),
            Named::None if spec.from == "HEAD" => self.here.resolve("HEAD").filter(|n| n != "HEAD"),
            Named::None if self.is_missing(&spec.from) => {
                return Err(Refused(format!("{} does not exist", spec.from)));
            }
            Named::None => None,
        };
        match (&spec.to, source) {
            (Some(to), source) => self.guessed(to, source.as_deref(), remote, there).map(plain),
            (None, Some(full)) => Ok(plain(full)),
            (None, None) => Err(Refused(format!("{} is no branch or tag", spec.from))),
        }
    }

    /// A plain name that is no ref, no abbreviated object and no expression is certain not to be there.
    fn is_missing(&self, name: &str) -> bool {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-.".contains(&b));
        let described = name.contains("-g");
        let hexadecimal = name.len() >= 4 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let special = name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        plain && !described && !hexadecimal && !special && !self.repository.is_opaque(self.here.invocation)
    }

    /// A short name on the other side: a ref that is there, else of the kind that is sent.
    fn guessed(
        &self,
        to: &str,
        source: Option<&str>,
        remote: &Remote,
        there: Option<Refs>,
    ) -> Result<String, Refused> {
        if let Some(refs) = there {
            match refs.named(to) {
                Named::Ref(full) => return Ok(full),
                Named::Several => return Err(Refused(format!("{to} could be several refs there"))),
                Named::None => {}
            }
        }
        if to.starts_with("refs/") {
            return Ok(to.to_owned());
        }
        if there.is_none() && self.here.has(&format!("refs/remotes/{}/{to}", remote.name)) {
            return Ok(format!("refs/heads/{to}"));
        }
        match source {
            Some(source) if source.starts_with("refs/heads/") => Ok(format!("refs/heads/{to}")),
            Some(source) if source.starts_with("refs/tags/") => Ok(format!("refs/tags/{to}")),
            _ if there.is_none() => Ok(format!("refs/heads/{to}")),
            Some(_) | None => Err(Refused(format!("{to} is not there, and not a full name"))),
        }
    }

    fn deleted(&self, to: &str, remote: &Remote, there: Option<Refs>) -> Result<String, Refused> {
        if let Some(refs) = there {
            return match refs.named(to) {
                Named::Ref(full) => Ok(full),
                Named::Several => Err(Refused(format!("{to} could be several refs there"))),
                Named::None if to.starts_with("refs/") => Ok(to.to_owned()),
                Named::None => Err(Refused(format!("{to} is not there"))),
            };
        }
        if to.starts_with("refs/") {
            return Ok(to.to_owned());
        }
        let tracked = self.here.has(&format!("refs/remotes/{}/{to}", remote.name));
        let tag = !tracked
            && self.here.has(&format!("refs/tags/{to}"))
            && !self.here.has(&format!("refs/heads/{to}"));
        Ok(format!("refs/{}/{to}", if tag { "tags" } else { "heads" }))
    }

    /// `--force-with-lease` alone holds for every ref, with a name for that one.
    fn leased(&self, name: &str) -> bool {
        self.command.option_values("--force-with-lease").any(|value| {
            let wanted = value.split(':').next().unwrap_or("");
            value.is_empty() || name == wanted || short(name) == wanted || name.contains('*')
        })
    }

    fn targets(&self, remote: &Remote, changes: &[Change]) -> Targets {
        let mut targets = Targets::new("git");
        let top = self.repository.top();
        let urls: Vec<String> = remote.urls.iter().map(|url| remote::shown(url, top)).collect();
        let places: Vec<String> = urls.iter().map(|url| remote::place(url)).collect();
        let names: Vec<String> = changes.iter().map(|c| c.name.clone()).collect();
        targets.facts.push(Fact::known("remote", one_or_list(&places), remote.source.clone()));
        targets.facts.push(Fact::known("url", one_or_list(&urls), remote.source.clone()));
        let from = if self.command.operands.len() > 1 { "the words of the command" } else { "options and settings" };
        targets.facts.push(Fact::known("refs", Datum::texts(names.clone()), from));
        super::about(&mut targets, &Call::of(&self.command.invocation), self.repository);
        let branches: Vec<String> = names.iter().filter_map(|n| n.strip_prefix("refs/heads/")).map(str::to_owned).collect();
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

fn spec(text: &str) -> Result<Refspec, Refused> {
    Refspec::parse(text).ok_or_else(|| Refused(format!("{text} is no refspec")))
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
