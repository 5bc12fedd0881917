//! notify-send(1), where the system has it. Must never look for it on PATH, wait for it, or give it a terminal.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

const PROGRAM: &str = "/usr/bin/notify-send";

/// Whether there is one.
pub fn is_there() -> bool {
    Path::new(PROGRAM).is_file()
}

/// Shows a notification. The texts are guard's own.
#[allow(clippy::disallowed_methods)]
pub fn notify(title: &str, text: &str) {
    if !is_there() {
        return;
    }
    // Of its own group, so that a key on the terminal does not reach it; by absolute path only.
    let mut command = Command::new(PROGRAM);
    command.args(["--app-name=guard", "--", title, text]).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        std::thread::spawn(move || {
            super::process::block_signals_in_thread();
            let _ = child.wait();
        });
    }
}
