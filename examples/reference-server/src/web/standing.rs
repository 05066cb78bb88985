//! How a campaign or mailbox stands, breakers included: a breaker stops what its own state still
//! calls active.

use std::collections::BTreeSet;

use jooper::consent::BreakerScope;
use jooper::core::{CampaignState, MailboxState};
use jooper::sequence::CampaignSummary;
use jooper::storage::tables::MailboxRow;

use super::app::App;
use super::error::PageError;
use super::words::{self, Badge};

/// What the breakers have stopped.
pub(crate) struct Standing(BTreeSet<BreakerScope>);

impl Standing {
    pub(crate) async fn read(app: &App) -> Result<Self, PageError> {
        Ok(Self(app.jooper.breakers().stopped(app.workspace).await?))
    }

    pub(crate) fn campaign(&self, campaign: &CampaignSummary) -> CampaignState {
        let stopped = self.0.contains(&BreakerScope::Campaign(campaign.id));
        match campaign.state {
            CampaignState::Active if stopped => CampaignState::Tripped,
            state => state,
        }
    }

    /// A mailbox that needs nobody has no advice.
    pub(crate) fn mailbox(&self, mailbox: &MailboxRow) -> (Badge, &'static str) {
        let stopped = self.0.contains(&BreakerScope::Mailbox(mailbox.id));
        match mailbox.state {
            MailboxState::Connected | MailboxState::SendOnly if stopped => words::TRIPPED_MAILBOX,
            state => words::mailbox(state),
        }
    }
}
