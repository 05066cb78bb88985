//! What a controller knows and the data does not.

use serde::{Deserialize, Serialize};

/// Periods and recipients, for certificates and exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RightsSettings {
    /// How often key epochs end, in days: E in "unreadable in every backup by".
    pub epoch_days: u32,
    /// How long backups of the key store are kept, in days: B.
    pub key_backup_days: u32,
    /// How long a finished erasure's record is kept, in days. It names no person.
    pub proof_days: u32,
    /// Who else receives personal data, as the law wants it told (GDPR Art. 15(1)(c)).
    pub recipients: Vec<Recipient>,
}

/// Somebody who receives personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Who.
    pub name: String,
    /// What they receive, and what for.
    pub receives: String,
}

impl Default for RightsSettings {
    fn default() -> Self {
        Self {
            epoch_days: 7,
            key_backup_days: 7,
            proof_days: 3 * 365,
            recipients: vec![Recipient {
                name: "Google".to_owned(),
                receives: "the mails themselves, as the provider of the sender's mailbox"
                    .to_owned(),
            }],
        }
    }
}
