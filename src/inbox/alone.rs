//! One request without a relay: read, answered, and given back as a signed text. Must never answer a text whose
//! request the roster does not vouch for.

use super::choice::{self, Choice};
use super::desk::now;
use super::reading::{Act, Reading};
use super::{Case, Desk, Trouble, body, draw, known, plain};
use crate::keys::Signer;
use crate::statement::{Envelope, Kind, Surface};
use crate::sys::terminal::since_boot;
use crate::team::{paste, sign, ticket};
use crate::tty::{Declined, Happening, Key, View};
use std::time::Duration;

/// How often the time that is left is drawn anew.
const TICK: Duration = Duration::from_millis(500);

/// The request in a pasted text, judged like one from the relay.
pub fn from_text(desk: &Desk, text: &str) -> Result<Case, Trouble> {
    let usage = |what: &str| {
        Trouble::Usage {
        what: what.into(),
        hint: "the whole text from `guard-req1:` on, as `guard requests show` printed it; a ticket begins with `guard-ticket1:`".into(),
    }
    };
    let (envelope, thread) = in_text(text).ok_or_else(|| usage("this is no request, or a part of one"))?;
    if !matches!(envelope.kind(), Some(Kind::Request | Kind::Ticket)) {
        return Err(usage("this text is a statement, but no request"));
    }
    let case = Case::of(desk, &envelope, &thread, now());
    let mut case =
        case.ok_or_else(|| usage("this request cannot be read: another version of guard made it"))?;
    if let Err(why) = &case.genuine {
        return Err(Trouble::Refused {
            why: format!("the request is not genuine: {why}"),
            hint: "`guard team update` fetches a newer roster; else ask the person by another way".into(),
        });
    }
    let found = known::compare(&desk.state, case.digest, &case.asked)?;
    case.judge(desk, &found, now());
    Ok(case)
}

/// The statement in a text, and what was said about it: only a ticket brings its approvals along.
fn in_text(text: &str) -> Option<(Envelope, Vec<Vec<u8>>)> {
    match paste::from_text(text)? {
        (paste::Form::Ticket, bytes) => {
            ticket::Found::read(&bytes).map(|found| (found.envelope, found.statements))
        }
        (paste::Form::Request | paste::Form::Answer | paste::Form::Bundle | paste::Form::Roster, bytes) => {
            Envelope::from_bytes(&bytes).ok().map(|envelope| (envelope, Vec::new()))
        }
    }
}

/// The signed answer as a text to send back.
pub fn to_text(desk: &Desk, signer: &Signer, case: &Case, choice: &Choice) -> Result<String, Trouble> {
    let envelope = sign(choice::decision(desk, case, choice)?, signer)?;
    Ok(paste::to_text(paste::Form::Answer, &envelope.to_bytes()))
}

/// Shows it and asks. `None`: left undecided.
pub fn read(case: Case, surface: Surface) -> Result<Option<Choice>, Trouble> {
    let view = View::open().map_err(|none| Trouble::NoTerminal(none.to_string()))?;
    let Some(mut view) = view else { return plain::ask(&case, surface) };
    let mut reading = Reading::open(case, surface, since_boot());
    let chosen = turn(&mut view, &mut reading, surface);
    match chosen {
        Ok(choice) => {
            view.close("");
            Ok(choice)
        }
        Err(declined) => {
            drop(view);
            Err(declined.signal().map_or(Trouble::Undecided, Trouble::Ended))
        }
    }
}

fn turn(
    view: &mut View<'static>,
    reading: &mut Reading,
    surface: Surface,
) -> Result<Option<Choice>, Declined> {
    loop {
        let ((columns, height), unicode) = (view.size(), view.unicode());
        let rows = body::rows(reading.case(), surface, columns, unicode);
        reading.laid_out(rows.len(), draw::text_rows(height));
        let (rows, cursor) = draw::reading(reading, &rows, None, columns, height, unicode);
        view.draw(&rows, cursor)?;
        match view.next(TICK)? {
            Happening::Key(Key::Paste) => {
                if let Some(text) = view.take_paste() {
                    reading.paste(&text);
                }
            }
            Happening::Key(key) => match reading.key(key, since_boot()) {
                Act::Nothing => {}
                // Nothing is sent from here, so no word is waited for either.
                Act::Leave => return Ok(None),
                Act::Send(choice) => return Ok(Some(choice)),
            },
            Happening::Redraw => reading.redrawn(since_boot()),
            Happening::Tick => {}
        }
    }
}
