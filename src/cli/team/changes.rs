//! What differs between two versions of a roster, in words, one change a line. Must never leave a difference out: what is
//! shown here is what an admin signs.

use super::time;
use crate::statement::RosterFile;
use crate::statement::roster::{KeyKind, KeyLine, MinFlags, Person, PersonKind};
use crate::text::show_line;

/// Every difference; `None`: the first version.
pub fn changes(before: Option<&RosterFile>, after: &RosterFile) -> Vec<String> {
    let nothing = RosterFile { persons: Vec::new(), ..after.clone() };
    let old = before.unwrap_or(&nothing);
    let mut lines = Vec::new();
    for person in &after.persons {
        match old.persons.iter().find(|p| p.id == person.id) {
            None => added(person, &mut lines),
            Some(was) => changed(was, person, &mut lines),
        }
    }
    for gone in old.persons.iter().filter(|p| !after.persons.iter().any(|a| a.id == p.id)) {
        lines.push(format!("removes {}, with {} keys", show(&gone.id), gone.keys.len()));
    }
    admins(before, after, &mut lines);
    lists(before, after, &mut lines);
    lines.push(format!("counts until {}", time(after.exp)));
    lines
}

fn show(text: &str) -> String {
    show_line(text, 80)
}

fn list(words: &[String]) -> String {
    words.iter().map(|w| show(w)).collect::<Vec<_>>().join(", ")
}

fn added(person: &Person, lines: &mut Vec<String>) {
    let kind = match person.kind {
        PersonKind::Person => "",
        PersonKind::Workload => "the workload ",
    };
    let mut line = format!("adds {kind}{}", show(&person.id));
    if let Some(name) = &person.name {
        line.push_str(&format!(" ({})", show(name)));
    }
    if let Some(human) = &person.human {
        line.push_str(&format!(", human {}", show(human)));
    }
    if let Some(oidc) = &person.oidc {
        line.push_str(&format!(", {} of {}", show_line(&oidc.sub, 120), show_line(&oidc.iss, 120)));
    }
    if !person.groups.is_empty() {
        line.push_str(&format!(", in {}", list(&person.groups)));
    }
    lines.push(line);
    for word in [("time zone", &person.tz), ("hours", &person.hours)] {
        if let (what, Some(value)) = word {
            lines.push(format!("{}: {what} {}", show(&person.id), show(value)));
        }
    }
    lines.extend(
        person.keys.iter().map(|key| format!("gives {} the key {}", show(&person.id), described(key))),
    );
}

fn changed(was: &Person, person: &Person, lines: &mut Vec<String>) {
    let id = show(&person.id);
    for group in person.groups.iter().filter(|g| !was.groups.contains(g)) {
        lines.push(format!("puts {id} into {}", show(group)));
    }
    for group in was.groups.iter().filter(|g| !person.groups.contains(g)) {
        lines.push(format!("takes {id} out of {}", show(group)));
    }
    for key in &person.keys {
        match was.keys.iter().find(|k| k.kid == key.kid) {
            None => lines.push(format!("gives {id} the key {}", described(key))),
            Some(old) if old == key => {}
            Some(_) => lines.push(format!("changes {id}'s key to {}", described(key))),
        }
    }
    for key in was.keys.iter().filter(|k| !person.keys.iter().any(|n| n.kid == k.kid)) {
        lines.push(format!("takes the key {} away from {id}", show(&key.kid)));
    }
    let oidc = |p: &Person| p.oidc.as_ref().map(|o| format!("{} of {}", o.sub, o.iss));
    for (what, old, new) in [
        ("name", was.name.clone(), person.name.clone()),
        ("human", was.human.clone(), person.human.clone()),
        ("time zone", was.tz.clone(), person.tz.clone()),
        ("hours", was.hours.clone(), person.hours.clone()),
        ("workload identity", oidc(was), oidc(person)),
    ] {
        if old != new {
            let new = new.as_deref().map_or_else(|| "none".to_owned(), show);
            lines.push(format!("{id}'s {what} is {new} now"));
        }
    }
    if was.kind != person.kind {
        lines.push(match person.kind {
            PersonKind::Person => format!("{id} is a person now, not a workload"),
            PersonKind::Workload => format!("{id} is a workload now: it approves nothing"),
        });
    }
    let same =
        was.groups.iter().all(|g| person.groups.contains(g)) && was.groups.len() == person.groups.len();
    if same && was.groups != person.groups {
        lines.push(format!("orders {id}'s groups anew"));
    }
}

