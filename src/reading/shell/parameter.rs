//! Parameters: what a variable holds, and `${…}` (bash manual, 3.5.3).
//! Must never take a variable for unset that the shell sets by itself.

use super::super::pattern::Pattern;
use super::expand::Builder;
use super::run::Shell;
use super::state::{State, Value, Variable};
use super::tame;
use super::word::{Context, Op, Parameter};
use std::os::unix::ffi::OsStrExt;

/// Programs of a person's own choice, which open what is named behind them; and lists that start empty.
const OWN_CHOICE: &[&str] =
    &["EDITOR", "VISUAL", "PAGER", "BROWSER", "LD_LIBRARY_PATH", "PYTHONPATH", "MANPATH"];

/// Set by the shell itself, to something that is not known beforehand.
const DYNAMIC: &[&str] = &[
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "BASHPID",
    "PPID",
    "LINENO",
    "UID",
    "EUID",
    "HOSTNAME",
    "HOSTTYPE",
    "OSTYPE",
    "MACHTYPE",
    "BASH",
    "BASH_VERSION",
    "BASH_VERSINFO",
    "SHLVL",
    "SHELLOPTS",
    "BASHOPTS",
    "GROUPS",
    "DIRSTACK",
    "COLUMNS",
    "LINES",
    "_",
    "PIPESTATUS",
    "FUNCNAME",
    "BASH_SOURCE",
    "BASH_LINENO",
    "BASH_COMMAND",
    "BASH_EXECUTION_STRING",
    "BASH_SUBSHELL",
    "COPROC",
    "REPLY",
    "OPTARG",
    "OPTIND",
    "KSH_VERSION",
];

/// A longer value is not kept: states are copied wherever ways part.
const LARGEST_VALUE: usize = 32 << 10;

/// Whether taking a text apart by a pattern takes no longer than a person would wait for nothing. Each place that
/// is tried may look at the whole text once for every token.
fn affordable(text: &[u8], pattern: &Pattern, tries: u32) -> Result<(), String> {
    const MOST: usize = 2_000_000;
    let once = text.len().saturating_mul(pattern.len().max(1));
    match once.saturating_mul(text.len().saturating_pow(tries)) > MOST {
        true => Err("a pattern on a text that is too long for it".into()),
        false => Ok(()),
    }
}

/// What a variable holds: a number put together with other text is no longer just that.
fn held(value: Value) -> Value {
    match value {
        Value::Unknown(why) if why == tame::NUMBER => {
            Value::Unknown("a variable with a process number in it".into())
        }
        value => value,
    }
}

