//! Objects that an `aws s3` command removes: the first page of the listing of the same bucket, with the same profile.
//! Must never list more than a page.

use super::reads::Reads;
use super::{Ask, Plan, Seen, words};
use crate::reading::Command;
use crate::rules::Count;
use crate::targets::Targets;
use serde_json::Value as Json;

/// One page of the service.
const PAGE: &str = "1000";

/// How a listing is read.
#[derive(Clone, Debug)]
pub struct Objects {
    /// `s3://bucket/prefix`.
    place: String,
}

/// Where the service is reached, forwarded as given.
const FORWARDED: &[&str] = &["--endpoint-url", "--ca-bundle", "--cli-connect-timeout"];

pub fn plan(command: &Command, targets: &Targets, limit_ms: u32) -> Plan {
    let has = |name: &str| command.option(name).is_some();
    let removes = match command.verb.as_str() {
        "s3 rm" => has("--recursive"),
        "s3 rb" => has("--force"),
        _ => false,
    };
    let Some(place) = command.operands.iter().find(|o| o.starts_with("s3://")).filter(|_| removes) else {
        return Plan::Nothing;
    };
    if has("--include") || has("--exclude") {
        return Plan::Unable("filters choose among the objects".into());
    }
    let (bucket, prefix) = place["s3://".len()..].split_once('/').unwrap_or((&place["s3://".len()..], ""));
    if bucket.is_empty() || bucket.starts_with("arn:") {
        return Plan::Unable("the bucket is not named plainly".into());
    }
    let mut ask = Ask::like(&command.invocation, place, Reads::Bucket(Objects { place: place.clone() }));
    ask.environment = ask.environment.set("AWS_PAGER", "".as_ref());
    ask.arg("s3api");
    ask.arg("list-objects-v2");
    // A profile that a variable names stays with the variable: as an option it would outrank credentials that
    // stand in variables, and the look would come from somebody else.
    let profile = command.option("--profile").filter(|given| targets.text("profile") == Some(*given));
    for (name, value) in [("--profile", profile), ("--region", targets.text("region"))] {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            ask.arg(name);
            ask.arg(value);
        }
    }
    for name in FORWARDED {
        if let Some(value) = command.option(name).filter(|v| !v.is_empty()) {
            ask.arg(*name);
            ask.arg(value);
        }
    }
    let seconds = limit_ms.div_ceil(1000).to_string();
    let page = ["--bucket", bucket, "--max-items", PAGE, "--output", "json", "--cli-read-timeout", &seconds];
    page.into_iter().for_each(|word| ask.arg(word));
    if !prefix.is_empty() {
        ask.option("--prefix", prefix);
    }
    for alone in ["--no-verify-ssl", "--no-sign-request"].into_iter().filter(|name| has(name)) {
        ask.arg(alone);
    }
    ask.plan()
}

impl Objects {
    pub fn read(&self, answer: &str) -> Result<Seen, String> {
        // An empty bucket may be answered with nothing at all.
        let listing = match answer.trim() {
            "" => Json::Null,
            text => serde_json::from_str(text).map_err(|_| "the listing is not understood".to_owned())?,
        };
        let objects = listing["Contents"].as_array().map_or(&[][..], Vec::as_slice);
        let n = objects.len() as u64;
        let size = words::bytes(objects.iter().filter_map(|o| o["Size"].as_u64()).sum());
        let what = format!("{} below {}, {size}", words::count(n, "object"), self.place);
        let more = ["NextToken", "NextContinuationToken"].iter().any(|key| listing[*key].is_string())
            || listing["IsTruncated"] == true;
        Ok(match more {
            true => Seen::new(Count::AtLeast(n), format!("more than {what}")),
            false => Seen::new(Count::Exactly(n), what),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Objects, plan};
    use crate::invocation::{Invocation, Stdin};
    use crate::preview::Plan;
    use crate::reading::{Command, Opt};
    use crate::rules::Count;
    use crate::targets::{Fact, Targets};

    fn remove(options: &[&str], place: &str) -> Plan {
        let invocation = Invocation::here(vec!["aws".into()], Stdin::Unread).expect("a directory");
        let mut command = Command::new(&invocation, "aws");
        command.verb = "s3 rm".into();
        command.operands = vec![place.into()];
        let words = options.iter().map(|o| o.split_once('=').unwrap_or((o, "")));
        let opt = |(name, value): (&str, &str)| Opt { name: name.into(), value: Some(value.into()), at: 0 };
        command.options = words.map(opt).collect();
        let mut targets = Targets::new("aws");
        targets.facts.push(Fact::text("profile", "prod", "--profile"));
        targets.facts.push(Fact::text("region", "eu-1", "--region"));
        plan(&command, &targets, 3000)
    }

    #[test]
    fn the_same_account_region_and_bucket_are_listed() {
        let Plan::Ask(ask) = remove(&["--recursive", "--profile=prod"], "s3://backups/2024/") else {
            panic!("no look")
        };
        let line: Vec<_> = ask.arguments.iter().map(|w| w.to_string_lossy()).collect();
        let head = "s3api list-objects-v2 --profile prod --region eu-1 --bucket backups --max-items 1000";
        assert!(line.join(" ").starts_with(head), "{line:?}");
        assert_eq!(line.last().map(AsRef::as_ref), Some("--prefix=2024/"));
        let Plan::Ask(ask) = remove(&["--recursive"], "s3://backups") else { panic!("no look") };
        assert!(!ask.arguments.contains(&"--profile".into()), "a variable's profile stays a variable");
        assert!(matches!(remove(&[], "s3://backups/one"), Plan::Nothing));
        assert!(matches!(remove(&["--recursive", "--exclude=*"], "s3://b"), Plan::Unable(_)));
    }

    #[test]
    fn a_page_is_a_count_only_when_it_is_the_last() {
        let objects = Objects { place: "s3://backups/2024/".into() };
        let page = r#"{"Contents":[{"Key":"a","Size":1500},{"Key":"b","Size":500}]"#;
        let seen = objects.read(&format!("{page}}}")).expect("a listing");
        assert_eq!(seen, super::Seen::new(Count::Exactly(2), "2 objects below s3://backups/2024/, 2.0 kB"));
        let seen = objects.read(&format!(r#"{page},"NextToken":"x"}}"#)).expect("a listing");
        assert_eq!(seen.count, Count::AtLeast(2));
        assert_eq!(objects.read("").map(|s| s.count), Ok(Count::Exactly(0)));
        assert!(objects.read("<html>").is_err());
    }
}
