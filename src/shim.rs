//! The shim: what `kubectl`, `rm` … on PATH link to. Proves a command harmless and becomes the real program,
//! or becomes the full guard, which asks. Built small and static: everything here is paid by every command.
#![no_main]
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

use guard::exec::{self, Finder};
use guard::flow::{self, Light};
use guard::invocation::{Called, HANDOVER, Handover, called_as};
use guard::settings::{Dirs, Marker};
use guard::sys::arena::Arena;
use guard::sys::entry::Entry;
use guard::sys::process;
use guard::{rules, text};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

#[global_allocator]
static MEMORY: Arena = Arena::new();

guard::entry_point!(start);

fn start(entry: Entry) -> i32 {
    match called_as(entry) {
        Called::Shim(handover) => run(&handover),
        Called::Guard(_) => {
            stop("the shim runs under a program's name; `guard shim add PROGRAM` makes one", 64)
        }
        Called::Nameless => stop("started without a program name: refused", 64),
    }
}

fn run(handover: &Handover) -> i32 {
    let directory = handover.shim.as_deref().and_then(Path::parent);
    let marker = match directory.map(Marker::of) {
        Some(Ok(marker)) => marker,
        None => None,
        Some(Err(why)) => {
            let (what, hint) = why.words();
            return stop(&format!("refused: {what}; {hint}"), 78);
        }
    };
    let rules = match &marker {
        Some(marker) => rules::open(&marker.dirs),
        None => Dirs::of_user().as_ref().and_then(rules::open),
    };
    match flow::light(handover, rules) {
        Light::Run(proof) => match finder(handover, marker.as_ref()).find(&handover.tool) {
            Ok(program) => {
                let failed = exec::harmless(&program, &handover.argv, proof);
                stop(&failed.message, failed.status)
            }
            Err(error) => stop(&error.to_string(), error.status()),
        },
        Light::HandOver => hand_over(handover, &full_guard(&own_file(), marker.as_ref())),
    }
}

fn own_file() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// Asking the kernel for our own file (/proc/self/exe) costs as much as all other look-ups together. In a marked
/// directory the path we were started by leads to it just as well.
fn finder(handover: &Handover, marker: Option<&Marker>) -> Finder {
    match (marker, handover.shim.as_deref()) {
        (Some(marker), Some(shim)) => {
            let directory = shim.parent().unwrap_or(Path::new(""));
            Finder::new(&[shim]).past(directory, &marker.guard)
        }
        (_, _) => {
            let own = own_file();
            Finder::new(&[&own, &full_guard(&own, marker)])
        }
    }
}

/// The full guard stands beside the shim's own file; for a hard link or a copy, the marker says where.
fn full_guard(own: &Path, marker: Option<&Marker>) -> PathBuf {
    let beside = own.with_file_name("guard");
    match marker {
        Some(marker) if !beside.exists() => marker.guard.clone(),
        _ => beside,
    }
}

fn hand_over(handover: &Handover, guard: &Path) -> i32 {
    let shim = handover.shim.clone().unwrap_or_default().into_os_string();
    let mut argv: Vec<OsString> = vec!["guard".into(), HANDOVER.into(), handover.tool.clone(), shim];
    argv.extend(handover.argv.iter().cloned());
    let error = process::replace(guard, &argv, &[]);
    let tool = text::show(std::os::unix::ffi::OsStrExt::as_bytes(handover.tool.as_os_str()));
    stop(
        &format!(
            "refused: {tool} needs a decision, and {} cannot be started: {error}; `guard doctor`",
            guard.display()
        ),
        if error.kind() == std::io::ErrorKind::ArgumentListTooLong { 126 } else { 70 },
    )
}

fn stop(message: &str, status: i32) -> i32 {
    guard::say!("{message}");
    status
}
