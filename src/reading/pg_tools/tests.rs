//! What PostgreSQL's programs would do, by their words.

use super::archive;
use crate::invocation::{Environment, Invocation, Stdin};

fn with_stdin(bytes: &[u8]) -> Invocation {
    let invocation = Invocation::here(vec!["pg_restore".into()], Stdin::Content(bytes.into()));
    invocation.expect("a working directory").with_environment(Environment::from_pairs([]))
}

/// The beginning of an archive, as versions 12 to 15 write it.
fn header(version: (u8, u8), name: &str) -> Vec<u8> {
    let mut bytes = b"PGDMP".to_vec();
    bytes.extend([version.0, version.1, 0, 4, 8, 1]);
    let int = |n: i32| {
        let mut all = vec![u8::from(n < 0)];
        all.extend(n.abs().to_le_bytes());
        all
    };
    if version >= (1, 15) {
        bytes.push(1);
    } else {
        bytes.extend(int(-1));
    }
    (0..7).for_each(|n| bytes.extend(int(n)));
    bytes.extend(int(i32::try_from(name.len()).expect("short")));
    bytes.extend(name.as_bytes());
    bytes
}

#[test]
fn an_archive_says_of_which_database_it_was_made() {
    for version in [(1, 14), (1, 15), (1, 16)] {
        assert_eq!(archive::database(&with_stdin(&header(version, "shop")), None).as_deref(), Ok("shop"));
    }
    let mut tar = b"toc.dat\0".to_vec();
    tar.resize(257, 0);
    tar.extend(b"ustar");
    tar.resize(512, 0);
    tar.extend(header((1, 14), "tarred"));
    assert_eq!(archive::database(&with_stdin(&tar), None).as_deref(), Ok("tarred"));
}

#[test]
fn what_is_no_archive_names_nothing() {
    for bytes in [&b""[..], b"PGDMP", b"-- SQL", &header((1, 14), "shop")[..40], &header((1, 14), "")] {
        assert!(archive::database(&with_stdin(bytes), None).is_err());
    }
    assert!(archive::database(&with_stdin(b""), Some("/nonexistent/x.dump")).is_err());
}
