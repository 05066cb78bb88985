//! Bringing leads in from a file.
//!
//! ```text
//! bytes ─rows─> fields ─mapping─> targets ─row─> candidate | reject ─commit─> store
//! ```
//! One file per arrow. Everything up to the candidate is pure.

mod basis;
mod commit;
mod error;
mod headers;
mod importer;
mod listed;
mod mapping;
mod report;
mod row;
mod rows;
mod structure;

pub use error::ImportError;
pub(crate) use importer::Importer;
pub use listed::{ListedError, ListedImport};
pub use mapping::{FileBasis, Mapping, Target};
pub use report::{Duplicate, FirstSeen, ImportReport, Reject, Remark};
pub use structure::{check_csv, csv_fields};
