//! A new second factor: a secret that counts only once a code of it was typed. Must never replace an enrolment that was
//! not proven with a code, and must never be half there: the record comes last.

use super::memory::{Memory, Now};
use super::otp::{Parameters, base32};
use super::record::{Custody, Record};
use super::recovery;
use super::store::Store;
use super::typed::Malformed;
use super::{Accepted, Factor, FactorError, Journal, Typed};
use crate::audit::{Act, FactorChange};
use crate::keys::vault::Seed;
use crate::keys::{encode_url, random};
use crate::sys::memory;
use std::path::Path;
use zeroize::Zeroizing;

/// A secret that nobody relies on yet.
#[derive(Debug)]
pub struct Enrolment {
    id: String,
    parameters: Parameters,
    secret: Seed,
}

/// A code of the new secret was typed.
#[derive(Debug)]
pub struct Confirmed {
    enrolment: Enrolment,
    step: u64,
}

/// What a typed code was.
#[derive(Debug)]
pub enum Tried {
    Right(u64),
    Wrong,
    Malformed(Malformed),
}

/// Which enrolment the new one replaces.
#[derive(Debug)]
pub enum Replaces {
    Nothing,
    /// The one whose code was just accepted.
    Old(Factor, Accepted),
}

impl Replaces {
    fn act(&self) -> Act {
        match self {
            Replaces::Nothing => Act::Enrolled,
            Replaces::Old(..) => Act::Rotated,
        }
    }

    fn proof(&self) -> Option<&'static str> {
        match self {
            Replaces::Nothing => None,
            Replaces::Old(_, accepted) => Some(accepted.method()),
        }
    }
}

impl Enrolment {
    pub fn begin(parameters: Parameters) -> Result<Enrolment, FactorError> {
        memory::forbid_dumps();
        let id = random::<9>().map_err(|_| FactorError::NoRandomness)?;
        let secret =
            Seed::random(parameters.algorithm.secret_length()).map_err(|_| FactorError::NoRandomness)?;
        Ok(Enrolment { id: encode_url(&id), parameters, secret })
    }

    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// For the picture.
    pub fn uri(&self) -> Zeroizing<String> {
        self.parameters.uri(&self.secret)
    }

    /// For typing it into an app: groups of four.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let plain = base32(self.secret.expose());
        let mut text = Zeroizing::new(String::with_capacity(plain.len() * 2));
        for (at, c) in plain.char_indices() {
            if at > 0 && at % 4 == 0 {
                text.push(' ');
            }
            text.push(c);
        }
        text
    }

    /// Whether this is a code of the new secret now.
    pub fn try_code(&self, typed: &str, now: &Now) -> Tried {
        match Typed::read(typed, self.parameters.digits) {
            Err(why) => Tried::Malformed(why),
            Ok(Typed::Code(code)) => {
                let step = self.parameters.matched_step(&self.secret, &code, now.seconds());
                step.map_or(Tried::Wrong, Tried::Right)
            }
            Ok(Typed::Recovery(_)) => Tried::Wrong,
        }
    }

    /// Goes on with the step that `try_code` gave.
    pub fn confirmed(self, step: u64) -> Confirmed {
        Confirmed { enrolment: self, step }
    }
}

