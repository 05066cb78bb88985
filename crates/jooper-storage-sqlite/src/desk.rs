//! The writer's connection, and what is known of the rows that were read over it.
//!
//! Whoever writes has just read what the write depends on. Read over the writer's own connection,
//! those pages are cached when the write comes, and the versions that the commit checks are known:
//! nobody else writes, so a version stands until the writer changes the row. A caller takes the
//! connection only while nothing waits to be written; a write waits for one small read at most.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jooper_storage::{Key, Row, Scope};

use crate::session::Session;

/// How many versions are kept; all are forgotten together when there are more.
const MOST: usize = 4096;

/// A value that moves when another connection has changed the file.
const OTHERS: &str = "PRAGMA data_version";

/// The writer's place, shared with callers of small reads. Empty once the writer has ended.
#[derive(Debug, Clone)]
pub(crate) struct Desk(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    place: Mutex<Option<Place>>,
    /// The writer waits for the place: no further read goes first.
    wanted: AtomicBool,
}

/// The connection that writes, and the versions of rows read over it.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) session: Session,
    pub(crate) versions: Versions,
}

impl Desk {
    pub(crate) fn new(session: Session) -> Self {
        let versions = Versions::default();
        Self(Arc::new(Shared {
            place: Mutex::new(Some(Place { session, versions })),
            wanted: AtomicBool::new(false),
        }))
    }

    /// Runs a read now if the writer is idle, and gives it back if not.
    pub(crate) fn now<T, R>(&self, read: R) -> Result<T, R>
    where
        R: FnOnce(&Session, Option<&mut Versions>) -> T,
    {
        match self.idle().as_deref_mut() {
            Some(Some(Place { session, versions })) => Ok(read(session, Some(versions))),
            _ => Err(read),
        }
    }

    /// The place, if the writer is idle: neither at work nor about to be, and not left half-way by
    /// a panic until it comes back. Empty once it has ended.
    pub(crate) fn idle(&self) -> Option<MutexGuard<'_, Option<Place>>> {
        if self.0.wanted.load(Ordering::Relaxed) {
            return None;
        }
        self.0.place.try_lock().ok()
    }

    /// Takes the place for writing.
    pub(crate) fn take(&self) -> MutexGuard<'_, Option<Place>> {
        self.0.wanted.store(true, Ordering::Relaxed);
        let mut place = self.0.place.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.wanted.store(false, Ordering::Relaxed);
        if self.0.place.is_poisoned() {
            self.0.place.clear_poison();
            if let Some(place) = place.as_mut() {
                place.versions.forget_all();
                if !place.session.connection.is_autocommit() {
                    // If it fails, so does the next BEGIN, whose caller is told.
                    let _ = place.session.control("ROLLBACK");
                }
            }
        }
        place
    }

    /// Closes the connection.
    pub(crate) fn close(&self) {
        *self.take() = None;
    }
}

/// The versions of rows as they were read, each until it is written.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    known: BTreeMap<Scope, BTreeMap<Key, Option<i64>>>,
    count: usize,
    others: Option<i64>,
}

impl Versions {
    /// Keeps what a read has found, one answer for each key.
    pub(crate) fn learn(&mut self, scope: Scope, keys: &[Key], found: &[Option<Row>]) {
        if self.count + keys.len() > MOST {
            self.forget_all();
        }
        let known = self.known.entry(scope).or_default();
        for (key, row) in keys.iter().zip(found) {
            let version = match row.as_ref().map(|row| i64::try_from(row.version)) {
                None => None,
                Some(Ok(version)) => Some(version),
                Some(Err(_)) => continue,
            };
            self.count += usize::from(known.insert(key.clone(), version).is_none());
        }
    }

    /// The row's version; `Some(None)`: there is no such row; `None`: it was not read, or was
    /// written since.
    pub(crate) fn get(&self, scope: Scope, key: &Key) -> Option<Option<i64>> {
        self.known.get(&scope)?.get(key).copied()
    }

