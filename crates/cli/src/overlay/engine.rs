//! The process that evaluates an overlay: it reads a request, answers, and ends. Whatever the
//! program does, it ends in time and takes no more memory than it may.

use std::io::{self, Read as _, Write as _};
use std::process;
use std::thread;
use std::time::Duration;

use rsjsonnet_lang::arena::Arena;
use rsjsonnet_lang::program::Program;

use super::imports::Imports;
use super::request::{Outcome, Request};

/// The most time on a processor, in seconds.
pub(super) const MOST_SECONDS: u64 = 5;
/// The most time on the clock: the machine may be busy with other things.
const MOST_WAITING: Duration = Duration::from_secs(60);
/// The most memory, in bytes.
pub(super) const MOST_MEMORY: u64 = 1 << 30;
/// How the process ends when its time is over.
pub(super) const TIME_IS_OVER: i32 = 3;

/// The program that is evaluated. What an overlay changes in another way than by settings is what
/// the mixin with its settings would not yield. The two fields of rules go together, because the
/// names of their groups do. Where it changes settings alone, labels are left to the catalogue,
/// which can do more about them than the mixin if jobs have labels of their own.
const PROGRAM: &str = "\
local mixin = import 'mixin.libsonnet';
local overlay = import 'the overlay';
local rules = ['prometheusRules', 'prometheusAlerts'];
local dashboards = ['grafanaDashboards'];
local fields = rules + dashboards;
assert std.isObject(overlay) : 'an overlay is an object such as { _config+:: { … } }, not of type ' + std.type(overlay);
assert std.length([field for field in ['_config'] + fields if std.objectHasAll(overlay, field)]) > 0 :
  'it has no field of a mixin: neither _config nor ' + std.join(', ', fields);
local own = [field for field in fields if std.objectHasAll(overlay, field)];
local set = mixin + overlay;
assert std.isObject(set._config) : '_config is no object but of type ' + std.type(set._config);
local generated = import 'generated.libsonnet';
local is_left = own == [] && (generated.hasJobsApart || generated.jobLabels != []);
local left = { _config+:: { groupLabels: mixin._config.groupLabels, labels: mixin._config.labels } };
local both = set + (if is_left then left else {});
local settled = mixin { _config:: both._config };
local is_changed(fields) = std.length([field for field in fields if both[field] != settled[field]]) > 0;
local changed = std.flattenArrays([fields for fields in [rules, dashboards] if is_changed(fields)]);
{
  defaults: mixin._config,
  config: set._config,
  before: { [field]: settled[field] for field in changed },
  after: { [field]: both[field] for field in changed },
}
";

/// Answers the request on standard input.
///
/// Errors: it cannot be read, or the answer cannot be written.
pub(crate) fn serve() -> io::Result<()> {
    bound()?;
    thread::spawn(|| {
        thread::sleep(MOST_WAITING);
        process::exit(TIME_IS_OVER);
    });
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    let outcome = evaluate(serde_json::from_str(&text)?);
    io::stdout().lock().write_all(&serde_json::to_vec(&outcome)?)
}

/// Bounds the time on a processor and the memory of this process.
#[cfg(unix)]
fn bound() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Core, limit(0))?;
    setrlimit(Resource::Cpu, limit(MOST_SECONDS))?;
    Ok(setrlimit(Resource::As, limit(MOST_MEMORY))?)
}

/// Other systems bound the time alone.
#[cfg(not(unix))]
fn bound() -> io::Result<()> {
    Ok(())
}

fn evaluate(request: Request) -> Outcome {
    let arena = Arena::new();
    let mut program = Program::new(&arena);
    let mut imports = Imports::new(request);
    let outcome = imports.load(&mut program, "jobwatch", PROGRAM.as_bytes(), None).and_then(|thunk| {
        let value =
            program.eval_value(&thunk, &mut imports).map_err(|error| imports.said(&program, &error))?;
        program.manifest_json(&value, false).map_err(|error| imports.said(&program, &error))
    });
    outcome.map_or_else(Outcome::Failed, Outcome::Evaluated)
}