impl Confirmed {
    /// Puts it away, and gives the recovery codes: they exist nowhere else. The code that confirmed it is used up.
    pub fn finish(
        &self,
        state: &Path,
        custody: Custody,
        passphrase: &str,
        replaces: &Replaces,
        journal: &Journal,
    ) -> Result<Vec<Zeroizing<String>>, FactorError> {
        let Enrolment { id, parameters, secret } = &self.enrolment;
        let codes = recovery::generate(id).map_err(|_| FactorError::NoRandomness)?;
        let store = Store::prepare(state)?;
        let _lock = store.lock()?;
        let old = store.record()?;
        match (&old, replaces) {
            (None, Replaces::Nothing) => {}
            (Some(_), Replaces::Nothing) => return Err(FactorError::Enrolled),
            (Some(old), Replaces::Old(factor, _)) if Some(old.id.as_str()) == factor.own_id() => {}
            (Some(_) | None, Replaces::Old(..)) => return Err(FactorError::Changed),
        }
        // A keyring that does not take it is no change: only what will be there is recorded.
        store.keep(id, custody, secret, passphrase)?;
        let now = Now::read();
        let record = Record {
            id: id.clone(),
            parameters: parameters.clone(),
            custody,
            created: now.real,
            recovery: codes.hashes,
            memory: Memory { last_step: self.step, seen: now, ..Memory::default() },
        };
        let change = FactorChange {
            act: replaces.act(),
            custody: custody.word(),
            proof: replaces.proof(),
            whose: None,
        };
        if let Err(error) = journal.around(change, || store.write(&record)) {
            // The secret belongs to nothing.
            let _ = store.forget(&record);
            return Err(error);
        }
        if let Some(old) = old {
            // The old secret opens nothing any more; what cannot be taken away now is only litter.
            let _ = store.forget(&old);
        }
        Ok(codes.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::{Enrolment, Tried};
    use crate::gates::totp::{Algorithm, Custody, Factor, Journal, Now, Parameters, Replaces, Typed};
    use crate::keys::vault::Seed;
    use crate::settings::Dirs;
    use std::path::Path;

    fn begin() -> Enrolment {
        let (issuer, account) = ("guard".to_owned(), "me".to_owned());
        Enrolment::begin(Parameters { algorithm: Algorithm::Sha1, digits: 6, issuer, account })
            .expect("random")
    }

    fn shows(text: &str, secret: &Seed) -> bool {
        let base32 = super::base32(secret.expose());
        let numbers = format!("{:?}", &secret.expose()[..4]);
        text.contains(base32.as_str()) || text.contains(numbers.trim_matches(['[', ']']))
    }

    fn scratch(name: &str, work: impl FnOnce(&Path, &Journal)) {
        let path = std::env::temp_dir().join(format!("guard-enrol-{name}-{}", std::process::id()));
        let dirs = Dirs { config: path.join("c"), state: path.clone(), cache: path.join("x") };
        let (journal, _) = Journal::open(&dirs, None).expect("a log");
        work(&path, &journal);
        let _ = std::fs::remove_dir_all(path);
    }

    #[test]
    fn no_type_shows_a_secret_or_a_code() {
        let enrolment = begin();
        let secret = enrolment.secret.clone();
        assert!(!shows(&format!("{enrolment:?}"), &secret));
        let code = enrolment.parameters.code_at(&secret, Now::read().seconds()).expect("long enough");
        let tried = enrolment.try_code(&code, &Now::read());
        assert!(matches!(tried, Tried::Right(_)) && !format!("{tried:?}").contains(code.as_str()));
        let confirmed = enrolment.confirmed(1);
        assert!(!shows(&format!("{confirmed:?}"), &secret));
        scratch("debug", |state, journal| {
            let shown =
                confirmed.finish(state, Custody::Managed, "", &Replaces::Nothing, journal).expect("stored");
            let mut factor = Factor::below(state).expect("whole").expect("enrolled");
            let _ = factor.ask().expect("a plain secret");
            assert!(
                !shows(&format!("{factor:?}"), &secret) && format!("{factor:?}").contains("Seed(not shown)")
            );
            let accepted = factor.check(&shown[0]).expect("right");
            let typed = Typed::read(&shown[1], 6).expect("well-formed");
            let all = format!("{factor:?} {accepted:?} {typed:?} {:?}", factor.check("000000"));
            assert!(shown.iter().all(|code| !all.contains(code.as_str())), "{all}");
        });
    }

    #[test]
    fn nothing_is_replaced_without_a_code_of_it() {
        scratch("replace", |state, journal| {
            let first = begin().confirmed(1);
            let codes =
                first.finish(state, Custody::Managed, "", &Replaces::Nothing, journal).expect("stored");
            let second =
                begin().confirmed(1).finish(state, Custody::Managed, "", &Replaces::Nothing, journal);
            assert!(second.is_err());
            let mut old = Factor::below(state).expect("whole").expect("enrolled");
            let accepted = old.check(&codes[0]).expect("right");
            let replaces = Replaces::Old(old, accepted);
            let _ = begin()
                .confirmed(1)
                .finish(state, Custody::Managed, "", &replaces, journal)
                .expect("replaced");
            // The same proof replaces nothing a second time.
            assert!(begin().confirmed(1).finish(state, Custody::Managed, "", &replaces, journal).is_err());
        });
    }
}
