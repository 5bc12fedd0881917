//! Bearers: who proved a roster key by signing a challenge may use the team's mailbox for fifteen minutes. Nothing
//! is kept: challenge and bearer carry their own proof. A bearer must never count once its key left the roster.

use super::mail::{Proof, Roster};
use crate::keys::{Secret, decode_url, encode_url, keyed_hash};

/// Seconds that a bearer counts.
pub const BEARER: i64 = 900;
/// Seconds in which a challenge can be answered.
pub const CHALLENGE: i64 = 60;
const FORM: &str = "guard-relay-v1";

/// Whoever holds a bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub team: String,
    pub kid: String,
    pub exp: i64,
}

/// Makes and checks challenges and bearers with a key that all instances share.
pub struct Auth {
    key: Secret,
    /// This relay's address; a challenge that another relay asked for has another.
    url: String,
}

impl Auth {
    pub fn new(key: [u8; 32], url: &str) -> Auth {
        Auth { key: Secret::from_bytes(key), url: url.to_owned() }
    }

    /// The text to sign: form, address, team, key, end of time, random bytes, proof that it is ours.
    pub fn challenge(&self, team: &str, kid: &str, now: i64, random: [u8; 16]) -> String {
        let body =
            format!("{FORM}\n{}\n{team}\n{kid}\n{}\n{}\n", self.url, now + CHALLENGE, encode_url(&random));
        let proof = self.proof("challenge", &body);
        format!("{body}{proof}\n")
    }

    /// A bearer for whoever signed one of our challenges.
    pub fn token(&self, roster: &Roster, challenge: &str, signed: &Proof, now: i64) -> Option<(String, i64)> {
        let (body, proof) = challenge.strip_suffix('\n')?.rsplit_once('\n')?;
        let body = format!("{body}\n");
        if !same(proof, &self.proof("challenge", &body)) {
            return None;
        }
        let parts: Vec<&str> = body.lines().collect();
        let [FORM, url, team, kid, end, _] = parts.as_slice() else { return None };
        let in_time = end.parse::<i64>().is_ok_and(|end| end >= now);
        let ours = *url == self.url && *team == roster.team() && in_time;
        if !ours || roster.person(kid, now).is_none() {
            return None;
        }
        if !roster.signed_challenge(kid, challenge, signed) {
            return None;
        }
        let exp = now + BEARER;
        let body = format!("{team}\n{kid}\n{exp}");
        Some((format!("{}.{}", encode_url(body.as_bytes()), self.proof("bearer", &body)), exp))
    }

    /// The team that a challenge is for, unproved: to know whose roster to ask.
    pub fn team_of(challenge: &str) -> Option<&str> {
        challenge.lines().nth(2)
    }

    /// Reads a bearer; the caller asks the roster whether its key still counts.
    pub fn bearer(&self, token: &str, now: i64) -> Option<Bearer> {
        let (body, proof) = token.split_once('.')?;
        let body = String::from_utf8(decode_url(body)?).ok()?;
        if !same(proof, &self.proof("bearer", &body)) {
            return None;
        }
        let parts: Vec<&str> = body.split('\n').collect();
        let [team, kid, exp] = parts.as_slice() else { return None };
        let exp = exp.parse().ok().filter(|exp| *exp > now)?;
        Some(Bearer { team: (*team).to_owned(), kid: (*kid).to_owned(), exp })
    }

    fn proof(&self, what: &str, body: &str) -> String {
        encode_url(&keyed_hash(&self.key, &[what.as_bytes(), b"\0", body.as_bytes()]))
    }
}

/// Compares without telling by time where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_ends_and_cannot_be_made_elsewhere() {
        let auth = Auth::new([1; 32], "http://127.0.0.1:1");
        let body = "t\nSHA256:k\n1000";
        let token = format!("{}.{}", encode_url(body.as_bytes()), auth.proof("bearer", body));
        assert_eq!(auth.bearer(&token, 999).map(|b| b.kid), Some("SHA256:k".to_owned()));
        assert_eq!(auth.bearer(&token, 1000), None);
        assert_eq!(Auth::new([2; 32], "http://127.0.0.1:1").bearer(&token, 1), None);
        // A challenge is no bearer, although the same key proves it.
        let challenge = format!("{}.{}", encode_url(body.as_bytes()), auth.proof("challenge", body));
        assert_eq!(auth.bearer(&challenge, 1), None);
    }
}
