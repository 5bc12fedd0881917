//! The whole road: notices, gates, record, drift check, exec. Every `return` here is a way out.

use super::approval;
use super::look;
use super::record::{self, Recorder};
use super::{Broken, verdict};
use crate::audit::{AuditError, Outcome};
use crate::exec::{self, Finder, NotStarted, Program};
use crate::gates::approval::{Approved, Fate, Live};
use crate::gates::{self, Clearance, Mode, Stopped, breakglass};
use crate::invocation::{Handover, Invocation, Stdin};
use crate::preview::{Preview, Seen};
use crate::rules::pack::{Gate, Pack, PreviewSettings, Surroundings};
use crate::rules::{Coverage, Decision, Depth, Judged, RuleSet, Verdict, sources};
use crate::settings::Dirs;
use crate::sys::file;
use crate::sys::process;
use crate::targets::postgres::Opening;
use crate::text::{self, redact};
use crate::tty::{self, Declined};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;
use std::rc::Rc;

/// What to run, and how.
pub struct Run<'a> {
    pub handover: &'a Handover,
    pub mode: Mode,
    pub way: Way,
    /// How an approval may come.
    pub how: gates::approval::How<'a>,
    pub dirs: &'a Dirs,
    pub finder: &'a Finder,
}

/// Which way a gated command may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Every gate that policy asks for.
    Gates,
    /// Without the approvals among them: `guard breakglass`.
    BreakGlass,
}

/// What was passed: all gates, or what break-glass asks for and has still to enter.
enum Passed {
    Gates(Clearance),
    Glass(breakglass::Pending),
}

impl Passed {
    fn opening(&self) -> Option<&Opening> {
        match self {
            Passed::Gates(clearance) => clearance.opening.as_ref(),
            Passed::Glass(pending) => pending.opening.as_ref(),
        }
    }

    fn approved(&self) -> Option<&Approved> {
        match self {
            Passed::Gates(clearance) => clearance.approved(),
            Passed::Glass(_) => None,
        }
    }
}

/// A command that does not run: the exit status, what to say, what to do next.
struct Stop {
    status: i32,
    message: String,
    hint: Option<String>,
    /// The person has read it on the terminal already; only a redirected stderr needs it.
    seen: bool,
    /// The signal that ended the question: this process ends by it, too.
    signal: Option<i32>,
}

fn stop(status: i32, message: impl Into<String>, hint: impl Into<Option<String>>) -> Stop {
    Stop { status, message: message.into(), hint: hint.into(), seen: false, signal: None }
}

impl From<Broken> for Stop {
    fn from(Broken(message): Broken) -> Stop {
        stop(
            78,
            format!("refused: rules do not load: {message}"),
            "`guard doctor` lists every broken file".to_owned(),
        )
    }
}

impl From<NotStarted> for Stop {
    fn from(failed: NotStarted) -> Stop {
        stop(failed.status, failed.message, None)
    }
}

/// Decides and runs. Returns the exit status only when the program does not run.
pub fn full(run: &Run) -> i32 {
    let Stop { status, message, hint, seen, signal } = match journey(run) {
        Ok(never) => match never {},
        Err(stop) => stop,
    };
    if !seen || !std::io::stderr().is_terminal() {
        crate::say!("{message}");
    }
    if let Some(hint) = hint {
        crate::say!("hint: {hint}");
    }
    // A shell ends its loop only for a program that Ctrl-C has ended, not for one that exits with 130.
    if let Some(signal) = signal {
        process::die_of(signal);
    }
    status
}

enum Never {}

