//! Push notifications through Pub/Sub.

use serde::Deserialize;

/// What a push subscription was set up with
/// (Gmail push guide; Pub/Sub, "Authentication for push subscriptions").
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PushSettings {
    /// The topic, `projects/…/topics/…`, to which `gmail-api-push@system.gserviceaccount.com` may
    /// publish. It must be in the mailbox client's own project.
    pub topic: String,
    /// The subscription, `projects/…/subscriptions/…`, whose pushes are taken.
    pub subscription: String,
    /// The audience that the subscription puts into its tokens.
    pub audience: String,
    /// The service account that signs for the subscription.
    pub service_account: String,
}

impl PushSettings {
    /// The set-up of one subscription.
    pub fn new(
        topic: impl Into<String>,
        subscription: impl Into<String>,
        audience: impl Into<String>,
        service_account: impl Into<String>,
    ) -> Self {
        Self {
            topic: topic.into(),
            subscription: subscription.into(),
            audience: audience.into(),
            service_account: service_account.into(),
        }
    }
}
