//! The inbox on a terminal that only takes text, and without one: lines. Must never show less than the window does.

use super::reading::{CHECK, Heard, QUIET};
use super::window::{AGAIN, Listing, outcome, said};
use super::worker::{News, Order, Worker};
use super::{Answered, Case, Choice, Seen, Trouble, Verb, body, left};
use crate::statement::{Hash, Severity, Surface};
use crate::sys::terminal::{print, since_boot};
use crate::tty::{Check, LineAsk, NoTerminal, Row, Unanswered, ask_line};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// Columns of a text that nobody lays out.
const COLUMNS: usize = 78;

/// The list as lines, one request each.
pub fn list(cases: &[Case], now: u64) -> Vec<String> {
    let line = |case: &Case| {
        let id = case.short();
        let genuine = if case.genuine.is_ok() { "" } else { "NOT GENUINE  " };
        let over = case.over().map(|how| format!("  ({how})")).unwrap_or_default();
        format!(
            "{id}  {:8}  {:>9}  {}{}  {}  {}{over}",
            case.severity().word(),
            left(case.asked.exp(), now),
            genuine,
            crate::text::show_line(case.asked.person(), 24),
            case.target_line(32),
            case.command_line(72),
        )
    };
    cases.iter().map(line).collect()
}

/// One request, or one after the other.
pub fn run(worker: &Worker, listing: Listing, only: Option<Hash>) -> Result<Option<Verb>, Trouble> {
    let cases: Vec<&Case> =
        listing.cases.iter().filter(|case| only.is_none_or(|digest| case.digest == digest)).collect();
    if only.is_none() {
        let lines = list(&listing.cases, super::desk::now());
        show(&format!("{} wait in {}\n", cases.len(), crate::text::show_line(&listing.team, 80)))?;
        show(&(lines.join("\n") + if lines.is_empty() { "" } else { "\n" }))?;
    }
    let mut last = None;
    for case in cases {
        last = decide(worker, case)?.or(last);
    }
    if only.is_some() && last.is_none() { Err(Trouble::Undecided) } else { Ok(last) }
}

fn decide(worker: &Worker, case: &Case) -> Result<Option<Verb>, Trouble> {
    let _ = worker.orders.send(Order::Open(Box::new(case.clone()), Surface::Native));
    let began = since_boot();
    let Some(mut choice) = ask(case, Surface::Native)? else { return Ok(None) };
    let verb = choice.verb;
    loop {
        let about = send(worker, case.digest, &choice)?;
        if verb != Verb::Approve || !case.wants_number() {
            crate::say!("{}", said(case, verb));
            return Ok(Some(verb));
        }
        crate::say!("sent; waiting for their guard to check the number");
        match heard(worker, case.digest, about) {
            None => {
                crate::say!("that number did not match, one try left");
                choice.number = Some(number()?);
                // Else the same number within the same second would be the same statement, and no second try.
                choice.seen.ms = u64::try_from(since_boot().saturating_sub(began).as_millis()).unwrap_or(0);
            }
            Some(heard) => {
                crate::say!("{}", outcome(case, heard)?);
                return Ok(Some(verb));
            }
        }
    }
}

/// Signs and sends; the digest of the statement.
fn send(worker: &Worker, request: Hash, choice: &Choice) -> Result<Hash, Trouble> {
    let _ = worker.orders.send(Order::Decide(request, choice.clone()));
    loop {
        match worker.news.recv() {
            Ok(News::Decided(digest, _, outcome)) if digest == request => return outcome,
            Ok(News::Failed(trouble)) => return Err(trouble),
            Ok(
                News::Ready { .. }
                | News::Cases(_)
                | News::Lost(_)
                | News::Unannounced(..)
                | News::Decided(..),
            ) => {}
            Err(_) => return Err(Trouble::Nothing("the inbox ended".into())),
        }
    }
}

