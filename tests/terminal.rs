//! The question through real terminals: `examples/ask.rs` on a pseudo terminal, under bash with job control, in
//! tmux. Nothing but the typed name may confirm, and the terminal is afterwards as it was.

#[path = "terminal/pty.rs"]
mod pty;
#[path = "terminal/steps.rs"]
mod steps;

use nix::sys::signal::Signal;
use nix::sys::termios::{InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, tcsetattr};
use pty::{Pty, Start, USUAL};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const NAME: &str = "prod-eu/payments";
const PROMPT: &str = "  > ";

/// target/<profile>/examples/ask, beside target/<profile>/deps/terminal-…. `cargo test --test terminal` alone would
/// leave an old one there, so it is brought up to date first.
fn ask() -> String {
    static BUILT: OnceLock<String> = OnceLock::new();
    let build = || {
        let test = std::env::current_exe().expect("our path");
        let profile = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--example", "ask"]);
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo").success(), "examples/ask.rs does not build");
        profile.join("examples/ask").to_str().expect("text").to_owned()
    };
    BUILT.get_or_init(build).clone()
}

fn scratch(name: &str) -> String {
    let path = std::env::temp_dir().join(format!("guard-terminal-{}-{name}", std::process::id()));
    path.to_str().expect("text").to_owned()
}

fn read_away(path: &str) -> String {
    let text = std::fs::read_to_string(path).expect("a file");
    let _ = std::fs::remove_file(path);
    text
}

/// At the question.
fn asked(arguments: &[&str]) -> Pty {
    asked_on(&USUAL, arguments)
}

fn asked_on(start: &Start, arguments: &[&str]) -> Pty {
    let program = ask();
    let mut pty = start.run(&[&[program.as_str()], arguments].concat());
    pty.wait_for(PROMPT);
    pty
}

/// Ends it, and says what came of it.
fn outcome(mut pty: Pty, status: i32) -> String {
    let ended = pty.end();
    let output = pty.output();
    assert_eq!(ended.code(), Some(status), "{output}");
    assert!(output.contains("state: same"), "signal mask or dispositions changed: {output}");
    output
}

fn declined(pty: Pty, status: i32, why: &str, words: &str) {
    let output = outcome(pty, status);
    assert!(output.contains(&format!("Declined({why})")), "{output}");
    assert!(output.contains(&format!("guard: not run: {words}")), "{output}");
}

/// Types the name, and it runs.
fn confirms(mut pty: Pty, attempts: u32) {
    pty.typed(NAME);
    pty.send("\r");
    confirmed(pty, attempts);
}

fn confirmed(pty: Pty, attempts: u32) {
    let output = outcome(pty, 0);
    assert!(output.contains(&format!("Confirmed {{ attempts: {attempts},")), "{output}");
    assert!(output.contains("guard: confirmed"), "{output}");
}

#[test]
fn the_typed_name_confirms() {
    confirms(asked(&[]), 1);
}

#[test]
fn everything_that_matters_is_said_in_order() {
    let output = outcome_of_escape(asked_on(&plain(80), &[]));
    let order = [
        "delete the namespace payments",
        "CRITICAL",
        "environment: production",
        "kubectl delete namespace",
        "from current-context, ~/.kube/config",
        "ATTENTION  the context is called staging, but its server says prod",
        "how much",
        "undo",
        "safer",
        "type the target's name to run it:  prod-eu/payments",
        PROMPT,
    ];
    let mut at = 0;
    for words in order {
        at += output[at..]
            .find(words)
            .unwrap_or_else(|| panic!("{words:?} is missing or too early in\n{output}"));
    }
}

#[test]
fn redirected_streams_are_neither_read_nor_written() {
    let (out, program) = (scratch("redirected"), ask());
    let script = format!("yes {NAME} | {program} >{out} 2>&1");
    let mut pty = USUAL.run(&["sh", "-c", &script]);
    pty.wait_for(PROMPT);
    pty.typed(NAME);
    pty.send("\r");
    pty.wait_for("guard: confirmed");
    assert_eq!(pty.end().code(), Some(0));
    let said = read_away(&out);
    assert!(said.starts_with("Ok(Confirmed") && said.contains("state: same"), "{said}");
}

#[test]
fn no_stream_at_all_is_no_obstacle() {
    let program = ask();
    let mut pty = USUAL.run(&["sh", "-c", &format!("exec {program} <&- >&- 2>&-")]);
    pty.wait_for(PROMPT);
    pty.typed(NAME);
    pty.send("\r");
    pty.wait_for("guard: confirmed");
    assert_eq!(pty.end().code(), Some(0));
}

