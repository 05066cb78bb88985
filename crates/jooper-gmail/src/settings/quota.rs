//! How much of the API this process may use.

use std::num::NonZeroU8;

use serde::Deserialize;

/// Which of Google's two quota tables holds for the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProjectAge {
    /// Created on or after 2026-05-01, or unused from November 2025 to April 2026.
    #[default]
    Since2026,
    /// Older and in use then: it keeps its former quotas.
    Before2026,
}

/// The part of Google's quotas that this process keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct QuotaSettings {
    /// Which table holds.
    pub project: ProjectAge,
    /// The share of the project's quota for this process, in percent: 50 where two share it. Nothing is no
    /// share: every call would wait for a quota that never comes.
    pub project_share_percent: NonZeroU8,
}

impl Default for QuotaSettings {
    fn default() -> Self {
        Self {
            project: ProjectAge::default(),
            project_share_percent: const { NonZeroU8::new(100).unwrap() },
        }
    }
}
