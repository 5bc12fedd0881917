//! The relay's own log: JSON lines on stderr. What callers sent is never in it: routes are logged as patterns,
//! keys by their fingerprint after they proved themselves.

use tracing::level_filters::LevelFilter;

/// Starts logging; a second call changes nothing.
pub fn start(verbose: bool) {
    let level = if verbose { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let made = tracing_subscriber::fmt().json().with_max_level(level).with_writer(std::io::stderr);
    let _ = made.try_init();
}
