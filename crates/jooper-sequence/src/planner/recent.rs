//! What a mailbox sent lately, and how far it has come: enough to keep every budget of a mailbox, kept
//! with its lane.

use jiff::Timestamp;
use jooper_core::CampaignId;

use super::climb::{Climb, day_of};

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

/// The sends of the last 26 hours, oldest first, and how many healthy days with mail there were.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recent {
    sends: Vec<RecentSend>,
    climb: Climb,
    /// How far it had come before its last day, as long as it may be taken back. Not kept: a lane gives
    /// back what it has taken itself.
    former: Option<Climb>,
    /// A day, and whether too many mails had come back by then. Not kept: it is asked anew.
    unwell: Option<(i32, bool)>,
}

impl Recent {
    /// Reads what [`Recent::to_bytes`] wrote; bytes that are not of it are dropped.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (entries, rest) = bytes.as_chunks::<ENTRY>();
        let mut sends: Vec<_> = entries
            .iter()
            .map(|[a, b, c, d, e, f, g, h]| RecentSend {
                second: u32::from_be_bytes([*a, *b, *c, *d]),
                campaign: u32::from_be_bytes([*e, *f, *g, *h]),
            })
            .collect();
        sends.sort_unstable();
        Self {
            sends,
            climb: Climb::from_bytes(rest),
            former: None,
            unwell: None,
        }
    }

    /// Eight bytes a send, and six for how far it has come.
    pub fn to_bytes(&self) -> Vec<u8> {
        let climb = self.climb.to_bytes();
        let mut bytes = Vec::with_capacity(self.sends.len() * ENTRY + climb.len());
        for send in &self.sends {
            bytes.extend_from_slice(&send.second.to_be_bytes());
            bytes.extend_from_slice(&send.campaign.to_be_bytes());
        }
        bytes.extend_from_slice(&climb);
        bytes
    }

    /// Of a mailbox that has sent for long, as somebody has declared: only ceilings hold for it.
    #[must_use]
    pub fn seasoned(mut self) -> Self {
        self.climb = Climb::SEASONED;
        self.former = None;
        self
    }

    /// With nothing later than `now`: what was counted under a later time counts from now.
    #[must_use]
    pub(crate) fn seen_until(mut self, now: Timestamp) -> Self {
        let latest = u32::try_from(now.as_second()).unwrap_or(0);
        for send in &mut self.sends {
            send.second = send.second.min(latest);
        }
        self.climb = self.climb.seen_until(day_of(now));
        self.former = None;
        self.asking_anew()
    }

    /// Healthy days with mail so far; `None`: the mailbox is not new.
    pub fn healthy_days(&self) -> Option<u16> {
        self.climb.healthy_days()
    }

    /// The most mails that a mailbox that has come so far sends on the day of `now`.
    pub fn most(&self, now: Timestamp) -> u32 {
        self.climbed(day_of(now)).most()
    }

    /// Whether it must be known how the mailbox stands, to say how many mails it may send today.
    pub fn asks_how_it_stands(&self, now: Timestamp) -> bool {
        let day = day_of(now);
        self.climb.counts_on(day) && self.unwell.is_none_or(|(asked, _)| asked != day)
    }

    /// Says whether too many of its mails have come back or been complained about by now.
    #[must_use]
    pub fn standing(mut self, now: Timestamp, unwell: bool) -> Self {
        self.unwell = Some((day_of(now), unwell));
        self
    }

    /// Forgets how it stands: whoever looks again asks again.
    #[must_use]
    pub(crate) const fn asking_anew(mut self) -> Self {
        self.unwell = None;
        self
    }

    fn climbed(&self, day: i32) -> Climb {
        let unwell = self
            .unwell
            .is_some_and(|(asked, unwell)| asked == day && unwell);
        self.climb.on(day, unwell)
    }

    /// Counts one more, and forgets what no budget looks back to.
    #[must_use]
    pub fn with(&self, send: RecentSend) -> Self {
        let oldest = send.second.saturating_sub(KEEP_SECONDS);
        let mut sends = Vec::with_capacity(self.sends.len() + 1);
        sends.extend(self.sends.iter().filter(|known| known.second >= oldest));
        sends.push(send);
        sends.sort_unstable();
        let climb = self.climbed(day_of(send.at()));
        Self {
            sends,
            climb,
            former: match climb == self.climb {
                true => self.former,
                false => Some(self.climb),
            },
            unwell: self.unwell,
        }
    }

    /// Counts one of which a restored copy did not know. How the mailbox stood then is not known either:
    /// the day adds nothing to how far it has come.
    #[must_use]
    pub fn with_forgotten(&self, send: RecentSend) -> Self {
        let counted = self.clone().standing(send.at(), true).with(send);
        Self {
            former: None,
            unwell: self.unwell,
            ..counted
        }
    }

    /// Takes one back that certainly did not go. A day on which nothing else went is no day with mail.
    #[must_use]
    pub fn without(&self, send: RecentSend) -> Self {
        let mut left = self.clone();
        if let Some(at) = left.sends.iter().rposition(|known| *known == send) {
            left.sends.remove(at);
            let last = |known: &RecentSend| left.climb.is_on(day_of(known.at()));
            if last(&send)
                && !left.sends.iter().any(last)
                && let Some(former) = left.former.take()
            {
                left.climb = former;
            }
        }
        left
    }

    /// The last reservation died with its worker, and nothing had left. Its place stays taken. A day on
    /// which nothing else went is no day with mail.
    #[must_use]
    pub(crate) fn last_died(&self) -> Self {
        let mut left = self.clone();
        let last = |known: &&RecentSend| self.climb.is_on(day_of(known.at()));
        if self.sends.iter().filter(last).count() == 1 {
            left.climb = self.climb.in_vain();
        }
        left
    }

    /// When each was reserved, oldest first.
    pub fn times(&self) -> impl DoubleEndedIterator<Item = Timestamp> + '_ {
        self.sends.iter().map(RecentSend::at)
    }

    /// How many of a campaign are remembered.
    pub fn of_campaign(&self, campaign: CampaignId) -> usize {
        let tag = tag(campaign);
        self.sends
            .iter()
            .filter(|send| send.campaign == tag)
            .count()
    }
}
