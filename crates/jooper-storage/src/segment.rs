//! A scan as conditions that a database's index can follow.
//!
//! [`Value::Null`] sorts before everything, and SQL compares nothing with `NULL`. So one page of a
//! scan is up to a few segments, each a plain conjunction, read one behind the other until the
//! page is full. Without nulls in the position there is exactly one.

use std::ops::Bound;

use crate::{Scan, StoreError, Value};

/// One condition. Columns are positions in the table's declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// The column equals the value, which is not `Null`.
    Equal(usize, Value),
    /// The column is `Null`.
    IsNull(usize),
    /// The column is not `Null`.
    NotNull(usize),
    /// The column is above the value.
    Above(usize, Value),
    /// The column is the value or above.
    AtLeast(usize, Value),
    /// The column is below the value.
    Below(usize, Value),
    /// The column is the value or below.
    AtMost(usize, Value),
    /// The columns, compared as one row, are above the values.
    Behind(Vec<(usize, Value)>),
}

/// A part of a scan: every row that meets all conditions, in the order of `order`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segment {
    /// What rows must meet.
    pub conditions: Vec<Condition>,
    /// The columns to order by: those of the scan's order that the conditions do not fix.
    pub order: Vec<usize>,
}

impl Scan {
    /// The segments of this scan, in order: read each up to what is left of the limit.
    ///
    /// # Errors
    /// As [`Scan::order`].
    pub fn segments(&self) -> Result<Vec<Segment>, StoreError> {
        let order = self.order()?;
        let depth = self.prefix.len();
        let prefix: Vec<Condition> = order.iter().zip(&self.prefix).map(equal).collect();
        let parts = match &self.after {
            Some(after) => behind(&order[depth..], &after[depth..]),
            None => self.whole(&order),
        };
        let mut segments = Vec::with_capacity(parts.len());
        for part in parts {
            let mut conditions = prefix.clone();
            if order
                .get(depth)
                .is_some_and(|first| !part.contains(&Condition::IsNull(*first)))
            {
                conditions.extend(part);
                let Some(bounds) = self.bounds(order[depth]) else {
                    continue;
                };
                conditions.extend(bounds);
            } else if depth < order.len() && !self.nulls_in_range() {
                continue;
            } else {
                conditions.extend(part);
            }
            segments.push(Segment {
                order: free(&order, &conditions),
                conditions,
            });
        }
        Ok(segments)
    }

    /// A scan from its beginning: one part, or two when nulls are in the range of a bounded scan.
    fn whole(&self, order: &[usize]) -> Vec<Vec<Condition>> {
        match order.get(self.prefix.len()) {
            Some(&next) if self.is_ranged() && self.table.columns[next].nullable => {
                vec![
                    vec![Condition::IsNull(next)],
                    vec![Condition::NotNull(next)],
                ]
            }
            _ => vec![Vec::new()],
        }
    }

    fn is_ranged(&self) -> bool {
        !matches!(self.range, (Bound::Unbounded, Bound::Unbounded))
    }

    fn nulls_in_range(&self) -> bool {
        let from = matches!(
            self.range.0,
            Bound::Unbounded | Bound::Included(Value::Null)
        );
        from && !matches!(self.range.1, Bound::Excluded(Value::Null))
    }

    /// The range on a column that is not null; `None` when only nulls are in it.
    fn bounds(&self, column: usize) -> Option<Vec<Condition>> {
        let mut bounds = Vec::new();
        match &self.range.0 {
            Bound::Included(Value::Null) | Bound::Unbounded => {}
            Bound::Excluded(Value::Null) => bounds.push(Condition::NotNull(column)),
            Bound::Included(from) => bounds.push(Condition::AtLeast(column, from.clone())),
            Bound::Excluded(from) => bounds.push(Condition::Above(column, from.clone())),
        }
        match &self.range.1 {
            Bound::Unbounded => {}
            Bound::Included(Value::Null) | Bound::Excluded(Value::Null) => return None,
            Bound::Included(to) => bounds.push(Condition::AtMost(column, to.clone())),
            Bound::Excluded(to) => bounds.push(Condition::Below(column, to.clone())),
        }
        Some(bounds)
    }
}

fn equal((column, value): (&usize, &Value)) -> Condition {
    match value {
        Value::Null => Condition::IsNull(*column),
        value => Condition::Equal(*column, value.clone()),
    }
}

/// Everything behind a position, nearest first.
fn behind(order: &[usize], position: &[Value]) -> Vec<Vec<Condition>> {
    if order.is_empty() {
        return Vec::new();
    }
    let run = position
        .iter()
        .position(|value| *value == Value::Null)
        .unwrap_or(order.len());
    let pairs = || order[..run].iter().copied().zip(position[..run].to_vec());
    let mut parts = Vec::new();
    if run < order.len() {
        let fixed: Vec<Condition> = order[..run]
            .iter()
            .zip(&position[..run])
            .map(equal)
            .collect();
        for rest in behind(&order[run + 1..], &position[run + 1..]) {
            let mut part = fixed.clone();
            part.push(Condition::IsNull(order[run]));
            part.extend(rest);
            parts.push(part);
        }
        let mut part = fixed;
        part.push(Condition::NotNull(order[run]));
        parts.push(part);
    }
    match run {
        0 => {}
        1 => parts.extend(pairs().map(|(column, value)| vec![Condition::Above(column, value)])),
        _ => parts.push(vec![Condition::Behind(pairs().collect())]),
    }
    parts
}

fn free(order: &[usize], conditions: &[Condition]) -> Vec<usize> {
    let fixed = |column: &usize| {
        conditions.iter().any(|condition| {
            matches!(condition, Condition::Equal(at, _) | Condition::IsNull(at) if at == column)
        })
    };
    order
        .iter()
        .copied()
        .filter(|column| !fixed(column))
        .collect()
}

#[cfg(test)]
mod tests;
