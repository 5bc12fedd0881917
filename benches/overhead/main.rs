//! What guard costs a command that it has nothing to say about, measured on whole processes.
//!
//! Run it with `benches/run.sh`, which builds the static shim and the two C programs and names them in the
//! environment. Method:
//!
//! - Times: every program is started with posix_spawn(3) and waited for; the clock runs from before the spawn to
//!   after the wait. Every round runs all programs once, in a new random order: a busy moment hits all of them
//!   alike, and none always finds the caches that the same other one left. `added` is against the bare program
//!   of the same group in the same run. The minimum says what the work costs at best, the median what a person
//!   gets on this machine now. Bars are held against the lower quartile: it repeats better than the minimum and
//!   moves less with the load than the median.
//! - The trampoline is a static C program that only calls execve(2): the least that any shim can cost.
//! - Counts: the same programs under ptrace(2) from system call to system call until they exec, for page faults and peak
//!   memory; what every uncovered program pays is stepped through instruction by instruction, too. They do not depend on
//!   the load.
//! - A row is only valid when the shim became the real program itself and the exit status is 0; handing over to
//!   the full guard, or refusing, shows as such.
//! - "Own rules" is a user with a policy file: the shim looks the program up in their compiled index. The index
//!   then holds every program 10 and 100 times under other names.
//! - `rm` gets its file back outside the timed part. kubectl and the other tools are a stand-in that ends at once; the
//!   kubeconfig has 50 contexts and about 100 KiB, ssh_config 50 hosts, and the working directory is a small
//!   repository with a terraform configuration.
//!
//! - The question: a gated command on a pseudo-terminal, from its start until the question stands there (asked.rs), with
//!   the full guard of a release build beside the shim. What follows is the person's time.

mod asked;
mod scene;
mod timed;
mod traced;

use scene::Scene;
use std::path::{Path, PathBuf};
use timed::{Run, Streams};
use traced::Counted;

const ROUNDS: usize = 400;

/// What people type all day in other tools; each must be proven harmless in the shim.
const EVERYDAY: &[(&str, &[&str])] = &[
    ("shim, git status", &["git", "status"]),
    ("shim, git push --dry-run", &["git", "push", "--dry-run"]),
    ("shim, git push", &["git", "push", "origin", "main"]),
    ("shim, ssh db7", &["ssh", "db7"]),
    ("shim, ssh db7 uptime (50 hosts)", &["ssh", "db7", "uptime"]),
    ("shim, docker ps", &["docker", "ps"]),
    ("shim, docker compose up -d", &["docker", "compose", "up", "-d"]),
    ("shim, aws s3 ls", &["aws", "s3", "ls"]),
    ("shim, gcloud compute instances list", &["gcloud", "compute", "instances", "list"]),
    ("shim, az group list", &["az", "group", "list"]),
    ("shim, helm list", &["helm", "list"]),
    ("shim, terraform plan", &["terraform", "plan"]),
    ("shim, find . -name x", &["find", ".", "-name", "x"]),
    ("shim, systemctl status", &["systemctl", "status", "nginx"]),
    ("shim, psql -c 'SELECT 1'", &["psql", "-c", "SELECT 1"]),
    ("shim, mysql -e 'SELECT 1'", &["mysql", "-e", "SELECT 1"]),
    ("shim, redis-cli GET a", &["redis-cli", "GET", "a"]),
    ("shim, rsync -a a/ b/", &["rsync", "-a", "a/", "b/"]),
    ("shim, cp a b", &["cp", "x.o", "y.o"]),
    ("shim, npm test", &["npm", "test"]),
];

/// What is measured. The first of a group is the bare program that the others are held against.
struct Case {
    group: usize,
    name: &'static str,
    run: Run,
    shimmed: bool,
    micros: Vec<f64>,
    counted: Option<Counted>,
    /// Why the row does not count.
    invalid: Option<String>,
}

