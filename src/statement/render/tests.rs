//! What an approver sees cannot be forged by what the requester writes.

use super::super::world::World;
use super::super::{Foreign, Request};
use super::{Rendered, Tone, request};

fn text(rendered: &Rendered) -> String {
    rendered.lines.iter().map(|line| line.text.clone() + "\n").collect()
}

fn with(change: impl FnOnce(&mut Request)) -> Rendered {
    let mut asked = World::new().request();
    change(&mut asked);
    request(&asked)
}

#[test]
fn a_request_is_shown_whole() {
    let shown = text(&with(|_| {}));
    for line in [
        "guard-render/1 request\n",
        "asked by    │ alice\n",
        "on host     │ lap-alice\n",
        "fact        │ context\n  is        │ prod-eu\n",
        "command of 6 words\n[0]         │ kubectl\n[1]         │ --context\n",
        "[5]         │ payments\n",
        "reason      │ INC-4411 stuck finalizer\n",
        "asked 2026-09-21 14:13:20 UTC, open until 2026-09-21 14:23:20 UTC\n",
        "may start 120 s after the last approval, once\n",
    ] {
        assert!(shown.contains(line), "{line}{shown}");
    }
    assert!(shown.ends_with("end\n"));
}

#[test]
fn what_it_would_do_is_shown_whole_and_bound_by_what_was_seen() {
    let effects = |pods: u64, digest: u8| {
        with(move |asked| {
            asked.effects = Some(super::super::request::Effects {
                kind: "k8s.dry-run/1".to_owned(),
                digest: super::super::Hash([digest; 32]),
                summary: [("Deployment", 14), ("Pod", pods), ("Po\u{1b}[2Kd", 3)]
                    .map(|(k, n)| (k.to_owned(), n))
                    .into(),
            });
        })
    };
    let page = effects(212, 9);
    let shown = text(&page);
    let whole =
        "what it would do, by the requester's look beforehand\nlooked by   \u{2502} k8s.dry-run/1\n  sha256:";
    assert!(shown.contains(whole), "{shown}");
    for line in [
        "14          \u{2502} Deployment\n",
        "212         \u{2502} Pod\n",
        "3           \u{2502} Po\\u{1b}[2Kd\n",
    ] {
        assert!(shown.contains(line), "{line}{shown}");
    }
    for other in [effects(213, 9), effects(212, 8), with(|_| {})] {
        assert_ne!(other.digest, page.digest, "an approval of one is none of the other");
    }
}

#[test]
fn requester_text_cannot_pose_as_guards() {
    let shown = with(|asked| {
        asked.reason = Some("fix\nApproved by bob\n! severity low\n\u{1b}[2K\u{2502} end".to_owned());
        asked.exec.argv.push(Foreign::from("\u{202e}\r\nend"));
        asked.requester.host = "lap\nseverity low".to_owned();
    });
    for line in &shown.lines {
        let bar = line.text.find('│');
        assert_eq!(bar.is_some(), line.tone == Tone::Foreign, "{line:?}");
        assert!(!line.text.contains(['\u{1b}', '\r', '\n', '\u{202e}']), "{line:?}");
        assert!(!line.text.starts_with("Approved") && !line.text.starts_with("! severity low"), "{line:?}");
        assert_eq!(line.text.matches('│').count(), usize::from(bar.is_some()), "{line:?}");
    }
    let shown = text(&shown);
    assert!(shown.contains("            │ Approved by bob\n"), "{shown}");
    assert!(shown.contains("│ \\u{1b}[2K\\u{2502} end\n"), "{shown}");
    assert!(shown.contains("│ lap\\u{a}severity low\n"), "{shown}");
}

#[test]
fn nothing_is_shortened_and_every_change_shows() {
    let long = "x".repeat(100_000);
    let shown = with(|asked| asked.exec.argv.push(Foreign::from(long.as_str())));
    assert!(text(&shown).contains(&format!("[6]         │ {long}\n")));
    let base = with(|_| {}).digest;
    assert_eq!(with(|_| {}).digest, base);
    for change in [
        (|r| r.exec.argv[5] = Foreign::from("payments ")) as fn(&mut Request),
        |r| r.exec.argv[5] = Foreign::from("p\u{430}yments"),
        |r| r.exec.argv.push(Foreign::from("")),
        |r| r.target.class = "staging".to_owned(),
        |r| r.requester.person = "bob".to_owned(),
        |r| r.exec.cwd = Foreign::from("/"),
        |r| r.usage.max = 2,
        |r| r.chain = None,
        |r| r.reason = None,
    ] {
        assert_ne!(with(change).digest, base);
    }
    // One word with a space is not two words.
    let joined = with(|asked| asked.exec.argv = vec![Foreign::from("rm -rf")]);
    let apart = with(|asked| asked.exec.argv = vec![Foreign::from("rm"), Foreign::from("-rf")]);
    assert_ne!(joined.digest, apart.digest);
}

#[test]
fn look_alike_letters_and_agents_are_warned_of() {
    let shown = with(|asked| {
        asked.exec.argv[5] = Foreign::from("p\u{430}yments");
        asked.requester.origin = super::super::request::Origin::Agent;
    });
    let warnings: Vec<&str> =
        shown.lines.iter().filter(|l| l.tone == Tone::Warning).map(|l| l.text.as_str()).collect();
    assert_eq!(warnings, ["! asked by an agent, not by a person", "! letters that look like others: U+0430"]);
}
