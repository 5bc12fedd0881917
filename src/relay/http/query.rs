//! The few parameters behind a question mark. Unknown ones are ignored, wrong values are said.

use super::problem::Problem;

pub struct Query<'a>(Option<&'a str>);

impl<'a> Query<'a> {
    pub fn of(uri: &'a axum::http::Uri) -> Query<'a> {
        Query(uri.query())
    }

    /// As it stands; no value here needs escapes.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let pairs = self.0?.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
    }

    /// A whole number from 0 to `largest`, 0 when it is not there.
    pub fn number(&self, name: &'static str, largest: i64) -> Result<i64, Problem> {
        let Some(text) = self.text(name) else { return Ok(0) };
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|n| digits && *n <= largest);
        number.ok_or_else(|| Problem::bad(format!("{name} is not a whole number up to {largest}")))
    }
}
