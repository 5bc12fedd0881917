//! Commands that lead a script elsewhere: to another database, another script, another directory.
//! Must never follow one that may not run without saying so.

use super::branch::Live;
use super::files::{self, Script};
use super::script::{self, AtEnd, Reader};
use super::session::{Move, Session};
use super::variables::boolean;
use super::words::{Arg, Args};
use crate::reading::includes;
use std::path::{Path, PathBuf};

/// \connect.
pub fn connect(session: &mut Session, args: &Args, live: Live) {
    if live == Live::Maybe {
        session.not_sure("whether \\connect moves the session depends on a condition");
    }
    if args.all.iter().any(|a| a.text.is_none()) {
        session.not_sure("where \\connect moves the session is known only at run time");
    }
    let mut words = args.all.iter();
    let kept = |arg: Option<&Arg>| {
        let arg = arg?;
        arg.text.clone().filter(|text| arg.quoted || !(text.is_empty() || text == "-"))
    };
    let first = words.clone().next().and_then(|a| a.text.as_deref());
    let reuse = first.and_then(|text| text.strip_prefix("-reuse-previous="));
    if reuse.is_some() {
        words.next();
    }
    let reuse = match reuse.map(boolean) {
        Some(None) => return, // psql refuses the word and stays
        Some(known) => known,
        None => None,
    };
    let to = Move {
        reuse,
        dbname: kept(words.next()),
        user: kept(words.next()),
        host: kept(words.next()),
        port: kept(words.next()),
    };
    session.go(to);
}

pub fn include(reader: &Reader, session: &mut Session, args: &Args, relative: bool) {
    let Some(name) = args.all.first().and_then(text_of) else {
        if !args.all.is_empty() {
            session.not_sure("which script is included is known only at run time");
        }
        return;
    };
    if reader.branches.live() == Live::Maybe {
        session.not_sure("whether a script is included depends on a condition");
    }
    let name = session.home_path(&name);
    let base: PathBuf = if relative { reader.directory.clone() } else { session.directory.clone() };
    file(session, &base, &name);
}

/// An argument's text without the double quotes psql keeps round file names.
fn text_of(arg: &Arg) -> Option<String> {
    arg.text.as_deref().map(|text| text.trim_matches('"').to_owned())
}

/// Runs a script file.
pub fn file(session: &mut Session, base: &Path, name: &str) {
    match files::script(session.invocation, base, name) {
        Script::Text(text) => {
            let path = base.join(name);
            if !session.includes.enter_small(&path, text.len()) {
                session.not_sure(includes::WHY);
                return;
            }
            let directory = path.parent().map_or_else(PathBuf::new, Path::to_owned);
            script::run(session, text, &directory, AtEnd::Runs);
        }
        Script::Nothing => {}
        Script::Stdin => super::standard_input(session),
        Script::Opaque(why) => {
            session.not_sure(format!("a script cannot be looked at: {}", crate::text::show_line(why, 80)))
        }
    }
}

pub fn change_directory(session: &mut Session, args: &Args, live: Live) {
    let to = match args.all.first() {
        Some(arg) => text_of(arg).map(|name| PathBuf::from(session.home_path(&name))),
        None => files::home(session.invocation),
    };
    match to {
        Some(to) if live == Live::Yes => session.directory = session.directory.join(to),
        _ => session.not_sure("the directory of later scripts is known only at run time"),
    }
}
