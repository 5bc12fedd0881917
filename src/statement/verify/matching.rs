//! People to seats: the largest number of seats that can be filled when each person takes one. Must never count a
//! person twice, and never miss a way to fill the seats because groups overlap.

/// For each seat who takes it. `fits(person, seat)`; people who stand first are seated before others where both could
/// be. Augmenting paths (Kuhn); seats are few.
pub(super) fn seat(people: usize, seats: usize, fits: &dyn Fn(usize, usize) -> bool) -> Vec<Option<usize>> {
    let mut taken = vec![None; seats];
    for person in 0..people {
        place(person, fits, &mut taken, &mut vec![false; seats]);
    }
    taken
}

fn place(
    person: usize,
    fits: &dyn Fn(usize, usize) -> bool,
    taken: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for seat in 0..taken.len() {
        if tried[seat] || !fits(person, seat) {
            continue;
        }
        tried[seat] = true;
        let free = taken[seat].is_none_or(|other| place(other, fits, taken, tried));
        if free {
            taken[seat] = Some(person);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::seat;

    #[test]
    fn overlapping_groups_are_matched_not_counted() {
        // Seat 0: leads, seat 1: everybody. Person 0 is both; person 1 is no lead.
        let fits = |person: usize, seat: usize| person == 0 || seat == 1;
        assert_eq!(seat(2, 2, &fits), [Some(0), Some(1)]);
        // The same two the other way round: greedy seating would put the lead on the open seat.
        let fits = |person: usize, seat: usize| person == 0 || seat == 0;
        assert_eq!(seat(2, 2, &fits), [Some(1), Some(0)]);
        assert_eq!(seat(1, 2, &|_, _| true).iter().flatten().count(), 1, "one person, one seat");
        assert!(seat(3, 0, &|_, _| true).is_empty());
    }
}
