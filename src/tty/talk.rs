//! A question and what it asks for, step after step on one screen: the typed name, a line, a secret, a countdown. Only
//! what a step was given after it was shown counts; leaving at any of them leaves altogether.

mod counting;
mod entering;
mod waiting;

use super::burst::Burst;
use super::layout;
use super::line::Line;
use super::look::Look;
use super::paint::{self, Row};
use super::prompt::Prompt;
use super::question::{Answer, Aside, Declined, NoTerminal, Question};
use super::request::{request, short};
use super::screen::{Event, Screen};
use super::step::{Check, Countdown, LineAsk, SecretAsk, Step, TIME_LIMIT, Unanswered};
use super::words;
use crate::sys::terminal::{since_boot, turn};
use std::time::Duration;
use zeroize::Zeroizing;

/// Asks for the question's typed name alone. In the background the process is stopped until it is brought forward, like
/// any program that needs its terminal. What `aside` finds is shown as it comes.
pub fn ask(question: &Question, aside: Option<Aside<'_>>) -> Result<Answer, NoTerminal> {
    let mut talk = Talk::open(question, aside, 1)?;
    Ok(match talk.typed() {
        Ok(attempts) => {
            let waited = talk.waited();
            talk.confirmed();
            Answer::Confirmed { attempts, waited }
        }
        Err(declined) => {
            talk.declined(declined);
            Answer::Declined(declined)
        }
    })
}

/// Asks for one secret, without a question around it; `check` says what comes of each one.
pub fn ask_secret(
    ask: &SecretAsk<'_>,
    check: &mut dyn FnMut(&str) -> Check,
) -> Result<Zeroizing<String>, Unanswered> {
    alone(|talk| talk.secret(ask, check))
}

/// Asks for one line, without a question around it.
pub fn ask_line(ask: &LineAsk<'_>, check: &mut dyn FnMut(&str) -> Check) -> Result<String, Unanswered> {
    alone(|talk| talk.line(ask, check))
}

/// Counts down, without a question around it.
pub fn countdown(countdown: &Countdown<'_>) -> Result<(), Unanswered> {
    alone(|talk| talk.countdown(countdown))
}

