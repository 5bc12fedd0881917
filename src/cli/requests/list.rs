//! What waits here, and one request as text, as approvers see it, or as a picture. Must never print foreign text raw.

use super::{failed, picture};
use crate::gates::approval::{Left, Standing, forget, standing};
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

/// A request with how it stands, where nobody waits for it.
struct Row {
    id: String,
    request: Request,
    left: Option<Result<Standing, String>>,
}

pub fn list(waiting: &[Envelope], json: bool, dirs: &Dirs) -> i32 {
    let rows: Vec<Row> = waiting.iter().filter_map(|envelope| row(envelope, dirs)).collect();
    if json {
        crate::outln!(
            "{}",
            serde_json::json!({ "v": 1, "requests": rows.iter().map(as_json).collect::<Vec<_>>() })
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
        match &row.left {
            Some(Ok(standing)) => tell(standing),
            Some(Err(why)) => crate::say!("{}: {}", &row.id[..8], show_line(why, 200)),
            None => {}
        }
    }
    0
}

/// `None` for one that is over for good; what was kept of it goes.
fn row(envelope: &Envelope, dirs: &Dirs) -> Option<Row> {
    let request = read::<Request>(envelope.payload()).ok()?;
    let end = request.exp.saturating_add(request.usage.within).saturating_add(2 * SKEW);
    if end < crate::cli::team::now() {
        forget(dirs, &envelope.digest());
        return None;
    }
    let left = Left::of(dirs, envelope).map_err(|why| why.to_string()).transpose();
    let left = left.map(|left| left.and_then(|left| standing(dirs, &left)));
    Some(Row { id: envelope.digest().hex(), request, left })
}

/// Whether somebody waits for it, else how it stands.
fn state(row: &Row) -> &'static str {
    match &row.left {
        None => "waited",
        Some(Ok(standing)) => standing.word,
        Some(Err(_)) => "unknown",
    }
}

fn tell(standing: &Standing) {
    if !standing.by.is_empty() {
        crate::outln!("          by {}", show_line(standing.by.join(", "), 110));
    }
    for (person, number) in &standing.viewers {
        let number = number.as_ref().map(|n| format!("; the number for {} is {n}", show_line(person, 60)));
        crate::outln!("          {} is looking{}", show_line(person, 60), number.unwrap_or_default());
    }
    if let Some(why) = &standing.trouble {
        crate::say!("it may stand otherwise: {}", show_line(why, 200));
    }
}

fn as_json(row: &Row) -> serde_json::Value {
    let by = match &row.left {
        Some(Ok(standing)) => standing.by.clone(),
        Some(Err(_)) | None => Vec::new(),
    };
    serde_json::json!({
        "id": row.id, "rule": row.request.policy.rule, "severity": row.request.policy.severity.word(),
        "exp": row.request.exp, "left": row.left.is_some(), "state": state(row), "by": by,
    })
}

pub fn show(envelope: &Envelope, args: &Show, dirs: &Dirs) -> i32 {
    let text = paste::to_text(paste::Form::Request, &envelope.to_bytes());
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
            if let Some(Row { left: Some(Ok(standing)), .. }) = row(envelope, dirs) {
                tell(&standing);
            }
            0
        }
        Err(why) => failed(65, &format!("the request cannot be read: {why}"), "ask again"),
    }
}
