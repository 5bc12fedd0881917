//! The operator's file of channels. Errors say file, line and column and never what stands there: it holds secrets.

use super::authority::Authority;
use super::channel::{Channel, Way, rank};
use super::email::{Email, Security};
use super::hidden::{Hidden, private};
use super::http::{Address, is_loopback};
use super::ntfy::Ntfy;
use super::slack::Slack;
use super::teams::Teams;
use super::webhook::Webhook;
use crate::keys::Secret;
use crate::text::show;
use lettre::message::Mailbox;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::Spanned;
use zeroize::Zeroizing;

/// Largest file of channels.
const LARGEST: u64 = 64 * 1024;
/// Largest file with one secret.
const SECRET: u64 = 4096;

type Text = Spanned<String>;
type Covert = Option<Spanned<Hidden>>;
type File = Option<Spanned<PathBuf>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Everything {
    #[serde(default)]
    slack: Vec<SlackTable>,
    #[serde(default)]
    teams: Vec<TeamsTable>,
    #[serde(default)]
    webhook: Vec<WebhookTable>,
    #[serde(default)]
    ntfy: Vec<NtfyTable>,
    #[serde(default)]
    email: Vec<EmailTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SlackTable {
    name: Text,
    team: Option<String>,
    person: Option<String>,
    least: Option<Text>,
    ca_file: File,
    webhook: Covert,
    webhook_file: File,
    token: Covert,
    token_file: File,
    channel: Option<Text>,
    api: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TeamsTable {
    name: Text,
    team: Option<String>,
    person: Option<String>,
    least: Option<Text>,
    ca_file: File,
    webhook: Covert,
    webhook_file: File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WebhookTable {
    name: Text,
    team: Option<String>,
    person: Option<String>,
    least: Option<Text>,
    ca_file: File,
    url: Spanned<Hidden>,
    secret: Covert,
    secret_file: File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct NtfyTable {
    name: Text,
    team: Option<String>,
    person: Option<String>,
    least: Option<Text>,
    ca_file: File,
    server: Text,
    topic: Covert,
    topic_file: File,
    token: Covert,
    token_file: File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EmailTable {
    name: Text,
    team: Option<String>,
    person: Option<String>,
    least: Option<Text>,
    ca_file: File,
    server: Text,
    security: Option<Text>,
    user: Option<String>,
    password: Covert,
    password_file: File,
    from: Text,
    #[serde(default)]
    to: Vec<Text>,
    #[serde(default)]
    people: BTreeMap<String, Text>,
}

/// Reads each `--notify`: `log:NAME`, or a file of channels.
pub fn channels(wheres: &[String]) -> Result<Vec<Channel>, String> {
    let mut all: Vec<Channel> = Vec::new();
    for place in wheres {
        let found = match place.strip_prefix("log:") {
            Some(name) if plain(name) => vec![Channel::log(name)],
            Some(_) => {
                return Err("--notify log:NAME takes a name of up to 64 visible ASCII characters".to_owned());
            }
            None => read(Path::new(place))?,
        };
        for channel in found {
            if all.iter().any(|other| other.name == channel.name) {
                return Err(format!("two channels are called {}; a name is one channel's", channel.name));
            }
            all.push(channel);
        }
    }
    Ok(all)
}

fn plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_graphic())
}

fn read(path: &Path) -> Result<Vec<Channel>, String> {
    let shown = show(path.display().to_string());
    let text = private(path, LARGEST).map_err(|why| format!("{shown}: {why}"))?;
    let reader = Reader { shown, text: &text, directory: path.parent().unwrap_or(Path::new(".")) };
    let all: Everything = toml::from_str(&text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        reader.at(start, &blanked(error.message()))
    })?;
    let mut found = Vec::new();
    for table in all.slack {
        found.push(reader.slack(table)?);
    }
    for table in all.teams {
        found.push(reader.teams(table)?);
    }
    for table in all.webhook {
        found.push(reader.webhook(table)?);
    }
    for table in all.ntfy {
        found.push(reader.ntfy(table)?);
    }
    for table in all.email {
        found.push(reader.email(table)?);
    }
    if found.is_empty() {
        return Err(reader.at(
            0,
            "no channel here; begin one with [[slack]], [[teams]], [[webhook]], [[ntfy]] or [[email]]",
        ));
    }
    Ok(found)
}

/// A parser's message without the values it repeats, which stand in double quotes.
fn blanked(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(from), Some(to)) if from < to => format!("{}…{}", &message[..from], &message[to + 1..]),
        _ => message.lines().next().unwrap_or_default().to_owned(),
    }
}

