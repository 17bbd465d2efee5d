//! How findings, errors and lists are shown. Every format has private structs of its own.

pub(crate) mod differences;
pub(crate) mod error;
mod error_json;
pub(crate) mod error_markdown;
pub(crate) mod file_line;
pub(crate) mod github;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod json_schema;
pub(crate) mod junit;
pub(crate) mod list_json;
pub(crate) mod proof_json;
pub(crate) mod proof_junit;
pub(crate) mod proof_table;
pub(crate) mod reason;
pub(crate) mod report;
pub(crate) mod sarif;
mod setting;
mod snippet;
pub(crate) mod table;
mod written;
