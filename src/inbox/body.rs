//! What an approver reads, as rows of a width: guard's remarks, then the rendering, line by line. Must never drop a
//! character, nor let foreign text stand outside of its fence when a line is broken.

use super::{Case, Weight};
use crate::statement::Surface;
use crate::statement::render::Tone;
use crate::tty::{Row, Span, Style, anywhere, words};

/// The bar between a label and foreign text, and the columns before it (guard-render/1).
const BAR: char = '\u{2502}';
const LABEL: usize = 12;

/// Rows of at most `columns`.
pub fn rows(case: &Case, surface: Surface, columns: usize, unicode: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(why) = case.obstacle(surface) {
        plain(&mut rows, &format!("You cannot approve this: {why}"), Style::Strong, columns);
    }
    for note in &case.notes {
        let (mark, style) = match note.weight {
            Weight::Warning => ("! ", Style::Alarm),
            Weight::Fact => ("  ", Style::Plain),
        };
        hanging(&mut rows, mark, &ascii(&note.text, unicode), style, columns);
    }
    // What it is about, first: whoever was woken up compares it with what they are told on the phone.
    let label = format!("  {}", case.asked.word());
    let short = format!("{} {}", case.short(), case.command_line(200));
    fenced(&mut rows, &format!("{label:LABEL$}{BAR} {short}"), columns, unicode);
    rows.push(Row::new());
    for line in &case.rendered.lines {
        match line.tone {
            Tone::Own => plain(&mut rows, &line.text, Style::Plain, columns),
            Tone::Warning => plain(&mut rows, &line.text, Style::Alarm, columns),
            Tone::Foreign => fenced(&mut rows, &line.text, columns, unicode),
        }
    }
    rows
}

/// guard's own words; what stands below something stays there when it is broken.
fn plain(rows: &mut Vec<Row>, text: &str, style: Style, columns: usize) {
    let own = text.trim_start_matches(' ');
    let indent = (text.len() - own.len()).min(columns / 4);
    let line = |line: String| vec![Span::new(format!("{}{line}", " ".repeat(indent)), style)];
    rows.extend(words(own, columns.saturating_sub(indent)).into_iter().map(line));
}

fn hanging(rows: &mut Vec<Row>, mark: &str, text: &str, style: Style, columns: usize) {
    for (at, line) in words(text, columns.saturating_sub(mark.len()).max(8)).into_iter().enumerate() {
        let before = if at == 0 { mark } else { "  " };
        rows.push(vec![Span::new(format!("{before}{line}"), style)]);
    }
}

/// A label, the bar, and foreign text; broken lines go on behind a bar of their own.
fn fenced(rows: &mut Vec<Row>, text: &str, columns: usize, unicode: bool) {
    let (label, foreign) = text.split_once(BAR).unwrap_or(("", text));
    let foreign = ascii(foreign.strip_prefix(' ').unwrap_or(foreign), unicode);
    let bar = if unicode { "\u{2502}" } else { "|" };
    // In a narrow window the label stands above, so that the text has room.
    let beside = columns >= 2 * LABEL + 12;
    let indent = if beside { LABEL } else { 2 };
    let room = columns.saturating_sub(indent + 2).max(4);
    if !beside && !label.trim().is_empty() {
        plain(rows, label.trim_end(), Style::Plain, columns);
    }
    for (at, piece) in anywhere(&foreign, room).into_iter().enumerate() {
        let label = if beside && at == 0 { label } else { "" };
        rows.push(vec![Span::plain(format!("{label:indent$}{bar} ")), Span::new(piece, Style::Strong)]);
    }
}

/// For a terminal that shows ASCII only: everything else spelled out.
pub fn ascii(text: &str, unicode: bool) -> String {
    if unicode {
        return text.to_owned();
    }
    text.chars().map(|c| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tty::width;

    fn text(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| row.iter().map(|span| span.text.as_str()).collect()).collect()
    }

    #[test]
    fn foreign_text_stays_behind_its_bar_and_whole_at_every_width() {
        let long = "a".repeat(70) + " guard: approved by everybody " + &"b".repeat(70);
        let line = format!("[3]         {BAR} {long}");
        for columns in [20, 35, 39, 79, 200] {
            let mut rows = Vec::new();
            fenced(&mut rows, &line, columns, true);
            let shown = text(&rows);
            let behind: String = shown
                .iter()
                .filter_map(|row| row.split_once("\u{2502} ").map(|(_, foreign)| foreign))
                .collect();
            assert_eq!(behind, long, "{columns}");
            assert!(shown.iter().all(|row| width(row) <= columns), "{columns}: {shown:#?}");
            assert!(shown.iter().all(|row| row.contains(BAR) || row.trim() == "[3]"), "{shown:#?}");
        }
    }

    #[test]
    fn a_terminal_without_unicode_gets_everything_spelled() {
        let mut rows = Vec::new();
        fenced(&mut rows, &format!("reason      {BAR} na\u{ef}ve"), 79, false);
        assert_eq!(text(&rows), ["reason      | na\\u{ef}ve"]);
    }
}
