//! An alert of a catalogue, with the thresholds that hold for each job.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jobwatch_catalogue::{JobName, JobSpec};

use super::settings::{Settings, SettingsByAlert};
use crate::definition::{AlertDefinition, AlertName, Condition, Operand, SetBy};
pub use crate::job_class::{JobClass, Pace, ValueClass};
use crate::promql::Expr;
use crate::quantity::Quantity;
use crate::scope::Scope;
use crate::severity::Severity;

/// An alert of a catalogue.
#[derive(Debug, Clone)]
pub struct Alert {
    /// What it is, whatever the catalogue.
    pub definition: &'static AlertDefinition,
    /// For how many seconds the condition has to hold before the alert fires.
    pub hold: u64,
    /// The parameters as the runbook states them: the catalogue's, or the defaults. `None` for one
    /// that follows from each job.
    pub stated: Vec<Option<Quantity>>,
    /// The jobs that the alert watches, grouped by the parameters that hold for them. The jobs that
    /// the stated ones hold for come first; the other groups follow in the order of their
    /// parameters. No group is empty.
    pub classes: Vec<JobClass>,
    /// Its parameters as its rule reads them.
    pub operands: Vec<Operand>,
    /// What its rule tests, or `None` where the catalogue has no job for it to watch. The labels of
    /// jobs are not joined yet. What tests warnings once more has rules of their own for that:
    /// [`super::Escalation`].
    pub expression: Option<Expr>,
    /// How urgent it is, but for the jobs of which something else is said.
    pub severity: Severity,
    /// Whether the catalogue switches it off for all jobs that it could watch.
    pub is_off: bool,
    /// The jobs for which it is switched off, in the catalogue's order.
    pub off: Vec<JobName>,
    severities: BTreeMap<Severity, Vec<JobName>>,
    class_of: HashMap<JobName, usize>,
    /// The jobs that set the threshold themselves.
    own: HashSet<JobName>,
    /// The jobs that set another parameter themselves.
    own_others: HashSet<JobName>,
}

impl Alert {
    /// Works out an alert. `of_jobs` has what each watched job sets, in the order of the scope's
    /// jobs.
    pub(super) fn new(
        definition: &'static AlertDefinition,
        scope: &Scope<'_>,
        of_catalogue: Option<&Settings>,
        of_jobs: &[SettingsByAlert],
    ) -> Self {
        let nothing = Settings::default();
        let of_catalogue = of_catalogue.unwrap_or(&nothing);
        let stated: Vec<Quantity> = definition
            .parameters
            .iter()
            .map(|parameter| of_catalogue.parameters.get(parameter.key).copied().unwrap_or(parameter.default))
            .collect();
        let mut groups: BTreeMap<Vec<Quantity>, (Vec<JobName>, Pace)> = BTreeMap::new();
        let (mut own, mut own_others) = (HashSet::new(), HashSet::new());
        let others = definition.parameters.get(1..).unwrap_or_default();
        let mut off = Vec::new();
        let severity = of_catalogue.severity.unwrap_or(definition.severity);
        let mut severities: BTreeMap<Severity, Vec<JobName>> = BTreeMap::new();
        for (job, set) in scope.jobs().iter().zip(of_jobs) {
            if (definition.watches)(job) {
                let set = set.get(&definition.name);
                if !set.and_then(|set| set.is_on).or(of_catalogue.is_on).unwrap_or(true) {
                    off.push(job.spec.name().clone());
                    continue;
                }
                if let Some(severity) = set.and_then(|set| set.severity).filter(|own| *own != severity) {
                    severities.entry(severity).or_default().push(job.spec.name().clone());
                }
                let written = written(definition, of_catalogue, set, job.spec);
                let values = of_job(definition, &stated, job.spec, set, written);
                if written.is_some() {
                    own.insert(job.spec.name().clone());
                }
                if set.is_some_and(|set| others.iter().any(|other| set.parameters.contains_key(other.key))) {
                    own_others.insert(job.spec.name().clone());
                }
                let pace = Pace::of(job.spec);
                let (jobs, common) = groups.entry(values).or_insert_with(|| (Vec::new(), pace));
                jobs.push(job.spec.name().clone());
                *common = common.common(pace);
            }
        }
        let groups_are_empty = groups.is_empty();
        let class = |(parameters, (jobs, pace))| JobClass { parameters, jobs, pace };
        let mut classes: Vec<JobClass> = groups.into_iter().map(class).collect();
        classes.sort_by_key(|class| class.parameters != stated);
        let stated = definition.parameters.iter().zip(stated);
        let stated = stated.map(|(of, value)| (of.set_by != SetBy::Nobody).then_some(value)).collect();
        let mut alert = Self {
            definition,
            hold: of_catalogue.hold.unwrap_or(definition.hold),
            stated,
            classes,
            operands: Vec::new(),
            expression: None,
            severity,
            is_off: groups_are_empty && (!off.is_empty() || of_catalogue.is_on == Some(false)),
            off,
            severities,
            class_of: HashMap::new(),
            own,
            own_others,
        };
        alert.work_out(scope);
        alert
    }

