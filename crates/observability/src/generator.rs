//! All generated files of a model.

use crate::artifact::{Artifact, RenderError};
use crate::dashboard::PanelFunction;
use crate::formats::{self, Format};
use crate::model::Model;
use crate::overlay::Overlay;
use crate::parallel;
use crate::rule_tests::MOST_JOBS;
use crate::target::Target;
use crate::views::Views;

/// Generates the files of a model.
///
/// ```
/// use std::time::Duration;
/// use jobwatch_catalogue::{Catalogue, JobSpec};
/// use jobwatch_observability::{Generator, Model};
///
/// let job = JobSpec::every("send_mails", Duration::from_secs(60));
/// let catalogue = Catalogue::builder("shop").job(job).build()?;
/// let files = Generator::new(&Model::new(&catalogue)?).files()?;
/// assert_eq!(files[0].path.as_str(), "alerts/background-jobs.rules.yaml");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Generator<'a> {
    model: &'a Model<'a>,
    panels: Vec<(&'static str, PanelFunction)>,
    formats: Vec<&'static Format>,
    speed: u64,
    overlay: Option<&'a Overlay>,
}

impl<'a> Generator<'a> {
    /// Generates the standard formats with the standard panels.
    pub fn new(model: &'a Model<'a>) -> Self {
        Self { model, panels: Vec::new(), formats: formats::STANDARD.to_vec(), speed: 1, overlay: None }
    }

    /// Adds a panel to a row of the dashboard; a row that is not there yet is added at the end.
    #[must_use]
    pub fn panel(mut self, row: &'static str, panel: PanelFunction) -> Self {
        self.panels.push((row, panel));
        self
    }

    /// Adds a format.
    #[must_use]
    pub fn format(mut self, format: &'static Format) -> Self {
        self.formats.push(format);
        self
    }

    /// Makes rules and routing for which time passes so many times as fast as the catalogue says:
    /// to try them out within minutes. The jobs have to run as many times as often. Other formats
    /// do not change.
    #[must_use]
    pub const fn faster(mut self, times: u64) -> Self {
        self.speed = times;
        self
    }

    /// Takes what an overlay changes besides settings into every format. Rule tests leave out the
    /// alerts whose rules it changes, or what these read: they would expect them as they are
    /// generated.
    #[must_use]
    pub const fn overlaid(mut self, overlay: &'a Overlay) -> Self {
        self.overlay = Some(overlay);
        self
    }

    /// Returns the formats: the standard ones, and then those that were added.
    pub fn formats(&self) -> &[&'static Format] {
        &self.formats
    }

    /// Returns what the formats write.
    pub fn views(&self) -> Views<'a> {
        let views = Views::new(self.model, &self.panels).faster(self.speed);
        match self.overlay {
            Some(overlay) => views.overlaid(overlay),
            None => views,
        }
    }

    /// Returns what the files leave out and why, and what to mind about them, a sentence each.
    /// Usually nothing.
    pub fn notices(&self, files: &[Artifact]) -> Vec<String> {
        let jobs = self.model.jobs().len();
        let too_many = format!(
            "{jobs} jobs are more than promtool can test: rule tests are written for up to {MOST_JOBS} jobs of \
             a catalogue"
        );
        let has_tests = self.model.targets().contains(&Target::RuleTests);
        let too_many = (jobs > MOST_JOBS && has_tests).then_some(too_many);
        let of_overlay = self.overlay.into_iter().flat_map(|overlay| overlay.notices(self.model));
        too_many.into_iter().chain(of_overlay).chain(formats::notices(files)).collect()
    }

    /// Returns every file of the formats that the catalogue chooses, sorted by path. The same model
    /// yields the same bytes, whatever the time, the locale and the machine.
    ///
    /// # Errors
    ///
    /// [`RenderError`] if the writer of a format refuses a text.
    pub fn files(&self) -> Result<Vec<Artifact>, RenderError> {
        let views = self.views();
        let is_chosen = |format: &&&Format| format.is_chosen(self.model.targets());
        let chosen: Vec<&Format> = self.formats.iter().filter(is_chosen).copied().collect();
        let mut files = Vec::new();
        for made in parallel::map(&chosen, |format| (format.files)(&views)) {
            files.extend(made?);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}
