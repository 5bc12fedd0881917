//! Which app flyctl and heroku act on. flyctl: words of `apps destroy`, else `-a`, `$FLY_APP`, `fly.toml`; heroku: `-a`,
//! `$HEROKU_APP`, the git remote of `-r` or of the repository. Must never name an app where the tool would stop.

use super::{Datum, Fact, Resolution, Targets};
use crate::reading::Command;

/// flyctl's verbs whose words are the apps themselves.
const BY_WORD: &[&str] = &["apps destroy", "apps suspend", "apps restart", "apps move"];

/// Resolves a command of either program.
pub fn resolve(command: &Command) -> Resolution {
    let fact = match command.tool.as_str() {
        "flyctl" => fly(command),
        _ => heroku(command),
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

fn heroku(command: &Command) -> Fact {
    if let Some(app) = command.option("--app").filter(|a| !a.is_empty()) {
        return Fact::text("app", app, "--app");
    }
    if let Some(app) = command.invocation.var_filled("HEROKU_APP") {
        return Fact::text("app", app, "$HEROKU_APP");
    }
    if let Some(app) = command.operands.first().filter(|_| command.verb == "apps:destroy") {
        return Fact::text("app", app.clone(), "the words of the command");
    }
    Fact::unknown("app", "no option or variable names it, and git remotes are not read", "not given")
}

#[cfg(test)]
mod tests {
    use super::app_of;

    #[test]
    fn the_app_of_a_fly_toml_is_a_top_level_key() {
        assert_eq!(app_of("# x\napp = 'web' # c\n[build]\n"), Some("web".to_owned()));
        assert_eq!(app_of("primary = 1\napp=\"web\"\n"), Some("web".to_owned()));
        assert_eq!(app_of("[http]\napp = 'web'\n"), None);
    }
}
