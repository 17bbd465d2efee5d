//! A list that is built up to a length and counted beyond it.

/// A list of at most so many items, and how many more there were.
#[derive(Debug)]
pub(super) struct Bounded<T> {
    pub(super) items: Vec<T>,
    /// How many were counted and not built.
    pub(super) omitted: usize,
    limit: usize,
}

impl<T> Bounded<T> {
    pub(super) const fn new(limit: usize) -> Self {
        Self { items: Vec::new(), omitted: 0, limit }
    }

    /// Builds an item and adds it, or counts it where the list is full.
    pub(super) fn push(&mut self, build: impl FnOnce() -> T) {
        if self.items.len() < self.limit {
            self.items.push(build());
        } else {
            self.omitted += 1;
        }
    }

    /// Counts some items as well, none of which is built.
    pub(super) const fn omit(&mut self, number: usize) {
        self.omitted += number;
    }

    /// Returns how many more items will be built.
    pub(super) const fn room(&self) -> usize {
        self.limit.saturating_sub(self.items.len())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.items.is_empty() && self.omitted == 0
    }
}
