//! One table of one scope, as far as a fork knows it.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::bytes::{self, Buffer, Cells, PackedPlace};
use super::slots::Slots;
use crate::{Key, Row, Scan, StoreError, TableDef, Value};

/// How a table of the store beneath is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Known {
    /// Nobody has looked yet.
    #[default]
    Nothing,
    /// It is large: rows that are not here are asked for.
    Parts,
    /// Every row is here: what is not here does not exist.
    Whole,
}

/// An index, made when a scan first asks for it, and forgotten when none asks for it any more.
#[derive(Debug)]
struct Index {
    /// `None`: the key's own order.
    name: Option<&'static str>,
    order: Vec<usize>,
    /// The slot of the row at each place.
    places: BTreeMap<PackedPlace, u32>,
    /// Slots whose rows changed since the last scan, each with the place at which it stands here: a row
    /// that changes thrice between two scans is moved once, one that comes and goes never.
    moved: BTreeMap<u32, Option<PackedPlace>>,
}

/// So many rows may have moved, or a quarter of all, before an index that no scan asks for is forgotten.
const MOST_MOVED: usize = 1024;

#[derive(Debug)]
pub(super) struct Table {
    pub(super) def: &'static TableDef,
    pub(super) known: Known,
    /// Rows by key; `None` where it is known that there is none.
    rows: Slots,
    indexes: Vec<Index>,
}

/// What a scan found here.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The columns that the order is made of, where there are more.
    pub(super) order: Vec<usize>,
    /// Rows with their places in the order, at most as many as were asked for.
    pub(super) rows: Vec<(Option<Buffer>, Row)>,
    /// Whether there are more.
    pub(super) more: bool,
}

impl Index {
    /// Remembers that a row is not at its place any more.
    fn change(&mut self, slot: u32, old: Option<&Cells<'_>>, row: Option<&Row>) {
        if let (Some(old), Some(row)) = (old, row)
            && old.same(&row.values, &self.order)
        {
            return;
        }
        let stands = old.map(|old| PackedPlace::of(&old.place(&self.order)));
        self.moved.insert(slot, stands);
    }

    /// Moves every row that has changed to where it stands now.
    fn catch_up(&mut self, rows: &Slots, columns: usize) {
        let mut places = Vec::with_capacity(self.moved.len());
        // All go before any comes: a key may have left one slot for another.
        for (slot, stood) in std::mem::take(&mut self.moved) {
            let row = rows.at(slot).map(|row| Cells::of(row, columns));
            let stands = row.map(|row| row.place(&self.order));
            if stood.as_deref() == stands.as_deref() {
                continue;
            }
            if let Some(stood) = stood {
                self.places.remove(&*stood);
            }
            places.extend(stands.map(|place| (PackedPlace::of(&place), slot)));
        }
        self.places.extend(places);
    }

    /// Whether it is worth being kept.
    fn is_asked_for(&self) -> bool {
        self.moved.len() <= MOST_MOVED.max(self.places.len() / 4)
    }
}

impl Table {
    pub(super) const fn new(def: &'static TableDef) -> Self {
        Self {
            def,
            known: Known::Nothing,
            rows: Slots::new(),
            indexes: Vec::new(),
        }
    }

    /// The row's bytes. The outer `None`: ask beneath.
    pub(super) fn find(&self, key: &Key) -> Option<Option<&[u8]>> {
        match self.rows.find(key.values()) {
            None if self.known == Known::Whole => Some(None),
            found => found,
        }
    }

    pub(super) fn read(&self, row: &[u8]) -> Row {
        bytes::read(row, self.def.columns.len())
    }

    /// Takes over what the store beneath says, unless something newer is here.
    pub(super) fn learn(&mut self, key: &[Value], row: Option<&Row>) {
        if self.rows.find(key).is_none() {
            self.set(key, row);
        }
    }

    pub(super) fn learn_row(&mut self, row: &Row) {
        self.learn(&row.values[..self.def.key_len], Some(row));
    }

