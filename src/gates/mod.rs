//! The gates, in the order that costs the person least. Must never report a gate as passed that was not asked, nor ask for
//! one while another one cannot be.

pub mod approval;
mod beside;
pub mod breakglass;
mod factor;
pub mod grants;
mod order;
mod question;
mod read_only;
mod reason;
mod steps;
mod things;
pub mod totp;
mod unattended;
mod wording;

pub use approval::target as approval_target;
pub use beside::{Beside, in_the_way};
pub use question::{expected, question};
pub use read_only::{opening, words as read_only_words};

use crate::preview::Preview;
use crate::rules::Verdict;
use crate::rules::pack::Gate;
use crate::settings::Dirs;
use crate::targets::postgres::Opening;
use crate::tty::{Aside, Declined, HOW_MUCH, NoTerminal, Question, Talk};
use grants::Again;
use std::path::Path;
use std::time::Duration;
use steps::{Answers, Ended, Steps};
use things::{Sizes, Things, replaced, sizes, things};

/// Proof that every gate a verdict asks for was passed. Only this room makes one.
#[derive(Debug)]
pub struct Clearance {
    /// How it was passed, for the audit log: `reason+typed+totp`.
    pub method: String,
    pub attempts: u32,
    pub waited_ms: u64,
    /// The session is opened so that the server refuses writes.
    pub opening: Option<Opening>,
    pub reason: Option<String>,
    /// Some gates count because of this earlier intent.
    pub again: Option<String>,
    /// The approvals that policy asks for and nobody gave: break-glass.
    pub without: Option<String>,
    /// What the person should know before it runs.
    pub notices: Vec<String>,
    /// Another person's approval, which is to be used once.
    approved: Option<Box<approval::Approved>>,
    /// Gates that were asked for and passed now, and what to offer as the reason the next time.
    passed: Vec<Gate>,
    ticket: Option<String>,
    /// What it was about when it was asked, for what counts again.
    about: About,
}

/// What a question was about, more exactly than its words.
#[derive(Debug, Default)]
struct About {
    what: Option<String>,
    things: Things,
    sizes: Sizes,
}

/// Why the command does not run.
#[derive(Debug)]
#[must_use]
pub enum Stopped {
    /// Enforcement mode never asks.
    Enforced { gates: String },
    /// A gate that nobody can be asked for here.
    NotAskable { gate: Gate, why: String, hint: String },
    /// A gate needs what is not there now, or is broken.
    Unavailable { gate: Gate, status: i32, why: String, hint: String },
    /// Break-glass or a request, for what policy asks no approval for.
    NothingToBreak,
    /// A request was made and left; why it is not at the relay.
    Left { id: String, sent: Result<(), Unsent> },
    /// Break-glass is not possible now: the exit status, why, what to do.
    NotBroken { status: i32, why: String, hint: String },
    /// The person was asked and it was not confirmed.
    Declined(Declined),
    /// The person was asked and nothing more could be tried.
    Over { status: i32, why: String, hint: Option<String> },
    /// What was asked about is not what is there now.
    Replaced { why: String },
}

/// Why a request is not at the relay, and the numbers for answers that come as text.
pub type Unsent = (String, Option<String>);

/// Whether gates may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Ask on the controlling terminal.
    Interactive,
    /// Never ask: what needs a gate is refused.
    Enforce,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Mode::Interactive => "interactive",
            Mode::Enforce => "enforce",
        }
    }
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub gates: &'a [Gate],
    pub verdict: &'a Verdict,
    pub mode: Mode,
    pub dirs: &'a Dirs,
    /// The socket of the second factor's verifier, where policy names one.
    pub verifier: Option<&'a Path>,
    /// What an approver would be shown.
    pub live: approval::Live<'a>,
    /// How an approval may come.
    pub how: approval::How<'a>,
}

