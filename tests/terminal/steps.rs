//! Several things asked for on one screen: a line, the name, a secret, a countdown.

use super::{NAME, PROMPT, Tmux, ask, asked, asked_on, bash, declined, outcome};
use crate::pty::{Pty, Start, USUAL};
use nix::sys::signal::Signal;
use std::process::Command;

const STEPS: [&str; 7] = ["--reason", "OPS-7", "--typed", "--code", "123456", "--wait", "2"];
const REASON: &str = "1 of 4: why? a ticket such as OPS-123:";
const NAMED: &str = "2 of 4: type the target's name to run it:";
const CODE: &str = "3 of 4: the code that your authenticator shows:";
const ZERO: &str = "4 of 4: at zero it runs: delete the namespace payments (prod-eu/payments)";

/// At the code.
fn at_the_code() -> Pty {
    let mut pty = asked(&STEPS);
    assert!(pty.output().contains(REASON), "{}", pty.output());
    pty.send("\r");
    pty.wait_for(NAMED);
    pty.wait_for(PROMPT);
    pty.typed(NAME);
    pty.send("\r");
    pty.wait_for(CODE);
    pty.wait_for(PROMPT);
    pty
}

#[test]
fn four_steps_lead_to_the_end_on_one_screen() {
    let mut pty = at_the_code();
    pty.send("123456");
    pty.wait_for("\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}");
    pty.send("\r");
    pty.wait_for(ZERO);
    for row in ["2 s   Esc or Ctrl-C", "1 s   Esc or Ctrl-C"] {
        pty.wait_for(row);
    }
    let output = outcome(pty, 0);
    assert!(output.contains("reason: \"OPS-7\"") && output.contains("  > OPS-7"), "{output}");
    assert!(output.contains("Confirmed { attempts: 1,"), "{output}");
    assert_eq!(output.matches("delete the namespace payments and everything").count(), 1, "{output}");
    assert!(!output.contains("123456"), "{output}");
}

#[test]
fn a_secret_shows_neither_typed_nor_pasted_nor_in_the_scrollback() {
    let mut pty = at_the_code();
    pty.send("99");
    pty.wait_for("\u{2022}\u{2022}");
    pty.send("\x7f\x7f\x1b[200~998877\r\n\x1b[201~");
    pty.wait_for("\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}");
    pty.send("\r");
    pty.wait_for("that is not the code (2 tries left)");
    pty.send("\r");
    pty.wait_for("a code has six digits");
    pty.wait_for(PROMPT);
    pty.send("\x1b");
    let output = outcome(pty, 77);
    assert!(!output.contains("99") && !output.contains("8877"), "{output}");
}

#[test]
fn what_cannot_go_on_says_why() {
    let mut pty = at_the_code();
    pty.send("000000\r");
    declined(pty, 77, "Over", "too many wrong codes: locked for 30 s");
}

#[test]
fn a_paste_that_is_endless_is_refused_by_a_line() {
    let mut pty = asked(&STEPS);
    pty.send(&format!("\x1b[200~{}\x1b[201~", "x".repeat(5000)));
    pty.wait_for("that is too long");
    pty.wait_for(PROMPT);
    pty.send("\x1b[200~OPS-8 pasted\x1b[201~\r");
    pty.wait_for(NAMED);
    pty.wait_for(PROMPT);
    pty.send("\x1b");
    outcome(pty, 77);
}

#[test]
fn a_line_shows_what_draws_and_is_given_as_it_was_typed() {
    let mut pty = asked(&STEPS);
    pty.typed("OPS-9 ");
    pty.send("\x1b[200~a\u{202e}b\x1b[201~");
    pty.wait_for("OPS-9 a\\u{202e}b");
    pty.send("\r");
    pty.wait_for(NAMED);
    pty.wait_for(PROMPT);
    pty.send("\x1b");
    outcome(pty, 77);
}

#[test]
fn every_key_but_those_that_leave_is_nothing_to_a_countdown() {
    let mut pty = asked_for_zero(&["--wait", "3"]);
    pty.send("\r\r yes\r\x1b[A\x1b[200~prod-eu/payments\r\x1b[201~");
    for row in ["2 s", "1 s", "0 s"] {
        pty.wait_for(row);
    }
    let output = outcome(pty, 0);
    assert!(output.contains("guard: confirmed") && !output.contains("yes"), "{output}");
}

#[test]
fn escape_control_c_control_d_and_signals_end_a_countdown() {
    for (key, status, why) in
        [("\x1b", 77, "Escape"), ("\x03", 130, "Interrupted(2)"), ("\x04", 77, "EndOfInput")]
    {
        let mut pty = asked_for_zero(&["--wait", "60"]);
        pty.send(key);
        let output = outcome(pty, status);
        assert!(output.contains(&format!("Declined({why})")), "{output}");
    }
    let pty = asked_for_zero(&["--wait", "60"]);
    pty.signal(Signal::SIGTERM);
    outcome(pty, 143);
}

