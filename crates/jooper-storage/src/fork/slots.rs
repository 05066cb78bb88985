//! Rows by their keys, found at once however many there are.
//!
//! The hash is the same in every run, and rows are listed in the order in which they came, so that
//! nothing here depends on chance (law L10).

use super::bytes::PackedKey;

/// A row as bytes; `None`: known to be absent.
pub(super) type Bytes = Option<Box<[u8]>>;

#[derive(Debug)]
struct Slot {
    key: PackedKey,
    row: Bytes,
}

/// Where a row may be: the hash of its key, and one more than its slot; 0 in a free place.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    hash: u32,
    slot: u32,
}

/// Rows in slots, and open addressing over them: at most five of eight places are taken.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    places: Vec<Place>,
    taken: usize,
}

const FEWEST: usize = 16;

fn hash(key: &[u8]) -> u32 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = key.len() as u64;
    let mut add = |word: u64| {
        hash = (hash ^ word).wrapping_mul(SPREAD);
        hash ^= hash >> 29;
    };
    let (words, rest) = key.as_chunks::<8>();
    for word in words {
        add(u64::from_le_bytes(*word));
    }
    add(rest
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte)));
    let [.., a, b, c, d] = hash.wrapping_mul(SPREAD).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

impl Slots {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            places: Vec::new(),
            taken: 0,
        }
    }

    const fn mask(&self) -> usize {
        self.places.len().wrapping_sub(1)
    }

    /// The place of a key and its slot; else the free place where it would stand.
    fn place(&self, hash: u32, key: &[u8]) -> Result<(usize, usize), usize> {
        let mut at = hash as usize & self.mask();
        loop {
            let place = self.places[at];
            let Some(slot) = place.slot.checked_sub(1) else {
                return Err(at);
            };
            let slot = slot as usize;
            if place.hash == hash && self.slots[slot].as_ref().is_some_and(|s| *s.key == *key) {
                return Ok((at, slot));
            }
            at = (at + 1) & self.mask();
        }
    }

    /// What is known of a row, if anything is.
    pub(super) fn find(&self, key: &[u8]) -> Option<&Bytes> {
        if self.places.is_empty() {
            return None;
        }
        let (_, slot) = self.place(hash(key), key).ok()?;
        self.slots[slot].as_ref().map(|slot| &slot.row)
    }

    /// Keeps a row, and returns the one that stood there.
    pub(super) fn insert(&mut self, key: &[u8], row: Bytes) -> Bytes {
        self.make_room();
        let hash = hash(key);
        match self.place(hash, key) {
            Ok((_, slot)) => self.slots[slot]
                .as_mut()
                .and_then(|slot| std::mem::replace(&mut slot.row, row)),
            Err(at) => {
                let slot = Some(Slot {
                    key: PackedKey::of(key),
                    row,
                });
                let number = match self.free.pop() {
                    Some(number) => {
                        self.slots[number as usize - 1] = slot;
                        number
                    }
                    None => {
                        self.slots.push(slot);
                        u32::try_from(self.slots.len()).expect("a fork has fewer rows than that")
                    }
                };
                self.places[at] = Place { hash, slot: number };
                self.taken += 1;
                None
            }
        }
    }

    /// Forgets a row, and returns it.
    pub(super) fn remove(&mut self, key: &[u8]) -> Bytes {
        if self.places.is_empty() {
            return None;
        }
        let (at, slot) = self.place(hash(key), key).ok()?;
        self.taken -= 1;
        self.free.push(self.places[at].slot);
        self.close_up(at);
        self.slots[slot].take().and_then(|slot| slot.row)
    }

    /// Every row that is there, in the order of the slots.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> + '_ {
        let slots = self.slots.iter().flatten();
        slots.filter_map(|slot| slot.row.as_deref())
    }

    fn make_room(&mut self) {
        if (self.taken + 1) * 8 <= self.places.len() * 5 {
            return;
        }
        let wider = vec![Place::default(); (self.places.len() * 2).max(FEWEST)];
        let places = std::mem::replace(&mut self.places, wider);
        for place in places.into_iter().filter(|place| place.slot > 0) {
            let mut at = place.hash as usize & self.mask();
            while self.places[at].slot > 0 {
                at = (at + 1) & self.mask();
            }
            self.places[at] = place;
        }
    }

    /// Moves back what stands behind a place that becomes free, where it is then found sooner.
    fn close_up(&mut self, mut gap: usize) {
        let mask = self.mask();
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let place = self.places[at];
            if place.slot == 0 {
                break;
            }
            let home = place.hash as usize & mask;
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(gap) & mask) {
                self.places[gap] = place;
                gap = at;
            }
        }
        self.places[gap] = Place::default();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jooper_core::{Draw, DrawPurpose};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn it_holds_what_a_sorted_map_holds_whatever_is_done_to_it() {
        let draw = Draw::new(3);
        let mut slots = Slots::new();
        let mut known: BTreeMap<Vec<u8>, Bytes> = BTreeMap::new();
        for step in 0..20_000_u16 {
            let below =
                |bound, n: u128| draw.below(bound, Uuid::from_u128(n), step, DrawPurpose::Jitter);
            // Few keys at first and many later, short ones and one that is too long to stand in place.
            let key = below(1 + u64::from(step) / 16, 1).to_be_bytes();
            let key = key.repeat(if key[7] == 7 { 9 } else { 1 });
            match below(5, 2) {
                0 | 1 => {
                    let old = known.remove(&key).flatten();
                    assert_eq!(slots.remove(&key), old);
                }
                what => {
                    let row: Bytes = (what > 2).then(|| step.to_be_bytes().into());
                    let old = known.insert(key.clone(), row.clone()).flatten();
                    assert_eq!(slots.insert(&key, row), old);
                }
            }
            assert_eq!(slots.find(&key), known.get(&key));
            let other = below(1_300, 3).to_be_bytes();
            assert_eq!(slots.find(&other), known.get(other.as_slice()));
        }
        let mut rows: Vec<&[u8]> = slots.rows().collect();
        let mut same: Vec<&[u8]> = known.values().flatten().map(|row| &**row).collect();
        rows.sort_unstable();
        same.sort_unstable();
        assert_eq!(rows, same);
        assert!(slots.slots.len() <= 2_000, "freed slots are used again");
    }
}
