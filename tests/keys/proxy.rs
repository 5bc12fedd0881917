//! A socket before another that treats the conversation badly: late, cut off, garbled, or not at all.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

/// What happens to a conversation.
#[derive(Clone, Copy)]
pub enum Treatment {
    /// Accepted, and never answered.
    Silence,
    /// The first bytes are passed on so much later.
    Late(Duration),
    /// Closed after so many bytes of answers.
    Cut(usize),
    /// After so many bytes of answers, other bytes.
    Garbled(usize),
    /// One byte of the answer at a time, so far apart.
    Drip(Duration),
}

/// Listens at `at` and treats conversations with the service at `behind`.
pub fn before(behind: &Path, at: &Path, treatment: Treatment) {
    let _ = std::fs::remove_file(at);
    let listener = UnixListener::bind(at).expect("bind");
    let behind = behind.to_owned();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for client in listener.incoming().flatten() {
            if matches!(treatment, Treatment::Silence) {
                kept.push(client);
                continue;
            }
            let Ok(server) = UnixStream::connect(&behind) else { continue };
            let (from_client, to_server) =
                (client.try_clone().expect("dup"), server.try_clone().expect("dup"));
            std::thread::spawn(move || requests(from_client, to_server, treatment));
            std::thread::spawn(move || answers(server, client, treatment));
        }
    });
}

fn requests(mut from: UnixStream, mut to: UnixStream, treatment: Treatment) {
    let mut bytes = [0; 4096];
    let mut first = true;
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if let (Treatment::Late(delay), true) = (treatment, first) {
            // Being late is what this is for.
            std::thread::sleep(delay);
        }
        first = false;
        if to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

fn answers(mut from: UnixStream, mut to: UnixStream, treatment: Treatment) {
    let mut passed = 0;
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let mut chunk = bytes[..count].to_vec();
        match treatment {
            Treatment::Cut(after) if passed + count >= after => {
                chunk.truncate(after - passed);
                let _ = to.write_all(&chunk);
                let _ = to.shutdown(std::net::Shutdown::Both);
                let _ = from.shutdown(std::net::Shutdown::Both);
                return;
            }
            Treatment::Garbled(after) => {
                for (i, byte) in chunk.iter_mut().enumerate().filter(|(i, _)| passed + i >= after) {
                    *byte = (i as u8).wrapping_mul(167) ^ 0x5a;
                }
            }
            Treatment::Drip(pause) => {
                for byte in &chunk {
                    std::thread::sleep(pause);
                    if to.write_all(&[*byte]).is_err() {
                        return;
                    }
                }
                continue;
            }
            Treatment::Silence | Treatment::Late(_) | Treatment::Cut(_) => {}
        }
        passed += count;
        if to.write_all(&chunk).is_err() {
            return;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
