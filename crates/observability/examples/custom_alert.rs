//! An alert, a panel, a format and a lint of your own, beside the standard ones.
//!
//! ```text
//! cargo run -p jobwatch-observability --example custom_alert -- /tmp/custom
//! promtool check rules /tmp/custom/alerts/*.rules.yaml
//! promtool test rules /tmp/custom/alerts/tests/*.yaml
//! ```
//!
//! The alert is about jobs that succeed but skip nearly all of their items: a job whose filter is
//! wrong looks well on every standard panel. Like a standard alert it has a threshold that the
//! catalogue may set, for all jobs or for one, and scenarios that become tests of its rule.

#![allow(clippy::print_stdout, reason = "an example shows what it made")]

use std::error::Error;
use std::path::PathBuf;

use jobwatch_catalogue::label::{ItemStatus, JOB_NAME, NAMESPACE, STATUS};
use jobwatch_catalogue::metric::JOB_ITEMS_PROCESSED_TOTAL;
use jobwatch_catalogue::yaml::Positions;
use jobwatch_catalogue::{Catalogue, JobSpec, yaml};
use jobwatch_observability::artifact::{Artifact, HeaderPlace, RenderError, header};
use jobwatch_observability::check::Checker;
use jobwatch_observability::dashboard::{Board, Draft, HALF, Panel, Scale, Visual};
use jobwatch_observability::definition::{
    AlertDefinition, AlertGroup, AlertName, Comparison, OutOfReach, Parameter, SetBy, Texts, exceeded,
};
use jobwatch_observability::findings::{Code, Finding, Level, Lint, Subject};
use jobwatch_observability::formats::Format;
use jobwatch_observability::lookback::Lookback;
use jobwatch_observability::model::{Alert, ModelError};
use jobwatch_observability::promql::{Aggregation, Expr, Operator, Window};
use jobwatch_observability::quantity::{Quantity, Unit, WHOLE};
use jobwatch_observability::runbook::section_for;
use jobwatch_observability::scenario::{
    ABOVE, Check, Firing, Scenario, Series, Stage, THOUSAND, part_above, part_below,
};
use jobwatch_observability::scope::{Scope, WINDOW, WatchedJob};
use jobwatch_observability::sentence::Form;
use jobwatch_observability::sentence::words::ITEMS;
use jobwatch_observability::series::{About, RecordedSeries};
use jobwatch_observability::severity::Severity;
use jobwatch_observability::text::FilePath;
use jobwatch_observability::views::Views;
use jobwatch_observability::{Generator, Model};

/// A catalogue of two jobs with items. The second skips much even on good days, and has a threshold
/// of its own.
const CATALOGUE: &str = "
service: shop
suppress:
  - code: alert-never-fires
    alert: BackgroundJobFailing
    reason: Jobs this rare cannot fail that often. The failure ratio and failures in a row tell.
jobs:
  - name: send_mails
    summary: Sends mails that are due.
    interval: 5m
    timeout: 10m
    items: mails
  - name: import_prices
    summary: Reads the suppliers' price lists.
    interval: 1h
    timeout: 30m
    items: prices
    thresholds:
      JobSkipsItems:
        above: 99%
";

const NAME: AlertName = AlertName::new("JobSkipsItems");
const PANEL: &str = "Skipped Items";

/// What is tested and drawn: a rule records it under this name.
const SKIPPED_ITEM_RATIO: RecordedSeries = RecordedSeries {
    name: "job_name:job_items_skipped:ratio",
    unit: Unit::Ratio,
    labels: &[JOB_NAME, NAMESPACE, WINDOW],
    window: Some(Lookback::Long),
    comment: "The part of the items that was skipped.",
    about: About::Other,
    expression: skipped_item_ratio,
};

