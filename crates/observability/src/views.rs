//! What formats write: the views of a model, made once for all of them.

use std::sync::OnceLock;

use crate::alert_name::AlertName;
use crate::dashboard::{Dashboard, PanelFunction};
use crate::model::Model;
use crate::overlay::Overlay;
use crate::rules::{RuleGroup, WrittenGroup, groups};

/// A model, its rules and its dashboard.
#[derive(Debug)]
pub struct Views<'a> {
    /// The model.
    pub model: &'a Model<'a>,
    /// The groups of its rules.
    pub groups: Vec<RuleGroup>,
    /// How many times as fast time passes for them as the catalogue says. Usually once.
    pub speed: u64,
    /// Its dashboard.
    pub dashboard: Dashboard,
    panels: Vec<(&'static str, PanelFunction)>,
    overlay: Option<&'a Overlay>,
    written: OnceLock<Vec<WrittenGroup>>,
    dashboards: OnceLock<Vec<DashboardText>>,
}

/// A dashboard as formats write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardText {
    /// What tells it apart from the catalogue's own. `None` for that.
    pub name: Option<String>,
    /// Its JSON, with a line break at its end.
    pub text: String,
}

impl<'a> Views<'a> {
    /// The views of a model, with further panels on the dashboard, each with the title of its row.
    pub fn new(model: &'a Model<'a>, panels: &[(&'static str, PanelFunction)]) -> Self {
        Self {
            model,
            groups: groups(model),
            speed: 1,
            dashboard: Dashboard::with_panels(model, panels),
            panels: panels.to_vec(),
            overlay: None,
            written: OnceLock::new(),
            dashboards: OnceLock::new(),
        }
    }

    /// Returns the same views of another model.
    pub(crate) fn of<'b>(&self, model: &'b Model<'b>) -> Views<'b> {
        Views::new(model, &self.panels).faster(self.speed)
    }

    /// Returns the same dashboard of another model.
    pub(crate) fn dashboard_of(&self, model: &Model<'_>) -> Dashboard {
        Dashboard::with_panels(model, &self.panels)
    }

    /// The same, with rules for which time passes so many times as fast: to try them out.
    #[must_use]
    pub fn faster(mut self, times: u64) -> Self {
        self.speed = times.max(1);
        if self.speed > 1 {
            self.groups = self.groups.into_iter().map(|group| group.faster(times)).collect();
        }
        self
    }

    /// The same with what an overlay changes besides settings. The typed views stay as they are
    /// generated; it changes what is written of them.
    #[must_use]
    pub const fn overlaid(mut self, overlay: &'a Overlay) -> Self {
        self.overlay = Some(overlay);
        self
    }

    /// Returns the alerts that rule tests say nothing about, because an overlay makes others of
    /// them. `None` if all rules are as they are generated.
    pub(crate) fn untested(&self) -> Option<Vec<AlertName>> {
        let overlay = self.overlay.filter(|overlay| overlay.has_rules())?;
        Some(overlay.untested(self.model, &self.groups))
    }

    /// Returns the rules as texts. They are made once, whoever asks first.
    pub fn written(&self) -> &[WrittenGroup] {
        self.written.get_or_init(|| {
            let generated = self.groups.iter().map(WrittenGroup::from).collect();
            match self.overlay {
                Some(overlay) => overlay.of_rules(generated),
                None => generated,
            }
        })
    }

    /// Returns the dashboards as texts, the catalogue's own first. They are made once, with what
    /// renders that one.
    ///
    /// Errors: it cannot be rendered.
    pub(crate) fn dashboards<E>(
        &self,
        render: impl FnOnce(&Dashboard) -> Result<String, E>,
    ) -> Result<&[DashboardText], E> {
        if let Some(known) = self.dashboards.get() {
            return Ok(known);
        }
        let own = match self.overlay.and_then(Overlay::of_dashboard) {
            Some(text) => text.to_owned(),
            None => render(&self.dashboard)?,
        };
        let further = self.overlay.map_or(&[][..], Overlay::further_dashboards).iter();
        let further = further.map(|of| DashboardText { name: Some(of.name.clone()), text: of.text.clone() });
        let all = [DashboardText { name: None, text: own }].into_iter().chain(further).collect();
        Ok(self.dashboards.get_or_init(|| all))
    }
}
