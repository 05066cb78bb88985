//! Chance from the seed alone.

use jooper_core::{Draw, DrawPurpose};
use uuid::Uuid;

/// What a stream of chance decides. Each has its own, so that one more question of one kind does
/// not change the answers of another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Who runs next, who crashes, who is frozen.
    Schedule = 1,
    /// Faults of the store.
    Store = 2,
    /// Faults and delays of the provider.
    Provider = 3,
    /// What people do.
    Population = 4,
    /// How time passes and clocks jump.
    Clock = 5,
    /// When the office and the recipients press buttons.
    Office = 6,
    /// Which errands break off, and who does theirs again.
    Errands = 7,
}

/// A stream of numbers (SplitMix64) that begins at a keyed draw of the seed.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let subject = Uuid::from_u128(stream as u128);
        Self(Draw::new(seed).bits(subject, 0, DrawPurpose::Split))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// Whether one of `n` equal chances came up.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}
