//! Helpers for testing mail software: above all [`google`], a simulator of Google's sign-in and
//! Gmail over real HTTP, with virtual time, a population of recipients, and faults on demand; and
//! [`dns`], an emulator of the DNS over real UDP and TCP.
//!
//! Never published; other crates name it as a dev-dependency, and the reference server for its demo.

pub mod dns;
pub mod google;
pub mod grep;