/// Asks every gate of a verdict; the first that is not passed stops the command. What `preview` finds is shown with
/// the question, or beside it as it comes.
pub fn pass(asked: &Asked<'_>, preview: &mut Preview) -> Result<Clearance, Stopped> {
    let opening = opening(asked.verdict)?;
    let gates = order::in_order(asked.gates);
    let approval = |gate: &Gate| matches!(gate, Gate::Approval { .. });
    let wanted = gates.iter().any(approval);
    if asked.how.is_split() && !wanted {
        return Err(Stopped::NothingToBreak);
    }
    if gates.is_empty() && opening.is_some() {
        return Ok(Clearance::of(Answers::default(), None, Duration::ZERO, opening));
    }
    if let approval::Stage::Leave { open, within } = asked.how.stage {
        return Err(leave(asked, &gates, open, within));
    }
    if asked.mode == Mode::Enforce || wanted && !crate::tty::is_there() {
        return unattended::pass(asked, &gates, opening);
    }
    // What cannot be asked is found before the person types anything.
    let ready = approval::Ready::prepare(&gates, &asked.live, asked.dirs, asked.how.key())?;
    let (given, ready) = match ready.map(|ready| approval::given(ready, asked, true)).transpose()? {
        None => (None, None),
        Some(approval::Given::Approved(approved)) => (Some(*approved), None),
        Some(approval::Given::Ask(ready)) => (None, Some(*ready)),
    };
    ready.as_ref().map_or(Ok(()), approval::Ready::enough)?;
    let earlier = grants::Earlier::read(asked.dirs);
    let mut about =
        About { what: grants::what(&asked.live), things: things(asked.verdict), ..About::default() };
    let again = earlier.accepts(&gates, asked.verdict, about.what.as_deref(), preview);
    // Who approved has read the reason already.
    let said = given.as_ref().and_then(|approved| approved.reason.as_deref());
    let said = said.and_then(|reason| unattended::reason(&gates, asked.verdict, Some(reason)).ok().flatten());
    let left: Vec<Gate> = gates
        .into_iter()
        .filter(|gate| !approval(gate) && again.as_ref().is_none_or(|a| !a.gates.contains(gate)))
        .filter(|gate| said.is_none() || *gate != Gate::Reason)
        .collect();
    let mut steps = Steps::prepare(&left, asked, 1)?;
    if steps.is_empty() && ready.is_none() {
        // A verdict with nothing to ask is not one that may run.
        if again.is_none() && given.is_none() {
            return Err(not_askable(
                Gate::Deny,
                "nothing is left to ask for".into(),
                "please report this".into(),
            ));
        }
        let mut clearance = Clearance::of(Answers::with_reason(said), again, Duration::ZERO, opening);
        clearance.take_approval(given);
        return Ok(clearance);
    }
    let mut question = question(asked.verdict);
    if opening.is_some() {
        question.notes.push(("opened".to_owned(), "read-only: the server refuses writes".to_owned()));
    }
    let ticket = earlier.ticket();
    let (mut answers, waited, approved) = ask(&mut steps, &mut question, *asked, preview, ticket, ready)?;
    answers.add_reason(said);
    if let Err(stopped) = about.unchanged(asked.verdict) {
        if let (Some(approved), Stopped::Replaced { why }) = (given.as_ref().or(approved.as_ref()), &stopped)
        {
            approved.over(asked.dirs, approval::Fate::Drift, Some(why));
        }
        return Err(stopped);
    }
    about.sizes = sizes(preview);
    let mut clearance = Clearance::of(answers, again, waited, opening);
    clearance.about = about;
    clearance.take_approval(given.or(approved));
    Ok(clearance)
}

/// Makes a request and leaves it.
fn leave(asked: &Asked<'_>, gates: &[Gate], open: u64, within: u64) -> Stopped {
    // Approvers are to read it, and nobody is asked for it here.
    if let Err(stopped) = unattended::reason(gates, asked.verdict, asked.how.reason) {
        return stopped;
    }
    match approval::Ready::prepare(gates, &asked.live, asked.dirs, None) {
        Ok(Some(ready)) => approval::leave(ready, asked, open, within),
        Ok(None) => Stopped::NothingToBreak,
        Err(stopped) => stopped,
    }
}

