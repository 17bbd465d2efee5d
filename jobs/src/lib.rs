//! The six background jobs of Clipper.
