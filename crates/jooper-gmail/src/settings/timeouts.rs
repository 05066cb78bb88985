//! How long to wait.

use std::time::Duration;

use serde::Deserialize;

/// Waits, in seconds of real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Timeouts {
    /// For a read.
    pub read_seconds: u16,
    /// For the answer to a send. Long: giving up early only makes an unknown outcome.
    pub send_seconds: u16,
    /// For the token endpoint, key set and userinfo.
    pub oauth_seconds: u16,
    /// For a browser that left for the consent screen, in minutes of wall time.
    pub consent_minutes: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            read_seconds: 30,
            send_seconds: 90,
            oauth_seconds: 20,
            consent_minutes: 15,
        }
    }
}

impl Timeouts {
    pub(crate) fn read(&self) -> Duration {
        Duration::from_secs(self.read_seconds.into())
    }

    pub(crate) fn send(&self) -> Duration {
        Duration::from_secs(self.send_seconds.into())
    }

    pub(crate) fn oauth(&self) -> Duration {
        Duration::from_secs(self.oauth_seconds.into())
    }
}