fn journey(run: &Run) -> Result<Never, Stop> {
    let argv = &run.handover.argv;
    let program = run.finder.find(&run.handover.tool).map_err(|e| stop(e.status(), e.to_string(), None))?;
    let rules = sources::current(run.dirs).rules;
    let pack = match rules.coverage(run.handover.program_name()) {
        Coverage::Uncovered(_) if run.needs_approval() && !goes_through(run.handover) => {
            return Err(nothing_to_break(run));
        }
        // A shim's program passes without being read; what a wrapper starts there meets the shims again.
        Coverage::Uncovered(proof) if run.handover.shim.is_some() || !goes_through(run.handover) => {
            return Err(exec::harmless(&program, argv, proof).into());
        }
        Coverage::Uncovered(_) => None,
        Coverage::Broken(message) => return Err(Broken(message).into()),
        Coverage::Covered(pack) => Some(pack),
    };
    let around = rules.decide_by().map_err(Broken)?;
    let decide = Decide { run, pack: pack.as_ref(), rules: &rules, around: &around };
    let (verdict, stdin) = decide.first()?;
    let (verdict, mut preview) = look::counted(run, verdict, around.preview);

    if run.needs_approval() && matches!(verdict.decision, Decision::Pass | Decision::Notice) {
        return Err(nothing_to_break(run));
    }
    if let Some(proof) = verdict.harmless() {
        return Err(exec::harmless(&program, argv, proof).into());
    }
    if let Some(proof) = verdict.noticed(|v| notice(run, v, &program, &preview)) {
        return Err(exec::harmless(&program, argv, proof).into());
    }

    let mut recorder = Recorder::begin(run.dirs, record::intent(run.handover, &verdict, &program))
        .map_err(|e| unrecorded(&e))?;
    recorder.saw(&preview, verdict.worst_at());
    let gates = match &verdict.decision {
        Decision::Gate(gates) => gates.as_slice(),
        Decision::Refuse | Decision::Pass | Decision::Notice => {
            recorder.stopped(Outcome::Refused, "policy says deny");
            let unbroken = if run.way == Way::BreakGlass { ", which nobody can break" } else { "" };
            let message = format!("refused: {} (policy says deny{unbroken})", subject(&verdict));
            return Err(stop(77, message, explain(argv)));
        }
    };
    let approval = gates.iter().any(|gate| matches!(gate, Gate::Approval { .. }));
    match approval && run.way == Way::Gates {
        true => look::for_approval(run, &verdict, around.preview, &mut preview),
        false => look::begin(run, &verdict, around.preview, &mut preview),
    }
    // An approver is shown what comes on standard input, and that is what the program gets.
    let stdin = if approval && matches!(stdin, Stdin::Unread) { Stdin::read_ahead() } else { stdin };
    let seen = verdict.worst_at().and_then(|at| seen_of(&preview, at));
    let effects = seen.as_ref().map(|seen| seen.as_ref().map_err(String::as_str));
    let live = Live { argv, program: &program.path, verdict: &verdict, stdin: &stdin, effects };
    let verifier = around.totp.verifier.as_deref().map(Path::new);
    let asked = gates::Asked {
        gates,
        verdict: &verdict,
        mode: run.mode,
        dirs: run.dirs,
        verifier,
        live,
        how: run.how,
    };
    let passed = match run.way {
        Way::Gates => gates::pass(&asked, &mut preview).map(Passed::Gates),
        Way::BreakGlass => breakglass::pass(&asked, around.break_glass, &mut preview).map(Passed::Glass),
    };
    // Nothing of a look may be left when the program starts.
    preview.end();
    recorder.saw(&preview, verdict.worst_at());
    let refuse = |stopped: Stopped| {
        let (outcome, detail, stop) = not_passed(stopped, &verdict, argv, run);
        recorder.stopped(outcome, &detail);
        stop
    };
    let passed = passed.map_err(refuse)?;
    if let Some(change) = decide.drift(&verdict, &stdin, &program, passed.opening()) {
        recorder.drifted(&change, passed.approved());
        if let Some(approved) = passed.approved() {
            approval::proof(run, approved, Some(&change));
        }
        let hint = "nothing ran; look at the target again and repeat the command".to_owned();
        return Err(stop(65, format!("refused: {change} since you were asked"), hint));
    }
    let mut clearance = match passed {
        Passed::Gates(clearance) => clearance,
        Passed::Glass(pending) => pending.spend(run.dirs, recorder.intent()).map_err(refuse)?,
    };
    let not_as_approved = |change: String, approved: &Approved, hint: &str| {
        recorder.drifted(&change, Some(approved));
        approval::proof(run, approved, Some(&change));
        stop(65, format!("refused: {change} since it was approved"), hint.to_owned())
    };
    if let Some(approved) = clearance.approved()
        && let Some(change) = changed(run, approved, live, around.preview)
    {
        return Err(not_as_approved(change, approved, "nothing ran; ask for a new approval"));
    }
    if let Some(approved) = clearance.approved_mut() {
        approved.spend(run.dirs, &verdict).map_err(refuse)?;
    }
    // A relay that gives the use may take its time, and nothing asks again after it.
    if let Some(approved) = clearance.approved().filter(|approved| approved.is_claimed()) {
        let change = decide.drift(&verdict, &stdin, &program, clearance.opening.as_ref());
        if let Some(change) = change.or_else(|| changed(run, approved, live, around.preview)) {
            let hint =
                "nothing ran, and this use of the approval is over; `guard explain` says how it is read now";
            approved.went(run.dirs, Fate::Drift, Some(&change));
            return Err(not_as_approved(change, approved, hint));
        }
    }
    let receipt = recorder.cleared(&clearance).map_err(|e| unrecorded(&e)).and_then(|receipt| {
        receipt.ok_or_else(|| stop(70, "the audit log gave no receipt; please report this", None))
    });
    let receipt = receipt.inspect_err(|stop| approval::lost(run, clearance.approved(), &stop.message))?;
    if let Err(why) = gates::remember(run.dirs, &clearance, &verdict, recorder.intent()) {
        tty::notice(&format!("everything is asked again the next time: {why}"));
    }
    clearance.notices.iter().for_each(|line| tty::notice(line));
    if let Some(approved) = clearance.approved() {
        approval::proof(run, approved, None);
    }
    if clearance.without.is_some() {
        approval::alarm(run);
    }
    if let Some(opening) = &clearance.opening {
        tty::notice(&gates::read_only_words(opening));
    }
    let request = match clearance.approved() {
        Some(approved) => {
            approved.starting(run.dirs).map_err(refuse)?;
            Some(approved.digest())
        }
        None => None,
    };
    let failed = exec::cleared(&program, argv, clearance, receipt);
    if let Some(request) = request {
        gates::approval::not_started(run.dirs, &request, &failed.message);
    }
    recorder.stopped(Outcome::NotStarted, &failed.message);
    Err(failed.into())
}

