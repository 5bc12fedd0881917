//! The words of one kubectl command taken apart, with what kubectl itself would refuse told from what only
//! this table does not know. Must never give an unknown option a harmless meaning.

use super::values::go_bool;
use super::verbs::{self, Verb};
use crate::reading::grammar::{Grammar, Opt, Problem, Spec, Style, Takes, opt};
use std::collections::{BTreeMap, BTreeSet};

/// So many names are found sooner one by one.
const FEW: usize = 8;

/// A command with its options and operands.
#[derive(Clone, Debug)]
pub struct Line {
    pub verb: &'static Verb,
    /// In order. Of an option without a value only the last counts, and `--force=false` is none at all.
    pub options: Vec<Opt>,
    pub operands: Vec<String>,
    /// How many operands stand before `--`, when it is there.
    pub before_dash: Option<usize>,
    pub standing: Standing,
}

/// Whether kubectl takes the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Taken,
    /// `--help`, or a usage error.
    Refused(String),
    /// An option that a newer kubectl may know.
    Unclear(String),
}

impl Line {
    /// Takes the words after the command apart.
    pub fn of(verb: &'static Verb, words: &[String]) -> Line {
        let mut table = verb.specs();
        table.push(opt("help", 'h', Takes::Nothing));
        table.extend(borrowed(words, &table));
        // What follows the pod's name is the command to run there, options and all.
        let permute = verb.words != "rsh";
        let parsed = Grammar { style: Style::Pflag, table: &table, permute }.parse_words(words);
        let before_dash =
            parsed.end_of_options.map(|at| parsed.operands.iter().filter(|(_, i)| *i < at).count());
        let mut standing = Standing::Taken;
        let mut options = Vec::new();
        let mut settled = BTreeSet::new();
        for option in parsed.options.iter().rev() {
            if takes(&table, option) != Takes::Nothing {
                options.push(option.clone());
                continue;
            }
            let value = option.value.as_deref().map(go_bool);
            if value == Some(None) {
                standing = refused(format!("{} takes true or false", option.name));
            }
            if settled.insert(&option.name) && matches!(value, None | Some(Some(true))) {
                options.push(Opt { value: None, ..option.clone() });
            }
        }
        options.reverse();
        for problem in &parsed.problems {
            standing = worse(standing, judge(problem, words, &table));
        }
        if standing == Standing::Taken && options.iter().any(|o| o.name == "--help") {
            standing = refused("help only");
        }
        Line { verb, options, operands: parsed.operand_words(), before_dash, standing }
    }

    /// The last value of an option; `None` when it is absent, `""` for one without a value.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().rev().find(|o| o.name == name).map(|o| o.value.as_deref().unwrap_or(""))
    }

    /// As `option`; an empty value counts as absent, as everywhere in kubectl.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.option(name).filter(|v| !v.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|o| o.name == name)
    }

    /// Whether `-f` or `-k` name what the command is about.
    pub fn has_files(&self) -> bool {
        self.has("--filename") || self.filled("--kustomize").is_some()
    }
}

fn refused(why: impl Into<String>) -> Standing {
    Standing::Refused(why.into())
}

/// An option that is not known may take the next word, which then is no refusal any more.
fn worse(a: Standing, b: Standing) -> Standing {
    match (&a, &b) {
        (Standing::Unclear(_), _) | (Standing::Refused(_), Standing::Taken | Standing::Refused(_)) => a,
        (Standing::Taken, _) | (Standing::Refused(_), Standing::Unclear(_)) => b,
    }
}

fn takes(table: &[Spec], option: &Opt) -> Takes {
    let long = option.name.trim_start_matches('-');
    table.iter().find(|s| s.long == long).map_or(Takes::Value, |s| s.takes)
}

