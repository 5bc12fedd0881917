//! The tables of `policy.toml` beside the policies: the look, what a reason must look like, break-glass; and spans of
//! time as they are written there.

use super::{At, at};
use crate::rules::pack::{BreakGlassSettings, PreviewSettings, ReasonForm, TotpSettings};
use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewTable {
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    limit: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonTable {
    pattern: Spanned<String>,
    hint: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BreakGlassTable {
    #[serde(default)]
    uses: Option<Spanned<u32>>,
    #[serde(default)]
    per: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TotpTable {
    verifier: Spanned<String>,
}

impl TotpTable {
    pub fn settings(self) -> Result<TotpSettings, At> {
        if !self.verifier.get_ref().starts_with('/') {
            let message = format!("verifier {:?} is no absolute path", self.verifier.get_ref());
            return Err(at(self.verifier.span().start, message, "write \"/run/guard-totp.sock\""));
        }
        Ok(TotpSettings { verifier: Some(self.verifier.into_inner()) })
    }
}

/// The longest that a question, or a policy that counts, may wait for a look.
const LONGEST_LOOK_MS: u32 = 30_000;

impl PreviewTable {
    pub fn settings(self) -> Result<PreviewSettings, At> {
        let usual = PreviewSettings::default();
        let limit_ms = match self.limit {
            None => usual.limit_ms,
            Some(word) => milliseconds(word.get_ref())
                .filter(|ms| (1..=LONGEST_LOOK_MS).contains(ms))
                .ok_or_else(|| no_time(&word, "up to 30 seconds", "write \"3s\" or \"500ms\""))?,
        };
        Ok(PreviewSettings { enabled: self.enabled.unwrap_or(usual.enabled), limit_ms })
    }
}

impl ReasonTable {
    pub fn form(self) -> Result<ReasonForm, At> {
        let pattern = self.pattern.get_ref();
        if let Err(error) = regex_lite::Regex::new(pattern) {
            let message = format!("pattern {pattern:?} is no regular expression: {error}");
            let hint =
                "like '^[A-Z]+-\\d+': no look-around, no back-references; single quotes keep backslashes";
            return Err(at(self.pattern.span().start, message, hint));
        }
        if self.hint.get_ref().trim().is_empty() {
            let hint = "say what is expected: hint = \"a ticket such as OPS-123\"";
            return Err(at(self.hint.span().start, "the hint is empty", hint));
        }
        Ok(ReasonForm { pattern: self.pattern.into_inner(), hint: self.hint.into_inner() })
    }
}

const MOST_USES: u32 = 100;
const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;

impl BreakGlassTable {
    pub fn settings(self) -> Result<BreakGlassSettings, At> {
        let usual = BreakGlassSettings::default();
        let uses = match self.uses {
            None => usual.uses,
            Some(uses) if *uses.get_ref() <= MOST_USES => uses.into_inner(),
            Some(uses) => {
                let message = format!("{} uses are no budget", uses.get_ref());
                return Err(at(uses.span().start, message, "0 to 100; 0 forbids break-glass"));
            }
        };
        let per_s = match self.per {
            None => usual.per_s,
            Some(word) => seconds(word.get_ref())
                .filter(|s| (DAY..=366 * DAY).contains(s))
                .ok_or_else(|| no_time(&word, "of 1 to 366 days", "write \"7d\""))?,
        };
        Ok(BreakGlassSettings { uses, per_s })
    }
}

/// The longest that a gate stays passed.
const LONGEST_AGAIN: u32 = 8 * HOUR;

pub(super) fn again_after(word: &Spanned<String>) -> Result<u32, At> {
    seconds(word.get_ref())
        .filter(|s| (1..=LONGEST_AGAIN).contains(s))
        .ok_or_else(|| no_time(word, "up to 8 hours", "write \"15m\""))
}

fn no_time(word: &Spanned<String>, bounds: &str, hint: &str) -> At {
    at(word.span().start, format!("{:?} is no time {bounds}", word.get_ref()), hint)
}

fn milliseconds(word: &str) -> Option<u32> {
    match word.strip_suffix("ms") {
        Some(number) => number.trim().parse().ok(),
        None => word.strip_suffix('s')?.trim().parse::<u32>().ok()?.checked_mul(1000),
    }
}

/// `90s`, `15m`, `2h`, `7d`.
fn seconds(word: &str) -> Option<u32> {
    let unit = word.chars().next_back()?;
    let number: u32 = word.strip_suffix(unit)?.trim().parse().ok()?;
    number.checked_mul(match unit {
        's' => 1,
        'm' => 60,
        'h' => HOUR,
        'd' => DAY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::load::{File, everything};

    fn load(text: &str) -> crate::rules::load::Loaded {
        everything(&[File { shown: "policy.toml".into(), stem: "policy".into(), text: text.into() }])
    }

    #[test]
    fn what_gates_can_be_told_is_read() {
        let loaded = load(
            "[reason]\npattern = '^[A-Z]+-\\d+'\nhint = \"a ticket\"\n\n[break-glass]\nuses = 1\nper = \"14d\"\n\n\
             [[policy]]\nwhen = {}\nrequire = [\"reason\"]\nreason = { pattern = 'x', hint = \"an x\" }\nagain_after = \"15m\"\n",
        );
        assert_eq!(loaded.errors, []);
        assert_eq!(loaded.policies[0].again_s, Some(900));
        assert_eq!(loaded.policies[0].reason.as_ref().map(|r| r.hint.as_str()), Some("an x"));
        assert_eq!(loaded.reason.map(|r| r.pattern).as_deref(), Some("^[A-Z]+-\\d+"));
        assert_eq!(loaded.break_glass.map(|b| (b.uses, b.per_s)), Some((1, 14 * 86400)));
        let loaded = load("[totp]\nverifier = \"/run/v.sock\"\n");
        assert_eq!(loaded.totp.and_then(|t| t.verifier).as_deref(), Some("/run/v.sock"));
    }

    #[test]
    fn what_is_wrong_with_them_is_said_at_its_place() {
        let policy = "[[policy]]\nwhen = {}\nrequire = [\"confirm\", \"reason\"]\n";
        let only_deny = "[[policy]]\nwhen = {}\nrequire = [\"deny\", \"approval:sre\"]\n";
        for (text, wrong) in [
            (
                format!("{policy}reason = {{ pattern = '(', hint = \"x\" }}\n"),
                "policy.toml:4:22: pattern \"(\" is no",
            ),
            (
                format!("{policy}reason = {{ pattern = '(?=a)', hint = \"x\" }}\n"),
                "policy.toml:4:22: pattern",
            ),
            (
                format!("{policy}reason = {{ pattern = 'a', hint = \" \" }}\n"),
                "policy.toml:4:34: the hint is empty",
            ),
            (
                format!("{only_deny}reason = {{ pattern = 'a', hint = \"a\" }}\n"),
                "policy.toml:4:10: the policy asks for no reason",
            ),
            (format!("{only_deny}again_after = \"15m\"\n"), "policy.toml:4:15: nothing of this policy"),
            (format!("{policy}again_after = \"15\"\n"), "policy.toml:4:15: \"15\" is no time"),
            (format!("{policy}again_after = \"9h\"\n"), "policy.toml:4:15: \"9h\" is no time"),
            (format!("{policy}again_after = \"0s\"\n"), "policy.toml:4:15: \"0s\" is no time"),
            ("[break-glass]\nuses = 101\n".into(), "policy.toml:2:8: 101 uses"),
            (
                "[totp]\nverifier = \"v.sock\"\n".into(),
                "policy.toml:2:12: verifier \"v.sock\" is no absolute",
            ),
            ("[break-glass]\nper = \"1h\"\n".into(), "policy.toml:2:7: \"1h\" is no time"),
            (
                "[[policy]]\nwhen = {}\nrequire = [\"delay:0s\"]\n".into(),
                "policy.toml:3:11: unknown requirement",
            ),
        ] {
            let errors = load(&text).errors;
            assert_eq!(errors.len(), 1, "{text}: {errors:?}");
            assert!(errors[0].to_string().starts_with(wrong), "{text}: {}", errors[0]);
        }
    }
}
