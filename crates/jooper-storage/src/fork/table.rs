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

/// An index, made when a scan first asks for it.
#[derive(Debug)]
struct Index {
    /// `None`: the key's own order.
    name: Option<&'static str>,
    order: Vec<usize>,
    /// The slot of the row at each place.
    places: BTreeMap<PackedPlace, u32>,
}

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
pub(super) struct Found {
    /// Rows with their places in the order, at most as many as were asked for.
    pub(super) rows: Vec<(Option<Buffer>, Row)>,
    /// Whether there are more.
    pub(super) more: bool,
}

impl Index {
    /// Moves a row from where it stood to where it stands.
    fn change(&mut self, slot: u32, old: Option<&Cells<'_>>, row: Option<&Row>) {
        let order = &self.order;
        if let (Some(old), Some(row)) = (old, row)
            && old.same(&row.values, order)
        {
            return;
        }
        if let Some(old) = old {
            self.places.remove(&*old.place(order));
        }
        if let Some(row) = row {
            let new = bytes::ordered(order.iter().map(|at| &row.values[*at]));
            self.places.insert(PackedPlace::of(&new), slot);
        }
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
            if indexes.is_empty() {
                return;
            }
            let old = old.map(|old| Cells::of(old, columns));
            for index in indexes {
                index.change(slot, old.as_ref(), row);
            }
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

    /// The index that is walked in this order, made if need be.
    fn index(&mut self, name: Option<&'static str>) -> Result<&Index, StoreError> {
        let known = self.indexes.iter().position(|index| index.name == name);
        let at = match known {
            Some(at) => at,
            None => {
                let order = Scan::table_order(self.def, name).ok_or_else(|| {
                    let name = name.unwrap_or_default();
                    StoreError::Invalid(format!("{} has no {name}", self.def.name))
                })?;
                let columns = self.def.columns.len();
                let place = |row| PackedPlace::of(&Cells::of(row, columns).place(&order));
                let rows = self.rows.rows();
                let places = rows.map(|(slot, row)| (place(row), slot)).collect();
                self.indexes.push(Index {
                    name,
                    order,
                    places,
                });
                self.indexes.len() - 1
            }
        };
        Ok(&self.indexes[at])
    }

    /// What of a valid scan is here, in order; with the places when others are to come between.
    pub(super) fn scan(&mut self, scan: &Scan, with_places: bool) -> Result<Found, StoreError> {
        let (start, end) = bounds(scan);
        let range = (as_slice(&start), Bound::Excluded(&*end));
        let mut found = Found::default();
        if empty(&start, &end) {
            return Ok(found);
        }
        self.index(scan.index)?;
        let index = self.indexes.iter().find(|index| index.name == scan.index);
        let Some(index) = index else {
            return Ok(found);
        };
        for (place, slot) in index.places.range::<[u8], _>(range) {
            found.more = found.rows.len() == scan.limit;
            if found.more {
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

/// A range that ends before it begins is no range for a map.
fn empty(start: &Bound<Buffer>, end: &[u8]) -> bool {
    match start {
        Bound::Included(at) | Bound::Excluded(at) => **at >= *end,
        Bound::Unbounded => false,
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
