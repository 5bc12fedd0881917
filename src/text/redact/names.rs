//! Which names stand for secrets: `PGPASSWORD`, `db_pass`, `apiKey`, `--docker-password`; not `token_ttl`.

/// Names of which a part contains one of these.
const PARTS: &[&str] = &["password", "passwd", "passphrase", "passcode", "secret", "apikey", "credential"];
/// Names that have exactly this part.
const WHOLE: &[&str] = &["pass", "pwd", "pw", "authorization", "cookie", "bearer", "jwt", "otp", "pin"];
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
    if ABOUT.contains(&last.as_str()) || SWITCH.contains(&first.as_str()) {
        return false;
    }
    let lone_directory = parts.len() == 1 && last == "pwd";
    parts.iter().enumerate().any(|(i, part)| {
        PARTS.iter().any(|p| part.contains(p))
            || part.ends_with("token")
            || (part == "auth" && i > 0 && parts[i - 1] == "rediscli")
            || (WHOLE.contains(&part.as_str()) && !lone_directory && (part != "pin" || parts.len() == 1))
            || (part.starts_with("key") && i > 0 && KEYS.contains(&parts[i - 1].as_str()))
            || part.strip_suffix("key").is_some_and(|p| KEYS.contains(&p) && p != "app")
    })
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
        ] {
            assert!(!is_secret(name.as_bytes()), "{name}");
        }
    }
}