    pub(super) fn set(&mut self, key: &[Value], row: Option<&Row>) {
        let (indexes, columns) = (&mut self.indexes, self.def.columns.len());
        let change = |slot: u32, old: Option<&[u8]>| {
            let mut cells = None;
            let stands = |index: &&mut Index| !index.moved.contains_key(&slot);
            for index in indexes.iter_mut().filter(stands) {
                if cells.is_none() {
                    cells = old.map(|old| Cells::of(old, columns));
                }
                index.change(slot, cells.as_ref(), row);
            }
            indexes.retain(Index::is_asked_for);
        };
        if row.is_none() && self.known == Known::Whole {
            self.rows.remove(key, change);
        } else {
            self.rows.set(key, row, change);
        }
    }

    /// Every row that is here.
    pub(super) fn all(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows.rows().map(|(_, row)| self.read(row))
    }

    /// Whether the store beneath has no say about this row any more.
    pub(super) fn covers(&self, row: &Row) -> bool {
        self.rows.find(&row.values[..self.def.key_len]).is_some()
    }

    /// The index that a scan walks as it is now, made if need be.
    ///
    /// # Errors
    /// As [`Scan::order`].
    fn index(&mut self, scan: &Scan) -> Result<&Index, StoreError> {
        let columns = self.def.columns.len();
        let known = self.indexes.iter().position(|one| one.name == scan.index);
        let at = match known {
            Some(at) => {
                scan.fits(&self.indexes[at].order)?;
                self.indexes[at].catch_up(&self.rows, columns);
                at
            }
            None => {
                let order = scan.order()?;
                let place = |row| PackedPlace::of(&Cells::of(row, columns).place(&order));
                let rows = self.rows.rows();
                let places = rows.map(|(slot, row)| (place(row), slot)).collect();
                self.indexes.push(Index {
                    name: scan.index,
                    order,
                    places,
                    moved: BTreeMap::new(),
                });
                self.indexes.len() - 1
            }
        };
        Ok(&self.indexes[at])
    }

    /// What of a scan is here, in order; with the places when others are to come between.
    ///
    /// # Errors
    /// As [`Scan::order`].
    pub(super) fn scan(&mut self, scan: &Scan, with_places: bool) -> Result<Scanned, StoreError> {
        self.index(scan)?;
        let (start, end) = bounds(scan);
        let mut found = Scanned::default();
        let index = self.indexes.iter().find(|index| index.name == scan.index);
        let Some(index) = index else {
            return Ok(found);
        };
        let range = (as_slice(&start), Bound::Unbounded);
        for (place, slot) in index.places.range::<[u8], _>(range) {
            if **place >= *end {
                break;
            }
            found.more = found.rows.len() == scan.limit;
            if found.more {
                found.order.clone_from(&index.order);
                break;
            }
            if let Some(row) = self.rows.at(*slot) {
                let place = with_places.then(|| Buffer::of(place));
                found.rows.push((place, self.read(row)));
            }
        }
        Ok(found)
    }
}

fn as_slice(bound: &Bound<Buffer>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(at) => Bound::Included(at),
        Bound::Excluded(at) => Bound::Excluded(at),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// Where a scan begins, and the first place behind it.
fn bounds(scan: &Scan) -> (Bound<Buffer>, Buffer) {
    let prefix = bytes::ordered(&scan.prefix);
    let with = |value: &Value, behind: bool| {
        let mut at = prefix.clone();
        bytes::order(value, &mut at);
        if behind {
            at.push(bytes::BEHIND);
        }
        at
    };
    let start = match (&scan.after, &scan.range.0) {
        (Some(after), _) => Bound::Excluded(bytes::ordered(after)),
        (None, Bound::Included(from)) => Bound::Included(with(from, false)),
        (None, Bound::Excluded(from)) => Bound::Included(with(from, true)),
        (None, Bound::Unbounded) => Bound::Included(prefix.clone()),
    };
    let end = match &scan.range.1 {
        Bound::Included(to) => with(to, true),
        Bound::Excluded(to) => with(to, false),
        Bound::Unbounded => {
            let mut end = prefix;
            end.push(bytes::BEHIND);
            end
        }
    };
    (start, end)
}
