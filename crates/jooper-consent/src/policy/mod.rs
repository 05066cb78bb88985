//! Policy as data: which basis counts in which country, and over which transport.
//!
//! The shipped tables are TOML files compiled in; each row has a source, a date and a reviewer. An
//! operator may install another table under a named reviewer; a workspace can only tighten.

mod country;
mod error;
mod file;
mod set;
mod transport;

pub use country::{Attestation, Confidence, CountryRow, CountryRule, CountryTable};
pub use error::PolicyError;
pub use set::{InstalledBy, PolicySet, StaleRow};
pub use transport::{TransportRow, TransportTable};
