//! Right, wrong, used, early, late, misspelt and pasted codes.

use crate::helper::*;
use crate::pty::Pty;
use crate::support::Scene;

#[test]
fn a_code_is_accepted_once() {
    let scene = Scene::new("totp-once");
    let (app, _) = enrolled(&scene);
    early_in_a_step();
    assert_eq!(try_code(&scene, &app.code(-1)).0, Some(0));
    let (status, shown) = try_and_leave(&scene, &app.code(-1), "used already");
    assert_eq!((status, shown.contains("accepted")), (Some(77), false), "{shown}");
    let (status, shown) = try_code(&scene, &app.code(1));
    assert_eq!((status, shown.contains("the code was accepted")), (Some(0), true), "{shown}");
    // One that lies between two accepted ones was never typed, and is used up all the same.
    assert_eq!(try_and_leave(&scene, &app.code(0), "used already").0, Some(77));
    assert_eq!(record(&state(&scene))["failures"], 0, "a code that is right counts as no failure");
}

#[test]
fn codes_of_other_times_are_wrong() {
    let scene = Scene::new("totp-times");
    let (app, _) = enrolled(&scene);
    early_in_a_step();
    for steps in [-3, 3] {
        assert_eq!(try_and_leave(&scene, &app.code(steps), "not the code").0, Some(77));
    }
    assert_eq!(record(&state(&scene))["failures"], 2);
}

#[test]
fn what_is_no_code_is_said_and_costs_no_attempt() {
    let scene = Scene::new("totp-misspelt");
    let (app, _) = enrolled(&scene);
    let mut pty = verify(&scene);
    for (typed, said) in [
        ("", "nothing was typed"),
        ("12345", "that is 5 digits, a code has 6"),
        ("1234567", "that is 7 digits, a code has 6"),
        ("１２３４５６", "a code is typed with the digits 0 to 9"),
        ("١٢٣٤٥٦", "a code is typed with the digits 0 to 9"),
        ("12345o", "neither a code nor a recovery code"),
        ("prod-eu/payments", "neither a code nor a recovery code"),
    ] {
        answer(&mut pty, typed);
        pty.wait_for(said);
        pty.wait_for(PROMPT);
    }
    assert_eq!(record(&state(&scene))["failures"], 0);
    let code = app.code(0);
    answer(&mut pty, &format!(" {} {}", &code[..3], &code[3..]));
    let (status, shown) = end(pty);
    assert_eq!(status, Some(0), "{shown}");
    assert!(!shown.contains(&code) && !shown.contains("12345o"), "nothing typed is echoed: {shown}");
}

#[test]
fn a_pasted_code_counts() {
    let scene = Scene::new("totp-pasted");
    let (app, _) = enrolled(&scene);
    let mut pty = verify(&scene);
    pty.send(format!("\x1b[200~{}\x1b[201~", app.code(0)).as_bytes());
    pty.enter();
    assert_eq!(end(pty).0, Some(0));
}

#[test]
fn wrong_codes_lock_for_longer_and_longer() {
    let scene = Scene::new("totp-lockout");
    let (app, recovery) = enrolled(&scene);
    let mut pty = verify(&scene);
    for _ in 0..2 {
        answer(&mut pty, &app.wrong());
        pty.wait_for("that is not the code");
        pty.wait_for(PROMPT);
    }
    answer(&mut pty, &app.wrong());
    let (status, shown) = end(pty);
    assert_eq!(status, Some(77));
    assert!(shown.contains("nothing is accepted for 30 s"), "{shown}");
    // A new process asks for nothing, whatever would be typed.
    let (status, shown) = end(on_terminal(&scene, &["totp", "verify"]));
    assert_eq!((status, shown.contains("nothing is accepted for")), (Some(77), true), "{shown}");
    let (status, _) = end(on_terminal(&scene, &["totp", "remove"]));
    assert_eq!(status, Some(77));
    assert_eq!(record(&state(&scene))["recovery"].as_array().map(Vec::len), Some(recovery.len()));
}

#[test]
fn recovery_codes_work_once_each() {
    let scene = Scene::new("totp-recovery");
    let (_, recovery) = enrolled(&scene);
    let (status, shown) = try_code(&scene, &recovery[0].to_uppercase());
    assert_eq!((status, shown.contains("9 recovery codes are left")), (Some(0), true), "{shown}");
    assert_eq!(try_and_leave(&scene, &recovery[0], "not the code").0, Some(77));
    assert_eq!(try_code(&scene, &recovery[9].replace('-', "")).0, Some(0));
    for (name, bytes) in files(&state(&scene)) {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(recovery.iter().all(|code| !text.contains(&code.replace('-', ""))), "{name}");
    }
}

#[test]
fn a_clock_that_went_back_is_said_and_opens_no_used_step() {
    let scene = Scene::new("totp-clock");
    let (app, recovery) = enrolled(&scene);
    let state = state(&scene);
    early_in_a_step();
    // As a record looks that was written before the clock was set back by a day.
    let tomorrow = now() + 86_400;
    set_number(&state, "seen_us", tomorrow * 1_000_000);
    let (status, shown) = try_code(&scene, &app.code(0));
    assert_eq!(status, Some(0), "{shown}");
    assert!(shown.contains("the clock of this machine went back by 2"), "{shown}");
    set_number(&state, "seen_us", tomorrow * 1_000_000);
    set_number(&state, "last_step", tomorrow / 30);
    let (status, shown) = try_and_leave(&scene, &app.code(1), "used already");
    assert_eq!((status, shown.contains("went back by")), (Some(77), true), "{shown}");
    // Nor does it end a lockout, and neither does a clock that goes ahead.
    for seen in [tomorrow, now() - 86_400] {
        set_number(&state, "lockout_s", 3000);
        set_number(&state, "seen_us", seen * 1_000_000);
        let (status, shown) = end(on_terminal(&scene, &["totp", "verify"]));
        assert_eq!((status, shown.contains("nothing is accepted for")), (Some(77), true), "{shown}");
    }
    set_number(&state, "lockout_s", 0);
    assert_eq!(try_code(&scene, &recovery[0]).0, Some(0), "a recovery code is the way out");
}

#[test]
fn of_64_processes_with_one_code_exactly_one_passes() {
    let scene = Scene::new("totp-race");
    let (app, _) = enrolled(&scene);
    let mut all: Vec<Pty> = (0..64).map(|_| on_terminal(&scene, &["totp", "verify"])).collect();
    for pty in &mut all {
        pty.wait_for(PROMPT);
    }
    early_in_a_step();
    let code = format!("{}\r", app.code(0));
    for pty in &mut all {
        pty.send(code.as_bytes());
    }
    // Those that were too late are asked again, and leave.
    let mut passed = 0;
    for mut pty in all {
        let used = pty.wait_for_one(&["the code was accepted", "used already"]) == 1;
        if used {
            pty.wait_for(PROMPT);
            pty.send(b"\x1b");
        }
        let (status, shown) = end(pty);
        assert_eq!(status, Some(if used { 77 } else { 0 }), "{shown}");
        passed += usize::from(!used);
    }
    assert_eq!(passed, 1);
    assert_eq!(record(&state(&scene))["failures"], 0);
}
