//! The rules that are changed, and what follows from which of them.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use e2e::rules::{Group, Rule, RuleFile, following};
use jobwatch_observability::query::{self, Node};

use super::mutation::{Mutant, mutants};
use super::reach::Reach;
use super::rule_test::RuleTest;

/// The rules of a catalogue.
pub(super) struct Subject<'a> {
    file: &'a RuleFile,
    rules: Vec<&'a Rule>,
    recorded: BTreeSet<&'a str>,
    alerts: BTreeSet<&'a str>,
    /// What each rule is made of, in the order of the file.
    trees: Vec<Node>,
    /// What each rule reads, by name.
    reads: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// What follows from each rule, itself among it.
    follows: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// What a test has to do with the rules.
pub(super) struct View<'v> {
    asked: BTreeSet<&'v str>,
    series: Rc<BTreeSet<String>>,
    jobs: Rc<BTreeSet<String>>,
    base: Reach<'v>,
    asks_for_words: bool,
    /// The expressions as the test's series reach them.
    shortened: Vec<String>,
}

/// A mutant of one of the rules.
pub(super) struct Candidate {
    pub(super) mutant: Mutant,
    /// Which rule of the file it is.
    rule: usize,
    tree: Node,
}

/// A mutant as a test sees it, beside the rules as they are.
pub(super) struct Seen<'a> {
    /// What its names end in.
    pub(super) mark: String,
    /// The alerts that it may change and that the test asks about.
    pub(super) alerts: BTreeSet<&'a str>,
    /// The names of the rules that it has copies of.
    pub(super) copied: BTreeSet<&'a str>,
    /// Its rules, with the place of each in the file.
    rules: Vec<(usize, Rule)>,
}

impl View<'_> {
    /// Leaves out of a rule what the test does not ask for.
    fn leave_out(&self, rule: &mut Rule) {
        if !self.asks_for_words {
            rule.annotations.clear();
        }
    }
}

impl<'a> Subject<'a> {
    pub(super) fn new(file: &'a RuleFile) -> Self {
        let recorded = file.recorded();
        let names: BTreeSet<&str> = file.rules().map(Rule::name).collect();
        let reads = file.reads();
        let follows = names.iter().map(|name| (*name, following(name, &reads))).collect();
        let trees = file.rules().map(|rule| query::parse(&rule.expr).unwrap()).collect();
        let alerts = names.difference(&recorded).copied().collect();
        let rules = file.rules().collect();
        Self { file, rules, recorded, alerts, trees, reads, follows }
    }

