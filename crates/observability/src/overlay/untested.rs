//! The alerts that rule tests say nothing about, because an overlay makes others of them.

use std::collections::BTreeSet;

use super::Overlay;
use super::rules::OwnGroup;
use crate::alert_name::AlertName;
use crate::alerts::unresolved::UNRESOLVED;
use crate::model::{Alert, Model};
use crate::promql::{Expr, MatcherValue, Selector};
use crate::rules::{Rule, RuleGroup, WrittenRule};
use crate::scope::{ALERTNAME, ALERTS, ALERTS_FOR_STATE};

/// What rules yield. The name of an alert is no series, whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Yielded<'a> {
    Series(&'a str),
    Alert(&'a str),
}

impl<'a> Yielded<'a> {
    fn by_generated(rule: &Rule) -> Self {
        match *rule {
            Rule::Recording { series, .. } => Self::Series(series),
            Rule::Alerting { alert, .. } => Self::Alert(alert.as_str()),
        }
    }

    fn by_own(rule: &'a WrittenRule) -> Self {
        match rule {
            WrittenRule::Recording { series, .. } => Self::Series(series),
            WrittenRule::Alerting { alert, .. } => Self::Alert(alert),
        }
    }

    fn name(self) -> &'a str {
        match self {
            Self::Series(name) | Self::Alert(name) => name,
        }
    }
}

/// A generated rule, with what it reads.
struct Reader<'a> {
    yielded: Yielded<'a>,
    selectors: Vec<&'a Selector>,
    /// Its templates, which may have queries.
    texts: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn of(rule: &'a Rule) -> Self {
        let mut selectors = Vec::new();
        rule.expression().walk(&mut |part| match part {
            Expr::Select(selector) | Expr::Range { selector, .. } => selectors.push(selector),
            _ => {}
        });
        let texts = match rule {
            Rule::Recording { .. } => Vec::new(),
            Rule::Alerting { annotations, .. } => annotations.iter().map(|(_, text)| text.as_str()).collect(),
        };
        Self { yielded: Yielded::by_generated(rule), selectors, texts }
    }

    fn reads(&self, yielded: Yielded<'_>) -> bool {
        match yielded {
            Yielded::Series(name) => {
                self.selectors.iter().any(|selector| selector.series == name)
                    || self.texts.iter().any(|text| queries(text, name))
            }
            Yielded::Alert(name) => self.selectors.iter().any(|selector| selects_alert(selector, name)),
        }
    }
}

/// Returns whether a selector is one of Prometheus' series about alerts, and this may be among
/// them.
fn selects_alert(selector: &Selector, alert: &str) -> bool {
    let mut names = selector.matchers.iter().filter(|matcher| matcher.label == ALERTNAME);
    let is_about = [ALERTS, ALERTS_FOR_STATE].contains(&selector.series);
    is_about
        && names.all(|matcher| match &matcher.value {
            MatcherValue::Equal(name) => name == alert,
            MatcherValue::OneOf(names) => names.iter().any(|name| name == alert),
            MatcherValue::NoneOf(names) => names.iter().all(|name| name != alert),
            MatcherValue::Variable(_) | MatcherValue::VariableOrNone(_) => true,
        })
}

/// Returns whether a template has a query that begins with a series.
fn queries(template: &str, series: &str) -> bool {
    template.contains(&format!("\"{series}{{"))
}

/// What an overlay leaves without rule tests, and why.
pub(super) struct Untested<'a> {
    /// The alerts, in the model's order.
    pub(super) alerts: Vec<AlertName>,
    /// The names of the rules and groups that it changes, removes or adds and that these follow
    /// from, sorted.
    pub(super) causes: Vec<&'a str>,
}

impl Overlay {
    /// Returns the alerts of a model that may fire otherwise than they are generated, or say
    /// something else: their rules are changed or removed, or read what such rules yield, or what
    /// an added rule yields under the same name.
    pub(crate) fn untested(&self, model: &Model<'_>, generated: &[RuleGroup]) -> Vec<AlertName> {
        self.without_tests(model, generated).alerts
    }

    /// Returns the same with the reasons.
    pub(super) fn without_tests<'a>(&'a self, model: &Model<'_>, generated: &'a [RuleGroup]) -> Untested<'a> {
        let readers: Vec<Reader<'_>> =
            generated.iter().flat_map(|group| &group.rules).map(Reader::of).collect();
        let matters = |of: Yielded<'_>| readers.iter().any(|reader| reader.yielded == of || reader.reads(of));
        let own = self.rules.own().map(Yielded::by_own).filter(|of| matters(*of));
        let mut others: BTreeSet<Yielded<'_>> = own.collect();
        let mut causes: BTreeSet<&str> = others.iter().map(|of| of.name()).collect();
        for group in generated.iter().filter(|group| self.rules.groups.iter().any(paces(group))) {
            causes.insert(&group.name);
            others.extend(group.rules.iter().map(Yielded::by_generated));
        }
        loop {
            let is_further = |reader: &&Reader<'_>| {
                !others.contains(&reader.yielded) && others.iter().any(|of| reader.reads(*of))
            };
            let further: Vec<Yielded<'_>> =
                readers.iter().filter(is_further).map(|reader| reader.yielded).collect();
            if further.is_empty() {
                break;
            }
            others.extend(further);
        }
        let is_other = |name: AlertName| others.contains(&Yielded::Alert(name.as_str()));
        let escalates = |warning: AlertName| model.escalations().iter().any(|of| of.warning == warning);
        let all = || model.alerts().iter().map(Alert::name);
        let is_escalated = all().any(|name| is_other(name) && escalates(name));
        let alerts =
            all().filter(|name| is_other(*name) || is_escalated && *name == UNRESOLVED.name).collect();
        Untested { alerts, causes: causes.into_iter().collect() }
    }
}

/// Returns what tells whether a group of an overlay has a generated group evaluated otherwise than
/// the server evaluates all of them.
fn paces(generated: &RuleGroup) -> impl Fn(&OwnGroup) -> bool {
    |group| group.name == generated.name && (group.interval.is_some() || group.limit.is_some())
}
