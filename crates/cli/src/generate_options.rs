//! What can be said to `jobwatch generate`, and of an environment that differs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jobwatch_observability::target::Target;

use crate::options::{Shared, once, quoted};

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Write nothing; show what would change and exit with 1 if anything would.
    #[arg(long, conflicts_with = "stdout")]
    pub(crate) check: bool,

    /// Print the files instead of writing them.
    #[arg(long)]
    pub(crate) stdout: bool,

    /// Replace and remove the files of the catalogue NAME as well: what this one was called before.
    ///
    /// A catalogue is known by its name and its service, which stand at the head of its files.
    /// Without this, those of another catalogue are never touched.
    #[arg(long, value_name = "NAME")]
    pub(crate) take_over: Vec<String>,

    /// Write these formats instead of those that the catalogue chooses as `targets`.
    ///
    /// Files of other formats are neither written nor removed. A run without this removes those
    /// that the catalogue does not choose.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = target())]
    pub(crate) target: Vec<Target>,

    /// Divide every time in rules and routing by NUMBER, to try them out within minutes.
    ///
    /// Thresholds that are times, `for`, what is looked back over, and how long Alertmanager waits;
    /// what is counted a second is multiplied. Intervals and timeouts of the jobs have to be
    /// divided as well where they run. Texts stay as they are. It takes `--target prometheus`,
    /// `--target alertmanager` or both, and `--out-dir` or `--stdout`, so that these are not taken
    /// for the rules of the service.
    #[arg(
        long,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u64).range(2..=3_600),
        conflicts_with = "check"
    )]
    pub(crate) faster: Option<u64>,

    #[command(flatten)]
    pub(crate) overlaid: Overlaid,
}

/// The command that evaluates an overlay in a process of its own.
pub(crate) const EVALUATE: &str = "evaluate-overlay";

/// An environment that differs from what the catalogue says.
#[derive(Debug, Default, Args)]
pub(crate) struct Overlaid {
    /// Take what differs in an environment from FILE, a jsonnet object over the mixin.
    ///
    /// As in `{ _config+:: { alerts+: { BackgroundJobHighDuration+: { above: 900 } } } }`. The
    /// generated mixin lists all settings. They pass the same checks as those of a catalogue. What
    /// it makes of `prometheusRules`, `prometheusAlerts` and `grafanaDashboards` goes into every
    /// format.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,

    /// Let the overlay import from FOLDER as well as from its own. Can be given several times.
    #[arg(long, value_name = "FOLDER", requires = "overlay")]
    pub(crate) jpath: Vec<PathBuf>,
}

impl Overlaid {
    /// Returns the options as they were given, to stand in a command.
    fn options(&self) -> String {
        let overlay = self.overlay.iter().map(|path| ("--overlay", path));
        let all = overlay.chain(self.jpath.iter().map(|path| ("--jpath", path)));
        all.map(|(option, path)| format!(" {option} {}", quoted(&path.display().to_string()))).collect()
    }

    /// Adds what was said before the command.
    ///
    /// Errors: there are two overlays.
    pub(crate) fn add(&mut self, before: &mut Self) -> Result<(), String> {
        self.overlay = once("--overlay", before.overlay.take(), self.overlay.take())?;
        self.jpath.splice(0..0, before.jpath.drain(..));
        Ok(())
    }
}

/// Reads the name of a format.
fn target() -> impl TypedValueParser<Value = Target> {
    PossibleValuesParser::new(Target::names()).try_map(|name| Target::named(&name).ok_or("unknown"))
}

impl Generate {
    /// Returns the formats that were given. `None` if the catalogue chooses.
    pub(crate) fn targets(&self) -> Option<BTreeSet<Target>> {
        (!self.target.is_empty()).then(|| Target::complete(self.target.iter().copied()))
    }

    /// Returns the command that writes what was compared.
    pub(crate) fn next(&self, shared: &Shared) -> String {
        let names: Vec<&str> = self.target.iter().map(|target| target.as_str()).collect();
        let target = match names.as_slice() {
            [] => String::new(),
            names => format!(" --target {}", names.join(",")),
        };
        shared.next(&format!("generate{target}{}", self.overlaid.options()))
    }

    /// Returns the command that checks what was generated.
    pub(crate) fn check(&self, shared: &Shared) -> String {
        shared.next(&format!("check{}", self.overlaid.options()))
    }

    /// Errors: rules that are to be tried out would be taken for those of the service.
    pub(crate) fn check_faster(&self, shared: &Shared) -> Result<(), String> {
        let can_be = |target: &Target| matches!(target, Target::Prometheus | Target::Alertmanager);
        if self.faster.is_none() {
            return Ok(());
        }
        if self.check {
            return Err("`--faster` is no matter of `--check`: leave one of them out".to_owned());
        }
        if self.target.is_empty() || !self.target.iter().all(can_be) {
            return Err(
                "`--faster` makes rules and routing alone: add `--target prometheus,alertmanager`".to_owned()
            );
        }
        match self.stdout || shared.out_dir.is_some() {
            true => Ok(()),
            false => {
                Err("`--faster` is for trying rules out: add `--out-dir` with another folder, or `--stdout`"
                    .to_owned())
            }
        }
    }

    /// Returns the first option that was given, or `None`.
    pub(crate) fn first_option(&self) -> Option<&'static str> {
        let takes_over = !self.take_over.is_empty();
        let chooses = !self.target.is_empty();
        [
            (self.check, "--check"),
            (self.stdout, "--stdout"),
            (takes_over, "--take-over"),
            (chooses, "--target"),
            (self.faster.is_some(), "--faster"),
            (self.overlaid.overlay.is_some(), "--overlay"),
        ]
        .into_iter()
        .find_map(|(is_given, option)| is_given.then_some(option))
    }

    /// Adds what was said before the command.
    ///
    /// Errors: something can be said once and was said twice.
    pub(crate) fn add(&mut self, before: &mut Self) -> Result<(), String> {
        self.check |= before.check;
        self.stdout |= before.stdout;
        self.take_over.splice(0..0, before.take_over.iter().cloned());
        self.target.splice(0..0, before.target.iter().copied());
        self.faster = self.faster.or(before.faster);
        self.overlaid.add(&mut before.overlaid)
    }
}