/// Options of other commands that stand here: a newer kubectl may have added them to this one. They are read as
/// they are read there; what they mean is not taken over (`--dry-run` counts only where the table has it).
fn borrowed(words: &[String], table: &[Spec]) -> Vec<Spec<'static>> {
    let long = |w: &String| w.strip_prefix("--").map(|w| w.split('=').next().unwrap_or(w).replace('_', "-"));
    let names: BTreeSet<String> = words.iter().take_while(|w| *w != "--").filter_map(long).collect();
    let known = |name: &String| table.iter().any(|s| s.long == name);
    let names: Vec<String> = names.into_iter().filter(|name| !known(name)).collect();
    let all = if names.len() > FEW { verbs::everywhere() } else { BTreeMap::new() };
    let found = |name: &String| match names.len() > FEW {
        true => all.get(name.as_str()).copied(),
        false => verbs::anywhere(name),
    };
    names.iter().filter_map(found).map(|spec| Spec { short: None, ..spec }).collect()
}

fn judge(problem: &Problem, words: &[String], table: &[Spec]) -> Standing {
    match problem {
        Problem::MissingValue { name, .. } => refused(format!("{name} needs a value")),
        Problem::UnknownOption { at, .. } => {
            let word = words.get(*at).map_or("", String::as_str);
            let shown = crate::text::show(word);
            if is_misspelt(word, table) {
                refused(format!("kubectl has no option {shown}: options are not abbreviated"))
            } else {
                Standing::Unclear(format!("option {shown} is not one of kubectl's up to 1.33"))
            }
        }
        // The Pflag style reports neither.
        Problem::Ambiguous { word, .. } => Standing::Unclear(format!("option {}", crate::text::show(word))),
        Problem::UnwantedValue { name, .. } => Standing::Unclear(format!("option {name} with a value")),
    }
}

/// Spelled in a way that no version takes: the beginning of a known option (`--contex`), or a long option
/// behind a single dash (`-context`).
fn is_misspelt(word: &str, table: &[Spec]) -> bool {
    let name = word.trim_start_matches('-').split('=').next().unwrap_or("");
    match word.strip_prefix("--") {
        Some(_) => {
            name.len() > 1 && table.iter().any(|s| s.long.len() > name.len() && s.long.starts_with(name))
        }
        None => name.len() > 1 && table.iter().any(|s| s.long == name),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Standing, Verb};
    use crate::reading::kubectl::verbs::Program;

    fn line(text: &str) -> Line {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Line::of(Verb::below("", "delete", Program::Kubectl).expect("exists"), &words)
    }

    #[test]
    fn options_that_may_carry_a_value_leave_the_next_word() {
        let read = line("pod x --cascade orphan --dry-run client -A");
        assert_eq!(read.operands, ["pod", "x", "orphan", "client"]);
        assert_eq!((read.option("--cascade"), read.option("--dry-run")), (Some(""), Some("")));
        assert!(read.has("--all-namespaces"));
    }

    #[test]
    fn the_last_boolean_counts() {
        assert!(!line("pods --all --all=false").has("--all"));
        assert!(line("pods --all=0 --all=T").has("--all"));
        assert!(matches!(line("pods --all=yes").standing, Standing::Refused(_)));
        assert!(matches!(line("pod x --help=false").standing, Standing::Taken));
    }

    #[test]
    fn refusals_are_told_from_the_unknown() {
        for refused in [
            "pod x --contex prod",
            "pod x -context prod",
            "pod x -n",
            "pod x -h",
            "pod x --help",
            "-dry-run=client pod x",
        ] {
            assert!(matches!(line(refused).standing, Standing::Refused(_)), "{refused}");
        }
        assert!(matches!(line("pod x --nonsense").standing, Standing::Unclear(_)));
        assert!(matches!(line("pod x --nonsense --help").standing, Standing::Unclear(_)));
        assert!(matches!(line("pod x -Z").standing, Standing::Unclear(_)));
        assert_eq!(line("pod x -- --help --dry-run=client").standing, Standing::Taken);
        assert_eq!(line("pod x -l --help").option("--selector"), Some("--help"));
        assert_eq!(line("pod x --replicas 3").operands, ["pod", "x"]);
    }
}
