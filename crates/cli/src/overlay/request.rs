//! What the process that evaluates an overlay is asked, and what it answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    /// The files of the mixin by name.
    pub(super) mixin: BTreeMap<String, String>,
    /// What the overlay is called.
    pub(super) name: String,
    /// The overlay.
    pub(super) text: String,
    /// The folders that it may import from; its own is the first.
    pub(super) folders: Vec<PathBuf>,
}

/// What is answered.
#[derive(Serialize, Deserialize)]
pub(super) enum Outcome {
    /// What the program yields, as JSON.
    Evaluated(String),
    /// What is wrong.
    Failed(String),
}
