//! Takes the secrets of the command line out of everything a verdict says about it: headlines, objects, what is
//! typed. Must never change what was decided: it runs when all is judged, on words meant for people and records.

use crate::invocation::Invocation;
use crate::rules::Verdict;
use crate::targets::{Datum, Resolution, Targets, Value};
use crate::text::redact;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// The verdict with every secret of the typed line, and of the commands it starts, hidden.
pub fn hide(mut verdict: Verdict, typed: &Invocation) -> Verdict {
    let tool = typed.program().to_string_lossy().into_owned();
    let mut told = told(&tool, typed.argv());
    for judged in &verdict.commands {
        told.extend(self::told(&judged.command.tool, judged.command.invocation.argv()));
    }
    told.sort_unstable();
    told.dedup();
    if told.is_empty() {
        return verdict;
    }
    for judged in &mut verdict.commands {
        judged.command.headline = redact::without(&judged.command.headline, &told);
        judged.unsure = judged.unsure.take().map(|why| redact::without(&why, &told));
        if let Some(Resolution::Hits(targets)) = &mut judged.resolution {
            targets_without(targets, &told);
        }
    }
    verdict
}

fn told(tool: &str, argv: &[OsString]) -> Vec<Vec<u8>> {
    let words: Vec<&[u8]> = argv.iter().map(|w| w.as_bytes()).collect();
    redact::told_in_command(tool, &words)
}

fn targets_without(targets: &mut Targets, told: &[Vec<u8>]) {
    let is_told = |object: &str| told.iter().any(|secret| secret == object.as_bytes());
    targets.objects.retain(|object| !is_told(object));
    for object in &mut targets.objects {
        *object = redact::without(object, told);
    }
    for fact in targets.facts.iter_mut().filter(|fact| fact.key == "object") {
        if let Value::Known(datum) = &mut fact.value {
            datum_without(datum, told);
        }
    }
    targets.headline = targets.headline.take().map(|headline| redact::without(&headline, told));
    // Nobody is made to type a secret: the program's name is asked for then.
    if redact::without(&targets.typed, told) != targets.typed {
        targets.typed.clear();
    }
}

fn datum_without(datum: &mut Datum, told: &[Vec<u8>]) {
    match datum {
        Datum::Text(text) => *text = redact::without(text, told),
        Datum::List(items) => items.iter_mut().for_each(|item| datum_without(item, told)),
        Datum::Null | Datum::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::targets_without;
    use crate::targets::{Datum, Fact, Targets, Value};

    #[test]
    fn what_is_derived_from_a_secret_does_not_tell_it() {
        let mut targets = Targets::new("aws");
        targets.objects = vec!["shop".into(), "pw".into(), "db/pw".into(), "pwx".into()];
        targets.headline = Some("modify shop pw".into());
        targets.typed = "pw".into();
        targets_without(&mut targets, &[b"pw".to_vec()]);
        assert_eq!(targets.objects, ["shop", "db/‹hidden›", "pwx"]);
        assert_eq!(targets.headline.as_deref(), Some("modify shop ‹hidden›"));
        assert_eq!(targets.typed, "");
        targets.facts =
            vec![Fact::known("object", Datum::texts(["db/pw", "shop"]), "the words of the command")];
        targets_without(&mut targets, &[b"pw".to_vec()]);
        assert_eq!(targets.facts[0].value, Value::Known(Datum::texts(["db/‹hidden›", "shop"])));
    }
}
