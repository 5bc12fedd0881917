//! Asks one question of constants and prints what came of it, for `tests/terminal.rs` and for looking at it.
//!
//!     ask [--limit SECONDS] [--expect TEXT] [--long] [--hostile] [STEP…] [-- PROGRAM ARG…]
//!
//! Steps, in the order given: `--reason REMEMBERED` (it must begin with a ticket), `--typed`, `--code CODE`,
//! `--wait SECONDS`; without any it is the typed name. `--alone` leaves the question out; then the step is the only one.
//!
//! stdout gets `Ok(…)` or `Err(…)`, and `state: same` when signal mask and dispositions are as before. With a
//! PROGRAM, a confirmed question is followed by it.

use guard::tty::{Answer, NoTerminal};
use guard::tty::{
    Check, Countdown, Echo, FactLine, Level, LineAsk, Question, SecretAsk, Talk, Unanswered, ask, ask_line,
    ask_secret, countdown,
};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

fn main() -> ExitCode {
    let mut question = question();
    let mut arguments = std::env::args().skip(1);
    let mut program = Vec::new();
    let (mut steps, mut alone) = (Vec::new(), false);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_default();
        match argument.as_str() {
            "--limit" => question.time_limit = Duration::from_secs(value().parse().unwrap_or(60)),
            "--expect" => question.expected = value(),
            "--long" => lengthen(&mut question),
            "--hostile" => poison(&mut question),
            "--alone" => alone = true,
            "--typed" => steps.push(("--typed".to_owned(), String::new())),
            "--reason" | "--code" | "--wait" => steps.push((argument.clone(), value())),
            _ => {
                program = arguments.collect();
                break;
            }
        }
    }
    let before = signal_state();
    let answer = match steps.first() {
        None => ask(&question, None),
        Some(step) if alone => by_itself(step),
        Some(_) => talk(&question, &steps),
    };
    println!("{answer:?}\nstate: {}", if signal_state() == before { "same" } else { "changed" });
    match answer {
        Ok(Answer::Confirmed { .. }) => run(&program),
        Ok(Answer::Declined(declined)) => ExitCode::from(declined.signal().map_or(77, |n| 128 + n as u8)),
        Err(none) => {
            eprintln!("guard: {none}\nguard: hint: {}", none.hint());
            ExitCode::from(77)
        }
    }
}

/// Every step under the question.
fn talk(question: &Question, steps: &[(String, String)]) -> Result<Answer, NoTerminal> {
    let mut talk = Talk::open(question, None, steps.len())?;
    let mut attempts = 0;
    for (step, value) in steps {
        let passed = match step.as_str() {
            "--typed" => talk.typed().map(|taken| attempts = taken),
            "--reason" => talk.line(&reason(value), &mut ticket).map(|line| println!("reason: {line:?}")),
            "--code" => talk.secret(&CODE, &mut |code| compare(code, value)).map(|_| ()),
            _ => talk.countdown(&wait(value)),
        };
        if let Err(declined) = passed {
            talk.declined(declined);
            return Ok(Answer::Declined(declined));
        }
    }
    let waited = talk.waited();
    talk.confirmed();
    Ok(Answer::Confirmed { attempts, waited })
}

/// One step without a question.
fn by_itself((step, value): &(String, String)) -> Result<Answer, NoTerminal> {
    let said = match step.as_str() {
        "--reason" => ask_line(&reason(value), &mut ticket).map(|line| println!("reason: {line:?}")),
        "--code" => ask_secret(&CODE, &mut |code| compare(code, value)).map(|_| ()),
        _ => countdown(&wait(value)),
    };
    match said {
        Ok(()) => Ok(Answer::Confirmed { attempts: 1, waited: Duration::ZERO }),
        Err(Unanswered::Declined(declined)) => Ok(Answer::Declined(declined)),
        Err(Unanswered::NotAsked(none)) => Err(none),
    }
}

const CODE: SecretAsk<'static> =
    SecretAsk { ask: "the code that your authenticator shows", echo: Echo::Dots };

fn reason(remembered: &str) -> LineAsk<'_> {
    LineAsk {
        ask: "why? a ticket such as OPS-123",
        remembered: Some(remembered).filter(|text| !text.is_empty()),
    }
}

fn wait(seconds: &str) -> Countdown<'static> {
    Countdown {
        what: "delete the namespace payments (prod-eu/payments)",
        seconds: seconds.parse().unwrap_or(10),
    }
}

fn ticket(line: &str) -> Check {
    if line.starts_with("OPS-") {
        Check::Right
    } else {
        Check::Wrong("that does not begin with a ticket".into())
    }
}

fn compare(code: &str, right: &str) -> Check {
    match code {
        code if code == right => Check::Right,
        "" => Check::Unfit("a code has six digits".into()),
        "000000" => Check::Over("too many wrong codes: locked for 30 s".into()),
        _ => Check::Wrong("that is not the code".into()),
    }
}

fn run(program: &[String]) -> ExitCode {
    let Some((name, arguments)) = program.split_first() else { return ExitCode::SUCCESS };
    eprintln!("{}", Command::new(name).args(arguments).exec());
    ExitCode::from(126)
}

fn question() -> Question {
    Question {
        title: "delete the namespace payments and everything in it".to_owned(),
        level: Level::Critical,
        environment: "production".to_owned(),
        command: "kubectl delete namespace payments".to_owned(),
        facts: vec![
            FactLine {
                alarm: Some("the context is called staging, but its server says prod".to_owned()),
                ..fact("context", "staging-eu", "current-context, ~/.kube/config")
            },
            fact("server", "https://k8s.prod-eu.example:6443", "cluster prod-eu, ~/.kube/config"),
            fact("namespace", "payments", "the command line"),
        ],
        notes: vec![
            note("how much", "14 pods, 3 volume claims, 2 services"),
            note("why", "every object in the namespace is deleted with it"),
            note("undo", "none: volumes with the reclaim policy Delete are gone for good"),
            note("safer", "kubectl get all,pvc,secret -n payments"),
        ],
        expected: "prod-eu/payments".to_owned(),
        ask: "type the target's name to run it".to_owned(),
        time_limit: Duration::from_secs(120),
    }
}

fn fact(label: &str, value: &str, source: &str) -> FactLine {
    FactLine { label: label.to_owned(), value: value.to_owned(), source: source.to_owned(), alarm: None }
}

fn note(label: &str, text: &str) -> (String, String) {
    (label.to_owned(), text.to_owned())
}

/// More than fits a screen.
fn lengthen(question: &mut Question) {
    question.command = format!("rm -rf {}", "/srv/data/customers/2024/exports/".repeat(40));
    question.expected = "/srv/data/customers/2024/exports/".repeat(4);
}

/// Text that would like to draw its own answer.
fn poison(question: &mut Question) {
    question.title = "harmless\x1b[2J\x1b[H\x1b]0;owned\x07\rguard: confirmed".to_owned();
    question.environment = "st\u{202e}gniga\u{200b}".to_owned();
    question.facts =
        vec![fact("ser\nver", "https://ok.example    from the command line", "\x1b[31m\u{9b}1m")];
    question.expected = "pr\u{43e}d\u{200b}".to_owned();
}

/// The kernel's account of blocked, ignored and caught signals.
fn signal_state() -> Vec<String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|l| ["SigBlk", "SigIgn", "SigCgt"].iter().any(|k| l.starts_with(k)))
        .map(str::to_owned)
        .collect()
}
