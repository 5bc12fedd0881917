//! The question as rows of text: what will happen, to what, where; how guard knows; how much, why, undo, safer;
//! then the request. Must never cut foreign text in silence, nor let it begin a row where a label stands.

use super::look::Look;
use super::paint::{Row, Span, Style};
use super::question::{FactLine, Level, Question};
use super::wrap;
use crate::preview::Line;

pub(super) const INDENT: usize = 2;
pub(super) const GAP: usize = 2;
/// Labels longer than this stand on a row of their own.
const WIDEST_LABEL: usize = 14;
const ALARM: &str = "ATTENTION";
const PREFIX: &str = "guard: ";
const FROM: &str = "from ";
/// The label of what a look found.
pub const HOW_MUCH: &str = "how much";
const NAMED: &str = "environment: ";
/// Lines of a list of names that are shown.
const MOST_LINES: usize = 5;
/// Columns before the environment's name on a row of its own.
const ALONE: usize = PREFIX.len() + NAMED.len();
/// Below this a source goes under its value instead of beside it.
const ROOM_FOR_SOURCE: usize = 48;

/// The question, without what is asked for: `request` goes below it. Where that would scroll the heading out of the
/// window, the heading is said again. `aside` when rows of a look will stand above the line to type on.
pub fn question(question: &Question, request: &[Row], aside: bool, look: &Look) -> Vec<Row> {
    let mut page = Page { look, label: label_width(question, look), rows: vec![page_rule(look)] };
    page.heading(question);
    if !question.command.is_empty() {
        page.blank();
        let lines = page.capped(&question.command, page.room());
        page.labelled("command", Style::Plain, lines.into_iter().map(|l| vec![Span::plain(l)]).collect());
    }
    page.facts(&question.facts);
    if !question.notes.is_empty() {
        page.blank();
    }
    for (label, text) in &question.notes {
        page.entry(&look.safe(label), &look.safe(text), Style::Plain);
    }
    page.blank();
    let below = request.len() + ROWS_OF_LINE + if aside { ROWS_OF_ASIDE } else { 0 };
    if page.rows.len() + below > look.rows {
        page.heading(question);
    }
    page.rows.extend_from_slice(request);
    page.rows
}

/// The line to type on, and one for what is said at the end.
const ROWS_OF_LINE: usize = 2;
/// What a look takes above that line when it fits on one row.
const ROWS_OF_ASIDE: usize = 2;

/// What a look says so far, as it stands right above the line to type on.
pub fn aside(question: &Question, line: &Line, look: &Look) -> Vec<Row> {
    let mut page = Page { look, label: label_width(question, look), rows: Vec::new() };
    page.blank();
    let style = if line.pending { Style::Plain } else { Style::Strong };
    page.entry(HOW_MUCH, &look.safe(&line.words), style);
    page.rows
}

struct Page<'a> {
    look: &'a Look,
    /// Columns of the labels.
    label: usize,
    rows: Vec<Row>,
}

