//! From the start of a gated command to its question on the screen: the shim, which hands over to the full guard, on a
//! pseudo-terminal of its own. Each question is left with Esc, and nothing runs.

#[path = "../../tests/support/pty.rs"]
mod pty;

use super::scene::Scene;
use pty::Pty;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Instant;

/// A deletion in the production cluster of the scene's kubeconfig.
const ARGV: [&str; 6] = ["kubectl", "--context", "prod-eu-2", "delete", "namespace", "payments"];
/// What the question ends in, right before the answer.
const PROMPT: &str = "> ";

/// Milliseconds of each round, sorted. The first ones make the key and the log, and do not count.
pub fn measure(scene: &Scene, rounds: usize) -> Vec<f64> {
    let warm_up = rounds / 10 + 3;
    let all = (0..rounds + warm_up).map(|_| once(scene));
    let mut times: Vec<f64> = all.skip(warm_up).collect();
    times.sort_by(f64::total_cmp);
    times
}

fn once(scene: &Scene) -> f64 {
    let mut command = Command::new(scene.shim("kubectl"));
    command.arg0(ARGV[0]).args(&ARGV[1..]).env_clear().envs(scene.environment());
    let begun = Instant::now();
    let mut pty = Pty::start(command, 100, 40, true);
    pty.wait_for(PROMPT);
    let took = begun.elapsed().as_secs_f64() * 1e3;
    pty.send(b"\x1b");
    let (status, shown) = pty.finish();
    assert_eq!(status.code(), Some(77), "the question is left with Esc:\n{shown}");
    took
}
