//! The links below every mail, and the pages behind them.
//!
//! [`Tracking::unsubscribe_url`] makes a link that stops; [`Tracking::handle`] answers it. A GET
//! only ever shows a page, since scanners follow every link; a POST acts: by the page's own button,
//! or by a mail client's one click (RFC 8058). No cookie, no sign-in, no redirect, and no personal
//! data in an address or on a page.
//!
//! [`Tracking::sign_up_url`] leads to a page on which people ask for mail; the address itself
//! confirms it, which records a confirmed opt-in.
//!
//! Opens and clicks are not tracked here: that needs a grant of the person (law L11).

mod error;
mod handle;
mod hook;
mod optin;
mod page;
mod request;
mod service;
mod token;
mod tracking;

pub use error::TrackingError;
pub use hook::OnStop;
pub use jooper_consent::{ACCESS_REQUESTED, ERASURE_REQUESTED, OPT_IN_REQUESTED};
pub use optin::{OPT_IN_MAIL, OptInRequest};
pub use request::{RightsRequest, Wish};
pub use service::TrackingService;
pub use tracking::Tracking;
