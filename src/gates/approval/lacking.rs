//! What a request still lacks, in words: how many approve, who is missing; and the numbers for answers that come as text.
//! Must never be what a decision rests on.

use crate::statement::{Filled, Hash, MatchKey, Needs, Roster, eligible};
use crate::text::show_line;
use std::collections::BTreeMap;

/// Names in a row.
const NAMES: usize = 160;

/// Seats that are taken, and the groups of those that are free.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    pub filled: Vec<Filled>,
    pub missing: Vec<String>,
}

impl Lacking {
    /// `1 of 2 approve (bob); 1 more of sre has to: carol, dora, eli can`.
    pub fn words(&self, roster: &Roster, needs: &Needs, requester: &str, at: u64) -> String {
        let (count, all) = (self.filled.len(), self.filled.len() + self.missing.len());
        let can = eligible(roster, needs, requester, at);
        let free = |person: &&&str| !self.filled.iter().any(|seat| seat.person == **person);
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        self.missing.iter().for_each(|group| *groups.entry(group).or_default() += 1);
        let group = |(group, number): (&&str, &usize)| {
            let people: Vec<&str> =
                can.iter().filter(free).copied().filter(|p| roster.in_group(p, group, at)).collect();
            let (group, more) = (show_line(group, 40), if count > 0 { " more" } else { "" });
            let verb = if *number == 1 { "has" } else { "have" };
            let people = match people.is_empty() {
                true => "nobody can".to_owned(),
                false => format!("{} can", show_line(people.join(", "), NAMES)),
            };
            format!("{number}{more} of {group} {verb} to: {people}")
        };
        let missing: Vec<String> = groups.iter().map(group).collect();
        format!("{}; {}", self.progress(count, all), missing.join("; "))
    }

    /// `1 of 2 approve (bob)`.
    fn progress(&self, count: usize, all: usize) -> String {
        let names: Vec<&str> = self.filled.iter().map(|seat| seat.person.as_str()).collect();
        let names = if names.is_empty() {
            String::new()
        } else {
            format!(" ({})", show_line(names.join(", "), NAMES))
        };
        let verb = if count == 1 { "approves" } else { "approve" };
        format!("{count} of {all} {verb}{names}")
    }

    /// The free seats, for a row: `1 of sre`, `1 more of sre`.
    pub fn seats(&self) -> String {
        let mut groups: Vec<(&str, usize)> = Vec::new();
        for group in &self.missing {
            match groups.iter_mut().find(|(known, _)| *known == group.as_str()) {
                Some((_, number)) => *number += 1,
                None => groups.push((group, 1)),
            }
        }
        let more = if self.filled.is_empty() { "" } else { " more" };
        let seats = groups.iter().map(|(group, number)| format!("{number}{more} of {group}"));
        seats.collect::<Vec<_>>().join(", ")
    }
}

/// Whoever answers by text cannot be seen looking: each person's number stands here beforehand. `None`: there are none.
pub fn numbers<'p>(
    people: impl IntoIterator<Item = &'p str>,
    key: Option<&MatchKey>,
    request: &Hash,
) -> Option<String> {
    let key = key?;
    let number = |person: &str| format!("{} {}", show_line(person, 40), key.code(request, person));
    let all: Vec<String> = people.into_iter().map(number).collect();
    (!all.is_empty()).then(|| format!("the numbers, for answers that come as text: {}", all.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::Severity;
    use crate::statement::world::{NOW, World, needs};

    #[test]
    fn it_says_how_many_approve_and_who_else_can() {
        let world = World::new();
        let needs = needs(&[("sre", 2)], Severity::High);
        let seat = Filled { group: "sre".to_owned(), person: "bob".to_owned() };
        let one = Lacking { filled: vec![seat], missing: vec!["sre".to_owned()] };
        let words = one.words(&world.roster, &needs, "alice", NOW);
        assert!(words.starts_with("1 of 2 approves (bob); 1 more of sre has to: "), "{words}");
        assert!(words.contains("carol") && !words.contains("alice"), "{words}");
        assert_eq!(one.seats(), "1 more of sre");
        let none = Lacking { filled: Vec::new(), missing: vec!["sre".to_owned(), "sre".to_owned()] };
        assert!(
            none.words(&world.roster, &needs, "alice", NOW).starts_with("0 of 2 approve; 2 of sre have to: ")
        );
        assert_eq!(none.seats(), "2 of sre");
    }
}
