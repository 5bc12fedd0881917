//! Each binding of a passed gate, changed one at a time.


