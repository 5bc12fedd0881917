//! Small servers that record what arrives: HTTP with answers to choose, and SMTP.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
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

pub struct Recorder {
    pub port: u16,
    calls: Receiver<Call>,
}

impl Recorder {
    /// `reply` sees how many calls came before and the call.
    pub fn start(reply: impl Fn(usize, &Call) -> Reply + Send + 'static) -> Recorder {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, calls) = channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                held.extend(answer(stream, number, &reply, &sender));
            }
        });
        Recorder { port, calls }
    }

    /// Takes everything.
    pub fn fine() -> Recorder {
        Recorder::start(|_, _| Reply::Status(200, "{}".to_owned()))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
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
    stream: TcpStream,
    number: usize,
    reply: &impl Fn(usize, &Call) -> Reply,
    sender: &Sender<Call>,
) -> Option<TcpStream> {
    let call = request(&stream)?;
    let reply = reply(number, &call);
    let _ = sender.send(call);
    let (status, more, body) = match reply {
        Reply::Status(status, body) => (status, String::new(), body),
        Reply::Elsewhere(to) => (302, format!("location: {to}\r\n"), String::new()),
        Reply::Nothing => return None,
        Reply::Hang => return Some(stream),
    };
    let mut out = &stream;
    let length = body.len();
    let _ = write!(
        out,
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n{body}"
    );
    None
}

fn request(stream: &TcpStream) -> Option<Call> {
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

#[derive(Debug)]
pub struct Letter {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
}

impl Letter {
    /// The head, unfolded.
    pub fn head(&self) -> String {
        self.text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ")
    }
}

pub struct Post {
    pub port: u16,
    letters: Receiver<Letter>,
}

impl Post {
    pub fn start() -> Post {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, letters) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = mail(&stream, &sender);
            }
        });
        Post { port, letters }
    }

    pub fn next(&self) -> Letter {
        self.letters.recv_timeout(WAIT).expect("a letter comes")
    }
}

fn mail(stream: &TcpStream, sender: &Sender<Letter>) -> std::io::Result<()> {
    let (mut reader, mut out) = (BufReader::new(stream), stream);
    let mut letter = Letter { from: String::new(), to: Vec::new(), text: String::new() };
    out.write_all(b"220 recorder\r\n")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_uppercase();
        match word.as_str() {
            "MAIL" => letter.from = line.trim().to_owned(),
            "RCPT" => letter.to.push(line.trim().to_owned()),
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                while !letter.text.ends_with("\r\n.\r\n") {
                    reader.read_line(&mut letter.text)?;
                }
                let _ = sender.send(letter);
                letter = Letter { from: String::new(), to: Vec::new(), text: String::new() };
            }
            "QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => {}
        }
        out.write_all(b"250 ok\r\n")?;
    }
}
