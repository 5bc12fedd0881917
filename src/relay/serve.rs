//! Starting and ending an instance: settings checked, database opened, listeners up; on SIGTERM waiters are let
//! go, calls in flight finish, what was queued is written.

use super::auth::Auth;
use super::http::app::App;
use super::http::{rosters, routes};
use super::hub::Hub;
use super::settings::{Settings, Where};
use super::store::{Options, Store, StoreError};
use super::{log, notify, tidy, tls};
use crate::keys::{Secret, SigningKey, random};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long calls in flight may take when the instance ends.
const GRACE: Duration = Duration::from_secs(10);
/// A connection without a request head in this time is closed.
const SILENCE: Duration = Duration::from_secs(60);
const FIRST: Duration = Duration::from_secs(30);

/// Why the relay does not run.
#[derive(Debug)]
pub enum Failure {
    Settings(String),
    /// The file of channels.
    Notify(String),
    Store(StoreError),
    Listen(SocketAddr, std::io::Error),
    Roster(PathBuf, String),
    Key(PathBuf, &'static str),
    /// A file that was named and cannot be used.
    File(PathBuf, String),
    System(std::io::Error),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Settings(why) | Failure::Notify(why) => f.write_str(why),
            Failure::Store(why) => write!(f, "{why}"),
            Failure::Listen(address, why) => write!(f, "cannot listen on {address}: {why}"),
            Failure::Roster(path, why) | Failure::File(path, why) => {
                write!(f, "{}: {why}", crate::text::show(path.display().to_string()))
            }
            Failure::Key(path, why) => write!(f, "{}: {why}", crate::text::show(path.display().to_string())),
            Failure::System(why) => write!(f, "the system refused: {why}"),
        }
    }
}

impl Failure {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Failure::Settings(_) => "see `guard relay serve --help`",
            Failure::Notify(_) => "docs/relay/notifications.md has an example of each channel",
            Failure::Store(StoreError::Layout { .. }) => "run the guard that made it, or a newer one",
            Failure::Store(StoreError::Held) => {
                "end the relay that uses it first, or use PostgreSQL for several"
            }
            Failure::Store(StoreError::File(_)) => "check the file and the disk it lies on",
            Failure::Store(_) => "check --db, the disk and the database server",
            Failure::Listen(..) => "choose another --listen, or end what listens there",
            Failure::Roster(..) => "a roster must be the team's first, or follow from the one that is here",
            Failure::Key(..) => {
                "the key of the relay is made by `guard relay serve`; a damaged one moves away first"
            }
            Failure::File(..) => "check the file's name and who may read it",
            Failure::System(_) => "check limits and permissions of this user",
        }
    }

    pub fn exit_status(&self) -> i32 {
        match self {
            Failure::Settings(_) | Failure::File(..) => 64,
            Failure::Notify(_) | Failure::Roster(..) | Failure::Key(..) => 78,
            Failure::Store(_) | Failure::Listen(..) | Failure::System(_) => 69,
        }
    }
}

/// Serves until SIGTERM or SIGINT.
pub fn serve(settings: Settings, verbose: bool) -> Result<(), Failure> {
    if let Some(why) = settings.refused() {
        return Err(Failure::Settings(why));
    }
    crate::sys::memory::forbid_dumps();
    crate::sys::process::open_many_files();
    log::start(verbose);
    // For the connection to PostgreSQL; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)))
        .thread_name("relay")
        .enable_all()
        .build()
        .map_err(Failure::System)?;
    runtime.block_on(run(settings))
}

async fn run(settings: Settings) -> Result<(), Failure> {
    let certificate = match &settings.tls {
        Some((chain, key)) => Some(tls::load(chain, key).map_err(Failure::Settings)?),
        None => None,
    };
    let listener = TcpListener::bind(settings.listen).map_err(|e| Failure::Listen(settings.listen, e))?;
    let address = listener.local_addr().map_err(Failure::System)?;
    let mut settings = settings;
    if settings.url.is_empty() {
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        settings.url = format!("{scheme}://{address}");
    }
    let app = prepare(settings).await?;
    let handle = Handle::new();
    let work = [
        tokio::spawn(tidy::tidy(app.store.clone(), app.settings.keep_days)),
        tokio::spawn(notify::work(Arc::clone(&app))),
    ];
    let tls = certificate.map(RustlsConfig::from_config);
    let ending = tokio::spawn(end_on_signal(Arc::clone(&app), handle.clone(), tls.clone()));
    tracing::info!(%address, url = %app.settings.url, db = app.settings.db.kind(), "listening");
    crate::outln!("listening on {}", app.settings.url);
    let served = listen(listener, Arc::clone(&app), handle, tls).await;
    ending.abort();
    work.iter().for_each(tokio::task::JoinHandle::abort);
    app.store.close().await;
    tracing::info!("ended");
    served.map_err(|e| Failure::Listen(address, e))
}

