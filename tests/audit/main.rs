//! The audit log through its own interface and through `guard audit`, with real processes, real kills, a real
//! keyring, and a second verifier that knows only docs/audit.md.

mod appending;
mod helper;
mod keyring;
mod showing;
mod tampering;
mod trust;
