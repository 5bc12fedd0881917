//! The objects in the files that `-f` and `-k` name, taken as kubectl's builder takes them: comma lists,
//! directories, globs, standard input, several documents, lists. Must never leave out a file silently: what could
//! not be read is listed as unread.

use super::kustomize;
use crate::invocation::{Invocation, ReadError, Stdin};
use crate::reading::Command;
use crate::reading::kubectl::{self, yaml, yaml::Node};
use std::path::{Path, PathBuf};

/// One object of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Singular, lower case.
    pub kind: String,
    pub name: String,
    pub namespace: Option<String>,
    /// As far as is known: custom resources count as namespaced.
    pub namespaced: bool,
    /// A hash follows the name that only kustomize works out.
    pub hashed: bool,
}

/// Everything the files hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifests {
    pub objects: Vec<Object>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// `None` when the command names no files; the error is kubectl's own refusal.
pub fn of(command: &Command) -> Option<Result<Manifests, String>> {
    let (files, kustomization) = kubectl::files(&command.options);
    if files.is_empty() && kustomization.is_none() {
        return None;
    }
    let mut found = Manifests::default();
    let recursive = command.option("--recursive").is_some();
    for file in &files {
        if let Err(why) = found.add_named(&command.invocation, file, recursive) {
            return Some(Err(why));
        }
    }
    if let Some(directory) = kustomization {
        kustomize::add(&command.invocation, Path::new(&directory), &mut found);
    }
    Some(Ok(found))
}

impl Manifests {
    fn add_named(&mut self, invocation: &Invocation, file: &str, recursive: bool) -> Result<(), String> {
        if file == "-" {
            self.add_stdin(invocation.stdin());
        } else if file.starts_with("http://") || file.starts_with("https://") {
            self.unread.push(format!("{} is not on this machine", crate::text::show(file)));
        } else if std::fs::metadata(invocation.path(file)).is_ok() {
            self.add_path(invocation, Path::new(file), recursive);
        } else {
            let matches = super::glob::expand(invocation.cwd(), file);
            if matches.is_empty() {
                return Err(format!("the path {file:?} does not exist"));
            }
            for path in matches {
                self.add_path(invocation, &path, recursive);
            }
        }
        Ok(())
    }

    fn add_stdin(&mut self, stdin: &Stdin) {
        match stdin {
            Stdin::Content(bytes) => self.add_bytes(bytes, "standard input"),
            Stdin::Terminal | Stdin::Unread => self.unread.push("standard input is not read yet".into()),
            Stdin::TooMuch => self.unread.push("standard input is too long".into()),
        }
    }

    fn add_path(&mut self, invocation: &Invocation, path: &Path, recursive: bool) {
        if invocation.path(path).is_dir() {
            self.add_directory(invocation, path, recursive);
        } else {
            self.add_file(invocation, path);
        }
    }

    /// Files of a directory count by their extension, in any depth with `-R`.
    fn add_directory(&mut self, invocation: &Invocation, directory: &Path, recursive: bool) {
        let Ok(entries) = std::fs::read_dir(invocation.path(directory)) else {
            self.unread.push(format!("{} cannot be listed", shown(directory)));
            return;
        };
        let mut names: Vec<PathBuf> = entries.flatten().map(|e| directory.join(e.file_name())).collect();
        names.sort();
        for path in names {
            let kind = std::fs::symlink_metadata(invocation.path(&path)).map(|m| m.file_type());
            if kind.is_ok_and(|k| k.is_dir()) {
                if recursive {
                    self.add_directory(invocation, &path, true);
                }
            } else if path.extension().is_some_and(|e| e == "json" || e == "yaml" || e == "yml") {
                self.add_file(invocation, &path);
            }
        }
    }

    /// One file, whatever it is called.
    pub fn add_file(&mut self, invocation: &Invocation, path: &Path) {
        match invocation.read(path) {
            Ok(bytes) => self.add_bytes(&bytes, &shown(path)),
            Err(ReadError::Missing) => self.unread.push(format!("{} does not exist", shown(path))),
            Err(error) => self.unread.push(format!("{}: {error}", shown(path))),
        }
    }

    fn add_bytes(&mut self, bytes: &[u8], name: &str) {
        match documents(bytes) {
            Ok(all) => all.iter().for_each(|document| self.add_document(document, name)),
            Err(why) => self.unread.push(format!("{name}: {why}")),
        }
    }

    fn add_document(&mut self, document: &Node, name: &str) {
        if *document == Node::Null {
            return;
        }
        let Some(kind) = document.get("kind").and_then(Node::text).filter(|k| !k.is_empty()) else {
            self.unread.push(format!("{name}: an object without a kind"));
            return;
        };
        if let (true, Some(Node::List(items))) = (kind.ends_with("List"), document.get("items")) {
            items.iter().for_each(|item| self.add_item(item, kind.trim_end_matches("List"), name));
            return;
        }
        self.add_object(document, kind);
    }

    /// An item of a list; those of a PodList may leave out that they are pods.
    fn add_item(&mut self, item: &Node, kind: &str, name: &str) {
        let own = item.get("kind").and_then(Node::text).filter(|k| !k.is_empty());
        match own {
            None if !kind.is_empty() && matches!(item, Node::Map(_)) => self.add_object(item, kind),
            None | Some(_) => self.add_document(item, name),
        }
    }

    fn add_object(&mut self, document: &Node, kind: &str) {
        let meta = |key| document.at(&["metadata", key]).and_then(Node::text).filter(|t| !t.is_empty());
        let group = document.get("apiVersion").and_then(Node::text).unwrap_or("");
        let built_in = kubectl::of_manifest(kind, group);
        self.objects.push(Object {
            kind: kind.to_lowercase(),
            name: meta("name").or(meta("generateName")).unwrap_or("").to_owned(),
            namespace: meta("namespace").map(str::to_owned),
            namespaced: built_in.is_none_or(|k| k.namespaced),
            hashed: false,
        });
    }
}

/// JSON values one after the other, or YAML documents.
pub fn documents(bytes: &[u8]) -> Result<Vec<Node>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('{')
        && let Ok(values) = yaml::json_values(text)
    {
        return Ok(values);
    }
    yaml::documents(text)
}

pub fn shown(path: &Path) -> String {
    crate::text::show(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()))
}
