//! Sessions in which the server refuses every write: `default_transaction_read_only=on` among the start-up
//! options, nothing that could lift it, and no pooler that could drop the options on the way.

use super::endpoints::Endpoints;
use super::settings::Settings;
use crate::reading::Command;

/// Whether the server certainly refuses writes. A socket at PostgreSQL's own port is taken for PostgreSQL;
/// over a network a pooler may stand in between and ignore options.
pub fn certain(command: &Command, settings: &Settings, endpoints: &Endpoints) -> bool {
    let direct = endpoints.all.iter().all(|e| e.is_socket() && e.port.trim() == "5432");
    let lifted = command.traits.has("read-only", "lifted") || command.traits.has("session", "interactive");
    direct && !lifted && settings.get("options").is_some_and(|options| asks(&options.value))
}

/// `-c default_transaction_read_only=on` or `--default-transaction-read-only=on`; the last one counts.
pub(super) fn asks(options: &str) -> bool {
    let words: Vec<&str> = options.split_ascii_whitespace().collect();
    if options.contains('\\') {
        return false;
    }
    let mut on = false;
    let mut i = 0;
    while i < words.len() {
        let assignment = match (words[i], words[i].strip_prefix("-c"), words[i].strip_prefix("--")) {
            ("-c", _, _) => {
                i += 1;
                words.get(i).copied()
            }
            (_, Some(glued), _) => Some(glued),
            (_, None, Some(long)) => Some(long),
            (_, None, None) => return false,
        };
        if let Some((name, value)) = assignment.and_then(|a| a.split_once('='))
            && name.replace('-', "_").eq_ignore_ascii_case("default_transaction_read_only")
        {
            on = ["on", "true", "yes", "1"].iter().any(|yes| value.eq_ignore_ascii_case(yes));
        }
        i += 1;
    }
    on
}

#[cfg(test)]
mod tests {
    use super::asks;

    #[test]
    fn only_a_plain_last_request_counts() {
        assert!(asks("-c default_transaction_read_only=on"));
        assert!(asks("-csearch_path=x --default-transaction-read-only=true"));
        assert!(!asks("-c default_transaction_read_only=on -c default_transaction_read_only=off"));
        assert!(!asks("-c search_path=audit"));
        assert!(!asks(""));
    }
}