fn asked_for_zero(arguments: &[&str]) -> Pty {
    let program = ask();
    let mut pty = USUAL.run(&[&[program.as_str()], arguments].concat());
    pty.wait_for("s   Esc or Ctrl-C: nothing runs");
    pty
}

#[test]
fn a_countdown_that_was_stopped_begins_anew() {
    let mut pty = asked_for_zero(&["--wait", "3"]);
    pty.wait_for("2 s   ");
    pty.signal(Signal::SIGSTOP);
    pty.signal(Signal::SIGCONT);
    pty.wait_for("delete the namespace payments and everything");
    for row in ["3 s", "2 s", "1 s", "0 s"] {
        pty.wait_for(row);
    }
    outcome(pty, 0);
}

#[test]
fn suspended_at_the_secret_nothing_of_it_is_left() {
    let mut pty = bash();
    pty.send(&format!("{} --code 123456\r", ask()));
    pty.wait_for(PROMPT);
    pty.send("123");
    pty.wait_for("\u{2022}\u{2022}\u{2022}");
    pty.send("\x1a");
    pty.wait_for("Stopped");
    pty.wait_for("ready> ");
    pty.send("fg\r");
    pty.wait_for("the code that your authenticator shows:");
    pty.wait_for(PROMPT);
    pty.send("456\r");
    pty.wait_for("that is not the code (2 tries left)");
    pty.wait_for(PROMPT);
    pty.send("123456\r");
    pty.wait_for("Confirmed");
    pty.wait_for("ready> ");
}

#[test]
fn a_plain_terminal_gets_dots_and_seconds_as_text() {
    let dumb = Start { environment: &[("TERM", "dumb"), ("LANG", "C")], ..USUAL };
    let mut pty = asked_on(&dumb, &["--code", "123456", "--wait", "5"]);
    pty.send("123456");
    pty.wait_for("******");
    pty.send("\r");
    pty.wait_for("at zero it runs");
    for row in ["5 s", "3 s", "2 s", "1 s"] {
        pty.wait_for(row);
    }
    let output = outcome(pty, 0);
    assert!(!output.contains(['\x1b', '\x08']) && output.is_ascii(), "{output:?}");
    assert!(!output.contains("4 s"), "{output:?}");
}

#[test]
fn a_narrower_window_gets_the_step_it_was_at() {
    let mut pty = at_the_code();
    pty.send("12");
    pty.wait_for("\u{2022}\u{2022}");
    pty.resize(50, 24);
    pty.wait_for("delete the namespace payments");
    pty.wait_for("3 of 4: the code that your authenticator");
    pty.wait_for(PROMPT);
    pty.send("\x1b");
    outcome(pty, 77);
}

#[test]
fn alone_each_step_needs_no_question() {
    let mut pty = asked(&["--alone", "--code", "123456"]);
    assert!(!pty.output().contains("namespace"), "{}", pty.output());
    pty.send("123456\r");
    outcome(pty, 0);
    let mut pty = asked(&["--alone", "--reason", "OPS-7"]);
    pty.send("\r");
    assert!(outcome(pty, 0).contains("reason: \"OPS-7\""));
    outcome(asked_for_zero(&["--alone", "--wait", "1"]), 0);
    let run = Command::new("setsid").arg("--wait").arg(ask()).args(["--alone", "--code", "1"]).output();
    assert_eq!(run.expect("setsid").status.code(), Some(77));
}

#[test]
fn tmux_shows_each_step_in_a_small_window() {
    let Some(tmux) = Tmux::sized("40", "12", "steps") else { return };
    tmux.tell(&["send-keys", &format!("clear; {} {}", ask(), STEPS.join(" ")), "Enter"]);
    let screen = tmux.wait_for("  >");
    assert!(
        screen.contains("1 of 4: why? a ticket such as") && screen.contains("Return alone takes  OPS-7"),
        "{screen}"
    );
    tmux.tell(&["send-keys", "Enter"]);
    let screen = tmux.wait_for("2 of 4: type the target's name to run");
    assert!(screen.contains("    prod-eu/payments\n  >"), "{screen}");
    tmux.typed(NAME);
    tmux.tell(&["send-keys", "Enter"]);
    tmux.wait_for("3 of 4: the code that your");
    tmux.tell(&["send-keys", "-l", "123456"]);
    tmux.wait_for("  > \u{2022}\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}");
    tmux.tell(&["send-keys", "Enter"]);
    let screen = tmux.wait_for("  1 s   Esc or Ctrl-C: nothing runs");
    assert!(
        screen.contains("4 of 4: at zero it runs: delete the\n  namespace payments (prod-eu/payments)"),
        "{screen}"
    );
    let screen = tmux.wait_for("guard: confirmed");
    assert!(screen.contains("  0 s   Esc or Ctrl-C: nothing runs\nguard: confirmed"), "{screen}");
}
