//! Which names stand for secrets: `PGPASSWORD`, `db_pass`, `apiKey`, `--docker-password`; not `token_ttl`.

/// Names of which a part contains one of these.
const PARTS: &[&str] = &["password", "passwd", "passphrase", "passcode", "secret", "apikey", "credential"];
/// Names that have exactly this part.
const WHOLE: &[&str] = &["pass", "pwd", "pw", "authorization", "cookie", "bearer", "jwt", "otp", "pin"];
/// Names that end with exactly this part: `BASIC_AUTH`, `NPM_CONFIG__AUTH`, `GITHUB_PAT`, `DB_CREDS`; not
/// `auth.database`, `AUTHOR` or `PATTERN`.
const LAST: &[&str] = &["auth", "pat", "creds", "cred", "sshpass", "dbpass", "ftppass", "smtppass"];
/// `key` after one of these.
const KEYS: &[&str] = &[
    "api",
    "access",
    "private",
    "secret",
    "signing",
    "encryption",
    "account",
    "auth",
    "shared",
    "master",
    "service",
    "storage",
    "app",
    "license",
    "deploy",
    "hmac",
    "customer",
];
/// A last part that says the value is about the secret, not the secret.
const ABOUT: &[&str] = &[
    "file",
    "path",
    "name",
    "names",
    "id",
    "ids",
    "type",
    "ttl",
    "url",
    "uri",
    "arn",
    "length",
    "size",
    "expiry",
    "policy",
    "version",
    "ref",
    "enabled",
    "count",
    "dir",
    "class",
    "mode",
    "method",
    "timeout",
    "lifetime",
    "duration",
    "endpoint",
    "stdin",
    "expiration",
    "audience",
    "issuer",
    "only",
    "format",
    "prompt",
    "helper",
];
/// A first part that makes it a switch, or the name of an object.
const SWITCH: &[&str] =
    &["no", "with", "show", "use", "skip", "allow", "disable", "enable", "existing", "public", "max"];

/// Whether a value under this name is a secret.
pub fn is_secret(name: &[u8]) -> bool {
    let parts = parts(name);
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    if is_address(&parts) {
        return true;
    }
    if ABOUT.contains(&last.as_str()) || SWITCH.contains(&first.as_str()) {
        return false;
    }
    let lone_directory = parts.len() == 1 && last == "pwd";
    LAST.contains(&last.as_str())
        || parts.iter().enumerate().any(|(i, part)| {
            PARTS.iter().any(|p| part.contains(p))
                || part.ends_with("token")
                || (WHOLE.contains(&part.as_str()) && !lone_directory && (part != "pin" || parts.len() == 1))
                || (part.starts_with("key") && i > 0 && KEYS.contains(&parts[i - 1].as_str()))
                || part.strip_suffix("key").is_some_and(|p| KEYS.contains(&p) && p != "app")
        })
}

/// Addresses that whoever knows them may write to: `SLACK_WEBHOOK_URL`, `SENTRY_DSN`.
fn is_address(parts: &[String]) -> bool {
    let ends = |end: &[&str]| parts.len() >= end.len() && parts[parts.len() - end.len()..].iter().eq(end);
    [&["webhook", "url"][..], &["webhook", "uri"], &["slack", "webhook"], &["discord", "webhook"]]
        .iter()
        .chain(&[&["teams", "webhook"][..], &["sentry", "dsn"]])
        .any(|end| ends(end))
}

/// A name that is an ordinary word, too: before a colon in running text it announces nothing.
pub fn is_word(name: &[u8]) -> bool {
    LAST.iter().any(|word| name.eq_ignore_ascii_case(word.as_bytes()))
}

/// `dbPassword_1` is `db`, `password`, `1`.
fn parts(name: &[u8]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut fresh = true;
    let mut before = b'A';
    for &byte in name {
        if !byte.is_ascii_alphanumeric() {
            fresh = true;
        } else {
            fresh |= byte.is_ascii_uppercase() && before.is_ascii_lowercase();
            if fresh {
                parts.push(String::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(char::from(byte.to_ascii_lowercase()));
            }
            fresh = false;
        }
        before = byte;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn names_of_secrets_and_names_about_them() {
        for name in [
            "PGPASSWORD",
            "password",
            "db_pass",
            "MYSQL_PWD",
            "apiKey",
            "api-key",
            "AWS_SECRET_ACCESS_KEY",
            "access_key",
            "authToken",
            "GITHUB_TOKEN",
            "client_secret",
            "docker-password",
            "a.b.token",
            "ssl_passphrase",
            "credentials",
            "Authorization",
            "accountKey",
            "secretkey",
            "password2",
            "SSHPASS",
            "SLACK_WEBHOOK_URL",
            "SLACK_WEBHOOK",
            "webhookUrl",
            "NPM_CONFIG__AUTH",
            "_auth",
            "BASIC_AUTH",
            "AUTH",
            "CREDS",
            "DB_CREDS",
            "CREDENTIALS",
            "PAT",
            "AZURE_DEVOPS_EXT_PAT",
            "SENTRY_DSN",
            "REDISCLI_AUTH",
        ] {
            assert!(is_secret(name.as_bytes()), "{name}");
        }
        for name in [
            "PWD",
            "PGPASSFILE",
            "token_ttl",
            "password-file",
            "secretName",
            "aws_access_key_id",
            "max_tokens",
            "key",
            "var-file",
            "namespace",
            "no-password",
            "password-stdin",
            "public_key",
            "host",
            "",
            "app",
            "tokens",
            "PATH",
            "path",
            "PATTERN",
            "PATCH",
            "pat_x",
            "AUTHOR",
            "GIT_AUTHOR_NAME",
            "auth.database",
            "SSH_AUTH_SOCK",
            "XAUTHORITY",
            "POSTGRES_HOST_AUTH_METHOD",
            "NO_AUTH",
            "GIT_ASKPASS",
            "COMPASS",
            "BASE_URL",
            "webhook",
            "DSN",
            "CREDIT",
        ] {
            assert!(!is_secret(name.as_bytes()), "{name}");
        }
    }
}
