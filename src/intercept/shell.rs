//! What goes into a shell's start-up file. Shims come first on PATH, also when the file is read again or
//! another tool has put itself before them; aliases are for dotfiles that want no PATH change.

use crate::text;
use std::path::Path;

/// A shell guard writes start-up text for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// How programs are covered.
pub enum StartUp<'a> {
    /// The shim directory goes first on PATH.
    Shims(&'a Path),
    /// An alias a program: `kubectl` is `guard run -- kubectl`.
    Aliases { guard: &'a Path, config: Option<&'a Path>, programs: &'a [String] },
}

/// Text for `eval` (bash, zsh) or `source` (fish).
pub fn start_up(shell: Shell, how: &StartUp) -> String {
    match (shell, how) {
        (Shell::Bash | Shell::Zsh, StartUp::Shims(directory)) => posix_path(shell, directory),
        (Shell::Fish, StartUp::Shims(directory)) => {
            format!(
                "# guard: its shims come first on PATH\nfish_add_path --path --move --prepend {}\n",
                fish_quote(directory)
            )
        }
        (_, StartUp::Aliases { guard, config, programs }) => aliases(shell, guard, *config, programs),
    }
}

fn posix_path(shell: Shell, directory: &Path) -> String {
    let directory = text::quote(directory);
    // The shell remembers where it found programs; it must forget them once.
    let forget = if shell == Shell::Zsh { "rehash" } else { "hash -r" };
    format!(
        "# guard: its shims come first on PATH\n\
         __guard_shims={directory}\n\
         PATH=\":$PATH:\"\n\
         PATH=\"${{PATH//\":$__guard_shims:\"/:}}\"\n\
         PATH=\"${{PATH#:}}\" PATH=\"${{PATH%:}}\"\n\
         export PATH=\"$__guard_shims:$PATH\"\n\
         unset __guard_shims\n\
         {forget}\n"
    )
}

fn aliases(shell: Shell, guard: &Path, config: Option<&Path>, programs: &[String]) -> String {
    let mut out =
        String::from("# guard: aliases; they see only what is typed first on an interactive line\n");
    for program in programs {
        let config = config.map(|c| format!(" --config {}", text::quote(c))).unwrap_or_default();
        let command = format!("{}{config} run -- {program}", text::quote(guard));
        let line = match shell {
            Shell::Bash | Shell::Zsh => format!("alias {program}={}\n", text::quote(command)),
            Shell::Fish => format!("alias {program} {}\n", fish_quote(Path::new(&command))),
        };
        out.push_str(&line);
    }
    out
}

/// fish has no `$'…'`; in its single quotes only `\` and `'` are special.
fn fish_quote(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\\', "\\\\").replace('\'', "\\'"))
}
