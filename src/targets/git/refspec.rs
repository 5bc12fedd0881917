//! Refspecs of a push, as refspec.c and remote.c of git read them: what each names here, and what it changes there.
//! Must never make up a ref that git would refuse to guess.

use crate::invocation::Invocation;
use crate::reading::git::{Ref, Repository};

/// One refspec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refspec {
    pub force: bool,
    /// Empty: the other side is deleted.
    pub from: String,
    pub to: Option<String>,
    /// `:`: every branch that is on both sides.
    pub matching: bool,
}

impl Refspec {
    /// `None` for one that git calls invalid.
    pub fn parse(text: &str) -> Option<Refspec> {
        let (force, text) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if text == ":" {
            return Some(Refspec { force, from: String::new(), to: None, matching: true });
        }
        let (from, to) = match text.rsplit_once(':') {
            Some((from, to)) => (from, Some(to.to_owned())),
            None => (text, None),
        };
        let from = if from == "@" { "HEAD" } else { from };
        let stars = |text: &str| text.matches('*').count();
        let fits = match &to {
            None => !from.is_empty() && is_name(from) && stars(from) <= 1,
            Some(to) if from.is_empty() => is_name(to) && stars(to) == 0,
            Some(to) => is_name(to) && stars(to) == stars(from) && stars(to) <= 1,
        };
        fits.then(|| Refspec { force, from: from.to_owned(), to, matching: false })
    }

    pub fn is_pattern(&self) -> bool {
        self.from.contains('*')
    }

    /// Where a full ref name goes by this refspec, if it does.
    pub fn maps(&self, name: &str) -> Option<String> {
        let to = self.to.as_deref()?;
        match (self.from.split_once('*'), to.split_once('*')) {
            (Some((before, after)), Some((to_before, to_after))) => {
                let middle = name.strip_prefix(before)?.strip_suffix(after)?;
                Some(format!("{to_before}{middle}{to_after}"))
            }
            (None, None) => (self.from == name).then(|| to.to_owned()),
            (_, _) => None,
        }
    }
}

/// git-check-ref-format, one level and one star allowed.
pub fn is_name(name: &str) -> bool {
    let wrong = |c: char| c.is_ascii_control() || " ~^:?[\\".contains(c);
    !name.is_empty()
        && name != "@"
        && !name.contains(wrong)
        && !name.contains("..")
        && !name.contains("@{")
        && !name.ends_with('.')
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"))
}

/// What a name stands for among the refs of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    Ref(String),
    None,
    Several,
}

/// A repository whose refs can be asked for by name.
#[derive(Clone, Copy)]
pub struct Refs<'a> {
    pub repository: &'a Repository,
    pub invocation: &'a Invocation,
}

impl Refs<'_> {
    pub fn has(&self, name: &str) -> bool {
        self.repository.has(self.invocation, name)
    }

    /// The ref a symbolic one stands for, or itself.
    pub fn resolve(&self, name: &str) -> Option<String> {
        let mut name = name.to_owned();
        for _ in 0..5 {
            match self.repository.reference(self.invocation, &name)? {
                Ref::Object(_) => return Some(name),
                Ref::Symbolic(next) => name = next,
            }
        }
        None
    }

    /// Branches, tags and whole names count before remote-tracking branches.
    pub fn named(&self, name: &str) -> Named {
        let strong = [name.to_owned(), format!("refs/{name}"), format!("refs/tags/{name}"), format!("refs/heads/{name}")];
        // Only names below refs/ are among the refs of a repository.
        let is = |n: &&String| n.starts_with("refs/") && self.has(n);
        let found: Vec<&String> = strong.iter().filter(is).collect();
        match found.as_slice() {
            [one] => return Named::Ref((*one).clone()),
            [] => {}
            [_, ..] => return Named::Several,
        }
        let weak = [format!("refs/remotes/{name}"), format!("refs/remotes/{name}/HEAD")];
        match weak.iter().filter(is).collect::<Vec<_>>().as_slice() {
            [one] => Named::Ref((*one).clone()),
            [] => Named::None,
            [_, ..] => Named::Several,
        }
    }
}
