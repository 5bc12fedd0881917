//! A look while it runs: started before the question, read by the question's own loop, ended with it. Must never
//! wait beyond the limit, and never say a number that the look did not give.

use super::report::Report;
use super::{Ask, Plan, Reads, Seen, files};
use crate::rules::Count;
use crate::sys::helper::{Channel, Failed, Helper, Program};
use crate::sys::terminal::since_boot;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What the helper gets beyond its own limit to say that time is up.
const GRACE: Duration = Duration::from_millis(250);

/// One command that is looked at: its place in the verdict, how it is counted, and the program where one is asked.
#[derive(Debug)]
pub struct Subject {
    pub at: usize,
    pub plan: Plan,
    /// The real program, or why it was not found.
    pub program: Option<Result<PathBuf, String>>,
}

/// What is known of one command.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Nothing,
    Counting { subject: String, progress: Option<String> },
    Seen(Seen),
    Failed(String),
}

/// What the question shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub words: String,
    /// It will change.
    pub pending: bool,
}

/// Every look of one verdict.
#[derive(Debug, Default)]
pub struct Preview {
    states: BTreeMap<usize, State>,
    helper: Option<Helper>,
    buffer: Vec<u8>,
    until: Duration,
    limit: Duration,
}

/// Work for the helper.
enum Job {
    Walk(files::Walk),
    Ask(Program, Reads),
}

impl Preview {
    /// Starts to look. What needs no look is known at once.
    pub fn start(subjects: Vec<Subject>, limit: Duration) -> Preview {
        let mut preview = Preview { limit, until: since_boot() + limit + GRACE, ..Preview::default() };
        let mut jobs = Vec::new();
        for subject in subjects {
            let state = state(&subject);
            if let Some(job) = job(subject.plan, subject.program).filter(|_| state.is_pending()) {
                jobs.push((subject.at, job));
            }
            preview.states.insert(subject.at, state);
        }
        if !jobs.is_empty() {
            match Helper::start(|channel| work(channel, &jobs, limit)) {
                Ok(helper) => preview.helper = Some(helper),
                Err(error) => {
                    preview.give_up(&format!("no process for it: {error}"));
                }
            }
        }
        preview
    }

