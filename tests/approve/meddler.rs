//! A relay that lies: plain HTTP in front of a real one, which changes, keeps or makes up what passes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A call on its way to the relay.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whose bearer it carries.
    pub who: String,
}

impl Call {
    pub fn is(&self, who: &str, method: &str, part: &str) -> bool {
        self.who == who && self.method == method && self.path.contains(part)
    }
}

/// An answer on its way back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Reply {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Reply { status, headers, body: body.as_bytes().to_vec() }
    }

    pub fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What the meddler does with a call.
pub enum Out {
    Answer(Reply),
    /// Bytes as they are, and then nothing for so long.
    Raw(Vec<u8>, Duration),
    /// One byte now and then, for so long.
    Drip(Duration),
    /// Bytes without end.
    Endless,
    HangUp,
}

pub type Meddle = Box<dyn Fn(&Call, &dyn Fn(&Call) -> Reply) -> Out + Send + Sync>;

pub struct Meddler {
    pub url: String,
    listener: Option<TcpListener>,
    shared: Arc<Shared>,
}

struct Shared {
    meddle: Mutex<Arc<Meddle>>,
    /// Who has which key, and which bearer.
    keys: BTreeMap<String, &'static str>,
    bearers: Mutex<BTreeMap<String, String>>,
}

/// Everything passes.
pub fn honest() -> Meddle {
    Box::new(|call, pass| Out::Answer(pass(call)))
}

impl Meddler {
    pub fn bind(people: BTreeMap<String, &'static str>) -> Meddler {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared =
            Shared { meddle: Mutex::new(Arc::new(honest())), keys: people, bearers: Mutex::default() };
        Meddler { url, listener: Some(listener), shared: Arc::new(shared) }
    }

    pub fn set(&self, meddle: Meddle) {
        *self.shared.meddle.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(meddle);
    }

    /// Serves until the test's process ends.
    pub fn serve(&mut self, relay: &str) {
        let listener = self.listener.take().expect("once");
        let (shared, relay) = (self.shared.clone(), relay.trim_start_matches("http://").to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, relay) = (shared.clone(), relay.clone());
                std::thread::spawn(move || {
                    let _ = serve(stream, &shared, &relay);
                });
            }
        });
    }
}

fn serve(mut stream: TcpStream, shared: &Shared, relay: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(mut call) = read_call(&mut reader)? else { return Ok(()) };
    let bearer = header(&call.headers, "authorization").unwrap_or_default();
    let bearers = || shared.bearers.lock().unwrap_or_else(PoisonError::into_inner);
    call.who = bearers().get(&bearer).cloned().unwrap_or_default();
    let pass = |call: &Call| {
        let reply = forward(relay, call).unwrap_or_else(|_| Reply::json(502, "{}"));
        if call.path == "/v1/auth/token" {
            let text = String::from_utf8_lossy(&call.body).into_owned();
            let who = shared.keys.iter().find(|(kid, _)| text.contains(kid.as_str()));
            if let (Some((_, who)), Some(token)) = (who, reply.value()["token"].as_str()) {
                bearers().insert(format!("Bearer {token}"), (*who).to_owned());
            }
        }
        reply
    };
    let meddle = shared.meddle.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match meddle(&call, &pass) {
        Out::Answer(reply) => write_reply(&mut stream, &reply),
        Out::Raw(bytes, quiet) => {
            stream.write_all(&bytes)?;
            std::thread::sleep(quiet);
            Ok(())
        }
        Out::Drip(long) => {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n",
            )?;
            for _ in 0..long.as_secs() * 5 {
                stream.write_all(b" ")?;
                std::thread::sleep(Duration::from_millis(200));
            }
            Ok(())
        }
        Out::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")?;
            let block = [b' '; 1 << 16];
            loop {
                stream.write_all(&block)?;
            }
        }
        Out::HangUp => Ok(()),
    }
}

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
}

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(lines);
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            return Ok(lines);
        }
        lines.push(line);
    }
}

fn fields(lines: &[String]) -> Vec<(String, String)> {
    let split = |line: &String| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    lines.iter().skip(1).filter_map(split).collect()
}

fn read_call(reader: &mut impl BufRead) -> std::io::Result<Option<Call>> {
    let lines = read_head(reader)?;
    let Some(first) = lines.first() else { return Ok(None) };
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = fields(&lines);
    let length = header(&headers, "content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Call { method: method.into(), path: path.into(), headers, body, who: String::new() }))
}

fn forward(relay: &str, call: &Call) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(relay)?;
    let mut head = format!("{} {} HTTP/1.1\r\n", call.method, call.path);
    for (name, value) in call.headers.iter().filter(|(n, _)| n != "connection" && n != "host") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}host: {relay}\r\nconnection: close\r\n\r\n").as_bytes())?;
    stream.write_all(&call.body)?;
    let mut reader = BufReader::new(stream);
    let lines = read_head(&mut reader)?;
    let status = lines.first().and_then(|l| l.split(' ').nth(1)?.parse().ok()).unwrap_or(502);
    let headers = fields(&lines);
    let mut body = Vec::new();
    match header(&headers, "content-length").and_then(|l| l.parse().ok()) {
        Some(length) => {
            body = vec![0; length];
            reader.read_exact(&mut body)?;
        }
        None if status != 204 => drop(reader.read_to_end(&mut body)?),
        None => {}
    }
    let skipped = ["content-length", "connection", "transfer-encoding"];
    let headers = headers.into_iter().filter(|(n, _)| !skipped.contains(&n.as_str())).collect();
    Ok(Reply { status, headers, body })
}

fn write_reply(stream: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {} it\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if reply.status != 204 {
        head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
    }
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
    stream.write_all(&reply.body)
}
