//! createuser: how much power the new role gets. Of `-s` and `-S` the last one counts.

use crate::reading::Command;

/// Adds the trait `kind`: superuser, administrator or plain.
pub fn read(command: &mut Command) {
    let last = |on: &str, off: &str| {
        let place = |name: &str| command.options.iter().rposition(|o| o.name == name);
        place(on) > place(off)
    };
    let server_role = ["--role", "--member-of"]
        .iter()
        .flat_map(|name| command.option_values(name))
        .any(|role| role.trim_matches('"').to_ascii_lowercase().starts_with("pg_"));
    let superuser =
        last("--superuser", "--no-superuser") || last("--bypassrls", "--no-bypassrls") || server_role;
    let administrator =
        last("--createrole", "--no-createrole") || last("--replication", "--no-replication");
    command.traits.add(
        "kind",
        match (superuser, administrator) {
            (true, _) => "superuser",
            (false, true) => "administrator",
            (false, false) => "plain",
        },
    );
}
