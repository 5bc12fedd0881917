//! What is wrong with rule files that load: rules that can never match, or match what their author did not write.
//! Must never be needed to be safe: whatever it finds, the rules were loaded as they stand.

use super::load::{LoadError, Loaded};
use super::pack::{Condition, Pack, Rule};
use crate::reading::tool::OptionSpec;
use crate::reading::{Tool, verb_of};

/// Everything found, in the order of the files.
pub fn lint(loaded: &Loaded) -> Vec<LoadError> {
    let each = |pack: &Pack, rule: &Rule| -> Vec<LoadError> {
        let found = [
            unlisted_option(&pack.tool, rule),
            impossible_verb(&pack.tool, rule),
            always_excepted(rule),
            shadowed(pack, rule),
            words_missing(rule),
        ];
        found.into_iter().flatten().map(|(message, hint)| problem(pack, rule, message, hint)).collect()
    };
    loaded.packs.iter().flat_map(|pack| pack.rules.iter().flat_map(|rule| each(pack, rule))).collect()
}

type Finding = Option<(String, String)>;

fn problem(pack: &Pack, rule: &Rule, message: String, hint: String) -> LoadError {
    LoadError {
        file: rule.place.file.clone(),
        line: rule.place.line,
        column: rule.place.column,
        message: format!("rule {}: {message}", rule.id),
        hint: Some(hint),
        covers: Some(pack.tool.program.clone()),
    }
}

fn all_conditions(rule: &Rule) -> impl Iterator<Item = &Condition> {
    rule.when.iter().chain(rule.unless.iter().flatten())
}

/// An option that the `[tool]` table does not have is read without its value, if it takes one.
fn unlisted_option<'r>(tool: &Tool, rule: &'r Rule) -> Finding {
    if tool.options.is_empty() {
        return None;
    }
    let listed = |name: &str| {
        tool.options.iter().any(|o| name == format!("--{}", o.long) || name == format!("-{}", o.long))
    };
    let named = all_conditions(rule).filter_map(|c| c.key.strip_prefix("option "));
    // Beside its long spelling a short one is only superfluous.
    let beside = |name: &str, names: &str| {
        let long = |o: &&OptionSpec| o.short.is_some_and(|short| name == format!("-{short}"));
        tool.options.iter().find(long).is_some_and(|o| names.split('|').any(|n| n == format!("--{}", o.long)))
    };
    let unlisted = |names: &'r str| names.split('|').find(|name| !listed(name) && !beside(name, names));
    let name = named.filter_map(unlisted).next()?;
    let hint = "add it to value_options or flags, by its long spelling where it has one".to_owned();
    Some((format!("option {name} is not listed in [tool]"), hint))
}

/// A verb that the grammar of the `[tool]` table never makes.
fn impossible_verb(tool: &Tool, rule: &Rule) -> Finding {
    if tool.options.is_empty() || tool.verb_words == 0 {
        return None;
    }
    let made = |verb: &str| {
        let words: Vec<String> = verb.split(' ').map(str::to_owned).collect();
        verb_of(&words, tool).0 == verb
    };
    let verbs = all_conditions(rule).filter(|c| c.key == "verb").flat_map(|c| &c.any);
    let wrong = verbs.into_iter().find(|verb| !verb.contains(['*', '?']) && !made(verb))?;
    let words: Vec<String> = wrong.split(' ').map(str::to_owned).collect();
    let (read, _) = verb_of(&words, tool);
    let hint = format!("those words are read as the verb {read:?}; see groups, aliases and verb_words");
    Some((format!("verb {wrong:?} never occurs"), hint))
}

/// `unless` holds whenever `when` does.
fn always_excepted(rule: &Rule) -> Finding {
    let implied = |exception: &Condition| {
        rule.when.iter().any(|c| c.key == exception.key && c.any.iter().all(|p| exception.any.contains(p)))
    };
    rule.unless.iter().find(|group| group.iter().all(implied))?;
    Some(("its exception always holds".to_owned(), "it can never match; take one of the two away".to_owned()))
}

/// An earlier rule matches whenever this one does, says the same effect, and is as severe.
fn shadowed(pack: &Pack, rule: &Rule) -> Finding {
    let covers = |earlier: &Rule| {
        earlier.unless.is_empty()
            && earlier.severity >= rule.severity
            && earlier.effect == rule.effect
            && earlier
                .when
                .iter()
                .all(|e| rule.when.iter().any(|c| c.key == e.key && c.any.iter().all(|p| e.any.contains(p))))
    };
    let earlier = pack.rules.iter().take_while(|r| r.id != rule.id).find(|earlier| covers(earlier))?;
    Some((
        format!("{} matches whenever it does, and is as severe", earlier.id),
        "nothing depends on it; make it more severe or take it away".to_owned(),
    ))
}

/// What a person at three in the morning is shown.
fn words_missing(rule: &Rule) -> Finding {
    let empty =
        [("why", &rule.why), ("undo", &rule.undo)].into_iter().find(|(_, text)| text.trim().is_empty())?;
    Some((format!("{} is empty", empty.0), "the question shows it; write one plain sentence".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::load::{self, File};

    fn found(rule: &str) -> Vec<String> {
        let head =
            "[tool]\nprogram = \"acme\"\nvalue_options = [\"-e/--env\", \"--region\"]\ngroups = [\"app\"]\n";
        let text =
            format!("{head}[[rule]]\nid = \"acme.x\"\n{rule}\nhit = [\"acme x\"]\nmiss = [\"acme y\"]\n");
        let file = File { shown: "acme.toml".into(), stem: "acme".into(), text };
        let loaded = load::everything(&[file]);
        assert_eq!(loaded.errors, []);
        lint(&loaded).iter().map(ToString::to_string).collect()
    }

    const REST: &str = "effect = \"destroy\"\nseverity = \"high\"\nwhy = \"it goes\"\nundo = \"none\"";

    #[test]
    fn rules_that_cannot_match_are_found_with_their_place() {
        for (when, message) in [
            ("when = { verb = \"purge\", option = \"--envv\" }", "option --envv is not listed"),
            ("when = { option = [\"--env\", \"--enw\"] }", "option --enw is not listed"),
            ("when = { verb = \"app\" }\nunless = { verb = [\"app\", \"x\"] }", "its exception always holds"),
            ("when = { verb = \"purge all\" }", "verb \"purge all\" never occurs"),
        ] {
            let found = found(&format!("{when}\n{REST}"));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with("acme.toml:6:6: rule acme.x: "), "{found:?}");
            assert!(found[0].contains(message), "{found:?}");
        }
        for fine in ["verb = \"app purge\", option = \"--env\"", "option = [\"--env\", \"--region\"]"] {
            assert_eq!(found(&format!("when = {{ {fine} }}\n{REST}")), [""; 0]);
        }
    }

    #[test]
    fn a_rule_that_adds_nothing_is_found() {
        let second = format!(
            "when = {{ verb = \"purge\" }}\n{REST}\nhit = [\"acme purge\"]\nmiss = [\"acme y\"]\n[[rule]]\nid = \"acme.z\"\nwhen = {{ verb = \"purge\", option = \"--env\" }}\n{REST}"
        );
        let found = found(&second);
        assert!(found.len() == 1 && found[0].contains("acme.x matches whenever"), "{found:?}");
    }
}
