//! Runs a catalogue of periodic jobs.
