//! The hosts of command lines.
