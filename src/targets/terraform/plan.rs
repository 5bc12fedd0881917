//! A saved plan: which backend it writes to and what it does to which objects (terraform's planfile.proto,
//! format 3). Must never keep a value of an object: they hold secrets in clear.

use super::wire::{self, Field};
use super::{recorded::Backend, zip};
use serde_json::Value;

/// The largest `tfplan` member that is looked at.
const LIMIT: usize = 64 << 20;

/// The mode of `plan -refresh-only`.
const REFRESH_ONLY: u64 = 2;

/// What matters of a plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) backend: Option<Backend>,
    /// The workspace that was selected when the plan was made.
    pub(super) workspace: String,
    mode: u64,
    /// It was made with -target or -exclude: what it does not name stays.
    narrowed: bool,
    /// Addresses of objects that are deleted; replacements are not among them.
    pub(super) deleted: Vec<String>,
    pub(super) replaced: Vec<String>,
    pub(super) forgotten: Vec<String>,
    /// Objects that are created or changed in place, and outputs.
    changed: usize,
    /// Objects that stay after the plan was applied.
    kept: usize,
    /// Provider actions that are run.
    invoked: usize,
}

/// What a plan amounts to, as rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing that the plan knows of stays.
    Destroy,
    Deletes,
    Replaces,
    Invokes,
    Forgets,
    Changes,
    Empty,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Destroy => "destroy",
            Kind::Deletes => "deletes",
            Kind::Replaces => "replaces",
            Kind::Invokes => "invokes",
            Kind::Forgets => "forgets",
            Kind::Changes => "changes",
            Kind::Empty => "empty",
        }
    }
}

impl Plan {
    /// The worst that the plan does.
    pub(super) fn kind(&self) -> Kind {
        if !self.deleted.is_empty() {
            let whole = self.kept == 0 && self.replaced.is_empty() && !self.narrowed;
            return if whole { Kind::Destroy } else { Kind::Deletes };
        }
        match () {
            () if !self.replaced.is_empty() => Kind::Replaces,
            () if self.invoked > 0 => Kind::Invokes,
            () if !self.forgotten.is_empty() => Kind::Forgets,
            // A refresh-only plan names no change, and still rewrites the state.
            () if self.changed > 0 || self.mode == REFRESH_ONLY => Kind::Changes,
            () => Kind::Empty,
        }
    }

    /// `2 to delete, 1 to replace`; the counts that are not zero.
    pub(super) fn summary(&self) -> String {
        let counts = [
            (self.deleted.len(), "to delete"),
            (self.replaced.len(), "to replace"),
            (self.forgotten.len(), "to forget"),
            (self.invoked, "actions to run"),
            (self.changed, "to create or change"),
        ];
        let words: Vec<_> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if words.is_empty() { "nothing to do".into() } else { words.join(", ") }
    }
}

/// Reads a plan file; the error completes the sentence "the plan cannot be read: …".
pub(super) fn read(file: &[u8]) -> Result<Plan, String> {
    if file.first() == Some(&b'{') {
        return Err("it only points to a run elsewhere, or it is encrypted".into());
    }
    let bytes = zip::member(file, b"tfplan", LIMIT)?;
    decode(&bytes)
}

fn decode(bytes: &[u8]) -> Result<Plan, String> {
    const DAMAGED: &str = "its plan is damaged";
    let fields = wire::message(bytes).ok_or(DAMAGED)?;
    let version = fields.iter().find_map(|(n, f)| match f {
        Field::Number(version) if *n == 1 => Some(*version),
        Field::Number(_) | Field::Bytes(_) => None,
    });
    if version != Some(3) {
        return Err(format!(
            "its format is {}, and guard knows 3",
            version.map_or("unknown".into(), |v| v.to_string())
        ));
    }
    let mut plan = Plan::default();
    for (number, field) in fields {
        match (number, field) {
            (17, Field::Number(mode)) => plan.mode = mode,
            (3, Field::Bytes(change)) => resource(&mut plan, change).ok_or(DAMAGED)?,
            (4, Field::Bytes(change)) => plan.changed += usize::from(output(change).ok_or(DAMAGED)? != 0),
            (13, Field::Bytes(inner)) => backend(&mut plan, inner).ok_or(DAMAGED)?,
            (5, Field::Bytes(_)) => plan.narrowed = true,
            (30, Field::Bytes(_)) => plan.invoked += 1,
            _ => {}
        }
    }
    Ok(plan)
}

