//! find's expressions as they are written (findutils 4.9, parser.c and tree.c). Must never leave out a word:
//! what find would refuse is refused, and a test that is not modelled is `Test::Unknown`.

use crate::reading::mode::Mode;
use std::ffi::OsString;

/// What find does with each path.
#[derive(Clone, Debug)]
pub enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    /// `a , b`: both; the last one counts.
    List(Vec<Expression>),
    Not(Box<Expression>),
    Test(Test),
    Prune,
    Quit,
    Print {
        nul: bool,
    },
    /// Prints something else than the paths.
    PrintOther,
    /// Writes to a file of its own, which was emptied before.
    Writes,
    Exec(Exec),
    Delete,
}

/// A question about a path.
#[derive(Clone, Debug)]
pub enum Test {
    Always(bool),
    Name {
        pattern: Vec<u8>,
        whole: bool,
        fold: bool,
    },
    LinkText {
        pattern: Vec<u8>,
        fold: bool,
    },
    Type {
        letters: Vec<u8>,
        followed: bool,
    },
    Empty,
    Size {
        compare: Compare<u64>,
        unit: u64,
    },
    Age {
        of: Time,
        compare: Compare<f64>,
        unit: f64,
    },
    Newer {
        of: Time,
        than: Time,
        reference: OsString,
    },
    Permissions {
        which: Which,
        mode: Mode,
    },
    Owner {
        of: Owner,
        compare: Compare<u64>,
    },
    SameFile(OsString),
    /// It is not modelled.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compare<N> {
    Less(N),
    Exactly(N),
    More(N),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    Accessed,
    Changed,
    Modified,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    User,
    Group,
    Links,
    Inode,
}

/// `-perm MODE`, `-MODE`, `/MODE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Exactly,
    All,
    Any,
}

/// A program that is started.
#[derive(Clone, Debug)]
pub struct Exec {
    pub words: Vec<OsString>,
    /// `{} +`: all paths on one line.
    pub all: bool,
    /// `-execdir`: in the directory of each path.
    pub directory: bool,
    /// `-ok`: find asks each time.
    pub asks: bool,
}

impl Exec {
    pub fn same(&self, other: &Exec) -> bool {
        (&self.words, self.directory, self.all) == (&other.words, other.directory, other.all)
    }
}

impl Expression {
    /// Visits it and everything in it.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Expression)) {
        visit(self);
        match self {
            Expression::And(all) | Expression::Or(all) | Expression::List(all) => {
                all.iter().for_each(|e| e.each(visit));
            }
            Expression::Not(inner) => inner.each(visit),
            Expression::Test(_)
            | Expression::Prune
            | Expression::Quit
            | Expression::Print { .. }
            | Expression::PrintOther
            | Expression::Writes
            | Expression::Exec(_)
            | Expression::Delete => {}
        }
    }

    /// Whether an action is named: without one, find prints.
    pub fn acts(&self) -> bool {
        let mut acts = false;
        self.each(&mut |e| match e {
            Expression::Print { .. }
            | Expression::PrintOther
            | Expression::Writes
            | Expression::Exec(_)
            | Expression::Delete => acts = true,
            Expression::And(_)
            | Expression::Or(_)
            | Expression::List(_)
            | Expression::Not(_)
            | Expression::Test(_)
            | Expression::Prune
            | Expression::Quit => {}
        });
        acts
    }
}

impl<N: PartialOrd> Compare<N> {
    pub fn holds(&self, value: N) -> bool {
        match self {
            Compare::Less(n) => value < *n,
            Compare::Exactly(n) => value == *n,
            Compare::More(n) => value > *n,
        }
    }
}
