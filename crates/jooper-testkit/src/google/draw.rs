//! Chance without a stream: every drawn value is a function of the seed and of what it is for.
//!
//! So one more call elsewhere changes nothing here, and a restart draws the same again.

use aws_lc_rs::digest::{SHA256, digest};

/// Draws a number for the purpose that `key` names.
pub(crate) fn draw(seed: u64, key: &[&str]) -> u64 {
    let mut input = seed.to_be_bytes().to_vec();
    for part in key {
        input.extend_from_slice(&(part.len() as u64).to_be_bytes());
        input.extend_from_slice(part.as_bytes());
    }
    let hash = digest(&SHA256, &input);
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash.as_ref()[..8]);
    u64::from_be_bytes(first)
}

/// Draws below `bound`; 0 when the bound is 0.
pub(crate) fn below(seed: u64, key: &[&str], bound: u64) -> u64 {
    if bound == 0 {
        0
    } else {
        draw(seed, key) % bound
    }
}

/// Draws between both ends, inclusive.
pub(crate) fn between(seed: u64, key: &[&str], low: i64, high: i64) -> i64 {
    let span = high.saturating_sub(low).max(0) as u64;
    low.saturating_add(below(seed, key, span.saturating_add(1)) as i64)
}

/// True `per_mille` times in a thousand.
pub(crate) fn chance(seed: u64, key: &[&str], per_mille: u32) -> bool {
    below(seed, key, 1000) < u64::from(per_mille)
}

/// Draws one of the items.
pub(crate) fn pick<'a, T>(seed: u64, key: &[&str], items: &'a [T]) -> &'a T {
    &items[below(seed, key, items.len() as u64) as usize]
}

/// Draws lowercase hexadecimal text.
pub(crate) fn hex(seed: u64, key: &[&str], chars: usize) -> String {
    let mut text = String::new();
    let mut round = 0u32;
    while text.len() < chars {
        let tag = round.to_string();
        let mut parts = key.to_vec();
        parts.push(&tag);
        text.push_str(&format!("{:016x}", draw(seed, &parts)));
        round += 1;
    }
    text.truncate(chars);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_seed_and_on_every_part_of_the_key() {
        assert_eq!(draw(1, &["a", "b"]), draw(1, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(2, &["a", "b"]));
        assert_ne!(draw(1, &["ab", ""]), draw(1, &["a", "b"]));
        assert_eq!(hex(1, &["x"], 40).len(), 40);
    }

    #[test]
    fn chance_is_near_its_rate() {
        let hits = (0..2000)
            .filter(|n: &u32| chance(3, &[&n.to_string()], 250))
            .count();
        assert!((430..570).contains(&hits), "{hits}");
    }
}
