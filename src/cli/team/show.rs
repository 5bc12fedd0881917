//! `guard team show`: the team as this machine knows it.

use super::changes::{described, revocations, shifts, surfaces};
use super::{Trouble, now, team, time};
use crate::keys::Identity;
use crate::settings::Dirs;
use crate::statement::roster::{Person, PersonKind, fingerprint_words};
use crate::team::{NextRoster, Standing, Team};
use crate::text::show_line;
use serde_json::{Value, json};

/// Show the team: people, groups, keys, admins, the way to the relay
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let me = me(&team, dirs)?;
    if args.json {
        crate::outln!("{}", crate::text::json(as_json(&team, me.as_deref(), dirs)?));
        return Ok(());
    }
    head(&team, me.as_deref());
    for person in team.roster().persons() {
        one(person);
    }
    let file = team.roster().file();
    for (what, lines) in
        [("on call", shifts(file)), ("revoked", revocations(file)), ("surfaces", surfaces(file))]
    {
        lines.iter().for_each(|line| crate::outln!("{what:<10}{line}"));
    }
    if let Some(words) = draft(&team, dirs)? {
        crate::outln!("draft     {words}; `guard team diff` shows it");
    }
    if let Some(relay) = &team.way().relay {
        let words = fingerprint_words(&team.root());
        crate::outln!(
            "join      guard team join {} --team {} --root \"{words}\"",
            crate::text::quote(relay),
            team.name()
        );
    }
    Ok(())
}

/// This person's name in the team.
fn me(team: &Team, dirs: &Dirs) -> Result<Option<String>, Trouble> {
    let identity = Identity::existing(&dirs.state)?;
    let kid = identity.map(|identity| identity.public().fingerprint());
    Ok(kid.and_then(|kid| team.roster().key(&kid).map(|(person, _)| person.id.clone())))
}

fn head(team: &Team, me: Option<&str>) {
    let (roster, file) = (team.roster(), team.roster().file());
    crate::outln!("team      {}", team.name());
    crate::outln!("words     {}", fingerprint_words(&team.root()));
    let left = roster.expires().saturating_sub(now());
    let ends = if left == 0 {
        "expired: an admin signs a new version (`guard team renew`)".to_owned()
    } else {
        format!("{} days left", left / 86_400)
    };
    crate::outln!(
        "version   {}, of {}, until {} ({ends})",
        roster.version(),
        time(file.iat),
        time(roster.expires())
    );
    let relay = team.way().relay.as_deref().map_or_else(|| "none".to_owned(), |url| show_line(url, 160));
    crate::outln!("relay     {relay}");
    crate::outln!(
        "admins    {}; {} of them must sign",
        file.admins.persons.join(", "),
        file.admins.threshold
    );
    let you = me.map_or_else(
        || "your key is not in the roster: `guard key export` prints it".to_owned(),
        |me| show_line(me, 80),
    );
    crate::outln!("you       {you}");
}

fn one(person: &Person) {
    let groups: Vec<String> = person.groups.iter().map(|g| show_line(g, 40)).collect();
    let mut more = String::new();
    for word in [&person.name, &person.human].into_iter().flatten() {
        more.push_str(&format!("  {}", show_line(word, 60)));
    }
    let kind = match person.kind {
        PersonKind::Person => "",
        PersonKind::Workload => "  workload",
    };
    crate::outln!("{:<10}{}{more}{kind}", show_line(&person.id, 40), groups.join(" "));
    if let Some(oidc) = &person.oidc {
        crate::outln!("          {} of {}", show_line(&oidc.sub, 120), show_line(&oidc.iss, 120));
    }
    person.keys.iter().for_each(|key| crate::outln!("          {}", described(key)));
}

/// `version 4, 1 of 2 admins of version 3 have signed`.
fn draft(team: &Team, dirs: &Dirs) -> Result<Option<String>, Trouble> {
    let Some(draft) = NextRoster::open(&dirs.state, team)? else { return Ok(None) };
    Ok(Some(format!("version {}, {}", draft.file().version, standing(&draft.standing(team.roster())))))
}

pub fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Complete(_) => "signed by enough admins".to_owned(),
        Standing::Missing { version, signed, needed } => {
            format!("signed by {signed} of the {needed} admins of version {version} that must sign")
        }
        Standing::Not(why) => why.to_string(),
    }
}

fn as_json(team: &Team, me: Option<&str>, dirs: &Dirs) -> Result<Value, Trouble> {
    let roster = team.roster();
    let draft = NextRoster::open(&dirs.state, team)?.map(|draft| {
        let standing = match draft.standing(roster) {
            Standing::Complete(_) => json!({ "complete": true }),
            Standing::Missing { version, signed, needed } => {
                json!({ "complete": false, "of_version": version, "signed": signed, "needed": needed })
            }
            Standing::Not(why) => json!({ "complete": false, "wrong": why.to_string() }),
        };
        json!({ "version": draft.file().version, "standing": standing })
    });
    Ok(json!({
        "v": 1,
        "team": team.name(),
        "root": team.root(),
        "words": fingerprint_words(&team.root()),
        "digest": roster.digest(),
        "me": me,
        "relay": team.way().relay,
        "ca": team.way().ca,
        "roster": roster.file(),
        "draft": draft,
    }))
}
