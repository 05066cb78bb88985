//! What a verdict rests on, so that a person can check it.

/// Where a piece of evidence was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Source {
    /// The MIME structure.
    Structure,
    /// A header field.
    Header,
    /// Who sent it.
    Sender,
    /// The subject.
    Subject,
    /// The new text (never the quoted one).
    Text,
    /// Machine-readable report fields.
    Report,
}

/// One observation that spoke for a verdict. It holds words of our tables and names of
/// fields, never text of the mail, so it may be logged (law L8).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evidence {
    /// Where it was found.
    pub source: Source,
    /// What was found.
    pub what: String,
}

impl Evidence {
    pub(super) fn new(source: Source, what: impl Into<String>) -> Self {
        Self {
            source,
            what: what.into(),
        }
    }
}
