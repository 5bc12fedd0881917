//! The kinds Kubernetes itself has: names, short names, and whether they live in a namespace. Everything else
//! is a custom resource, whose names only the server knows.

/// One built-in kind.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Singular, lower case; what rules and objects are called by: `namespace`.
    pub name: &'static str,
    plural: &'static str,
    /// Separated by spaces; matched with their case, as discovery does.
    short: &'static str,
    pub namespaced: bool,
}

const fn kind(name: &'static str, plural: &'static str, short: &'static str, namespaced: bool) -> Kind {
    Kind { name, plural, short, namespaced }
}

/// The built-in kind that a TYPE word (without version and group) names.
pub fn find(word: &str) -> Option<&'static Kind> {
    let lower = word.to_lowercase();
    KINDS.iter().find(|k| {
        k.name == lower || k.plural == lower || k.short.split(' ').any(|s| !s.is_empty() && s == word)
    })
}

/// Short names are matched with their case: `DEPLOY` names nothing.
pub fn is_miscased_short_name(word: &str) -> bool {
    let lower = word.to_lowercase();
    word != lower && find(word).is_none() && KINDS.iter().any(|k| k.short.split(' ').any(|s| s == lower))
}

/// The kind of a manifest (`kind: PersistentVolume`, `apiVersion: v1`); of a group that Kubernetes does not have,
/// it is a custom resource of the same name.
pub fn of_manifest(kind: &str, version: &str) -> Option<&'static Kind> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let lower = kind.to_lowercase();
    let built_in = !group.contains('.') || group.ends_with(".k8s.io");
    KINDS.iter().find(|k| k.name == lower && built_in)
}

/// Kinds that hold others, or data that is gone with them: losing one is losing all that is in it.
pub fn holds_others(name: &str) -> bool {
    matches!(
        name,
        "namespace"
            | "project"
            | "persistentvolume"
            | "persistentvolumeclaim"
            | "customresourcedefinition"
            | "all"
    )
}

/// How much goes with an object of this kind, the most first; for the order in which objects are shown.
pub fn rank(name: &str) -> u8 {
    match name {
        "namespace" | "project" => 0,
        "customresourcedefinition" | "apiservice" | "all" => 1,
        "persistentvolume" => 2,
        "persistentvolumeclaim" => 3,
        "node" => 4,
        "statefulset" => 5,
        "deployment" | "daemonset" | "replicaset" | "replicationcontroller" | "cronjob" | "job" => 6,
        "secret" | "clusterrole" | "clusterrolebinding" => 7,
        _ => 8,
    }
}

const KINDS: &[Kind] = &[
    kind("apiservice", "apiservices", "", false),
    kind("binding", "bindings", "", true),
    kind("certificatesigningrequest", "certificatesigningrequests", "csr", false),
    kind("clusterrole", "clusterroles", "", false),
    kind("clusterrolebinding", "clusterrolebindings", "", false),
    kind("clustertrustbundle", "clustertrustbundles", "", false),
    kind("componentstatus", "componentstatuses", "cs", false),
    kind("configmap", "configmaps", "cm", true),
    kind("controllerrevision", "controllerrevisions", "", true),
    kind("cronjob", "cronjobs", "cj", true),
    kind("csidriver", "csidrivers", "", false),
    kind("csinode", "csinodes", "", false),
    kind("csistoragecapacity", "csistoragecapacities", "", true),
    kind("customresourcedefinition", "customresourcedefinitions", "crd crds", false),
    kind("daemonset", "daemonsets", "ds", true),
    kind("deployment", "deployments", "deploy", true),
    kind("deviceclass", "deviceclasses", "", false),
    kind("endpoints", "endpoints", "ep", true),
    kind("endpointslice", "endpointslices", "", true),
    kind("event", "events", "ev", true),
    kind("flowschema", "flowschemas", "", false),
    kind("horizontalpodautoscaler", "horizontalpodautoscalers", "hpa", true),
    kind("ingress", "ingresses", "ing", true),
    kind("ingressclass", "ingressclasses", "", false),
    kind("ipaddress", "ipaddresses", "ip", false),
    kind("job", "jobs", "", true),
    kind("lease", "leases", "", true),
    kind("limitrange", "limitranges", "limits", true),
    kind("mutatingadmissionpolicy", "mutatingadmissionpolicies", "", false),
    kind("mutatingadmissionpolicybinding", "mutatingadmissionpolicybindings", "", false),
    kind("mutatingwebhookconfiguration", "mutatingwebhookconfigurations", "", false),
    kind("namespace", "namespaces", "ns", false),
    kind("networkpolicy", "networkpolicies", "netpol", true),
    kind("node", "nodes", "no", false),
    kind("persistentvolume", "persistentvolumes", "pv", false),
    kind("persistentvolumeclaim", "persistentvolumeclaims", "pvc", true),
    kind("pod", "pods", "po", true),
    kind("poddisruptionbudget", "poddisruptionbudgets", "pdb", true),
    kind("podsecuritypolicy", "podsecuritypolicies", "psp", false),
    kind("podtemplate", "podtemplates", "", true),
    kind("priorityclass", "priorityclasses", "pc", false),
    kind("prioritylevelconfiguration", "prioritylevelconfigurations", "", false),
    kind("replicaset", "replicasets", "rs", true),
    kind("replicationcontroller", "replicationcontrollers", "rc", true),
    kind("resourceclaim", "resourceclaims", "", true),
    kind("resourceclaimtemplate", "resourceclaimtemplates", "", true),
    kind("resourcequota", "resourcequotas", "quota", true),
    kind("resourceslice", "resourceslices", "", false),
    kind("role", "roles", "", true),
    kind("rolebinding", "rolebindings", "", true),
    kind("runtimeclass", "runtimeclasses", "", false),
    kind("secret", "secrets", "", true),
    kind("service", "services", "svc", true),
    kind("serviceaccount", "serviceaccounts", "sa", true),
    kind("servicecidr", "servicecidrs", "", false),
    kind("statefulset", "statefulsets", "sts", true),
    kind("storageclass", "storageclasses", "sc", false),
    kind("storageversion", "storageversions", "", false),
    kind("validatingadmissionpolicy", "validatingadmissionpolicies", "", false),
    kind("validatingadmissionpolicybinding", "validatingadmissionpolicybindings", "", false),
    kind("validatingwebhookconfiguration", "validatingwebhookconfigurations", "", false),
    kind("volumeattachment", "volumeattachments", "", false),
    kind("volumeattributesclass", "volumeattributesclasses", "vac", false),
];
