//! Where `git push` goes and which refs it changes there, and how: builtin/push.c and remote.c of git 2.47 without
//! asking the remote. Must never leave out a ref that would be changed.

mod shown;

use super::refspec::{Named, Refs, Refspec};
use super::remote::{self, Remote};
use super::short;
use crate::reading::Command;
use crate::reading::git::{Call, Config, Ref, Repository, is_object_name};
use crate::targets::Resolution;

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

/// Whether a ref is only to be changed if it is as expected, and whether it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lease {
    None,
    Holds,
    /// The remote refuses the change.
    Stale,
}

/// What git itself says before it contacts anything.
struct Refused(String);

/// Resolves a push.
pub fn resolve(command: &Command, call: &Call, repository: &Repository, config: &Config) -> Resolution {
    let push = Push::new(command, call, repository, config);
    let found = push.remote().and_then(|mut remote| {
        let changes = push.changes(&mut remote)?;
        Ok((remote, changes))
    });
    match found {
        Ok((remote, changes)) => Resolution::Hits(push.targets(&remote, &changes)),
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
            here: Refs { repository, invocation: &call.invocation, more: &[] },
            branch: repository.branch(&call.invocation),
            flags: Flags::of(command),
        }
    }

    fn remote(&self) -> Result<Remote, Refused> {
        let branch = self.branch.as_deref();
        let word =
            self.command.operands.first().map(String::as_str).or_else(|| self.command.option("--repo"));
        let named = word.map(str::to_owned).or_else(|| remote::configured(self.config, branch));
        let invalid = self
            .config
            .below("remote", "push")
            .find(|(_, s)| s.value.as_deref().is_some_and(|text| Refspec::parse(text).is_none()));
        if let Some((name, _)) = invalid {
            return Err(Refused(format!("remote.{name}.push is no refspec")));
        }
        match named.or_else(|| remote::unsaid(self.config)) {
            Some(name) => Ok(remote::get(self.config, &name)),
            // A name nobody gave is no address.
            None => Err(Refused("no remote is named or configured".to_owned())),
        }
    }

    /// What is changed, and the addresses where git gets so far.
    fn changes(&self, remote: &mut Remote) -> Result<Vec<Change>, Refused> {
        let words = self.command.operands.get(1..).unwrap_or(&[]);
        let mirror = self.flags.mirror || remote.mirror;
        if let Some(why) = self.flags.conflict(mirror, words.len()) {
            return Err(Refused(why.to_owned()));
        }
        let specs = self.specs(words, remote, mirror)?;
        let mut changes: Vec<Change> = Vec::new();
        let mut refused = None;
        let mut reached = Vec::new();
        for url in &remote.urls {
            // Git ends at the first address where there is nothing.
            if !reached.is_empty() && self.there(url).is_err() {
                break;
            }
            match self.changes_at(url, &specs, remote) {
                Ok(found) => {
                    changes.extend(found);
                    reached.push(url.clone());
                }
                Err(why) if self.there(url).is_err() => return Err(why),
                Err(why) => refused = Some(why),
            }
        }
        if let Some(why) = refused.filter(|_| reached.is_empty()) {
            return Err(why);
        }
        remote.urls = reached;
        changes.dedup();
        // What is not sent is deleted, whatever the refspecs are.
        if mirror {
            changes = vec![Change { name: "*".to_owned(), how: How::Mirror }];
        }
        Ok(changes)
    }

    /// The refspecs that count: those of the line, else those of the settings, else the usual one.
    fn specs(&self, words: &[String], remote: &Remote, mirror: bool) -> Result<Vec<Refspec>, Refused> {
        let mut specs = self.written(words, remote)?;
        if self.flags.tags {
            specs.insert(0, spec("refs/tags/*")?);
        }
        if self.flags.all {
            specs.push(spec(":")?);
        }
        if specs.is_empty() && !remote.push.is_empty() {
            specs = remote.push.iter().map(|s| spec(s)).collect::<Result<_, _>>()?;
        } else if specs.is_empty() && !mirror {
            specs.push(self.default_refspec(remote)?);
        }
        Ok(specs)
    }

    fn changes_at(&self, url: &str, specs: &[Refspec], remote: &Remote) -> Result<Vec<Change>, Refused> {
        let there = self.there(url)?;
        let forced = self.flags.force || remote.mirror;
        let (mut changes, mut explicit): (Vec<Change>, Vec<String>) = (Vec::new(), Vec::new());
        for spec in specs {
            let mut change = self.change(spec, remote, there.as_ref(), &explicit)?;
            let many = spec.matching || spec.is_pattern();
            let force = forced || spec.force;
            let lease = self.lease(&change.name, remote, there.as_ref());
            change.how = match (change.how, lease) {
                (_, _) if self.flags.prune && many => How::Prune,
                (How::Plain, _) if force => How::Force,
                (How::Plain, Lease::Holds) => How::Lease,
                (How::Delete, Lease::Stale) if !force => How::Plain,
                (how, _) => how,
            };
            if !many && explicit.contains(&change.name) {
                return Err(Refused(format!("{} would be changed twice", change.name)));
            }
            if !many {
                explicit.push(change.name.clone());
            }
            if !changes.contains(&change) {
                changes.push(change);
            }
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
        let upstream = remote::upstream(self.config, branch);
        let same = upstream == remote.name;
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
        if automatic && self.merges(branch).is_empty() {
            return Ok(format!("refs/heads/{branch}"));
        }
        match self.merges(branch).as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(Refused(format!("{branch} has no upstream"))),
            [_, ..] => Err(Refused(format!("{branch} has several upstreams"))),
        }
    }

    /// The remote itself, where it is a directory of this machine whose refs can be read.
    fn there(&self, url: &str) -> Result<Option<Repository>, Refused> {
        let Some(path) = remote::local_path(url, self.repository.top()) else { return Ok(None) };
        let Some(found) = Repository::of_path(self.here.invocation, &path) else {
            return Err(Refused(format!("there is no repository at {url}")));
        };
        Ok((!found.is_opaque(self.here.invocation)).then_some(found))
    }

    fn change(
        &self,
        spec: &Refspec,
        remote: &Remote,
        there: Option<&Repository>,
        before: &[String],
    ) -> Result<Change, Refused> {
        let plain = |name: String| Change { name, how: How::Plain };
        if spec.matching {
            return Ok(plain("refs/heads/*".to_owned()));
        }
        if spec.is_pattern() {
            return Ok(plain(spec.to.clone().unwrap_or_else(|| spec.from.clone())));
        }
        let there =
            there.map(|repository| Refs { repository, invocation: self.here.invocation, more: before });
        if spec.from.is_empty() {
            let name = self.deleted(spec.to.as_deref().unwrap_or(""), remote, there)?;
            return Ok(Change { name, how: How::Delete });
        }
        let source = match self.here.named(&spec.from) {
            Named::Ref(full) => self.here.resolve(&full),
            Named::Several => return Err(Refused(format!("{} could be several refs", spec.from))),
            Named::None if spec.from == "HEAD" => match self.here.resolve("HEAD") {
                None => return Err(Refused("HEAD is on a branch that has no commit yet".to_owned())),
                Some(name) => Some(name).filter(|n| n != "HEAD"),
            },
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
        let name = match name.split(['~', '^']).next() {
            Some(base) if base != name && base != "HEAD" && self.here.named(base) == Named::None => base,
            Some(_) | None => name,
        };
        let plain = !name.contains(['~', '^', '@', '{', ':', ' ']);
        let described = name.contains("-g");
        let hexadecimal = name.len() >= 4 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let special = name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        !name.is_empty()
            && plain
            && !described
            && !hexadecimal
            && !special
            && !self.repository.is_opaque(self.here.invocation)
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

    /// `--force-with-lease` alone holds for every ref, with a name for that one. The remote refuses a ref that is
    /// not as expected, which is certain only where it can be read.
    fn lease(&self, name: &str, remote: &Remote, there: Option<&Repository>) -> Lease {
        let lease = self.command.option_values("--force-with-lease").find(|value| {
            let wanted = value.split(':').next().unwrap_or("");
            value.is_empty() || name == wanted || short(name) == wanted || name.contains('*')
        });
        let Some(lease) = lease else { return Lease::None };
        let (Some(there), false) = (there, name.contains('*')) else { return Lease::Holds };
        let expected = match lease.split_once(':') {
            Some((_, "")) => None,
            Some((_, expected)) if is_object_name(expected) => Some(expected.to_owned()),
            Some(_) => return Lease::Holds,
            None => match self.last_seen(name, remote) {
                Some(object) => Some(object),
                None => return Lease::Stale,
            },
        };
        let holds = match there.reference(self.here.invocation, name) {
            Some(Ref::Object(object)) => expected.is_some_and(|e| e == object),
            Some(Ref::Symbolic(_)) => true,
            None => expected.is_none(),
        };
        if holds { Lease::Holds } else { Lease::Stale }
    }

    /// What the remote-tracking branch says a ref of the remote was.
    fn last_seen(&self, name: &str, remote: &Remote) -> Option<String> {
        let fetched = self.config.all(&format!("remote.{}.fetch", remote.name), false);
        let tracking = fetched.iter().find_map(|s| Refspec::parse(s.value.as_deref()?)?.maps(name))?;
        match self.repository.reference(self.here.invocation, &self.here.resolve(&tracking)?)? {
            Ref::Object(object) => Some(object),
            Ref::Symbolic(_) => None,
        }
    }
}

fn spec(text: &str) -> Result<Refspec, Refused> {
    Refspec::parse(text).ok_or_else(|| Refused(format!("{text} is no refspec")))
}
