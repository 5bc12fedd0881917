//! What one step asks for, as rows right above the line to type on. Must always say what has to be typed, and how to
//! leave.

use super::layout::{GAP, INDENT, pad};
use super::look::{Look, spelled};
use super::paint::{Row, Span, Style};
use super::step::Step;
use super::words;
use super::wrap;

/// The rows of a step that comes first or is shown again: with the ways out, `leave`. `place` is its number, and how
/// many there are.
pub fn request(step: &Step, place: Option<(usize, usize)>, leave: &str, look: &Look) -> Vec<Row> {
    let leave = match step {
        // They stand beside the seconds.
        Step::Countdown(_) | Step::Waiting(_) => Vec::new(),
        Step::Typed(_) | Step::Line(_) | Step::Secret(_) => remark(leave, look),
    };
    if look.tiny {
        // What has to be typed comes last.
        return [leave, short(step, place, look)].concat();
    }
    [short(step, place, look), leave].concat()
}

/// The rows of a step that follows another one.
pub fn short(step: &Step, place: Option<(usize, usize)>, look: &Look) -> Vec<Row> {
    let before = place.map(|(at, of)| format!("{at} of {of}: ")).unwrap_or_default();
    match step {
        Step::Typed(question) => {
            let ask = format!("{before}{}:", look.safe(&question.ask));
            if look.tiny {
                let mut rows = remark(&ask, look);
                // Without an indent: every column counts.
                rows.push(vec![Span::new(spelled(&question.expected), Style::Strong)]);
                return rows;
            }
            asked(&ask, &question.expected, look)
        }
        Step::Line(line) => {
            let mut rows = remark(&format!("{before}{}:", look.safe(line.ask)), look);
            if let Some(text) = line.remembered {
                rows.extend(asked("Return alone takes", text, look));
            }
            rows
        }
        Step::Secret(secret) => remark(&format!("{before}{}:", look.safe(secret.ask)), look),
        Step::Waiting(waiting) => {
            let what = look.safe(waiting.what);
            remark(&format!("{before}{what} (Esc or Ctrl-C takes the request back)"), look)
        }
        Step::Countdown(countdown) => {
            remark(&format!("{before}{}", words::at_zero(&look.safe(countdown.what))), look)
        }
    }
}

/// What is said after a wrong answer: what was expected, and how often it can be tried.
pub fn again(step: &Step, why: &str, left: u32, look: &Look) -> Vec<Row> {
    match step {
        Step::Typed(question) => asked(&words::wrong(left), &question.expected, look),
        Step::Line(_) | Step::Secret(_) | Step::Countdown(_) | Step::Waiting(_) => {
            remark(&format!("{} ({})", look.safe(why), words::tries(left)), look)
        }
    }
}

/// A remark between two attempts.
pub fn remark(text: &str, look: &Look) -> Vec<Row> {
    let room = look.columns - INDENT;
    wrap::words(text, room).into_iter().map(|line| vec![pad(INDENT), Span::plain(line)]).collect()
}

/// Words and then the answer, on one row where they fit.
fn asked(words: &str, expected: &str, look: &Look) -> Vec<Row> {
    let mut rows = Vec::new();
    let answer = look.safe_answer(expected);
    if INDENT + wrap::width(words) + GAP + wrap::width(&answer) <= look.columns {
        rows.push(vec![pad(INDENT), Span::plain(words), pad(GAP), Span::new(answer, Style::Strong)]);
    } else {
        rows.extend(remark(words, look));
        rows.extend(alone(&answer, look));
    }
    // How to type it where it is not plain ASCII; look-alike letters show here too.
    let spelled = spelled(expected);
    if spelled != look.safe_answer(expected) {
        rows.extend(remark("or letter by letter:", look));
        rows.extend(alone(&spelled, look));
    }
    rows
}

fn alone(answer: &str, look: &Look) -> Vec<Row> {
    let indent = 2 * INDENT;
    let lines = wrap::anywhere(answer, look.columns - indent);
    lines.into_iter().map(|line| vec![pad(indent), Span::new(line, Style::Strong)]).collect()
}
