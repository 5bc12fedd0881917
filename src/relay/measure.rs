//! Numbers for /metrics. No team, person or key among the labels: whoever watches the relay learns how it fares,
//! not who asks for what.

use super::limits::Counted;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

type Labels = Vec<(&'static str, String)>;

pub struct Measures {
    registry: Registry,
    calls: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram>,
    kept: Family<Labels, Counter>,
    limited: Family<Labels, Counter>,
    told: Family<Labels, Counter>,
    waiting: Gauge,
}

impl Measures {
    pub fn new(commits: Counter) -> Measures {
        let mut registry = Registry::with_prefix("guard_relay");
        let calls = Family::<Labels, Counter>::default();
        let seconds = Family::<Labels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.001, 4.0, 8))
        });
        let kept = Family::<Labels, Counter>::default();
        let limited = Family::<Labels, Counter>::default();
        let told = Family::<Labels, Counter>::default();
        let waiting = Gauge::default();
        registry.register("calls", "Calls by method, route and status", calls.clone());
        registry.register("call_seconds", "Time of calls, long polls left out", seconds.clone());
        registry.register("statements", "Statements kept, by type", kept.clone());
        registry.register("limited", "Calls turned away by a rate limit", limited.clone());
        registry.register("notifications", "Notifications by outcome", told.clone());
        registry.register("commits", "Commits that kept statements", commits);
        registry.register("waiting", "Requesters waiting now", waiting.clone());
        Measures { registry, calls, seconds, kept, limited, told, waiting }
    }

    pub fn called(&self, method: &str, route: &'static str, status: u16, millis: u64) {
        let method = match method {
            "GET" | "POST" | "PUT" | "DELETE" | "HEAD" => method,
            _ => "other",
        };
        let labels =
            vec![("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        self.calls.get_or_create(&labels).inc();
        if !(method == "GET" && route == "/v1/t/{team}/requests/{rd}") {
            let seconds = self.seconds.get_or_create(&vec![("route", route.to_owned())]);
            // Milliseconds of one call fit a float exactly.
            seconds.observe(millis as f64 / 1000.0);
        }
    }

    pub fn kept(&self, kind: &'static str) {
        self.kept.get_or_create(&vec![("type", kind.to_owned())]).inc();
    }

    pub fn limited(&self, what: Counted) {
        self.limited.get_or_create(&vec![("limit", what.word().to_owned())]).inc();
    }

    pub fn told(&self, outcome: &'static str) {
        self.told.get_or_create(&vec![("outcome", outcome.to_owned())]).inc();
    }

    pub fn text(&self, waiting: usize) -> String {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
