//! The inbox's two pictures as rows. Pure. Must never be wider or higher than the window, nor shorten the text of a
//! decision.

use super::reading::{Mode, Reading};
use super::window::Listing;
use super::{Case, Verb, left, shorten};
use crate::statement::Severity;
use crate::text::show_line;
use crate::tty::{Row, Span, Style, width};

/// Rows around a request's text.
const FRAME: usize = 4;

/// Rows of the window that are left for a request's text.
pub fn text_rows(height: usize) -> usize {
    height.saturating_sub(FRAME).max(1)
}

/// The list, worst first.
pub fn list(listing: &Listing, columns: usize, height: usize, unicode: bool) -> Vec<Row> {
    let now = super::desk::now();
    let waiting = listing.cases.len();
    let count = if waiting == 1 { "1 waits".to_owned() } else { format!("{waiting} wait") };
    let who =
        format!("guard inbox  {}  you are {}", show_line(&listing.team, 60), show_line(&listing.person, 60));
    let mut rows = vec![between(&who, &count, Style::Strong, columns), rule("", columns, unicode)];
    let room = height.saturating_sub(4).max(2);
    let wide = columns >= 60;
    let each = if wide { 3 } else { 2 };
    let fits = (room / each).max(1);
    let first = listing.chosen.saturating_sub(fits - 1);
    for (at, case) in listing.cases.iter().enumerate().skip(first).take(fits) {
        let mut lines = item(case, at == listing.chosen, now, columns, unicode);
        if wide {
            lines.push(Row::new());
        }
        rows.append(&mut lines);
    }
    if listing.cases.is_empty() {
        rows.push(Row::new());
        rows.push(text("  Nothing waits for you.", Style::Strong));
        rows.push(text("  New requests appear here by themselves.", Style::Plain));
    }
    rows.truncate(height.saturating_sub(2));
    rows.resize(height.saturating_sub(2), Row::new());
    rows.push(status(listing, first + fits, columns, unicode));
    let keys = if wide { "up/down choose   Enter open   q leave" } else { "up/down  Enter open  q leave" };
    rows.push(text(&shorten(keys.into(), columns), Style::Plain));
    rows
}

fn status(listing: &Listing, shown: usize, columns: usize, unicode: bool) -> Row {
    if let Some(lost) = &listing.lost {
        return text(&shorten(format!("! {lost}; trying again"), columns), Style::Alarm);
    }
    if let Some(said) = &listing.said {
        return text(&shorten(said.clone(), columns), Style::Strong);
    }
    let below = listing.cases.len().saturating_sub(shown);
    let words = if below > 0 { format!("{below} more below") } else { String::new() };
    rule(&words, columns, unicode)
}

/// One request in two rows.
fn item(case: &Case, chosen: bool, now: u64, columns: usize, unicode: bool) -> Vec<Row> {
    let mark = match (chosen, unicode) {
        (true, true) => "\u{25b8} ",
        (true, false) => "> ",
        (false, _) => "  ",
    };
    let who = show_line(case.asked.person(), 24);
    let time = match case.over() {
        Some(how) => how,
        None if case.unattended => format!("nobody waits, {}", left(case.asked.exp(), now)),
        None => left(case.asked.exp(), now),
    };
    let genuine = case.genuine.is_ok();
    let word = if genuine { case.severity().word().to_uppercase() } else { "NOT GENUINE".into() };
    let style = if genuine { badge(case.severity()) } else { Style::Alarm };
    let kind = if case.asked.is_ticket() { "ticket " } else { "" };
    let what = format!("  {who}  {kind}{}  {}", case.short(), case.target_line(40));
    let used = width(mark) + width(&word) + 2;
    let room = columns.saturating_sub(used + width(&time) + 1);
    let what = super::body::ascii(&shorten(what, room), unicode);
    let gap = columns.saturating_sub(used + width(&what) + width(&time));
    let head = vec![
        Span::plain(mark),
        Span::new(format!(" {word} "), style),
        Span::plain(what),
        Span::plain(" ".repeat(gap)),
        Span::new(shorten(time, columns / 2), Style::Strong),
    ];
    let command = super::body::ascii(&case.command_line(columns.saturating_sub(4)), unicode);
    let style = if chosen { Style::Strong } else { Style::Plain };
    vec![head, text(&format!("    {}", shorten(command, columns.saturating_sub(4))), style)]
}

/// One request: who and how long on top, its text, and what can be done below.
pub fn reading(
    reading: &Reading,
    body: &[Row],
    lost: Option<&str>,
    columns: usize,
    height: usize,
    unicode: bool,
) -> (Vec<Row>, Option<(usize, usize)>) {
    let case = reading.case();
    let mut rows = vec![title(case, columns), rule("", columns, unicode)];
    let shown = text_rows(height);
    rows.extend(body.iter().skip(reading.top()).take(shown).cloned());
    rows.resize(shown + 2, Row::new());
    rows.push(below(reading, lost, columns, unicode));
    let (entry, cursor) = entry(reading, columns, unicode);
    let cursor = cursor.map(|column| (column, rows.len()));
    rows.push(entry);
    (rows, cursor)
}

