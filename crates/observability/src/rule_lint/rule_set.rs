//! The rules of some files, with what their expressions yield.

use std::collections::HashMap;
use std::ops::Range;

use jobwatch_catalogue::yaml::Position;

use super::follow::follow;
use super::known::{Facts, Known, Recording};
use super::labels::Values;
use super::place;
use super::refused::parsed;
use super::yielded::{Nature, Yielded};
use crate::query::{self, Kind, Node};
use crate::rule_file::{self, Named, Rule, RuleFileError, RuleGroup, RuleKind};

/// The rules of some files, read so far that they can be looked at.
#[derive(Debug)]
pub struct RuleSet<'t> {
    files: Vec<File<'t>>,
}

/// A file with its rules.
#[derive(Debug)]
struct File<'t> {
    text: &'t str,
    groups: Vec<(RuleGroup, Vec<Node>)>,
}

/// Why the rules of a file cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The number of the file, counted from zero.
    pub file: usize,
    /// What is wrong, and where.
    pub error: RuleFileError,
}

impl<'t> RuleSet<'t> {
    /// Reads the texts of rule files.
    ///
    /// # Errors
    ///
    /// Each text that is no rule file, and whatever Prometheus would refuse in one: expressions,
    /// durations, names, templates.
    pub fn read(texts: &[&'t str]) -> Result<Self, Vec<Unreadable>> {
        let mut files = Vec::with_capacity(texts.len());
        let mut unreadable = Vec::new();
        for (number, &text) in texts.iter().enumerate() {
            let mut failed = |error| unreadable.push(Unreadable { file: number, error });
            match rule_file::read(text) {
                Ok(groups) => files.push(File { text, groups: parsed(text, groups, &mut failed) }),
                Err(error) => failed(error),
            }
        }
        if unreadable.is_empty() { Ok(Self { files }) } else { Err(unreadable) }
    }

    /// Returns how many rules there are in a file.
    pub fn rules_of(&self, file: usize) -> usize {
        self.files.get(file).map_or(0, |file| file.groups.iter().map(|(group, _)| group.rules.len()).sum())
    }

    /// Returns the text of a file.
    pub(super) fn text(&self, file: usize) -> &'t str {
        self.files[file].text
    }

    /// Returns how many files there are.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Works out what each rule yields.
    pub(super) fn followed<'s>(&'s self, facts: &'s Facts<'s>) -> Followed<'s> {
        let mut rules = Vec::new();
        let mut groups = Vec::new();
        for (file, of_file) in self.files.iter().enumerate() {
            for (group, queries) in &of_file.groups {
                for (rule, query) in group.rules.iter().zip(queries) {
                    let number = rules.len();
                    let text = of_file.text;
                    let group = groups.len();
                    let parts = query.all();
                    rules.push(RuleAt { number, file, text, group, rule, query, parts, yields: Vec::new() });
                }
                groups.push(group);
            }
        }
        let mut recorded_by: HashMap<&str, Vec<usize>> = HashMap::new();
        for rule in rules.iter().filter(|rule| rule.rule.kind == RuleKind::Record) {
            recorded_by.entry(rule.rule.name.value.as_str()).or_default().push(rule.number);
        }
        let recorded = recorded_by.keys().map(|name| ((*name).to_owned(), None)).collect();
        let recordings = recorded_by.iter().filter_map(|(&name, recording)| {
            let &[number] = recording.as_slice() else { return None };
            let RuleAt { rule, query, group, .. } = rules[number];
            rule.labels.is_empty().then_some((name, Recording { place: (number, group), query }))
        });
        let recordings = recordings.collect();
        let mut known = Known { facts, recorded, recordings, reader: (0, 0) };
        for number in in_order(&rules, &recorded_by) {
            let rule = &mut rules[number];
            known.reader = (number, rule.group);
            rule.yields = follow(rule.query, &known);
            if rule.rule.kind == RuleKind::Record {
                note(rule, &recorded_by, &mut known);
            }
        }
        Followed { facts, groups, rules, recorded_by }
    }
}

/// Rules with what they yield.
#[derive(Debug)]
pub(super) struct Followed<'s> {
    /// What is known beside them.
    pub(super) facts: &'s Facts<'s>,
    /// The groups of all files.
    pub(super) groups: Vec<&'s RuleGroup>,
    /// The rules of all files, in their order.
    pub(super) rules: Vec<RuleAt<'s>>,
    /// The numbers of the rules that record a series, by its name.
    pub(super) recorded_by: HashMap<&'s str, Vec<usize>>,
}

