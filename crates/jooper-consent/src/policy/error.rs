//! Why a policy table is refused.

/// Why a table of policies cannot be used. Nothing was installed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is not a table of this kind.
    #[error("the table does not read: {0}")]
    Syntax(String),
    /// Two rows are about the same thing.
    #[error("row {0} stands twice")]
    Twice(String),
    /// A row lacks its source, reviewer or date, or admits nothing known.
    #[error("row {row}: {what}")]
    Row {
        /// Which row.
        row: String,
        /// What is wrong with it.
        what: String,
    },
}