    /// Returns the same alert as it would be if its jobs had other parameters: how they are stated,
    /// what holds for each group of jobs, and which jobs set the threshold themselves.
    pub(super) fn judging(
        &self,
        scope: &Scope<'_>,
        stated: Vec<Option<Quantity>>,
        classes: Vec<JobClass>,
        own: HashSet<JobName>,
    ) -> Self {
        let mut alert = Self { stated, classes, own, ..self.clone() };
        alert.work_out(scope);
        alert
    }

    /// Returns the same alert as it would be if the catalogue switched it off.
    pub(super) fn switched_off(&self, scope: &Scope<'_>) -> Self {
        let mut alert = Self {
            classes: Vec::new(),
            is_off: true,
            off: scope.names(|job| (self.definition.watches)(job)),
            severities: BTreeMap::new(),
            own: HashSet::new(),
            own_others: HashSet::new(),
            ..self.clone()
        };
        alert.work_out(scope);
        alert
    }

    /// Works out what follows from its classes.
    fn work_out(&mut self, scope: &Scope<'_>) {
        let classes = self.classes.iter().enumerate();
        let jobs = classes.flat_map(|(place, class)| class.jobs.iter().map(move |job| (job.clone(), place)));
        self.class_of = jobs.collect();
        self.operands = (0..self.definition.parameters.len()).map(|place| self.operand(place)).collect();
        self.expression = self.condition(scope, |condition| (self.definition.condition)(condition));
    }

    fn operand(&self, place: usize) -> Operand {
        let parameter = &self.definition.parameters[place];
        let mut values = self.classes.iter().map(|class| class.parameters[place]);
        match values.next() {
            None => Operand::Same(self.stated[place].unwrap_or(parameter.default)),
            Some(first) if values.all(|value| value == first) => Operand::Same(first),
            Some(_) => Operand::ByJob(parameter.series),
        }
    }

