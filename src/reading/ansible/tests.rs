//! ansible as a whole.
