//! Requests and answers as text, without a relay.
