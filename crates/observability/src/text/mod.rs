//! Texts by where they go.
//!
//! What people write in a catalogue is data wherever it ends up: a comment cannot end early, and a
//! template cannot run what somebody wrote. Strings within PromQL are quoted when an expression is
//! printed, and texts within YAML and JSON by the writers of those formats.

mod comment;
mod file_path;
mod template;

pub use comment::Comment;
pub use file_path::FilePath;
pub use template::Template;