/// What would run in another way than was approved. Looks again where the live command rests on a look.
fn changed(run: &Run, approved: &Approved, live: Live<'_>, settings: PreviewSettings) -> Option<String> {
    let second = look::again(run, live.verdict, settings);
    let seen = second.as_ref().and_then(|p| live.verdict.worst_at().and_then(|at| seen_of(p, at)));
    let later = seen.as_ref().map(|seen| seen.as_ref().map_err(String::as_str));
    approved.changed(&Live { effects: second.as_ref().map_or(live.effects, |_| later), ..live })
}

/// What a look found, apart from it.
fn seen_of(preview: &Preview, at: usize) -> Option<Result<Seen, String>> {
    preview.outcome(at).map(|outcome| outcome.cloned().map_err(str::to_owned))
}

fn nothing_to_break(run: &Run) -> Stop {
    if matches!(run.how.stage, gates::approval::Stage::Claim(_)) {
        let what = "refused: policy asks for no approval of this command now: what it would hit may be gone, or policy changed";
        let hint = "nothing ran; `guard requests cancel ID` ends the request, `guard explain -- CMD` says how it is read";
        return stop(64, what, hint.to_owned());
    }
    let hint = "run it as it is: nobody has to approve it".to_owned();
    stop(64, "policy asks for no approval of this command", hint)
}

impl Run<'_> {
    /// Whether it is about an approval: what needs none does not run this way.
    fn needs_approval(&self) -> bool {
        self.way == Way::BreakGlass || self.how.is_split()
    }
}

fn goes_through(handover: &Handover) -> bool {
    crate::reading::goes_through(handover.program_name())
}

