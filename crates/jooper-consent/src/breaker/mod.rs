//! Circuit breakers: too many mails come back, or too many people complain.
//!
//! A projection of the log. It keeps figures per mailbox and campaign, stops what goes over the
//! line, and lets a campaign continue when its first sample came back clean. Nothing switches it
//! off; a person can look, reset and resume.

mod figures;
mod follow;
mod sample;
mod window;

pub use figures::{BreakerScope, Figures, Line, Tripped};
pub use follow::{Breakers, figures};
