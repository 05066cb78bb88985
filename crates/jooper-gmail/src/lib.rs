//! Gmail for the jooper suite: people sign in, connect their mailbox, send from it, and see what
//! came back.
//!
//! - [`SignInFlow`] and [`ConnectFlow`]: two OAuth flows with two clients and two token types.
//! - [`Gmail`]: a [`Transport`](jooper_transport::Transport) and an
//!   [`Inbox`](jooper_transport::Inbox).
//! - [`PushEndpoint`]: where Pub/Sub says that a mailbox has changed. Polling goes on beside it.
//! - [`GmailSettings`]: every URL of Google's is a setting of its own.
//!
//! The rules come from Google's discovery document (`gmail.v1`, revision 20261005), its guides, and
//! field reports; each stands beside the code that follows it. Two shape everything: Gmail replaces
//! the Message-ID that a caller writes, and sending is not idempotent. So a send is tried once, its
//! outcome may be unknown, and evidence is looked for afterwards by a token in `References`.

mod api;
mod backoff;
mod budget;
mod call;
mod evidence;
mod gmail;
mod inbox;
mod mailbox;
mod oauth;
mod push;
mod reconcile;
mod send;
mod session;
mod settings;
mod time;
mod transport;
mod watch;

pub use gmail::Gmail;
#[cfg(feature = "reqwest")]
pub use jooper_transport::{ReqwestClient, ReqwestSettings, StartError};
pub use oauth::{
    Callback, ConnectError, ConnectFlow, Connected, GMAIL_READONLY, GMAIL_SEND, Grant,
    IdTokenError, InvalidCallback, MAILBOX_SCOPES, MailboxTokens, MissingPart,
    PendingAuthorization, SIGN_IN_SCOPES, SignInFlow, SignInTokens, SignedIn,
};
pub use push::{PushEndpoint, PushHint};
pub use settings::{
    ClientSecret, Endpoint, Endpoints, GmailSettings, InvalidEndpoint, OAuthClient, ProjectAge,
    PushSettings, QuotaSettings, Timeouts,
};
pub use watch::Watch;
