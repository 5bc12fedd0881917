//! Expansion of words: tilde, parameters, substitutions, splitting, pathnames, in bash's order (manual, 3.5).
//! Must never pass off a guess as a word: what is not known leaves its source text and a doubt.

use super::super::pattern::{Letter, Pattern};
use super::run::{Io, Shell};
use super::state::{State, Value, Variable};
use super::word::{Context, Part, parts};
use super::{braces, glob, grammar, tame};
use crate::invocation::Stdin;
use crate::sys::who;
use std::os::unix::ffi::OsStrExt;

/// The bytes that one word may become.
const LARGEST_WORD: usize = 1 << 18;

/// Fields under construction.
#[derive(Default)]
pub struct Builder {
    pub fields: Vec<Vec<Letter>>,
    /// The last field goes on.
    open: bool,
    /// Bytes taken so far.
    size: usize,
    pub doubt: Option<String>,
}

impl Builder {
    pub fn append(&mut self, bytes: &[u8], quoted: bool) {
        if !self.open {
            self.fields.push(Vec::new());
            self.open = true;
        }
        self.size += bytes.len();
        if self.size > LARGEST_WORD {
            self.doubt.get_or_insert_with(|| "a word that is too large".into());
            return;
        }
        if let Some(field) = self.fields.last_mut() {
            field.extend(bytes.iter().map(|b| (*b, quoted)));
        }
    }

    /// Whether the word has letters already.
    pub fn has_begun(&self) -> bool {
        self.open && self.fields.last().is_some_and(|field| !field.is_empty())
    }

    pub fn doubt(&mut self, shown: &str, why: String) {
        self.append(shown.as_bytes(), true);
        // Of several reasons the one that says least about the words stays.
        let rank = |why: &str| match why {
            tame::NUMBER => 0,
            tame::WHY => 1,
            why if tame::is_unset(why) => 2,
            _ => 3,
        };
        if self.doubt.as_ref().is_none_or(|known| rank(known) < rank(&why)) {
            self.doubt = Some(why);
        }
    }

    /// An unquoted value: split at IFS.
    pub fn split(&mut self, bytes: &[u8], ifs: &[u8]) {
        let mut delimited = !self.open;
        for byte in bytes {
            if !ifs.contains(byte) {
                self.append(&[*byte], false);
                delimited = false;
            } else if b" \t\n".contains(byte) {
                self.open = false;
            } else {
                if delimited && !self.open {
                    self.append(b"", false);
                }
                self.open = false;
                delimited = true;
            }
        }
    }

    /// `"$@"`: the first goes on the field before, the last is gone on with.
    pub fn list(&mut self, items: &[Vec<u8>], ifs: Option<&[u8]>) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.open = false;
            }
            match ifs {
                Some(ifs) => self.split(item, ifs),
                None => self.append(item, true),
            }
        }
    }
}

