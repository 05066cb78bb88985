//! What an operator sets: endpoints, OAuth clients, timeouts, quota.

mod client;
mod endpoint;
mod endpoints;
mod push;
mod quota;
mod timeouts;

use serde::Deserialize;

pub use client::{ClientSecret, OAuthClient};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use endpoints::Endpoints;
pub use push::PushSettings;
pub use quota::{ProjectAge, QuotaSettings};
pub use timeouts::Timeouts;

/// Everything about Google that can be set.
///
/// The two OAuth clients belong in two Cloud projects: Google revokes per user and *project*, so
/// that with one project the end of a mailbox is the end of every sign-in of that person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GmailSettings {
    /// The client that mailboxes are connected with.
    pub mailbox: OAuthClient,
    /// The client that people sign in with; absent where another sign-in is used.
    #[serde(default)]
    pub sign_in: Option<OAuthClient>,
    /// Where Google is.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// How long to wait for it.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// How much of its API may be used.
    #[serde(default)]
    pub quota: QuotaSettings,
    /// Push notifications, where they are set up. Polling goes on beside them.
    #[serde(default)]
    pub push: Option<PushSettings>,
}

impl GmailSettings {
    /// Settings for Google itself with this mailbox client.
    pub fn new(mailbox: OAuthClient) -> Self {
        Self {
            mailbox,
            sign_in: None,
            endpoints: Endpoints::default(),
            timeouts: Timeouts::default(),
            quota: QuotaSettings::default(),
            push: None,
        }
    }

    /// Sets the client that people sign in with.
    #[must_use]
    pub fn with_sign_in(mut self, client: OAuthClient) -> Self {
        self.sign_in = Some(client);
        self
    }

    /// Sets where Google is.
    #[must_use]
    pub fn with_endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = endpoints;
        self
    }
}

#[cfg(test)]
mod tests;
