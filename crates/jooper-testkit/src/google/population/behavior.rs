//! How somebody behaves: which mail they react to, with what, after how long.

use serde::{Deserialize, Serialize};

use super::super::draw::{below, between, pick};
use super::super::knobs::{HOUR, MINUTE, SECOND};
use super::{AwayStyle, BounceStyle, Inbound, Mood, ReplyForm};

/// One reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// What happens.
    pub act: Inbound,
    /// To which mail, counted from 1; 0 means to each.
    pub touch: u32,
    /// Virtual milliseconds after the mail arrives.
    pub after_ms: i64,
}

/// All reactions of one address; none means that it ignores everything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Behavior {
    /// The reactions.
    pub reactions: Vec<Reaction>,
    /// The language to write in; guessed from the domain when absent.
    #[serde(default)]
    pub locale: Option<String>,
}

impl Behavior {
    /// Never reacts.
    #[must_use]
    pub fn ignores() -> Self {
        Self::default()
    }

    /// Reacts once, to its first mail.
    #[must_use]
    pub fn once(act: Inbound, after_ms: i64) -> Self {
        Self::ignores().and(act, 1, after_ms)
    }

    /// Answers its first mail with interest, top-posting.
    #[must_use]
    pub fn replies(after_ms: i64) -> Self {
        Self::once(
            Inbound::Reply {
                mood: Mood::Interested,
                form: ReplyForm::TopPost,
            },
            after_ms,
        )
    }

    /// Every mail bounces, as Gmail reports it.
    #[must_use]
    pub fn bounces() -> Self {
        Self::ignores().and(Inbound::Bounce(BounceStyle::GmailModern), 0, 5 * SECOND)
    }

    /// Is away and says so to the first mail.
    #[must_use]
    pub fn away() -> Self {
        Self::once(Inbound::Away(AwayStyle::Gmail), MINUTE)
    }

    /// Presses the one-click button of its first mail.
    #[must_use]
    pub fn one_click(after_ms: i64) -> Self {
        Self::once(Inbound::OneClick, after_ms)
    }

    /// Adds a reaction.
    #[must_use]
    pub fn and(mut self, act: Inbound, touch: u32, after_ms: i64) -> Self {
        self.reactions.push(Reaction {
            act,
            touch,
            after_ms,
        });
        self
    }

    /// Sets the language.
    #[must_use]
    pub fn locale(mut self, locale: &str) -> Self {
        self.locale = Some(locale.to_owned());
        self
    }

    /// How an address behaves that nobody set: the same for the same seed, mix and address.
    #[must_use]
    pub fn draw(seed: u64, mix: &Mix, address: &str) -> Self {
        let key = |purpose: &'static str| ["person", purpose, address];
        let after = between(seed, &key("after"), mix.earliest_ms, mix.latest_ms);
        let touch = 1 + below(seed, &key("touch"), u64::from(mix.touches.max(1))) as u32;
        let mut left = below(seed, &key("kind"), 1000) as u32;
        let mut hit = |per_mille: u32| {
            let hit = left < per_mille;
            left = if hit {
                u32::MAX
            } else {
                left - per_mille.min(left)
            };
            hit
        };
        if hit(mix.reply) {
            let mood = *pick(
                seed,
                &key("mood"),
                &[Mood::Interested, Mood::Question, Mood::NotNow, Mood::No],
            );
            let form = *pick(seed, &key("form"), &FORMS);
            Self::ignores().and(Inbound::Reply { mood, form }, touch, after)
        } else if hit(mix.hard_bounce) {
            let style = *pick(seed, &key("bounce"), &BOUNCES);
            Self::ignores().and(Inbound::Bounce(style), 0, 5 * SECOND)
        } else if hit(mix.soft_bounce) {
            let delayed = Self::ignores().and(Inbound::Delay, touch, 4 * HOUR);
            let fails = below(seed, &key("fails"), 2) == 1;
            if fails {
                delayed.and(Inbound::Bounce(BounceStyle::GmailModern), touch, 46 * HOUR)
            } else {
                delayed
            }
        } else if hit(mix.away) {
            let style = *pick(
                seed,
                &key("away"),
                &[
                    AwayStyle::Gmail,
                    AwayStyle::Exchange,
                    AwayStyle::SubjectOnly,
                ],
            );
            Self::ignores().and(Inbound::Away(style), 1, MINUTE)
        } else if hit(mix.one_click) {
            Self::ignores().and(Inbound::OneClick, touch, after)
        } else if hit(mix.unsubscribe_text) {
            Self::ignores().and(Inbound::UnsubscribeText, touch, after)
        } else if hit(mix.unsubscribe_mail) {
            Self::ignores().and(Inbound::UnsubscribeMail, touch, after)
        } else if hit(mix.objection) {
            Self::ignores().and(Inbound::Objection, touch, after)
        } else if hit(mix.complaint) {
            Self::ignores().and(Inbound::Complaint, touch, after)
        } else if hit(mix.odd) {
            Self::ignores().and(pick(seed, &key("odd"), &ODD).clone(), touch, after)
        } else {
            Self::ignores()
        }
    }
}

