//! Options of shells that are not of Bourne's family, and of zsh (fish 4.0, zsh 5.9, nu 0.100).
//! Must never pass over an option whose value the shell runs.

/// What an option means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    Flag,
    Value,
    /// Its value is the script.
    Script,
    Login,
    Interactive,
    /// The script is only checked.
    Checks,
    Tells,
}

impl Means {
    pub fn has_value(self) -> bool {
        matches!(self, Means::Value | Means::Script)
    }
}

/// A long option, without its dashes and value; `None` where nobody knows it, or its value is run besides the script.
pub fn long(shell: &str, name: &str) -> Option<Means> {
    let listed = match shell {
        "fish" => find(FISH, name),
        "nu" => find(NU, name),
        _ => None,
    };
    match (shell, listed) {
        ("zsh", None) => Some(zsh(name)),
        (_, listed) => listed,
    }
}

/// A letter; `None` for shells whose letters are Bourne's.
pub fn letter(shell: &str, letter: u8) -> Option<Option<Means>> {
    let (letters, table): (&[u8], _) = match shell {
        "fish" => (b"cdDfhiIlnNoOpPv", FISH),
        "nu" => (b"chiIlmnNtv", NU),
        _ => return None,
    };
    let name = |name: &str| name.len() == 1 && name.as_bytes()[0] == letter;
    Some(letters.contains(&letter).then(|| table.iter().find(|(n, _)| name(n)).map(|(_, m)| *m)).flatten())
}

fn find(table: &[(&str, Means)], name: &str) -> Option<Means> {
    table.iter().find(|(n, _)| n.len() > 1 && *n == name).map(|(_, means)| *means)
}

/// Every option that `setopt` knows, in any case and with underscores anywhere.
fn zsh(name: &str) -> Means {
    let plain: String = name.chars().filter(|c| !"-_".contains(*c)).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "help" | "version" => Means::Tells,
        "emulate" => Means::Value,
        "noexec" => Means::Checks,
        "login" => Means::Login,
        "interactive" => Means::Interactive,
        _ => Means::Flag,
    }
}

// Not in it, because it runs them besides the script: `-C`, `--init-command`.
const FISH: &[(&str, Means)] = &[
    ("command", Means::Script),
    ("c", Means::Script),
    ("debug", Means::Value),
    ("d", Means::Value),
    ("debug-output", Means::Value),
    ("o", Means::Value),
    ("debug-stack-frames", Means::Value),
    ("D", Means::Value),
    ("features", Means::Value),
    ("f", Means::Value),
    ("profile", Means::Value),
    ("p", Means::Value),
    ("profile-startup", Means::Value),
    ("help", Means::Tells),
    ("h", Means::Tells),
    ("version", Means::Tells),
    ("v", Means::Tells),
    ("print-rusage-self", Means::Flag),
    ("print-debug-categories", Means::Tells),
    ("interactive", Means::Interactive),
    ("i", Means::Interactive),
    ("login", Means::Login),
    ("l", Means::Login),
    ("no-config", Means::Flag),
    ("N", Means::Flag),
    ("no-execute", Means::Checks),
    ("n", Means::Checks),
    ("private", Means::Flag),
    ("P", Means::Flag),
];

// Not in it: `-e`, `--execute`.
const NU: &[(&str, Means)] = &[
    ("commands", Means::Script),
    ("c", Means::Script),
    ("config", Means::Value),
    ("env-config", Means::Value),
    ("plugin-config", Means::Value),
    ("log-level", Means::Value),
    ("log-target", Means::Value),
    ("log-include", Means::Value),
    ("log-exclude", Means::Value),
    ("threads", Means::Value),
    ("t", Means::Value),
    ("table-mode", Means::Value),
    ("m", Means::Value),
    ("error-style", Means::Value),
    ("include-path", Means::Value),
    ("I", Means::Value),
    ("interactive", Means::Interactive),
    ("i", Means::Interactive),
    ("login", Means::Login),
    ("l", Means::Login),
    ("no-config-file", Means::Flag),
    ("n", Means::Flag),
    ("no-history", Means::Flag),
    ("no-std-lib", Means::Flag),
    ("no-newline", Means::Flag),
    ("N", Means::Flag),
    ("stdin", Means::Flag),
    ("help", Means::Tells),
    ("h", Means::Tells),
    ("version", Means::Tells),
    ("v", Means::Tells),
];
