//! One table of one scope, as far as a fork knows it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::bytes::{self, PackedKey, PackedPlace};
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

/// An index, made when a scan first asks for it.
#[derive(Debug)]
struct Index {
    order: Vec<usize>,
    /// Where the key's columns stand in that order.
    key: Vec<usize>,
    places: BTreeSet<PackedPlace>,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) def: &'static TableDef,
    pub(super) known: Known,
    /// Rows by key; `None` where it is known that there is none.
    rows: BTreeMap<PackedKey, Option<Box<[u8]>>>,
    indexes: BTreeMap<&'static str, Index>,
}

/// What a scan found here.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rows with their places in the order, at most as many as were asked for.
    pub(super) rows: Vec<(Vec<u8>, Row)>,
    /// Whether there are more.
    pub(super) more: bool,
}

impl Table {
    pub(super) const fn new(def: &'static TableDef) -> Self {
        Self {
            def,
            known: Known::Nothing,
            rows: BTreeMap::new(),
            indexes: BTreeMap::new(),
        }
    }

    /// The row's bytes. The outer `None`: ask beneath.
    pub(super) fn find(&self, key: &Key) -> Option<Option<&[u8]>> {
        match self.rows.get(bytes::ordered(key.values()).as_slice()) {
            Some(row) => Some(row.as_deref()),
            None if self.known == Known::Whole => Some(None),
            None => None,
        }
    }

    pub(super) fn read(&self, row: &[u8]) -> Row {
        bytes::read(row, self.def.columns.len())
    }

    /// Takes over what the store beneath says, unless something newer is here.
    pub(super) fn learn(&mut self, key: &[Value], row: Option<&Row>) {
        if !self.rows.contains_key(bytes::ordered(key).as_slice()) {
            self.set(key, row);
        }
    }

    pub(super) fn learn_row(&mut self, row: &Row) {
        self.learn(&row.values[..self.def.key_len], Some(row));
    }

    pub(super) fn set(&mut self, key: &[Value], row: Option<&Row>) {
        let key = PackedKey::of(&bytes::ordered(key));
        let new = row.map(bytes::row);
        let old = match self.rows.entry(key) {
            Entry::Occupied(stored) if new.is_none() && self.known == Known::Whole => {
                stored.remove()
            }
            Entry::Occupied(mut stored) => stored.insert(new),
            Entry::Vacant(_) if new.is_none() && self.known == Known::Whole => None,
            Entry::Vacant(free) => {
                free.insert(new);
                None
            }
        };
        let columns = self.def.columns.len();
        for index in self.indexes.values_mut() {
            let old = old.as_deref();
            let old = old.map(|old| bytes::place(old, &index.order, columns));
            let new = row.map(|row| bytes::ordered(index.order.iter().map(|at| &row.values[*at])));
            if old == new {
                continue;
            }
            if let Some(old) = old {
                index.places.remove(old.as_slice());
            }
            if let Some(new) = new {
                index.places.insert(PackedPlace::of(&new));
            }
        }
    }

    /// Every row that is here.
    pub(super) fn all(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows.values().flatten().map(|row| self.read(row))
    }

    /// Whether the store beneath has no say about this row any more.
    pub(super) fn covers(&self, row: &Row) -> bool {
        let key = bytes::ordered(&row.values[..self.def.key_len]);
        self.rows.contains_key(key.as_slice())
    }

    fn index(&mut self, name: &'static str) -> Result<&Index, StoreError> {
        if !self.indexes.contains_key(name) {
            let order = Scan::table_order(self.def, Some(name))
                .ok_or_else(|| StoreError::Invalid(format!("{} has no {name}", self.def.name)))?;
            let columns = self.def.columns.len();
            let place = |row| PackedPlace::of(&bytes::place(row, &order, columns));
            let rows = self.rows.values().flatten();
            let places = rows.map(|row| place(row)).collect();
            let key = (0..self.def.key_len)
                .filter_map(|column| order.iter().position(|at| *at == column))
                .collect();
            let index = Index { order, key, places };
            self.indexes.insert(name, index);
        }
        self.indexes
            .get(name)
            .ok_or_else(|| StoreError::Invalid(format!("no index {name}")))
    }

    /// What of a valid scan is here, in order.
    pub(super) fn scan(&mut self, scan: &Scan) -> Result<Found, StoreError> {
        let (start, end) = bounds(scan);
        let range = (as_slice(&start), Bound::Excluded(end.as_slice()));
        let mut found = Found::default();
        if empty(&start, &end) {
            return Ok(found);
        }
        match scan.index {
            None => {
                for (key, row) in self.rows.range::<[u8], _>(range) {
                    let Some(row) = row else { continue };
                    found.more = found.rows.len() == scan.limit;
                    if found.more {
                        break;
                    }
                    found.rows.push((key.to_vec(), self.read(row)));
                }
            }
            Some(name) => {
                self.index(name)?;
                let Some(index) = self.indexes.get(name) else {
                    return Ok(found);
                };
                for place in index.places.range::<[u8], _>(range) {
                    found.more = found.rows.len() == scan.limit;
                    if found.more {
                        break;
                    }
                    let key = bytes::pick(place, &index.key);
                    if let Some(Some(row)) = self.rows.get(key.as_slice()) {
                        found.rows.push((place.to_vec(), self.read(row)));
                    }
                }
            }
        }
        Ok(found)
    }
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Included(at) => Bound::Included(at),
        Bound::Excluded(at) => Bound::Excluded(at),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// A range that ends before it begins is no range for a map.
fn empty(start: &Bound<Vec<u8>>, end: &[u8]) -> bool {
    match start {
        Bound::Included(at) | Bound::Excluded(at) => at.as_slice() >= end,
        Bound::Unbounded => false,
    }
}

/// Where a scan begins, and the first place behind it.
fn bounds(scan: &Scan) -> (Bound<Vec<u8>>, Vec<u8>) {
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
