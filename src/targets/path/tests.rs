//! Against real trees in a scratch directory.

use super::*;
use crate::invocation::{Environment, Invocation, Stdin};
use crate::targets::Value;
use std::fs;
use std::os::unix::fs::symlink;

/// `work/` is the working directory, `home/` is HOME, `out/` lies beside them.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str) -> Tree {
        let root = std::env::temp_dir().join(format!("guard-path-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for directory in ["work/src/deep", "work/empty", "work/full", "home/dev", "out/sub"] {
            fs::create_dir_all(root.join(directory)).expect("scratch");
        }
        for file in [
            "work/README",
            "work/src/a.c",
            "work/src/deep/b.c",
            "work/full/x",
            "work/full/y",
            "out/f",
            "home/dev/n",
        ] {
            fs::write(root.join(file), "x").expect("scratch");
        }
        for (link, target) in [
            ("link", "src"),
            ("out", "../out"),
            ("dangling", "nowhere"),
            ("file", "README"),
            ("round", "round"),
        ] {
            symlink(target, root.join("work").join(link)).expect("scratch");
        }
        Tree(fs::canonicalize(root).expect("scratch"))
    }

    fn resolve(&self, line: &str) -> Resolution {
        let argv = line.split(' ').map(OsString::from).collect();
        let home = self.0.join("home");
        let environment = Environment::from_pairs([("HOME", home.to_str().expect("UTF-8"))]);
        let invocation = Invocation::here(argv, Stdin::Unread)
            .expect("a working directory")
            .with_cwd(self.0.join("work"))
            .with_environment(environment);
        let tool = crate::reading::Tool::named("rm");
        resolve(&crate::reading::read(&invocation, &tool).commands[0])
    }

    /// The paths below the tree, with a space between them; the traits after `|`.
    fn told(&self, line: &str) -> String {
        let Resolution::Hits(targets) = self.resolve(line) else { return "nothing".into() };
        let Some(Value::Known(Datum::List(paths))) = targets.fact("paths").map(|f| &f.value) else {
            panic!("no list of paths: {targets:?}")
        };
        if paths.is_empty() {
            return "nothing".into();
        }
        let root = format!("{}/", self.0.display());
        let paths: Vec<String> = paths.iter().map(|p| p.to_string().replace(&root, "")).collect();
        let traits: Vec<&str> = targets.traits.values("target.path").collect();
        format!("{} | {}", paths.join(" "), traits.join(" "))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_link_goes_alone_and_with_a_slash_empties_what_it_leads_to() {
    let tree = Tree::new("links");
    for (line, expected) in [
        ("rm -rf link", "work/link | link"),
        ("rm -rf link/", "work/src/a.c work/src/deep | directory"),
        ("rm -rf link//", "work/src/a.c work/src/deep | directory"),
        ("rm -rf out/", "out/f out/sub | directory elsewhere"),
        ("rm -rf out/sub", "out/sub | empty-directory"),
        ("rm -rf out/../home/dev", "home/dev | directory"),
        ("rm -rf link/../README", "work/README | file"),
        ("rm dangling", "work/dangling | link"),
        ("rm round", "work/round | link"),
        ("rm -rf dangling/", "nothing"),
        ("rm -rf round/", "nothing"),
        ("rm -rf file/", "nothing"),
        ("rm -rf link/.", "nothing"),
        ("rm link/", "nothing"),
        ("rm -d link/", "nothing"),
    ] {
        assert_eq!(tree.told(line), expected, "{line}");
    }
}

#[test]
fn what_rm_refuses_stays() {
    let tree = Tree::new("refused");
    for line in [
        "rm -rf .",
        "rm -rf ..",
        "rm -rf ../",
        "rm -rf src/.",
        "rm -rf src/./",
        "rm src",
        "rm -d src",
        "rm -rf /",
        "rm -rf //",
        "rm -rf --no-preserve-root --preserve-root /",
        "rm -rf README/",
        "rm -rf README/../src",
        "rm -f nosuch/../src",
        "rm nosuch",
    ] {
        assert_eq!(tree.told(line), "nothing", "{line}");
    }
    assert_eq!(tree.told("rm -d empty/"), "work/empty | empty-directory");
    assert_eq!(tree.told("rm -r empty src"), "work/empty work/src | empty-directory directory");
}

#[test]
fn operands_are_taken_in_order() {
    let tree = Tree::new("order");
    for (line, expected) in [
        ("rm -r src/a.c src", "work/src"),
        ("rm -r src src/a.c", "work/src"),
        ("rm -r src src", "work/src"),
        ("rm -r src link/", "work/src"),
        ("rm -r link link/", "work/link"),
        ("rm -r link link/a.c", "work/link"),
        ("rm -r link/ src", "work/src"),
        ("rm -r link/ link", "work/src/a.c work/src/deep work/link"),
    ] {
        let told = tree.told(line);
        assert_eq!(told.split(" | ").next(), Some(expected), "{line}");
        assert!(
            !expected.contains("src") || told.contains("directory") && !told.contains("empty"),
            "{line}: {told}"
        );
    }
    assert_eq!(tree.told("rm -d full/x full/y full"), "work/full | file empty-directory");
}

#[test]
fn grave_places_are_known() {
    let tree = Tree::new("grave");
    fs::create_dir_all(tree.0.join("work/src/.git")).expect("scratch");
    fs::write(tree.0.join("out/PG_VERSION"), "15").expect("scratch");
    let root = tree.0.display();
    for (line, expected) in [
        ("rm -rf src", "work/src | directory repository".to_owned()),
        ("rm -rf ../work", "work | directory contains-repository cwd".to_owned()),
        ("rm -rf ../home/", "home | directory home".to_owned()),
        ("rm -rf ../home/dev", "home/dev | directory".to_owned()),
        ("rm -rf ../out", "out | directory data-directory".to_owned()),
        (&format!("rm -rf {root}"), format!("{root} | directory above-home above-cwd")),
        ("rm -rf full/x full/y", "work/full/x work/full/y | file many".to_owned()),
        ("rm full/x full/y", "work/full/x work/full/y | file".to_owned()),
        ("rm -rf ../home/dev ../home/missing", "home/dev | directory".to_owned()),
    ] {
        assert_eq!(tree.told(line), expected, "{line}");
    }
    fs::write(tree.0.join("home/notes"), "x").expect("scratch");
    assert_eq!(
        tree.told("rm -rf ../home/dev ../home/notes"),
        "home/dev home/notes | directory file many home"
    );
}

#[test]
fn what_is_typed_grows_with_the_loss() {
    let tree = Tree::new("typed");
    let typed = |line: &str| match tree.resolve(line) {
        Resolution::Hits(targets) => targets.typed,
        Resolution::Nothing(why) => why,
    };
    assert_eq!(typed("rm -rf src"), "src");
    assert_eq!(typed("rm -rf ../work"), format!("{}/work", tree.0.display()));
    assert_eq!(typed("rm -rf out/"), format!("{}/out", tree.0.display()));
    assert_eq!(typed("rm -rf src full README"), "3 paths");
}

#[test]
fn a_long_list_names_directories_for_the_rest() {
    let tree = Tree::new("long");
    let mut line = "rm -f".to_owned();
    for i in 0..LISTED + 7 {
        fs::write(tree.0.join(format!("out/{i:05}")), "").expect("scratch");
        line.push_str(&format!(" out/{i:05}"));
    }
    let Resolution::Hits(targets) = tree.resolve(&line) else { panic!("files go") };
    assert_eq!(targets.objects.len(), LISTED + 1);
    assert_eq!(targets.objects.last(), Some(&format!("{}/out", tree.0.display())));
    assert!(targets.fact("paths").is_some_and(|f| f.source.contains("beyond 1000")));
}
