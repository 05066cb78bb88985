//! Typed reads over any store.

use std::future::Future;

use crate::record::Record;
use crate::scan::{Scan, Scope};
use crate::storage::Storage;
use crate::table::{Key, Version};
use crate::{StoreError, Value};

/// A record with the version it was read at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<R> {
    /// The record.
    pub record: R,
    /// Its version, for [`Batch::update`](crate::Batch::update).
    pub version: Version,
}

/// Typed rows of one page.
#[derive(Debug, Clone)]
pub struct RecordPage<R> {
    /// The records, in order.
    pub records: Vec<Versioned<R>>,
    /// Where to continue; `None` when this was the last page.
    pub next: Option<Vec<Value>>,
}

/// Conveniences over [`Storage`]; nothing here needs implementing.
pub trait StorageExt: Storage {
    /// Reads one record by the values of its key.
    ///
    /// # Errors
    /// As [`Storage::get`], and [`StoreError::Corrupt`] when the row is not such a record.
    fn find<R: Record>(
        &self,
        scope: impl Into<Scope> + Send,
        key: Vec<Value>,
    ) -> impl Future<Output = Result<Option<Versioned<R>>, StoreError>> + Send {
        let scope = scope.into();
        async move {
            let keys = [Key::new(R::TABLE, key)];
            let row = self.get(scope, &keys).await?.into_iter().next().flatten();
            row.map(|row| {
                Ok(Versioned {
                    version: row.version,
                    record: R::from_values(row.values)?,
                })
            })
            .transpose()
        }
    }

    /// Reads one typed page.
    ///
    /// # Errors
    /// As [`Storage::scan`], and [`StoreError::Corrupt`] when a row is not such a record.
    fn page<R: Record>(
        &self,
        scope: impl Into<Scope> + Send,
        scan: Scan,
    ) -> impl Future<Output = Result<RecordPage<R>, StoreError>> + Send {
        let scope = scope.into();
        async move {
            let page = self.scan(scope, scan).await?;
            let mut records = Vec::with_capacity(page.rows.len());
            for row in page.rows {
                records.push(Versioned {
                    version: row.version,
                    record: R::from_values(row.values)?,
                });
            }
            Ok(RecordPage {
                records,
                next: page.next,
            })
        }
    }

    /// Reads every record of a scan. For bounded sets only: one mailbox's lanes, one lead's rows.
    ///
    /// # Errors
    /// As [`StorageExt::page`].
    fn collect<R: Record>(
        &self,
        scope: impl Into<Scope> + Send,
        scan: Scan,
    ) -> impl Future<Output = Result<Vec<Versioned<R>>, StoreError>> + Send {
        let scope = scope.into();
        async move {
            let mut all = Vec::new();
            let mut scan = scan;
            loop {
                let page = self.page::<R>(scope, scan.clone()).await?;
                all.extend(page.records);
                match page.next {
                    Some(next) => scan.after = Some(next),
                    None => return Ok(all),
                }
            }
        }
    }
}

impl<S: Storage + ?Sized> StorageExt for S {}