fn title(case: &Case, columns: usize) -> Row {
    let time = case.over().unwrap_or_else(|| {
        let left = left(case.asked.exp(), super::desk::now());
        if left == "over" { "expired".into() } else { format!("{left} left") }
    });
    let word = format!(" {} ", case.severity().word().to_uppercase());
    let what = if case.asked.is_ticket() { " for a ticket" } else { "" };
    let who = format!("  {} asks{what}", show_line(case.asked.person(), 64));
    let time = shorten(time, columns / 2);
    let room = columns.saturating_sub(width(&word) + width(&time) + 1);
    let who = shorten(who, room);
    let gap = columns.saturating_sub(width(&word) + width(&who) + width(&time));
    vec![
        Span::new(word, badge(case.severity())),
        Span::new(who, Style::Strong),
        Span::plain(" ".repeat(gap)),
        Span::new(time, Style::Strong),
    ]
}

/// The line under the text: what went wrong, or how much is left to read.
fn below(reading: &Reading, lost: Option<&str>, columns: usize, unicode: bool) -> Row {
    if let Some(message) = reading.message() {
        return text(&shorten(format!("! {message}"), columns), Style::Alarm);
    }
    if let Some(lost) = lost {
        return text(&shorten(format!("! {lost}; trying again"), columns), Style::Alarm);
    }
    let (seen, all) = reading.progress();
    let words = match (seen >= all, reading.end()) {
        (true, _) => "the end".to_owned(),
        (false, true) => format!("{} more rows below, read before", all - seen),
        (false, false) => format!("{} more rows below: Space", all - seen),
    };
    rule(&words, columns, unicode)
}

/// The last row: what can be done, or what is being typed; and the column of the cursor.
fn entry(reading: &Reading, columns: usize, unicode: bool) -> (Row, Option<usize>) {
    let who = show_line(reading.case().asked.person(), 16);
    let (ask, typed) = match reading.mode() {
        Mode::Read => {
            let keys = match columns {
                60.. => "Space next page   a approve   d deny   r report an attack   q back",
                _ => "Space  a approve  d deny  r report  q",
            };
            return (text(&shorten(keys.into(), columns), Style::Plain), None);
        }
        Mode::Sending(verb) => {
            let words = match verb {
                Verb::Approve => "signing and sending; touch your key if it blinks",
                Verb::Deny | Verb::Report => "sending",
            };
            return (text(&shorten(words.into(), columns), Style::Strong), None);
        }
        Mode::Checking { .. } => {
            let words = match columns {
                60.. => format!("sent; waiting for {who}'s guard to check the number (q leaves)"),
                _ => "sent; the number is being checked".to_owned(),
            };
            return (text(&shorten(words, columns), Style::Strong), None);
        }
        Mode::Number(digits) => (number_ask(&who, columns), digits.clone()),
        Mode::Agree { typed, .. } => match reading.word_to_type() {
            Some(word) => (format!("type {} to approve: ", shorten(word, columns / 3)), typed.clone()),
            None => ("Return approves, Esc goes back ".to_owned(), String::new()),
        },
        Mode::Reason { verb, text } => (reason_ask(*verb, &who, columns), text.clone()),
    };
    let typed = super::body::ascii(&crate::text::show(&typed), unicode);
    let room = columns.saturating_sub(width(&ask) + 1).max(4);
    // The end of what is typed shows, as in any line editor.
    let tail: String = {
        let skip = typed.chars().count().saturating_sub(room);
        typed.chars().skip(skip).collect()
    };
    let column = width(&ask) + width(&tail);
    (vec![Span::new(ask, Style::Strong), Span::plain(tail)], Some(column.min(columns)))
}

fn number_ask(who: &str, columns: usize) -> String {
    if columns >= 60 {
        format!("the number on {who}'s terminal (ask them; Esc goes back): ")
    } else {
        "number on their terminal: ".to_owned()
    }
}

fn reason_ask(verb: Verb, who: &str, columns: usize) -> String {
    match (verb, columns >= 60) {
        (Verb::Report, true) => format!("report an attack, stops {who}'s requests; why: "),
        (Verb::Report, false) => "report; why: ".to_owned(),
        (Verb::Deny | Verb::Approve, true) => format!("deny; why, for {who} to read: "),
        (Verb::Deny | Verb::Approve, false) => "deny; why: ".to_owned(),
    }
}

fn badge(severity: Severity) -> Style {
    match severity {
        Severity::Critical => Style::Alarm,
        Severity::High => Style::Badge,
        Severity::Medium | Severity::Low => Style::Strong,
    }
}

fn between(one: &str, other: &str, style: Style, columns: usize) -> Row {
    let one = shorten(one.to_owned(), columns.saturating_sub(width(other) + 1));
    let gap = columns.saturating_sub(width(&one) + width(other));
    vec![Span::new(one, style), Span::plain(" ".repeat(gap)), Span::new(other, style)]
}

fn rule(words: &str, columns: usize, unicode: bool) -> Row {
    let dash = if unicode { "\u{2500}" } else { "-" };
    if words.is_empty() {
        return vec![Span::plain(dash.repeat(columns))];
    }
    let words = format!(" {} ", shorten(words.to_owned(), columns.saturating_sub(6)));
    let rest = columns.saturating_sub(2 + width(&words));
    vec![Span::plain(dash.repeat(2)), Span::new(words, Style::Strong), Span::plain(dash.repeat(rest))]
}

fn text(words: &str, style: Style) -> Row {
    vec![Span::new(words, style)]
}
