//! terraform: stub.

use super::{Command, Does, Reading};
use crate::invocation::Invocation;

pub fn read(invocation: &Invocation) -> Reading {
    let mut command = Command::new(invocation, "terraform");
    command.does = Does::Unsure("not read yet".into());
    Reading { commands: vec![command] }
}