/// One conversation for all steps.
fn ask(
    steps: &mut Steps,
    question: &mut Question,
    Asked { verdict, dirs, .. }: Asked<'_>,
    preview: &mut Preview,
    ticket: Option<&str>,
    ready: Option<approval::Ready>,
) -> Result<(Answers, Duration, Option<approval::Approved>), Stopped> {
    preview.linger();
    let at = verdict.worst_at().unwrap_or(0);
    let line = preview.line(at);
    let pending = line.as_ref().is_some_and(|line| line.pending);
    question.notes.extend(breakglass::debt(dirs).map(|owed| ("review due".to_owned(), owed)));
    if let Some(line) = line.filter(|line| !line.pending) {
        question.notes.insert(0, (HOW_MUCH.to_owned(), line.words));
    }
    let aside = pending.then_some(Aside { preview, at });
    let count = steps.count() + usize::from(ready.is_some());
    let mut talk = Talk::open(question, aside, count).map_err(|none| no_terminal(&none))?;
    let what = format!("{} ({})", question.title, question.expected);
    let asked = steps.ask(&mut talk, question, ticket).and_then(|answers| {
        let reason = answers.reason.as_deref();
        let approved = ready.map(|ready| approval::ask(ready, &mut talk, &what, reason, dirs)).transpose()?;
        Ok((answers, approved))
    });
    match asked {
        Ok((answers, approved)) => {
            let waited = talk.waited();
            talk.confirmed();
            Ok((answers, waited, approved))
        }
        Err(Ended::Declined(declined)) => {
            talk.hold_for_good();
            talk.declined(declined);
            Err(Stopped::Declined(declined))
        }
        Err(Ended::Over { status, why, hint }) => {
            talk.hold_for_good();
            talk.over_because(&why);
            Err(Stopped::Over { status, why, hint })
        }
    }
}

impl Clearance {
    fn of(answers: Answers, again: Option<Again>, waited: Duration, opening: Option<Opening>) -> Clearance {
        let mut methods: Vec<&str> = again.iter().map(|_| "again").collect();
        methods.extend(&answers.methods);
        if methods.is_empty() && opening.is_some() {
            methods.push("read-only");
        }
        let mut notices = answers.notices;
        notices.extend(again.as_ref().map(Again::words));
        let reason = answers.reason.or_else(|| again.as_ref().and_then(|a| a.reason.clone()));
        Clearance {
            method: methods.join("+"),
            attempts: answers.attempts,
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
            opening,
            reason,
            again: again.map(|a| a.intent),
            without: None,
            approved: None,
            notices,
            passed: answers.gates,
            ticket: answers.ticket,
            about: About::default(),
        }
    }
}

impl About {
    /// Whether the same things stand behind the names that were shown.
    fn unchanged(&self, verdict: &Verdict) -> Result<(), Stopped> {
        match replaced(&self.things, &things(verdict)) {
            Some(why) => Err(Stopped::Replaced { why }),
            None => Ok(()),
        }
    }
}

impl Clearance {
    fn take_approval(&mut self, approved: Option<approval::Approved>) {
        let Some(approved) = approved else { return };
        if !self.method.is_empty() {
            self.method.push('+');
        }
        self.method.push_str(approved.method());
        self.notices.push(approved.words());
        self.approved = Some(Box::new(approved));
    }

    /// The approval that has to be compared and used before it runs.
    pub fn approved(&self) -> Option<&approval::Approved> {
        self.approved.as_deref()
    }

    /// The same, to use it up.
    pub fn approved_mut(&mut self) -> Option<&mut approval::Approved> {
        self.approved.as_deref_mut()
    }
}

/// Keeps what may be accepted again, once the decision is recorded under `intent`. `Err` says why it is not kept:
/// everything is asked again then.
pub fn remember(dirs: &Dirs, clearance: &Clearance, verdict: &Verdict, intent: &str) -> Result<(), String> {
    let kept = grants::Kept {
        gates: &clearance.passed,
        what: clearance.about.what.as_deref(),
        sizes: &clearance.about.sizes,
        reason: clearance.reason.as_deref(),
        ticket: clearance.ticket.as_deref(),
        intent,
        waited_ms: clearance.waited_ms,
    };
    grants::keep(dirs, verdict, &kept)
}

fn no_terminal(none: &NoTerminal) -> Stopped {
    not_askable(Gate::Confirm, none.to_string(), none.hint().to_owned())
}

fn not_askable(gate: Gate, why: String, hint: String) -> Stopped {
    Stopped::NotAskable { gate, why, hint }
}
