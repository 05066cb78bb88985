//! Raw SQLite: one connection, the store's own pragmas, prepared statements, one transaction.

use std::path::Path;

use jooper_core::to_millis;
use jooper_storage::LogEntry;
use rusqlite::{Connection, params};

use crate::rows::workspace;

pub(crate) const APPEND: &str = "INSERT INTO event_log (bucket, workspace_id, seq, ts, event_id, kind, campaign, step, variant,
 mailbox, domain, reason, lead, subject, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
pub(crate) const HEAD: &str =
    "INSERT INTO event_log_head (bucket, workspace_id, seq) VALUES (?1, ?2, ?3)
 ON CONFLICT (bucket, workspace_id) DO UPDATE SET seq = excluded.seq";

pub(crate) struct Floor {
    connection: Connection,
    seq: i64,
}

/// A connection with the store's own pragmas.
pub(crate) fn connect(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    let stable = rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG;
    assert!(connection.set_db_config(stable, true).unwrap());
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 250; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -8192",
        )
        .unwrap();
    connection
}

impl Floor {
    pub(crate) fn open(file: &Path) -> Self {
        Self {
            connection: connect(file),
            seq: 0,
        }
    }

    /// One transaction, the head written once.
    pub(crate) fn append(&mut self, facts: &[LogEntry]) {
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")
            .unwrap()
            .execute([])
            .unwrap();
        facts.iter().for_each(|fact| self.insert(fact));
        self.head();
        self.connection
            .prepare_cached("COMMIT")
            .unwrap()
            .execute([])
            .unwrap();
    }

    fn insert(&mut self, fact: &LogEntry) {
        self.seq += 1;
        append(&self.connection, self.seq, fact);
    }

    fn head(&self) {
        let space = workspace();
        let mut head = self.connection.prepare_cached(HEAD).unwrap();
        head.execute(params![
            space.bucket().bits(),
            space.uuid().as_bytes(),
            self.seq
        ])
        .unwrap();
    }
}

/// Appends one fact, with a statement that is kept prepared.
pub(crate) fn append(connection: &Connection, seq: i64, fact: &LogEntry) {
    let space = workspace();
    let dimensions = &fact.dimensions;
    let mut append = connection.prepare_cached(APPEND).unwrap();
    append
        .execute(params![
            space.bucket().bits(),
            space.uuid().as_bytes(),
            seq,
            to_millis(fact.at),
            fact.id.as_bytes(),
            fact.kind.code(),
            dimensions.campaign.map(|id| id.uuid().into_bytes()),
            dimensions.step.map(|step| step.0),
            dimensions.variant,
            dimensions.mailbox.map(|id| id.uuid().into_bytes()),
            dimensions
                .domain
                .as_ref()
                .map(|domain| domain.as_bytes().as_slice()),
            dimensions.reason,
            fact.lead.map(|id| id.uuid().into_bytes()),
            fact.subject.map(|id| id.uuid().into_bytes()),
            fact.payload,
        ])
        .unwrap();
}
