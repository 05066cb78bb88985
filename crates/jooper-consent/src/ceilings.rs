//! Numbers that no campaign can exceed.

use jiff::SignedDuration;
use jooper_core::CampaignId;

use crate::quality::is_free_mail;

/// How often, how soon and how many at first. Each can be made stricter, none switched off.
///
/// Sources: three follow-ups by default, and first mails of a campaign limited to a sample of 50 until
/// its bounces are known (privacy requirements, section 6.1). The section asks for no more than three
/// follow-ups and for three days between mails. Departing from it, a campaign may set up to six, and
/// the gap is 60 hours: what was sent late on one day may go early on the third day after. Decision
/// note 0006 says why. The section's volume of a mailbox (20 mails on its first day, a fifth more after
/// each healthy one, 150 a day where its provider's addresses are anybody's and 400 elsewhere) stands
/// as it is; Google's own limits (500 and 2,000) lie above it and are no aim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceilings {
    most_follow_ups: u16,
    gap: SignedDuration,
    span: SignedDuration,
    sample: i64,
    mails_a_day: u32,
}

impl Ceilings {
    /// The most mails of one mailbox in a day whose provider gives an address to anybody.
    pub const CONSUMER_DAY: u32 = 150;
    /// The most mails of any other mailbox in a day.
    pub const DAY: u32 = 400;
    /// The most mails of a mailbox on the first day on which it sends.
    pub const FIRST_DAY: u32 = 20;
    /// Follow-ups that no setting exceeds.
    pub const HARD_FOLLOW_UPS: u16 = 6;
    /// Follow-ups, unless a campaign says otherwise.
    pub const FOLLOW_UPS: u16 = 3;
    /// The least time between two mails to one person, across campaigns. Two and a half days: a
    /// step "three days later" stays possible across sending windows and clock changes.
    pub const GAP: SignedDuration = SignedDuration::from_hours(60);
    /// For how long the mails of one campaign count as mails before those of another to the same
    /// person: a campaign that is cloned begins nothing anew. A month, which the section leaves open.
    pub const SPAN: SignedDuration = SignedDuration::from_hours(30 * 24);
    /// First mails of a campaign before its bounces are known.
    pub const SAMPLE: i64 = 50;

    /// The numbers as shipped.
    pub const fn new() -> Self {
        Self {
            most_follow_ups: Self::HARD_FOLLOW_UPS,
            gap: Self::GAP,
            span: Self::SPAN,
            sample: Self::SAMPLE,
            mails_a_day: Self::DAY,
        }
    }

    /// Lowers the number of mails that a mailbox may send in a day; one at least.
    #[must_use]
    pub fn with_mails_a_day(mut self, most: u32) -> Self {
        self.mails_a_day = most.clamp(1, Self::DAY);
        self
    }

    /// The most mails of a mailbox of this domain in a day, all campaigns together.
    pub fn mails_a_day(&self, domain: &str) -> u32 {
        if is_free_mail(domain) {
            self.mails_a_day.min(Self::CONSUMER_DAY)
        } else {
            self.mails_a_day
        }
    }

    /// The most mails in a day of a mailbox that is new to this, after so many healthy days with mail:
    /// a fifth more for each of them, rounded down.
    pub fn after_healthy_days(days: u16) -> u32 {
        let grow = |most: u32, _| (most + most / 5).min(Self::DAY);
        // It has arrived after eighteen.
        (0..days.min(32)).fold(Self::FIRST_DAY, grow)
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

    /// Counts the mails of other campaigns for longer.
    #[must_use]
    pub fn with_span(mut self, span: SignedDuration) -> Self {
        self.span = span.max(Self::SPAN);
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

    /// For how long the mails of other campaigns count, and what a deletion remembers is kept.
    pub const fn span(&self) -> SignedDuration {
        self.span
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

/// The counter of the people of a campaign who came behind a first sample that was full or let go: none
/// of its mails went to any of them.
pub(crate) fn behind_key(campaign: CampaignId) -> Vec<u8> {
    let mut key = b"consent.sample-behind.".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    key
}

/// When the first of those people came, Unix milliseconds.
pub(crate) fn came_key(campaign: CampaignId) -> Vec<u8> {
    let mut key = b"consent.sample-came.".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    key
}

/// When the first of the people came of whom a sample that began anew is made, Unix milliseconds. Of those
/// before them an earlier one told.
pub(crate) fn since_key(campaign: CampaignId) -> Vec<u8> {
    let mut key = SINCE.to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    key
}

/// What such keys begin with.
pub(crate) const SINCE: &[u8] = b"consent.sample-since.";

/// What the counter shows once the sample has been looked at: no mail counts against it any more.
pub(crate) const SAMPLE_CLEARED: i64 = i64::MIN / 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_mailbox_grows_by_a_fifth_and_arrives() {
        let first: Vec<_> = (0..6).map(Ceilings::after_healthy_days).collect();
        assert_eq!(first, [20, 24, 28, 33, 39, 46]);
        let arrives = (0..100).position(|days| Ceilings::after_healthy_days(days) == Ceilings::DAY);
        assert_eq!(arrives, Some(18));
        assert_eq!(Ceilings::after_healthy_days(u16::MAX), Ceilings::DAY);
    }

    #[test]
    fn a_day_is_lowered_and_never_raised() {
        let shipped = Ceilings::new();
        assert_eq!(shipped.mails_a_day("sender.example"), 400);
        assert_eq!(shipped.mails_a_day("gmail.com"), 150);
        assert_eq!(shipped.mails_a_day("googlemail.com"), 150);
        let lower = shipped.with_mails_a_day(200);
        assert_eq!(
            (
                lower.mails_a_day("a.example"),
                lower.mails_a_day("gmail.com")
            ),
            (200, 150)
        );
        assert_eq!(shipped.with_mails_a_day(10_000), shipped);
        assert_eq!(shipped.with_mails_a_day(0).mails_a_day("a.example"), 1);
    }
}
