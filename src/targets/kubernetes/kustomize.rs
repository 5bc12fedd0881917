//! A kustomization as far as it names objects and their namespace: resources, bases, namespace, name prefix and
//! suffix, components, generated configmaps and secrets. Must never guess at the rest: it is listed as unread.

use super::manifests::{Manifests, Object, documents, shown};
use crate::invocation::Invocation;
use crate::reading::includes::{self, Includes};
use crate::reading::kubectl::yaml::Node;
use std::path::Path;

const NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Fields that add objects in ways only kustomize itself works out.
const OPAQUE: &[&str] =
    &["helmCharts", "helmChartInflationGenerator", "generators", "transformers", "replacements"];
const DEPTH: usize = 16;

/// Adds the objects of a kustomization directory.
pub fn add(invocation: &Invocation, directory: &Path, found: &mut Manifests) {
    add_level(invocation, directory, found, &mut Way::default());
}

/// How a kustomization was come to.
#[derive(Default)]
struct Way {
    depth: usize,
    includes: Includes,
}

fn add_level(invocation: &Invocation, directory: &Path, found: &mut Manifests, way: &mut Way) {
    let mut own = Manifests::default();
    fill(invocation, directory, &mut own, way);
    found.objects.append(&mut own.objects);
    found.unread.append(&mut own.unread);
}

/// Adds one kustomization to what is there already, and changes all of it: a component changes what its parent has.
fn fill(invocation: &Invocation, directory: &Path, own: &mut Manifests, way: &mut Way) {
    if !way.includes.enter(directory) {
        return own.unread.push(includes::WHY.into());
    }
    if way.depth > DEPTH || !invocation.path(directory).is_dir() {
        own.unread.push(format!("kustomization {} is not a directory here", shown(directory)));
        return;
    }
    let Some(node) = NAMES.iter().find_map(|name| invocation.read(directory.join(name)).ok()) else {
        own.unread.push(format!("no kustomization in {}", shown(directory)));
        return;
    };
    let node = match documents(&node) {
        Ok(mut all) if all.len() == 1 => all.remove(0),
        Ok(_) => {
            return own.unread.push(format!("kustomization in {}: not one document", shown(directory)));
        }
        Err(why) => return own.unread.push(format!("kustomization in {}: {why}", shown(directory))),
    };
    way.depth += 1;
    for entry in texts(&node, "resources").chain(texts(&node, "bases")) {
        let path = directory.join(entry);
        if invocation.path(&path).is_dir() {
            add_level(invocation, &path, own, way);
        } else if way.includes.enter(&path) {
            own.add_file(invocation, &path);
        } else {
            // kustomize takes no object twice.
            own.unread.push(includes::WHY.into());
            break;
        }
    }
    generate(&node, own);
    for entry in texts(&node, "components") {
        fill(invocation, &directory.join(entry), own, way);
    }
    way.depth -= 1;
    for field in OPAQUE.iter().filter(|f| node.get(f).is_some()) {
        own.unread.push(format!("{field} of the kustomization in {}", shown(directory)));
    }
    transform(&node, own);
}

/// The configmaps and secrets it makes, whose names end with a hash unless that is switched off.
fn generate(node: &Node, own: &mut Manifests) {
    let off = |node: &Node, options: &str| {
        node.at(&[options, "disableNameSuffixHash"]).is_some_and(|n| *n == Node::Bool(true))
    };
    for (field, kind) in [("configMapGenerator", "configmap"), ("secretGenerator", "secret")] {
        for generator in node.get(field).map_or(&[][..], Node::items) {
            let text = |key| generator.get(key).and_then(Node::text).map(str::to_owned);
            own.objects.push(Object {
                kind: kind.into(),
                name: text("name").unwrap_or_default(),
                namespace: text("namespace"),
                namespaced: true,
                hashed: !off(node, "generatorOptions") && !off(generator, "options"),
            });
        }
    }
}

/// What the kustomization does to every object below it.
fn transform(node: &Node, own: &mut Manifests) {
    let text = |key| node.get(key).and_then(Node::text).unwrap_or("");
    let (prefix, suffix, namespace) = (text("namePrefix"), text("nameSuffix"), text("namespace"));
    for object in &mut own.objects {
        if !matches!(object.kind.as_str(), "namespace" | "customresourcedefinition" | "apiservice") {
            object.name = format!("{prefix}{}{suffix}", object.name);
        }
        if object.namespaced && !namespace.is_empty() {
            object.namespace = Some(namespace.to_owned());
        }
    }
}

fn texts<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n str> {
    node.get(key).map_or(&[][..], Node::items).iter().filter_map(Node::text)
}