/// What the requester's guard says about an approval. `None`: its number is wrong, and may be given once more.
fn heard(worker: &Worker, request: Hash, about: Hash) -> Option<Heard> {
    let until = since_boot() + CHECK;
    while since_boot() < until {
        match worker.news.recv_timeout(AGAIN) {
            Ok(News::Cases(cases)) => {
                let case = cases.iter().find(|case| case.digest == request);
                match case.and_then(|case| case.answers.get(&about)) {
                    Some(Answered::Counts) => return Some(Heard::Counts),
                    Some(Answered::WrongNumber { left: 0 }) => {
                        let why = "that number did not match either: two wrong numbers end it";
                        return Some(Heard::Over(why.into()));
                    }
                    Some(Answered::WrongNumber { .. }) => return None,
                    Some(Answered::NotCounted) => {
                        return Some(Heard::Over("it does not count: their terminal says why".into()));
                    }
                    None => {}
                }
            }
            Ok(
                News::Ready { .. }
                | News::Lost(_)
                | News::Unannounced(..)
                | News::Decided(..)
                | News::Failed(_),
            ) => {}
            Err(RecvTimeoutError::Timeout) => drop(worker.orders.send(Order::Look)),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Some(Heard::Nothing)
}

fn number() -> Result<String, Trouble> {
    let digits = |n: &str| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit());
    line("the number on their terminal, three digits", &mut |given| {
        if digits(given) { Check::Right } else { Check::Unfit("three digits".into()) }
    })
}

/// Shows a request whole and asks for an answer, line by line. `None`: left undecided.
pub fn ask(case: &Case, surface: Surface) -> Result<Option<Choice>, Trouble> {
    let began = since_boot();
    let unicode = crate::tty::View::shows_unicode();
    show(&text(&body::rows(case, surface, COLUMNS, unicode)))?;
    let verb = match verb(case, surface, began)? {
        Some(verb) => verb,
        None => return Ok(None),
    };
    let mut number = None;
    let mut note = None;
    match verb {
        Verb::Approve => {
            if case.wants_number() {
                number = Some(self::number()?);
            }
            if case.severity() == Severity::Critical {
                let word = body::ascii(&case.asked.target().class, false);
                line(&format!("type {word} to approve"), &mut |given| {
                    if given == word { Check::Right } else { Check::Wrong("that is another word".into()) }
                })?;
            }
        }
        Verb::Deny | Verb::Report => {
            note = Some(line("why, for them to read", &mut |_| Check::Right)?);
        }
    }
    let ms = u64::try_from(since_boot().saturating_sub(began).as_millis()).unwrap_or(0);
    // All of it was written to the terminal, which has it in its scrollback.
    Ok(Some(Choice { verb, number, note, seen: Seen { end: true, ms }, surface }))
}

fn verb(case: &Case, surface: Surface, began: Duration) -> Result<Option<Verb>, Trouble> {
    let ask = match case.obstacle(surface) {
        None => "approve, deny, report (an attack), or leave",
        Some(_) => "deny, report (an attack), or leave",
    };
    let mut verb = None;
    line(ask, &mut |given| {
        if since_boot().saturating_sub(began) < QUIET {
            return Check::Unfit("read it first".into());
        }
        match given.trim() {
            "approve" => match case.obstacle(surface) {
                None => verb = Some(Verb::Approve),
                Some(why) => return Check::Unfit(why),
            },
            "deny" => verb = Some(Verb::Deny),
            "report" => verb = Some(Verb::Report),
            "leave" | "" => verb = None,
            _ => return Check::Unfit("one of these words".into()),
        }
        Check::Right
    })?;
    Ok(verb)
}

fn line(ask: &str, check: &mut dyn FnMut(&str) -> Check) -> Result<String, Trouble> {
    ask_line(&LineAsk { ask, remembered: None }, check).map_err(|unanswered| match unanswered {
        Unanswered::NotAsked(none) => Trouble::NoTerminal(none.to_string()),
        Unanswered::Declined(declined) => declined.signal().map_or(Trouble::Undecided, Trouble::Ended),
    })
}

/// Rows without colours.
pub fn text(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        for span in row {
            out.push_str(&span.text);
        }
        out.push('\n');
    }
    out
}

/// To the terminal itself: standard output may be a file.
fn show(text: &str) -> Result<(), Trouble> {
    let failed = |error| Trouble::NoTerminal(NoTerminal::Failed(error).to_string());
    print(text).map_err(failed)
}