#[test]
fn what_was_typed_ahead_is_no_answer() {
    let mut pty = USUAL.pty();
    pty.send(&format!("{NAME}\r{NAME}"));
    pty.start(&[&ask()], &[]);
    pty.wait_for(PROMPT);
    pty.send("\r");
    pty.wait_for("that is something else (2 tries left)");
    pty.wait_for(PROMPT);
    pty.send("\x1b");
    declined(pty, 77, "Escape", "Esc was pressed");
}

#[test]
fn a_bracketed_paste_is_refused_and_costs_no_attempt() {
    let mut pty = asked(&[]);
    assert!(pty.output().contains("\x1b[?2004h"));
    pty.send(&format!("\x1b[200~{NAME}\r\x1b[201~"));
    pty.wait_for("a paste is not an answer");
    pty.wait_for(PROMPT);
    confirms(pty, 1);
}

#[test]
fn a_burst_is_refused_and_costs_no_attempt() {
    let mut pty = asked(&[]);
    pty.send(&format!("{NAME}\r"));
    pty.wait_for("several keys came at once");
    pty.wait_for(PROMPT);
    pty.send("x\rabcdefg");
    pty.wait_for("several keys came at once");
    pty.wait_for(PROMPT);
    confirms(pty, 1);
}

#[test]
fn on_a_slow_line_the_answer_may_come_in_two_parts() {
    let mut pty = asked(&[]);
    pty.send(NAME);
    pty.wait_for("several keys came at once");
    pty.wait_for(PROMPT);
    pty.send(&NAME[..10]);
    pty.wait_for(&NAME[..10]);
    pty.pause();
    pty.send(&NAME[10..]);
    pty.wait_for(&NAME[10..]);
    pty.send("\r");
    confirmed(pty, 1);
}

#[test]
fn key_repeat_is_not_a_burst() {
    let mut pty = asked(&[]);
    pty.send("aaaaaaaaaaaa");
    pty.wait_for("aaaaaaaaaaaa");
    pty.send("\x15");
    pty.wait_for(PROMPT);
    confirms(pty, 1);
}

#[test]
fn wrong_answers_say_what_was_expected_three_times() {
    let mut pty = asked(&[]);
    for left in ["2 tries", "1 try"] {
        pty.typed("yes");
        pty.send("\r");
        pty.wait_for(&format!("that is something else ({left} left); type:"));
        pty.wait_for(NAME);
        pty.wait_for(PROMPT);
    }
    pty.send("\r");
    declined(pty, 77, "WrongAnswers", "three answers were something else");
}

#[test]
fn the_right_answer_may_come_third() {
    let mut pty = asked(&[]);
    for _ in 0..2 {
        pty.typed("y");
        pty.send("\r");
        pty.wait_for(PROMPT);
    }
    confirms(pty, 3);
}

#[test]
fn an_empty_name_can_never_be_typed() {
    let mut pty = asked(&["--expect", ""]);
    for _ in 0..2 {
        pty.send("\r");
        pty.wait_for(PROMPT);
    }
    pty.send("\r");
    declined(pty, 77, "WrongAnswers", "three answers");
}

#[test]
fn editing_keys() {
    let mut pty = asked(&[]);
    pty.typed("nonsense");
    pty.send("\x17");
    pty.wait_for(PROMPT);
    pty.typed("prod eu");
    pty.send("\x17");
    pty.wait_for("prod ");
    pty.send("\x7f");
    pty.wait_for("prod");
    // Arrows, function keys, Alt, Delete and Ctrl-D within a line change nothing.
    pty.send("\x1b[A\x1b[D\x1bOP\x1b[3~\x1bx\x04");
    pty.typed("-eu/payments");
    pty.send("\r");
    confirmed(pty, 1);
}

#[test]
fn escape_leaves() {
    let mut pty = asked(&[]);
    pty.typed("prod");
    pty.send("\x1b");
    declined(pty, 77, "Escape", "Esc was pressed");
}

#[test]
fn control_d_leaves() {
    let mut pty = asked(&[]);
    pty.send("\x04");
    declined(pty, 77, "EndOfInput", "Ctrl-D was pressed");
}

#[test]
fn control_c_leaves() {
    let mut pty = asked(&[]);
    pty.typed(NAME);
    pty.send("\x03");
    declined(pty, 130, "Interrupted(2)", "interrupted");
}

