//! The rights of the people in the data: a copy, restriction, erasure.
//!
//! - [`Rights::export_lead`] gives everything that is kept about a lead (GDPR Art. 15 and 20). It
//!   walks the declarations of all tables, so that a new column is in it from its first day.
//! - [`Rights::restrict_lead`] keeps the data and stops its use (Art. 18).
//! - [`Rights::erase_lead`] stops, erases and destroys the key (Art. 17), and proves it with a
//!   [`Certificate`] that anyone can check offline. Begun once, it is finished whatever crashes:
//!   [`Rights::resume`] at start.
//! - [`Rights::leave`] ends a workspace: its leads go, the lists stay.
//! - [`replay`] repeats erasures in data that was restored from a backup.
//!
//! What stays after an erasure is what keeps the person from being mailed again: keyed indexes on
//! the suppression list and in the witness (law L5).

mod certificate;
mod contacts;
mod erasure;
mod error;
mod export;
mod leaving;
mod replay;
mod restriction;
mod rights;
mod rows;
mod settings;
mod words;

pub use certificate::{
    Backups, Certificate, InvalidCertificate, Kept, Level, Statement, StoreResult,
};
pub use erasure::{ERASURE_DONE, ERASURE_RUNNING, Erasure, ErasureRequest, OnErasure};
pub use error::RightsError;
pub use export::Export;
pub use leaving::Left;
pub use replay::replay;
pub use restriction::{Use, may_use};
pub use rights::Rights;
pub use settings::{Recipient, RightsSettings};