fn main() {
    let Some([shim, trampoline, stub, guard]) = programs() else {
        // `cargo test --benches` and a bare `cargo bench` come here.
        println!("overhead: skipped; benches/run.sh builds what it needs and runs it");
        return;
    };
    let rounds = std::env::var("GUARD_BENCH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let mut others: Vec<&str> = EVERYDAY.iter().map(|(_, argv)| argv[0]).collect();
    others.sort_unstable();
    others.dedup();
    let scene = Scene::new(&shim, &guard, &stub, &others);
    let mut cases = cases(&scene, &trampoline);
    cases.iter_mut().for_each(|case| count(case, &scene));
    measure(&mut cases, &scene, rounds);
    times(&cases, rounds);
    counts(&cases);
    let questions = asked::measure(&scene, rounds / 10);
    let failed = bars(&cases) | question(&questions);
    drop(scene);
    std::process::exit(i32::from(failed));
}

fn programs() -> Option<[PathBuf; 4]> {
    let named = |variable| std::env::var_os(variable).map(PathBuf::from);
    let [shim, trampoline] = [named("GUARD_BENCH_SHIM")?, named("GUARD_BENCH_TRAMPOLINE")?];
    Some([shim, trampoline, named("GUARD_BENCH_STUB")?, named("GUARD_BENCH_GUARD")?])
}

fn cases(scene: &Scene, trampoline: &Path) -> Vec<Case> {
    let environment = scene.environment();
    let kubectl = scene.root.join("stub/kubectl");
    let (bare_true, bare_rm) = (Path::new("/usr/bin/true"), Path::new("/usr/bin/rm"));
    let case = |group, name, shimmed, path: &Path, argv: &[&str]| Case {
        group,
        name,
        run: Run::new(path, argv, &environment),
        shimmed,
        micros: Vec::new(),
        counted: None,
        invalid: None,
    };
    let delete = ["kubectl", "delete", "pod", "x"];
    let mut all = vec![
        case(0, "true", false, bare_true, &["true"]),
        case(0, "trampoline, true", true, trampoline, &["trampoline", "/usr/bin/true"]),
        case(0, "shim, true (not covered)", true, &scene.shim("true"), &["true"]),
        case(1, "rm -f x.o", false, bare_rm, &["rm", "-f", "x.o"]),
        case(1, "shim, rm -f x.o", true, &scene.shim("rm"), &["rm", "-f", "x.o"]),
        case(1, "shim, rm, own rules", true, &scene.shim_among("rm", 1), &["rm", "-f", "x.o"]),
        case(1, "shim, rm, 10 times the rules", true, &scene.shim_among("rm", 10), &["rm", "-f", "x.o"]),
        case(1, "shim, rm, 100 times the rules", true, &scene.shim_among("rm", 100), &["rm", "-f", "x.o"]),
        case(2, "kubectl (stand-in)", false, &kubectl, &["kubectl", "get", "pods"]),
        case(2, "shim, kubectl get pods", true, &scene.shim("kubectl"), &["kubectl", "get", "pods"]),
        case(2, "shim, kubectl delete pod x (dev)", true, &scene.shim("kubectl"), &delete),
    ];
    let everyday = EVERYDAY.iter().map(|(name, argv)| case(2, name, true, &scene.shim(argv[0]), argv));
    all.extend(everyday);
    all
}

fn count(case: &mut Case, scene: &Scene) {
    scene.put_file();
    if !case.shimmed {
        return;
    }
    match traced::count(&case.run, case.group == 0) {
        Ok(counted) => {
            match &counted.became {
                None => case.invalid = Some("it ended without becoming the program".into()),
                Some(p) if p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("guard")) => {
                    case.invalid = Some("handed over to the full guard".into());
                }
                Some(_) => {}
            }
            case.counted = Some(counted);
        }
        Err(error) => case.invalid = Some(format!("cannot be traced: {error}")),
    }
}

fn measure(cases: &mut [Case], scene: &Scene, rounds: usize) {
    let streams = Streams::new();
    let warm_up = rounds / 10 + 3;
    let mut order: Vec<usize> = (0..cases.len()).collect();
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..rounds + warm_up {
        shuffle(&mut order, &mut dice);
        for at in &order {
            let case = &mut cases[*at];
            scene.put_file();
            match case.run.time(&streams) {
                Ok(ran) if ran.status != 0 && case.invalid.is_none() => {
                    case.invalid = Some(format!("exit status {}", ran.status));
                }
                Ok(ran) if round >= warm_up => case.micros.push(ran.took.as_secs_f64() * 1e6),
                Ok(_) => {}
                Err(error) => case.invalid = Some(error.to_string()),
            }
        }
    }
    cases.iter_mut().for_each(|case| case.micros.sort_by(f64::total_cmp));
}

/// Fisher and Yates, with xorshift64.
fn shuffle(order: &mut [usize], dice: &mut u64) {
    for last in (1..order.len()).rev() {
        *dice ^= *dice << 13;
        *dice ^= *dice >> 7;
        *dice ^= *dice << 17;
        order.swap(last, (*dice >> 33) as usize % (last + 1));
    }
}

impl Case {
    fn quantile(&self, part: f64) -> f64 {
        let at = (self.micros.len() as f64 * part) as usize;
        self.micros.get(at).copied().unwrap_or(f64::NAN)
    }

