//! The very things a question was about: what stands behind each path, and how much there is of it. Must never call a thing
//! the same because it cannot be seen.

use crate::preview::Preview;
use crate::rules::{Count, Judged, Verdict};
use crate::targets::{Identity, identities};
use serde::{Deserialize, Serialize};

/// Paths of this machine with what stands there.
pub type Things = Vec<(String, Option<Identity>)>;

/// What the commands of a verdict are about now.
pub fn things(verdict: &Verdict) -> Things {
    verdict.commands.iter().flat_map(things_of).collect()
}

/// What one of them is about; nothing for what runs in another place, which cannot be seen from here.
pub fn things_of(judged: &Judged) -> Things {
    let here = judged.command.invocation.place().is_none();
    let targets = judged.targets().filter(|_| here);
    let all = targets.into_iter().flat_map(identities);
    all.map(|(path, identity)| (path.to_owned(), identity)).collect()
}

/// In words, what of `before` is another thing now.
pub fn replaced(before: &Things, now: &Things) -> Option<String> {
    let gone =
        before.iter().find(|thing| !now.contains(thing)).or_else(|| now.iter().find(|t| !before.contains(t)));
    gone.map(|(path, _)| format!("{} was replaced", crate::text::show(path)))
}

/// How much one command hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    Counted(u64),
    /// Nobody could say.
    Uncounted,
    /// More than the look counts to.
    Beyond,
}

/// The commands of a line that are counted, by their place in it.
pub type Sizes = Vec<(usize, Size)>;

/// What a look has found by now.
pub fn sizes(preview: &Preview) -> Sizes {
    let size = |at: usize, count: Count| {
        Some((
            at,
            match (preview.outcome(at)?, count) {
                (Ok(_), Count::Exactly(n) | Count::About(n)) => Size::Counted(n),
                (Ok(_), Count::AtLeast(_)) => Size::Beyond,
                (Ok(_), Count::Unknown) | (Err(_), _) => Size::Uncounted,
            },
        ))
    };
    preview.counts().into_iter().filter_map(|(at, count)| size(at, count)).collect()
}

/// Whether there is no more now than there was.
pub fn no_more(before: &Sizes, now: &Sizes) -> bool {
    before.len() == now.len()
        && before.iter().zip(now).all(|(before, now)| {
            before.0 == now.0
                && match (before.1, now.1) {
                    (Size::Counted(before), Size::Counted(now)) => now <= before,
                    (Size::Uncounted, Size::Uncounted) => true,
                    (Size::Counted(_) | Size::Uncounted | Size::Beyond, _) => false,
                }
        })
}

#[cfg(test)]
mod tests {
    use super::{Size, no_more, replaced};

    #[test]
    fn no_more_is_only_what_is_known() {
        let counted = |n| vec![(0, Size::Counted(n))];
        assert!(no_more(&counted(3), &counted(3)) && no_more(&counted(3), &counted(2)));
        assert!(!no_more(&counted(3), &counted(4)));
        let (unknown, beyond) = (vec![(0, Size::Uncounted)], vec![(0, Size::Beyond)]);
        assert!(no_more(&unknown, &unknown) && no_more(&vec![], &vec![]));
        for (before, now) in [(&unknown, &counted(0)), (&counted(9), &unknown), (&beyond, &beyond)] {
            assert!(!no_more(before, now), "{before:?} {now:?}");
        }
        assert!(!no_more(&counted(3), &vec![(1, Size::Counted(3))]) && !no_more(&vec![], &counted(1)));
    }

    #[test]
    fn a_thing_is_its_inode() {
        let before = vec![("/a".to_owned(), Some((1, 2)))];
        assert_eq!(replaced(&before, &before), None);
        let now = vec![("/a".to_owned(), Some((1, 3)))];
        assert_eq!(replaced(&before, &now).as_deref(), Some("/a was replaced"));
        assert!(replaced(&before, &vec![]).is_some() && replaced(&vec![], &before).is_some());
    }
}
