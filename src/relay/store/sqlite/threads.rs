//! A few threads that read. Each has its own connection; in WAL mode they never wait for the writer.

use super::super::StoreError;
use super::{connect, trouble};
use rusqlite::Connection;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use tokio::sync::oneshot;

type Work = Box<dyn FnOnce(&Connection) + Send>;

pub struct Readers {
    queue: mpsc::Sender<Work>,
}

impl Readers {
    pub fn start(path: &Path, count: usize) -> Result<Readers, StoreError> {
        let (queue, works) = mpsc::channel::<Work>();
        let works = Arc::new(Mutex::new(works));
        for number in 0..count {
            let (connection, works) = (connect(path)?, Arc::clone(&works));
            let run = move || {
                crate::sys::process::block_signals_in_thread();
                loop {
                    let next = works.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(work) = next else { return };
                    work(&connection);
                }
            };
            let started = std::thread::Builder::new().name(format!("relay-reader-{number}")).spawn(run);
            started.map_err(|e| StoreError::Gone(e.to_string()))?;
        }
        Ok(Readers { queue })
    }

    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = oneshot::channel();
        let work: Work = Box::new(move |connection| {
            let _ = tell.send(read(connection).map_err(trouble));
        });
        let gone = || StoreError::Gone("the readers have ended".to_owned());
        self.queue.send(work).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}
