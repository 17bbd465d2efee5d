//! The only way to the terminal.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use crate::options::Colour;

/// Where results and messages go.
pub(crate) struct Output {
    results: AutoStream<io::Stdout>,
    messages: AutoStream<io::Stderr>,
    /// Whether whoever read the results has left.
    is_left: bool,
}

impl Output {
    pub(crate) fn new(colour: Option<Colour>) -> Self {
        let choice = match colour.unwrap_or(Colour::Auto) {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        Self {
            results: AutoStream::new(io::stdout(), choice),
            messages: AutoStream::new(io::stderr(), choice),
            is_left: false,
        }
    }

    /// Prints a result: what a pipe behind the command reads.
    ///
    /// Whoever closes the pipe has seen enough, as `head` does. The command still does all of its
    /// work, and ends as it would have.
    pub(crate) fn result(&mut self, text: &str) -> io::Result<()> {
        if self.is_left {
            return Ok(());
        }
        let written = self.results.write_all(text.as_bytes());
        self.unless_left(written)
    }

    /// Prints a message to whoever sits in front of the terminal. If nobody reads it, nothing is
    /// lost.
    pub(crate) fn message(&mut self, text: &str) {
        let _ = self.messages.write_all(text.as_bytes());
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let flushed = self.results.flush();
        self.unless_left(flushed)
    }

    fn unless_left(&mut self, printed: io::Result<()>) -> io::Result<()> {
        match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_left = true;
                Ok(())
            }
            printed => printed,
        }
    }
}