#[test]
fn control_c_leaves_where_a_script_ignores_it() {
    let program = ask();
    let mut pty = USUAL.run(&["sh", "-c", &format!("trap '' INT; exec {program}")]);
    pty.wait_for(PROMPT);
    pty.send("\x03");
    declined(pty, 130, "Interrupted(2)", "interrupted");
}

#[test]
fn silence_is_no_answer() {
    declined(asked(&["--limit", "1"]), 77, "TimedOut", "no answer within 1 second");
}

#[test]
fn who_is_typing_when_time_runs_out_does_not_type_into_the_shell() {
    let mut pty = bash();
    pty.send(&format!("{} --limit 1\r", ask()));
    pty.wait_for(PROMPT);
    let name = "prod-eu/pay";
    pty.typed_slowly(name);
    while !pty.output().contains("no answer within 1 second") {
        pty.send("m");
        pty.pause();
    }
    pty.send("ents\r");
    pty.wait_for("Declined(TimedOut)");
    pty.wait_for("ready> ");
    pty.send("echo go''ne on\r");
    pty.wait_for("gone on");
    assert!(!pty.output().contains("not found"), "{}", pty.output());
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGQUIT, 131), (Signal::SIGALRM, 142)] {
        let mut pty = USUAL.pty();
        let before = pty.modes();
        pty.start(&[&ask()], &[]);
        pty.wait_for(PROMPT);
        assert_ne!(pty.modes(), before);
        pty.signal(signal);
        let why = format!("Interrupted({})", signal as i32);
        assert_eq!(pty.end().code(), Some(status), "{}", pty.output());
        assert!(pty.output().contains(&why), "{}", pty.output());
        assert!(pty.output().contains("\x1b[?2004l"));
        assert_eq!(pty.modes(), before, "{signal}");
    }
}

#[test]
fn hang_up_is_no_answer() {
    for script in ["exec", "trap '' HUP; exec"] {
        let (out, program) = (scratch("hang-up"), ask());
        let mut pty = USUAL.run(&["sh", "-c", &format!("{script} {program} >{out}")]);
        pty.wait_for(PROMPT);
        pty.typed(NAME);
        assert_eq!(pty.hang_up().code(), Some(129));
        let said = read_away(&out);
        assert!(said.contains("Declined(HungUp)") && said.contains("state: same"), "{said}");
    }
}

#[test]
fn unusual_modes_come_back_exactly() {
    let mut pty = USUAL.pty();
    let mut modes = pty.modes();
    modes.input_flags.remove(InputFlags::IXON | InputFlags::ICRNL);
    modes.input_flags.insert(InputFlags::ISTRIP | InputFlags::IGNPAR);
    modes.local_flags.insert(LocalFlags::NOFLSH | LocalFlags::TOSTOP);
    modes.control_chars[SpecialCharacterIndices::VINTR as usize] = 0x18;
    modes.control_chars[SpecialCharacterIndices::VMIN as usize] = 7;
    tcsetattr(pty.slave(), SetArg::TCSANOW, &modes).expect("modes");
    let before = pty.modes();
    pty.start(&[&ask()], &[]);
    pty.wait_for(PROMPT);
    pty.send("\x18");
    assert_eq!(pty.end().code(), Some(130), "{}", pty.output());
    assert_eq!(pty.modes(), before);
}

#[test]
fn surplus_keys_reach_nobody() {
    let mut pty = asked(&["--", "sh", "-c", "echo started; read line; echo \"got <$line>\""]);
    pty.typed(NAME);
    pty.send("\rx");
    pty.wait_for("started");
    pty.send("fresh\r");
    pty.wait_for("got <fresh>");
    confirmed(pty, 1);
}

#[test]
fn without_a_controlling_terminal_nobody_is_asked() {
    let run = Command::new("setsid").arg("--wait").arg(ask()).stdin(Stdio::null()).output().expect("setsid");
    assert_eq!(run.status.code(), Some(77));
    assert!(String::from_utf8_lossy(&run.stdout).starts_with("Err(NoControllingTerminal)"));
    assert!(String::from_utf8_lossy(&run.stderr).contains("no controlling terminal"));
}

/// An interactive bash with job control.
fn bash() -> Pty {
    let start = Start { environment: &[("PS1", "ready> ")], ..USUAL };
    let mut pty = start.run(&["bash", "--norc", "--noprofile", "-i"]);
    pty.wait_for("ready> ");
    pty
}

