//! What a person's reply means for a sequence: interested, not now, wrong person, and so on.
//!
//! [`ReplyClassifier`] is the seam: an installation may put its own judge behind it. The default,
//! [`PhraseClassifier`], runs offline, is deterministic, shows its evidence, and rather says nothing
//! than guesses. Gmail-derived text leaves the process through no classifier of this crate (L15).
//!
//! ```
//! use jooper_message::inbound::intent::{Intent, PhraseClassifier, ReplyClassifier};
//!
//! let verdict = PhraseClassifier::new().intent("Not the right person, please write to Ana Ruiz (ana@example.com).");
//! assert_eq!(verdict.intent, Some(Intent::WrongPerson));
//! assert_eq!(verdict.referral.unwrap().address.as_deref(), Some("ana@example.com"));
//! ```

mod decide;
mod features;
mod follow_up;
mod languages;
mod referral;

pub(super) use features::names_a_day;

pub use follow_up::FollowUp;
pub use referral::Referral;

use std::fmt::Debug;
use std::ops::Range;

/// What a reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Intent {
    /// Wants to know or have more.
    Interested,
    /// Not at this time; later may be fine.
    NotNow,
    /// Declines.
    NotInterested,
    /// Someone else is responsible.
    WrongPerson,
    /// Asks something before anything else.
    Question,
    /// Wants no more mail.
    Unsubscribe,
    /// Proposes or accepts a time to talk.
    Meeting,
}

impl Intent {
    /// A stable lower-case name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interested => "interested",
            Self::NotNow => "not_now",
            Self::NotInterested => "not_interested",
            Self::WrongPerson => "wrong_person",
            Self::Question => "question",
            Self::Unsubscribe => "unsubscribe",
            Self::Meeting => "meeting",
        }
    }
}

/// One reason for a verdict. Holds no word of the reply, only where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntentEvidence {
    /// What it speaks for.
    pub intent: Intent,
    /// The table's phrase, or the name of the structural sign.
    pub sign: &'static str,
    /// Where it stands, in bytes of the reply.
    pub span: Range<usize>,
    /// How much it weighs; negated phrases speak for the opposite.
    pub weight: u8,
}

impl IntentEvidence {
    /// Whether no phrase of a table spoke, but the shape of the text.
    pub(super) fn is_structural(&self) -> bool {
        features::STRUCTURAL.contains(&self.sign)
    }
}

/// What a classifier found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntentVerdict {
    /// The intent, or none when the classifier abstains.
    pub intent: Option<Intent>,
    /// How sure it is, in thousandths (0 to 1000); 0 when it abstains.
    pub confidence: u16,
    /// Why, strongest first.
    pub evidence: Vec<IntentEvidence>,
    /// Whom the sender names instead of themselves; only with [`Intent::WrongPerson`].
    pub referral: Option<Referral>,
    /// When to come back; only with [`Intent::NotNow`].
    pub follow_up: Option<FollowUp>,
}

/// Judges what a person meant by a reply.
///
/// Called with the visible text only: no quotes, no signature. Implementations must give the same
/// answer for the same text and must not send it anywhere without the customer's opt-in (L10, L15).
pub trait ReplyClassifier: Debug + Send + Sync {
    /// Judges one reply.
    fn intent(&self, reply: &str) -> IntentVerdict;
}

/// The embedded classifier: weighted phrases per language, negation, and a few structural signs.
#[derive(Debug, Clone, Copy, Default)]
pub struct PhraseClassifier {
    _private: (),
}

impl PhraseClassifier {
    /// Returns the classifier; its tables are part of the program.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl ReplyClassifier for PhraseClassifier {
    fn intent(&self, reply: &str) -> IntentVerdict {
        decide::decide(reply)
    }
}

/// Whether a reply has an intent that `counts` agrees to.
pub(super) fn has(reply: &str, counts: impl FnOnce(&IntentVerdict) -> bool) -> bool {
    decide::decide_where(reply, counts).is_some()
}

#[cfg(test)]
mod tests;
