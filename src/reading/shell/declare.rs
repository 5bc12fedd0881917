//! `export`, `declare`, `local`, `readonly`: variables and their attributes.
//! Must never export a variable with a value that it does not have.

use super::run::{Io, Shell};
use super::simple::Words;
use super::state::{Outcome, State, Value, Variable};

impl Shell<'_> {
    /// Assignments among the words were made while they were read; these are the names and options.
    pub fn declare(&mut self, name: &str, words: &Words, mut state: State, io: &Io) -> Outcome {
        let mut exports = (name == "export").then_some(true);
        let mut odd = false;
        for at in 1..words.words.len() {
            let Some(word) = words.known(at) else {
                self.unsure("a variable to set that is not known");
                return Outcome::either(state);
            };
            let word = String::from_utf8_lossy(word).into_owned();
            match word.as_bytes() {
                [b'-', letters @ ..] => {
                    if letters.contains(&b'x') {
                        exports = Some(true);
                    }
                    if name == "export" && letters.contains(&b'n') {
                        exports = Some(false);
                    }
                    // Integer, case and reference attributes change what an assignment means.
                    odd |= letters.iter().any(|b| b"nilucA".contains(b)) && name != "export";
                    if letters.contains(&b'g') {
                        self.unsure("a function that sets a variable outside of it");
                    }
                    if letters.contains(&b'p') && words.words.len() == 2 {
                        self.print(io, None);
                    }
                }
                [b'+', b'x', ..] => exports = Some(false),
                _ => {
                    if word.contains('=') {
                        self.localise(name, word.split('=').next().unwrap_or_default(), &state);
                    }
                    self.declared(&word, exports, odd, &mut state);
                }
            }
        }
        Outcome::either(state)
    }

    fn declared(&mut self, word: &str, exports: Option<bool>, odd: bool, state: &mut State) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(Value::Text(value.as_bytes().to_vec()))),
            None => (word, None),
        };
        if let Some(value) = value {
            self.assign(state, name, value);
        }
        self.named(name.as_bytes());
        if odd {
            self.evaluated(name, state, 0);
            self.assign(state, name, Value::Unknown(format!("${name} has attributes")));
        }
        if let Some(exported) = exports {
            let value = self.variable(state, name);
            state.variables.insert(name.to_owned(), Variable { value, exported });
        }
    }
}
