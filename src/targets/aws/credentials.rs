//! Whose credentials sign the request: keys of the environment, a role, single sign-on, keys of a file.
//! Must never show a secret: the id of a key only.

use super::{Choice, Fact, Look, Targets};

/// How far one profile may lead to another.
const DEEPEST: usize = 10;

impl Look<'_> {
    /// Profile, access key, and the account and role where they are written down.
    pub(super) fn facts(&self, named: &Choice, name: Option<&str>, targets: &mut Targets) {
        let unsigned = self.command.option("--no-sign-request").is_some();
        let environment = self.invocation().var_filled("AWS_ACCESS_KEY_ID");
        let by_option = self.command.option("--profile").is_some_and(|p| !p.is_empty());
        if let Some(key) = environment.filter(|_| !by_option && !unsigned) {
            let why = "the keys of the environment belong to no profile, and do not name their account";
            targets.facts.push(Fact::unknown("profile", why, "$AWS_ACCESS_KEY_ID").shown_as("(environment keys)"));
            targets.facts.push(Fact::text("access_key", key, "$AWS_ACCESS_KEY_ID"));
            if let Choice::Said(profile, source) = named {
                targets.facts.push(Fact::text("settings", profile.clone(), format!("{source}, for settings")));
            }
            return;
        }
        match (named, name) {
            (Choice::Said(profile, source), _) => {
                targets.facts.push(Fact::text("profile", profile.clone(), source.clone()));
            }
            (Choice::Silent, _) => targets.facts.push(Fact::text("profile", "default", "default")),
            (Choice::Unclear(why), _) => {
                targets.facts.push(Fact::unknown("profile", why.clone(), "$AWS_PROFILE"));
                targets.facts.push(Fact::unknown("access_key", why.clone(), "$AWS_PROFILE"));
                return;
            }
        }
        match name {
            _ if unsigned => targets.facts.push(Fact::none("access_key", "--no-sign-request")),
            Some(name) => self.of_profile(name, targets, by_option),
            None => {}
        }
    }

    fn of_profile(&self, name: &str, targets: &mut Targets, by_option: bool) {
        if let Some((arn, source)) = self.profiles.sourced(name, "role_arn") {
            self.role(&arn, source, targets);
            let key = self.key_behind(name, 0);
            targets.facts.push(key);
            return;
        }
        if let Some(arn) = self.invocation().var_filled("AWS_ROLE_ARN").filter(|_| !by_option)
            && self.invocation().var_filled("AWS_WEB_IDENTITY_TOKEN_FILE").is_some()
        {
            self.role(&arn, "$AWS_ROLE_ARN".into(), targets);
            targets.facts.push(Fact::none("access_key", "the token in $AWS_WEB_IDENTITY_TOKEN_FILE"));
            return;
        }
        if let Some((account, source)) = self.profiles.sourced(name, "sso_account_id") {
            targets.facts.push(Fact::text("account", account, source));
            if let Some((role, source)) = self.profiles.sourced(name, "sso_role_name") {
                targets.facts.push(Fact::text("role", role, source));
            }
            targets.facts.push(Fact::none("access_key", "single sign-on makes a new one"));
            return;
        }
        targets.facts.push(self.key_of(name));
    }

    fn role(&self, arn: &str, source: String, targets: &mut Targets) {
        targets.facts.push(Fact::text("role", arn, source.clone()));
        // arn:aws:iam::ACCOUNT:role/NAME
        if let Some(account) = arn.split(':').nth(4).filter(|a| !a.is_empty()) {
            targets.facts.push(Fact::text("account", account, source));
        }
    }

    /// The key that is exchanged for a role.
    fn key_behind(&self, name: &str, depth: usize) -> Fact {
        let unknown = |why: &str| Fact::unknown("access_key", why, format!("profile {name}"));
        if self.profiles.get(name, "web_identity_token_file").is_some() {
            return Fact::none("access_key", "the token in web_identity_token_file");
        }
        if self.profiles.get(name, "credential_source") == Some("Environment") {
            return match self.invocation().var_filled("AWS_ACCESS_KEY_ID") {
                Some(key) => Fact::text("access_key", key, "$AWS_ACCESS_KEY_ID, by credential_source"),
                None => unknown("credential_source is the environment, which has no key"),
            };
        }
        match self.profiles.get(name, "source_profile") {
            Some(_) if depth == DEEPEST => unknown("its source_profile leads in a circle"),
            // A profile that is its own source has the keys itself.
            Some(source) if source == name => self.key_of(name),
            Some(source) if self.profiles.get(source, "role_arn").is_some() => self.key_behind(source, depth + 1),
            Some(source) => self.key_of(source),
            None => unknown("the machine or container it runs in has the credentials"),
        }
    }

    fn key_of(&self, name: &str) -> Fact {
        match self.profiles.sourced(name, "aws_access_key_id") {
            Some((key, source)) => Fact::text("access_key", key, source),
            None if self.profiles.get(name, "credential_process").is_some() => Fact::unknown(
                "access_key",
                "credential_process tells it, whose program guard does not run",
                format!("profile {name}"),
            ),
            None => Fact::unknown(
                "access_key",
                "no file names one: the machine's or container's role, or a login, if there is one",
                format!("profile {name}"),
            ),
        }
    }
}
