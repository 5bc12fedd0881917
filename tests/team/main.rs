//! Teams as people run them: several homes, the real program, real signatures, a real relay, and ssh-keygen as the judge.
#![cfg(feature = "relay")]

mod edits;
mod founding;
mod home;
mod import;
mod outside;
mod proof;
mod signing;
mod tickets;
