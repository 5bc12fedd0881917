//! stub
use std::time::Duration;
pub enum Level {
    Critical,
    High,
    Medium,
}
pub struct FactLine {
    pub label: String,
    pub value: String,
    pub source: String,
    pub alarm: bool,
}
pub struct Question {
    pub title: String,
    pub level: Level,
    pub environment: String,
    pub facts: Vec<FactLine>,
    pub notes: Vec<(String, String)>,
    pub ask: String,
    pub expected: String,
    pub time_limit: Duration,
}
#[derive(Debug)]
pub enum Declined {
    Escape,
    EndOfInput,
    WrongAnswers,
    TimedOut,
    HungUp,
    Interrupted(i32),
}
pub enum Answer {
    Confirmed { attempts: u32, waited: Duration },
    Declined(Declined),
}
pub struct NoTerminal {
    pub why: String,
}
pub fn ask(_q: &Question) -> Result<Answer, NoTerminal> {
    Err(NoTerminal { why: "stub".into() })
}
