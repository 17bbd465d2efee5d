//! What it takes to read and lint rules, by their number: 10,000 are to take less than a second.

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use jobwatch_observability::rule_lint::{Facts, RuleSet, lint};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const RULES: [usize; 2] = [100, 10_000];

fn main() {
    divan::main();
}

/// How many rules a group has.
const IN_A_GROUP: usize = 20;

/// Returns a file of so many rules as teams write them: every second one records a ratio, and the
/// next alerts about it.
fn rules(number: usize) -> String {
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

#[expect(clippy::expect_used, reason = "the rules are made to be good ones")]
fn read(text: &str) -> RuleSet<'_> {
    RuleSet::read(&[text]).expect("the rules are good")
}

#[divan::bench(args = RULES, sample_count = 5)]
fn read_rules(bencher: Bencher<'_, '_>, number: usize) {
    let text = rules(number);
    bencher.counter(ItemsCount::new(number)).bench(|| read(&text));
}

#[divan::bench(args = RULES, sample_count = 5)]
fn read_and_lint_rules(bencher: Bencher<'_, '_>, number: usize) {
    let text = rules(number);
    bencher.counter(ItemsCount::new(number)).bench(|| lint(&read(&text), &Facts::default()));
}
