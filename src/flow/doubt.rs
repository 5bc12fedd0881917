//! Which rules a command can still meet whose words are not all known: where the verb is certain, those of other
//! verbs cannot match. Must never drop a rule that some value of the unknown words could meet.

use crate::reading::{self, Command, Does, Doubt};
use crate::rules::pack::{Pack, Rule};
use crate::rules::{Match, Miss, condition_holds, match_rule, verb_fits};

/// The pack with the rules that may match; without any left the command is harmless whatever is unknown.
pub fn still_possible(mut pack: Pack, command: &Command, doubt: &Doubt) -> Pack {
    if doubt.first == usize::MAX {
        // All words are known, and with them everything that the reading tells.
        if !matches!(command.does, Does::Unsure(_)) {
            pack.rules.retain(|rule| !matches!(match_rule(rule, command, None), Match::No(_)));
        }
    } else if let Some(before) = verb_is_certain(&pack, command, doubt) {
        pack.rules.retain(|rule| may_match(rule, command, before) && !(doubt.plain && fails_anyway(rule, command)));
    }
    pack
}

/// Where the verb is the same without the words in doubt, or those are option values that cannot be part of it:
/// whether it stands in front of them.
fn verb_is_certain(pack: &Pack, command: &Command, doubt: &Doubt) -> Option<bool> {
    if command.verb.is_empty() {
        return None;
    }
    let argv = command.invocation.argv().get(..doubt.first).unwrap_or(&[]).to_vec();
    if !argv.is_empty() {
        let before = reading::read(&command.invocation.nested(argv), &pack.tool);
        if before.commands.first().is_some_and(|known| known.verb == command.verb) {
            return Some(true);
        }
    }
    (doubt.single && !command.verb.contains(['$', '`', '*', '{', '?', '['])).then_some(false)
}

/// Words that are names and numbers bring no option, nor what readers tell by options and the shape of words.
fn fails_anyway(rule: &Rule, command: &Command) -> bool {
    let given = |key: &str| key == "form" || key == "option" || key.starts_with("option ");
    if rule.when.iter().any(|c| c.key == "target.push") {
        return command.traits.values("form").next().is_none() && rule.effect.is_dangerous();
    }
    rule.when.iter().any(|c| given(&c.key) && !condition_holds(c, command))
}

/// A rule of another verb cannot match; nor can one of another form, which readers take from the verb, nor one of
/// a setting, which stands in front of it.
fn may_match(rule: &Rule, command: &Command, verb_first: bool) -> bool {
    match (verb_fits(rule, &command.verb), match_rule(rule, command, None)) {
        (Some(fits), _) => fits,
        (None, Match::No(Miss::When { failed, .. })) => {
            failed.key != "form" && !(verb_first && failed.key == "setting")
        }
        (None, Match::No(Miss::Unless(_)) | Match::Yes | Match::Maybe) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Invocation, Stdin};
    use crate::rules::pack::Pack;
    use crate::rules::{Coverage, RuleSet};

    fn pack(program: &str) -> Pack {
        match RuleSet::Shipped.coverage(program.as_bytes()) {
            Coverage::Covered(pack) => *pack,
            Coverage::Uncovered(_) | Coverage::Broken(_) => panic!("{program} has rules"),
        }
    }

    fn left(line: &str, doubt: Doubt) -> usize {
        let argv = line.split(' ').map(Into::into).collect();
        let invocation = Invocation::here(argv, Stdin::TooMuch)
            .expect("a working directory")
            .with_environment(Environment::default());
        let pack = pack(&invocation.program().to_string_lossy());
        let command = reading::read(&invocation, &pack.tool).commands.remove(0);
        still_possible(pack, &command, &doubt).rules.len()
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
        assert!(left("git -c $(x) show", single(2)) > 0);
        let plain = |first| Doubt { plain: true, ..from(first) };
        assert_eq!(left("git branch --contains $(x)", plain(3)), 0);
        assert!(left("git branch --contains $(x)", from(3)) > 0);
        assert!(left("git branch -D $(x)", plain(3)) > 0);
    }
}
