//! redis-cli's words and what its commands do.

use super::{foresee, line};
use crate::invocation::{Environment, Invocation, Stdin};

fn at(words: &str, stdin: &str) -> Invocation {
    let argv = words.split(' ').map(Into::into).collect();
    let invocation = Invocation::here(argv, Stdin::Content(stdin.as_bytes().into())).expect("a directory");
    invocation.with_environment(Environment::from_pairs([]))
}

fn kinds(words: &str, stdin: &str) -> String {
    let invocation = at(words, stdin);
    let line = line(&invocation).expect("options that are known");
    let run = foresee(&invocation, &line);
    run.done.iter().map(|d| d.kind).collect::<Vec<_>>().join(" ")
}

#[test]
fn options_count_in_their_order() {
    let of = |words: &str| {
        let line = line(&at(words, "")).expect("options that are known");
        (line.host.unwrap_or_default(), line.port.unwrap_or_default(), line.database.unwrap_or_default())
    };
    let some = |h: &str, p: &str, d: &str| (h.to_owned(), p.to_owned(), d.to_owned());
    assert_eq!(of("redis-cli -u redis://h:1/1 -p 2 flushdb"), some("h", "2", "1"));
    assert_eq!(of("redis-cli -p 2 -n 4 -u rediss://u:p@h:1 flushdb"), some("h", "1", "4"));
    assert_eq!(of("redis-cli -h a get -h b"), some("a", "", ""));
}

#[test]
fn what_the_commands_do() {
    for (words, wanted) in [
        ("redis-cli FLUSHALL", "flush-all"),
        ("redis-cli -r 2 del a", "remove"),
        ("redis-cli get flushall", "read"),
        ("redis-cli --bigkeys flushall", "read"),
        ("redis-cli --pipe --bigkeys", "script"),
        ("redis-cli --eval x.lua a , b", "script"),
        ("redis-cli config get dir", "read"),
        ("redis-cli config set dir /x", "configure"),
        ("redis-cli expire k 0", "remove"),
        ("redis-cli expire k 10", "write"),
        ("redis-cli frobnicate", "unknown"),
        ("redis-cli --cluster check h:1", "read"),
        ("redis-cli --cluster call h:1 flushall", "flush-all"),
        ("redis-cli shutdown nosave", "shutdown"),
        ("redis-cli cluster reset hard", "flush-all"),
    ] {
        assert_eq!(kinds(words, ""), wanted, "{words}");
    }
}

#[test]
fn standard_input_is_one_command_a_line() {
    assert_eq!(
        kinds("redis-cli", "SELECT 3\n2 del a\n\"flushdb\"\nquit\nflushall\n"),
        "remove flush-database"
    );
    assert_eq!(kinds("redis-cli", "get \"open\n"), "");
    assert_eq!(kinds("redis-cli", "set a 'it\\'s'\n"), "write");
}

#[test]
fn help_contacts_nothing_and_strange_options_are_not_passed_over() {
    assert!(matches!(line(&at("redis-cli --version", "")), Err(super::Stop::Nothing(_))));
    assert!(matches!(line(&at("redis-cli -h", "")), Err(super::Stop::Nothing(_))));
    assert!(matches!(line(&at("redis-cli --new-thing get a", "")), Err(super::Stop::Unsure(_))));
}