fn alone<T>(step: impl FnOnce(&mut Talk<'_>) -> Result<T, Declined>) -> Result<T, Unanswered> {
    together(1, step)
}

/// Asks for several things, one after the other, without a question around them and without giving the terminal back in
/// between: what is typed too early is not echoed.
pub fn together<T>(
    of: usize,
    steps: impl FnOnce(&mut Talk<'_>) -> Result<T, Declined>,
) -> Result<T, Unanswered> {
    let mut talk = Talk::new(None, TIME_LIMIT, None, of)?;
    let said = steps(&mut talk);
    let last = talk.last("");
    match &said {
        Ok(_) => talk.screen.close(&last),
        Err(declined) => talk.screen.close_declined(*declined, &last),
    }
    Ok(said?)
}

/// An open conversation. Dropping it gives the terminal back without a word.
pub struct Talk<'a> {
    question: Option<&'a Question>,
    screen: Screen<'a>,
    prompt: Prompt,
    line: Line,
    limit: Duration,
    began: Duration,
    /// Columns the question was laid out for.
    drawn: usize,
    /// The step's number, and how many there will be.
    at: usize,
    of: usize,
    over: Option<String>,
    /// Seconds left of a countdown.
    left: u64,
    /// What a wait shows.
    row: String,
    /// Two questions on one terminal would share its keys: the second waits for the first to be answered.
    _turn: Option<Box<dyn std::any::Any>>,
}

impl<'a> Talk<'a> {
    /// Takes the terminal for a question of so many steps; each may take the question's time limit.
    pub fn open(
        question: &'a Question,
        aside: Option<Aside<'a>>,
        steps: usize,
    ) -> Result<Talk<'a>, NoTerminal> {
        Talk::new(Some(question), question.time_limit, aside, steps)
    }

    fn new(
        question: Option<&'a Question>,
        limit: Duration,
        aside: Option<Aside<'a>>,
        of: usize,
    ) -> Result<Talk<'a>, NoTerminal> {
        let turn = turn().map(|lock| Box::new(lock) as Box<dyn std::any::Any>);
        let screen = Screen::open(limit, aside)?;
        Ok(Talk {
            question,
            screen,
            prompt: Prompt::default(),
            line: Line::default(),
            limit,
            began: since_boot(),
            drawn: 0,
            at: 0,
            of,
            over: None,
            left: 0,
            row: String::new(),
            _turn: turn,
        })
    }

    /// Since the terminal was taken.
    pub fn waited(&self) -> Duration {
        since_boot().saturating_sub(self.began)
    }

    /// Every step was passed: says so and gives the terminal back.
    pub fn confirmed(self) {
        self.passed(words::CONFIRMED);
    }

    /// The same with other words; foreign ones made safe by the caller.
    pub fn passed(mut self, words: &str) {
        let last = self.last(words);
        self.screen.close(&last);
    }

    /// The same for what nothing more can be tried for, and why.
    pub fn over_because(mut self, why: &str) {
        self.over = Some(why.to_owned());
        self.declined(Declined::Over);
    }

    /// This process ends with this conversation, once it has written what became of it.
    pub fn hold_for_good(&mut self) {
        self.screen.hold_for_good();
    }

    /// Says why nothing runs and gives the terminal back.
    pub fn declined(mut self, declined: Declined) {
        let over = self.over.as_deref().map(|why| self.screen.look.safe(why));
        let words = words::not_run(declined, over.as_deref(), self.limit);
        let last = self.last(&words);
        self.screen.close_declined(declined, &last);
    }

    fn last(&mut self, words: &str) -> String {
        let end = if words.is_empty() { "" } else { "\n" };
        format!("{}{words}{end}", self.prompt.leave())
    }

    /// Begins a step: the first one with the question above it, the others below what stands there. What was typed
    /// before is no answer to it.
    fn begin(&mut self, step: &Step<'_>) -> Result<(), Declined> {
        self.at += 1;
        let burst = match step {
            Step::Typed(question) => Some(Burst::of(&question.expected)),
            Step::Line(_) | Step::Secret(_) | Step::Countdown(_) | Step::Waiting(_) => None,
        };
        self.screen.begin(self.limit, burst);
        if self.at == 1 {
            return self.show_page(step);
        }
        self.line.take();
        let look = self.screen.look;
        let rows = short(step, self.place(), &look);
        self.say(step, &rows)
    }

    fn place(&self) -> Option<(usize, usize)> {
        (self.of > 1).then_some((self.at, self.of))
    }

    /// The whole question with what the step asks for, and an empty line to type on. What is typed before that line
    /// shows does not count.
    fn show_page(&mut self, step: &Step<'_>) -> Result<(), Declined> {
        let look = self.screen.look;
        self.line.take();
        self.drawn = look.columns;
        let leave = match self.question {
            Some(_) => words::leave(self.limit),
            None => words::LEAVE_ALONE.to_owned(),
        };
        let request = request(step, self.place(), &leave, &look);
        let rows = match self.question {
            Some(question) => layout::question(question, &request, self.screen.aside.is_some(), &look),
            None => request,
        };
        // A question stands apart from what was there before.
        let apart = if self.question.is_some() { "\n" } else { "" };
        let rows = paint::rows(&rows, &look);
        let text = format!("{}{}{apart}{rows}", paint::begin(&look), self.prompt.leave());
        self.screen.show(&text)?;
        self.screen.forget_input();
        self.show_tail(step)
    }

    /// What the look says so far, and the line to type on as it is.
    fn show_tail(&mut self, step: &Step<'_>) -> Result<(), Declined> {
        let look = self.screen.look;
        let line = self.screen.aside.as_ref().and_then(|aside| aside.line()).filter(|_| !look.tiny);
        let rows = match (line, self.question) {
            (Some(line), Some(question)) => layout::aside(question, &line, &look),
            (Some(_), None) | (None, _) => Vec::new(),
        };
        let text = self.prompt.draw_above(&rows, &look) + &self.draw_line(step);
        self.screen.show(&text)
    }

    fn show_line(&mut self, step: &Step<'_>) -> Result<(), Declined> {
        let text = self.draw_line(step);
        self.screen.show(&text)
    }

    /// A remark below the line, and a new line to type on.
    fn say(&mut self, step: &Step<'_>, rows: &[Row]) -> Result<(), Declined> {
        self.line.take();
        let text = format!("{}{}", self.prompt.leave(), paint::rows(rows, &self.screen.look));
        self.screen.show(&text)?;
        // What is still being counted goes on below; what was said stays where it stands.
        match self.screen.aside.as_ref().and_then(|aside| aside.line()) {
            Some(line) if line.pending => self.show_tail(step),
            Some(_) | None => self.show_line(step),
        }
    }

    /// The next thing that is the step's own; what concerns the screen is done here.
    fn next(&mut self, step: &Step<'_>) -> Result<Event, Declined> {
        loop {
            match self.screen.next()? {
                Event::Resized if self.screen.look.columns < self.drawn => {
                    // What the terminal has made of the wider rows goes out of sight, and stays in the scrollback.
                    let text = paint::scroll_away(&self.screen.look);
                    self.screen.show(&text)?;
                    self.prompt.leave();
                    self.show_page(step)?;
                }
                Event::Resized => {}
                Event::News => self.show_news(step)?,
                event @ (Event::Key(_) | Event::Burst | Event::Tick | Event::Back) => return Ok(event),
            }
        }
    }

    /// The look has more to say. The line that is being typed stays as it is; a terminal that only takes text, where
    /// every step would stay, gets the last one only.
    fn show_news(&mut self, step: &Step<'_>) -> Result<(), Declined> {
        let pending = self.screen.aside.as_ref().and_then(|aside| aside.line()).is_some_and(|l| l.pending);
        if self.screen.look.dumb && pending { Ok(()) } else { self.show_tail(step) }
    }

    fn look(&self) -> Look {
        self.screen.look
    }
}
