//! Enrolling, rotating, removing, as a person does them.

use crate::helper::*;
use crate::pty::{Pty, plain};
use crate::support::{Scene, text};
use std::fs;
use std::process::Stdio;

/// `guard totp enroll` up to the recovery codes: the app, the codes, everything shown.
fn enroll(scene: &Scene, verb: &str, options: &[&str]) -> (App, Vec<String>, String) {
    let mut pty = on_terminal(scene, &[&["totp", verb, "--text", "--passphrase"], options].concat());
    follow(&mut pty)
}

fn follow(pty: &mut Pty) -> (App, Vec<String>, String) {
    let app = to_passphrase(pty);
    pty.wait_for("write them down:");
    pty.wait_for("is set up");
    let shown = plain(&pty.shown);
    let after = shown.rsplit("write them down:").next().unwrap_or_default();
    let codes = after.split_whitespace().filter(|w| w.len() == 19 && w.matches('-').count() == 3);
    (app, codes.map(str::to_owned).collect(), shown.clone())
}

/// The rest of an enrolment on this terminal: its recovery codes.
pub fn finish_enrolment(mut pty: Pty) -> Vec<String> {
    let (_, codes, shown) = follow(&mut pty);
    assert_eq!(end(pty).0, Some(0), "{shown}");
    codes
}

/// The rest of one that ends in a refusal: what was shown.
pub fn refused_enrolment(mut pty: Pty) -> String {
    to_passphrase(&mut pty);
    let (status, shown) = end(pty);
    assert_eq!(status, Some(78), "{shown}");
    shown
}

/// Types everything that an enrolment asks for.
fn to_passphrase(pty: &mut Pty) -> App {
    pty.wait_for("the app shows now");
    let app = App::scan(&plain(&pty.shown)[plain(&pty.shown).rfind("otpauth://").expect("a URI")..]);
    pty.wait_for(PROMPT);
    answer(pty, &app.code(-1));
    if pty.wait_for_one(&["a new passphrase", "that is not its code"]) == 1 {
        // A step went by meanwhile.
        pty.wait_for(PROMPT);
        answer(pty, &app.code(0));
        pty.wait_for("a new passphrase");
    }
    pty.wait_for(PROMPT);
    answer(pty, PASSPHRASE);
    pty.wait_for("the same passphrase again");
    pty.wait_for(PROMPT);
    answer(pty, PASSPHRASE);
    app
}

fn verify_with_passphrase(scene: &Scene, code: &str) -> (Option<i32>, String) {
    let mut pty = verify(scene);
    answer(&mut pty, PASSPHRASE);
    pty.wait_for("authenticator");
    pty.wait_for(PROMPT);
    answer(&mut pty, code);
    end(pty)
}