#[test]
fn control_z_suspends_and_fg_asks_again() {
    let mut pty = bash();
    pty.send(&format!("true | {}\r", ask()));
    pty.wait_for(PROMPT);
    pty.typed("prod-eu");
    pty.send("\x1a");
    pty.wait_for("Stopped");
    pty.wait_for("ready> ");
    assert!(pty.output().contains("\x1b[?2004l"));
    pty.send("stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|ixon)' | xargs echo modes\r");
    pty.wait_for("modes ixon icanon echo");
    pty.send("fg\r");
    pty.wait_for("delete the namespace payments");
    pty.wait_for(PROMPT);
    pty.send("\x1a");
    pty.wait_for("Stopped");
    pty.wait_for("ready> ");
    pty.send("fg\r");
    pty.wait_for("delete the namespace payments");
    pty.wait_for(PROMPT);
    // What was typed before is gone: the rest of the name is not the name.
    pty.typed("/payments");
    pty.send("\r");
    pty.wait_for("that is something else (2 tries left)");
    pty.wait_for(PROMPT);
    pty.typed_slowly(NAME);
    pty.send("\r");
    pty.wait_for("Confirmed { attempts: 2");
    pty.wait_for("state: same");
    pty.wait_for("ready> ");
}

#[test]
fn a_suspended_question_dies_of_kill_without_coming_back() {
    // In the background it stops itself again and again; a signal in between must not be held back.
    for first in [":", "bg"] {
        let mut pty = bash();
        pty.send(&format!("{}\r", ask()));
        pty.wait_for(PROMPT);
        pty.send("\x1a");
        pty.wait_for("Stopped");
        pty.wait_for("ready> ");
        pty.send(&format!(
            "{first}; while kill %1 && kill -CONT %1; do :; done 2>/dev/null; wait; echo go''ne\r"
        ));
        pty.wait_for("gone");
        pty.wait_for("ready> ");
        assert_eq!(pty.output().matches("delete the namespace").count(), 1, "{}", pty.output());
    }
}

#[test]
fn in_the_background_it_is_stopped_until_brought_forward() {
    let mut pty = bash();
    pty.send(&format!("{} & while [ -z \"$(jobs -s)\" ]; do :; done; echo st''opped\r", ask()));
    pty.wait_for("stopped");
    assert!(!pty.output().contains("delete the namespace"), "{}", pty.output());
    pty.send("fg\r");
    pty.wait_for("delete the namespace");
    pty.wait_for(PROMPT);
    pty.typed(NAME);
    pty.send("\r");
    pty.wait_for("Confirmed { attempts: 1");
    pty.wait_for("ready> ");
}

#[test]
fn in_the_background_where_it_cannot_be_stopped_it_says_so() {
    let mut pty = bash();
    pty.send(&format!("(trap '' TTOU; exec {}) & wait $!; echo status $?\r", ask()));
    pty.wait_for("Err(Background)");
    pty.wait_for("runs in the background, where nobody can be asked");
    pty.wait_for("status 77");
    assert!(!pty.output().contains("delete the namespace"), "{}", pty.output());
}

#[test]
fn a_background_command_of_a_script_asks() {
    let program = ask();
    let mut pty = USUAL.run(&["sh", "-c", &format!("{program} & wait $!")]);
    pty.wait_for(PROMPT);
    pty.typed(NAME);
    pty.send("\r");
    pty.wait_for("Confirmed { attempts: 1");
    assert_eq!(pty.end().code(), Some(0));
}

#[test]
fn a_stopped_and_continued_question_is_shown_again() {
    let mut pty = asked(&[]);
    pty.typed("prod");
    pty.signal(Signal::SIGSTOP);
    pty.signal(Signal::SIGCONT);
    pty.wait_for("delete the namespace payments");
    pty.wait_for(PROMPT);
    confirms(pty, 1);
}

fn plain(columns: u16) -> Start<'static> {
    Start { columns, rows: 24, environment: &[("NO_COLOR", "1")] }
}

fn outcome_of_escape(mut pty: Pty) -> String {
    pty.send("\x1b");
    outcome(pty, 77)
}

/// The text without escape sequences of this room.
fn bare(output: &str) -> String {
    output.replace("\x1b[?25h", "").replace("\x1b[?2004h", "").replace("\x1b[?2004l", "").replace('\r', "")
}