impl Shell<'_> {
    /// A variable's value; `None` when it is unset.
    pub fn variable(&self, state: &State, name: &str) -> Option<Value> {
        if let Some(variable) = state.variables.get(name) {
            return variable.value.clone().map(held);
        }
        let unknown = || Some(Value::Unknown(format!("${name} is set by the shell")));
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            return match name.parse::<usize>() {
                Ok(_) if state.arguments_doubt => Some(Value::Unknown("the arguments are not known".into())),
                Ok(n) if n > 0 && self.arguments_elsewhere(state) => Some(Value::Unknown(tame::unset(name))),
                Ok(n) => state.arguments.get(n).cloned().map(Value::Text),
                Err(_) => None,
            };
        }
        match name {
            "#" if !state.arguments_doubt && !self.arguments_elsewhere(state) => {
                let count = state.arguments.len().saturating_sub(1);
                Some(Value::Text(count.to_string().into_bytes()))
            }
            "#" | "?" | "-" | "$" | "!" => unknown(),
            "PWD" => match &state.cwd {
                Some(cwd) => Some(Value::Text(cwd.as_os_str().as_bytes().to_vec())),
                None => unknown(),
            },
            "IFS" => Some(Value::Text(b" \t\n".to_vec())),
            _ if DYNAMIC.contains(&name) => unknown(),
            _ => match self.base.environment().get(name) {
                Some(value) => Some(Value::Text(value.as_bytes().to_vec())),
                None if name == "PATH" => unknown(),
                None if self.base.place().is_some() => {
                    Some(Value::Unknown(format!("${name}{}", tame::THERE)))
                }
                None => None,
            },
        }
    }

    /// Whether a line that is only looked at gets its arguments where it runs.
    fn arguments_elsewhere(&self, state: &State) -> bool {
        self.base.is_supposed() && state.arguments.len() <= 1
    }

    /// Whether a variable that nothing set may have a value where the line runs: that of the shell it is typed at,
    /// which shows its environment only.
    fn may_be_set(&self, state: &State, parameter: &Parameter) -> bool {
        self.base.is_supposed()
            && !state.variables.contains_key(&parameter.name)
            && !matches!(parameter.op, Op::Default { .. })
            && !OWN_CHOICE.contains(&parameter.name.as_str())
    }

    /// Sets a variable; one from the environment stays exported.
    pub fn assign(&self, state: &mut State, name: &str, value: Value) {
        let exported = match state.variables.get(name) {
            Some(variable) => variable.exported,
            None => self.base.environment().get(name).is_some(),
        } || state.options.export_all;
        let size = match &value {
            Value::Text(text) => text.len(),
            Value::List(items) => items.iter().map(Vec::len).sum(),
            Value::Unknown(_) => 0,
        };
        let value = match size > LARGEST_VALUE {
            true => Value::Unknown(format!("${name} is too large")),
            false => value,
        };
        state.variables.insert(name.to_owned(), Variable { value: Some(held(value)), exported });
    }

    pub fn parameter(&mut self, parameter: &Parameter, quoted: bool, state: &mut State, out: &mut Builder) {
        let shown = format!("${{{}}}", parameter.name);
        let mut parameter = parameter.clone();
        if parameter.indirect {
            match self.variable(state, &parameter.name) {
                Some(Value::Text(name)) if is_name(&name) => {
                    parameter.name = String::from_utf8_lossy(&name).into_owned();
                }
                None => return,
                Some(_) => return out.doubt(&shown, format!("the indirect {shown}")),
            }
        }
        if let Some(mut list) = self.whole_list(&parameter, state) {
            // Nobody writes a list into the middle of a word: at a prompt it is empty, and hides the word.
            if out.has_begun() && list.as_ref().is_err_and(|why| tame::is_unset(why)) {
                list = Ok(Vec::new());
            }
            return self.insert_list(&parameter, list, quoted, state, out);
        }
        let value = match self.element(&parameter, state) {
            Ok(value) => value,
            Err(why) => return self.unknown(&parameter, quoted, &shown, why, state, out),
        };
        match self.operate(&parameter, value, quoted, state, out) {
            Ok(Some(text)) if quoted => out.append(&text, true),
            Ok(Some(text)) => out.split(&text, &self.ifs(state)),
            Ok(None) => {}
            Err(why) => out.doubt(&shown, why),
        }
    }

    /// A value that is not known; the words beside it are still run.
    fn unknown(
        &mut self,
        parameter: &Parameter,
        quoted: bool,
        shown: &str,
        why: String,
        state: &mut State,
        out: &mut Builder,
    ) {
        if let Op::Default { word, .. } = &parameter.op {
            let _ = self.text_in(word, if quoted { Context::Quoted } else { Context::Word }, state);
        }
        let number = matches!(parameter.op, Op::Plain) && !parameter.indirect;
        out.doubt(
            shown,
            match parameter.name.as_str() {
                "$" | "!" if number => tame::NUMBER.to_owned(),
                _ => why,
            },
        );
    }

    /// The list behind `$@`, `$*`, `${a[@]}`.
    fn whole_list(&self, parameter: &Parameter, state: &State) -> Option<Result<Vec<Vec<u8>>, String>> {
        if parameter.name == "@" || parameter.name == "*" {
            return Some(match state.arguments_doubt {
                true => Err("the arguments are not known".into()),
                false if self.arguments_elsewhere(state) => Err(tame::unset(&parameter.name)),
                false => Ok(state.arguments.get(1..).unwrap_or(&[]).to_vec()),
            });
        }
        matches!(parameter.index.as_deref(), Some("@" | "*")).then(|| {
            match self.variable(state, &parameter.name) {
                Some(Value::List(items)) => Ok(items),
                Some(Value::Text(text)) => Ok(vec![text]),
                Some(Value::Unknown(why)) => Err(why),
                None => Ok(Vec::new()),
            }
        })
    }

    fn insert_list(
        &mut self,
        parameter: &Parameter,
        list: Result<Vec<Vec<u8>>, String>,
        quoted: bool,
        state: &mut State,
        out: &mut Builder,
    ) {
        let shown = format!("${{{}}}", parameter.name);
        let mut items = match list {
            Ok(items) => items,
            Err(why) => return out.doubt(&shown, why),
        };
        let whole =
            if parameter.index.is_some() { parameter.index.as_deref() } else { Some(&*parameter.name) };
        match &parameter.op {
            Op::Plain => {}
            Op::Length => return out.append(items.len().to_string().as_bytes(), quoted),
            Op::Default { .. } => {
                let value = (!items.is_empty()).then(|| items.join(&b' '));
                match self.operate(parameter, value, quoted, state, out) {
                    Ok(Some(_)) if !items.is_empty() => {}
                    Ok(Some(text)) => return out.append(&text, quoted),
                    Ok(None) => return,
                    Err(why) => return out.doubt(&shown, why),
                }
            }
            Op::Slice(range) => {
                if parameter.index.is_none() {
                    items = state.arguments.to_vec();
                }
                match self.range(range, items.len(), state) {
                    Ok((from, to)) => items = items[from..to].to_vec(),
                    Err(why) => return out.doubt(&shown, why),
                }
            }
            Op::Trim { .. } | Op::Replace { .. } | Op::Case { .. } => {
                for item in &mut items {
                    match self.operate(parameter, Some(item.clone()), quoted, state, out) {
                        Ok(text) => *item = text.unwrap_or_default(),
                        Err(why) => return out.doubt(&shown, why),
                    }
                }
            }
        }
        let ifs = self.ifs(state);
        match (quoted, whole) {
            (true, Some("*")) => {
                let joint: &[u8] = ifs.get(..1).unwrap_or(b"");
                out.append(&items.join(joint), true);
            }
            (true, _) => out.list(&items, None),
            (false, _) => out.list(&items, Some(&ifs)),
        }
    }

    fn element(&mut self, parameter: &Parameter, state: &mut State) -> Result<Option<Vec<u8>>, String> {
        let index = match &parameter.index {
            Some(index) => self.arithmetic(index, state)?,
            None => 0,
        };
        match self.variable(state, &parameter.name) {
            None if self.may_be_set(state, parameter) => Err(tame::unset(&parameter.name)),
            None => Ok(None),
            Some(Value::Unknown(why)) => Err(why),
            Some(Value::Text(text)) => Ok((index == 0).then_some(text)),
            Some(Value::List(items)) => {
                let at = if index < 0 { items.len() as i64 + index } else { index };
                Ok(usize::try_from(at).ok().and_then(|at| items.get(at).cloned()))
            }
        }
    }

    /// Applies the operation; `None` when nothing is left to insert.
    fn operate(
        &mut self,
        parameter: &Parameter,
        value: Option<Vec<u8>>,
        quoted: bool,
        state: &mut State,
        out: &mut Builder,
    ) -> Result<Option<Vec<u8>>, String> {
        let context = if quoted { Context::Quoted } else { Context::Word };
        let text = || value.clone().unwrap_or_default();
        Ok(match &parameter.op {
            Op::Plain => value,
            Op::Length => Some(letters(&text()).len().to_string().into_bytes()),
            Op::Default { colon, kind, word } => {
                let there = value.as_ref().is_some_and(|v| !colon || !v.is_empty());
                match kind {
                    '+' if there => {
                        self.expand(word, context, state, out);
                        None
                    }
                    '+' => None,
                    _ if there => value,
                    '-' => {
                        self.expand(word, context, state, out);
                        None
                    }
                    '=' => {
                        let (text, doubt) = self.text_in(word, context, state);
                        let value = match &doubt {
                            Some(why) => Value::Unknown(why.clone()),
                            None => Value::Text(text.clone()),
                        };
                        self.assign(state, &parameter.name, value);
                        match doubt {
                            Some(why) => return Err(why),
                            None => Some(text),
                        }
                    }
                    _ => {
                        self.stops = true;
                        return Err(format!("${{{}?}} stops the script", parameter.name));
                    }
                }
            }
            Op::Trim { prefix, longest, pattern } => {
                let pattern = self.pattern(pattern, state)?;
                affordable(&text(), &pattern, 1)?;
                Some(trim(&text(), &pattern, *prefix, *longest))
            }
            Op::Replace { all, anchor, pattern, with } => {
                let pattern = self.pattern(pattern, state)?;
                if pattern.literal().is_none() {
                    affordable(&text(), &pattern, 2)?;
                }
                let (with, doubt) = self.text_in(with, Context::Word, state);
                match doubt {
                    Some(why) => return Err(why),
                    None => Some(replace(&text(), &pattern, &with, *all, *anchor)),
                }
            }
            Op::Slice(range) => {
                let text = letters(&text());
                let (from, to) = self.range(range, text.len(), state)?;
                Some(text[from..to].concat())
            }
            Op::Case { upper, all } => {
                let change = |c: char| if *upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
                let text = String::from_utf8(text()).map_err(|_| "text that is not UTF-8")?;
                let changed =
                    text.chars().enumerate().map(|(i, c)| if *all || i == 0 { change(c) } else { c });
                Some(changed.collect::<String>().into_bytes())
            }
        })
    }

    fn pattern(&mut self, raw: &str, state: &mut State) -> Result<Pattern, String> {
        let (letters, doubt) = self.letters(raw, Context::Word, state);
        match doubt {
            Some(why) => Err(why),
            None => Pattern::new(&letters),
        }
    }

    /// `offset:length` over so many items.
    fn range(&mut self, text: &str, of: usize, state: &mut State) -> Result<(usize, usize), String> {
        let (offset, length) = text.split_once(':').map_or((text, None), |(o, l)| (o, Some(l)));
        let of = of as i64;
        let offset = self.arithmetic(offset, state)?;
        let from = if offset < 0 { of.saturating_add(offset) } else { offset };
        let to = match length {
            None => of,
            Some(length) => match self.arithmetic(length, state)? {
                n if n < 0 => of.saturating_add(n),
                n => from.saturating_add(n),
            },
        };
        if from < 0 || from > of {
            return Ok((0, 0));
        }
        Ok((from as usize, to.clamp(from, of) as usize))
    }
}

