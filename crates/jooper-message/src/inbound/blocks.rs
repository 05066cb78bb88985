//! Sixty-four bytes looked at together: what is true of each of them, as the bits of one number.

/// How many bytes are looked at together.
pub(super) const BLOCK: usize = 64;

/// Which of the 64 bytes at `at` something is true of, the first one as the lowest bit; behind the end
/// stand zeros.
#[inline]
pub(super) fn which(bytes: &[u8], at: usize, is: impl Fn(u8) -> bool + Copy) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return among(block, is);
    }
    if let Some(block) = bytes.last_chunk() {
        return among(block, is).unbounded_shr((BLOCK - rest.len()) as u32);
    }
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    among(&block, is)
}

/// Asks without a branch a byte, so that sixteen are asked together: the compiler does so where the question
/// is a range (`byte.wrapping_sub(from) < len`) or two comparisons, and not for a single one.
#[inline]
fn among(block: &[u8; BLOCK], is: impl Fn(u8) -> bool + Copy) -> u64 {
    const ROW: usize = BLOCK / 4;
    let mut told = [0_u8; ROW];
    for (nth, told) in told.iter_mut().enumerate() {
        let bit = |row: usize| {
            if is(block[row * ROW + nth]) {
                1 << (2 * row)
            } else {
                0
            }
        };
        *told = bit(0) | bit(1) | bit(2) | bit(3);
    }
    // Now the bits of a byte stand 8 bytes of the block apart.
    let both = u128::from_le_bytes(told);
    turned(both as u64 | ((both >> 64) as u64) << 1)
}

/// Turns eight rows of eight bits over, so that rows become columns.
#[inline]
fn turned(mut bits: u64) -> u64 {
    for (by, of) in [
        (7, 0x00aa_00aa_00aa_00aa),
        (14, 0x0000_cccc_0000_cccc),
        (28, 0x0000_0000_f0f0_f0f0),
    ] {
        let other = (bits ^ (bits >> by)) & of;
        bits ^= other ^ (other << by);
    }
    bits
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
    }
}