#[test]
fn enroll_verify_rotate_remove() {
    let scene = Scene::new("totp-life");
    early_in_a_step();
    let (app, codes, shown) = enroll(&scene, "enroll", &[]);
    assert_eq!(codes.len(), 10);
    assert!(shown.contains("there is no keyring here") || shown.contains("a new passphrase"), "{shown}");
    assert!(!shown.contains(PASSPHRASE), "nothing typed is echoed");
    assert_eq!(verify_with_passphrase(&scene, &app.code(1)).0, Some(0));
    // Everything on disk is private, and none of it holds the secret.
    for (name, bytes) in files(&state(&scene)) {
        assert!(!String::from_utf8_lossy(&bytes).contains(&app.code(0)), "{name}");
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(state(&scene).join("totp").join(&name)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    // A second one is refused without a code of the first.
    let (status, shown) = end(on_terminal(&scene, &["totp", "enroll"]));
    assert_eq!((status, shown.contains("enrolled already")), (Some(77), true), "{shown}");

    let mut pty = on_terminal(&scene, &["totp", "rotate", "--text", "--passphrase", "--digits", "8"]);
    pty.wait_for(PROMPT);
    answer(&mut pty, &codes[0]);
    let (new, new_codes, shown) = follow(&mut pty);
    assert_eq!(end(pty).0, Some(0), "{shown}");
    assert_eq!(new.code(0).len(), 8);
    assert_ne!(codes, new_codes);
    assert_eq!(files(&state(&scene)).len(), 2, "the old secret is gone");
    // An old recovery code is nothing any more, not even in the place of the passphrase.
    let mut pty = verify(&scene);
    answer(&mut pty, &codes[1]);
    pty.wait_for("that is not the code");
    pty.wait_for(PROMPT);
    pty.send(b"\x1b");
    assert_eq!(end(pty).0, Some(77));

    let mut pty = on_terminal(&scene, &["totp", "remove"]);
    pty.wait_for(PROMPT);
    pty.send(b"\x1b");
    assert_eq!(end(pty).0, Some(77));
    assert_eq!(files(&state(&scene)).len(), 2, "nothing is removed without a code");
    let mut pty = on_terminal(&scene, &["totp", "remove"]);
    pty.wait_for(PROMPT);
    answer(&mut pty, &new_codes[3]);
    let (status, shown) = end(pty);
    assert_eq!((status, shown.contains("removed")), (Some(0), true), "{shown}");
    assert_eq!(files(&state(&scene)), []);
    let (status, shown) = end(on_terminal(&scene, &["totp", "verify"]));
    assert_eq!((status, shown.contains("no second factor is enrolled")), (Some(77), true), "{shown}");
}

#[test]
fn it_counts_only_after_a_right_code() {
    let scene = Scene::new("totp-unfinished");
    let mut pty = on_terminal(&scene, &["totp", "enroll"]);
    pty.wait_for("the app shows now");
    for _ in 0..2 {
        pty.wait_for(PROMPT);
        answer(&mut pty, "000000");
        pty.wait_for("that is not its code");
    }
    pty.wait_for(PROMPT);
    pty.send(b"\x03");
    let (status, shown) = end(pty);
    assert_eq!((status, shown.contains("nothing was changed")), (Some(130), true), "{shown}");
    assert!(!state(&scene).join("totp").exists());
}

#[test]
fn every_hash_and_length_is_taken_by_the_app() {
    for (algorithm, digits) in [("sha256", "8"), ("SHA512", "6")] {
        let scene = Scene::new("totp-options");
        early_in_a_step();
        let options =
            ["--algorithm", algorithm, "--digits", digits, "--issuer", "Ops Team", "--account", "né"];
        let (app, _, shown) = enroll(&scene, "enroll", &options);
        assert!(shown.contains("otpauth://totp/Ops%20Team:n%C3%A9?secret="), "{shown}");
        assert_eq!(verify_with_passphrase(&scene, &app.code(1)).0, Some(0));
        let status = text(&scene.guard(&["totp", "status", "--json"])).0;
        let json: serde_json::Value = serde_json::from_str(&status).expect("JSON");
        assert_eq!(json["algorithm"], algorithm.to_uppercase());
        assert_eq!((json["digits"].to_string().as_str(), &json["custody"]), (digits, &"passphrase".into()));
    }
    let scene = Scene::new("totp-wrong-options");
    for wrong in [["--digits", "7"], ["--algorithm", "MD5"], ["--issuer", "a:b"], ["--account", ""]] {
        let (status, _) = end(on_terminal(&scene, &[&["totp", "enroll"], &wrong[..]].concat()));
        assert_eq!(status, Some(64), "{wrong:?}");
    }
}

#[test]
fn the_secret_reaches_no_stream() {
    let scene = Scene::new("totp-streams");
    let mut command = guard(&scene, &["totp", "enroll", "--text", "--passphrase"]);
    let out = fs::File::create(scene.path("work/out")).expect("create");
    command.stdin(Stdio::null()).stderr(out.try_clone().expect("dup")).stdout(out);
    let mut pty = Pty::start(command, 100, 50, false);
    pty.wait_for("the app shows now");
    let secret = plain(&pty.shown);
    let secret = secret.split("secret=").nth(1).and_then(|s| s.split('&').next()).expect("a URI").to_owned();
    pty.wait_for(PROMPT);
    pty.send(b"\x1b");
    assert_eq!(end(pty).0, Some(77));
    let out = fs::read_to_string(scene.path("work/out")).expect("out");
    assert!(!out.contains(&secret[..8]) && !out.contains("otpauth"), "{out}");
    // Without a terminal nothing is made.
    let mut command = std::process::Command::new("setsid");
    command.arg(scene.path("lib/guard")).args(["totp", "enroll"]).env_clear().env("HOME", scene.path("home"));
    let output = command.stdin(Stdio::null()).output().expect("setsid");
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert!(text(&output).1.contains("no controlling terminal"));
}

#[test]
fn the_picture_is_black_on_white_and_gives_way_to_text() {
    let scene = Scene::new("totp-picture");
    let shown = |columns, rows, set: &[(&str, &str)]| {
        let mut command = guard(&scene, &["totp", "enroll"]);
        command.envs(set.iter().copied());
        let mut pty = Pty::start(command, columns, rows, true);
        pty.wait_for(PROMPT);
        pty.send(b"\x1b");
        let (_, shown) = pty.finish();
        shown
    };
    let usual = shown(80, 24, &[]);
    assert!(usual.contains("\x1b[0;30;47m") && usual.contains('\u{2580}') && !usual.contains("otpauth"));
    let ascii = shown(100, 50, &[("LANG", "C")]);
    assert!(ascii.contains("\x1b[40m  ") && ascii.contains("\x1b[47m  ") && !ascii.contains("otpauth"));
    let colourless = shown(80, 40, &[("NO_COLOR", "1")]);
    assert!(colourless.contains('\u{2588}') && !colourless.contains("\x1b[0;30"));
    for (columns, rows, set) in [(30, 40, &[][..]), (80, 10, &[]), (80, 40, &[("TERM", "dumb")])] {
        let text = shown(columns, rows, set);
        assert!(text.contains("otpauth://totp/") && !text.contains('\u{2580}'), "{columns}x{rows}: {text}");
    }
    assert!(!state(&scene).join("totp").exists());
}

#[test]
fn a_camera_reads_the_picture() {
    if !crate::support::have("zbarimg") {
        return;
    }
    let scene = Scene::new("totp-camera");
    for (columns, rows, environment) in [(100, 50, &[][..]), (120, 60, &[("LANG", "C")])] {
        let mut command = guard(&scene, &["totp", "enroll", "--text"]);
        command.envs(environment.iter().copied());
        let mut pty = Pty::start(command, columns, rows, true);
        pty.wait_for(PROMPT);
        pty.send(b"\x1b");
        let (_, shown) = pty.finish();
        let uri = plain(&shown).lines().find(|l| l.starts_with("otpauth://")).expect("a URI").to_owned();
        let image = scene.path("work/picture.pgm");
        fs::write(&image, photograph(&shown)).expect("write");
        let output = std::process::Command::new("zbarimg").args(["-q", "--raw"]).arg(&image).output();
        assert_eq!(text(&output.expect("zbarimg")).0.trim(), uri);
    }
}

/// The picture on the screen as a file for zbarimg: half blocks, or blanks by their background.
fn photograph(shown: &str) -> Vec<u8> {
    const SIZE: usize = 4;
    let mut rows: Vec<Vec<bool>> = Vec::new();
    for line in shown.lines() {
        if let Some(blocks) = line.split("\x1b[0;30;47m").nth(1).and_then(|l| l.split("\x1b[0m").next()) {
            rows.push(blocks.chars().map(|c| "\u{2588}\u{2580}".contains(c)).collect());
            rows.push(blocks.chars().map(|c| "\u{2588}\u{2584}".contains(c)).collect());
        } else if line.contains("\x1b[47m  ") {
            rows.push(line.split("\x1b[4").skip(1).map(|cell| cell.starts_with('0')).collect());
        }
    }
    let width = rows[0].len();
    let mut image = format!("P5 {} {} 255\n", width * SIZE, rows.len() * SIZE).into_bytes();
    for row in &rows {
        assert_eq!(row.len(), width);
        for _ in 0..SIZE {
            image.extend(row.iter().flat_map(|dark| [if *dark { 0 } else { 255 }; SIZE]));
        }
    }
    image
}
