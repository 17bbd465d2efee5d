//! Embeddings as bytes.

/// An embedding in a cache, and in a column of SQLite: its numbers of four bytes, the lowest first.
pub(crate) fn to_bytes(embedding: &[f32]) -> Vec<u8> {
    embedding.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The numbers of an embedding that [`to_bytes`] has written.
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect()
}
