//! Figures and the lines that they must not cross.

use jooper_core::{CampaignId, MailboxId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a breaker guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerScope {
    /// A sender account.
    Mailbox(MailboxId),
    /// A campaign.
    Campaign(CampaignId),
}

/// What a breaker counts, over the last mails: between one and two windows of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Figures {
    /// Mails of the last 50 to 100.
    pub recent: i64,
    /// How many of them came back for good.
    pub bounced: i64,
    /// Mails of the last 500 to 1,000.
    pub longer: i64,
    /// Complaints and replies that ask to stop among them.
    pub complained: i64,
}

/// Where figures stand against the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Line {
    /// Nothing to see.
    Clear,
    /// Complaints are over the lower line: a person should look.
    Warned,
    /// Too many mails came back.
    Bounces,
    /// Too many complaints.
    Complaints,
}

/// A breaker that has tripped: what is stopped now, and on which figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tripped {
    /// What is stopped.
    pub scope: BreakerScope,
    /// Which line was crossed.
    pub line: Line,
    /// The figures.
    pub figures: Figures,
}

/// So few events say nothing about a rate.
const LEAST: i64 = 3;

impl BreakerScope {
    pub(super) const fn id(self) -> Uuid {
        match self {
            Self::Mailbox(id) => id.uuid(),
            Self::Campaign(id) => id.uuid(),
        }
    }

    /// Per mille of mails that may come back: 3 % for a mailbox, 5 % for a campaign (privacy
    /// requirements, section 6.1).
    const fn bounce_line(self) -> i64 {
        match self {
            Self::Mailbox(_) => 30,
            Self::Campaign(_) => 50,
        }
    }
}

/// Complaints per ten thousand: Google's sender guidelines ask to stay below 0.1 % and never to
/// reach 0.3 %.
const WARN: i64 = 10;
const STOP: i64 = 30;

impl Figures {
    /// Where these figures stand.
    pub const fn line(&self, scope: BreakerScope) -> Line {
        let bounces = self.bounced * 1000 > scope.bounce_line() * self.recent;
        let rate = self.complained * 10_000;
        if self.bounced >= LEAST && bounces {
            Line::Bounces
        } else if self.complained >= LEAST && rate >= STOP * self.longer {
            Line::Complaints
        } else if self.complained > 0 && rate > WARN * self.longer {
            Line::Warned
        } else {
            Line::Clear
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(recent: i64, bounced: i64, longer: i64, complained: i64) -> Figures {
        Figures {
            recent,
            bounced,
            longer,
            complained,
        }
    }

    #[test]
    fn the_lines_are_where_they_are_documented() {
        let mailbox = BreakerScope::Mailbox(MailboxId::from_uuid(Uuid::nil()));
        let campaign = BreakerScope::Campaign(CampaignId::from_uuid(Uuid::nil()));
        for (figures, at_mailbox, at_campaign) in [
            (figures(100, 3, 100, 0), Line::Clear, Line::Clear),
            (figures(100, 4, 100, 0), Line::Bounces, Line::Clear),
            (figures(100, 5, 100, 0), Line::Bounces, Line::Clear),
            (figures(100, 6, 100, 0), Line::Bounces, Line::Bounces),
            (figures(5, 2, 5, 0), Line::Clear, Line::Clear),
            (figures(5, 3, 5, 0), Line::Bounces, Line::Bounces),
            (figures(100, 0, 1000, 1), Line::Clear, Line::Clear),
            (figures(100, 0, 1000, 2), Line::Warned, Line::Warned),
            (figures(100, 0, 1000, 3), Line::Complaints, Line::Complaints),
            (figures(100, 0, 1001, 3), Line::Warned, Line::Warned),
        ] {
            assert_eq!(figures.line(mailbox), at_mailbox, "{figures:?}");
            assert_eq!(figures.line(campaign), at_campaign, "{figures:?}");
        }
    }
}
