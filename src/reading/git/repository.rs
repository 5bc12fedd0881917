//! Where a command's repository is, and what its refs say, as setup.c and refs.c of git find them.
//! Must never list directories or look into objects; names are asked for one at a time.

use super::config::Config;
use crate::invocation::{Invocation, ReadError};
use crate::sys::file::lexical;
use std::path::{Path, PathBuf};

/// A repository: its own directory, the one it shares with other worktrees, and the files it has checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// `.git`, or what a `.git` file points to.
    pub directory: PathBuf,
    /// Where refs and configuration are; the same without linked worktrees.
    pub common: PathBuf,
    /// The top of the checked-out files; none for a bare one.
    pub worktree: Option<PathBuf>,
}

/// What a ref's name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ref {
    Object(String),
    /// Another ref's name.
    Symbolic(String),
}

impl Repository {
    /// The repository of a command, by GIT_DIR or from the working directory upwards.
    pub fn find(invocation: &Invocation) -> Option<Repository> {
        if invocation.place().is_some() {
            return None;
        }
        if let Some(directory) = invocation.var_filled("GIT_DIR") {
            let directory = follow(invocation, &invocation.path(directory));
            let mut found = Repository::at(invocation, &directory)?;
            found.worktree = Some(match invocation.var_filled("GIT_WORK_TREE") {
                Some(tree) => invocation.path(tree),
                None => invocation.cwd().to_owned(),
            });
            return Some(found);
        }
        let ceilings = invocation.var("GIT_CEILING_DIRECTORIES").unwrap_or_default();
        let ceilings: Vec<&Path> = ceilings.split(':').filter(|c| !c.is_empty()).map(Path::new).collect();
        for directory in invocation.cwd().ancestors() {
            if directory != invocation.cwd() && ceilings.contains(&directory) {
                return None;
            }
            let dot = follow(invocation, &directory.join(".git"));
            if let Some(mut found) = Repository::at(invocation, &dot) {
                let tree = invocation.var_filled("GIT_WORK_TREE").map(|t| invocation.path(t));
                found.worktree = Some(tree.unwrap_or_else(|| directory.to_owned()));
                return Some(found);
            }
            if let Some(found) = Repository::at(invocation, directory) {
                return Some(found);
            }
        }
        None
    }

    /// A repository that is another one's remote on this machine: the place itself, its `.git`, or with `.git` added.
    pub fn of_path(invocation: &Invocation, path: &Path) -> Option<Repository> {
        let mut spelled = path.as_os_str().to_owned();
        spelled.push(".git");
        let with = PathBuf::from(spelled);
        [path.join(".git"), path.to_owned(), with.join(".git"), with]
            .iter()
            .find_map(|p| Repository::at(invocation, &follow(invocation, p)))
    }

    /// The repository whose own directory this is.
    fn at(invocation: &Invocation, directory: &Path) -> Option<Repository> {
        let head = text(invocation, &directory.join("HEAD"))?;
        let is_name = head.starts_with("ref:") || is_object_name(head.trim());
        let common = match text(invocation, &directory.join("commondir")) {
            Some(shared) => lexical(&directory.join(shared.trim_end())),
            None => directory.to_owned(),
        };
        let holds = |name: &str| matches!(invocation.read(common.join(name)), Err(ReadError::Failed(_)));
        let objects = invocation.var_filled("GIT_OBJECT_DIRECTORY").is_some() || holds("objects");
        (is_name && objects && holds("refs")).then(|| Repository {
            directory: directory.to_owned(),
            common,
            worktree: None,
        })
    }

    /// What the checked-out files are, after `core.bare` and `core.worktree`.
    pub fn settle(&mut self, invocation: &Invocation, config: &Config) {
        let given = invocation.var_filled("GIT_WORK_TREE").is_some();
        if config.truth("core.bare") == Some(true) && !given {
            self.worktree = None;
        } else if let Some(tree) = config.get("core.worktree").filter(|_| !given && self.worktree.is_some()) {
            self.worktree = Some(lexical(&self.directory.join(tree)));
        }
    }

    /// The directory git changes to before it acts.
    pub fn top(&self) -> &Path {
        self.worktree.as_deref().unwrap_or(&self.directory)
    }

    /// The name people know it by.
    pub fn name(&self) -> String {
        let top = match (&self.worktree, self.directory.file_name()) {
            (Some(tree), _) => tree,
            (None, Some(name)) if name == ".git" => self.directory.parent().unwrap_or(&self.directory),
            (None, _) => &self.directory,
        };
        let name = top.file_name().map(|n| n.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| top.to_string_lossy().into_owned());
        name.strip_suffix(".git").filter(|n| !n.is_empty()).map(str::to_owned).unwrap_or(name)
    }

    /// Refs that are kept in a way that is not read here (reftable).
    pub fn is_opaque(&self, invocation: &Invocation) -> bool {
        text(invocation, &self.directory.join("HEAD")).is_some_and(|h| h.contains("refs/heads/.invalid"))
    }

    /// The branch HEAD leads to, without `refs/heads/`; it need not exist yet.
    pub fn branch(&self, invocation: &Invocation) -> Option<String> {
        let mut name = "HEAD".to_owned();
        for _ in 0..5 {
            match self.reference(invocation, &name) {
                Some(Ref::Symbolic(next)) => name = next,
                Some(Ref::Object(_)) | None => break,
            }
        }
        name.strip_prefix("refs/heads/").map(str::to_owned)
    }

    /// One ref by its full name, loose or packed.
    pub fn reference(&self, invocation: &Invocation, name: &str) -> Option<Ref> {
        let own = !name.starts_with("refs/") || name.starts_with("refs/bisect/");
        let base = if own { &self.directory } else { &self.common };
        if name.is_empty() || name.contains("..") || name.starts_with('/') || name.ends_with('/') {
            return None;
        }
        if let Some(content) = text(invocation, &base.join(name)) {
            let content = content.trim_end();
            if let Some(target) = content.strip_prefix("ref:") {
                return Some(Ref::Symbolic(target.trim().to_owned()));
            }
            let object = content.split_whitespace().next().unwrap_or("");
            return is_object_name(object).then(|| Ref::Object(object.to_owned()));
        }
        let packed = text(invocation, &self.common.join("packed-refs"))?;
        packed.lines().find_map(|line| {
            let (object, packed) = line.split_once(' ')?;
            (packed == name && is_object_name(object)).then(|| Ref::Object(object.to_owned()))
        })
    }

    /// Whether a ref of that full name leads to an object.
    pub fn has(&self, invocation: &Invocation, name: &str) -> bool {
        let mut name = name.to_owned();
        for _ in 0..5 {
            match self.reference(invocation, &name) {
                Some(Ref::Object(_)) => return true,
                Some(Ref::Symbolic(next)) => name = next,
                None => return false,
            }
        }
        false
    }
}

/// A `.git` file says where the repository is.
fn follow(invocation: &Invocation, path: &Path) -> PathBuf {
    let target = text(invocation, path)
        .and_then(|content| content.strip_prefix("gitdir:").map(|target| target.trim().to_owned()));
    match target {
        Some(target) => lexical(&path.parent().unwrap_or(path).join(target)),
        None => path.to_owned(),
    }
}

fn text(invocation: &Invocation, path: &Path) -> Option<String> {
    invocation.read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// SHA-1 or SHA-256 in hexadecimal.
pub fn is_object_name(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}
