//! Leads: bringing them in from real files, and reading them back.
//!
//! [`Leads::import_csv`] takes a file as people export it: any common separator, quotes, umlauts,
//! a byte order mark, columns named in their own language. Every row ends in exactly one count of
//! the [`ImportReport`]: imported, updated, a duplicate, blocked, or rejected with line, column,
//! reason and remedy. Whoever objected or was erased is counted and never stored. Importing the
//! same file again changes nothing.
//!
//! Profiles are sealed under each lead's own key before the store sees them (law L8); each says
//! which file, line and time it came from.
//!
//! [`Leads::delete`] deletes a lead and [`Leads::merge`] makes one of two; neither takes anybody off
//! a list.
//!
//! ```
//! # use std::sync::Arc;
//! # use jooper_core::{SystemClock, SystemIds, WorkspaceId};
//! # use jooper_leads::{LeadPage, Leads, Mapping};
//! # use jooper_storage::MemoryStore;
//! # use jooper_vault::{MemoryKms, Vault};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let workspace = WorkspaceId::from_uuid(uuid::Uuid::from_u128(1));
//! let store = Arc::new(MemoryStore::new());
//! let vault = Vault::new(store.clone(), Arc::new(MemoryKms::from_seed(7)));
//! let leads = Leads::new(store, vault, Arc::new(SystemClock), Arc::new(SystemIds));
//!
//! let file = "E-Mail;Vorname;Land\nada@example.de;Ada;Deutschland\n";
//! let report = leads
//!     .import_csv(workspace, file.as_bytes(), &Mapping::guess(), "fair.csv")
//!     .await?;
//! assert_eq!(report.imported, 1);
//!
//! let page = leads.list(workspace, LeadPage::first(50)).await?;
//! assert_eq!(page.leads[0].first_name.as_deref(), Some("Ada"));
//! # Ok(())
//! # }
//! ```

mod clean;
mod company;
mod country;
mod delete;
mod error;
mod import;
mod lead;
mod leads;
mod merge;
mod names;

pub use error::LeadsError;
pub use import::{
    Duplicate, FileBasis, FirstSeen, ImportError, ImportReport, ListedError, ListedImport, Mapping,
    Reject, Remark, Target, check_csv, csv_fields,
};
pub use lead::{Lead, LeadBasis, LeadCursor, LeadList, LeadPage, LeadSummary};
pub use leads::Leads;