const FORMS: [ReplyForm; 10] = [
    ReplyForm::TopPost,
    ReplyForm::TopPost,
    ReplyForm::Html,
    ReplyForm::Html,
    ReplyForm::BottomPost,
    ReplyForm::Alias,
    ReplyForm::Colleague,
    ReplyForm::NoReferences,
    ReplyForm::SubjectEdited,
    ReplyForm::Latin1,
];

const BOUNCES: [BounceStyle; 5] = [
    BounceStyle::GmailModern,
    BounceStyle::GmailModern,
    BounceStyle::GmailOld,
    BounceStyle::Postfix,
    BounceStyle::Exchange,
];

const ODD: [Inbound; 7] = [
    Inbound::ForwardThenReply,
    Inbound::QuotesFooter,
    Inbound::CalendarRequest,
    Inbound::Challenge,
    Inbound::ListDigest,
    Inbound::JunkedReply,
    Inbound::Oversized,
];

/// How many addresses in a thousand behave each way; the rest ignores everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Mix {
    /// A person answers.
    pub reply: u32,
    /// Every mail bounces.
    pub hard_bounce: u32,
    /// A delay notice; half of them fail in the end.
    pub soft_bounce: u32,
    /// Out of office.
    pub away: u32,
    /// One-click unsubscribe.
    pub one_click: u32,
    /// Unsubscribe by reply.
    pub unsubscribe_text: u32,
    /// Unsubscribe by mail to the listed address.
    pub unsubscribe_mail: u32,
    /// Objects to processing.
    pub objection: u32,
    /// Presses the spam button.
    pub complaint: u32,
    /// Something rarer: forwards, calendars, challenges, digests.
    pub odd: u32,
    /// Reactions come to one of the first so many mails.
    pub touches: u32,
    /// Soonest reaction in virtual milliseconds.
    pub earliest_ms: i64,
    /// Latest reaction in virtual milliseconds.
    pub latest_ms: i64,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            reply: 120,
            hard_bounce: 40,
            soft_bounce: 20,
            away: 60,
            one_click: 40,
            unsubscribe_text: 15,
            unsubscribe_mail: 10,
            objection: 10,
            complaint: 5,
            odd: 20,
            touches: 3,
            earliest_ms: 20 * MINUTE,
            latest_ms: 48 * HOUR,
        }
    }
}

impl Mix {
    /// Nobody reacts to anything.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            reply: 0,
            hard_bounce: 0,
            soft_bounce: 0,
            away: 0,
            one_click: 0,
            unsubscribe_text: 0,
            unsubscribe_mail: 0,
            objection: 0,
            complaint: 0,
            odd: 0,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_drawn_near_its_rates_and_the_same_again() {
        let mix = Mix {
            reply: 300,
            ..Mix::silent()
        };
        let people: Vec<Behavior> = (0..1000)
            .map(|n| Behavior::draw(5, &mix, &format!("p{n}@example.com")))
            .collect();
        let replies = people
            .iter()
            .filter(|b| {
                matches!(
                    b.reactions.first().map(|r| &r.act),
                    Some(Inbound::Reply { .. })
                )
            })
            .count();
        assert!((250..350).contains(&replies), "{replies}");
        assert_eq!(
            people.iter().filter(|b| b.reactions.is_empty()).count(),
            1000 - replies
        );
        assert_eq!(people[7], Behavior::draw(5, &mix, "p7@example.com"));
    }
}
