//! The tables, as statements that bring them about.

/// What brings tables about, step by step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema {
    /// Which releases can use the tables: those that know this number. It grows only with a step
    /// that takes away what an earlier release needs. Such a release then refuses to start.
    pub(super) generation: i64,
    /// The tables of the first release.
    pub(super) base: Step,
    /// What has been added since, in order. The tables know which of them were taken. Earlier
    /// releases go on beside later steps, so that a rolling deploy and its rollback work.
    pub(super) steps: &'static [Step],
}

/// The same change in both databases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// A step that is the same text in both.
pub(super) const fn both(text: &'static str) -> Step {
    Step { sqlite: text, postgres: text }
}

/// The tables of this release.
pub(super) const SCHEMA: Schema = Schema {
    generation: 1,
    base: Step { sqlite: include_str!("base.sqlite.sql"), postgres: include_str!("base.postgres.sql") },
    steps: &[
        Step {
            sqlite: include_str!("dead_letters.sqlite.sql"),
            postgres: include_str!("dead_letters.postgres.sql"),
        },
        both(include_str!("sealed_tokens.sql")),
        both(include_str!("trust_history.sql")),
        both(include_str!("embedding_queue.sql")),
        both(include_str!("clips_visible.sql")),
    ],
};
