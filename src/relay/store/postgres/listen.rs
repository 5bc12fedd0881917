//! Hearing of statements that other instances took. NOTIFY says only that there is something; what it is comes from
//! asking for `seq > last`, on every connect and every two seconds, so a lost notice costs two seconds at most.

use super::super::StoreError;
use super::writer::CHANNEL;
use super::{place, read, tls, trouble};
use crate::relay::hub::Hub;
use deadpool_postgres::Pool;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls};

const TICK: Duration = Duration::from_secs(2);

/// Runs until dropped.
pub async fn listen(config: Config, pool: Pool, hub: Arc<Hub>, mut last: i64) {
    let heard = Arc::new(Notify::new());
    let mut line: Option<Line> = None;
    loop {
        if line.as_ref().is_none_or(|l| l.task.is_finished()) {
            line = match connect(&config, Arc::clone(&heard)).await {
                Ok(line) => Some(line),
                Err(error) => {
                    tracing::warn!(%error, "cannot listen to the database; asking every two seconds");
                    None
                }
            };
        }
        if let Err(error) = catch_up(&pool, &hub, &mut last).await {
            tracing::warn!(%error, "cannot ask what is new");
        }
        let _ = tokio::time::timeout(TICK, heard.notified()).await;
    }
}

async fn catch_up(pool: &Pool, hub: &Hub, last: &mut i64) -> Result<(), StoreError> {
    loop {
        let rows = read::after(&place(pool).await?, *last).await?;
        let Some(newest) = rows.last() else { return Ok(()) };
        *last = newest.seq;
        hub.tell(&rows);
    }
}

/// A connection of its own: through a pooler that lends connections by transaction, LISTEN would be lost.
struct Line {
    task: tokio::task::JoinHandle<()>,
    /// Closing it ends the connection.
    _client: Client,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(config: &Config, heard: Arc<Notify>) -> Result<Line, StoreError> {
    let line = match tls() {
        Some(tls) => {
            let (client, connection) = config.connect(tls).await.map_err(|e| trouble(&e))?;
            Line { task: tokio::spawn(attend(connection, heard)), _client: client }
        }
        None => {
            let (client, connection) = config.connect(NoTls).await.map_err(|e| trouble(&e))?;
            Line { task: tokio::spawn(attend(connection, heard)), _client: client }
        }
    };
    line._client.batch_execute(&format!("LISTEN {CHANNEL}")).await.map_err(|e| trouble(&e))?;
    Ok(line)
}

/// Drives the connection; returns when it ends.
async fn attend<S, T>(mut connection: Connection<S, T>, heard: Arc<Notify>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(_))) => heard.notify_one(),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    // What was missed meanwhile is asked for at once.
    heard.notify_one();
}
