//! What formats write: the views of a model, made once for all of them.

use crate::dashboard::{Dashboard, PanelFunction};
use crate::model::Model;
use crate::rules::{RuleGroup, groups};

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
}

impl<'a> Views<'a> {
    /// The views of a model, with further panels on the dashboard, each with the title of its row.
    pub fn new(model: &'a Model<'a>, panels: &[(&'static str, PanelFunction)]) -> Self {
        let dashboard = Dashboard::with_panels(model, panels);
        Self { model, groups: groups(model), speed: 1, dashboard, panels: panels.to_vec() }
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
}
