//! As much of HTTP/1.1 (RFC 9112) as one page needs: a request with a small body, one answer, the connection closed. Must
//! never read without a limit, nor take a request that two readers could understand differently.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;

const LONGEST_LINE: u64 = 4096;
const MOST_HEADERS: usize = 64;
const LARGEST_BODY: usize = 16 << 10;

/// Nothing from elsewhere runs, is shown, or shows this page in a frame; forms go nowhere.
const HEADERS: &str = "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
    X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n\
    Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n\
    Cache-Control: no-store\r\nConnection: close\r\n";

#[derive(Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A header that is there exactly once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        let value = found.next()?.1.as_str();
        found.next().is_none().then_some(value)
    }

    /// Whether it is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(key, _)| key == name)
    }
}

/// Reads one request; the status where it is none.
pub fn read(from: &mut impl BufRead) -> Result<Request, u16> {
    let first = line(from)?;
    let mut words = first.split(' ');
    let (Some(method), Some(path), Some("HTTP/1.1"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(400);
    };
    if !path.starts_with('/') || !path.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(400);
    }
    let mut request =
        Request { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
    loop {
        let line = line(from)?;
        if line.is_empty() {
            break;
        }
        if request.headers.len() == MOST_HEADERS {
            return Err(431);
        }
        let (name, value) = line.split_once(':').ok_or(400_u16)?;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(400);
        }
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    request.body = body(&request, from)?;
    Ok(request)
}

fn body(request: &Request, from: &mut impl BufRead) -> Result<Vec<u8>, u16> {
    if request.has("transfer-encoding") {
        return Err(501);
    }
    if !request.has("content-length") {
        return Ok(Vec::new());
    }
    let length = request.header("content-length").filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    let length: usize = length.and_then(|text| text.parse().ok()).ok_or(400_u16)?;
    if length > LARGEST_BODY {
        return Err(413);
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).map_err(|_| 400_u16)?;
    Ok(body)
}

fn line(from: &mut impl BufRead) -> Result<String, u16> {
    let mut bytes = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(|_| 408_u16)?;
    let text =
        bytes.strip_suffix(b"\r\n").ok_or(if bytes.len() as u64 == LONGEST_LINE { 431_u16 } else { 400 })?;
    String::from_utf8(text.to_vec()).map_err(|_| 400)
}

/// What goes back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub media: &'static str,
    pub body: String,
}

impl Answer {
    pub fn html(body: String) -> Answer {
        Answer { status: 200, media: "text/html; charset=utf-8", body }
    }

    pub fn asset(media: &'static str, body: &str) -> Answer {
        Answer { status: 200, media, body: body.to_owned() }
    }

    pub fn json(status: u16, body: &serde_json::Value) -> Answer {
        Answer { status, media: "application/json", body: body.to_string() }
    }

    /// A refusal that says nothing more.
    pub fn error(status: u16) -> Answer {
        Answer { status, media: "text/plain; charset=utf-8", body: format!("{status}\n") }
    }

    pub fn write(&self, mut to: &TcpStream) -> std::io::Result<()> {
        let Answer { status, media, body } = self;
        let head = format!(
            "HTTP/1.1 {status} -\r\n{HEADERS}Content-Type: {media}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        to.write_all(head.as_bytes())?;
        to.write_all(body.as_bytes())?;
        to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Request, u16> {
        read(&mut text.as_bytes())
    }

    #[test]
    fn a_request_is_read_in_one_way_only() {
        let good = of("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}").expect("a request");
        assert_eq!(
            (good.path.as_str(), good.header("host"), good.body.as_slice()),
            ("/x", Some("a"), &b"{}"[..])
        );
        for (bad, status) in [
            ("GET /x HTTP/1.0\r\n\r\n", 400),
            ("GET http://evil/x HTTP/1.1\r\n\r\n", 400),
            ("GET /x HTTP/1.1\nHost: a\n\n", 400),
            ("GET /x HTTP/1.1\r\n folded\r\n\r\n", 400),
            ("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
            ("POST /x HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}", 400),
            ("POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", 400),
            ("POST /x HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", 413),
        ] {
            assert_eq!(of(bad).err(), Some(status), "{bad:?}");
        }
        assert_eq!(of(&format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(5000))).err(), Some(431));
        let twice = of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").expect("a request");
        assert_eq!((twice.header("host"), twice.has("host")), (None, true));
    }
}
