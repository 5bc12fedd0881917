//! Why it is done: a line that has to look as policy says. Must never take a reason that policy would not, also when it
//! is remembered.

use crate::rules::Verdict;
use crate::rules::pack::{Gate, ReasonForm};
use crate::text::redact;
use crate::tty::Check;
use regex_lite::Regex;

/// More than this nobody reads in a log.
const LONGEST: usize = 500;

/// Everything a reason has to look like.
#[derive(Debug)]
pub struct Forms {
    patterns: Vec<(Regex, String)>,
    /// Characters, at least.
    shortest: usize,
}

impl Forms {
    /// What the policies ask for that ask for a reason; `Err` with the pattern that is none.
    pub fn of(verdict: &Verdict) -> Result<Forms, String> {
        let all = verdict.commands.iter().flat_map(|j| &j.contributions);
        let asking = all.filter(|c| c.adds.contains(&Gate::Reason)).filter_map(|c| c.reason.as_ref());
        let mut forms: Vec<&ReasonForm> = Vec::new();
        for form in asking {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        let compiled = |form: &ReasonForm| {
            Regex::new(&form.pattern).map(|r| (r, form.hint.clone())).map_err(|_| form.pattern.clone())
        };
        Ok(Forms { patterns: forms.into_iter().map(compiled).collect::<Result<_, _>>()?, shortest: 1 })
    }

    /// The same, and so many characters at least.
    pub fn at_least(self, shortest: usize) -> Forms {
        Forms { shortest, ..self }
    }

    /// The words of the request.
    pub fn ask(&self) -> String {
        let mut hints: Vec<String> = self.patterns.iter().map(|(_, hint)| hint.clone()).collect();
        if self.shortest > 1 {
            hints.push(format!("{} characters or more", self.shortest));
        }
        if hints.is_empty() {
            return "why has this to be done".to_owned();
        }
        format!("why has this to be done ({})", hints.join(", and "))
    }

    pub fn check(&self, reason: &str) -> Check {
        let reason = reason.trim();
        let length = reason.chars().count();
        if reason.is_empty() {
            return Check::Unfit("a reason is needed".into());
        }
        if length > LONGEST {
            return Check::Unfit(format!("a reason has at most {LONGEST} characters"));
        }
        if length < self.shortest {
            return Check::Unfit(format!("{length} characters; {} are needed", self.shortest));
        }
        match self.patterns.iter().find(|(pattern, _)| !pattern.is_match(reason)) {
            Some((_, hint)) => Check::Wrong(format!("this is expected in it: {hint}")),
            None => Check::Right,
        }
    }

    pub fn fits(&self, reason: &str) -> bool {
        self.check(reason) == Check::Right
    }

    /// What to offer the next time: the part a pattern is about, else all of it. `None` where it may hold a secret.
    pub fn to_remember(&self, reason: &str) -> Option<String> {
        let ticket = self.patterns.first().and_then(|(pattern, _)| pattern.find(reason));
        let kept = ticket.map_or(reason, |found| found.as_str()).trim();
        let telling = redact::text_for_people(kept) != kept || kept.is_empty();
        (!telling).then(|| kept.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Check, Forms, Regex};

    fn forms(patterns: &[&str]) -> Forms {
        let compiled = |p: &&str| (Regex::new(p).expect("a pattern"), format!("like {p}"));
        Forms { patterns: patterns.iter().map(compiled).collect(), shortest: 1 }
    }

    #[test]
    fn every_pattern_must_be_found() {
        let both = forms(&["^[A-Z]+-\\d+", "because"]);
        assert_eq!(both.check("OPS-12 because of it"), Check::Right);
        assert_eq!(both.check("OPS-12"), Check::Wrong("this is expected in it: like because".into()));
        assert!(!both.fits("see OPS-12 because"));
        assert_eq!(both.to_remember("OPS-12 because of it").as_deref(), Some("OPS-12"));
    }

    #[test]
    fn what_is_no_reason_costs_no_attempt() {
        let any = forms(&[]);
        assert!(matches!(any.check("  "), Check::Unfit(_)));
        assert!(matches!(any.check(&"x".repeat(501)), Check::Unfit(_)));
        assert!(any.fits("x") && !forms(&[]).at_least(20).fits("nineteen characters"));
        assert!(forms(&[]).at_least(20).fits("twenty characters or"));
        assert_eq!(any.to_remember("password=hunter2hunter2"), None);
    }
}