pub fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// The letters of a text; a byte that is no UTF-8 is a letter of its own.
fn letters(text: &[u8]) -> Vec<Vec<u8>> {
    match std::str::from_utf8(text) {
        Ok(text) => text.chars().map(|c| c.to_string().into_bytes()).collect(),
        Err(_) => text.iter().map(|b| vec![*b]).collect(),
    }
}

fn trim(text: &[u8], pattern: &Pattern, prefix: bool, longest: bool) -> Vec<u8> {
    let cuts: Vec<usize> =
        if prefix == longest { (0..=text.len()).rev().collect() } else { (0..=text.len()).collect() };
    for cut in cuts {
        let (head, tail) = text.split_at(cut);
        if prefix && pattern.matches(head) {
            return tail.to_vec();
        }
        if !prefix && pattern.matches(tail) {
            return head.to_vec();
        }
    }
    text.to_vec()
}

fn replace(text: &[u8], pattern: &Pattern, with: &[u8], all: bool, anchor: Option<char>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    let literal = pattern.literal().filter(|l| !l.is_empty() && anchor.is_none());
    while at <= text.len() {
        let longest = match anchor {
            None if literal.is_some() => {
                let literal = literal.as_deref().unwrap_or(b"");
                text[at..].starts_with(literal).then_some(at + literal.len())
            }
            Some('#') if at > 0 => None,
            Some('%') => pattern.matches(&text[at..]).then_some(text.len()),
            _ => (at..=text.len()).rev().find(|end| *end > at && pattern.matches(&text[at..*end])),
        };
        match longest {
            Some(end) => {
                out.extend_from_slice(with);
                at = end;
                if !all || end == text.len() {
                    break;
                }
            }
            None => {
                out.extend(text.get(at));
                at += 1;
            }
        }
    }
    out.extend_from_slice(text.get(at..).unwrap_or(b""));
    out
}
