//! Compiles `rules.d/` into one index, so that nothing is parsed when a command runs. A shipped rule file
//! that does not load stops the build. Writes only to OUT_DIR.

#[path = "src/reading"]
mod reading {
    #[allow(dead_code)]
    #[path = "tool.rs"]
    pub mod tool;
}
#[path = "src/rules"]
mod rules {
    #[allow(dead_code)]
    #[path = "count.rs"]
    pub mod count;
    #[allow(dead_code)]
    #[path = "index.rs"]
    pub mod index;
    #[allow(dead_code)]
    #[path = "load/mod.rs"]
    pub mod load;
    #[allow(dead_code)]
    #[path = "pack.rs"]
    pub mod pack;
}

use rules::{index, load};
use std::{env, fs, path::Path, process};

fn main() {
    println!("cargo::rerun-if-changed=rules.d");
    println!("cargo::rerun-if-changed=src/rules");
    println!("cargo::rerun-if-changed=src/reading/tool.rs");
    let files = load::directory(Path::new("rules.d")).unwrap_or_else(|e| stop(&e.to_string()));
    if let Some((path, why)) = files.unreadable.first() {
        stop(&format!("{}: {why}", path.display()));
    }
    let loaded = load::everything(&files.found);
    for error in &loaded.errors {
        eprintln!("{error}");
    }
    if !loaded.errors.is_empty() {
        stop("the shipped rules do not load");
    }
    let block = index::encode(&loaded.programs(), &loaded.surroundings(), &[]);
    let out = env::var("OUT_DIR").unwrap_or_else(|e| stop(&e.to_string()));
    fs::write(Path::new(&out).join("shipped.index"), &block).unwrap_or_else(|e| stop(&e.to_string()));
    // FNV-1a: tells a user's compiled index that it was made from other shipped rules.
    let hash = block
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    println!("cargo::rustc-env=GUARD_SHIPPED_RULES={hash:016x}");
}

fn stop(why: &str) -> ! {
    eprintln!("build.rs: {why}");
    process::exit(1)
}
