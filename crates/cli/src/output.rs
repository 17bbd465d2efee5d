//! The only way to the terminal.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use crate::args::Colour;

/// Where results and messages go.
pub(crate) struct Output {
    results: AutoStream<io::Stdout>,
    messages: AutoStream<io::Stderr>,
}

impl Output {
    pub(crate) fn new(colour: Colour) -> Self {
        let choice = match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        Self {
            results: AutoStream::new(io::stdout(), choice),
            messages: AutoStream::new(io::stderr(), choice),
        }
    }

    /// Prints a result: what a pipe behind the command reads.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        self.results.write_all(text.as_bytes())
    }

    /// Prints a message to whoever sits in front of the terminal. If nobody reads it, nothing is lost.
    pub(crate) fn message(&mut self, text: &str) {
        let _ = self.messages.write_all(text.as_bytes());
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.results.flush()
    }
}
