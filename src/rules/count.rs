//! How much a command would hit, as far as it is known, against what a policy asks: `count = "> 50"`.
//! Must never let a policy pass for want of a number: what is not known counts as many.

use serde::{Deserialize, Serialize};

/// How many things a command hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Count {
    Exactly(u64),
    /// An estimate, of a query planner say.
    About(u64),
    /// The look stopped before it had seen everything.
    AtLeast(u64),
    /// Nobody looked, or the look failed.
    #[default]
    Unknown,
}

/// The policy holds for more than this many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreThan(pub u64);

impl MoreThan {
    /// `> 50` or `>= 50`. Nothing else: a bound from above would hold less often the less is known.
    pub fn parse(text: &str) -> Option<MoreThan> {
        let rest = text.trim().strip_prefix('>')?;
        match rest.strip_prefix('=') {
            Some(number) => number.trim().parse::<u64>().ok()?.checked_sub(1).map(MoreThan),
            None => rest.trim().parse().ok().map(MoreThan),
        }
    }

    pub fn holds(self, count: Count) -> bool {
        match count {
            Count::Exactly(n) | Count::About(n) => n > self.0,
            Count::AtLeast(_) | Count::Unknown => true,
        }
    }
}

impl std::fmt::Display for MoreThan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "> {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, MoreThan};

    #[test]
    fn only_bounds_from_below_are_taken() {
        assert_eq!(MoreThan::parse("> 50"), Some(MoreThan(50)));
        assert_eq!(MoreThan::parse(">=50"), Some(MoreThan(49)));
        for wrong in ["50", "< 50", "= 50", ">= 0", "> many", "> -1", ">> 5", ""] {
            assert_eq!(MoreThan::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_known_counts_as_many() {
        let fifty = MoreThan(50);
        assert!(fifty.holds(Count::Unknown) && fifty.holds(Count::AtLeast(3)));
        assert!(fifty.holds(Count::Exactly(51)) && !fifty.holds(Count::Exactly(50)));
        assert!(fifty.holds(Count::About(51)) && !fifty.holds(Count::About(50)));
    }
}
