//! The man page and the completions are what the definition says; exit codes stand in one table.
//! `UPDATE=1 cargo test --test surface` writes them.

use std::fs;
use std::path::{Path, PathBuf};

fn compare(relative: &str, generated: &[u8]) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("has a parent")).expect("directory");
        fs::write(&path, generated).expect("write");
    }
    let committed = fs::read(&path).unwrap_or_default();
    assert!(committed == generated, "{relative} is not what the definition says: UPDATE=1 cargo test --test surface");
}

#[test]
fn completions_are_current() {
    use clap_complete::{Shell, generate};
    for (shell, file) in [(Shell::Bash, "guard.bash"), (Shell::Zsh, "_guard"), (Shell::Fish, "guard.fish")] {
        let mut out = Vec::new();
        generate(shell, &mut guard::cli::definition(), "guard", &mut out);
        compare(&format!("completions/{file}"), &out);
    }
}

#[test]
fn the_man_page_is_current() {
    let mut out = Vec::new();
    guard::cli::man::render(&mut out).expect("memory");
    compare("man/guard.1", &out);
}

#[test]
fn help_fits_a_screen() {
    let help = guard::cli::definition().render_help().to_string();
    assert!(help.lines().count() <= 24, "{help}");
    assert!(help.lines().all(|l| l.chars().count() <= 100), "{help}");
}
