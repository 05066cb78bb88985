//! Whose turn it is when several mails of one mailbox are due.

use jiff::Timestamp;
use jooper_core::{CampaignId, EnrollmentId};

use super::recent::Recent;

/// The enrollment that has waited longest among those of one campaign with as many mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The campaign.
    pub campaign: CampaignId,
    /// How many mails it has had.
    pub sent: u16,
    /// Since when it is due.
    pub due_at: Timestamp,
    /// The enrollment.
    pub id: EnrollmentId,
}

/// Chooses: follow-ups before first mails; then the campaign that sent least from this mailbox
/// lately; then whoever has waited longest. `None` when nobody waits.
pub fn next_turn(heads: &[Head], recent: &Recent) -> Option<Head> {
    let order = |head: &Head| {
        (
            head.sent == 0,
            recent.of_campaign(head.campaign),
            head.due_at,
            head.id,
        )
    };
    heads.iter().copied().min_by_key(order)
}
