//! TYPE, TYPE/NAME and names as kubectl's resource builder takes them (cli-runtime `resource.Builder`).
//! Must never drop a word: what the builder refuses is refused here, the rest is named.

use super::kinds::{self, Kind};

/// What a TYPE word names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// A built-in kind's singular name, or the word without version and group for a custom resource.
    pub name: String,
    pub kind: Option<&'static Kind>,
}

/// Resource arguments taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    pub types: Vec<Type>,
    /// `namespace/payments`, one for each pair that is named.
    pub objects: Vec<String>,
}

/// Why the builder refuses the words, and what it says.
pub type Refused = &'static str;

impl Type {
    /// `deploy.v1.apps` and `deployments.apps` are deployments: version and group only tell kinds of one name apart.
    /// Groups other than the built-in ones make it a custom resource of the same name.
    pub fn of(word: &str) -> Type {
        let (name, group) = word.split_once('.').unwrap_or((word, ""));
        let built_in = is_built_in_group(group);
        match kinds::find(name).filter(|_| built_in) {
            Some(kind) => Type { name: kind.name.to_owned(), kind: Some(kind) },
            // OpenShift's word for a namespace; elsewhere a custom resource of that name.
            None if name == "projects" => Type { name: "project".to_owned(), kind: None },
            None => Type { name: name.to_owned(), kind: None },
        }
    }

    /// Lives in a namespace, as far as is known: most custom resources do.
    pub fn namespaced(&self) -> bool {
        self.kind.is_none_or(|k| k.namespaced)
    }
}

/// `apps`, `v1.apps`, `rbac.authorization.k8s.io`, `v1.networking.k8s.io`.
fn is_built_in_group(group: &str) -> bool {
    let bare = match group.split_once('.') {
        Some((version, rest)) if is_version(version) => rest,
        _ => group,
    };
    bare.ends_with(".k8s.io") || !bare.contains('.')
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `TYPE[,TYPE] [NAME…]` or `TYPE/NAME…`.
pub fn parse(words: &[String]) -> Result<Resources, Refused> {
    if words.iter().any(|w| w.contains('/')) {
        return pairs(words);
    }
    let Some((types, names)) = words.split_first() else { return Ok(Resources::default()) };
    let types: Vec<Type> = types.split(',').filter(|t| !t.is_empty()).map(Type::of).collect();
    let refuses = |w: &&str| kinds::is_miscased_short_name(w.split('.').next().unwrap_or(w));
    if words[0].split(',').any(|w| refuses(&w)) {
        return Err("no resource type is called so: short names are matched with their case");
    }
    let objects = names.iter().flat_map(|n| types.iter().map(move |t| format!("{}/{n}", t.name))).collect();
    Ok(Resources { types, objects })
}

fn pairs(words: &[String]) -> Result<Resources, Refused> {
    let mut found = Resources::default();
    for word in words {
        let mut parts = word.split('/');
        let (Some(of), Some(name), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err("TYPE/NAME arguments stand alone and have one slash each");
        };
        if of.is_empty() || name.is_empty() || of.contains(',') {
            return Err("TYPE/NAME arguments name a single resource and name");
        }
        if kinds::is_miscased_short_name(of) {
            return Err("no resource type is called so: short names are matched with their case");
        }
        let of = Type::of(of);
        found.objects.push(format!("{}/{name}", of.name));
        if !found.types.contains(&of) {
            found.types.push(of);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn read(line: &str) -> Result<(Vec<String>, Vec<String>), &'static str> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        parse(&words).map(|r| (r.types.into_iter().map(|t| t.name).collect(), r.objects))
    }

    #[test]
    fn every_form_names_the_same_kinds() {
        for line in ["ns a", "namespaces a", "namespace/a", "Namespace a", "ns/a", "namespaces.v1./a"] {
            assert_eq!(read(line), Ok((vec!["namespace".into()], vec!["namespace/a".into()])), "{line}");
        }
        for line in ["deploy.v1.apps/web", "deployments.apps web", "deploy web"] {
            assert_eq!(read(line).map(|r| r.1), Ok(vec!["deployment/web".into()]), "{line}");
        }
        assert_eq!(read("pod,svc a b").map(|r| r.1.len()), Ok(4));
        assert_eq!(read("db/main").map(|r| r.1), Ok(vec!["db/main".into()]));
    }

    #[test]
    fn another_group_is_another_kind() {
        let types = parse(&["ingresses.config.openshift.io".to_owned()]).map(|r| r.types);
        assert_eq!(types.map(|t| t[0].kind), Ok(None));
        let types = parse(&["clusterroles.rbac.authorization.k8s.io".to_owned()]).map(|r| r.types);
        assert!(types.is_ok_and(|t| t[0].kind.is_some_and(|k| !k.namespaced)));
    }

    #[test]
    fn what_the_builder_refuses() {
        for line in ["pod/x y", "pod,svc/x", "pod/x/y", "/x", "pod/", "DEPLOY web", "NS/a"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
