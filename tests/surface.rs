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
    assert!(
        committed == generated,
        "{relative} is not what the definition says: UPDATE=1 cargo test --test surface"
    );
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
fn the_man_pages_are_current() {
    let mut definition = guard::cli::definition();
    definition.build();
    let mut pages = vec![("guard".to_owned(), definition)];
    while let Some((name, command)) = pages.pop() {
        for sub in command.get_subcommands() {
            pages.push((format!("{name}-{}", sub.get_name()), sub.clone()));
        }
        let mut out = Vec::new();
        let page = command
            .display_name(name.clone())
            .disable_help_subcommand(true)
            .version(env!("CARGO_PKG_VERSION"));
        let title = name.to_uppercase();
        clap_mangen::Man::new(page)
            .title(title)
            .date("")
            .source(format!("guard {}", env!("CARGO_PKG_VERSION")))
            .manual("guard manual")
            .render(&mut out)
            .expect("memory");
        compare(&format!("man/{name}.1"), &out);
    }
}

#[test]
fn every_exit_status_stands_in_the_table_once() {
    let mut statuses: Vec<i32> = guard::cli::EXITS.iter().map(|(status, _)| *status).collect();
    assert!(statuses.is_sorted());
    statuses.dedup();
    assert_eq!(statuses.len(), guard::cli::EXITS.len());
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("man/guard.1")).expect("man page");
    for (status, meaning) in guard::cli::EXITS {
        assert!(
            page.contains(&format!("{status}")) && page.contains(meaning),
            "{status} is not in the man page"
        );
    }
}

#[test]
fn help_fits_a_screen() {
<<<<<<< HEAD
    let help = guard::cli::short_help();
    assert!(help.lines().count() <= 24, "{help}");
    assert!(help.lines().all(|l| l.chars().count() <= 80), "{help}");
    for command in guard::cli::definition().get_subcommands() {
        let name = format!(" {} ", command.get_name());
        assert!(help.contains(&name), "{name} is not in\n{help}");
    }
=======
    let help = guard::cli::definition().render_help().to_string();
    assert!(help.lines().count() <= 36, "{help}");
    assert!(help.lines().all(|l| l.chars().count() <= 100), "{help}");
>>>>>>> team
}
