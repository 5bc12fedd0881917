//! What the helper tells guard, one line each. Must never be taken for anything but words and a number.

use super::Seen;
use serde::{Deserialize, Serialize};

/// A report about one of the commands that are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Report {
    /// So far: `12,345 files so far`.
    Progress { at: usize, words: String },
    /// The end of one look.
    Done { at: usize, result: Result<Seen, String> },
}

impl Report {
    pub fn to_line(&self) -> Vec<u8> {
        // Plain data with string keys: serde_json has no error for it.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }

    /// Takes the complete lines out of `buffer`.
    pub fn take(buffer: &mut Vec<u8>) -> Vec<Report> {
        let Some(end) = buffer.iter().rposition(|b| *b == b'\n') else { return Vec::new() };
        let rest = buffer.split_off(end + 1);
        let lines = std::mem::replace(buffer, rest);
        lines.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn reports_arrive_whole_whatever_is_in_them() {
        let report = Report::Done { at: 1, result: Err("a\nb\u{1b}".into()) };
        let mut buffer = report.to_line();
        buffer.extend_from_slice(b"{\"Pro");
        assert_eq!(Report::take(&mut buffer), [report]);
        assert_eq!(buffer, b"{\"Pro");
        assert_eq!(Report::take(&mut buffer), []);
    }
}