/// The alert.
const JOB_SKIPS_ITEMS: AlertDefinition = AlertDefinition {
    name: NAME,
    severity: Severity::Warning,
    heading: "Skipped Items",
    group: AlertGroup { suffix: "shop", comment: "Alerts of the shop's own." },
    hold: 30 * 60,
    watches: has_items,
    value: SKIPPED_ITEM_RATIO,
    comparison: Comparison::Above,
    parameters: &[Parameter {
        key: ABOVE,
        default: Quantity::Ratio(900_000),
        most: Some(Quantity::Ratio(WHOLE)),
        may_be_zero: true,
        set_by: SetBy::CatalogueOrJob,
        series: "job_name:job_items_skipped:ratio_threshold",
        in_force: None,
        for_job: Parameter::same,
    }],
    earlier: None,
    inhibits: &[],
    condition: exceeded,
    labels: AlertDefinition::no_labels,
    out_of_reach: above_the_whole,
    takes: "more than {above}",
    exceeded_when_healthy: AlertDefinition::silent_when_healthy,
    texts: Texts {
        summary: "{job} skips nearly all of its items",
        description: "{job} skipped {value} of its items, over the last {window} (threshold: {threshold}).",
        fires: "{thresholds}",
    },
    panels: &[PANEL],
    form: Form { template: "> {above} of the items skipped", needs: &[ITEMS, &["skipped"]], ..Form::ABOVE },
    scenarios,
    firing,
};

/// A lint: the alert watches jobs with items alone.
static JOB_WITHOUT_ITEMS: Lint = Lint {
    code: Code {
        name: "job-without-items",
        level: Level::Note,
        summary: "A job names no items, so that nobody is told when it skips them all.",
        explanation: "Say what the job handles under `items`, or suppress the finding with a reason.\n",
    },
    run: jobs_without_items,
};

/// A format: a list of all alerts for the team's wiki, in Markdown. Its header is a comment, and a
/// later run knows the files that it may replace or remove by header and path.
pub(crate) static ALERT_LIST: Format = Format {
    target: None,
    folders: &["docs"],
    writes_to: |path, catalogue| path == format!("docs/{catalogue}.alerts.md"),
    header: HeaderPlace::FirstLine { before: "<!-- ", after: " -->" },
    files: alert_list,
};

fn has_items(job: &WatchedJob<'_>) -> bool {
    job.spec.items().is_some()
}

/// Tells the lint `alert-never-fires` which thresholds are a mistake.
fn above_the_whole(threshold: Quantity, _: &JobSpec) -> Option<OutOfReach> {
    let because = "cannot skip more than all of its items".to_owned();
    (threshold >= Quantity::Ratio(WHOLE)).then_some(OutOfReach { highest: WHOLE, because })
}

/// One arm for each window that jobs are looked back upon over, so that even a rare job has several
/// executions in it.
fn skipped_item_ratio(scope: &Scope<'_>) -> Option<Expr> {
    let windows = scope.by_window(Lookback::Long, has_items);
    Expr::any(windows.iter().map(|class| {
        let window = Window::Seconds(class.window);
        let items = || scope.metric(JOB_ITEMS_PROCESSED_TOTAL.name, &class.jobs);
        let rate = |selector| Expr::rate(selector, window).aggregate(Aggregation::Sum, scope.group_by());
        let skipped = rate(items().equal(STATUS, ItemStatus::Skipped.as_str()));
        let all = rate(items()).binary(Operator::Greater, Quantity::Count(0));
        skipped.binary(Operator::Divide, all).labelled(WINDOW, window.to_string())
    }))
}

/// Both sides of the threshold. Each becomes a test of the rule, for every kind of job.
fn scenarios(stage: &Stage<'_>) -> Vec<Scenario> {
    let Some(above) = stage.millionths(NAME, ABOVE) else { return Vec::new() };
    let scenario = |name, skipped: u64| {
        let says =
            format!("{skipped} of {THOUSAND} items are skipped, where {} may.", Quantity::Ratio(above));
        let series = [items(ItemStatus::Skipped, skipped), items(ItemStatus::Success, THOUSAND - skipped)];
        Scenario::new(name, says).series(series).step_at_most(stage.step_for_rates(Lookback::Long))
    };
    // A rate takes two samples: the condition holds from the first step on.
    let onset = || Check::onset(stage, NAME, stage.step());
    let silent = || [Check::silent(stage.fires_at(NAME, stage.step()) + stage.step(), NAME)];
    let too_many = part_above(above).map(|skipped| scenario("skipped-above", skipped).check(onset()));
    let few_enough = part_below(above).map(|skipped| scenario("skipped-below", skipped).check(silent()));
    too_many.into_iter().chain(few_enough).collect()
}

