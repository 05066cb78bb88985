//! What a mailbox sent lately: enough to keep every budget of a mailbox, kept with its lane.

use jiff::Timestamp;
use jooper_core::CampaignId;

/// How long a send is remembered, in seconds: the longest civil day has 25 hours.
const KEEP_SECONDS: u32 = 26 * 3600;
/// Bytes of one send.
const ENTRY: usize = 8;

/// A send that counts against the budgets of its mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecentSend {
    /// When it was reserved, in whole seconds since the Unix epoch.
    second: u32,
    /// The last four bytes of the campaign's id.
    campaign: u32,
}

impl RecentSend {
    /// A send of a campaign that is reserved now.
    pub fn new(at: Timestamp, campaign: CampaignId) -> Self {
        Self {
            second: u32::try_from(at.as_second()).unwrap_or(0),
            campaign: tag(campaign),
        }
    }

    /// When it was reserved, rounded down to the second.
    pub fn at(&self) -> Timestamp {
        Timestamp::from_second(i64::from(self.second)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

fn tag(campaign: CampaignId) -> u32 {
    let bytes = campaign.uuid().into_bytes();
    u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]])
}

/// The sends of the last 26 hours, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recent(Vec<RecentSend>);

impl Recent {
    /// Reads what [`Recent::to_bytes`] wrote; bytes that are not of it are dropped.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (entries, _) = bytes.as_chunks::<ENTRY>();
        let mut sends: Vec<_> = entries
            .iter()
            .map(|[a, b, c, d, e, f, g, h]| RecentSend {
                second: u32::from_be_bytes([*a, *b, *c, *d]),
                campaign: u32::from_be_bytes([*e, *f, *g, *h]),
            })
            .collect();
        sends.sort_unstable();
        Self(sends)
    }

    /// Eight bytes a send.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * ENTRY);
        for send in &self.0 {
            bytes.extend_from_slice(&send.second.to_be_bytes());
            bytes.extend_from_slice(&send.campaign.to_be_bytes());
        }
        bytes
    }

    /// Counts one more, and forgets what no budget looks back to.
    #[must_use]
    pub fn with(&self, send: RecentSend) -> Self {
        let oldest = send.second.saturating_sub(KEEP_SECONDS);
        let mut sends = Vec::with_capacity(self.0.len() + 1);
        sends.extend(self.0.iter().filter(|known| known.second >= oldest));
        sends.push(send);
        sends.sort_unstable();
        Self(sends)
    }

    /// Takes one back that certainly did not go.
    #[must_use]
    pub fn without(&self, send: RecentSend) -> Self {
        let mut sends = self.0.clone();
        if let Some(at) = sends.iter().rposition(|known| *known == send) {
            sends.remove(at);
        }
        Self(sends)
    }

    /// When each was reserved, oldest first.
    pub fn times(&self) -> impl DoubleEndedIterator<Item = Timestamp> + '_ {
        self.0.iter().map(RecentSend::at)
    }

    /// How many of a campaign are remembered.
    pub fn of_campaign(&self, campaign: CampaignId) -> usize {
        let tag = tag(campaign);
        self.0.iter().filter(|send| send.campaign == tag).count()
    }
}
