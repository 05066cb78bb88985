//! Statements whose shape only the call knows: each text is made once for a connection.
//!
//! Making one takes longer than running it over cached pages.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use jooper_storage::{ColumnOp, Condition, Scan, Segment, StoreError, TableDef};

use crate::catalog::{self, Catalog};

/// How many shapes of one table and purpose are kept; callers have a few.
const MOST: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum For {
    Scan(Option<&'static str>),
    Patch,
    Upsert,
    Column,
}

/// What a text depends on beside table and purpose, without the values.
type Shape = Vec<u16>;

/// The texts for one purpose of a table, whose name leads the key.
type Known = BTreeMap<(&'static str, For), Vec<(Shape, Arc<str>)>>;

/// The texts that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Texts(RefCell<Known>);

impl Texts {
    /// As [`catalog::scan`].
    pub(crate) fn scan(&self, scan: &Scan, segment: &Segment) -> Arc<str> {
        let shape = of_segment(segment);
        self.get(scan.table, For::Scan(scan.index), shape, || {
            catalog::scan(scan, segment)
        })
    }

    /// As [`catalog::patch`].
    pub(crate) fn patch(
        &self,
        table: &'static TableDef,
        ops: &[(&'static str, ColumnOp)],
    ) -> Arc<str> {
        self.get(table, For::Patch, of_ops(table, ops), || {
            catalog::patch(table, ops)
        })
    }

    /// As [`TableSql::upsert`](catalog::TableSql::upsert).
    pub(crate) fn upsert(
        &self,
        catalog: &Catalog,
        table: &'static TableDef,
        ops: &[(&'static str, ColumnOp)],
    ) -> Result<Arc<str>, StoreError> {
        let sql = catalog.of(table)?;
        Ok(self.get(table, For::Upsert, of_ops(table, ops), || {
            sql.upsert(table, ops)
        }))
    }

    /// As [`catalog::column`].
    pub(crate) fn column(&self, table: &'static TableDef, name: &str) -> Arc<str> {
        let shape = vec![position(table, name)];
        self.get(table, For::Column, shape, || catalog::column(table, name))
    }

    fn get(
        &self,
        table: &'static TableDef,
        what: For,
        shape: Shape,
        make: impl FnOnce() -> String,
    ) -> Arc<str> {
        let mut known = self.0.borrow_mut();
        let texts = known.entry((table.name, what)).or_default();
        if let Some((_, text)) = texts.iter().find(|(known, _)| *known == shape) {
            return Arc::clone(text);
        }
        let text: Arc<str> = make().into();
        if texts.len() < MOST {
            texts.push((shape, Arc::clone(&text)));
        }
        text
    }
}

fn small(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn position(table: &TableDef, name: &str) -> u16 {
    small(table.position(name).unwrap_or(usize::MAX))
}

fn of_ops(table: &TableDef, ops: &[(&'static str, ColumnOp)]) -> Shape {
    let parts = ops.iter().flat_map(|(name, op)| {
        let kind = match op {
            ColumnOp::Set(_) => 0,
            ColumnOp::Add(_) => 1,
            ColumnOp::Min(_) => 2,
            ColumnOp::Max(_) => 3,
            _ => 4,
        };
        [kind, position(table, name)]
    });
    parts.collect()
}

fn of_segment(segment: &Segment) -> Shape {
    let mut shape = Vec::with_capacity(16);
    for condition in &segment.conditions {
        let (kind, at) = match condition {
            Condition::Equal(at, _) => (0, *at),
            Condition::IsNull(at) => (1, *at),
            Condition::NotNull(at) => (2, *at),
            Condition::Above(at, _) => (3, *at),
            Condition::AtLeast(at, _) => (4, *at),
            Condition::Below(at, _) => (5, *at),
            Condition::AtMost(at, _) => (6, *at),
            Condition::Behind(pairs) => {
                shape.extend([7, small(pairs.len())]);
                shape.extend(pairs.iter().map(|(at, _)| small(*at)));
                continue;
            }
            // A condition of a newer kind is not written either.
            _ => (8, 0),
        };
        shape.extend([kind, small(at)]);
    }
    // Ends the conditions; the order follows.
    shape.push(9);
    shape.extend(segment.order.iter().map(|at| small(*at)));
    shape
}

#[cfg(test)]
mod tests {
    use std::ops::Bound;

    use jooper_storage::Value;
    use jooper_storage::tables::{self, PERMIT, SEND};

    use super::*;

    /// Every text that is kept is the one that would be made, whatever was asked for before.
    #[test]
    fn a_text_that_was_kept_is_the_one_that_would_be_made() {
        let (texts, catalog) = (Texts::default(), Catalog::new(tables::all()));
        let id = || Value::Id(uuid::Uuid::from_u128(1));
        let ranges = [
            (Bound::Unbounded, Bound::Unbounded),
            (Bound::Included(id()), Bound::Unbounded),
            (Bound::Excluded(id()), Bound::Unbounded),
            (Bound::Unbounded, Bound::Included(id())),
            (Bound::Unbounded, Bound::Excluded(id())),
            (Bound::Excluded(id()), Bound::Included(id())),
        ];
        let ops = [
            ColumnOp::Set(id()),
            ColumnOp::Add(1),
            ColumnOp::Min(1),
            ColumnOp::Max(1),
        ];
        for _ in 0..2 {
            for table in tables::all() {
                let mut scans = vec![Scan::table(table)];
                scans.extend(
                    table
                        .indexes
                        .iter()
                        .map(|it| Scan::table(table).by(it.name)),
                );
                for scan in &scans {
                    let width = scan.order().unwrap().len();
                    for range in ranges.clone() {
                        let scan = scan.clone().range(range.0, range.1);
                        let first = scan.clone().prefix(vec![id()]);
                        let mut behind = scan.clone();
                        behind.after = Some(vec![id(); width]);
                        for scan in [scan, first, behind] {
                            for segment in scan.segments().unwrap_or_default() {
                                let made = catalog::scan(&scan, &segment);
                                assert_eq!(*texts.scan(&scan, &segment), *made);
                            }
                        }
                    }
                }
                for column in &table.columns[table.key_len..] {
                    let made = catalog::column(table, column.name);
                    assert_eq!(*texts.column(table, column.name), *made);
                    for op in &ops {
                        let one = [(column.name, op.clone())];
                        let two = [one[0].clone(), ("row_version", op.clone())];
                        for ops in [&one[..], &two, &[]] {
                            let made = catalog::patch(table, ops);
                            assert_eq!(*texts.patch(table, ops), *made);
                            let made = catalog.of(table).unwrap().upsert(table, ops);
                            assert_eq!(*texts.upsert(&catalog, table, ops).unwrap(), *made);
                        }
                    }
                }
            }
        }
        let kept = texts.0.borrow();
        assert!(kept.values().all(|texts| texts.len() <= MOST));
        assert!(kept.contains_key(&(PERMIT.name, For::Patch)));
        assert!(kept.contains_key(&(SEND.name, For::Scan(None))));
    }
}
