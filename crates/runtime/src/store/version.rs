//! Tables of a database, and the versions of the program that use them.

use std::fmt;

use super::StoreError;
use crate::log::log;

/// Whether this program, which knows tables of one version, goes on with those of a later one. That
/// one has said which is the oldest version whose programs may: what it added is then in nobody's
/// way, so that an update can be taken back while it is under way.
///
/// # Errors
///
/// [`StoreError::later`] if it may not.
pub(super) fn go_on<V: PartialOrd + Copy + fmt::Display>(
    version: V,
    oldest: Option<V>,
    known: V,
) -> Result<(), StoreError> {
    if oldest.is_none_or(|oldest| oldest > known) {
        return Err(StoreError::later(version, known));
    }
    log!(info, %version, %known, "the tables are of a later version, and this program goes on with them");
    Ok(())
}

/// Says that tables were not there.
pub(super) fn missed(tables: &str) {
    log!(error, tables, "tables were missing and are created anew; what they kept is lost");
}