    /// What the question waits on beside the terminal; `None` when nothing will come any more.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.helper.as_ref().map(AsFd::as_fd)
    }

    /// How long something may still come.
    pub fn left(&self) -> Option<Duration> {
        self.helper.as_ref().map(|_| self.until.saturating_sub(since_boot()))
    }

    /// Reads what has come; true when there is something new to show.
    pub fn update(&mut self) -> bool {
        let Some(helper) = &mut self.helper else { return false };
        let open = helper.read(&mut self.buffer);
        let mut new = false;
        for report in Report::take(&mut self.buffer) {
            new |= self.heed(report);
        }
        if !open {
            new |= self.give_up("the look ended early");
        } else if since_boot() >= self.until {
            let limit = self.limit;
            new |= self.give_up(&late(limit));
        }
        if self.states.values().all(|state| !state.is_pending()) {
            self.helper = None;
        }
        new
    }

    fn heed(&mut self, report: Report) -> bool {
        let (at, next) = match report {
            Report::Done { at, result: Ok(seen) } => (at, State::Seen(seen)),
            Report::Done { at, result: Err(why) } => (at, State::Failed(why)),
            Report::Progress { at, words } => match self.states.get(&at) {
                Some(State::Counting { subject, .. }) => {
                    (at, State::Counting { subject: subject.clone(), progress: Some(words) })
                }
                Some(State::Nothing | State::Seen(_) | State::Failed(_)) | None => return false,
            },
        };
        match self.states.get_mut(&at) {
            Some(state) if state.is_pending() => {
                *state = next;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Every look that has not answered has failed.
    fn give_up(&mut self, why: &str) -> bool {
        let pending: Vec<&mut State> = self.states.values_mut().filter(|state| state.is_pending()).collect();
        let any = !pending.is_empty();
        pending.into_iter().for_each(|state| *state = State::Failed(why.to_owned()));
        any
    }

    /// Waits until everything is counted, or the limit has passed. `slow` is called once when it takes a while.
    pub fn settle(&mut self, slow: impl FnOnce(&str)) {
        const WHILE: Duration = Duration::from_millis(400);
        let began = Instant::now();
        let mut slow = Some(slow);
        self.update();
        while let (Some(helper), Some(left)) = (&self.helper, self.left()) {
            helper.wait(left.min(WHILE).max(Duration::from_millis(1)));
            self.update();
            let subject = self.states.values().find_map(|state| match state {
                State::Counting { subject, .. } => Some(subject.clone()),
                State::Nothing | State::Seen(_) | State::Failed(_) => None,
            });
            if began.elapsed() >= WHILE
                && let (Some(subject), Some(slow)) = (subject, slow.take())
            {
                slow(&subject);
            }
        }
    }

    /// Waits a moment that nobody notices: what is known by then is said in its place among the notes.
    pub fn linger(&mut self) {
        const MOMENT: Duration = Duration::from_millis(60);
        let until = since_boot() + MOMENT;
        self.update();
        while let (Some(helper), Some(left)) = (&self.helper, until.checked_sub(since_boot())) {
            if left.is_zero() {
                return;
            }
            helper.wait(left);
            self.update();
        }
    }

    /// Ends the look, whatever it has found.
    pub fn end(&mut self) {
        self.update();
        self.helper = None;
        self.give_up("the answer came first");
    }

    /// What to show about one command; `None` where there is nothing to say.
    pub fn line(&self, at: usize) -> Option<Line> {
        let (words, pending) = match self.states.get(&at)? {
            State::Nothing => return None,
            State::Seen(seen) if seen.words.is_empty() => return None,
            State::Counting { subject, progress } => {
                let progress = progress.as_ref().map(|p| format!(": {p}")).unwrap_or_default();
                (format!("counting {subject}{progress} …"), true)
            }
            State::Seen(seen) => (seen.words.clone(), false),
            State::Failed(why) => (format!("could not be counted: {why}"), false),
        };
        Some(Line { words, pending })
    }

    /// Whether it was looked at, or is being looked at.
    pub fn knows(&self, at: usize) -> bool {
        self.states.contains_key(&at)
    }

    /// The counts as policies take them.
    pub fn counts(&self) -> Vec<(usize, Count)> {
        self.states.iter().map(|(at, state)| (*at, state.count())).collect()
    }

    /// What was found out about one command: the words, or why there are none. `None` where nobody looked.
    pub fn outcome(&self, at: usize) -> Option<Result<&Seen, &str>> {
        match self.states.get(&at)? {
            State::Nothing => None,
            State::Counting { .. } => Some(Err("the answer came first")),
            State::Seen(seen) => Some(Ok(seen)),
            State::Failed(why) => Some(Err(why)),
        }
    }
}

impl State {
    fn is_pending(&self) -> bool {
        matches!(self, State::Counting { .. })
    }

    fn count(&self) -> Count {
        match self {
            State::Seen(seen) => seen.count,
            State::Nothing | State::Counting { .. } | State::Failed(_) => Count::Unknown,
        }
    }
}

fn late(limit: Duration) -> String {
    format!("no answer within {}", time(limit))
}

fn time(limit: Duration) -> String {
    let ms = limit.as_millis();
    if ms.is_multiple_of(1000) { format!("{} s", ms / 1000) } else { format!("{ms} ms") }
}

fn state(subject: &Subject) -> State {
    let counting = |subject: &str| State::Counting { subject: subject.to_owned(), progress: None };
    match (&subject.plan, &subject.program) {
        (Plan::Nothing, _) => State::Nothing,
        (Plan::Known(seen), _) => State::Seen(seen.clone()),
        (Plan::Unable(why), _) => State::Failed(why.clone()),
        (Plan::Walk(_), _) => counting("files"),
        (Plan::Ask(_), Some(Err(why))) => State::Failed(why.clone()),
        (Plan::Ask(_), None) => State::Failed("there is no program to ask".into()),
        (Plan::Ask(ask), Some(Ok(_))) => counting(&ask.subject),
    }
}

fn job(plan: Plan, program: Option<Result<PathBuf, String>>) -> Option<Job> {
    match plan {
        Plan::Nothing | Plan::Known(_) | Plan::Unable(_) => None,
        Plan::Walk(walk) => Some(Job::Walk(walk)),
        Plan::Ask(ask) => {
            let Ask { arguments, environment, directory, reads, .. } = *ask;
            let path = program?.ok()?;
            let environment = environment.entries().to_vec();
            Some(Job::Ask(Program { path, arguments, environment, directory }, reads))
        }
    }
}

/// In the helper: one look after the other, all within one limit.
fn work(channel: &Channel, jobs: &[(usize, Job)], limit: Duration) {
    let until = Instant::now() + limit;
    for (at, job) in jobs {
        let at = *at;
        let result = match job {
            Job::Walk(walk) => Ok(walk.run(until, |words| {
                channel.stop_if_abandoned();
                if let Some(words) = words {
                    channel.tell(&Report::Progress { at, words }.to_line());
                }
            })),
            Job::Ask(program, reads) => {
                let left = until.saturating_duration_since(Instant::now());
                match channel.run(program, left) {
                    Ok(output) => reads.read(&output),
                    Err(Failed::TimeUp) => Err(late(limit)),
                    Err(Failed::NotStarted(why)) => Err(format!("{}: {why}", program.path.display())),
                }
            }
        };
        channel.tell(&Report::Done { at, result }.to_line());
    }
}
