//! `guard inbox`: what waits for this person's decision. Must never decide anything by itself.

use crate::inbox::{self, Ask, Desk, Office, Trouble, as_json, page};
use crate::settings::Dirs;
use crate::sys::{clock, desktop};

/// See what teammates ask you to approve, and decide (also: approve ID, deny ID)
///
/// A live list, worst first. Enter shows a request whole: who asks, from where, the command word by word, what it would
/// touch. Read it to its end, then approve, deny with a reason, or report it as an attack. Where a number is asked for,
/// call the person and type the one that their terminal shows.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the list as one JSON object and leave
    #[arg(long, conflicts_with_all = ["notify"])]
    json: bool,
    /// Serve the inbox as a page to a browser on this machine, until Ctrl-C
    #[arg(long, conflicts_with_all = ["json", "notify"])]
    web: bool,
    /// Say on the desktop when a request comes (/usr/bin/notify-send)
    #[arg(long)]
    notify: bool,
}

pub fn run(args: &Args, dirs: &Dirs) -> i32 {
    if args.notify && !desktop::is_there() {
        crate::say!("there is no /usr/bin/notify-send here: nothing will be said on the desktop");
        crate::say!("hint: the package libnotify-bin has it");
    }
    let done = if args.web {
        page::serve(dirs, |address| {
            crate::outln!("{address}");
            crate::say!("whoever has this address and runs as a user here can decide as you; Ctrl-C ends it");
        })
    } else if args.json || !crate::tty::is_there() {
        list(args.json, dirs)
    } else {
        inbox::run(dirs, None, args.notify).map(|_| ())
    };
    match done {
        Ok(()) => 0,
        Err(trouble) => trouble.complain(),
    }
}

/// For programs, and where there is no terminal to show it on.
fn list(json: bool, dirs: &Dirs) -> Result<(), Trouble> {
    let (desk, signer) = Desk::open(dirs)?;
    let mut office = Office::open(desk, &signer)?;
    let cases = office.refresh(None)?;
    let now = clock::real_micros() / 1_000_000;
    if json {
        let ask = Ask { team: office.desk().roster().team(), person: office.desk().person() };
        crate::outln!("{}", crate::text::json(as_json(&ask, &cases, now)));
        return Ok(());
    }
    for line in inbox::list(&cases, now) {
        crate::outln!("{line}");
    }
    if cases.is_empty() {
        crate::say!("nothing waits for you");
    }
    if let Some(clock) = office.clock() {
        crate::say!("{clock}");
    }
    Ok(())
}
