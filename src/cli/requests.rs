//! `guard requests`: what waits for an approval on this machine, as text for any channel, and the answers that came that way.

use crate::gates::approval;
use crate::settings::Dirs;
use crate::statement::{Approval, Decision, Envelope, Request, read, render};
use crate::team::{outbox, paste};
use crate::text::show_line;
use std::io::Read;

/// List requests that wait for an approval, show one as text, take an answer
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Print the list as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Print a request as text to send to an approver over any channel
    Show {
        /// The beginning of the request's id
        id: String,
        /// Print what the approver is shown instead
        #[arg(long)]
        rendered: bool,
    },
    /// Take an approver's answer: the guard-ok1: text, or standard input
    Answer { text: Option<String> },
    /// Send receipts that still have to reach the relay
    #[command(hide = true)]
    Deliver,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    let waiting = match approval::waiting(dirs) {
        Ok(waiting) => waiting,
        Err(error) => return failed(78, &error.to_string(), &error.hint()),
    };
    match &args.verb {
        None => list(&waiting, args.json),
        Some(Verb::Show { id, rendered }) => show(&waiting, id, *rendered),
        Some(Verb::Answer { text }) => answer(dirs, &waiting, text.as_deref()),
        Some(Verb::Deliver) => deliver(dirs),
    }
}

fn failed(status: i32, what: &str, hint: &str) -> i32 {
    crate::say!("{what}");
    crate::say!("hint: {hint}");
    status
}

fn list(waiting: &[Envelope], json: bool) -> i32 {
    let requests =
        waiting.iter().filter_map(|e| Some((e.digest().hex(), read::<Request>(e.payload()).ok()?)));
    if json {
        let all: Vec<_> = requests
            .map(|(id, r)| serde_json::json!({ "id": id, "rule": r.policy.rule, "severity": r.policy.severity.word(), "exp": r.exp }))
            .collect();
        crate::outln!("{}", serde_json::json!({ "v": 1, "requests": all }));
        return 0;
    }
    for (id, request) in requests {
        let words: Vec<String> =
            request.exec.argv.iter().map(|w| String::from_utf8_lossy(&w.0).into_owned()).collect();
        crate::outln!(
            "{}  {:<8}  {}",
            &id[..8],
            request.policy.severity.word(),
            show_line(words.join(" "), 120)
        );
    }
    0
}

fn show(waiting: &[Envelope], id: &str, rendered: bool) -> i32 {
    let found: Vec<&Envelope> =
        waiting.iter().filter(|e| !id.is_empty() && e.digest().hex().starts_with(id)).collect();
    let [envelope] = found.as_slice() else {
        let what =
            if found.is_empty() { "no request with that id waits here" } else { "several requests begin so" };
        return failed(64, what, "`guard requests` lists them");
    };
    if !rendered {
        crate::outln!("{}", paste::to_text(paste::Form::Request, &envelope.to_bytes()));
        return 0;
    }
    match read::<Request>(envelope.payload()) {
        Ok(request) => {
            for line in &render::request(&request).lines {
                crate::outln!("{}", line.text);
            }
            0
        }
        Err(why) => failed(65, &format!("the request cannot be read: {why}"), "ask again"),
    }
}

fn answer(dirs: &Dirs, waiting: &[Envelope], text: Option<&str>) -> i32 {
    let text = match text {
        Some(text) => text.to_owned(),
        None => {
            let mut all = String::new();
            if std::io::stdin().take(1 << 20).read_to_string(&mut all).is_err() {
                return failed(64, "standard input is no text", "paste the guard-ok1: text");
            }
            all
        }
    };
    let approval = paste::envelope(&text).and_then(|e| Some((read::<Approval>(e.payload()).ok()?, e)));
    let Some((said, envelope)) = approval else {
        return failed(64, "this is no answer of an approver", "it begins with guard-ok1: and is one piece");
    };
    if !waiting.iter().any(|e| e.digest() == said.request) {
        return failed(
            75,
            "the request that it answers does not wait here",
            "`guard requests` lists what waits",
        );
    }
    let line = paste::to_text(paste::Form::Answer, &envelope.to_bytes());
    match approval::answer(dirs, &said.request, &line) {
        Ok(()) => {
            let verb = match said.decision {
                Decision::Approve => "approval",
                Decision::Deny | Decision::Report => "refusal",
                Decision::Revoke => "withdrawal",
                Decision::Viewing => "note of looking at it",
            };
            crate::outln!("{}'s {verb} is handed to the waiting command", show_line(&said.person, 60));
            0
        }
        Err(error) => failed(69, &error.to_string(), &error.hint()),
    }
}

fn deliver(dirs: &Dirs) -> i32 {
    match outbox::send_queued(&dirs.state) {
        Ok(done) => done.why.map_or(0, |why| failed(why.status(), &why.to_string(), &why.hint())),
        Err(why) => failed(69, &why, "`guard team show` and `guard key show` say what is there"),
    }
}
