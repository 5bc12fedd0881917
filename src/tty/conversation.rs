//! Question, answer, and what is said between two attempts. Only the expected text, typed, confirms.

use super::keys::Key;
use super::layout;
use super::line::{Edit, Line};
use super::look::spelled;
use super::paint::{self, Row};
use super::prompt::Prompt;
use super::question::{Answer, Aside, Declined, NoTerminal, Question};
use super::screen::{Event, Screen};
use super::words;
use crate::sys::terminal::since_boot;
use crate::text;

/// Lines that may be entered.
const ATTEMPTS: u32 = 3;

/// Asks on the controlling terminal and waits for the person, at most the question's time limit. In the background
/// the process is stopped until it is brought forward, like any program that needs its terminal. What `aside` finds is
/// shown as it comes.
pub fn ask(question: &Question, aside: Option<Aside<'_>>) -> Result<Answer, NoTerminal> {
    // Two questions on one terminal would share its keys: the second waits for the first to be answered.
    let _turn = crate::sys::terminal::turn();
    let screen = Screen::open(question.time_limit, &question.expected, aside)?;
    let began = since_boot();
    let mut talk =
        Conversation { question, screen, prompt: Prompt::default(), line: Line::default(), drawn: 0 };
    let answer = match talk.hold() {
        Ok(attempts) => Answer::Confirmed { attempts, waited: since_boot().saturating_sub(began) },
        Err(declined) => Answer::Declined(declined),
    };
    let last = format!("{}{}\n", talk.prompt.leave(), words::closing(&answer, question.time_limit));
    match answer {
        Answer::Confirmed { .. } => talk.screen.close(&last),
        Answer::Declined(declined) => talk.screen.close_declined(declined, &last),
    }
    Ok(answer)
}

struct Conversation<'a> {
    question: &'a Question,
    screen: Screen<'a>,
    prompt: Prompt,
    line: Line,
    /// Columns the question was laid out for.
    drawn: usize,
}

impl Conversation<'_> {
    /// The number of attempts it took.
    fn hold(&mut self) -> Result<u32, Declined> {
        let mut attempts = 0;
        self.show_question()?;
        loop {
            match self.screen.next()? {
                Event::Back => self.show_question()?,
                Event::Resized if self.screen.look.columns < self.drawn => {
                    // What the terminal has made of the wider rows goes out of sight, and stays in the scrollback.
                    let text = paint::scroll_away(&self.screen.look);
                    self.screen.show(&text)?;
                    self.prompt.leave();
                    self.show_question()?;
                }
                Event::Resized => {}
                Event::News => self.show_news()?,
                Event::Burst => self.refuse(words::BURST)?,
                Event::Key(Key::Paste) => self.refuse(words::PASTED)?,
                Event::Key(Key::Escape) => return Err(Declined::Escape),
                Event::Key(Key::Interrupt) => return Err(Declined::Interrupted(INTERRUPT)),
                Event::Key(Key::EndOfInput) if self.line.is_empty() => return Err(Declined::EndOfInput),
                Event::Key(Key::Return) => {
                    attempts += 1;
                    if self.is_right() {
                        return Ok(attempts);
                    }
                    self.wrong(attempts)?;
                }
                Event::Key(key) => self.edit(key)?,
            }
        }
    }

    /// The whole question, and an empty line to type on. What is typed before that line shows does not count.
    fn show_question(&mut self) -> Result<(), Declined> {
        let look = self.screen.look;
        self.line.take();
        self.drawn = look.columns;
        let rows = layout::question(self.question, self.screen.aside.is_some(), &look);
        let text = format!("{}{}\n{}", paint::begin(&look), self.prompt.leave(), paint::rows(&rows, &look));
        self.screen.show(&text)?;
        self.screen.forget_input();
        self.show_tail()
    }

    /// What the look says so far, and the line to type on as it is.
    fn show_tail(&mut self) -> Result<(), Declined> {
        let look = self.screen.look;
        let line = self.screen.aside.as_ref().and_then(|aside| aside.line());
        let line = line.filter(|_| !look.tiny);
        let rows = line.map(|line| layout::aside(self.question, &line, &look)).unwrap_or_default();
        let text = self.prompt.draw_under(&rows, self.line.text(), &look);
        self.screen.show(&text)
    }

    /// The look has more to say. The line that is being typed stays as it is; a terminal that only takes text, where
    /// every step would stay, gets the last one only.
    fn show_news(&mut self) -> Result<(), Declined> {
        let pending = self.screen.aside.as_ref().and_then(|aside| aside.line()).is_some_and(|l| l.pending);
        if self.screen.look.dumb && pending { Ok(()) } else { self.show_tail() }
    }

    fn show_line(&mut self) -> Result<(), Declined> {
        let text = self.prompt.draw(self.line.text(), &self.screen.look);
        self.screen.show(&text)
    }

    fn edit(&mut self, key: Key) -> Result<(), Declined> {
        match self.line.edit(key) {
            Edit::Nothing => Ok(()),
            Edit::Added(c) => {
                let text = self.prompt.add(c, self.line.text(), &self.screen.look);
                self.screen.show(&text)
            }
            Edit::Changed => self.show_line(),
        }
    }

    fn is_right(&self) -> bool {
        let typed = text::show(self.line.text());
        !typed.is_empty()
            && (typed == text::show(&self.question.expected) || typed == spelled(&self.question.expected))
    }

    fn wrong(&mut self, attempts: u32) -> Result<(), Declined> {
        if attempts >= ATTEMPTS {
            return Err(Declined::WrongAnswers);
        }
        let look = self.screen.look;
        let rows = layout::again(self.question, ATTEMPTS - attempts, &look);
        self.say(&rows)
    }

    /// What came was not typed: it goes, and does not count as an attempt.
    fn refuse(&mut self, why: &str) -> Result<(), Declined> {
        let rows = layout::remark(why, &self.screen.look);
        self.say(&rows)
    }

    /// A remark below the line, and a new line to type on.
    fn say(&mut self, rows: &[Row]) -> Result<(), Declined> {
        self.line.take();
        let text = format!("{}{}", self.prompt.leave(), paint::rows(rows, &self.screen.look));
        self.screen.show(&text)?;
        // What is still being counted goes on below; what was said stays where it stands.
        match self.screen.aside.as_ref().and_then(|aside| aside.line()) {
            Some(line) if line.pending => self.show_tail(),
            Some(_) | None => self.show_line(),
        }
    }
}

/// The number of SIGINT.
const INTERRUPT: i32 = 2;
