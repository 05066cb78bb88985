//! The links below every mail, and the pages behind them.
//!
//! [`Tracking::unsubscribe_url`] makes a link that stops; [`Tracking::handle`] answers it. A GET
//! only ever shows a page, since scanners follow every link; a POST acts: by the page's own button,
//! or by a mail client's one click (RFC 8058). No cookie, no sign-in, no redirect, and no personal
//! data in an address or on a page.
//!
//! Opens and clicks are not tracked here: that needs a grant of the person (law L11).

mod error;
mod handle;
mod hook;
mod page;
mod request;
mod service;
mod token;
mod tracking;

pub use error::TrackingError;
pub use hook::OnStop;
pub use request::{ACCESS_REQUESTED, ERASURE_REQUESTED, RightsRequest, Wish};
pub use service::TrackingService;
pub use tracking::Tracking;
