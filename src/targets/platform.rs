//! Which app flyctl and heroku act on. flyctl: words of `apps destroy`, else `-a`, `$FLY_APP`, `fly.toml`; heroku: `-a`,
//! `$HEROKU_APP`, the git remote of `-r` or of the repository. Must never name an app where the tool would stop.

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::Command;
use crate::reading::git::Call;

/// flyctl's verbs whose words are the apps themselves.
const BY_WORD: &[&str] = &["apps destroy", "apps suspend", "apps restart", "apps move"];

/// Resolves a command of either program.
pub fn resolve(command: &Command) -> Resolution {
    let fact = match command.tool.as_str() {
        "flyctl" => Some(fly(command)),
        _ => heroku(command),
    };
    let Some(fact) = fact else {
        return Resolution::Nothing("no option, variable or git remote names an app".into());
    };
    let mut targets = Targets::new(command.tool.clone());
    match &fact.value {
        super::Value::Known(datum) => datum.each_text(&mut |app| {
            if targets.typed.is_empty() {
                targets.typed = app.to_owned();
            }
            targets.objects.push(app.to_owned());
        }),
        super::Value::Unknown(_) => targets.typed = command.tool.clone(),
    }
    targets.facts.push(fact);
    Resolution::Hits(targets)
}

fn fly(command: &Command) -> Fact {
    if BY_WORD.contains(&command.verb.as_str()) && !command.operands.is_empty() {
        let apps = match command.operands.as_slice() {
            [one] => Datum::Text(one.clone()),
            several => Datum::texts(several.iter().cloned()),
        };
        return Fact::known("app", apps, "the words of the command");
    }
    if let Some(app) = command.option("--app").filter(|a| !a.is_empty()) {
        return Fact::text("app", app, "--app");
    }
    if let Some(app) = command.invocation.var_filled("FLY_APP") {
        return Fact::text("app", app, "$FLY_APP");
    }
    let file = command.option("--config").filter(|c| !c.is_empty()).unwrap_or("fly.toml");
    match command.invocation.read(file).map(|text| app_of(&String::from_utf8_lossy(&text))) {
        Ok(Some(app)) => Fact::text("app", app, file.to_owned()),
        Ok(None) => Fact::unknown("app", format!("{file} does not name it"), file.to_owned()),
        Err(_) => Fact::unknown("app", "no option, variable or fly.toml names it", "not given"),
    }
}

/// The top-level `app = "…"` of a `fly.toml`.
fn app_of(text: &str) -> Option<String> {
    text.lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim().trim_matches(['"', '\'']) == "app")
        .and_then(|(_, value)| {
            let value = value.trim();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            value[1..].split_once(quote).map(|(app, _)| app.to_owned())
        })
}

/// Commands of an account, a team or a pipeline.
const WITHOUT_APP: &[&str] =
    &["spaces", "teams", "orgs", "pipelines", "keys", "authorizations", "auth", "members", "plugins", "2fa"];

/// `None`: heroku stops, because nothing names an app.
fn heroku(command: &Command) -> Option<Fact> {
    if let Some(app) = command.option("--app").filter(|a| !a.is_empty()) {
        return Some(Fact::text("app", app, "--app"));
    }
    if let Some(app) = command.invocation.var_filled("HEROKU_APP") {
        return Some(Fact::text("app", app, "$HEROKU_APP"));
    }
    if let Some(app) = command.operands.first().filter(|_| command.verb == "apps:destroy") {
        return Some(Fact::text("app", app.clone(), "the words of the command"));
    }
    if WITHOUT_APP.contains(&command.verb.split(':').next().unwrap_or("")) {
        let source = "the words of the command";
        return Some(match command.option("--space").or(command.operands.first().map(String::as_str)) {
            Some(name) => Fact::text("app", name, source),
            None => Fact::none("app", source),
        });
    }
    of_remote(command)
}

/// The app behind the git remote that `--remote` names, or behind the only one of heroku's.
fn of_remote(command: &Command) -> Option<Fact> {
    let call = Call::of(&command.invocation.nested(vec!["git".into(), "remote".into()]));
    let (_, config) = call.settled();
    let mut apps: Vec<(&str, &str)> = config
        .below("remote", "url")
        .filter_map(|(remote, setting)| Some((remote, app_behind(setting.value.as_deref()?)?)))
        .collect();
    let wanted = command.option("--remote").filter(|r| !r.is_empty()).or_else(|| config.get("heroku.remote"));
    if let Some(wanted) = wanted {
        apps.retain(|(remote, _)| *remote == wanted);
    }
    match apps.as_slice() {
        [] => None,
        [(remote, app)] => Some(Fact::text("app", *app, format!("git remote {remote}"))),
        // Several, and none is preferred: heroku asks for --app.
        [_, _, ..] => None,
    }
}

/// `web` of `https://git.heroku.com/web.git` and of `git@heroku.com:web.git`.
fn app_behind(url: &str) -> Option<&str> {
    ["https://git.heroku.com/", "git@heroku.com:", "ssh://git@heroku.com/"]
        .iter()
        .find_map(|start| url.strip_prefix(start))
        .map(|name| name.trim_end_matches('/').trim_end_matches(".git"))
}

#[cfg(test)]
mod tests {
    use super::{app_behind, app_of};

    #[test]
    fn the_app_of_a_fly_toml_is_a_top_level_key() {
        assert_eq!(app_of("# x\napp = 'web' # c\n[build]\n"), Some("web".to_owned()));
        assert_eq!(app_of("primary = 1\napp=\"web\"\n"), Some("web".to_owned()));
        assert_eq!(app_of("[http]\napp = 'web'\n"), None);
    }

    #[test]
    fn an_app_of_heroku_stands_in_the_address_of_its_remote() {
        assert_eq!(app_behind("https://git.heroku.com/web-prod.git"), Some("web-prod"));
        assert_eq!(app_behind("git@heroku.com:web.git"), Some("web"));
        assert_eq!(app_behind("git@example.com:web.git"), None);
    }
}
