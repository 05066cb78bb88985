//! A simulator of the parts of Google that a mailer meets: consent screen, token endpoint, identity,
//! Gmail, push. It is wrong only on its own: it uses no jooper type and no mail library.
//!
//! Everything happens under one virtual clock ([`SimClock`]) and one seed, so that the same calls
//! give the same mail, the same ids and the same replies. What was accepted and delivered is kept in
//! a [`Ledger`] which a client cannot influence other than by sending: it is the oracle of tests.
//!
//! ```no_run
//! # async fn demo() -> Result<(), jooper_testkit::google::SimulatorError> {
//! use jooper_testkit::google::{GoogleSimulator, SimClock, UserSpec};
//!
//! let sim = GoogleSimulator::builder()
//!     .seed(7)
//!     .clock(SimClock::manual("2026-11-23T08:00:00Z".parse().expect("a valid instant")))
//!     .user(UserSpec::new("ada@example.com"))
//!     .start()
//!     .await?;
//! println!("point the client at {}", sim.gmail_url());
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! What is not here: resumable upload, cross-account protection events (RISC) and Postmaster Tools.

mod accounts;
mod builder;
mod clock;
mod control;
mod draw;
mod error;
mod faults;
mod gmail;
mod http;
mod knobs;
mod ledger;
mod mailbox;
mod mime;
mod population;
pub(crate) mod rt;
mod serve;
mod simulator;
mod token;
mod world;

pub use self::accounts::{
    ClientSpec, ConsentScript, ProjectSpec, PublishingStatus, UserKind, UserSpec,
};
pub use self::builder::GoogleSimulatorBuilder;
pub use self::clock::SimClock;
pub use self::error::SimulatorError;
pub use self::faults::{Canned, Fault, FaultRule, FiredFault, HistoryFault, PushFault, When};
pub use self::gmail::PushTarget;
pub use self::knobs::{IssuerForm, Keep, Knobs, MessageIdPolicy, SubjectMatch, UnknownThread};
pub use self::ledger::{
    Accepted, Delivery, Disposition, Ledger, OneClickPost, Reaction as LedgerReaction,
};
pub use self::population::{
    AwayStyle, Behavior, BounceStyle, Inbound, Mix, Mood, Reaction, ReplyForm,
};
pub use self::simulator::{GoogleSimulator, StoredMessage, Tokens};
pub use self::token::DeathCause;
