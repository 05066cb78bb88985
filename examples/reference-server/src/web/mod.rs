//! The pages, and the endpoints that the outside world calls.
//!
//! [`App`] holds what every request needs; [`Listening`] and [`spawn`] put it on a port. A page is
//! a handler in [`pages`] (reads, acts) and a template struct in `views` (what is shown); what
//! protects all of them stands in `guard`, `sessions` and `headers`.

mod app;
mod error;
mod flows;
mod forms;
mod guard;
mod headers;
mod known;
mod listening;
mod login;
pub(crate) mod pages;
mod people;
mod random;
mod routes;
mod sessions;
pub(crate) mod standing;
mod throttle;
mod times;
mod views;
pub(crate) mod words;

pub(crate) use app::App;
pub(crate) use listening::{Listening, spawn};
pub(crate) use routes::CALLBACKS;
