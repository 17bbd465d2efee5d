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
    /// Its dashboard.
    pub dashboard: Dashboard,
}

impl<'a> Views<'a> {
    /// The views of a model, with further panels on the dashboard, each with the title of its row.
    pub fn new(model: &'a Model<'a>, panels: &[(&'static str, PanelFunction)]) -> Self {
        Self { model, groups: groups(model), dashboard: Dashboard::with_panels(model, panels) }
    }
}