/// `SHA256:… (ssh-ed25519), may approve, request`.
pub fn described(key: &KeyLine) -> String {
    let kind = match (key.kind, &key.public) {
        (KeyKind::Ssh, Some(line)) => show(line.split(' ').next().unwrap_or_default()),
        (KeyKind::Ssh, None) => "ssh".to_owned(),
        (KeyKind::Webauthn, _) => {
            format!("passkey of {}", show(key.rp.as_deref().unwrap_or("an unknown site")))
        }
        (KeyKind::Age, _) => "age".to_owned(),
    };
    let uses: Vec<&str> = key.uses.iter().map(|u| u.word()).collect();
    let mut line = format!("{} ({kind}), may {}", show(&key.kid), uses.join(", "));
    match key.min_flags {
        Some(MinFlags::Uv) => line.push_str(", with PIN or fingerprint"),
        Some(MinFlags::Up) => line.push_str(", touched"),
        Some(MinFlags::None) => line.push_str(", without a touch"),
        None => {}
    }
    if let Some(from) = key.nbf {
        line.push_str(&format!(", from {}", time(from)));
    }
    if let Some(end) = key.exp {
        line.push_str(&format!(", until {}", time(end)));
    }
    line
}

fn admins(before: Option<&RosterFile>, after: &RosterFile, lines: &mut Vec<String>) {
    if before.is_some_and(|b| b.admins == after.admins) {
        return;
    }
    let people = list(&after.admins.persons);
    lines.push(format!("admins: {people}; {} of them must sign", after.admins.threshold));
}

fn lists(before: Option<&RosterFile>, after: &RosterFile, lines: &mut Vec<String>) {
    let old = |f: fn(&RosterFile) -> Vec<String>| before.map(f).unwrap_or_default();
    for (words, lister) in [
        ("shift", shifts as fn(&RosterFile) -> Vec<String>),
        ("revocation", revocations),
        ("surfaces", surfaces),
        ("relay", relays),
    ] {
        let (was, is) = (old(lister), lister(after));
        lines.extend(is.iter().filter(|l| !was.contains(l)).map(|l| format!("{words}: {l}")));
        lines.extend(was.iter().filter(|l| !is.contains(l)).map(|l| format!("no more {words}: {l}")));
    }
}

/// `oncall: bob from … to …`, one line a shift.
pub fn shifts(file: &RosterFile) -> Vec<String> {
    let one = |group: &str, s: &crate::statement::roster::Shift| {
        format!("{}: {} from {} to {}", show(group), show(&s.person), time(s.from), time(s.to))
    };
    file.schedules.iter().flat_map(|s| s.entries.iter().map(|e| one(&s.group, e))).collect()
}

pub fn revocations(file: &RosterFile) -> Vec<String> {
    let one = |r: &crate::statement::roster::Revocation| {
        format!("{} does not count from {} on: {}", show(&r.kid), time(r.from), show(&r.why))
    };
    file.revoked.iter().map(one).collect()
}

pub fn surfaces(file: &RosterFile) -> Vec<String> {
    let words = |s: &[crate::statement::Surface]| s.iter().map(|s| s.word()).collect::<Vec<_>>().join(", ");
    file.surfaces.iter().map(|(severity, s)| format!("{}: {}", severity.word(), words(s))).collect()
}

fn relays(file: &RosterFile) -> Vec<String> {
    let key = |kid: &Option<String>| kid.as_ref().map_or_else(String::new, |k| format!(", key {}", show(k)));
    file.relays.iter().map(|r| format!("{}{}", show_line(&r.url, 160), key(&r.kid))).collect()
}
