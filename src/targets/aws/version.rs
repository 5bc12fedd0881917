//! Which major version of aws would run: they disagree on which variable names the profile and the region.
//! Must never guess from anything but the program that PATH leads to.

use crate::invocation::Invocation;
use std::path::{Path, PathBuf};

/// The major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// The version of the aws that this command would start; `None` where nothing here tells.
pub(super) fn of(invocation: &Invocation) -> Option<Version> {
    let program = invocation.argv().first()?;
    if Path::new(program).components().count() > 1 {
        return of_file(invocation, &invocation.path(program));
    }
    let path = invocation.var_filled("PATH")?;
    // guard's own shim has no aws behind it that could be looked at; the next one of PATH is what it starts.
    path.split(':').filter(|d| !d.is_empty()).find_map(|directory| {
        let file = invocation.path(directory).join("aws");
        file.is_file().then(|| of_file(invocation, &file)).flatten()
    })
}

fn of_file(invocation: &Invocation, file: &Path) -> Option<Version> {
    let real = file.canonicalize().ok()?;
    let parts: Vec<_> = real.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    // The official installer of version 2 puts it there; version 1 is never frozen into one file.
    if parts.windows(2).any(|w| w[0] == "aws-cli" && w[1] == "v2") {
        return Some(Version::Two);
    }
    let bytes = invocation.read(&real).ok().filter(|b| b.starts_with(b"#!"))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let bin = real.parent()?;
    if bin.ends_with("shims") && text.contains("pyenv") {
        return of_pyenv(invocation, bin.parent()?);
    }
    let interpreter = text.lines().next()?.trim_start_matches("#!").trim();
    let prefixes = [bin.parent()?.to_owned(), Path::new(interpreter).parent()?.parent()?.to_owned()];
    prefixes.iter().find_map(|prefix| of_library(invocation, prefix))
}

/// pyenv starts the first of its chosen Pythons that has the program.
fn of_pyenv(invocation: &Invocation, root: &Path) -> Option<Version> {
    let chosen = match invocation.var_filled("PYENV_VERSION") {
        Some(chosen) => chosen.replace(':', "\n"),
        None => {
            let places = invocation.cwd().ancestors().map(|d| d.join(".python-version"));
            let mut places = places.chain([root.join("version")]);
            let bytes = places.find_map(|place| invocation.read(place).ok())?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    chosen.split_whitespace().find_map(|name| {
        let file = root.join("versions").join(name).join("bin/aws");
        file.is_file().then(|| of_file(invocation, &file)).flatten()
    })
}

/// The installed library says `__version__ = '1.45.11'`.
fn of_library(invocation: &Invocation, prefix: &Path) -> Option<Version> {
    let versioned = (6..=20).map(|minor| prefix.join(format!("lib/python3.{minor}/site-packages")));
    let places = [prefix.join("lib/python3/dist-packages"), prefix.join("libexec")];
    let file = |place: PathBuf| place.join("awscli/__init__.py");
    let bytes = places.into_iter().chain(versioned).map(file).filter(|f| f.is_file());
    let text = bytes.into_iter().find_map(|f| invocation.read(f).ok())?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().find_map(|l| l.strip_prefix("__version__"))?;
    match line.trim_start_matches([' ', '=']).trim_matches(['\'', '"', ' ']).split('.').next() {
        Some("1") => Some(Version::One),
        Some("2") => Some(Version::Two),
        _ => None,
    }
}
