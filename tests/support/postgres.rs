//! A PostgreSQL server that lives as long as a test: its own directory, a free port of 127.0.0.1, no password.
#![allow(dead_code)]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Server {
    directory: PathBuf,
    pub port: u16,
    child: Child,
}

/// Where the newest version has this program: Debian keeps initdb and postgres out of PATH, and puts pg_wrapper there for psql.
fn newest(program: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let found = versions.filter_map(|e| {
        Some((e.file_name().to_str()?.parse::<u32>().ok()?, e.path().join("bin").join(program)))
    });
    found.filter(|(_, path)| path.is_file()).max().map(|(_, path)| path)
}

/// The newest psql itself; `None`, loudly, where there is none. A failure in CI, which installs it.
pub fn psql() -> Option<PathBuf> {
    let Some(psql) = newest("psql") else {
        assert!(std::env::var_os("CI").is_none(), "psql is not installed, and CI must have it");
        eprintln!("SKIPPED: there is no /usr/lib/postgresql/*/bin/psql here");
        return None;
    };
    let version = Command::new(&psql).arg("--version").output().expect("psql starts").stdout;
    println!("against {}", String::from_utf8_lossy(&version).trim());
    Some(psql)
}

/// PostgreSQL refuses to run as root.
fn command(program: &Path) -> Command {
    if nix::unistd::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        return command;
    }
    Command::new(program)
}

impl Server {
    /// `None`, loudly, where PostgreSQL is not installed; a failure in CI, which installs it.
    pub fn start(name: &str) -> Option<Server> {
        let Some(initdb) = newest("initdb") else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is missing, and CI installs it");
            eprintln!("SKIPPED: PostgreSQL's server is not installed");
            return None;
        };
        let directory = std::env::temp_dir().join(format!("guard-pg-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("directory");
        if nix::unistd::geteuid().is_root() {
            let owned = Command::new("chown").arg("postgres").arg(&directory).status().expect("chown");
            assert!(owned.success());
        }
        let data = directory.join("data");
        let made = command(&initdb)
            .args(["-A", "trust", "-U", "app", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .current_dir("/")
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb runs").success());
        let port = TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port();
        let child = Server::spawn(&directory, port, &["-F"]);
        let server = Server { directory, port, child };
        server.wait();
        Some(server)
    }

    fn spawn(directory: &Path, port: u16, more: &[&str]) -> Child {
        command(&newest("postgres").expect("beside initdb"))
            .arg("-D")
            .arg(directory.join("data"))
            .arg("-k")
            .arg(directory)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "autovacuum=off", "-p", &port.to_string()])
            .args(more)
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres runs")
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || !self.answers() {
            assert!(Instant::now() < until, "PostgreSQL does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops the server at once, its sessions with it.
    pub fn stop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT);
        let _ = self.child.wait();
    }

    /// Kills it with all its sessions, as a power cut would.
    pub fn crash(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        // Immediate shutdown: no checkpoint, recovery at the next start.
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGQUIT);
        let _ = self.child.wait();
    }

    /// kill -9 of the server and every process of it, at once.
    pub fn kill(&mut self) {
        let parent = self.child.id();
        let mut all = vec![parent];
        for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
                continue;
            };
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // After the name in brackets: state, parent.
            let of = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
            if of == Some(parent) {
                all.push(pid);
            }
        }
        for pid in &all {
            let pid = nix::unistd::Pid::from_raw(*pid as i32);
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
        let _ = self.child.wait();
        // It would not start beside a process of the one before.
        let lives = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
        };
        while all.iter().any(lives) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it again on the same port, with these settings beside the usual ones.
    pub fn start_again(&mut self, more: &[&str]) {
        self.child = Server::spawn(&self.directory, self.port, more);
        self.wait();
    }

    fn answers(&self) -> bool {
        self.psql("postgres", "select 1").status().is_ok_and(|s| s.success())
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-U", "app", "-v", "ON_ERROR_STOP=1"]);
        command.args(["-p", &self.port.to_string(), "-d", database, "-c", sql]);
        command.env_remove("PGOPTIONS").stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs SQL as it is, past guard.
    pub fn run(&self, database: &str, sql: &str) {
        assert!(self.psql(database, sql).status().expect("psql runs").success(), "{sql}");
    }

    /// What a query says.
    pub fn ask(&self, database: &str, sql: &str) -> String {
        let output = self.psql(database, sql).stdout(Stdio::piped()).output().expect("psql runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
