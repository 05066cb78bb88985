//! Chance as a function of its key, not of how often it was asked.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a draw decides; part of its key, so that two questions never share an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DrawPurpose {
    /// Which variant of a step a lead gets.
    Variant,
    /// How far a send moves from its earliest instant.
    Jitter,
    /// The pause after a send.
    Gap,
    /// Which way a random split goes.
    Split,
    /// Which mailbox a lead is assigned to.
    Mailbox,
    /// The pause before a retry.
    Backoff,
    /// Which id a lead's enrollment in a campaign gets.
    Enrollment,
    /// How a lead behaves in a forecast.
    Behavior,
}

/// A keyed source of chance: the same key draws the same number, in any process, any order.
///
/// After a crash, on another worker and in a forecast, the draw for (seed, subject, step,
/// purpose) is the same. Nothing here is secret and nothing here is for cryptography.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    seed: u64,
}

impl Draw {
    /// Draws for this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 64 uniform bits for this key.
    pub fn bits(&self, subject: Uuid, step: u16, purpose: DrawPurpose) -> u64 {
        let mut hash = Sha256::new();
        hash.update(b"jooper draw v1");
        hash.update(self.seed.to_be_bytes());
        hash.update(subject.as_bytes());
        hash.update(step.to_be_bytes());
        hash.update([purpose as u8]);
        let digest = hash.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first)
    }

    /// A uniform number below `bound`, or 0 when `bound` is 0.
    pub fn below(&self, bound: u64, subject: Uuid, step: u16, purpose: DrawPurpose) -> u64 {
        let wide = u128::from(self.bits(subject, step, purpose)) * u128::from(bound);
        (wide >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_draws_the_same_and_another_key_another() {
        let (draw, lead) = (Draw::new(7), Uuid::from_u128(1));
        let once = draw.bits(lead, 0, DrawPurpose::Jitter);
        assert_eq!(once, Draw::new(7).bits(lead, 0, DrawPurpose::Jitter));
        assert_ne!(once, draw.bits(lead, 1, DrawPurpose::Jitter));
        assert_ne!(once, draw.bits(lead, 0, DrawPurpose::Variant));
        assert_ne!(once, Draw::new(8).bits(lead, 0, DrawPurpose::Jitter));
    }

    #[test]
    fn a_bounded_draw_is_spread_over_its_range() {
        let draw = Draw::new(1);
        let mut seen = [0_u32; 3];
        for n in 0..3000 {
            seen[draw.below(3, Uuid::from_u128(n), 0, DrawPurpose::Variant) as usize] += 1;
        }
        assert!(
            seen.iter().all(|count| (900..1100).contains(count)),
            "{seen:?}"
        );
        assert_eq!(draw.below(0, Uuid::nil(), 0, DrawPurpose::Variant), 0);
    }
}