/// What all channels have.
struct Common {
    name: Text,
    team: Option<String>,
    person: Option<String>,
    least: Option<Text>,
}

struct Reader<'a> {
    shown: String,
    text: &'a str,
    directory: &'a Path,
}

impl Reader<'_> {
    /// `file:line:column: what is wrong`.
    fn at(&self, offset: usize, why: &str) -> String {
        let before = &self.text.as_bytes()[..offset.min(self.text.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        format!("{}:{line}:{column}: {why}", self.shown)
    }

    fn channel(&self, common: Common, way: Way) -> Result<Channel, String> {
        let Common { name, team, person, least } = common;
        if !plain(name.as_ref()) || name.as_ref().contains(':') {
            let why = "a name has up to 64 visible ASCII characters and no colon";
            return Err(self.at(name.span().start, why));
        }
        let least = match least {
            None => 0,
            Some(word) => rank(word.as_ref())
                .ok_or_else(|| self.at(word.span().start, "least is low, medium, high or critical"))?,
        };
        Ok(Channel { name: name.into_inner(), way, team, person, least })
    }

    /// A secret from its key or from the file that the other key names; `None` when neither is there.
    fn secret(&self, inline: Covert, file: File, what: &str) -> Result<Option<(Hidden, usize)>, String> {
        let (text, offset) = match (inline, file) {
            (None, None) => return Ok(None),
            (Some(_), Some(file)) => {
                return Err(self.at(file.span().start, &format!("{what} and {what}-file: one is enough")));
            }
            (Some(inline), None) => {
                let offset = inline.span().start;
                (Zeroizing::new(inline.into_inner().expose().to_owned()), offset)
            }
            (None, Some(file)) => {
                let offset = file.span().start;
                let path = self.directory.join(file.as_ref());
                let text = private(&path, SECRET)
                    .map_err(|why| self.at(offset, &format!("{} {why}", show(path.display().to_string()))))?;
                (text, offset)
            }
        };
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(self.at(offset, &format!("{what} is empty or has more than one line")));
        }
        Ok(Some((Hidden::new(text.to_owned()), offset)))
    }

    fn needed(&self, name: &Text, inline: Covert, file: File, what: &str) -> Result<(Hidden, usize), String> {
        let missing = || self.at(name.span().start, &format!("this channel needs {what} or {what}-file"));
        self.secret(inline, file, what)?.ok_or_else(missing)
    }

    fn address(&self, text: &str, offset: usize, what: &str, ca: &File) -> Result<Address, String> {
        let address = Address::parse(text).map_err(|why| self.at(offset, &format!("{what} {why}")))?;
        let Some(authority) = self.authority(ca)? else { return Ok(address) };
        let unusable = || {
            self.at(
                ca.as_ref().map_or(0, |file| file.span().start),
                "ca-file is for https:// and holds certificates",
            )
        };
        address.trusting(&authority).ok_or_else(unusable)
    }

    /// The certificates of `ca-file`.
    fn authority(&self, file: &File) -> Result<Option<Authority>, String> {
        let Some(file) = file else { return Ok(None) };
        let path = self.directory.join(file.as_ref());
        let wrong =
            |why: String| self.at(file.span().start, &format!("{} {why}", show(path.display().to_string())));
        Authority::read(&path).map(Some).map_err(wrong)
    }

    fn slack(&self, table: SlackTable) -> Result<Channel, String> {
        let SlackTable {
            name,
            team,
            person,
            least,
            ca_file,
            webhook,
            webhook_file,
            token,
            token_file,
            channel,
            api,
        } = table;
        let start = name.span().start;
        let webhook = self.secret(webhook, webhook_file, "webhook")?;
        let token = self.secret(token, token_file, "token")?;
        let way = match (webhook, token, channel) {
            (Some((url, offset)), None, None) => {
                Slack::Webhook(self.address(url.expose(), offset, "webhook", &ca_file)?)
            }
            (None, Some((token, _)), Some(channel)) => {
                let (text, offset) = match &api {
                    Some(api) => (api.as_ref().as_str(), api.span().start),
                    None => ("https://slack.com/api", start),
                };
                let api = self.address(text, offset, "api", &ca_file)?;
                Slack::Bot { api, token, channel: channel.into_inner() }
            }
            (None, Some(_), None) => return Err(self.at(start, "with a token, channel is the channel's ID")),
            _ => return Err(self.at(start, "a Slack channel needs either webhook, or token and channel")),
        };
        self.channel(Common { name, team, person, least }, Way::Slack(way))
    }

    fn teams(&self, table: TeamsTable) -> Result<Channel, String> {
        let TeamsTable { name, team, person, least, ca_file, webhook, webhook_file } = table;
        let (url, offset) = self.needed(&name, webhook, webhook_file, "webhook")?;
        let webhook = self.address(url.expose(), offset, "webhook", &ca_file)?;
        self.channel(Common { name, team, person, least }, Way::Teams(Teams { webhook }))
    }

    fn webhook(&self, table: WebhookTable) -> Result<Channel, String> {
        let WebhookTable { name, team, person, least, ca_file, url, secret, secret_file } = table;
        let address = self.address(url.as_ref().expose(), url.span().start, "url", &ca_file)?;
        let (text, offset) = self.needed(&name, secret, secret_file, "secret")?;
        let wrong = "secret is 32 random bytes in base64 (head -c 32 /dev/urandom | base64)";
        let secret = Secret::from_text(text.expose()).ok_or_else(|| self.at(offset, wrong))?;
        let way = Way::Webhook(Webhook { address, secret: Arc::new(secret) });
        self.channel(Common { name, team, person, least }, way)
    }

    fn ntfy(&self, table: NtfyTable) -> Result<Channel, String> {
        let NtfyTable { name, team, person, least, ca_file, server, topic, topic_file, token, token_file } =
            table;
        let address = self.address(server.as_ref(), server.span().start, "server", &ca_file)?;
        let (topic, offset) = self.needed(&name, topic, topic_file, "topic")?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if topic.expose().len() > 64 || !topic.expose().bytes().all(fits) {
            return Err(self.at(offset, "topic is up to 64 letters, digits, - and _"));
        }
        let token = self.secret(token, token_file, "token")?.map(|(token, _)| token);
        self.channel(Common { name, team, person, least }, Way::Ntfy(Ntfy { server: address, topic, token }))
    }

    fn email(&self, table: EmailTable) -> Result<Channel, String> {
        let EmailTable {
            name,
            team,
            person,
            least,
            ca_file,
            server,
            security,
            user,
            password,
            password_file,
            from,
            to,
            people,
        } = table;
        let start = name.span().start;
        let security = self.security(security)?;
        let (host, port) = self.server(&server, security)?;
        let password = self.secret(password, password_file, "password")?;
        let login = match (user, password) {
            (None, None) => None,
            (Some(user), Some((password, _))) => Some((user, password)),
            _ => return Err(self.at(start, "user and password go together")),
        };
        let from = self.mailbox(&from)?;
        let to = to.iter().map(|text| self.mailbox(text)).collect::<Result<Vec<_>, _>>()?;
        let one = |(person, text): (String, Text)| Ok((person, self.mailbox(&text)?));
        let people = people.into_iter().map(one).collect::<Result<Vec<_>, String>>()?;
        if to.is_empty() && people.is_empty() {
            return Err(self.at(start, "an e-mail channel needs to or people"));
        }
        let authority = self.authority(&ca_file)?;
        if let (Security::None, Some(file)) = (security, &ca_file) {
            return Err(self.at(file.span().start, "ca-file is for starttls and tls"));
        }
        let email = Email { host, port, security, login, authority, from, to, people };
        self.channel(Common { name, team, person, least }, Way::Email(email))
    }

    fn security(&self, word: Option<Text>) -> Result<Security, String> {
        let Some(word) = word else { return Ok(Security::StartTls) };
        match word.as_ref().as_str() {
            "tls" => Ok(Security::Tls),
            "starttls" => Ok(Security::StartTls),
            "none" => Ok(Security::None),
            _ => Err(self.at(word.span().start, "security is starttls, tls or none")),
        }
    }

    /// Host and port; clear text only to this machine.
    fn server(&self, server: &Text, security: Security) -> Result<(String, u16), String> {
        let (text, offset) = (server.as_ref().as_str(), server.span().start);
        let usual = match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        };
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()),
            None => (text, Some(usual)),
        };
        let fits = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
        let port = port.filter(|_| fits).ok_or_else(|| self.at(offset, "server is HOST or HOST:PORT"))?;
        if security == Security::None && !is_loopback(host) {
            return Err(self.at(offset, "without TLS only a server on this machine is taken"));
        }
        Ok((host.to_owned(), port))
    }

    fn mailbox(&self, text: &Text) -> Result<Mailbox, String> {
        let wrong = "is not an address like name@host or Name <name@host>";
        text.as_ref().parse().map_err(|_| self.at(text.span().start, wrong))
    }
}
