//! Who somebody is, and what they allow: two flows that never mix.
//!
//! [`SignInFlow`] tells who a person is (`openid email profile`) and gives nothing that could open
//! a mailbox. [`ConnectFlow`] gives [`MailboxTokens`] for one mailbox. They use two OAuth clients,
//! which belong in two Cloud projects (see [`GmailSettings`](crate::GmailSettings)).
//!
//! The `oauth2` crate builds and reads the RFC 6749 messages; none of its types leave this module.

mod callback;
mod connect;
mod error;
mod flow;
mod identity;
mod jwks;
mod jwt;
mod pending;
mod scopes;
mod sign_in;
mod token;
mod tokens;

pub use callback::{Callback, InvalidCallback};
pub use connect::{ConnectFlow, Connected};
pub use error::{ConnectError, MissingPart};
pub(crate) use identity::{Expected, IdentityVerifier};
pub use jwt::IdTokenError;
pub use pending::PendingAuthorization;
pub use scopes::{GMAIL_READONLY, GMAIL_SEND, Grant, MAILBOX_SCOPES, SIGN_IN_SCOPES};
pub use sign_in::{SignInFlow, SignedIn};
pub(crate) use token::{TokenAnswer, TokenClient, TokenFailure};
pub use tokens::{MailboxTokens, SignInTokens};