    /// Returns what a function makes of the parts of its expression. `None` where the catalogue has
    /// no job for it to watch.
    pub fn condition<T>(&self, scope: &Scope<'_>, of: impl FnOnce(&Condition<'_>) -> T) -> Option<T> {
        if self.classes.is_empty() {
            return None;
        }
        let jobs = scope.names(|job| self.class_of.contains_key(job.spec.name()));
        let own: Vec<JobName> = jobs.iter().filter(|job| self.own.contains(job)).cloned().collect();
        let (definition, operands) = (self.definition, &self.operands);
        let (off, classes) = (&self.off, &self.classes);
        let escalates = false;
        Some(of(&Condition { scope, definition, operands, jobs: &jobs, own: &own, off, escalates, classes }))
    }

    /// Returns what tests it for the jobs for which it escalates. `None` if it does for none.
    pub(super) fn escalated(
        &self,
        scope: &Scope<'_>,
        is_escalated: impl Fn(&JobName) -> bool,
    ) -> Option<Expr> {
        self.condition(scope, |all| {
            let (jobs, others): (Vec<JobName>, Vec<JobName>) =
                all.jobs.iter().cloned().partition(|job| is_escalated(job));
            let own: Vec<JobName> = all.own.iter().filter(|job| is_escalated(job)).cloned().collect();
            let off = [all.off, &others].concat();
            let condition = Condition { jobs: &jobs, own: &own, off: &off, escalates: true, ..*all };
            (!jobs.is_empty()).then(|| (self.definition.condition)(&condition))
        })?
    }

    /// Returns its name.
    pub const fn name(&self) -> AlertName {
        self.definition.name
    }

    /// Returns how urgent it is for a job.
    pub fn severity_of(&self, job: &JobName) -> Severity {
        let own = self.severities.iter().find(|(_, jobs)| jobs.contains(job));
        own.map_or(self.severity, |(severity, _)| *severity)
    }

    /// Returns the jobs for which it is more or less urgent than for the others, by how urgent it
    /// is for them.
    pub const fn severities(&self) -> &BTreeMap<Severity, Vec<JobName>> {
        &self.severities
    }

    /// Returns how urgent it is for the jobs that it watches.
    pub(crate) fn severities_in_use(&self) -> BTreeSet<Severity> {
        self.classes.iter().flat_map(|class| &class.jobs).map(|job| self.severity_of(job)).collect()
    }

    /// Returns the threshold as the runbook states it. `None` where it states none.
    pub fn stated_threshold(&self) -> Option<Quantity> {
        self.stated.first().copied().flatten()
    }

    /// Returns a parameter as the runbook states it. `None` where it states none.
    pub fn stated(&self, key: &str) -> Option<Quantity> {
        self.stated.get(self.place(key)?).copied().flatten()
    }

    /// Returns a parameter of one job. `None` where the alert does not watch the job, or has no
    /// such parameter.
    pub fn of_job(&self, job: &JobName, key: &str) -> Option<Quantity> {
        let class = self.classes.get(*self.class_of.get(job)?)?;
        class.parameters.get(self.place(key)?).copied()
    }

    /// Returns the threshold of one job. `None` where the alert does not watch the job, or has no
    /// threshold.
    pub fn threshold(&self, job: &JobName) -> Option<Quantity> {
        self.classes.get(*self.class_of.get(job)?)?.parameters.first().copied()
    }

    /// Returns whether a job sets the threshold itself.
    pub fn is_own_threshold(&self, job: &JobName) -> bool {
        self.own.contains(job)
    }

    /// Returns whether a job sets another parameter than the threshold itself.
    pub fn has_own_parameters(&self, job: &JobName) -> bool {
        self.own_others.contains(job)
    }

    /// Returns whether the alert watches a job.
    pub fn watches(&self, job: &JobName) -> bool {
        self.class_of.contains_key(job)
    }

    /// Returns how many jobs the alert watches.
    pub fn watched(&self) -> usize {
        self.class_of.len()
    }

    /// Returns the groups of jobs whose threshold differs from what the runbook's sentence states,
    /// in the order of their thresholds. There are none where it states no threshold, as in "longer
    /// than its timeout".
    pub fn exceptions(&self) -> Vec<ValueClass> {
        let Some(stated) = self.stated_threshold() else { return Vec::new() };
        let mut classes = self.values(0);
        classes.retain(|class| class.value != stated);
        classes
    }

    /// Returns the values of a parameter, ascending, each with the jobs that it holds for.
    pub(crate) fn values(&self, place: usize) -> Vec<ValueClass> {
        ValueClass::of(&self.classes, place)
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.definition.parameters.iter().position(|parameter| parameter.key == key)
    }
}

/// Returns the threshold that somebody wrote down for a job: for it alone, or for all jobs where it
/// can keep that. `None` if nobody did.
fn written(
    definition: &AlertDefinition,
    of_catalogue: &Settings,
    of_job: Option<&Settings>,
    job: &JobSpec,
) -> Option<Quantity> {
    let key = definition.parameters.first()?.key;
    let of_all = || of_catalogue.parameters.get(key).copied();
    let can_be = |value: &Quantity| (definition.exceeded_when_healthy)(*value, job).is_none();
    let of_job = of_job.and_then(|set| set.parameters.get(key).copied());
    of_job.or_else(|| of_all().filter(can_be))
}

/// Returns the parameters of a job. `written` is its threshold, if somebody wrote it down.
fn of_job(
    definition: &AlertDefinition,
    stated: &[Quantity],
    job: &JobSpec,
    set: Option<&Settings>,
    written: Option<Quantity>,
) -> Vec<Quantity> {
    let set = |key: &str| set.and_then(|set| set.parameters.get(key).copied());
    let value = |(parameter, &stated): (&crate::definition::Parameter, &Quantity)| {
        set(parameter.key).unwrap_or_else(|| (parameter.for_job)(stated, job))
    };
    let mut values: Vec<Quantity> = definition.parameters.iter().zip(stated).map(value).collect();
    if let (Some(threshold), Some(written)) = (values.first_mut(), written) {
        *threshold = written;
    }
    values
}