#[test]
fn every_width_is_kept() {
    for columns in [40_u16, 80, 120] {
        for arguments in [&[][..], &["--long"], &["--hostile"]] {
            let output = bare(&outcome_of_escape(asked_on(&plain(columns), arguments)));
            let question = &output[..output.find("guard: not run").expect("an end")];
            let widest = question.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            assert!(widest < columns.into(), "{widest} columns of {columns}:\n{question}");
            assert!(columns < 120 || widest == 100, "{widest} columns:\n{question}");
        }
    }
}

#[test]
fn a_usual_question_fits_a_usual_screen() {
    let output = bare(&outcome_of_escape(asked_on(&plain(80), &[])));
    let rows = output[..output.find("guard: not run").expect("an end")].lines().count();
    assert!(rows <= 24, "{rows} rows:\n{output}");
}

#[test]
fn what_scrolls_away_is_said_again_at_the_end() {
    let output = outcome_of_escape(asked_on(&plain(80), &["--long"]));
    let title = "guard: delete the namespace payments";
    assert_eq!(output.matches(title).count(), 2, "{output}");
    assert!(output.contains("more characters)"));
}

#[test]
fn a_long_name_is_typed_over_several_rows() {
    let name = "/srv/data/customers/2024/exports/".repeat(4);
    let mut pty = asked_on(&plain(40), &["--long"]);
    pty.typed(&name[..100]);
    pty.send("\x7f");
    pty.wait_for(PROMPT);
    pty.wait_for(&name[96..99]);
    pty.typed(&name[99..]);
    pty.send("\r");
    confirmed(pty, 1);
}

#[test]
fn a_narrower_window_gets_the_question_anew() {
    let mut pty = asked(&[]);
    pty.typed("prod");
    pty.resize(100, 24);
    pty.typed("-");
    pty.resize(50, 24);
    pty.wait_for("delete the namespace payments");
    pty.wait_for(PROMPT);
    confirms(pty, 1);
}

#[test]
fn no_colour_means_no_colour() {
    let output = outcome_of_escape(asked_on(&plain(80), &[]));
    assert!(!bare(&output).contains('\x1b'), "{output:?}");
}

#[test]
fn a_plain_terminal_gets_nothing_but_text() {
    let dumb = Start { environment: &[("TERM", "dumb")], ..USUAL };
    let mut pty = asked_on(&dumb, &[]);
    pty.typed("prox");
    pty.send("\x7f");
    pty.wait_for("\n  > pro");
    pty.typed("d-eu/payments");
    pty.send("\r");
    let output = outcome(pty, 0);
    assert!(output.contains("Confirmed { attempts: 1"), "{output}");
    assert!(!output.contains(['\x1b', '\x08']), "{output:?}");
}

#[test]
fn outside_utf8_everything_is_ascii() {
    let ascii = Start { environment: &[("LANG", "C")], ..USUAL };
    let mut pty = asked_on(&ascii, &["--expect", "prod/caf\u{e9}"]);
    pty.typed("prod/caf\\u{e9}");
    pty.send("\r");
    let output = outcome(pty, 0);
    assert!(output.is_ascii(), "{output}");
}

#[test]
fn names_beyond_ascii_are_typed_as_they_are_or_spelled() {
    for typed in ["prod/caf\u{e9}\u{540d}", "prod/caf\\u{e9}\\u{540d}"] {
        let mut pty = asked(&["--expect", "prod/caf\u{e9}\u{540d}"]);
        pty.typed(typed);
        pty.send("\r");
        confirmed(pty, 1);
    }
}

#[test]
fn foreign_text_draws_nothing() {
    let mut pty = asked(&["--hostile"]);
    let output = pty.output();
    assert!(output.contains("harmless\\x1b[2J\\x1b[H\\x1b]0;owned\\x07\\rguard: confirmed"), "{output:?}");
    assert!(!output.contains("\x1b[2J") && !output.contains(['\x07', '\u{202e}', '\u{200b}']), "{output:?}");
    // A look-alike letter: what it seems to say is not the name.
    pty.typed("prod");
    pty.send("\r");
    pty.wait_for("that is something else");
    pty.wait_for(PROMPT);
    pty.typed("pr\\u{43e}d\\u{200b}");
    pty.send("\r");
    confirmed(pty, 2);
}

#[test]
fn control_z_where_nobody_could_continue_it_asks_again() {
    let mut pty = asked(&[]);
    pty.typed("prod");
    pty.send("\x1a");
    pty.wait_for("delete the namespace payments");
    pty.wait_for(PROMPT);
    confirms(pty, 1);
}