impl Page<'_> {
    fn blank(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Foreign text in so many columns. A long list of names goes on as a number: the facts must stay in sight.
    fn capped(&self, text: &str, room: usize) -> Vec<String> {
        let safe = self.look.safe(text);
        let mut lines = wrap::words(&safe, room);
        let shown: usize = lines.iter().take(MOST_LINES).map(|line| line.split(' ').count()).sum();
        let more = text.split(' ').count().saturating_sub(shown);
        if lines.len() > MOST_LINES + 1 && safe.split(' ').count() > lines.len() {
            lines.truncate(MOST_LINES);
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// Columns right of the labels.
    fn room(&self) -> usize {
        self.look.columns.saturating_sub(INDENT + self.label + GAP).max(10)
    }

    fn heading(&mut self, question: &Question) {
        let room = self.look.columns - PREFIX.len();
        let title = self.capped(&question.title, room);
        for (i, line) in title.into_iter().enumerate() {
            let first = if i == 0 { Span::plain(PREFIX) } else { pad(PREFIX.len()) };
            self.rows.push(vec![first, Span::new(line, Style::Strong)]);
        }
        let badge = badge(question.level, self.look);
        let environment = self.look.safe(&question.environment);
        let beside = PREFIX.len() + badge.text.len() + GAP + NAMED.len();
        let mut row = vec![pad(PREFIX.len()), badge];
        let before = if beside + wrap::width(&environment) <= self.look.columns { beside } else { ALONE };
        if before == ALONE {
            self.rows.push(std::mem::replace(&mut row, vec![pad(PREFIX.len() - GAP)]));
        }
        row.extend([pad(GAP), Span::plain(NAMED)]);
        for line in wrap::anywhere(&environment, self.look.columns - before) {
            row.push(Span::new(line, Style::Strong));
            self.rows.push(std::mem::replace(&mut row, vec![pad(before)]));
        }
    }

    /// A label and its text, continued under the text.
    fn entry(&mut self, label: &str, text: &str, style: Style) {
        let lines = wrap::words(text, self.room());
        self.labelled(label, style, lines.into_iter().map(|line| vec![Span::new(line, style)]).collect());
    }

    fn labelled(&mut self, label: &str, style: Style, texts: Vec<Row>) {
        let mut label = label.to_owned();
        if wrap::width(&label) > self.label {
            for line in wrap::anywhere(&label, self.look.columns - INDENT) {
                self.rows.push(vec![pad(INDENT), Span::new(line, style)]);
            }
            label.clear();
        }
        for text in texts {
            let fill = self.label - wrap::width(&label) + GAP;
            let mut row = vec![pad(INDENT), Span::new(std::mem::take(&mut label), style), pad(fill)];
            row.extend(text);
            self.rows.push(row);
        }
    }

    fn facts(&mut self, facts: &[FactLine]) {
        if facts.is_empty() {
            return;
        }
        self.blank();
        let values: Vec<String> = facts.iter().map(|f| self.look.safe(&f.value)).collect();
        let column = self.value_column(facts, &values);
        for (fact, value) in facts.iter().zip(&values) {
            let texts = self.fact(fact, value, &self.look.safe(&fact.source), column);
            self.labelled(&self.look.safe(&fact.label), Style::Plain, texts);
            if let Some(alarm) = &fact.alarm {
                self.entry(ALARM, &self.look.safe(alarm), Style::Alarm);
            }
        }
    }

    /// Columns of the widest value that leaves room for the sources beside it; 0 when there is no such value.
    fn value_column(&self, facts: &[FactLine], values: &[String]) -> usize {
        if self.room() < ROOM_FOR_SOURCE {
            return 0;
        }
        let sources = facts.iter().map(|f| FROM.len() + wrap::width(&self.look.safe(&f.source)));
        let source = sources.max().unwrap_or(0).min(self.room() * 2 / 3);
        let fitting = values.iter().map(|v| wrap::width(v)).filter(|v| v + GAP + source <= self.room());
        fitting.max().unwrap_or(0)
    }

    /// The value, and its source beside it, or below where they do not fit beside each other.
    fn fact(&self, fact: &FactLine, value: &str, source: &str, column: usize) -> Vec<Row> {
        let source = if source.is_empty() { String::new() } else { format!("{FROM}{source}") };
        let beside = wrap::width(value) <= column;
        let first = if beside { column } else { self.room() };
        let lines = self.capped(&fact.value, first);
        let mut rows: Vec<Row> = lines.into_iter().map(|line| vec![Span::plain(line)]).collect();
        if source.is_empty() {
            return rows;
        }
        let indent = if column == 0 { 2 } else { column + GAP };
        for (i, line) in wrap::words(&source, self.room().saturating_sub(indent)).into_iter().enumerate() {
            if i == 0 && beside {
                let gap = indent - wrap::width(value);
                rows[0].extend([pad(gap), Span::plain(line)]);
            } else {
                rows.push(vec![pad(indent), Span::plain(line)]);
            }
        }
        rows
    }
}

fn badge(level: Level, look: &Look) -> Span {
    match level {
        Level::Critical | Level::High if look.colour => {
            Span::new(format!(" {} ", level.word()), Style::Badge)
        }
        Level::Critical | Level::High | Level::Medium | Level::Low => Span::new(level.word(), Style::Strong),
    }
}

pub(super) fn pad(columns: usize) -> Span {
    Span::plain(" ".repeat(columns))
}

fn page_rule(look: &Look) -> Row {
    let dash = if look.unicode { "\u{2500}" } else { "-" };
    vec![Span::plain(dash.repeat(look.columns))]
}

fn label_width(question: &Question, look: &Look) -> usize {
    let facts = question.facts.iter().map(|f| &f.label);
    let labels = facts.chain(question.notes.iter().map(|(label, _)| label));
    let fitting = labels.map(|l| wrap::width(&look.safe(l))).filter(|w| *w <= WIDEST_LABEL);
    fitting.max().unwrap_or(0).max(ALARM.len())
}

#[cfg(test)]
mod tests {
    use super::{Look, question};
    use crate::tty::look::PLAIN;
    use crate::tty::question::{FactLine, Level, Question};
    use crate::tty::request::request;
    use crate::tty::step::Step;
    use std::time::Duration;

    fn asked(names: usize) -> Question {
        let names: Vec<String> = (0..names).map(|n| format!("pod-number-{n}")).collect();
        let fact = |label: &str, value: String| FactLine {
            label: label.into(),
            value,
            source: String::new(),
            alarm: None,
        };
        Question {
            title: format!("delete the pods {}", names.join(" ")),
            level: Level::High,
            environment: "production".into(),
            command: format!("kubectl delete pods {}", names.join(" ")),
            facts: vec![fact("context", "prod-eu".into()), fact("objects", names.join(", "))],
            notes: vec![("why".into(), "they go".into())],
            expected: "prod-eu/payments".into(),
            ask: "type the target's name to run it".into(),
            time_limit: Duration::from_secs(120),
        }
    }

    fn shown(names: usize, look: &Look) -> Vec<String> {
        let text = |row: &super::Row| row.iter().map(|span| span.text.as_str()).collect::<String>();
        let asked = asked(names);
        let request = request(&Step::Typed(&asked), None, "Esc leaves", look);
        question(&asked, &request, false, look).iter().map(text).collect()
    }

    #[test]
    fn hundreds_of_names_leave_the_facts_in_sight() {
        let look = Look { rows: 60, ..PLAIN };
        let rows = shown(400, &look);
        assert!(rows.len() < 35, "{rows:#?}");
        assert!(
            rows.iter().filter(|row| row.contains("and 3") && row.contains(" more")).count() == 3,
            "{rows:#?}"
        );
        assert!(!shown(12, &look).iter().any(|row| row.contains(" more")));
    }

    #[test]
    fn in_a_tiny_window_the_answer_stands_last() {
        let rows = shown(1, &Look { rows: 4, tiny: true, ..PLAIN });
        assert_eq!(rows.last().map(String::as_str), Some("prod-eu/payments"));
    }
}
