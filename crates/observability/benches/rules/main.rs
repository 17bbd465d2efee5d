//! What it takes to read and lint rules, by their number: 10,000 are to take less than a second.

mod sample;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use jobwatch_observability::rule_lint::{Facts, RuleSet, lint};
use sample::rules;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const RULES: [usize; 2] = [100, 10_000];

fn main() {
    divan::main();
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