    /// The row is being written.
    pub(crate) fn forget(&mut self, scope: Scope, key: &Key) {
        if let Some(known) = self.known.get_mut(&scope) {
            self.count -= usize::from(known.remove(key).is_some());
        }
    }

    /// Rows are being written that nobody names by their keys.
    pub(crate) fn forget_all(&mut self) {
        self.known.clear();
        self.count = 0;
    }

    /// Forgets everything if another connection has written: none should, since the file is locked.
    pub(crate) fn trust(&mut self, session: &Session) {
        let found = session.integer(OTHERS, &crate::cell::Params::none());
        let others = found.ok().flatten();
        if others.is_none() || others != self.others {
            self.forget_all();
            self.others = others;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::Path;

    use jooper_core::WorkspaceId;
    use jooper_storage::Value;
    use jooper_storage::tables::{self, COUNTER};
    use uuid::Uuid;

    use super::*;
    use crate::catalog::Catalog;
    use crate::open::connect;

    fn desk(dir: &Path) -> Desk {
        let path = dir.join("a.db");
        drop(crate::lock::private(&path).unwrap());
        let connection = connect(&path, 1024).unwrap();
        Desk::new(Session::new(
            connection,
            Arc::new(Catalog::new(tables::all())),
        ))
    }

    fn key(n: u8) -> Key {
        Key::new(&COUNTER, vec![Value::Bytes(vec![n])])
    }

    #[test]
    fn a_read_goes_first_only_while_the_writer_is_idle() {
        let dir = tempfile::tempdir().unwrap();
        let desk = desk(dir.path());
        assert_eq!(desk.now(|_, _| 1).ok(), Some(1));
        let place = desk.take();
        assert!(desk.now(|_, _| 1).is_err(), "at work");
        drop(place);
        desk.0.wanted.store(true, Ordering::Relaxed);
        assert!(desk.now(|_, _| 1).is_err(), "about to work");
        drop(desk.take());
        assert_eq!(desk.now(|_, _| 1).ok(), Some(1));
        desk.close();
        assert!(desk.now(|_, _| 1).is_err(), "closed");
        assert!(desk.take().is_none());
    }

    #[test]
    fn a_read_that_panics_leaves_the_writer_a_clean_connection() {
        let dir = tempfile::tempdir().unwrap();
        let desk = desk(dir.path());
        let scope = Scope::Workspace(WorkspaceId::from_uuid(Uuid::from_u128(1)));
        let died = catch_unwind(AssertUnwindSafe(|| {
            let _ = desk.now(|session, versions| {
                session.control("BEGIN").unwrap();
                versions.unwrap().learn(scope, &[key(1)], &[None]);
                panic!("a caller's mistake");
            });
        }));
        assert!(died.is_err());
        assert!(desk.now(|_, _| 1).is_err(), "until the writer comes back");
        let mut place = desk.take();
        let place = place.as_mut().unwrap();
        assert!(place.session.connection.is_autocommit());
        assert_eq!(place.versions.get(scope, &key(1)), None);
        place.session.control("BEGIN IMMEDIATE").unwrap();
    }

    #[test]
    fn no_more_versions_are_kept_than_there_is_room_for() {
        let scope = Scope::Platform;
        let mut versions = Versions::default();
        for n in 0..=u16::MAX {
            let key = Key::new(&COUNTER, vec![Value::Bytes(n.to_be_bytes().to_vec())]);
            versions.learn(scope, std::slice::from_ref(&key), &[None]);
            assert_eq!(versions.get(scope, &key), Some(None));
            let kept: usize = versions.known.values().map(BTreeMap::len).sum();
            assert!(kept == versions.count && kept <= MOST);
            if n % 3 == 0 {
                versions.forget(scope, &key);
                assert_eq!(versions.get(scope, &key), None);
            }
        }
    }
}
