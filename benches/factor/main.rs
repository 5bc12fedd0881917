//! What the second factor adds to a question, apart from the person: finding the enrolment, getting its secret, judging a code
//! and storing that it is used up. With the file after `guard unlock` (bar: 20 ms), and on a session bus with a keyring
//! (`dbus-run-session`, bar: 150 ms): `cargo bench --bench factor`. The connection to the keyring is made once per process: the
//! bar is for a fresh one, which each command is. The file's times wait for another process, the agent: measure on a quiet
//! machine.

use guard::gates::totp::{
    Algorithm, Ask, Custody, Enrolment, Factor, FactorError, Journal, Parameters, Replaces,
};
use guard::keys::vault::agent;
use guard::settings::Dirs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

const PASSPHRASE: &str = "correct horse";
const ROUNDS: usize = 8;
/// Tells a process that it is to measure once, below a home.
const FRESH: &str = "fresh";

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, word, home] = words.as_slice()
        && word == FRESH
    {
        return fresh(&below(Path::new(home)));
    }
    let base = std::env::temp_dir().join(format!("guard-factor-{}", std::process::id()));
    report("file, unlocked", Duration::from_millis(20), measure(&base.join("file"), Custody::Passphrase));
    match measure(&base.join("keyring"), Custody::Keyring) {
        Err(FactorError::Keyring(why)) => println!("factor: keyring: not measured, {}", why.word()),
        times => {
            report("keyring, connected", Duration::from_millis(150), times);
            let times = started(&base.join("fresh"));
            report("keyring, fresh process", Duration::from_millis(150), times);
        }
    }
    let _ = std::fs::remove_dir_all(base);
}

/// The time of each recovery code of some enrolments: as many as there are, and judged like a code.
fn measure(base: &Path, custody: Custody) -> Result<Vec<Duration>, FactorError> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let dirs = below(&base.join(round.to_string()));
        let (codes, journal) = enrol(&dirs, custody)?;
        if custody == Custody::Passphrase {
            unlock(&dirs)?;
        }
        let (last, others) = codes.split_last().expect("ten");
        for code in others {
            let start = Instant::now();
            // As a gate finds it: the policy was read for the verdict.
            let mut factor = Factor::found(&dirs, None)?.expect("enrolled");
            assert_eq!(factor.ask()?, Ask::Code);
            let accepted = factor.check(code);
            times.push(start.elapsed());
            assert!(accepted.is_ok());
        }
        agent::end(&dirs.state);
        let mut factor = Factor::find(&dirs)?.expect("enrolled");
        let proof = factor.check(last).expect("right");
        let _ = factor.remove(proof, &journal)?;
    }
    Ok(times)
}

fn below(home: &Path) -> Dirs {
    Dirs { config: home.join("config"), state: home.join("state"), cache: home.join("cache") }
}

/// The recovery codes, and where their end is to be recorded.
fn enrol(dirs: &Dirs, custody: Custody) -> Result<(Vec<Zeroizing<String>>, Journal), FactorError> {
    let parameters =
        Parameters { algorithm: Algorithm::Sha1, digits: 6, issuer: "guard".into(), account: "me".into() };
    let confirmed = Enrolment::begin(parameters)?.confirmed(1);
    let (journal, _) = Journal::open(dirs, None)?;
    let codes = confirmed.finish(&dirs.state, custody, PASSPHRASE, &Replaces::Nothing, &journal)?;
    Ok((codes, journal))
}

/// Each recovery code in a process of its own, which has to connect to the keyring first.
fn started(home: &Path) -> Result<Vec<Duration>, FactorError> {
    let dirs = below(home);
    let (codes, journal) = enrol(&dirs, Custody::Keyring)?;
    let (last, others) = codes.split_last().expect("ten");
    let mut times = Vec::new();
    for code in others {
        let mut process = Command::new(std::env::current_exe().expect("this program"));
        let process = process.arg(FRESH).arg(home).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = process.spawn().expect("this program starts");
        process.stdin.take().expect("a pipe").write_all(code.as_bytes()).expect("it reads");
        let output = process.wait_with_output().expect("it ends");
        let micros = String::from_utf8_lossy(&output.stdout).trim().parse().expect("microseconds");
        times.push(Duration::from_micros(micros));
    }
    let mut factor = Factor::found(&dirs, None)?.expect("enrolled");
    let proof = factor.check(last).expect("right");
    let _ = factor.remove(proof, &journal)?;
    Ok(times)
}

fn fresh(dirs: &Dirs) {
    let code = std::io::read_to_string(std::io::stdin()).expect("a code");
    let start = Instant::now();
    let mut factor = Factor::found(dirs, None).expect("whole").expect("enrolled");
    assert_eq!(factor.ask().expect("in the keyring"), Ask::Code);
    assert!(factor.check(&code).is_ok());
    println!("{}", start.elapsed().as_micros());
}

fn unlock(dirs: &Dirs) -> Result<(), FactorError> {
    let starting = agent::begin(&dirs.state).expect("an agent");
    let (name, key) = Factor::find(dirs)?.expect("enrolled").file_key(PASSPHRASE)?;
    starting.give(&name, &key, Duration::from_secs(60)).expect("it listens");
    Ok(())
}

fn report(what: &str, bar: Duration, times: Result<Vec<Duration>, FactorError>) {
    let mut times = times.unwrap_or_else(|error| panic!("{what}: {error}"));
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
    println!(
        "factor: {what}: n {}, min {:.2} ms, median {:.2} ms, p95 {:.2} ms, max {:.2} ms (bar {} ms)",
        times.len(),
        at(0),
        at(50),
        at(95),
        at(100),
        bar.as_millis()
    );
}
