//! az: subscription and resource group, from ids, options, variables and the files in ~/.azure.
//! Must never show the default subscription where an id names another.

use super::fact::Datum;
use super::{Fact, Resolution, Targets};
use crate::invocation::{Invocation, ReadError};
use crate::reading::Command;
use crate::reading::ini::Ini;
use std::path::PathBuf;

/// Options whose values are resource ids or addresses with one in them.
const WITH_ID: &[&str] = &["--ids", "--url", "--scope", "--scopes", "--id", "--resource-id", "--resource", "--resource-uri"];

/// Which subscription and group one command acts in.
pub fn resolve(command: &Command) -> Resolution {
    let mut targets = Targets::new("az");
    targets.objects.clone_from(&command.operands);
    subscription(command, &mut targets);
    targets.facts.push(group(command));
    let words: Vec<&str> = ["subscription", "group"].iter().filter_map(|key| targets.text(key)).collect();
    targets.typed = if words.is_empty() { "az".to_owned() } else { words.join("/") };
    Resolution::Hits(targets)
}

/// What ids say under a name: `prod` for `subscriptions` of `/subscriptions/prod/resourceGroups/rg`.
fn of_ids(command: &Command, part: &str) -> Option<(Datum, &'static str)> {
    for option in WITH_ID {
        let mut found: Vec<String> = Vec::new();
        for value in command.option_values(option) {
            let words: Vec<&str> = value.split(['/', '?']).collect();
            let pair = words.windows(2).find(|pair| pair[0].eq_ignore_ascii_case(part) && !pair[1].is_empty());
            let Some(pair) = pair else { continue };
            if !found.iter().any(|f| f == pair[1]) {
                found.push(pair[1].to_owned());
            }
        }
        match found.len() {
            0 => {}
            1 => return Some((Datum::Text(found.remove(0)), option)),
            _ => return Some((Datum::texts(found), option)),
        }
    }
    None
}

fn subscription(command: &Command, targets: &mut Targets) {
    let key = "subscription";
    if let Some((value, option)) = of_ids(command, "subscriptions") {
        targets.facts.push(Fact::known(key, value, option));
        return;
    }
    if let Some(value) = command.option("--subscription").filter(|s| !s.is_empty()) {
        targets.facts.push(Fact::text(key, value, "--subscription"));
        return;
    }
    let unknown = |why: String| {
        Fact::unknown(key, why, "azureProfile.json").shown_as("(isDefault of azureProfile.json)")
    };
    match default(&command.invocation) {
        Ok((name, id)) => {
            targets.facts.push(Fact::text(key, name, "isDefault of azureProfile.json"));
            targets.facts.push(Fact::text("subscription_id", id, "azureProfile.json"));
        }
        Err(why) => targets.facts.push(unknown(why)),
    }
}

/// Name and id of the subscription that is the default of the cloud in use.
fn default(invocation: &Invocation) -> Result<(String, String), String> {
    let bytes = invocation.read(directory(invocation)?.join("azureProfile.json")).map_err(|e| e.to_string())?;
    // az writes a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let profile: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let cloud = setting(invocation, "cloud", "name")?.map_or("AzureCloud".to_owned(), |(name, _)| name);
    let all = profile.get("subscriptions").and_then(|s| s.as_array()).ok_or("it lists no subscriptions")?;
    let text = |entry: &serde_json::Value, key: &str| entry.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    let chosen = all.iter().find(|entry| {
        let here = text(entry, "environmentName").is_none_or(|name| name == cloud);
        here && entry.get("isDefault").and_then(|d| d.as_bool()) == Some(true)
    });
    let chosen = chosen.ok_or("none of its subscriptions is the default")?;
    let id = text(chosen, "id").ok_or("the default has no id")?;
    Ok((text(chosen, "name").unwrap_or_else(|| id.clone()), id))
}

