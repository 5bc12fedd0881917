//! guard's directories, by the XDG Base Directory Specification 0.8.

use std::path::{Path, PathBuf};

/// Absolute paths; none of them needs to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirs {
    /// `environments.toml`, `policy.toml`, `rules.d/`.
    pub config: PathBuf,
    /// The audit log and its keys.
    pub state: PathBuf,
    /// The compiled index; may be deleted at any time.
    pub cache: PathBuf,
}

impl Dirs {
    /// From `$XDG_*_HOME`, else `$HOME`, else the passwd entry. `None` when there is none of them.
    pub fn of_user() -> Option<Dirs> {
        let project = directories::ProjectDirs::from("", "", "guard")?;
        Some(Dirs {
            config: project.config_dir().to_owned(),
            state: project.state_dir().unwrap_or(project.data_local_dir()).to_owned(),
            cache: project.cache_dir().to_owned(),
        })
    }
}

impl Dirs {
    /// The same, with another configuration directory and a compiled index of its own.
    #[must_use]
    pub fn with_config(&self, config: &Path) -> Dirs {
        let config = std::path::absolute(config).unwrap_or_else(|_| config.to_owned());
        let mut hasher = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&config, &mut hasher);
        let cache = self.cache.join(format!("config-{:016x}", std::hash::Hasher::finish(&hasher)));
        Dirs { config, state: self.state.clone(), cache }
    }
}

/// Where `guard shim add` puts shims unless told otherwise: `~/.local/share/guard/shims`.
pub fn default_shims() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "guard").map(|p| p.data_local_dir().join("shims"))
}
