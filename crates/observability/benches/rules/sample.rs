//! Rules as teams write them.

/// How many rules a group has.
const IN_A_GROUP: usize = 20;

/// Returns a file of so many rules as teams write them: every second one records a ratio, and the
/// next alerts about it.
pub(crate) fn rules(number: usize) -> String {
    let mut text = String::from("groups:\n");
    for rule in 0..number {
        if rule % IN_A_GROUP == 0 {
            text.push_str(&format!("- name: group-{}\n  rules:\n", rule / IN_A_GROUP));
        }
        let service = rule / 2;
        text.push_str(&match rule % 2 {
            0 => format!(
                "  - record: service_{service}:errors:ratio_rate5m\n    expr: |\n      sum by (job, namespace) \
                 (rate(http_requests_total{{service=\"s{service}\", code=~\"5..\"}}[5m]))\n        /\n      sum by \
                 (job, namespace) (rate(http_requests_total{{service=\"s{service}\"}}[5m]))\n"
            ),
            _ => format!(
                "  - alert: Service{service}Fails\n    expr: service_{service}:errors:ratio_rate5m > 0.05 and on (job) \
                 up == 1\n    for: 10m\n    labels: {{severity: warning, service: s{service}}}\n    annotations:\n      \
                 summary: \"{{{{ $labels.job }}}} fails: {{{{ $value | humanizePercentage }}}}\"\n      runbook_url: \
                 https://example.org/runbook.md#service-fails\n"
            ),
        });
    }
    text
}