#[test]
fn output_frozen_by_control_s_is_no_obstacle() {
    let mut pty = USUAL.pty();
    pty.send("\x13");
    pty.start(&[&ask()], &[]);
    pty.wait_for(PROMPT);
    pty.send("\x13");
    confirms(pty, 1);
}

/// A server of its own, ended when dropped.
struct Tmux {
    socket: String,
}

impl Tmux {
    /// `None`, said aloud, where there is no tmux.
    fn start(columns: &str, name: &str) -> Option<Tmux> {
        Tmux::sized(columns, "24", name)
    }

    fn sized(columns: &str, rows: &str, name: &str) -> Option<Tmux> {
        let tmux = Tmux { socket: scratch(name) };
        let size = ["-x", columns, "-y", rows];
        let new = ["-f", "/dev/null", "new-session", "-d"];
        let mut start = tmux.command();
        start.args(new).args(size).args(["env", "LANG=C.UTF-8", "PS1=ready> ", "bash", "--norc"]);
        match start.status() {
            Ok(status) => assert!(status.success(), "tmux does not start"),
            Err(error) => {
                eprintln!("SKIPPED: tmux cannot be run ({error}); the question was not looked at in it");
                return None;
            }
        }
        tmux.wait_for("ready>");
        Some(tmux)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("tmux");
        command
            .args(["-u", "-S", &self.socket])
            .env_remove("TMUX")
            .env("LANG", "C.UTF-8")
            .env("SHELL", "/bin/sh");
        command
    }

    fn tell(&self, words: &[&str]) -> String {
        let output = self.command().args(words).output().expect("tmux");
        assert!(output.status.success(), "tmux {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn wait_for(&self, text: &str) -> String {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let screen = self.tell(&["capture-pane", "-p"]);
            if screen.contains(text) {
                return screen;
            }
            assert!(std::time::Instant::now() < until, "{text:?} did not come; the screen shows\n{screen}");
        }
    }

    /// Key by key; tmux itself takes longer between two of them than a burst may.
    fn typed(&self, text: &str) {
        for end in 1..=text.len() {
            self.tell(&["send-keys", "-l", &text[end - 1..end]]);
            self.wait_for(&format!("{PROMPT}{}", &text[..end]));
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command().arg("kill-server").status();
        let _ = std::fs::remove_file(&self.socket);
    }
}

#[test]
fn tmux_shows_the_whole_question_and_takes_the_answer() {
    let Some(tmux) = Tmux::start("80", "whole") else { return };
    tmux.tell(&["send-keys", &format!("clear; {}", ask()), "Enter"]);
    let screen = tmux.wait_for("nothing runs");
    assert!(screen.contains(
        "guard: delete the namespace payments and everything in it\n        CRITICAL   environment: "
    ));
    let coloured = tmux.tell(&["capture-pane", "-p", "-e"]);
    assert!(
        coloured.contains("\x1b[1;7m CRITICAL ") || coloured.contains("\x1b[1m\x1b[7m CRITICAL "),
        "{coloured:?}"
    );
    tmux.tell(&["set-buffer", NAME]);
    tmux.tell(&["paste-buffer", "-p"]);
    tmux.wait_for("a paste is not an answer");
    tmux.tell(&["paste-buffer"]);
    tmux.wait_for("several keys came at once");
    tmux.typed(NAME);
    tmux.tell(&["send-keys", "Enter"]);
    tmux.wait_for("Confirmed { attempts: 1");
    assert!(tmux.wait_for("state: same").contains("guard: confirmed"));
}

#[test]
fn tmux_asks_anew_when_the_pane_gets_narrow() {
    let Some(tmux) = Tmux::start("100", "narrow") else { return };
    tmux.tell(&["send-keys", &format!("clear; {}", ask()), "Enter"]);
    tmux.wait_for("nothing runs");
    tmux.tell(&["resize-window", "-x", "44", "-y", "50"]);
    let screen = tmux.wait_for("Esc or Ctrl-C: nothing runs; nor after 2\n  minutes without an answer");
    assert!(screen.contains("  type the target's name to run it:\n    prod-eu/payments\n"), "{screen}");
    assert_eq!(screen.matches("guard: delete").count(), 1, "the wider one is out of sight: {screen}");
    tmux.tell(&["send-keys", "C-c"]);
    tmux.wait_for("guard: not run: interrupted");
}
