//! Sixty-four bytes looked at together: what is true of each of them, as the bits of one number.

use wide::u8x16;

/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// How many of them one instruction looks at.
const ROW: usize = 16;

/// Which of the 64 bytes at `at` something is true of, the first one as the lowest bit; behind the end
/// stand zeros.
#[inline]
pub(super) fn which(bytes: &[u8], at: usize, is: impl Fn(u8) -> bool + Copy) -> u64 {
    let mut padded;
    let (block, behind) = match bytes.get(at..).unwrap_or_default().first_chunk() {
        Some(block) => (block, 0),
        None => {
            padded = [0; BLOCK];
            last_block(bytes, at, &mut padded)
        }
    };
    among(block, is).unbounded_shr(behind)
}

/// The last block of `bytes`, of which less than a block stands at `at` and behind it, with how many of its bytes
/// stand before `at`. There is one for all questions, so that each is built once.
#[inline(never)]
fn last_block<'b>(
    bytes: &'b [u8],
    at: usize,
    padded: &'b mut [u8; BLOCK],
) -> (&'b [u8; BLOCK], u32) {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(block) = bytes.last_chunk() {
        return (block, (BLOCK - rest.len()) as u32);
    }
    let start = BLOCK - rest.len();
    padded[start..].copy_from_slice(rest);
    (padded, start as u32)
}

/// Asks without a branch a byte, so that sixteen are asked together.
#[inline(always)]
fn among(block: &[u8; BLOCK], is: impl Fn(u8) -> bool + Copy) -> u64 {
    row(block, 0, is) | row(block, 1, is) | row(block, 2, is) | row(block, 3, is)
}

/// How many bytes half a block has.
pub(super) const HALF: usize = BLOCK / 2;

/// Does what [`which`] does for the bytes of half a block.
#[inline]
pub(super) fn which_half(half: &[u8; HALF], is: impl Fn(u8) -> bool + Copy) -> u32 {
    (row(half, 0, is) | row(half, 1, is)) as u32
}

/// Which bytes of row `nth` something is true of, at the place that it has in the block.
#[inline(always)]
fn row(bytes: &[u8], nth: usize, is: impl Fn(u8) -> bool) -> u64 {
    let mut told = [0_u8; ROW];
    for (told, byte) in told.iter_mut().zip(&bytes[nth * ROW..][..ROW]) {
        *told = if is(*byte) { u8::MAX } else { 0 };
    }
    u64::from(u8x16::new(told).to_bitmask()) << (nth * ROW)
}

/// The places of the bytes that something is true of, in order.
pub(super) struct Places<'b, F> {
    bytes: &'b [u8],
    is: F,
    /// Where the block begins that is looked at.
    block: usize,
    /// Which of its places were not told yet.
    bits: u64,
}

impl<'b, F: Fn(u8) -> bool + Copy> Places<'b, F> {
    #[inline]
    pub(super) fn new(bytes: &'b [u8], is: F) -> Self {
        Self {
            bytes,
            is,
            block: 0,
            bits: which(bytes, 0, is),
        }
    }
}

impl<F: Fn(u8) -> bool + Copy> Iterator for Places<'_, F> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.block += BLOCK;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.bits = which(self.bytes, self.block, self.is);
        }
        let at = self.block + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(at)
    }
}

/// Runs of bytes that something is true of, best asked for in order.
pub(super) struct Runs<'b, F> {
    bytes: &'b [u8],
    is: F,
    /// Where the block begins that was looked at, and what was told of it.
    block: usize,
    bits: u64,
}

impl<'b, F: Fn(u8) -> bool + Copy> Runs<'b, F> {
    #[inline]
    pub(super) fn new(bytes: &'b [u8], is: F) -> Self {
        Self {
            bytes,
            is,
            block: 0,
            bits: which(bytes, 0, is),
        }
    }

    /// Returns where the run ends that begins at `at`: there, where the byte is none of it.
    #[inline]
    pub(super) fn end(&mut self, mut at: usize) -> usize {
        loop {
            // Also where it was asked for a later one before.
            if at.wrapping_sub(self.block) >= BLOCK {
                self.block = at;
                self.bits = which(self.bytes, at, self.is);
            }
            at += (self.bits >> (at - self.block)).trailing_ones() as usize;
            if at - self.block < BLOCK {
                return at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_place_has_its_bit(bytes in "[abc ]{0,200}", at in 0_usize..220) {
            let bytes = bytes.as_bytes();
            let plain = |is: fn(u8) -> bool| {
                (0..BLOCK).filter(|nth| bytes.get(at + nth).is_some_and(|byte| is(*byte)))
                    .fold(0, |all, nth| all | 1_u64 << nth)
            };
            prop_assert_eq!(which(bytes, at, |byte| byte == b'a'), plain(|byte| byte == b'a'));
            prop_assert_eq!(which(bytes, at, |byte| byte > b' '), plain(|byte| byte > b' '));
        }

        #[test]
        fn every_place_and_every_run_is_told(text in "[ab]{0,5}(a{60,70}|b{60,70}){0,2}[ab]{0,9}") {
            let bytes = text.as_bytes();
            let is = |byte: u8| byte == b'a';
            let places: Vec<usize> = (0..bytes.len()).filter(|at| is(bytes[*at])).collect();
            prop_assert_eq!(Places::new(bytes, is).collect::<Vec<_>>(), places);
            let mut runs = Runs::new(bytes, is);
            for at in 0..=bytes.len() {
                let run = bytes[at..].iter().take_while(|byte| is(**byte)).count();
                prop_assert_eq!(runs.end(at), at + run);
            }
        }
    }
}
