//! `guard relay`: the mailbox between teammates, its database and its upkeep. Must never print a connection string:
//! it may hold a password.

use crate::relay::notify::channels;
use crate::relay::{Failure, Limits, Settings, Where, operate};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Run the mailbox that carries signed requests and approvals between teammates
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Serve(Box<Serve>),
    Migrate(Migrate),
    Backup(Backup),
    Restore(Restore),
    Prune(Prune),
    Export(Export),
}

/// Where statements are kept: sqlite:PATH, or postgres://… for more than one instance
#[derive(Debug, clap::Args)]
struct Database {
    /// sqlite:PATH or postgres://USER@HOST/NAME; a password belongs in --db-file
    #[arg(long, value_name = "WHERE", default_value = "sqlite:relay.db", conflicts_with = "db_file")]
    db: String,
    /// Read WHERE from FILE, where other users' `ps` does not see it
    #[arg(long, value_name = "FILE")]
    db_file: Option<PathBuf>,
}

/// Serve until SIGTERM; waiting commands are let go at once and ask the next instance
#[derive(Debug, clap::Args)]
struct Serve {
    /// Address and port; without a certificate only a loopback address is taken
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7410")]
    listen: SocketAddr,
    /// The address that people use, behind a proxy; part of what they sign to get in
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    database: Database,
    /// Certificate chain (PEM); read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Roster file that you vouch for: a team's first, or one that follows
    #[arg(long, value_name = "FILE")]
    roster: Vec<PathBuf>,
    /// The relay's own key, made when missing; several instances share one
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Where to tell people: a file of channels (docs/relay/notifications.md), or log:NAME
    #[arg(long, value_name = "FILE")]
    notify: Vec<String>,
    /// Days that ended requests are kept
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    keep_days: u32,
    /// Requests a minute for each key
    #[arg(long, value_name = "N", default_value_t = Limits::default().requests_per_minute)]
    requests_per_minute: u32,
    /// Requests an hour for each host
    #[arg(long, value_name = "N", default_value_t = Limits::default().requests_per_hour_and_host)]
    requests_per_host: u32,
    /// Requests of one person that may wait at once
    #[arg(long, value_name = "N", default_value_t = Limits::default().pending)]
    pending: u32,
    /// Other statements a minute for each key
    #[arg(long, value_name = "N", default_value_t = Limits::default().decisions_per_minute)]
    decisions_per_minute: u32,
    /// Reads and polls a minute for each key
    #[arg(long, value_name = "N", default_value_t = Limits::default().reads_per_minute)]
    reads_per_minute: u32,
    /// Connections to PostgreSQL
    #[arg(long, value_name = "N", default_value_t = 8)]
    pool: usize,
    /// Log every call
    #[arg(short, long)]
    verbose: bool,
}

/// Bring the database to this guard's layout; serve does so itself
#[derive(Debug, clap::Args)]
struct Migrate {
    #[command(flatten)]
    database: Database,
}

/// Copy everything into FILE while the relay runs
#[derive(Debug, clap::Args)]
struct Backup {
    #[command(flatten)]
    database: Database,
    /// A new file, readable by you only; also moves from SQLite to PostgreSQL
    file: PathBuf,
}

/// Fill an empty database from a backup
#[derive(Debug, clap::Args)]
struct Restore {
    #[command(flatten)]
    database: Database,
    file: PathBuf,
}

/// Remove what ended long ago; serve does so every hour
#[derive(Debug, clap::Args)]
struct Prune {
    #[command(flatten)]
    database: Database,
    /// Days that ended requests are kept
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    keep_days: u32,
}

/// Write a team's statements for an auditor, signed by the relay's key
#[derive(Debug, clap::Args)]
struct Export {
    #[command(flatten)]
    database: Database,
    /// The relay's key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The relay's name in the signature, as in its cosignatures: HOST or HOST:PORT
    #[arg(long, value_name = "NAME")]
    name: String,
    team: String,
    /// A new file; its signature goes beside it as FILE.note
    file: PathBuf,
}

impl Database {
    fn place(&self) -> Result<Where, Failure> {
        let text = match &self.db_file {
            Some(path) => {
                let bytes = crate::sys::file::read_bounded(path, 4096)
                    .map_err(|e| Failure::Settings(format!("--db-file cannot be read: {e}")))?;
                String::from_utf8_lossy(&bytes).trim().to_owned()
            }
            None => self.db.clone(),
        };
        let wrong = "--db is sqlite:PATH or postgres://USER@HOST/NAME";
        Where::parse(&text).ok_or_else(|| Failure::Settings(wrong.to_owned()))
    }
}

impl Serve {
    fn settings(self) -> Result<Settings, Failure> {
        Ok(Settings {
            listen: self.listen,
            url: self.url.unwrap_or_default().trim_end_matches('/').to_owned(),
            db: self.database.place()?,
            tls: self.tls_cert.zip(self.tls_key),
            key: self.key,
            rosters: self.roster,
            channels: channels(&self.notify).map_err(Failure::Notify)?,
            limits: Limits {
                requests_per_minute: self.requests_per_minute,
                requests_per_hour_and_host: self.requests_per_host,
                pending: self.pending,
                decisions_per_minute: self.decisions_per_minute,
                reads_per_minute: self.reads_per_minute,
            },
            keep_days: self.keep_days,
            pool: self.pool.clamp(2, 256),
        })
    }
}

pub fn run(args: Args) -> i32 {
    match work(args.command) {
        Ok(()) => 0,
        Err(failure) => {
            crate::say!("{failure}");
            crate::say!("hint: {}", failure.hint());
            failure.exit_status()
        }
    }
}

/// `1 row`, `2 rows`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn work(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => {
            let verbose = serve.verbose;
            crate::relay::serve(serve.settings()?, verbose)
        }
        Command::Migrate(migrate) => {
            let steps = operate::migrate(&migrate.database.place()?)?;
            let steps = counted(steps.unsigned_abs(), "step");
            crate::outln!("{steps} taken; the layout is current");
            Ok(())
        }
        Command::Backup(backup) => {
            let rows = operate::backup(&backup.database.place()?, &backup.file)?;
            crate::outln!("{} written", counted(rows, "row"));
            Ok(())
        }
        Command::Restore(restore) => {
            let rows = operate::restore(&restore.database.place()?, &restore.file)?;
            crate::outln!("{} read", counted(rows, "row"));
            Ok(())
        }
        Command::Prune(prune) => {
            let count = operate::prune(&prune.database.place()?, prune.keep_days)?;
            crate::outln!("{} removed", counted(count, "statement"));
            Ok(())
        }
        Command::Export(export) => {
            let place = export.database.place()?;
            let count = operate::export(&place, &export.team, &export.name, &export.key, &export.file)?;
            crate::outln!("{} written", counted(count, "statement"));
            Ok(())
        }
    }
}
