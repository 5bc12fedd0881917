//! `guard inbox --web`: the inbox as a page that this program serves to a browser on the same machine. Must never answer
//! anything without the unguessable path, the right Host, and, for decisions, the page's own secret.

mod http;
mod routes;

use super::{Desk, Office, Trouble};
use crate::keys::{encode_url, random};
use crate::settings::Dirs;
use std::io::BufReader;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Connections at once; a browser opens six.
const MOST: usize = 32;
/// A connection that says nothing for so long is closed.
const PATIENCE: Duration = Duration::from_secs(10);

/// What makes the page unguessable.
struct Door {
    /// `127.0.0.1:PORT`: what the browser must believe to talk to, whatever name led here.
    host: String,
    /// First segment of every path.
    path: String,
    /// What the page sends along with a decision; another page cannot read it.
    secret: String,
}

/// Serves until the process is ended; `tell` is given the address.
pub fn serve(dirs: &Dirs, tell: impl FnOnce(&str)) -> Result<(), Trouble> {
    let (desk, signer) = Desk::open(dirs)?;
    let office = Office::open(desk, &signer)?;
    let failed = |error: std::io::Error| Trouble::Page(error.to_string());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let door = Door { host: format!("127.0.0.1:{port}"), path: unguessable()?, secret: unguessable()? };
    tell(&format!("http://{}/{}/", door.host, door.path));
    let state = Mutex::new(routes::State::new(office));
    let open = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // The one that is too many is closed; a browser tries again.
            if open.fetch_add(1, Ordering::Relaxed) >= MOST {
                open.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            let (door, state, open) = (&door, &state, &open);
            scope.spawn(move || {
                talk(&stream, door, state);
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    Ok(())
}

fn talk(stream: &TcpStream, door: &Door, state: &Mutex<routes::State<'_>>) {
    let limits = stream.set_read_timeout(Some(PATIENCE)).and(stream.set_write_timeout(Some(PATIENCE)));
    if limits.is_err() {
        return;
    }
    let answer = match http::read(&mut BufReader::new(stream)) {
        Ok(request) => routes::answer(&request, door, state),
        Err(status) => http::Answer::error(status),
    };
    let _ = answer.write(stream);
}

fn unguessable() -> Result<String, Trouble> {
    let bytes: [u8; 32] = random().map_err(|_| Trouble::Page("the system gives no random numbers".into()))?;
    Ok(encode_url(&bytes))
}