/// Everything a verdict is made from; made twice, before the question and after it.
struct Decide<'a> {
    run: &'a Run<'a>,
    pack: Option<&'a Rc<Pack>>,
    rules: &'a RuleSet,
    around: &'a Surroundings,
}

impl Decide<'_> {
    /// The verdict, with standard input read ahead only when the answer depends on it.
    fn first(&self) -> Result<(Verdict, Stdin), Stop> {
        let unread = Stdin::of_process();
        let verdict = self.with(unread.clone())?;
        let waits = |v: &Verdict| v.commands.iter().any(|j| j.command.traits.has("input", "stdin-unread"));
        if verdict.harmless().is_some() || !waits(&verdict) {
            return Ok((verdict, unread));
        }
        let stdin = Stdin::read_ahead();
        Ok((self.with(stdin.clone())?, stdin))
    }

    fn with(&self, stdin: Stdin) -> Result<Verdict, Stop> {
        let invocation = Invocation::of_process(self.run.handover.argv.clone(), stdin);
        Ok(verdict(&invocation, self.pack, self.rules, self.around, Depth::Enough)?)
    }

    /// What changed between the question and now; `None` when the same thing would happen to the same target.
    fn drift(
        &self,
        before: &Verdict,
        stdin: &Stdin,
        program: &Program,
        opening: Option<&Opening>,
    ) -> Option<String> {
        if file::identity(&program.path).ok() != Some(program.identity) {
            return Some(format!("the program {} changed", program.path.display()));
        }
        let Ok(now) = self.with(stdin.clone()) else {
            return Some("the command can no longer be read".into());
        };
        let change = before.difference(&now);
        if change.is_none() && gates::opening(&now).ok().flatten().as_ref() != opening {
            return Some("what keeps the session read-only changed".into());
        }
        if change.is_none() && !stdin.hold() {
            return Some("standard input changed".into());
        }
        change
    }
}

/// Says what runs, and records it as well as it can be: an ungated command runs also where it cannot.
fn notice(run: &Run, verdict: &Verdict, program: &Program, preview: &Preview) {
    let rule = verdict.worst().and_then(|j| j.matched.iter().rev().max_by_key(|r| r.severity));
    let why = rule.map(|r| format!(": {}", r.why)).unwrap_or_default();
    tty::notice(&format!("{}{why}", subject(verdict)));
    match Recorder::begin(run.dirs, record::intent(run.handover, verdict, program)) {
        Ok(mut recorder) => {
            recorder.saw(preview, verdict.worst_at());
            recorder.stopped(Outcome::Noticed, "");
        }
        Err(error) => tty::notice(&format!("it runs, but cannot be recorded: {error}")),
    }
}

fn unrecorded(error: &AuditError) -> Stop {
    stop(77, format!("refused: it cannot be recorded: {error}"), error.hint())
}

/// Why a gate was not passed: for the log, and for the person.
fn not_passed(stopped: Stopped, verdict: &Verdict, argv: &[OsString], run: &Run) -> (Outcome, String, Stop) {
    match stopped {
        Stopped::Enforced { gates } => {
            let message =
                format!("refused: {} needs {gates}, and enforcement mode never asks", subject(verdict));
            (Outcome::Refused, "enforcement mode".to_owned(), stop(77, message, explain(argv)))
        }
        Stopped::NotAskable { gate, why, hint } => {
            let message = format!("refused: {} needs {gate}, and {why}", subject(verdict));
            (Outcome::Refused, why, stop(77, message, hint))
        }
        Stopped::Unavailable { gate, status, why, hint } => {
            let message = format!("refused: {} needs {gate}, and {why}", subject(verdict));
            (Outcome::Refused, why, stop(status, message, hint))
        }
        Stopped::NothingToBreak => {
            (Outcome::Refused, "policy asks for no approval".to_owned(), nothing_to_break(run))
        }
        Stopped::Left { id, sent } => left(&id, sent),
        Stopped::NotBroken { status, why, hint } => {
            let message = format!("refused: {} without approval: {why}", subject(verdict));
            (Outcome::Refused, why, stop(status, message, hint))
        }
        Stopped::Over { status, why, hint } => {
            let stop = Stop { seen: true, ..stop(status, format!("not run: {why}"), hint) };
            (Outcome::Refused, why, stop)
        }
        Stopped::Replaced { why } => {
            let hint = "nothing ran; look at the target again and repeat the command".to_owned();
            let message = format!("refused: {why} since you were asked");
            (Outcome::Drift, why, stop(65, message, hint))
        }
        Stopped::Declined(how) => declined(how),
    }
}