    /// What comes on top of the bare program, at the same quantile.
    fn added(&self, cases: &[Case], part: f64) -> f64 {
        let bare = cases.iter().find(|c| c.group == self.group);
        bare.map_or(f64::NAN, |bare| self.quantile(part) - bare.quantile(part))
    }
}

const QUARTILE: f64 = 0.25;
const COLUMNS: [(&str, f64); 3] = [("min", 0.0), ("quartile", QUARTILE), ("median", 0.5)];

fn times(cases: &[Case], rounds: usize) {
    let heads = COLUMNS.map(|(name, _)| format!("{name:>10}")).concat();
    println!("{:<36}{heads}   added:{heads}   µs, {rounds} rounds", "process");
    for case in cases {
        let all = COLUMNS.map(|(_, part)| format!("{:>10.1}", case.quantile(part))).concat();
        let added = COLUMNS.map(|(_, part)| format!("{:>10.1}", case.added(cases, part))).concat();
        let added = if case.shimmed { format!("         {added}") } else { String::new() };
        let note = case.invalid.as_deref().map(|why| format!("   NOT VALID: {why}")).unwrap_or_default();
        println!("{:<36}{all}{added}{note}", case.name);
    }
}

fn counts(cases: &[Case]) {
    println!(
        "\n{:<36}{:>14}{:>14}{:>14}{:>14}",
        "before exec", "instructions", "system calls", "page faults", "peak RSS KiB"
    );
    for case in cases {
        if let Some(c) = &case.counted {
            println!(
                "{:<36}{:>14}{:>14}{:>14}{:>14}",
                case.name,
                c.instructions.map_or("-".into(), |n| n.to_string()),
                c.system_calls,
                c.faults,
                c.peak_kib
            );
        }
    }
    println!();
}

/// Prints the row of the question and its bar; true when it is not met.
fn question(millis: &[f64]) -> bool {
    let at = |part: f64| {
        millis.get((millis.len() as f64 * part) as usize).or(millis.last()).copied().unwrap_or(f64::NAN)
    };
    let (least, quartile, median, most) = (at(0.0), at(QUARTILE), at(0.5), at(1.0));
    let met = quartile <= QUESTION_MS;
    println!(
        "{}  start to question on a pty, kubectl delete namespace (production): {quartile:.1} ms, bar {QUESTION_MS} (min \
         {least:.1}, median {median:.1}, max {most:.1}, {} questions)",
        if met { "PASS" } else { "FAIL" },
        millis.len()
    );
    !met
}

/// A person does not notice it.
const QUESTION_MS: f64 = 50.0;

/// Prints one line a bar; true when one of them is not met.
fn bars(cases: &[Case]) -> bool {
    let find = |name: &str| cases.iter().find(|c| c.name == name).expect("a row of cases()");
    let added = |name: &str| find(name).added(cases, QUARTILE);
    let counted = |name: &str, which: fn(&Counted) -> Option<u64>| {
        find(name).counted.as_ref().and_then(which).map_or(f64::NAN, |count| count as f64)
    };
    let (plain, rm, delete) =
        ("shim, true (not covered)", "shim, rm -f x.o", "shim, kubectl delete pod x (dev)");
    let most = "shim, rm, 100 times the rules";
    let peak = cases.iter().filter_map(|c| c.counted.as_ref()).map(|c| c.peak_kib).max().unwrap_or(0);
    let rows = [
        (plain, "times the trampoline's added time", added(plain) / added("trampoline, true"), 3.0),
        (plain, "user instructions before exec", counted(plain, |c| c.instructions), 20_000.0),
        (plain, "page faults before exec", counted(plain, |c| Some(c.faults)), 75.0),
        (rm, "µs added", added(rm), 1_000.0),
        (most, "times the added time of once the rules", added(most) / added("shim, rm, own rules"), 1.25),
        ("shim, kubectl get pods", "µs added", added("shim, kubectl get pods"), 1_000.0),
        (delete, "µs added with 50 contexts", added(delete), 2_000.0),
        (delete, "KiB peak RSS of any shim", peak as f64, 4_096.0),
    ];
    let everyday = EVERYDAY.iter().map(|(name, _)| (*name, "µs added", added(name), 1_000.0));
    let mut failed = false;
    for (name, what, value, bar) in rows.into_iter().chain(everyday) {
        // NaN fails, too.
        let met = value <= bar && find(name).invalid.is_none();
        failed |= !met;
        println!("{}  {name}: {value:.1} {what}, bar {bar}", if met { "PASS" } else { "FAIL" });
    }
    failed
}
