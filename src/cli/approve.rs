//! `guard approve` and `guard deny`: one request, from the relay or as pasted text. Must never approve without having
//! shown the whole request: there is no `--yes`.

use crate::inbox::{self, Case, Choice, Desk, Office, Seen, Trouble, Verb, alone, find};
use crate::settings::Dirs;
use crate::statement::Surface;
use crate::tty::{Check, LineAsk, Unanswered, ask_line};
use std::io::{IsTerminal, Read};

/// Longest pasted text; a request has at most 256 KiB before it is compressed.
const LONGEST: u64 = 512 << 10;

/// Read one request or ticket and decide
#[derive(Debug, clap::Args)]
pub struct Approve {
    /// Which request or ticket: what the requester's terminal or `guard inbox` shows, four characters or more
    #[arg(required_unless_present = "paste", conflicts_with = "paste")]
    id: Option<String>,
    /// Take your approval back; needs no terminal, counts until the command has started
    #[arg(long, conflicts_with = "paste")]
    revoke: bool,
    /// Why it is taken back, for the requester to read
    #[arg(long, value_name = "TEXT", requires = "revoke")]
    reason: Option<String>,
    /// Without a relay: read the text (guard-req1:, guard-ticket1:) from standard input, print the answer to send back
    #[arg(long)]
    paste: bool,
}

/// Refuse a request or ticket
///
/// One refusal is enough. It needs no terminal: to refuse is always safe.
#[derive(Debug, clap::Args)]
pub struct Deny {
    /// Which request or ticket, as `guard inbox` shows it
    id: String,
    /// Why, for the requester to read
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// It looks like an attack: the relay takes no more requests of this person until an admin clears it
    #[arg(long)]
    report: bool,
}

pub fn approve(args: &Approve, dirs: &Dirs) -> i32 {
    let done = match &args.id {
        Some(id) if args.revoke => take_back(id, args.reason.as_deref(), dirs),
        Some(id) => inbox::run(dirs, Some(id), false).and_then(decided),
        None => pasted(dirs),
    };
    end(done)
}

pub fn deny(args: &Deny, dirs: &Dirs) -> i32 {
    end(refuse(args, dirs))
}

fn end(done: Result<(), Trouble>) -> i32 {
    match done {
        Ok(()) => 0,
        Err(trouble) => trouble.complain(),
    }
}

fn decided(verb: Option<Verb>) -> Result<(), Trouble> {
    verb.map(|_| ()).ok_or(Trouble::Undecided)
}

fn refuse(args: &Deny, dirs: &Dirs) -> Result<(), Trouble> {
    let (desk, signer) = Desk::open(dirs)?;
    let mut office = Office::open(desk, &signer)?;
    let case = &meant(&mut office, &args.id)?;
    let choice = Choice {
        verb: if args.report { Verb::Report } else { Verb::Deny },
        number: None,
        note: Some(args.reason.clone()),
        seen: Seen { end: false, ms: 0 },
        surface: Surface::Native,
    };
    office.decide(case.digest, &choice)?;
    crate::say!("{}: {}", choice.verb.word(), case.command_line(100));
    Ok(())
}

fn take_back(id: &str, reason: Option<&str>, dirs: &Dirs) -> Result<(), Trouble> {
    let (desk, signer) = Desk::open(dirs)?;
    let mut office = Office::open(desk, &signer)?;
    let case = meant(&mut office, id)?;
    office.take_back(case.digest, reason)?;
    crate::say!("approval taken back: {}", case.command_line(100));
    Ok(())
}

/// The one that is meant, or how it ended already.
fn meant(office: &mut Office<'_>, id: &str) -> Result<Case, Trouble> {
    let cases = office.refresh(None)?;
    match find(&cases, id) {
        Ok(case) => Ok(case.clone()),
        Err(Trouble::Nothing(_)) => Err(office.ended(id)),
        Err(other) => Err(other),
    }
}

fn pasted(dirs: &Dirs) -> Result<(), Trouble> {
    let (mut desk, signer) = Desk::open(dirs)?;
    desk.recognise()?;
    let case = alone::from_text(&desk, &text()?)?;
    let choice = alone::read(case.clone(), Surface::Paste)?.ok_or(Trouble::Undecided)?;
    let answer = alone::to_text(&desk, &signer, &case, &choice)?;
    crate::say!("{}; send this text back:", choice.verb.word());
    crate::outln!("{answer}");
    if choice.number.is_some() {
        crate::say!("their terminal says whether the number is right; if not, run this once more");
    }
    Ok(())
}

/// From standard input, or pasted on the terminal.
fn text() -> Result<String, Trouble> {
    if !std::io::stdin().is_terminal() {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes);
        return read.ok().and_then(|_| String::from_utf8(bytes).ok()).ok_or_else(|| Trouble::Usage {
            what: "standard input is no text".into(),
            hint: "`guard approve --paste < FILE`".into(),
        });
    }
    let ask = LineAsk {
        ask: "paste the request (guard-req1:..., guard-ticket1:...); a long one from a file: `guard approve --paste < FILE`",
        remembered: None,
    };
    let line = ask_line(&ask, &mut |given| match crate::team::paste::from_text(given) {
        Some(_) => Check::Right,
        None => Check::Unfit("that is no request, or a part of one".into()),
    });
    line.map_err(|unanswered| match unanswered {
        Unanswered::NotAsked(none) => Trouble::NoTerminal(none.to_string()),
        Unanswered::Declined(declined) => declined.signal().map_or(Trouble::Undecided, Trouble::Ended),
    })
}