/// A request was left: the id is what a script takes from here.
fn left(id: &str, sent: Result<(), gates::Unsent>) -> (Outcome, String, Stop) {
    crate::outln!("{id}");
    if let Err((_, Some(numbers))) = &sent {
        crate::say!("{numbers}");
    }
    let (how, hint) = match sent {
        Ok(()) => ("sent".to_owned(), format!("`guard requests run {id}` runs it once it is approved")),
        Err((why, _)) => (
            format!("not at the relay ({why})"),
            format!(
                "`guard requests show {id}` prints it as text to send, `guard requests answer` takes the answer"
            ),
        ),
    };
    let outcome = format!("left for approval: request {id}");
    (Outcome::NotStarted, outcome, stop(0, format!("request {id} is made and {how}; nothing ran"), hint))
}

/// The number of SIGQUIT.
const QUIT: i32 = 3;

fn declined(how: Declined) -> (Outcome, String, Stop) {
    let (outcome, words, status) = match how {
        Declined::Escape => (Outcome::Cancelled, "cancelled with Esc".to_owned(), 77),
        Declined::EndOfInput => (Outcome::Cancelled, "cancelled with Ctrl-D".to_owned(), 77),
        Declined::WrongAnswers => (Outcome::Refused, "three wrong answers".to_owned(), 77),
        Declined::Over => (Outcome::Refused, "nothing more could be tried".to_owned(), 77),
        Declined::TimedOut => (Outcome::TimedOut, "nobody answered in time".to_owned(), 77),
        Declined::HungUp => (Outcome::Cancelled, "the terminal is gone".to_owned(), 129),
        Declined::Interrupted(signal) => {
            (Outcome::Cancelled, format!("interrupted by signal {signal}"), 128 + signal)
        }
    };
    let signal = match how {
        // Ctrl-\ would leave a core file of guard's.
        Declined::Interrupted(number) if status != 128 + QUIT => Some(number),
        Declined::HungUp => how.signal(),
        Declined::Interrupted(_)
        | Declined::Escape
        | Declined::EndOfInput
        | Declined::WrongAnswers
        | Declined::Over
        | Declined::TimedOut => None,
    };
    let message = format!("not run: {words}");
    (outcome, words, Stop { seen: true, signal, ..stop(status, message, None) })
}

/// `kubectl delete namespace payments on production (prod-eu/payments)`, safe to print.
fn subject(verdict: &Verdict) -> String {
    let Some(judged) = verdict.worst() else { return "the command".into() };
    let what = format!("{}: {}", judged.command.tool, redact::text_for_people(&headline(judged)));
    let target = judged.targets().map(|t| t.typed.as_str()).filter(|t| !t.is_empty());
    let target = target.map(|t| format!(" ({})", text::show_line(t, 80))).unwrap_or_default();
    format!("{} on {}{target}", text::show_line(what, 160), judged.environment.word())
}

/// Without a headline of its own it is the command line, which may hold secrets by its tool's grammar.
fn headline(judged: &Judged) -> String {
    let line = text::quote_line(judged.command.invocation.argv());
    match judged.headline() {
        same if same == line => {
            redact::command_for_people(&judged.command.tool, judged.command.invocation.argv())
        }
        headline => headline,
    }
}

fn explain(argv: &[OsString]) -> String {
    let tool = argv.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
    format!("`guard explain -- {}` says why", text::show_line(redact::command_for_people(&tool, argv), 160))
}