/// What makes it fire, for the test of what it says then.
fn firing(stage: &Stage<'_>) -> Option<Firing> {
    part_above(stage.millionths(NAME, ABOVE)?)?;
    let at = stage.fires_at(NAME, stage.step());
    // Alerts whose series do not contradict each other are tested together. That no item fails
    // keeps this one apart from the alert about failed items, beside which its ratio would be
    // another.
    let series = [items(ItemStatus::Skipped, 1), items(ItemStatus::Failed, 0)];
    let all_skipped = Firing::new(NAME, at, 1.0, series);
    Some(all_skipped.step_at_most(stage.step_for_rates(Lookback::Long)))
}

fn items(status: ItemStatus, by: u64) -> Series {
    Series::growing(JOB_ITEMS_PROCESSED_TOTAL.name, &[(STATUS, status.as_str())], by)
}

/// The panel. Its title is what the alert names, so that it draws the alert's value and thresholds.
fn skipped_items(board: &Board<'_>) -> Option<Panel> {
    board.alert(NAME)?;
    let draft = Draft {
        title: PANEL,
        sentences: "The part of each job's items that it skipped because they needed nothing.",
        unit: Unit::Ratio,
        visual: Visual::Lines(Scale::Whole),
        no_value: "No items were handled",
        width: HALF,
    };
    Some(draft.plot(board))
}

fn jobs_without_items(subject: &Subject<'_>) -> Vec<Finding> {
    let jobs = subject.model.jobs().iter().filter(|job| !has_items(job));
    jobs.map(|job| {
        let message = format!("{} names no items", job.spec.name());
        let hint = "say what it handles under `items`";
        subject.about_job(JOB_WITHOUT_ITEMS.code, NAME, job.spec.name(), message, hint)
    })
    .collect()
}

fn alert_list(views: &Views<'_>) -> Result<Vec<Artifact>, RenderError> {
    let line = |alert: &Alert| {
        format!("- {} ({}), jobs: {}\n", alert.name(), alert.severity.as_str(), alert.watched())
    };
    let catalogue = views.model.catalogue();
    let path = FilePath::new("docs", &format!("{}.alerts.md", catalogue.name()));
    let lines: String = views.model.alerts().iter().map(line).collect();
    Ok(vec![Artifact { path, text: format!("<!-- {} -->\n\n{lines}", header(catalogue)) }])
}

/// The catalogue of the example.
pub(crate) fn catalogue() -> Result<Catalogue, yaml::YamlError> {
    Ok(yaml::parse(CATALOGUE)?.catalogue)
}

/// The standard alerts and ours.
pub(crate) fn model(catalogue: &Catalogue) -> Result<Model<'_>, ModelError> {
    Model::builder(catalogue).series(&SKIPPED_ITEM_RATIO).alert(&JOB_SKIPS_ITEMS).build()
}

/// The standard files with our panel, and our own.
pub(crate) fn files(model: &Model<'_>) -> Result<Vec<Artifact>, RenderError> {
    Generator::new(model).panel("Items", skipped_items).format(&ALERT_LIST).files()
}

/// What the standard lints and ours find, and what a runbook says wrongly.
pub(crate) fn findings(model: &Model<'_>, runbook: Option<&str>) -> Vec<Finding> {
    Checker::new(model, &Positions::default()).lint(&JOB_WITHOUT_ITEMS).findings(runbook)
}

#[allow(dead_code, reason = "the test of this example calls the functions above")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder to write the files into")?);
    let catalogue = catalogue()?;
    let model = model(&catalogue)?;
    for file in files(&model)? {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        std::fs::write(&path, file.text)?;
        println!("{}", path.display());
    }
    let alert = model.alert(NAME).ok_or("the model has our alert")?;
    if let Some(expression) = &alert.expression {
        println!("\nThe new rule tests:\n\n{expression}");
    }
    for finding in findings(&model, None).iter().filter(|finding| finding.suppressed.is_none()) {
        println!("{}: {}", finding.code.name, finding.message);
    }
    println!("\nIts section in the runbook begins with:\n\n{}", section_for(alert));
    Ok(())
}
