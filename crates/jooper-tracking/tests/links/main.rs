//! The links below every mail, as people, mail programs, scanners and attackers use them.
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod counted;
mod forged;
mod lasting;
mod oneclick;
mod optin;
mod preferences;
mod scanners;
mod world;
