//! The keys that rules and groups may have.

use jobwatch_catalogue::suggestion::nearest;

/// The keys of a rule: those of Prometheus, and of vmalert.
pub(super) const OF_RULES: [&str; 9] = [
    "alert",
    "record",
    "expr",
    "for",
    "keep_firing_for",
    "labels",
    "annotations",
    "debug",
    "update_entries_limit",
];

/// The keys of a group: those of Prometheus, Thanos, Mimir and vmalert.
pub(super) const OF_GROUPS: [&str; 20] = [
    "name",
    "interval",
    "limit",
    "query_offset",
    "labels",
    "rules",
    "partial_response_strategy",
    "partialResponseStrategy",
    "source_tenants",
    "evaluation_delay",
    "align_evaluation_time_on_interval",
    "remote_write",
    "type",
    "concurrency",
    "eval_offset",
    "eval_delay",
    "eval_alignment",
    "params",
    "headers",
    "notifier_headers",
];

/// Returns what is wrong with a key, and what to do, unless it is one of those that are known.
pub(super) fn unknown(key: &str, of: &str, known: &[&str]) -> Option<(String, String)> {
    if known.contains(&key) {
        return None;
    }
    let hint = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "remove it, and look whether what stands below belongs elsewhere".to_owned(),
    };
    Some((format!("{of} has no key `{key}`: Prometheus refuses the file"), hint))
}
