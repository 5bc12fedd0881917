//! How far this machine's clock and the relay's are apart, by the Date of an answer. A hint for people, on a relay's word; must
//! never be part of a decision.

use crate::statement::SKEW;

/// Seconds that this machine is ahead of the relay; below zero it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart(i64);

impl Apart {
    /// `None` where the two agree well enough, or the date is none.
    pub(super) fn of(date: &str, now: u64) -> Option<Apart> {
        let apart = i64::try_from(now).ok()?.checked_sub(seconds(date)?)?;
        (apart.unsigned_abs() > SKEW).then_some(Apart(apart))
    }

    /// `this machine's clock is 10 minutes behind the relay's`.
    pub fn words(self) -> String {
        let far = match self.0.unsigned_abs() {
            seconds @ 0..180 => format!("{seconds} seconds"),
            seconds @ 180..10_800 => format!("{} minutes", (seconds + 30) / 60),
            seconds => format!("{} hours", (seconds + 1800) / 3600),
        };
        let side = if self.0 > 0 { "ahead of" } else { "behind" };
        format!("this machine's clock is {far} {side} the relay's")
    }
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn seconds(date: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = date.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = words[..] else { return None };
    let number = |text: &str, most: i64| text.parse::<i64>().ok().filter(|n| (0..=most).contains(n));
    let month = MONTHS.find(month).filter(|at| at % 3 == 0 && month.len() == 3)?;
    let month = i64::try_from(month / 3).ok()? + 1;
    let (day, year) = (number(day, 31)?, number(year, 9999)?);
    let parts: Vec<&str> = time.split(':').collect();
    let [hour, minute, second] = parts[..] else { return None };
    // Days from civil (H. Hinnant): the year begins in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1;
    let clock = number(hour, 23)? * 3600 + number(minute, 59)? * 60 + number(second, 60)?;
    Some((days - 719_468) * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::{Apart, seconds};

    #[test]
    fn dates_of_answers_are_read() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        for no in
            ["", "yesterday", "Sun, 06 ovN 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "a b c d e f"]
        {
            assert_eq!(seconds(no), None, "{no}");
        }
    }

    #[test]
    fn the_clock_that_differs_is_named_in_words() {
        let at = |now| Apart::of("Sun, 06 Nov 1994 08:49:37 GMT", now).map(Apart::words);
        assert_eq!(at(784_111_777), None);
        assert_eq!(at(784_111_777 + 120), None);
        assert_eq!(
            at(784_111_777 - 600).as_deref(),
            Some("this machine's clock is 10 minutes behind the relay's")
        );
        assert_eq!(
            at(784_111_777 + 7200).as_deref(),
            Some("this machine's clock is 120 minutes ahead of the relay's")
        );
        assert_eq!(at(0).map(|words| words.contains("hours behind")), Some(true));
    }
}