    /// Returns what no alert follows from, so that no test asks for it.
    pub(super) fn unread(&self) -> BTreeSet<&'a str> {
        let follows = self.follows.iter().filter(|(_, follows)| follows.is_disjoint(&self.alerts));
        follows.map(|(name, _)| *name).collect()
    }

    /// Returns a mutant for each change of a part of each rule that an alert follows from. Of rules
    /// with some titles another test holds the expression, and a change of it is none.
    pub(super) fn candidates(&self, held: &BTreeSet<String>) -> Vec<Candidate> {
        let unread = self.unread();
        let of_rule = |(index, rule): (usize, &'a Rule)| {
            let is_held = held.contains(&rule.title());
            let mutants =
                mutants(rule).into_iter().filter(move |mutant| !is_held || mutant.changed.expr == rule.expr);
            mutants.map(move |mutant| {
                let tree = query::parse(&mutant.changed.expr).unwrap();
                Candidate { mutant, rule: index, tree }
            })
        };
        let read = self.rules.iter().copied().enumerate().filter(|(_, rule)| !unread.contains(rule.name()));
        read.flat_map(of_rule).collect()
    }

    /// Returns what some rules follow from, themselves among it.
    fn needed(&self, names: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let mut found = names.clone();
        let mut waiting: Vec<&str> = names.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            let new = self.reads.get(name).into_iter().flatten().filter(|name| found.insert(name));
            waiting.extend(new);
        }
        found
    }

    /// Returns the candidates among some that a test could notice, as it sees them.
    pub(super) fn seen(&self, view: &View<'_>, candidates: &[(usize, &Candidate)]) -> Vec<(usize, Seen<'a>)> {
        candidates
            .iter()
            .filter_map(|(number, candidate)| Some((*number, self.see(view, *number, candidate)?)))
            .collect()
    }

    /// Returns a mutant as a test sees it. `None` if it sees no difference.
    fn see(&self, view: &View<'_>, number: usize, candidate: &Candidate) -> Option<Seen<'a>> {
        let index = candidate.rule;
        let original = self.rules[index];
        let name = original.name();
        let alerts = self.follows[name].iter().copied().filter(|name| view.asked.contains(name));
        let alerts: BTreeSet<&'a str> = alerts.collect();
        if alerts.is_empty() {
            return None;
        }
        let changed = &candidate.mutant.changed;
        let is_filled = view.base.filled.contains(name);
        if view.base.is_empty(&candidate.tree) == is_filled {
            // What is recorded of nothing is empty, too, and the other way round.
        } else if !is_filled
            || changed.expr != original.expr
                && view.base.shortened(&candidate.tree, &changed.expr) == view.shortened[index]
        {
            return None;
        }
        let copied: BTreeSet<&'a str> =
            self.needed(&alerts).intersection(&self.follows[name]).copied().collect();
        let reach = self.reach(&view.series, &view.jobs, Some((candidate, &view.base.filled)), &copied);
        let mark = format!("__m{number}");
        let copies = self
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| reach.filled.contains(rule.name()) && copied.contains(rule.name()));
        let rules = copies.map(|(place, rule)| {
            let (rule, tree) = match place == index {
                true => (changed, &candidate.tree),
                false => (*rule, &self.trees[place]),
            };
            let mut rule = Rule { expr: reach.shortened(tree, &rule.expr), ..rule.clone() };
            view.leave_out(&mut rule);
            (place, rule.marked(&copied, &self.recorded, &mark))
        });
        let rules = rules.collect();
        Some(Seen { mark, alerts, copied, rules })
    }

    /// Returns the alerts that a test asks about.
    pub(super) fn asked(&self, test: &RuleTest) -> BTreeSet<&'a str> {
        test.asked(&self.alerts)
    }

    /// Returns whether a test asks about an alert that follows from the rule of a mutant.
    pub(super) fn is_asked(&self, asked: &BTreeSet<&str>, candidate: &Candidate) -> bool {
        !self.follows[self.rules[candidate.rule].name()].is_disjoint(asked)
    }

    /// Returns what a test has to do with the rules.
    pub(super) fn view<'v>(&'v self, test: &RuleTest) -> View<'v> {
        let (series, jobs) = test.series_and_jobs();
        let (series, jobs) = (Rc::new(series), Rc::new(jobs));
        let base = self.reach(&series, &jobs, None, &self.names());
        let shortened =
            self.rules.iter().zip(&self.trees).map(|(rule, tree)| base.shortened(tree, &rule.expr));
        let shortened = shortened.collect();
        View { asked: self.asked(test), asks_for_words: test.asks_for_words(), series, jobs, base, shortened }
    }

    /// Returns a file with what some mutants need of the rules as they are, and the mutants.
    pub(super) fn beside(&self, view: &View<'_>, seen: &[&Seen<'a>]) -> RuleFile {
        let alerts = seen.iter().flat_map(|seen| seen.alerts.iter().copied()).collect();
        let needed = self.needed(&alerts);
        let mut places: BTreeMap<usize, Vec<Rule>> = BTreeMap::new();
        for (place, rule) in self.rules.iter().enumerate() {
            if needed.contains(rule.name()) && view.base.filled.contains(rule.name()) {
                let mut rule = Rule { expr: view.shortened[place].clone(), ..(*rule).clone() };
                view.leave_out(&mut rule);
                places.entry(place).or_default().push(rule);
            }
        }
        for (place, rule) in seen.iter().flat_map(|seen| &seen.rules) {
            places.entry(*place).or_default().push(rule.clone());
        }
        let mut place = 0..;
        let mut group = |group: &Group| {
            let of_group = place.by_ref().take(group.rules.len());
            let rules = of_group.flat_map(|place| places.remove(&place).unwrap_or_default()).collect();
            Group { name: group.name.clone(), rules }
        };
        RuleFile { groups: self.file.groups.iter().map(&mut group).collect() }
    }

    fn names(&self) -> BTreeSet<&'a str> {
        self.reads.keys().copied().collect()
    }

    /// Returns what a test's series reach of the rules, or of those that a mutant changes, beside
    /// what is filled without it.
    fn reach<'s>(
        &'s self,
        series: &Rc<BTreeSet<String>>,
        jobs: &Rc<BTreeSet<String>>,
        candidate: Option<(&Candidate, &BTreeSet<&'s str>)>,
        among: &BTreeSet<&'s str>,
    ) -> Reach<'s> {
        let filled = candidate.map_or_else(BTreeSet::new, |(_, filled)| filled - among);
        let mut reach =
            Reach { series: series.clone(), jobs: jobs.clone(), recorded: &self.recorded, filled };
        loop {
            let mut is_final = true;
            for (place, (rule, tree)) in self.rules.iter().zip(&self.trees).enumerate() {
                let tree = match candidate {
                    Some((candidate, _)) if candidate.rule == place => &candidate.tree,
                    _ => tree,
                };
                let name = rule.name();
                if among.contains(name) && !reach.filled.contains(name) && !reach.is_empty(tree) {
                    reach.filled.insert(name);
                    is_final = false;
                }
            }
            if is_final {
                return reach;
            }
        }
    }
}
