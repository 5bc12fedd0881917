//! Which rules a command can still meet whose words are not all known: where the verb is certain, those of other
//! verbs cannot match. Must never drop a rule that some value of the unknown words could meet.

use crate::reading::{self, Command, Does, Doubt, runs_a_variable};
use crate::rules::pack::{Condition, Rule};
use crate::rules::{Match, Miss, Shared, condition_holds, match_rule, verb_fits};

/// The pack with the rules that may match; without any left the command is harmless whatever is unknown.
pub fn still_possible(mut pack: Shared, command: &Command, doubt: &Doubt) -> Shared {
    let plain = doubt.plain && !doubt.named;
    if doubt.first == usize::MAX {
        // All words are known, and with them everything that the reading tells.
        if !matches!(command.does, Does::Unsure(_)) {
            pack.retain(|rule| !matches!(match_rule(rule, command, None), Match::No(_)));
        }
    } else if plain && pack.tool().verb_words == 0 && doubt.first > 0 {
        pack.retain(|rule| !fails_anyway(rule, command));
    } else if let Some((verb, before)) = certain_verb(&pack, command, doubt) {
        let known = Command { verb, ..command.clone() };
        pack.retain(|rule| may_match(rule, &known, before) && !(plain && fails_anyway(rule, &known)));
    }
    pack
}

/// Whether a command is judged by its words as they stand, because those in doubt are names of things: not the
/// program, not a verb, not a value or text that a rule looks at.
pub fn told_by_words(pack: &Shared, command: &Command, doubt: &Doubt) -> bool {
    if command.tool == "ssh" && reading::ssh::only_the_host(&command.invocation, doubt) {
        return true;
    }
    let open = |text: &str| text.contains("${");
    let looks_at =
        |keys: &[&str]| pack.rules().flat_map(|rule| &rule.when).any(|c| keys.contains(&c.key.as_str()));
    let verbs = looks_at(&["verb"]);
    let verb = !verbs || !(command.verb.is_empty() || open(&command.verb));
    let value = |c: &Condition| {
        let option = c.key.strip_prefix("option ");
        option.and_then(|name| command.option(name)).is_some_and(|value| open(value) && !c.any.is_empty())
    };
    let mut rules = pack.rules().filter(|rule| verb_fits(rule, &command.verb) != Some(false));
    let texts = looks_at(TEXTS);
    // A whole disk is a file like any other to dd, and a tree may be the root.
    let any_path = match command.tool.as_str() {
        "dd" => true,
        "rm" => command.option("--recursive").is_some(),
        _ => false,
    };
    doubt.named
        && doubt.first > 0
        && verb
        && !any_path
        // Nothing happens by the words as they stand; what they hold may be a file, a number, a statement.
        && !(texts && runs_a_variable(&command.invocation))
        && !((texts || verbs) && matches!(command.does, Does::Nothing(_)))
        && !rules.any(|rule| rule.when.iter().any(value))
}

/// Told by statements, which stand in a file or an operand.
const TEXTS: &[&str] = &["statement", "kind", "input"];

/// The verb, where it is the same without the words in doubt or with any other, or where those are option values
/// that cannot be part of it; and whether it stands in front of them.
fn certain_verb(pack: &Shared, command: &Command, doubt: &Doubt) -> Option<(String, bool)> {
    let told = |verb: &str| !verb.is_empty() && !verb.contains(['$', '`', '*', '{', '?', '[']);
    let read = |more: &[&str]| {
        let mut argv = command.invocation.argv().get(..doubt.first)?.to_vec();
        argv.extend(more.iter().map(Into::into));
        let reading = reading::read(&command.invocation.nested(argv), pack.tool());
        reading.commands.into_iter().next().map(|known| known.verb)
    };
    if doubt.first > 0 {
        let without = read(&[]);
        if without.as_ref().is_some_and(|verb| *verb == command.verb && told(verb)) {
            return Some((command.verb.clone(), true));
        }
        // A program that wants an operand is not read without one.
        for (some, other) in [(&["x"][..], &["y"][..]), (&["x", "x"], &["y", "y"])] {
            let with = read(some).filter(|verb| told(verb) && read(other).as_ref() == Some(verb));
            if let Some(verb) = with.filter(|verb| command.verb.is_empty() || *verb == command.verb) {
                return Some((verb, true));
            }
        }
    }
    (doubt.single && told(&command.verb)).then(|| (command.verb.clone(), false))
}

