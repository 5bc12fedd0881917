//! By what name guard was started, which decides everything else. `AT_EXECFN` counts first: `exec -a`
//! changes `argv[0]` but not the path the kernel was given.

use crate::sys::entry::Entry;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// First word of the hand-over from the shim to the full guard; nobody types it.
pub const HANDOVER: &str = "__shim";

/// How guard was started.
#[derive(Debug)]
pub enum Called {
    /// By a shim: run `tool`. `argv` is what the caller gave, word 0 included.
    Shim(Handover),
    /// By its own name: guard's own command line.
    Guard(Vec<OsString>),
    /// `argv` was empty or its first word was: nothing sensible can be run.
    Nameless,
}

/// A shimmed command on its way.
#[derive(Clone, Debug)]
pub struct Handover {
    /// The shim's name, hence the program to find: `kubectl`.
    pub tool: OsString,
    /// The shim's path as the kernel was given it; its directory holds the marker file.
    pub shim: Option<PathBuf>,
    pub argv: Vec<OsString>,
}

/// Decides by `AT_EXECFN`, then by `argv[0]`.
pub fn called_as(entry: Entry) -> Called {
    let Entry { argv, execfn } = entry;
    if argv.first().is_none_or(|word| word.is_empty()) {
        return Called::Nameless;
    }
    if let Some(path) = execfn.filter(|path| !is_descriptor(path)) {
        return match shim_name(&path) {
            Some(tool) => Called::Shim(Handover { tool, shim: Some(path.into()), argv }),
            None => own(argv),
        };
    }
    match argv.first().and_then(|word| shim_name(word)) {
        Some(tool) => Called::Shim(Handover { tool, shim: None, argv }),
        None => own(argv),
    }
}

fn own(argv: Vec<OsString>) -> Called {
    if argv.get(1).is_none_or(|word| word != HANDOVER) {
        return Called::Guard(argv);
    }
    let mut words = argv.into_iter().skip(2);
    match (words.next(), words.next(), words.collect::<Vec<_>>()) {
        (Some(tool), Some(shim), argv) if !argv.is_empty() => Called::Shim(Handover {
            tool,
            shim: Some(shim.into()).filter(|s: &PathBuf| !s.as_os_str().is_empty()),
            argv,
        }),
        _ => Called::Nameless,
    }
}

/// The tool a path names, `None` for guard's own names.
fn shim_name(path: &OsStr) -> Option<OsString> {
    let name = Path::new(path).file_name()?;
    let name = name.as_bytes().strip_prefix(b"-").map_or(name, OsStr::from_bytes);
    (!name.is_empty() && !name.as_bytes().starts_with(b"guard")).then(|| name.to_owned())
}

/// fexecve(3) gives `/dev/fd/N`: no name at all.
fn is_descriptor(path: &OsStr) -> bool {
    path.as_bytes().starts_with(b"/dev/fd/")
        || path.as_bytes().starts_with(b"/proc/self/fd/")
        || path.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(execfn: Option<&str>, argv: &[&str]) -> Entry {
        Entry { argv: argv.iter().map(OsString::from).collect(), execfn: execfn.map(OsString::from) }
    }

    fn tool(execfn: Option<&str>, argv: &[&str]) -> Option<String> {
        match called_as(entry(execfn, argv)) {
            Called::Shim(h) => Some(h.tool.to_string_lossy().into_owned()),
            Called::Guard(_) => Some("guard itself".into()),
            Called::Nameless => None,
        }
    }

    #[test]
    fn the_kernel_path_beats_a_forged_name() {
        assert_eq!(tool(Some("/s/kubectl"), &["guard", "run"]).as_deref(), Some("kubectl"));
        assert_eq!(tool(Some("/s/kubectl"), &["-kubectl"]).as_deref(), Some("kubectl"));
        assert_eq!(tool(Some("/usr/bin/guard"), &["kubectl", "delete"]).as_deref(), Some("guard itself"));
        assert_eq!(tool(Some("/dev/fd/3"), &["kubectl"]).as_deref(), Some("kubectl"));
        assert_eq!(tool(None, &["psql"]).as_deref(), Some("psql"));
    }

    #[test]
    fn an_empty_or_missing_name_is_refused() {
        assert_eq!(tool(Some("/s/kubectl"), &[]), None);
        assert_eq!(tool(Some("/s/kubectl"), &["", "delete"]), None);
    }
}
