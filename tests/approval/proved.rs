//! What is left behind says who approved and what became of it, and a changed byte of it is told.

use super::tickets::{RUN, workload_that};
use guard::statement::{Bundle, Envelope, Kind};
use serde_json::Value;

/// Another letter in the middle of a signature.
fn spoilt(envelope: &Envelope) -> Envelope {
    let mut value: Value = serde_json::from_slice(&envelope.to_bytes()).expect("JSON");
    let sig = value["signatures"][0]["sig"].as_str().expect("base64").to_owned();
    let at = sig.len() - 20;
    let other = if &sig[at..=at] == "A" { "B" } else { "A" };
    value["signatures"][0]["sig"] = format!("{}{other}{}", &sig[..at], &sig[at + 1..]).into();
    Envelope::from_bytes(value.to_string().as_bytes()).expect("an envelope")
}

#[test]
fn a_claim_that_was_changed_is_told_and_has_another_exit_status() {
    let night = workload_that("proved-claim", "\"approval:sre\"", &[]);
    let found = night.approved(&["--max", "3"], |_| {});
    for _ in 0..2 {
        assert_eq!(night.run_with(&found, &[], RUN).status.code(), Some(0));
    }
    let directory = night.scene.path("home/.local/state/guard/team/bundles");
    let files = std::fs::read_dir(directory).expect("bundles").map(|file| file.expect("read").path());
    let bundles: Vec<Bundle> = files
        .map(|file| Bundle::from_bytes(&std::fs::read(file).expect("read")).expect("a bundle"))
        .collect();
    let claims = |bundle: &Bundle| bundle.statements.iter().filter(|s| s.kind() == Some(Kind::Claim)).count();
    let second = bundles.into_iter().find(|bundle| claims(bundle) == 2).expect("the second use");
    // Nothing in it but the approval and the claims.
    assert_eq!(
        second.statements.len(),
        3,
        "{:?}",
        second.statements.iter().map(Envelope::kind).collect::<Vec<_>>()
    );
    let verify = |bundle: &Bundle| {
        let file = night.scene.write("work/bundle", "");
        std::fs::write(&file, bundle.to_bytes().expect("canonical")).expect("written");
        let output = night.done(&["verify", "bundle"]);
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text)
    };
    let (status, said) = verify(&second);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("use 2 of 3"), "{said}");
    assert!(
        said.contains("its ticket was approved by bob; it was started as approved, by ci's signed word"),
        "{said}"
    );
    let at = second.statements.iter().rposition(|s| s.kind() == Some(Kind::Claim)).expect("a claim");
    let mut changed = second.clone();
    changed.statements[at] = spoilt(&changed.statements[at]);
    let (status, said) = verify(&changed);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains(&format!("statement {} (claim) does not count: ", at + 1)), "{said}");
    assert!(said.contains("which use of the ticket it was is not proven"), "{said}");
    // Its only claim: nothing is proven then.
    changed.statements.retain(|s| s.kind() != Some(Kind::Claim) || *s == changed_claim(&second, at));
    let (status, said) = verify(&changed);
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("no use of its ticket was claimed") && said.contains("(claim) does not count"),
        "{said}"
    );
    let mut changed = second.clone();
    changed.receipt = spoilt(&changed.receipt);
    let (status, said) = verify(&changed);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("not proven: its receipt does not count"), "{said}");
}

fn changed_claim(bundle: &Bundle, at: usize) -> Envelope {
    spoilt(&bundle.statements[at])
}
