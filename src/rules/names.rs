//! Whether a name carries an environment's word: `prod` in `prod-eu`, `eu.prod.acme`, `acme_prod`, `prod1`,
//! not in `products`, `nonprod`, `non-prod`, `preprod`.

/// Whether one of `words` stands as a whole segment of `name` without a negation right before it.
/// Segments are cut at everything that is not a letter, and where a lower-case letter meets an upper-case one.
pub fn carries(name: &str, words: &[String], negations: &[String]) -> bool {
    let mut before = String::new();
    for segment in segments(name) {
        let segment = segment.to_lowercase();
        if words.contains(&segment) && !negations.contains(&before) {
            return true;
        }
        before = segment;
    }
    false
}

fn segments(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphabetic());
        if rest.is_empty() {
            return None;
        }
        let mut previous_lower = false;
        let end = rest
            .char_indices()
            .find(|(_, c)| {
                let cut = !c.is_alphabetic() || (previous_lower && c.is_uppercase());
                previous_lower = c.is_lowercase();
                cut
            })
            .map_or(rest.len(), |(i, _)| i);
        let (segment, tail) = rest.split_at(end);
        rest = tail;
        Some(segment)
    })
}

#[cfg(test)]
mod tests {
    use super::carries;

    #[test]
    fn production_words_are_segments() {
        let words = ["prod", "production", "prd", "live"].map(String::from);
        let negations = ["non", "pre", "not"].map(String::from);
        for yes in [
            "prod-eu",
            "eu.prod.acme",
            "prod1",
            "acme_prod",
            "PROD",
            "euProd",
            "https://api.live.example:6443",
            "arn:aws:eks:eu:1:cluster/prod",
            "db-prd-01",
            "prod",
        ] {
            assert!(carries(yes, &words, &negations), "{yes}");
        }
        for no in [
            "products",
            "nonprod",
            "non-prod",
            "preprod",
            "pre-prod",
            "livedocs",
            "pre.production",
            "staging",
            "",
            "delivery",
            "reproduction",
        ] {
            assert!(!carries(no, &words, &negations), "{no}");
        }
    }
}
