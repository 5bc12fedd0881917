//! find's words, without a tree.

use super::parse::{Stop, parse};
use std::ffi::OsString;

fn parsed(line: &str) -> Result<(bool, usize), Stop> {
    let args: Vec<OsString> = line.split(' ').skip(1).map(OsString::from).collect();
    parse(&args, None).map(|call| (call.deletes, call.paths.len()))
}

#[test]
fn a_value_is_not_an_action() {
    for line in ["find src -name -delete", "find . -newer -delete", "find . -printf -delete", "find -- src"] {
        assert!(matches!(parsed(line), Ok((false, 1))), "{line}");
    }
    for line in ["find -delete", "find src -name x -o -delete", "find . ( -delete )", "find . --delete"] {
        assert!(matches!(parsed(line), Ok((true, 1))), "{line}");
    }
    assert!(matches!(parsed("find - !x (x -delete"), Ok((true, 3))));
}

#[test]
fn what_find_refuses_deletes_nothing() {
    for line in [
        "find . -delete -name",
        "find . -name a -prune -o -delete",
        "find -delete src",
        "find . ( -delete",
        "find . -delete )",
        "find . -delete -type z",
        "find . -delete -size 3q",
        "find . -delete -exec rm {}",
        "find . -delete -maxdepth -1",
        "find . -delete -version",
    ] {
        assert!(matches!(parsed(line), Err(Stop::Refused(_))), "{line}");
    }
    assert!(parsed("find . -depth -name a -prune -o -delete").is_ok());
    assert!(matches!(parsed("find . -delete -flags x"), Err(Stop::Unread(_))));
}

/// findutils 4.9, `looks_like_expression`: they are operators only behind an expression.
#[test]
fn a_comma_or_parenthesis_among_the_paths_is_a_path() {
    for (line, paths) in
        [("find a , -delete", 2), ("find a ) -delete", 2), ("find , -delete", 1), ("find ) a -delete", 2)]
    {
        assert!(matches!(parsed(line), Ok((true, n)) if n == paths), "{line}");
    }
    assert!(matches!(parsed("find a -name x , -delete"), Ok((true, 1))));
    assert!(matches!(parsed("find a -name x ) -delete"), Err(Stop::Refused(_))));
}
