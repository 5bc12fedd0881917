//! Making foreign text safe to show, and quoting it for a shell. Pure.
//! Must never drop what it cannot show: every hidden character becomes visible.

mod json;
mod show;
mod quote;
pub mod redact;

pub use json::json;
pub use quote::{quote, quote_line};
pub use show::{show, show_line};
