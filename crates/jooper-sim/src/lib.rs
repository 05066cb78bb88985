//! Whole campaigns from one seed.
//!
//! A simulated world has one store, a provider with its own ledger, people who answer, bounce and
//! want no more mail, an office that pauses and resumes, and two or more workers: the production
//! engine, unchanged, over virtual clocks. No runtime, no thread, no socket and no real clock is
//! part of it. For some virtual days everything fails that can: stores and provider return
//! errors, answers come late or never, wall clocks jump, workers freeze, and workers die between
//! any two of their awaits and come back as new processes. Then faults end, and all must drain.
//!
//! The laws are judged by what store and provider see ([`Violation`]); [`Mutant`]s leave a
//! safeguard out to show that they would notice. The same [`Options`] give the same trace.

mod chance;
mod executor;
mod invariants;
mod mutant;
mod office;
mod options;
mod population;
mod provider;
mod report;
mod run;
mod shape;
mod stage;
mod store;
mod time;
mod trace;
mod world;

pub use invariants::Violation;
pub use mutant::Mutant;
pub use options::Options;
pub use report::Report;
pub use run::simulate;
pub use shape::Shape;
