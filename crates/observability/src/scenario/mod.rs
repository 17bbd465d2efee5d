//! Scenarios: what a simulated Prometheus sees of one job, and which alerts fire when.
//!
//! An alert describes its scenarios with what is here, given a [`Stage`]: the job, the thresholds
//! and times that hold for it, and the step of the simulation. Nothing here knows which alerts
//! there are, or how the tests are written down.
//!
//! Scenarios of one name are one scenario. An alert can therefore add its own checks to what other
//! alerts watch as well, as [`every_run_fails`].

mod described;
mod failures;
mod firing;
mod job_life;
mod neighbour;
mod process;
mod runs;
mod sampled;
mod script;
mod series;
mod setting;
mod share;
mod slowness;
mod stage;
mod staleness;

pub use described::{Check, Exposed, Scenario, Watched};
pub use failures::{Failures, every_run_fails, one_run_fails, three_of_five_runs_fail};
pub use firing::{Course, Firing};
pub use job_life::{job_life, old_replica};
pub use neighbour::{of_another_catalogue, of_others};
pub use process::Process;
pub use runs::Runs;
pub use sampled::{Sample, SampledSeries};
pub use script::{Away, Execution, ITEMS, Script};
pub use series::Series;
pub use setting::{AlertSettings, Setting};
pub use share::{THOUSAND, part_above, part_below};
pub use slowness::{Sides, firing as slow_firing, sides_of_p95};
pub use stage::{ABOVE, AT_LEAST, ELSEWHERE, GROWTH, NAMESPACE, OVER, Stage};
pub use staleness::{firing as stale_firing, scenarios as stale_scenarios};
