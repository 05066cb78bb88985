//! One canonical encoding for everything that is authenticated but not hidden.

/// Fields, each behind its length, so that no two lists of fields encode alike.
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    /// Begins with the name of what the fields describe.
    pub(crate) fn of(domain: &str) -> Self {
        Self(Vec::with_capacity(192)).field(domain.as_bytes())
    }

    pub(crate) fn field(mut self, bytes: &[u8]) -> Self {
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
