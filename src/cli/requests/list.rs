//! What waits here, and one request as text, as approvers see it, or as a picture. Must never print foreign text raw.

use super::{failed, past, picture};
use crate::gates::approval::{Fate, Left, Standing, expired, is_abandoned, numbers, standing};
use crate::settings::Dirs;
use crate::statement::{Envelope, Request, SKEW, read, render};
use crate::team::paste;
use crate::text::show_line;

/// Print a request as text to send to an approver over any channel
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The beginning of the request's id
    pub id: String,
    /// Print what the approver is shown instead
    #[arg(long, conflicts_with = "qr")]
    rendered: bool,
    /// Draw it as a QR code, or several, for a camera
    #[arg(long)]
    qr: bool,
}

/// A request with how it stands.
struct Row {
    id: String,
    request: Request,
    waits: Waits,
}

/// What is to become of a request.
enum Waits {
    /// Its command waits for the answer.
    Here,
    /// The command that waited is gone.
    Abandoned,
    /// It was left, to be run later.
    Left(Box<Standing>),
    Unread(String),
}

pub fn list(waiting: &[Envelope], json: bool, dirs: &Dirs) -> i32 {
    let rows: Vec<Row> = waiting.iter().filter_map(|envelope| row(envelope, dirs, true)).collect();
    let lost = past::lost(dirs);
    if json {
        let waiting: Vec<_> = rows.iter().map(as_json).collect();
        let lost: Vec<_> = lost.iter().map(past::as_json).collect();
        crate::outln!(
            "{}",
            crate::text::json(serde_json::json!({ "v": 1, "requests": waiting, "ended": lost }))
        );
        return 0;
    }
    for row in &rows {
        let words: Vec<String> =
            row.request.exec.argv.iter().map(|w| String::from_utf8_lossy(&w.0).into_owned()).collect();
        crate::outln!(
            "{}  {:<8}  {:<9}  {}",
            &row.id[..8],
            row.request.policy.severity.word(),
            state(row),
            show_line(words.join(" "), 110)
        );
        match &row.waits {
            Waits::Left(standing) => tell(standing),
            Waits::Unread(why) => crate::say!("{}: {}", &row.id[..8], show_line(why, 200)),
            Waits::Abandoned => crate::outln!(
                "          the command that waited for it is gone; `guard requests cancel {}` takes it back",
                &row.id[..8]
            ),
            Waits::Here => {}
        }
    }
    lost.iter().for_each(past::tell);
    0
}

/// Whether it is over for good; that is kept then.
pub fn is_over(envelope: &Envelope, dirs: &Dirs) -> bool {
    read::<Request>(envelope.payload()).is_ok() && row(envelope, dirs, false).is_none()
}

/// `None` for one that is over for good. How one stands that was left is asked at the relay where `ask` says so.
fn row(envelope: &Envelope, dirs: &Dirs, ask: bool) -> Option<Row> {
    let request = read::<Request>(envelope.payload()).ok()?;
    let abandoned = is_abandoned(dirs, &envelope.digest());
    // One that nobody can run is over when nobody can approve it any more.
    let after = if abandoned { 0 } else { request.usage.within.saturating_add(2 * SKEW) };
    if request.exp.saturating_add(after) < crate::cli::team::now() {
        expired(dirs, envelope, abandoned.then_some("the command that waited for it was gone"));
        return None;
    }
    let waits = match Left::of(dirs, envelope) {
        Err(why) => Waits::Unread(why.to_string()),
        Ok(None) if abandoned => Waits::Abandoned,
        Ok(None) => Waits::Here,
        Ok(Some(_)) if !ask => Waits::Here,
        Ok(Some(left)) => standing(dirs, &left).map_or_else(Waits::Unread, |s| Waits::Left(Box::new(s))),
    };
    Some(Row { id: envelope.digest().hex(), request, waits })
}

/// Whether somebody waits for it, else how it stands.
fn state(row: &Row) -> &'static str {
    match &row.waits {
        Waits::Here => "waited",
        Waits::Abandoned => "gone",
        Waits::Left(standing) => standing.word,
        Waits::Unread(_) => "unknown",
    }
}

fn tell(standing: &Standing) {
    let noted = |person: &&String| !standing.notes.iter().any(|(by, _)| by == *person);
    let by: Vec<&str> = standing.by.iter().filter(noted).map(String::as_str).collect();
    match &standing.lacking {
        Some(lacking) => crate::outln!("          {lacking}"),
        None if by.is_empty() => {}
        None => crate::outln!("          by {}", show_line(by.join(", "), 110)),
    }
    for (person, note) in &standing.notes {
        crate::outln!("          by {}: {}", show_line(person, 60), show_line(note, 200));
    }
    if standing.word == Fate::Used.word() {
        crate::outln!("          its one use is claimed; `guard audit show` says whether it ran here");
    }
    for (person, number) in standing.viewers.iter().filter(|_| standing.lacking.is_some()) {
        let number = number.as_ref().map(|n| format!("; the number for {} is {n}", show_line(person, 60)));
        crate::outln!("          {} is looking{}", show_line(person, 60), number.unwrap_or_default());
    }
    if let Some(why) = &standing.trouble {
        crate::say!("it may stand otherwise: {}", show_line(why, 200));
    }
}

fn as_json(row: &Row) -> serde_json::Value {
    let (left, by, notes) = match &row.waits {
        Waits::Left(standing) => (true, standing.by.clone(), standing.notes.clone()),
        Waits::Unread(_) => (true, Vec::new(), Vec::new()),
        Waits::Here | Waits::Abandoned => (false, Vec::new(), Vec::new()),
    };
    let notes: Vec<_> =
        notes.iter().map(|(by, note)| serde_json::json!({ "by": by, "note": note })).collect();
    serde_json::json!({
        "id": row.id, "rule": row.request.policy.rule, "severity": row.request.policy.severity.word(),
        "exp": row.request.exp, "left": left, "state": state(row), "by": by, "notes": notes,
    })
}

pub fn show(envelope: &Envelope, args: &Show, dirs: &Dirs) -> i32 {
    let text = paste::to_text(paste::Form::Request, &envelope.to_bytes());
    // Not on standard output: that goes to the approver as it is. Nor beside a picture, which is photographed.
    if let Some(numbers) = Left::of(dirs, envelope).ok().flatten().and_then(|left| numbers(dirs, &left)) {
        let id = &envelope.digest().hex()[..8];
        match args.qr {
            false => crate::say!("{numbers}; tell each person theirs, apart from the text"),
            true => crate::say!("each person's number stands in `guard requests show {id}`"),
        }
    }
    if args.qr {
        return picture::draw(&text);
    }
    if !args.rendered {
        crate::outln!("{text}");
        return 0;
    }
    match read::<Request>(envelope.payload()) {
        Ok(request) => {
            for line in &render::request(&request).lines {
                crate::outln!("{}", line.text);
            }
            if let Some(Row { waits: Waits::Left(standing), .. }) = row(envelope, dirs, true) {
                tell(&standing);
            }
            0
        }
        Err(why) => failed(65, &format!("the request cannot be read: {why}"), "ask again"),
    }
}
