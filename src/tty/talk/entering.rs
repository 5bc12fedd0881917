//! The steps that end with Return: the typed name, a line of text, a secret. Must never show a secret, nor take a paste
//! for the typed name.

use super::Talk;
use crate::tty::keys::Key;
use crate::tty::line::Edit;
use crate::tty::look::{Look, spelled};
use crate::tty::question::Declined;
use crate::tty::request::{again, remark};
use crate::tty::screen::Event;
use crate::tty::step::{Check, Echo, LineAsk, SecretAsk, Step};
use crate::tty::words;
use crate::{sys, text};
use zeroize::Zeroizing;

/// Texts that may be entered.
const ATTEMPTS: u32 = 3;
/// The number of SIGINT.
const INTERRUPT: i32 = 2;

impl Talk<'_> {
    /// The question's name, typed by hand: the number of attempts it took. Without a question nothing is right.
    pub fn typed(&mut self) -> Result<u32, Declined> {
        let Some(question) = self.question else { return Err(Declined::WrongAnswers) };
        let step = Step::Typed(question);
        self.begin(&step)?;
        self.entered(&step, &mut |typed| {
            let typed = text::show(typed);
            let right = typed == text::show(&question.expected) || typed == spelled(&question.expected);
            if right && !typed.is_empty() { Check::Right } else { Check::Wrong(String::new()) }
        })
        .map(|(attempts, _)| attempts)
    }

    /// A line of text that `check` finds right.
    pub fn line(
        &mut self,
        ask: &LineAsk<'_>,
        check: &mut dyn FnMut(&str) -> Check,
    ) -> Result<String, Declined> {
        let step = Step::Line(ask);
        self.begin(&step)?;
        let remembered = ask.remembered.unwrap_or("");
        let (_, line) = self.entered(&step, &mut |typed| check(or(typed, remembered)))?;
        if line.trim().is_empty() {
            // What Return alone took stands where it would have been typed.
            let look = self.look();
            let text = self.prompt.draw(&look.safe_answer(remembered), &look);
            self.screen.show(&text)?;
        }
        Ok(or(&line, remembered).trim().to_owned())
    }

    /// A secret that `check` finds right.
    pub fn secret(
        &mut self,
        ask: &SecretAsk<'_>,
        check: &mut dyn FnMut(&str) -> Check,
    ) -> Result<Zeroizing<String>, Declined> {
        sys::memory::forbid_dumps();
        let step = Step::Secret(ask);
        self.begin(&step)?;
        self.entered(&step, check).map(|(_, secret)| secret)
    }

    /// Texts until one is right, at most so many: how many it took, and the right one.
    fn entered(
        &mut self,
        step: &Step<'_>,
        check: &mut dyn FnMut(&str) -> Check,
    ) -> Result<(u32, Zeroizing<String>), Declined> {
        let mut attempts = 0;
        loop {
            let entered = self.until_return(step)?;
            match check(&entered) {
                Check::Right => return Ok((attempts + 1, entered)),
                Check::Unfit(why) => self.refuse(step, &why)?,
                Check::Over(why) => {
                    self.over = Some(why);
                    return Err(Declined::Over);
                }
                Check::Wrong(why) => {
                    attempts += 1;
                    if attempts >= ATTEMPTS {
                        return Err(Declined::WrongAnswers);
                    }
                    let rows = again(step, &why, ATTEMPTS - attempts, &self.look());
                    self.say(step, &rows)?;
                }
            }
        }
    }

    /// What stands on the line when Return is pressed.
    fn until_return(&mut self, step: &Step<'_>) -> Result<Zeroizing<String>, Declined> {
        loop {
            match self.next(step)? {
                Event::Back => self.show_page(step)?,
                Event::Burst => self.refuse(step, words::BURST)?,
                Event::Key(Key::Paste) => self.paste(step)?,
                Event::Key(Key::Escape) => return Err(Declined::Escape),
                Event::Key(Key::Interrupt) => return Err(Declined::Interrupted(INTERRUPT)),
                Event::Key(Key::EndOfInput) if self.line.is_empty() => return Err(Declined::EndOfInput),
                Event::Key(Key::Return) => return Ok(self.line.take()),
                Event::Key(key) => self.edit(step, key)?,
                // Handled by `next`, or asked for by nobody.
                Event::Resized | Event::News | Event::Tick => {}
            }
        }
    }

    fn paste(&mut self, step: &Step<'_>) -> Result<(), Declined> {
        let pasted = self.screen.take_paste();
        match (step, pasted) {
            (Step::Typed(_) | Step::Countdown(_) | Step::Waiting(_), _) => self.refuse(step, words::PASTED),
            (Step::Line(_) | Step::Secret(_), None) => self.refuse(step, words::TOO_LONG),
            (Step::Line(_) | Step::Secret(_), Some(pasted)) => {
                self.line.add(&pasted);
                self.show_line(step)
            }
        }
    }

    fn edit(&mut self, step: &Step<'_>, key: Key) -> Result<(), Declined> {
        match self.line.edit(key) {
            Edit::Nothing => Ok(()),
            Edit::Added(c) => {
                let look = self.look();
                let shown = shown(step, c.encode_utf8(&mut [0; 4]), &look);
                let text = self.prompt.add(&shown, &shown_line(step, self.line.text(), &look), &look);
                self.screen.show(&text)
            }
            Edit::Changed => self.show_line(step),
        }
    }

    /// What came was not typed, or fits nothing: it goes, and does not count as an attempt.
    fn refuse(&mut self, step: &Step<'_>, why: &str) -> Result<(), Declined> {
        let look = self.look();
        let rows = remark(&look.safe(why), &look);
        self.say(step, &rows)
    }

    /// The bytes that draw the line to type on.
    pub(super) fn draw_line(&mut self, step: &Step<'_>) -> String {
        let look = self.look();
        match step {
            Step::Countdown(_) => self.prompt.draw_row(&words::seconds_left(self.left), &look),
            Step::Waiting(_) => self.prompt.draw_row(&look.safe(&self.row), &look),
            Step::Typed(_) | Step::Line(_) | Step::Secret(_) => {
                self.prompt.draw(&shown_line(step, self.line.text(), &look), &look)
            }
        }
    }
}

fn or<'t>(typed: &'t str, remembered: &'t str) -> &'t str {
    if typed.trim().is_empty() { remembered } else { typed }
}

fn shown_line(step: &Step<'_>, text: &str, look: &Look) -> String {
    shown(step, text, look)
}

/// What shows of a text that was typed.
fn shown(step: &Step<'_>, text: &str, look: &Look) -> String {
    match step {
        Step::Typed(_) | Step::Line(_) | Step::Countdown(_) | Step::Waiting(_) => look.safe_answer(text),
        Step::Secret(ask) => match ask.echo {
            Echo::Dots if look.unicode => "\u{2022}".repeat(text.chars().count()),
            Echo::Dots => "*".repeat(text.chars().count()),
            Echo::Nothing => String::new(),
        },
    }
}
