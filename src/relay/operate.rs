//! What an operator does beside serving: migrate, copy, restore, remove, export. Each opens the database itself and
//! can run while the relay serves, but for restoring.

use super::hub::Hub;
use super::serve::Failure;
use super::settings::Where;
use super::store::{Options, Store, StoreError, dump};
use super::{export as exported, tidy};
use std::path::Path;
use std::sync::Arc;

fn wait<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::System)?.block_on(work).map_err(Failure::Store)
}

/// Steps taken to this guard's layout.
pub fn migrate(place: &Where) -> Result<i64, Failure> {
    wait(Store::migrate(place))
}

/// Writes every row into a new file; returns how many.
pub fn backup(place: &Where, file: &Path) -> Result<u64, Failure> {
    let mut out = new_file(file)?;
    wait(dump::write(place, &mut out)).inspect_err(|_| drop(std::fs::remove_file(file)))
}

/// Fills an empty database; returns how many rows. A file that was made for it and stays empty is removed.
pub fn restore(place: &Where, file: &Path) -> Result<u64, Failure> {
    let input = std::fs::File::open(file).map_err(|e| Failure::File(file.to_owned(), e.to_string()))?;
    let fresh = match place {
        Where::Sqlite(path) => Some(path).filter(|path| !path.exists()),
        Where::Postgres(_) => None,
    };
    wait(dump::read(place, std::io::BufReader::new(input))).inspect_err(|_| {
        for ending in ["", "-wal", "-shm", ".lock"] {
            if let Some(path) = fresh {
                let mut name = path.as_os_str().to_owned();
                name.push(ending);
                let _ = std::fs::remove_file(name);
            }
        }
    })
}

/// Removes what ended more than so many days ago; returns how many statements.
pub fn prune(place: &Where, keep_days: u32) -> Result<u64, Failure> {
    wait(async {
        let store = Store::open_beside(place).await?;
        let removed = store.prune(tidy::before(keep_days)).await;
        store.close().await;
        removed
    })
}

/// Writes a team's statements and a signed note about them; returns how many.
pub fn export(place: &Where, team: &str, name: &str, key: &Path, file: &Path) -> Result<u64, Failure> {
    let missing = || Failure::Key(key.to_owned(), "does not exist");
    let key = super::serve::kept_key(key)?.ok_or_else(missing)?;
    let mut out = new_file(file)?;
    let written = wait(async {
        let store = Store::open_beside(place).await?;
        let written = exported::write(&store, team, &mut out).await;
        store.close().await;
        match written {
            Ok(written) if written.count == 0 => {
                Err(StoreError::File(format!("nothing is kept of a team called {}", crate::text::show(team))))
            }
            written => written,
        }
    })
    .inspect_err(|_| drop(std::fs::remove_file(file)))?;
    let mut note = file.as_os_str().to_owned();
    note.push(".note");
    let signed = exported::note(team, &written, name, &key);
    crate::sys::file::write_private(Path::new(&note), signed.as_bytes()).map_err(Failure::System)?;
    Ok(written.count)
}

/// A file that was not there, for this user only.
fn new_file(path: &Path) -> Result<std::fs::File, Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::File::options();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "is there already, and nothing is written over".to_owned(),
            _ => error.to_string(),
        };
        Failure::File(path.to_owned(), why)
    })
}

impl Store {
    /// Opens a database that a relay may be serving at the same time.
    async fn open_beside(place: &Where) -> Result<Store, StoreError> {
        let options = Options { beside: true, pool: 2, ..Options::default() };
        Store::open(place, Arc::new(Hub::default()), options).await
    }
}
