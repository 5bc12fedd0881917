//! One call to an address of the operator's file. Must never follow a redirect, read an answer without end, or put
//! what it was told or answered into an error.

use super::authority::Authority;
use super::channel::Delivered;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);
/// What is read of an answer.
const MOST: usize = 64 * 1024;

/// Where to send; clear text only to this machine.
#[derive(Clone)]
pub struct Address {
    url: Url,
    inside: bool,
    /// Where the server's certificate is of an authority of one's own.
    own: Option<Client>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Path and query of a webhook are its secret.
        f.write_str(self.url.host_str().unwrap_or_default())
    }
}

impl Address {
    pub fn parse(text: &str) -> Result<Address, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "is not an address like https://host/path")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a name or password before the host");
        }
        let inside = url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => Ok(Address { url, inside, own: None }),
            "http" if inside => Ok(Address { url, inside, own: None }),
            "http" => Err("must be https:// (clear text is only for this machine)"),
            _ => Err("must begin with https://"),
        }
    }

    /// The same place with another last part of the path.
    pub fn below(&self, part: &str) -> Address {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{part}", self.url.path().trim_end_matches('/')));
        Address { url, ..self.clone() }
    }

    /// The same place, where only certificates of this authority are taken; `None` for clear text.
    pub fn trusting(self, authority: &Authority) -> Option<Address> {
        if self.url.scheme() != "https" {
            return None;
        }
        // For a client that is made before the relay serves; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = builder().https_only(true).tls_certs_only(authority.for_http()?);
        let builder = if self.inside { builder.no_proxy() } else { builder };
        Some(Address { own: Some(builder.build().ok()?), ..self })
    }
}

/// Whether a host is this machine, by address or its one name.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("guard-relay/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
}

/// The clients that all channels share.
pub struct Http {
    /// By the environment's proxy, if it names one; only https.
    outside: Client,
    /// Never by a proxy.
    inside: Client,
}

impl Http {
    pub fn new() -> Option<Http> {
        let outside = builder().https_only(true).build().ok()?;
        Some(Http { outside, inside: builder().no_proxy().build().ok()? })
    }

    /// Posts JSON; the body of a good answer.
    pub async fn post(
        &self,
        to: &Address,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Delivered> {
        let shared = if to.inside { &self.inside } else { &self.outside };
        let client = to.own.as_ref().unwrap_or(shared);
        let mut all = HeaderMap::new();
        all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| Delivered::Never { why: "a token with characters that no header can hold" })?;
            value.set_sensitive(true);
            all.insert(HeaderName::from_static(name), value);
        }
        let sent = client.post(to.url.clone()).headers(all).body(body).send().await;
        answer(sent.map_err(|error| unreached(&error))?).await
    }
}

fn unreached(error: &reqwest::Error) -> Delivered {
    let why = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "cannot be reached, or its certificate is not trusted"
    } else {
        "the connection broke"
    };
    Delivered::Later { why, after: None }
}

async fn answer(mut response: Response) -> Result<Vec<u8>, Delivered> {
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()?.parse().ok());
    if !status.is_success() {
        return Err(refused(status, after));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreached(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            // It was taken; nobody needs to hear all of the thanks.
            body.truncate(MOST);
            break;
        }
    }
    Ok(body)
}

/// What another status than success means: an operator can mend most of it, so it waits.
fn refused(status: StatusCode, after: Option<u64>) -> Delivered {
    let later = |why| Delivered::Later { why, after };
    match status.as_u16() {
        300..=399 => later("answers with a redirect, which is not followed"),
        400 | 413 | 415 | 422 => Delivered::Never { why: "does not take this message" },
        401 | 403 => later("does not accept the token or secret"),
        404 | 410 => later("is not there any more"),
        429 => later("takes no more messages now"),
        400..=499 => later("refuses"),
        _ => later("has an error of its own"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_stays_on_this_machine() {
        for yes in
            ["https://hooks.example/x", "http://127.0.0.1:80/x", "http://[::1]/", "http://localhost:1/"]
        {
            assert!(Address::parse(yes).is_ok(), "{yes}");
        }
        for no in [
            "http://hooks.example/x",
            "http://127.0.0.1.evil.example/",
            "http://10.0.0.1/",
            "https://user:pass@hooks.example/",
            "file:///etc/passwd",
            "gopher://x/",
            "hooks.example",
        ] {
            assert!(Address::parse(no).is_err(), "{no}");
        }
        let address = Address::parse("https://hooks.example/services/T0/SECRET?sig=SECRET").expect("fine");
        assert_eq!(format!("{address:?}"), "hooks.example");
    }
}
