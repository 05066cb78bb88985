//! The Gmail transport against the Google simulator, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "only this target uses these modules"
)]

mod book;
mod campaign;
mod campaigns;
mod conformance;
mod connecting;
mod frozen;
mod history;
mod knobs;
mod lab;
mod logs;
mod pushes;
mod pushing;
mod reconciling;
mod refusals;
mod seams;
mod sending;
mod stalled;
mod tally;
mod tokens;
mod tolerance;
mod weather;