/// Everything that handlers need.
async fn prepare(settings: Settings) -> Result<Arc<App>, Failure> {
    let hub = Arc::new(Hub::default());
    let channels = settings.channels.iter().map(|c| c.name.clone()).collect();
    let options = Options { channels, pool: settings.pool, beside: false };
    let store = Store::open(&settings.db, Arc::clone(&hub), options).await.map_err(Failure::Store)?;
    for path in &settings.rosters {
        let bytes = crate::sys::file::read_bounded(path, 256 * 1024)
            .map_err(|e| Failure::File(path.clone(), e.to_string()))?;
        let vouched = rosters::vouch(&store, &bytes).await.map_err(|e| Failure::Roster(path.clone(), e))?;
        tracing::info!(taken = vouched == rosters::Vouched::Taken, "a roster file was read");
    }
    let no_random = |_| Failure::System(std::io::Error::other("no random bytes"));
    if store.teams().await.map_err(Failure::Store)? == 0 {
        tracing::warn!("no team is here, so nobody can sign in: start with --roster FILE");
    }
    let fresh = random::<32>().map_err(no_random)?;
    let token_key = store.meta("token-key", fresh).await.map_err(Failure::Store)?;
    let auth = Auth::new(token_key, &settings.url);
    let witness = match key_path(&settings) {
        Some(path) => Some((name_of(&settings.url), own_key(&path)?)),
        None => None,
    };
    Ok(Arc::new(App::new(store, hub, auth, settings, witness)))
}

/// Beside an SQLite file unless it is named; several instances on PostgreSQL have to share one, so it is named.
fn key_path(settings: &Settings) -> Option<PathBuf> {
    settings.key.clone().or_else(|| match &settings.db {
        Where::Sqlite(path) => Some(path.with_extension("key")),
        Where::Postgres(_) => None,
    })
}

/// The name in cosignatures: the URL without its scheme.
fn name_of(url: &str) -> String {
    url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/').to_owned()
}

const KEY_FORM: &str = "guard-relay-key/v1 ";

/// Reads the relay's key: `guard-relay-key/v1 BASE64`, for this user only. `None` when there is none.
pub fn kept_key(path: &Path) -> Result<Option<SigningKey>, Failure> {
    use std::os::unix::fs::MetadataExt;
    let bad = |why| Failure::Key(path.to_owned(), why);
    match std::fs::symlink_metadata(path) {
        Ok(m) if !m.is_file() => Err(bad("is not a regular file")),
        Ok(m) if m.mode() & 0o077 != 0 || m.uid() != crate::sys::who::uid() => {
            Err(bad("must belong to this user and be readable by nobody else (chmod 600)"))
        }
        Ok(_) => {
            let bytes = crate::sys::file::read_bounded(path, 256).map_err(|_| bad("cannot be read"))?;
            let text = String::from_utf8(bytes).ok();
            let secret = text.as_deref().and_then(|t| t.strip_prefix(KEY_FORM)?.strip_suffix('\n'));
            let secret = secret.and_then(Secret::from_text).ok_or_else(|| bad("is damaged"))?;
            Ok(Some(SigningKey::new(&secret)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(_) => Err(bad("cannot be read")),
    }
}

/// Reads the relay's key, or makes it.
fn own_key(path: &Path) -> Result<SigningKey, Failure> {
    if let Some(key) = kept_key(path)? {
        return Ok(key);
    }
    let bad = |why| Failure::Key(path.to_owned(), why);
    let secret = Secret::random().map_err(|_| bad("cannot be made: no random bytes"))?;
    let line = format!("{KEY_FORM}{}\n", secret.to_text().as_str());
    crate::sys::file::write_private(path, line.as_bytes()).map_err(|_| bad("cannot be written"))?;
    Ok(SigningKey::new(&secret))
}

async fn listen(
    listener: TcpListener,
    app: Arc<App>,
    handle: Handle<SocketAddr>,
    tls: Option<RustlsConfig>,
) -> std::io::Result<()> {
    let service = routes::router(app).into_make_service();
    let mut server =
        axum_server::from_tcp(listener)?.handle(handle).http1_only().first_request_timeout(FIRST);
    // The smallest buffer there is: thousands of waiters hold one each.
    server.http_builder().http1().max_buf_size(8 * 1024).header_read_timeout(SILENCE);
    match tls {
        Some(config) => {
            let acceptor = axum_server::tls_rustls::RustlsAcceptor::new(config);
            server.acceptor(acceptor).serve(service).await
        }
        None => server.serve(service).await,
    }
}

/// SIGHUP reads the certificate again; SIGTERM and SIGINT end.
async fn end_on_signal(app: Arc<App>, handle: Handle<SocketAddr>, tls: Option<RustlsConfig>) {
    let all =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()));
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = all else { return };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload(&app.settings, tls.as_ref()),
        }
    }
    tracing::info!(waiting = app.hub.waiting(), "ending");
    app.hub.close();
    handle.graceful_shutdown(Some(GRACE));
    std::future::pending::<()>().await;
}

fn reload(settings: &Settings, tls: Option<&RustlsConfig>) {
    let (Some((chain, key)), Some(kept)) = (&settings.tls, tls) else { return };
    match tls::load(chain, key) {
        Ok(config) => {
            kept.reload_from_config(config);
            tracing::info!("the certificate was read again");
        }
        Err(why) => tracing::error!(why, "the certificate could not be read again; the old one stays"),
    }
}
