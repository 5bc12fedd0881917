//! E-mail by SMTP, in plain text. Headers are made by the library from checked parts, so foreign text cannot begin
//! another header or another recipient; clear text only to this machine.

use super::authority::Authority;
use super::channel::{Delivered, Notice};
use super::hidden::Hidden;
use crate::relay::store::EventKind;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;

const SILENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// From the first byte.
    Tls,
    /// Asked for, and without it nothing is sent.
    StartTls,
    /// Clear text; only for this machine.
    None,
}

#[derive(Clone, Debug)]
pub struct Email {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub login: Option<(String, Hidden)>,
    /// Where the server's certificate is of an authority of one's own.
    pub authority: Option<Authority>,
    pub from: Mailbox,
    /// Lists and other addresses that are not one person's.
    pub to: Vec<Mailbox>,
    /// People of the roster, so that nobody is asked to review their own request.
    pub people: Vec<(String, Mailbox)>,
}

impl Email {
    pub async fn deliver(&self, notice: &Notice<'_>) -> Delivered {
        let Some(id) = self.id(notice) else {
            return Delivered::Never { why: "the mail cannot be written" };
        };
        let Some(mail) = self.mail(notice, &id) else {
            // Nobody but the requester would get it.
            return Delivered::Sent { reference: None };
        };
        let Some(transport) = self.transport() else {
            return Delivered::Later { why: "TLS cannot be set up", after: None };
        };
        match transport.send(mail).await {
            // What follows answers the first mail, so that they stand together.
            Ok(_) => Delivered::Sent { reference: Some(notice.before.map_or(id, str::to_owned)) },
            Err(error) => trouble(&error),
        }
    }

    /// The same for each try, so that a mail that was sent twice is shown once.
    fn id(&self, notice: &Notice<'_>) -> Option<String> {
        let digest = notice.message.request.strip_prefix("sha256:")?;
        Some(format!("<{digest}.{}@{}>", notice.id, self.from.email.domain()))
    }

    fn mail(&self, notice: &Notice<'_>, id: &str) -> Option<Mail> {
        let message = notice.message;
        let own =
            |person: &str| notice.event.kind == EventKind::Opened && person == notice.event.header.person;
        let people = self.people.iter().filter(|(person, _)| !own(person)).map(|(_, mailbox)| mailbox);
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .subject(format!("[guard] {}", message.title))
            .message_id(Some(id.to_owned()))
            .raw_header(fixed("Auto-Submitted", "auto-generated"));
        for mailbox in self.to.iter().chain(people) {
            builder = builder.to(mailbox.clone());
        }
        if message.loud {
            builder = builder.raw_header(fixed("Importance", "high")).raw_header(fixed("X-Priority", "1"));
        }
        if let Some(before) = notice.before {
            builder = builder.in_reply_to(before.to_owned()).references(before.to_owned());
        }
        let mut lines = message.lines();
        lines.extend([String::new(), message.link.clone(), String::new()]);
        builder.body(lines.join("\r\n")).ok()
    }

    fn transport(&self) -> Option<AsyncSmtpTransport<Tokio1Executor>> {
        let parameters = || {
            let mut builder = TlsParameters::builder(self.host.clone());
            if let Some(authority) = &self.authority {
                builder = builder.certificate_store(CertificateStore::None);
                for certificate in authority.for_mail()? {
                    builder = builder.add_root_certificate(certificate);
                }
            }
            builder.build().ok()
        };
        let tls = match self.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.clone())
            .port(self.port)
            .tls(tls)
            .timeout(Some(SILENCE));
        if let Some((user, password)) = &self.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Some(builder.build())
    }
}

fn fixed(name: &'static str, value: &'static str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn trouble(error: &lettre::transport::smtp::Error) -> Delivered {
    let later = |why| Delivered::Later { why, after: None };
    if error.is_permanent() {
        // Of a code in the 530s an operator can mend the login; the rest is about this mail or its recipients.
        return match error.status().map(u16::from) {
            Some(530..=538) => later("does not accept the login"),
            _ => later("does not take the mail"),
        };
    }
    if error.is_timeout() {
        later("no answer in time")
    } else if error.is_tls() {
        later("its certificate is not trusted, or it has no TLS")
    } else if error.is_transient() {
        later("takes no mail now")
    } else {
        later("cannot be reached")
    }
}
