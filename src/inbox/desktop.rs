//! A word on the desktop when a request comes, where there is a desktop. Must never carry what the requester wrote, nor
//! anything to decide by: it says that somebody asks, and the inbox says what.

use super::Case;
use crate::sys::desktop;

/// Tells the desktop. Nothing depends on it.
pub fn tell(case: &Case) {
    let who = crate::text::show_line(case.asked.person(), 64);
    let text = format!("{who} asks for an approval ({})", case.severity().word());
    desktop::notify("guard", &text);
}