impl Followed<'_> {
    /// Returns the first of some rules, given in their order, that is in a group. `None` if none
    /// is.
    pub(super) fn first_in_group(&self, rules: &[usize], group: usize) -> Option<usize> {
        let first = rules.partition_point(|&number| self.rules[number].group < group);
        rules.get(first).copied().filter(|&number| self.rules[number].group == group)
    }
}

/// A rule and its place.
#[derive(Debug)]
pub(super) struct RuleAt<'s> {
    /// Its number among all rules.
    pub(super) number: usize,
    /// The number of its file.
    pub(super) file: usize,
    /// The text of its file.
    pub(super) text: &'s str,
    /// The number of its group among all groups.
    pub(super) group: usize,
    /// What is written.
    pub(super) rule: &'s Rule,
    /// Its expression.
    pub(super) query: &'s Node,
    /// The expression and all its parts, each before its own parts.
    pub(super) parts: Vec<&'s Node>,
    /// What each part of the expression yields.
    yields: Vec<Yielded>,
}

impl RuleAt<'_> {
    /// Returns what a part of the expression yields.
    pub(super) fn yields(&self, part: &Node) -> &Yielded {
        &self.yields[part.id]
    }

    /// Returns the text of a part of the expression, as it is written.
    pub(super) fn written(&self, part: &Node) -> &str {
        self.rule.expression.value.get(part.span.clone()).unwrap_or_default()
    }

    /// Returns the text of a part of the expression, blanks made one.
    pub(super) fn in_one_line(&self, part: &Node) -> String {
        self.written(part).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the same, cut where it is long.
    pub(super) fn shown(&self, part: &Node) -> String {
        const MOST: usize = 80;
        let mut shown = self.in_one_line(part);
        if let Some((end, _)) = shown.char_indices().nth(MOST) {
            shown.truncate(end);
            shown.push('…');
        }
        shown
    }

    /// Returns where some bytes of the expression stand in the file.
    pub(super) fn place(&self, span: &Range<usize>) -> Position {
        place::within(self.text, &self.rule.expression, span)
    }

    /// Returns whether it is an alert.
    pub(super) fn is_alert(&self) -> bool {
        self.rule.kind == RuleKind::Alert
    }

    /// Returns for how many seconds its expression has to hold.
    pub(super) fn hold(&self) -> f64 {
        self.rule.hold.as_ref().and_then(|hold| query::seconds(&hold.value)).unwrap_or(0.0)
    }
}

/// Returns the numbers of rules in an order in which each comes behind those whose series it reads.
/// Those that read each other come last.
fn in_order(rules: &[RuleAt<'_>], recorded_by: &HashMap<&str, Vec<usize>>) -> Vec<usize> {
    let mut waits_for = vec![0_usize; rules.len()];
    let mut read_by: HashMap<usize, Vec<usize>> = HashMap::new();
    for rule in rules {
        for name in reads(rule.query) {
            // A series that several rules record is not followed.
            if let Some(&[recording]) = recorded_by.get(name).map(Vec::as_slice) {
                waits_for[rule.number] += 1;
                read_by.entry(recording).or_default().push(rule.number);
            }
        }
    }
    let mut ready: Vec<usize> = (0..rules.len()).filter(|&number| waits_for[number] == 0).collect();
    let mut order = Vec::with_capacity(rules.len());
    let mut is_done = vec![false; rules.len()];
    while let Some(number) = ready.pop() {
        is_done[number] = true;
        order.push(number);
        for &reading in read_by.get(&number).into_iter().flatten() {
            waits_for[reading] -= 1;
            if waits_for[reading] == 0 {
                ready.push(reading);
            }
        }
    }
    order.extend((0..rules.len()).filter(|&number| !is_done[number]));
    order
}

/// Returns the names of the series that an expression reads.
pub(super) fn reads(query: &Node) -> impl Iterator<Item = &str> {
    query.all().into_iter().filter_map(|node| match &node.kind {
        Kind::Select(selector) => selector.name(),
        _ => None,
    })
}

/// Notes what a rule records, where it alone records the series.
fn note(rule: &RuleAt<'_>, recorded_by: &HashMap<&str, Vec<usize>>, known: &mut Known<'_>) {
    let name = rule.rule.name.value.as_str();
    let is_only = recorded_by.get(name).is_some_and(|rules| rules.len() == 1);
    let Some(root) = rule.yields.last().filter(|_| is_only) else { return };
    let mut labels = root.labels();
    for Named { name: label, text: value } in &rule.rule.labels {
        let is_template = value.value.contains("{{");
        labels.set(&label.value, if is_template { Values::Unknown } else { Values::one(&value.value) });
    }
    let nature = if root.labels.is_none() { Nature::Gauge } else { root.nature };
    let recorded = Yielded { labels: Some(labels), nature, is_constant: false, ..root.clone() };
    known.recorded.insert(name.to_owned(), Some(recorded));
}
