//! postgres: stub.

use super::{Resolution, Targets};
use crate::reading::Command;

pub fn resolve(_command: &Command) -> Resolution {
    Resolution::Hits(Targets::new("postgres"))
}
