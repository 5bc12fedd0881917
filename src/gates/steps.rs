//! The gates as steps of one conversation: first everything that is needed for all of them, then the questions. Must never
//! ask for one of them while another one cannot be asked.

use super::factor::Code;
use super::reason::Forms;
use super::{Asked, Stopped, not_askable};
use crate::rules::Verdict;
use crate::rules::pack::Gate;
use crate::tty::{Countdown, Declined, LineAsk, Question, Talk};

/// A gate with what is needed to ask for it.
#[derive(Debug)]
enum Step {
    Reason(Forms),
    Typed,
    Code(Box<Code>),
    Wait(u32),
}

/// What will be asked, in order.
#[derive(Debug, Default)]
pub struct Steps {
    steps: Vec<Step>,
    gates: Vec<Gate>,
}

/// What was answered.
#[derive(Debug, Default)]
pub struct Answers {
    /// How each gate was passed, in order.
    pub methods: Vec<&'static str>,
    pub gates: Vec<Gate>,
    /// Lines entered for the typed name.
    pub attempts: u32,
    pub reason: Option<String>,
    /// What to offer as the reason the next time.
    pub ticket: Option<String>,
    /// What the person should know, once the terminal is free.
    pub notices: Vec<String>,
}

impl Answers {
    /// Nothing was asked; the reason was given before.
    pub fn with_reason(reason: Option<String>) -> Answers {
        let mut answers = Answers::default();
        answers.add_reason(reason);
        answers
    }

    /// A reason that was given before.
    pub fn add_reason(&mut self, reason: Option<String>) {
        let Some(reason) = reason else { return };
        self.methods.insert(0, "reason");
        self.reason = Some(reason);
    }
}

/// Why the conversation ended early.
#[derive(Debug)]
pub enum Ended {
    Declined(Declined),
    Over { status: i32, why: String, hint: Option<String> },
}

impl Steps {
    /// Gets everything ready; what cannot be asked stops here.
    pub fn prepare(gates: &[Gate], asked: &Asked<'_>, shortest: usize) -> Result<Steps, Stopped> {
        let mut steps = Steps::default();
        for gate in gates {
            steps.steps.push(match gate {
                Gate::Reason => Step::Reason(forms(asked.verdict)?.at_least(shortest)),
                Gate::Confirm => Step::Typed,
                Gate::Totp => Step::Code(Box::new(Code::find(asked.dirs, asked.verifier)?)),
                Gate::Delay(seconds) => Step::Wait(*seconds),
                Gate::Deny | Gate::Notice | Gate::ReadOnly | Gate::Approval { .. } => {
                    let why = "nobody can be asked for it here".to_owned();
                    return Err(not_askable(gate.clone(), why, "see `guard explain`".into()));
                }
            });
            steps.gates.push(gate.clone());
        }
        Ok(steps)
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How many things are asked for.
    pub fn count(&self) -> usize {
        let each = |step: &Step| match step {
            Step::Code(code) => code.steps(),
            Step::Reason(_) | Step::Typed | Step::Wait(_) => 1,
        };
        self.steps.iter().map(each).sum()
    }

    /// Asks for all of them.
    pub fn ask(
        &mut self,
        talk: &mut Talk<'_>,
        question: &Question,
        remembered: Option<&str>,
    ) -> Result<Answers, Ended> {
        let mut answers = Answers { gates: self.gates.clone(), ..Answers::default() };
        for step in &mut self.steps {
            let method = match step {
                Step::Reason(forms) => {
                    let remembered = remembered.filter(|text| forms.fits(text));
                    let words = forms.ask();
                    let ask = LineAsk { ask: &words, remembered };
                    let reason = talk.line(&ask, &mut |text| forms.check(text)).map_err(Ended::Declined)?;
                    answers.ticket = forms.to_remember(&reason);
                    answers.reason = Some(reason);
                    "reason"
                }
                Step::Typed => {
                    answers.attempts = talk.typed().map_err(Ended::Declined)?;
                    "typed"
                }
                Step::Code(code) => {
                    let accepted = code.ask(talk)?;
                    answers.notices.extend_from_slice(accepted.notices());
                    accepted.method()
                }
                Step::Wait(seconds) => {
                    let what = format!("{} ({})", question.title, question.expected);
                    let wait = Countdown { what: &what, seconds: *seconds };
                    talk.countdown(&wait).map_err(Ended::Declined)?;
                    "delay"
                }
            };
            answers.methods.push(method);
        }
        Ok(answers)
    }
}

fn forms(verdict: &Verdict) -> Result<Forms, Stopped> {
    Forms::of(verdict).map_err(|pattern| {
        let why = format!("the pattern {pattern:?} is no regular expression");
        not_askable(Gate::Reason, why, "`guard doctor` lists every broken file".into())
    })
}