fn group(command: &Command) -> Fact {
    let key = "group";
    if let Some((value, option)) = of_ids(command, "resourceGroups") {
        return Fact::known(key, value, option);
    }
    if let Some(value) = command.option("--resource-group").filter(|g| !g.is_empty()) {
        return Fact::text(key, value, "--resource-group");
    }
    match setting(&command.invocation, "defaults", "group") {
        Ok(Some((value, source))) => Fact::text(key, value, source),
        Ok(None) => Fact::none(key, "not given"),
        Err(why) => Fact::unknown(key, why, "~/.azure/config"),
    }
}

fn directory(invocation: &Invocation) -> Result<PathBuf, String> {
    match invocation.var_filled("AZURE_CONFIG_DIR") {
        Some(directory) => Ok(invocation.path(directory)),
        None => Ok(invocation.home().ok_or("HOME is not set")?.join(".azure")),
    }
}

/// `AZURE_SECTION_KEY`, else the configuration file; an empty value is none.
fn setting(invocation: &Invocation, section: &str, key: &str) -> Result<Option<(String, String)>, String> {
    let variable = format!("AZURE_{}_{}", section.to_uppercase(), key.to_uppercase());
    if let Some(value) = invocation.var_filled(&variable) {
        return Ok(Some((value, format!("${variable}"))));
    }
    let bytes = match invocation.read(directory(invocation)?.join("config")) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Ok(None),
        Err(error) => return Err(format!("~/.azure/config: {error}")),
    };
    let ini = Ini::parse(&bytes).map_err(|why| format!("~/.azure/config: {why}"))?;
    let value = ini.get(section, key).filter(|v| !v.is_empty());
    Ok(value.map(|value| (value.to_owned(), format!("{section}.{key}, ~/.azure/config"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::{Environment, Stdin};
    use crate::targets::Value;

    fn facts(line: &str, environment: &[(&str, &str)]) -> Vec<String> {
        let home = std::env::temp_dir().join(format!("guard-az-{:?}", std::thread::current().id()));
        std::fs::create_dir_all(home.join(".azure")).expect("a scratch directory");
        let profile = "\u{feff}{\"subscriptions\": [{\"id\": \"1\", \"name\": \"dev\", \"isDefault\": false},\
            {\"id\": \"2\", \"name\": \"prod\", \"isDefault\": true, \"environmentName\": \"AzureCloud\"}]}";
        std::fs::write(home.join(".azure/azureProfile.json"), profile).expect("written");
        std::fs::write(home.join(".azure/config"), "[defaults]\ngroup = rg0\n").expect("written");
        let all = Environment::from_pairs(environment.iter().copied()).set("HOME", home.as_os_str());
        let argv = line.split(' ').map(Into::into).collect();
        let here = Invocation::here(argv, Stdin::Terminal).expect("cwd").with_environment(all);
        let Resolution::Hits(targets) = resolve(&crate::reading::az::read(&here).commands[0]) else { panic!() };
        std::fs::remove_dir_all(home).expect("removed");
        let word = |value: &Value| match value {
            Value::Known(datum) => datum.to_string(),
            Value::Unknown(_) => "unknown".into(),
        };
        targets.facts.iter().map(|f| format!("{}={}", f.key, word(&f.value))).collect()
    }

    #[test]
    fn an_id_beats_the_option_and_the_default() {
        let id = "/subscriptions/PROD/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/v";
        let line = format!("az vm delete --ids {id} --subscription dev");
        assert_eq!(facts(&line, &[]), ["subscription=PROD", "group=rg"]);
        let line = format!("az rest --method delete --url https://management.azure.com{id}?api-version=1");
        assert_eq!(facts(&line, &[]), ["subscription=PROD", "group=rg"]);
    }

    #[test]
    fn defaults_come_from_the_files() {
        let default = ["subscription=prod", "subscription_id=2", "group=rg0"];
        assert_eq!(facts("az vm delete -n v", &[]), default);
        assert_eq!(facts("az vm delete -n v", &[("AZURE_DEFAULTS_GROUP", "x")])[2], "group=x");
        assert_eq!(facts("az vm delete -n v -g y", &[("AZURE_CLOUD_NAME", "AzureChinaCloud")])[0], "subscription=unknown");
        assert_eq!(facts("az vm delete -n v", &[("AZURE_CONFIG_DIR", "/nowhere")])[0], "subscription=unknown");
    }
}
