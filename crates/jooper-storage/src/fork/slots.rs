//! Rows by their keys, found at once however many there are.
//!
//! The hash is the same in every run, and rows are listed in the order in which they came, so that
//! nothing here depends on chance (law L10). A row's own cells tell its key: it is not kept beside
//! them.

use super::bytes;
use crate::{Row, Value};

/// Where a row may be: the hash of its key, and one more than its slot; 0 in a free place.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    hash: u32,
    slot: u32,
}

/// Rows in slots, and open addressing over them: at most five of eight places are taken.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Option<Box<[u8]>>>,
    free: Vec<u32>,
    places: Vec<Place>,
    taken: usize,
    /// Where rows are written before they are stored, as long as they are.
    draft: Vec<u8>,
}

const FEWEST: usize = 16;

fn hash(key: &[Value]) -> u32 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = key.len() as u64;
    let mut add = |word: u64| {
        hash = (hash ^ word).wrapping_mul(SPREAD);
        hash ^= hash >> 29;
    };
    let mut words = |bytes: &[u8]| {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            add(u64::from_le_bytes(*word));
        }
        let rest = rest.iter().fold(bytes.len() as u64, |word, byte| {
            word.rotate_left(8) ^ u64::from(*byte)
        });
        add(rest);
    };
    for value in key {
        match value {
            Value::Null => words(&[]),
            Value::Int(n) => words(&n.to_le_bytes()),
            Value::Id(id) => words(id.as_bytes()),
            Value::Text(text) => words(text.as_bytes()),
            Value::Bytes(bytes) => words(bytes),
        }
    }
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
            draft: Vec::new(),
        }
    }

    const fn mask(&self) -> usize {
        self.places.len().wrapping_sub(1)
    }

    /// The place of a key and its slot; else the free place where it would stand.
    fn place(&self, hash: u32, key: &[Value]) -> Result<(usize, usize), usize> {
        let mut at = hash as usize & self.mask();
        loop {
            let place = self.places[at];
            let Some(slot) = place.slot.checked_sub(1) else {
                return Err(at);
            };
            let slot = slot as usize;
            let is = |row: &[u8]| bytes::has_key(row, key);
            if place.hash == hash && self.slots[slot].as_deref().is_some_and(is) {
                return Ok((at, slot));
            }
            at = (at + 1) & self.mask();
        }
    }

    /// What is known of a row, if anything is: its bytes, or that there is none.
    pub(super) fn find(&self, key: &[Value]) -> Option<Option<&[u8]>> {
        if self.places.is_empty() {
            return None;
        }
        let (_, slot) = self.place(hash(key), key).ok()?;
        self.slots[slot].as_deref().map(present)
    }

    /// The row in a slot, if there is one.
    pub(super) fn at(&self, slot: u32) -> Option<&[u8]> {
        self.slots.get(slot as usize)?.as_deref().and_then(present)
    }

    /// Keeps a row, or that there is none of this key. `change` is shown the slot and the row that
    /// stood there before.
    pub(super) fn set(
        &mut self,
        key: &[Value],
        row: Option<&Row>,
        change: impl FnOnce(u32, Option<&[u8]>),
    ) {
        self.make_room();
        let hash = hash(key);
        bytes::row(key, row, &mut self.draft);
        let new = self.draft.as_slice();
        match self.place(hash, key) {
            Ok((_, slot)) => {
                let number = slot as u32;
                let old = &mut self.slots[slot];
                change(number, old.as_deref().and_then(present));
                match old {
                    // Most changes leave a row as long as it was.
                    Some(old) if old.len() == new.len() => old.copy_from_slice(new),
                    old => *old = Some(new.into()),
                }
            }
            Err(at) => {
                let slot = self.free.pop().unwrap_or_else(|| {
                    self.slots.push(None);
                    u32::try_from(self.slots.len() - 1).expect("a fork has fewer rows than that")
                });
                change(slot, None);
                self.slots[slot as usize] = Some(new.into());
                self.places[at] = Place {
                    hash,
                    slot: slot + 1,
                };
                self.taken += 1;
            }
        }
    }

    /// Forgets what is known of a key. `change` is shown the slot and the row that stood there.
    pub(super) fn remove(&mut self, key: &[Value], change: impl FnOnce(u32, Option<&[u8]>)) {
        if self.places.is_empty() {
            return;
        }
        let Ok((at, slot)) = self.place(hash(key), key) else {
            return;
        };
        change(slot as u32, self.slots[slot].as_deref().and_then(present));
        self.taken -= 1;
        self.free.push(slot as u32);
        self.close_up(at);
        self.slots[slot] = None;
    }

    /// Every row that is there with its slot, in the order of the slots.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, &[u8])> + '_ {
        let slots = (0_u32..).zip(&self.slots);
        slots.filter_map(|(slot, row)| Some((slot, present(row.as_deref()?)?)))
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

/// A row; none where its bytes say that there is none.
fn present(row: &[u8]) -> Option<&[u8]> {
    Some(row).filter(|row| !bytes::is_absent(row))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jooper_core::{Draw, DrawPurpose};
    use uuid::Uuid;

    use super::*;

    fn key_of(n: u64) -> Vec<Value> {
        let bytes = n.to_be_bytes().to_vec();
        // Short ones, long ones, and ones of two values.
        match n % 5 {
            0 => vec![Value::Bytes(bytes.repeat(9)), Value::Null],
            1 => vec![Value::Id(Uuid::from_u128(n.into())), Value::Int(-1)],
            2 => vec![Value::Text(n.to_string()), Value::Int(n as i64)],
            _ => vec![Value::Int(n as i64), Value::Bytes(bytes)],
        }
    }

    #[test]
    fn it_holds_what_a_sorted_map_holds_whatever_is_done_to_it() {
        let draw = Draw::new(3);
        let mut slots = Slots::new();
        let mut known: BTreeMap<Vec<Value>, Option<Row>> = BTreeMap::new();
        let read = |row: Option<&[u8]>| row.map(|row| bytes::read(row, 3));
        for step in 0..20_000_u16 {
            let below =
                |bound, n: u128| draw.below(bound, Uuid::from_u128(n), step, DrawPurpose::Jitter);
            // Few keys at first and many later.
            let key = key_of(below(1 + u64::from(step) / 16, 1));
            let mut old = None;
            match below(5, 2) {
                0 | 1 => {
                    let before = known.remove(&key).flatten();
                    slots.remove(&key, |_, row| old = read(row));
                    assert_eq!(old, before);
                }
                what => {
                    let more = Value::Int(i64::from(step) << below(8, 4));
                    let values = [key.clone(), vec![more]].concat();
                    let version = 1 + u64::from(step);
                    let row = (what > 2).then_some(Row { values, version });
                    let before = known.insert(key.clone(), row.clone()).flatten();
                    let mut slot = 0;
                    slots.set(&key, row.as_ref(), |number, row| {
                        (slot, old) = (number, read(row));
                    });
                    assert_eq!(old, before);
                    assert_eq!(read(slots.at(slot)), row);
                }
            }
            let found = slots.find(&key).map(read);
            assert_eq!(found, known.get(&key).cloned());
            let other = key_of(below(1_300, 3));
            let found = slots.find(&other).map(read);
            assert_eq!(found, known.get(&other).cloned());
        }
        let mut rows: Vec<Row> = slots.rows().map(|(_, row)| bytes::read(row, 3)).collect();
        let same: Vec<Row> = known.into_values().flatten().collect();
        rows.sort_by(|one, other| one.values.cmp(&other.values));
        assert_eq!(rows, same);
        assert!(slots.slots.len() <= 2_000, "freed slots are used again");
    }
}
