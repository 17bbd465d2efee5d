//! Texts by where they go.
//!
//! What people write in a catalogue is data wherever it ends up: a comment cannot end early, and a
//! template cannot run what somebody wrote. Strings within PromQL are quoted when an expression is
//! printed; what is put between the quotes of YAML and JSON has a type here, too, and only such
//! types and texts of our own are given to their writers.

mod comment;
mod file_path;
mod json_text;
mod kubernetes_name;
mod label_value;
mod template;

pub use comment::Comment;
pub use file_path::FilePath;
pub use json_text::JsonText;
pub use kubernetes_name::KubernetesName;
pub use label_value::LabelValue;
pub use template::Template;
