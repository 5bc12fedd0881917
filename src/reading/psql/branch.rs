//! psql's \if … \elif … \else … \endif, with conditions that may not be known.
//! Must never take a branch for dead unless its condition is known to be false.

/// Whether the text at hand runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    Yes,
    Maybe,
    No,
}

impl Live {
    fn and(self, other: Live) -> Live {
        match (self, other) {
            (Live::No, _) | (_, Live::No) => Live::No,
            (Live::Yes, Live::Yes) => Live::Yes,
            (Live::Maybe, Live::Yes | Live::Maybe) | (Live::Yes, Live::Maybe) => Live::Maybe,
        }
    }

    fn not(self) -> Live {
        match self {
            Live::Yes => Live::No,
            Live::Maybe => Live::Maybe,
            Live::No => Live::Yes,
        }
    }

    fn of(condition: Option<bool>) -> Live {
        match condition {
            Some(true) => Live::Yes,
            Some(false) => Live::No,
            None => Live::Maybe,
        }
    }
}

struct Level {
    parent: Live,
    /// Whether an earlier branch of this \if ran.
    taken: Live,
    now: Live,
}

/// The open \ifs of one file.
#[derive(Default)]
pub struct Branches {
    levels: Vec<Level>,
}

impl Branches {
    pub fn live(&self) -> Live {
        self.levels.last().map_or(Live::Yes, |level| level.now)
    }

    /// Whether the condition of an \elif would be looked at.
    pub fn evaluates_next(&self) -> bool {
        self.levels.last().is_some_and(|level| level.parent.and(level.taken.not()) != Live::No)
    }

    /// `None`: the condition is not known.
    pub fn begin(&mut self, condition: Option<bool>) {
        let (parent, own) = (self.live(), Live::of(condition));
        self.levels.push(Level { parent, taken: own, now: parent.and(own) });
    }

    pub fn next(&mut self, condition: Option<bool>) {
        if let Some(level) = self.levels.last_mut() {
            let own = Live::of(condition).and(level.taken.not());
            level.now = level.parent.and(own);
            level.taken = level.taken.not().and(own.not()).not();
        }
    }

    pub fn otherwise(&mut self) {
        self.next(Some(true));
    }

    pub fn end(&mut self) {
        self.levels.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::{Branches, Live};

    #[test]
    fn a_known_condition_kills_the_other_branch() {
        let mut b = Branches::default();
        b.begin(Some(false));
        assert_eq!(b.live(), Live::No);
        b.next(Some(true));
        assert_eq!(b.live(), Live::Yes);
        b.otherwise();
        assert_eq!(b.live(), Live::No);
        b.end();
        assert_eq!(b.live(), Live::Yes);
    }

    #[test]
    fn an_unknown_condition_leaves_both_possible() {
        let mut b = Branches::default();
        b.begin(None);
        assert_eq!(b.live(), Live::Maybe);
        b.begin(Some(false));
        assert_eq!(b.live(), Live::No);
        b.end();
        b.otherwise();
        assert_eq!(b.live(), Live::Maybe);
    }
}
