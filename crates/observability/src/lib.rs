//! What we watch.