impl Shell<'_> {
    /// The fields a word becomes.
    pub fn fields(&mut self, raw: &str, state: &mut State) -> (Vec<Vec<u8>>, Option<String>) {
        if grammar::is_tangled(raw) {
            self.unsure("a word that nests too much");
            return (vec![raw.as_bytes().to_vec()], Some("a word that nests too much".into()));
        }
        let words = match braces::expand(raw) {
            Ok(words) if words.len() == 1 || self.bash => words,
            Ok(_) => {
                return (vec![raw.as_bytes().to_vec()], Some("braces, which not every sh expands".into()));
            }
            Err(why) => return (vec![raw.as_bytes().to_vec()], Some(why)),
        };
        let mut out = Builder::default();
        for word in words {
            out.open = false;
            self.expand(&word, Context::Word, state, &mut out);
        }
        let mut fields = Vec::new();
        for field in std::mem::take(&mut out.fields) {
            match self.pathnames(&field, state) {
                Ok(paths) => fields.extend(paths),
                Err(why) => {
                    fields.push(plain(&field));
                    out.doubt.get_or_insert(why);
                }
            }
        }
        (fields, out.doubt)
    }

    fn pathnames(&self, field: &[Letter], state: &State) -> Result<Vec<Vec<u8>>, String> {
        // In another place the pattern itself is all that is known of the paths.
        if !glob::is_pattern(field) || state.options.no_glob || self.base.place().is_some() {
            return Ok(vec![plain(field)]);
        }
        if state.options.odd_glob {
            return Err("a pattern under options that guard does not know".into());
        }
        if self.base.place().is_some() {
            // What it matches is there, not here; its own words say how far it reaches.
            return Ok(vec![plain(field)]);
        }
        let found = glob::paths(field, state.cwd.as_deref(), state.options.dot_glob, &self.listed)?;
        Ok(if found.is_empty() && !state.options.null_glob { vec![plain(field)] } else { found })
    }

    /// One text, neither split nor matched against paths: assignments, here-strings, `case` words.
    pub fn text(&mut self, raw: &str, state: &mut State) -> (Vec<u8>, Option<String>) {
        self.text_in(raw, Context::Word, state)
    }

    pub fn text_in(&mut self, raw: &str, context: Context, state: &mut State) -> (Vec<u8>, Option<String>) {
        let (letters, doubt) = self.letters(raw, context, state);
        (plain(&letters), doubt)
    }

    /// As `text`, with what was quoted: for patterns.
    pub fn letters(
        &mut self,
        raw: &str,
        context: Context,
        state: &mut State,
    ) -> (Vec<Letter>, Option<String>) {
        let mut out = Builder::default();
        let outer = state.variables.get("IFS").cloned();
        // Without separators nothing is split; `$*` still joins with the real ones.
        let joint = self.ifs(state);
        let nothing = Variable { value: Some(Value::Text(Vec::new())), exported: false };
        state.variables.insert("IFS".into(), nothing);
        self.expand(raw, context, state, &mut out);
        match outer {
            Some(ifs) => state.variables.insert("IFS".into(), ifs),
            None => state.variables.remove("IFS"),
        };
        let space = joint.first().copied().unwrap_or(b' ');
        (out.fields.join(&(space, true)), out.doubt)
    }

    /// Whether a text fits a `case` pattern; `None` when it is not known.
    pub fn fits(&mut self, subject: &[u8], raw: &str, state: &mut State) -> Option<bool> {
        let (letters, doubt) = self.letters(raw, Context::Word, state);
        let pattern = Pattern::new(&letters).ok()?;
        doubt.is_none().then(|| pattern.matches(subject))
    }

    pub fn ifs(&self, state: &State) -> Vec<u8> {
        match self.variable(state, "IFS") {
            Some(Value::Text(text)) => text,
            Some(Value::List(_) | Value::Unknown(_)) | None => b" \t\n".to_vec(),
        }
    }

    pub fn expand(&mut self, raw: &str, context: Context, state: &mut State, out: &mut Builder) {
        if grammar::is_tangled(raw) || out.size > LARGEST_WORD {
            // What it runs is not seen either; a document that is only text runs nothing.
            if context != Context::Heredoc || raw.contains("$(") || raw.contains('`') {
                self.unsure("a word that is too large or nests too much");
            }
            return out.doubt("$(…)", "a word that is too large or nests too much".into());
        }
        let parts = match parts(raw, context) {
            Ok(parts) => parts,
            Err(why) => {
                self.unsure(why.clone());
                return out.doubt(raw, why);
            }
        };
        for part in parts {
            match part {
                Part::Text { text, quoted } => out.append(&text, quoted),
                Part::Tilde(name) => match self.tilde(&name, state) {
                    Some(home) => out.append(&home, true),
                    None => out.append(format!("~{name}").as_bytes(), true),
                },
                Part::Parameter { parameter, quoted } => self.parameter(&parameter, quoted, state, out),
                Part::Command { script, quoted } => match self.substitute(&script, state) {
                    Some(text) if quoted => out.append(&text, true),
                    Some(text) => out.split(&text, &self.ifs(state)),
                    None => out.doubt(&format!("$({script})"), tame::why(&script).into()),
                },
                Part::Arithmetic { text, quoted } => match self.arithmetic(&text, state) {
                    Ok(number) => out.append(number.to_string().as_bytes(), quoted),
                    Err(why) => out.doubt(&format!("$(({text}))"), why),
                },
            }
        }
    }

    fn tilde(&self, name: &str, state: &State) -> Option<Vec<u8>> {
        let known = |value| match value {
            Some(Value::Text(text)) => Some(text),
            Some(Value::List(_) | Value::Unknown(_)) | None => None,
        };
        let bytes = |path: std::path::PathBuf| path.into_os_string().as_bytes().to_vec();
        match name {
            _ if self.base.place().is_some() => None,
            "" => known(self.variable(state, "HOME")).or_else(|| who::passwd_home().map(bytes)),
            "+" => state.cwd.clone().map(bytes),
            "-" => known(self.variable(state, "OLDPWD")),
            user => who::home_of(user).map(bytes),
        }
    }

    /// What a command substitution prints, less its last newlines.
    fn substitute(&mut self, script: &str, state: &State) -> Option<Vec<u8>> {
        let trimmed = script.trim_start();
        let reads_file = trimmed.starts_with('<') && !trimmed.starts_with("<<") && !trimmed.starts_with("<(");
        let script = if reads_file { format!("cat {trimmed}") } else { script.to_owned() };
        let io = Io::new(Stdin::TooMuch, true);
        let line = self.line;
        let output = self.capture(|shell| {
            let mark = shell.left.len();
            let _ = shell.script(&script, state.clone(), &io);
            shell.left.truncate(mark);
        });
        self.line = line;
        let mut output = output?;
        output.retain(|b| *b != 0);
        output.truncate(output.iter().rposition(|b| *b != b'\n').map_or(0, |at| at + 1));
        Some(output)
    }
}

pub fn plain(letters: &[Letter]) -> Vec<u8> {
    letters.iter().map(|l| l.0).collect()
}