/// Words that are names and numbers bring no option, nor what readers tell by options and the shape of words.
fn fails_anyway(rule: &Rule, command: &Command) -> bool {
    let given = |c: &Condition| {
        let address = c.key == "operand" && c.any.iter().all(|pattern| pattern.contains(':'));
        address || c.key == "form" || c.key.starts_with("option ")
    };
    if rule.when.iter().any(|c| c.key == "target.push") {
        return command.traits.values("form").next().is_none() && rule.effect.is_dangerous();
    }
    rule.when.iter().any(|c| given(c) && !condition_holds(c, command))
}

/// A rule of another verb cannot match; nor can one of another form, which readers take from the verb, nor one of
/// a setting, which stands in front of it.
fn may_match(rule: &Rule, command: &Command, verb_first: bool) -> bool {
    match (verb_fits(rule, &command.verb), match_rule(rule, command, None)) {
        (Some(fits), _) => fits || goes_on(rule, &command.verb),
        (None, Match::No(Miss::When { failed, .. })) => {
            failed.key != "form" && !(verb_first && failed.key == "setting")
        }
        (None, Match::No(Miss::Unless(_)) | Match::Yes | Match::Maybe) => true,
    }
}

/// A rule of a longer verb: the word in doubt may be the rest of it.
fn goes_on(rule: &Rule, verb: &str) -> bool {
    let mut verbs = rule.when.iter().filter(|condition| condition.key == "verb");
    verbs.any(|c| c.any.iter().any(|p| p.strip_prefix(verb).is_some_and(|rest| rest.starts_with(' '))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::rules::{Coverage, RuleSet};

    fn pack(program: &str) -> Shared {
        match RuleSet::Shipped.coverage(program.as_bytes()) {
            Coverage::Covered(pack) => Shared::new(pack),
            Coverage::Uncovered(_) | Coverage::Broken(_) => panic!("{program} has rules"),
        }
    }

    fn left(line: &str, doubt: Doubt) -> usize {
        let argv = line.split(' ').map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::TooMuch)
            .expect("a working directory")
            .with_environment(Environment::default());
        let pack = pack(&invocation.program().to_string_lossy());
        let command = reading::read(&invocation, pack.tool()).commands.remove(0);
        still_possible(pack, &command, &doubt).rules().count()
    }

    #[test]
    fn rules_of_other_verbs_are_dropped_only_where_the_verb_is_certain() {
        let from = |first| Doubt::from_word(first, "x");
        let single = |first| Doubt { single: true, ..from(first) };
        assert_eq!(left("kubectl get pods ${x}", from(3)), 0);
        assert_eq!(left("kubectl logs $(x)", from(2)), 0);
        assert!(left("kubectl delete pod ${x}", from(3)) > 0);
        assert!(left("kubectl ${x} pods", from(1)) > 0);
        assert!(left("kubectl -n ${x} get pods", from(2)) > 0);
        assert_eq!(left("kubectl -n ${x} get pods", single(2)), 0);
        assert!(left("kubectl -n a ${x} pods", single(3)) > 0);
        assert!(left("rm -rf ${x}", single(2)) > 0);
        assert_eq!(left("kubectl get pods", Doubt::around("x")), 0);
        assert!(left("kubectl delete ns a", Doubt::around("x")) > 0);
        assert_eq!(left("git show $(x)", from(2)), 0);
        assert_eq!(left("docker inspect --format f", from(4)), 0);
        assert_eq!(left("docker logs -f $(x)", from(3)), 0);
        assert!(left("docker container $(x)", from(2)) > 0);
        assert!(left("docker rm", from(2)) > 0);
        assert!(left("git -c $(x) show", single(2)) > 0);
        let plain = |first| Doubt { plain: true, ..from(first) };
        assert_eq!(left("git branch --contains $(x)", plain(3)), 0);
        assert!(left("git branch --contains $(x)", from(3)) > 0);
        assert!(left("git branch -D $(x)", plain(3)) > 0);
    }
}
