//! Small servers that record what arrives: HTTP with answers to choose, and SMTP.

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Longest wait for something that must come; a lease of a killed relay takes a minute to run out.
const WAIT: Duration = Duration::from_secs(100);

#[derive(Clone, Debug)]
pub struct Call {
    pub path: String,
    pub head: String,
    pub text: String,
    pub body: Value,
}

impl Call {
    pub fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|l| l.split_once(": "));
        let found = lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()).next();
        found.unwrap_or_else(|| panic!("no {name} in {}", self.head))
    }
}

/// What the server does with a call.
pub enum Reply {
    Status(u16, String),
    /// With a `Location`.
    Elsewhere(String),
    /// Closes without a word.
    Nothing,
    /// Holds the connection and says nothing.
    Hang,
}

/// A connection, in clear text or in TLS.
trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

fn tls(config: &Arc<ServerConfig>, stream: TcpStream) -> Option<Box<dyn Wire>> {
    let connection = ServerConnection::new(Arc::clone(config)).ok()?;
    Some(Box::new(StreamOwned::new(connection, stream)))
}

pub struct Recorder {
    pub port: u16,
    secure: bool,
    calls: Receiver<Call>,
}

impl Recorder {
    /// `reply` sees how many calls came before and the call.
    pub fn start(reply: impl Fn(usize, &Call) -> Reply + Send + 'static) -> Recorder {
        Recorder::start_with(None, reply)
    }

    /// With TLS, when there is a certificate.
    pub fn start_with(
        config: Option<Arc<ServerConfig>>,
        reply: impl Fn(usize, &Call) -> Reply + Send + 'static,
    ) -> Recorder {
        let secure = config.is_some();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, calls) = channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let wire: Option<Box<dyn Wire>> = match &config {
                    Some(config) => tls(config, stream),
                    None => Some(Box::new(stream)),
                };
                held.extend(wire.and_then(|wire| answer(wire, number, &reply, &sender)));
            }
        });
        Recorder { port, secure, calls }
    }

    /// Takes everything.
    pub fn fine() -> Recorder {
        Recorder::start(|_, _| Reply::Status(200, "{}".to_owned()))
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    pub fn next(&self) -> Call {
        self.calls.recv_timeout(WAIT).expect("a call comes")
    }

    /// What came and was not looked at.
    pub fn rest(&self) -> Vec<Call> {
        self.calls.try_iter().collect()
    }
}

fn answer(
    mut stream: Box<dyn Wire>,
    number: usize,
    reply: &impl Fn(usize, &Call) -> Reply,
    sender: &Sender<Call>,
) -> Option<Box<dyn Wire>> {
    let call = request(&mut stream)?;
    let reply = reply(number, &call);
    let _ = sender.send(call);
    let (status, more, body) = match reply {
        Reply::Status(status, body) => (status, String::new(), body),
        Reply::Elsewhere(to) => (302, format!("location: {to}\r\n"), String::new()),
        Reply::Nothing => return None,
        Reply::Hang => return Some(stream),
    };
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"
    );
    None
}

fn request(stream: &mut Box<dyn Wire>) -> Option<Call> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let path = head.split(' ').nth(1)?.to_owned();
    let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let text = String::from_utf8(body).ok()?;
    Some(Call { path, head, body: serde_json::from_str(&text).unwrap_or_default(), text })
}

#[derive(Debug, Default)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
    /// What was said to log in, and whether in TLS.
    pub login: String,
    pub secure: bool,
}

impl Letter {
    /// The head, unfolded.
    pub fn head(&self) -> String {
        self.text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ")
    }
}

/// How a mail server speaks.
#[derive(Clone)]
pub enum Speech {
    Clear,
    /// TLS from the first byte.
    Tls(Arc<ServerConfig>),
    StartTls(Arc<ServerConfig>),
}

pub struct Post {
    pub port: u16,
    letters: Receiver<Letter>,
    /// Every line in clear text.
    lines: Receiver<String>,
}

impl Post {
    pub fn start() -> Post {
        Post::start_with(Speech::Clear)
    }

    pub fn start_with(speech: Speech) -> Post {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let ((sender, letters), (clear, lines)) = (channel(), channel());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = mail(stream, &speech, &sender, &clear);
            }
        });
        Post { port, letters, lines }
    }

    pub fn next(&self) -> Letter {
        self.letters.recv_timeout(WAIT).expect("a letter comes")
    }

    /// What was said in clear text so far.
    pub fn clear(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }
}

fn mail(
    stream: TcpStream,
    speech: &Speech,
    sender: &Sender<Letter>,
    clear: &Sender<String>,
) -> std::io::Result<()> {
    let broken = || std::io::Error::other("no TLS");
    let (first, mut secure): (Box<dyn Wire>, bool) = match speech {
        Speech::Tls(config) => (tls(config, stream.try_clone()?).ok_or_else(broken)?, true),
        Speech::Clear | Speech::StartTls(_) => (Box::new(stream.try_clone()?), false),
    };
    let mut wire = BufReader::new(first);
    let mut letter = Letter::default();
    wire.get_mut().write_all(b"220 recorder\r\n")?;
    loop {
        let mut line = String::new();
        if wire.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if !secure {
            let _ = clear.send(line.clone());
        }
        let word = line.get(..4).unwrap_or_default().to_uppercase();
        match (word.as_str(), speech) {
            ("EHLO", Speech::StartTls(_)) if !secure => {
                wire.get_mut().write_all(b"250-recorder\r\n250 STARTTLS\r\n")?;
                continue;
            }
            ("EHLO", _) if secure => wire.get_mut().write_all(b"250-recorder\r\n250-AUTH PLAIN\r\n")?,
            ("STAR", Speech::StartTls(config)) => {
                wire.get_mut().write_all(b"220 go on\r\n")?;
                wire = BufReader::new(tls(config, stream.try_clone()?).ok_or_else(broken)?);
                secure = true;
                continue;
            }
            ("AUTH", _) => {
                letter.login = line.trim().to_owned();
                wire.get_mut().write_all(b"235 welcome\r\n")?;
                continue;
            }
            ("MAIL", _) => letter.from = line.trim().to_owned(),
            ("RCPT", _) => letter.to.push(line.trim().to_owned()),
            ("DATA", _) => {
                wire.get_mut().write_all(b"354 go on\r\n")?;
                while !letter.text.ends_with("\r\n.\r\n") {
                    wire.read_line(&mut letter.text)?;
                }
                letter.secure = secure;
                let _ = sender.send(std::mem::take(&mut letter));
            }
            ("QUIT", _) => return wire.get_mut().write_all(b"221 bye\r\n"),
            _ => {}
        }
        wire.get_mut().write_all(b"250 ok\r\n")?;
    }
}