fn resource(plan: &mut Plan, bytes: &[u8]) -> Option<()> {
    let (mut address, mut action, mut deposed) = (None, None, None);
    for (number, field) in wire::message(bytes)? {
        match (number, field) {
            (13, Field::Bytes(text)) => address = Some(String::from_utf8_lossy(text).into_owned()),
            (7, Field::Bytes(key)) => deposed = Some(String::from_utf8_lossy(key).into_owned()),
            (9, Field::Bytes(change)) => action = Some(first_number(change)?),
            _ => {}
        }
    }
    let mut address = address?;
    if let Some(key) = deposed.filter(|k| !k.is_empty()) {
        address = format!("{address} (deposed {key})");
    }
    match action? {
        5 => plan.deleted.push(address),
        6 | 7 => plan.replaced.push(address),
        // 9 makes a new object and leaves the old one behind, unmanaged.
        8 => plan.forgotten.push(address),
        9 => {
            plan.forgotten.push(address);
            plan.kept += 1;
        }
        0 => plan.kept += 1,
        1 | 3 => {
            plan.changed += 1;
            plan.kept += 1;
        }
        2 => {}
        _ => return None,
    }
    Some(())
}

/// The number in field 1, 0 when it is left out.
fn first_number(message: &[u8]) -> Option<u64> {
    let fields = wire::message(message)?;
    Some(
        fields
            .iter()
            .find_map(|(n, f)| if let (1, Field::Number(v)) = (n, f) { Some(*v) } else { None })
            .unwrap_or(0),
    )
}

/// The action of an output's change.
fn output(bytes: &[u8]) -> Option<u64> {
    let fields = wire::message(bytes)?;
    let change =
        fields.iter().find_map(|(n, f)| if let (2, Field::Bytes(b)) = (n, f) { Some(*b) } else { None });
    change.map_or(Some(0), first_number)
}

fn backend(plan: &mut Plan, bytes: &[u8]) -> Option<()> {
    let mut backend = Backend { kind: String::new(), config: Value::Null, source: "the plan file".into() };
    for (number, field) in wire::message(bytes)? {
        match (number, field) {
            (1, Field::Bytes(kind)) => backend.kind = String::from_utf8(kind.to_vec()).ok()?,
            (2, Field::Bytes(dynamic)) => {
                let fields = wire::message(dynamic)?;
                let packed = fields
                    .iter()
                    .find_map(|(n, f)| if let (1, Field::Bytes(b)) = (n, f) { Some(*b) } else { None });
                backend.config = wire::msgpack(packed?)?;
            }
            (3, Field::Bytes(name)) => plan.workspace = String::from_utf8(name.to_vec()).ok()?,
            _ => {}
        }
    }
    plan.backend = Some(backend);
    Some(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A length-delimited field below number 16.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    fn change(address: &str, action: u8) -> Vec<u8> {
        field(3, &[field(9, &[0x08, action]), field(13, address.as_bytes())].concat())
    }

    /// A plan file for a local backend, with these changes.
    pub(in crate::targets::terraform) fn file(changes: &[(&str, u8)]) -> Vec<u8> {
        let config = field(1, b"\x82\xa4path\xc0\xadworkspace_dir\xc0");
        let backend = [field(1, b"local"), field(2, &config), field(3, b"default")].concat();
        let mut plan = vec![0x08, 3];
        plan.extend(changes.iter().flat_map(|(address, action)| change(address, *action)));
        plan.extend(field(13, &backend));
        zip::archive(b"tfplan", &plan)
    }

    #[test]
    fn actions_are_counted_by_what_they_do() {
        let plan =
            read(&file(&[("a.a", 5), ("a.b", 6), ("a.c", 7), ("a.d", 8), ("a.e", 3), ("a.f", 0)])).unwrap();
        assert_eq!((plan.deleted.as_slice(), plan.replaced.len()), (&["a.a".to_owned()][..], 2));
        assert_eq!(plan.summary(), "1 to delete, 2 to replace, 1 to forget, 1 to create or change");
        assert_eq!(
            (plan.workspace.as_str(), plan.backend.map(|b| b.kind)),
            ("default", Some("local".into()))
        );
    }

    #[test]
    fn the_worst_names_the_plan() {
        let kind = |changes: &[(&str, u8)]| read(&file(changes)).unwrap().kind();
        assert_eq!(kind(&[("a.a", 5), ("a.b", 5)]), Kind::Destroy);
        assert_eq!(kind(&[("a.a", 5), ("a.b", 0)]), Kind::Deletes);
        assert_eq!(kind(&[("a.a", 7), ("a.b", 1)]), Kind::Replaces);
        assert_eq!(kind(&[("a.a", 9)]), Kind::Forgets);
        assert_eq!(kind(&[("a.a", 1)]), Kind::Changes);
        assert_eq!(kind(&[("a.a", 0), ("a.b", 2)]), Kind::Empty);
        let refresh = read(&zip::archive(b"tfplan", &[0x08, 3, 0x88, 0x01, 2])).unwrap();
        assert_eq!(refresh.kind(), Kind::Changes);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(read(b"{\"remote_plan_format\":1}").is_err());
        assert!(read(&zip::archive(b"tfplan", &[0x08, 4])).unwrap_err().contains("guard knows 3"));
        assert!(read(&zip::archive(b"tfplan", &[])).is_err());
        assert!(read(&file(&[("a.a", 12)])).is_err());
        let whole = file(&[("a.a", 5)]);
        for at in 0..whole.len() {
            let mut broken = whole.clone();
            broken[at] ^= 0x55;
            let _ = read(&broken);
        }
    }
}
