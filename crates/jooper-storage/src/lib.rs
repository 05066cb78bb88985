//! The storage waist: what a plugin author implements, and everything typed that stands on it.
//!
//! [`Storage`] has eight methods over [`Row`]s of tables that are [declared once as
//! data](mod@tables). A [`Batch`] commits all or nothing. Typed records ([`Record`]) and the
//! helpers of [`StorageExt`] are concrete code over `dyn Storage`, the same for every backend.

mod batch;
mod bulk;
mod claim;
mod continuity;
mod erase;
mod error;
mod ext;
mod fork;
mod log;
mod memory;
mod overlay;
mod record;
mod scan;
mod segment;
pub mod sql;
mod storage;
mod table;
pub mod tables;
mod transfer;
mod validate;
mod value;
mod witness;
mod wrap;

pub use batch::{Batch, Check, ColumnOp, Write};
pub use bulk::BulkBatches;
pub use claim::{Claim, Claimed};
pub use continuity::{ContinuityError, Standing, mark, put_back};
pub use erase::{Bytes, Erase, Erased};
pub use error::StoreError;
pub use ext::{RecordPage, StorageExt, Versioned};
pub use fork::{ForkSettings, ForkStore};
pub use log::{LogCursor, LogEntry, LogPage, LogRecord, RollupDelta};
pub use memory::{MemoryStore, MemoryWitness};
pub use overlay::{Before, Overlay};
pub use record::{Column, Record};
pub use scan::{Page, Row, Scan, Scope};
pub use segment::{Condition, Segment};
pub use storage::{Capabilities, Storage};
pub use table::{
    Category, ClaimDef, ColumnDef, ColumnKind, IndexDef, Key, Label, OnErase, PersonalData,
    Retention, TableDef, TableScope, Version,
};
pub use transfer::{TransferError, Transferred, export_workspace, import_workspace};
pub use value::Value;
pub use witness::{Witness, WitnessEntry, WitnessError, WitnessRecord};
pub use wrap::{
    ChaosStore, Faults, ObservedCall, ObservedStore, Outcome, StoreMethod, StoreObserver,
};
