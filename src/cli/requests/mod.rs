//! `guard requests`: what waits for an approval on this machine, as text for any channel, the answers that came that way, and
//! requests that are left and run later.

mod later;
mod list;
mod past;
mod picture;

use crate::gates::approval;
use crate::settings::Dirs;
use crate::statement::{Approval, Decision, Envelope, Hash, read};
use crate::team::{outbox, paste};
use crate::text::show_line;
use std::io::Read;

/// Requests for approval: list, show, answer, leave one and run it later
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Print the list as one JSON object
    #[arg(long)]
    json: bool,
    /// List how requests ended that were made here
    #[arg(long)]
    ended: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Make(later::Make),
    Run(later::Claim),
    /// Take a request back, signed: nobody can approve it any more
    Cancel {
        /// The beginning of the request's id
        id: String,
    },
    Show(list::Show),
    /// Take an approver's answer: the guard-ok1: text, or standard input
    Answer {
        text: Option<String>,
    },
    /// Send receipts that still have to reach the relay
    #[command(hide = true)]
    Deliver,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    approval::sweep(dirs);
    match &args.verb {
        Some(Verb::Make(make)) => return later::make(make, dirs),
        Some(Verb::Deliver) => return deliver(dirs),
        Some(Verb::Run(_) | Verb::Cancel { .. } | Verb::Show(_) | Verb::Answer { .. }) | None => {}
    }
    let waiting = match approval::waiting(dirs) {
        Ok(waiting) => waiting,
        Err(error) => return failed(78, &error.to_string(), &error.hint()),
    };
    match &args.verb {
        None if args.ended => past::list(args.json, dirs),
        None => list::list(&waiting, args.json, dirs),
        Some(Verb::Show(show)) => one(dirs, &waiting, &show.id, |request| list::show(request, show, dirs)),
        Some(Verb::Run(claim)) => one(dirs, &waiting, &claim.id, |request| later::run(request, claim, dirs)),
        Some(Verb::Cancel { id }) => one(dirs, &waiting, id, |request| later::cancel(request, dirs)),
        Some(Verb::Answer { text }) => answer(dirs, &waiting, text.as_deref()),
        Some(Verb::Make(_) | Verb::Deliver) => 70,
    }
}

fn failed(status: i32, what: &str, hint: &str) -> i32 {
    crate::say!("{what}");
    crate::say!("hint: {hint}");
    status
}

/// Characters of an id: fewer are a slip of the finger.
const SHORTEST_ID: usize = 4;

/// The one request whose id begins so, or how it ended.
fn one(dirs: &Dirs, waiting: &[Envelope], id: &str, then: impl FnOnce(&Envelope) -> i32) -> i32 {
    let id = id.trim().to_ascii_lowercase();
    let id = id.strip_prefix("sha256:").unwrap_or(&id);
    if id.len() < SHORTEST_ID {
        return failed(64, "an id has at least four characters", "`guard requests` lists them");
    }
    let fits = |digest: Hash| digest.hex().starts_with(id);
    let found: Vec<&Envelope> = waiting.iter().filter(|e| fits(e.digest())).collect();
    match found.as_slice() {
        [request] if list::is_over(request, dirs) => past::say(dirs, &fits),
        [request] => then(request),
        [] => past::say(dirs, &fits),
        _ => failed(64, "several requests begin so", "`guard requests` lists them"),
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
        let past = approval::ended(dirs).unwrap_or_default().into_iter().find(|p| p.request == said.request);
        return match past {
            Some(past) => past::too_late(&past),
            None => failed(
                75,
                "the request that it answers does not wait here",
                "`guard requests` lists what waits",
            ),
        };
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
            crate::outln!("{}'s {verb} is handed to the request", show_line(&said.person, 60));
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
