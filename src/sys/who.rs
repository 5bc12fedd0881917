//! Who and where: user, home, host. Must say `None` when the system does not know, never guess.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// The effective user id.
pub fn uid() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// The passwd entry's name of the effective user (getpwuid(3)); `None` when the name service does not know it.
pub fn user_name() -> Option<String> {
    nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().map(|u| u.name)
}

/// The passwd entry's home directory, whatever `$HOME` says.
pub fn passwd_home() -> Option<PathBuf> {
    nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().map(|u| u.dir)
}

/// The home directory of a named user, for `~name`.
pub fn home_of(user: &str) -> Option<PathBuf> {
    nix::unistd::User::from_name(user).ok().flatten().map(|u| u.dir)
}

/// The id of a named user.
pub fn uid_of(user: &str) -> Option<u32> {
    nix::unistd::User::from_name(user).ok().flatten().map(|u| u.uid.as_raw())
}

/// gethostname(2).
pub fn host_name() -> Option<String> {
    let name: OsString = nix::unistd::gethostname().ok()?;
    String::from_utf8(name.into_vec()).ok()
}

/// The primary group's name of the effective user's passwd entry.
pub fn group_name() -> Option<String> {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten()?;
    nix::unistd::Group::from_gid(user.gid).ok().flatten().map(|g| g.name)
}
