//! Something goes wrong at a call of the store, of the clock or of the log, over whatever store.

pub(crate) mod at_once;
pub(crate) mod life;
pub(crate) mod trap;
