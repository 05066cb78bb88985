//! Numbers that no campaign can exceed.

use jiff::SignedDuration;
use jooper_core::CampaignId;

/// How often, how soon and how many at first. Each can be made stricter, none switched off.
///
/// Sources: three follow-ups by default, and first mails of a campaign limited to a sample of 50 until
/// its bounces are known (privacy requirements, section 6.1). The section asks for no more than three
/// follow-ups and for three days between mails. Departing from it, a campaign may set up to six, and
/// the gap is 60 hours: what was sent late on one day may go early on the third day after. Decision
/// note 0006 says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    most_follow_ups: u16,
    gap: SignedDuration,
    sample: i64,
}

impl Ceilings {
    /// Follow-ups that no setting exceeds.
    pub const HARD_FOLLOW_UPS: u16 = 6;
    /// Follow-ups, unless a campaign says otherwise.
    pub const FOLLOW_UPS: u16 = 3;
    /// The least time between two mails to one person, across campaigns. Two and a half days: a
    /// step "three days later" stays possible across sending windows and clock changes.
    pub const GAP: SignedDuration = SignedDuration::from_hours(60);
    /// First mails of a campaign before its bounces are known.
    pub const SAMPLE: i64 = 50;

    /// The numbers as shipped.
    pub const fn new() -> Self {
        Self {
            most_follow_ups: Self::HARD_FOLLOW_UPS,
            gap: Self::GAP,
            sample: Self::SAMPLE,
        }
    }

    /// Lowers the number of follow-ups that a campaign may ask for.
    #[must_use]
    pub fn with_most_follow_ups(mut self, most: u16) -> Self {
        self.most_follow_ups = most.min(Self::HARD_FOLLOW_UPS);
        self
    }

    /// Requires a longer pause between two mails to one person.
    #[must_use]
    pub fn with_gap(mut self, gap: SignedDuration) -> Self {
        self.gap = gap.max(Self::GAP);
        self
    }

    /// Makes the first sample smaller; one mail at least.
    #[must_use]
    pub fn with_sample(mut self, sample: i64) -> Self {
        self.sample = sample.clamp(1, Self::SAMPLE);
        self
    }

    /// The follow-ups that a campaign may send: three, or what it asks for below the ceiling.
    pub fn follow_ups(&self, campaign: Option<u16>) -> u16 {
        campaign
            .unwrap_or(Self::FOLLOW_UPS)
            .min(self.most_follow_ups)
    }

    /// The least time between two mails to one person.
    pub const fn gap(&self) -> SignedDuration {
        self.gap
    }

    /// How many first mails go before a campaign's bounces are known.
    pub const fn sample(&self) -> i64 {
        self.sample
    }
}

impl Default for Ceilings {
    fn default() -> Self {
        Self::new()
    }
}

/// The counter of a campaign's first mails that went or may have gone.
pub(crate) fn sample_key(campaign: CampaignId) -> Vec<u8> {
    let mut key = b"consent.sample.".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    key
}

/// What begins the key of each first mail of a campaign that went out while its sample ran.
pub(crate) fn sampled_prefix(campaign: CampaignId) -> Vec<u8> {
    let mut key = b"consent.sampled/".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    key
}

/// What the counter shows once the sample has been looked at: no mail counts against it any more.
pub(crate) const SAMPLE_CLEARED: i64 = i64::MIN / 2;
