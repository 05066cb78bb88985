//! Which jobs share a commit, by a clock that is moved by hand.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use jooper_core::LeaseInstant;
use jooper_storage::tables::CounterRow;
use jooper_storage::{Check, Scope, tables};
use uuid::Uuid;

use super::*;
use crate::catalog::Catalog;
use crate::{lock, migrate, open};

/// Every reading is so much later than the one before.
#[derive(Debug)]
struct Steps(Duration, Mutex<Duration>);

impl LeaseClock for Steps {
    fn now(&self) -> LeaseInstant {
        let mut now = self.1.lock().unwrap();
        *now += self.0;
        LeaseInstant::from_elapsed(*now)
    }
}

fn batch(from: u32, changes: u32) -> Batch {
    let scope = Scope::Workspace(jooper_core::WorkspaceId::from_uuid(Uuid::from_u128(7)));
    (from..from + changes).fold(Batch::new(scope), |batch, n| {
        batch.put(&CounterRow {
            key: n.to_be_bytes().to_vec(),
            count: 1,
            expires_at: 1,
        })
    })
}

/// A writer over a new file, whose clock is read before each change of a bulk batch, and once before
/// and behind each job.
fn writer(dir: &tempfile::TempDir, micros: u64) -> Writer {
    let path = dir.path().join("jooper.db");
    drop(lock::private(&path).unwrap());
    let connection = open::connect(&path, 1 << 10).unwrap();
    migrate::migrate(&connection).unwrap();
    Writer {
        shared: Arc::default(),
        desk: Desk::new(Session::new(
            connection,
            Arc::new(Catalog::new(tables::all())),
        )),
        now: Box::new(|| 0),
        lease_clock: Box::new(Steps(Duration::from_micros(micros), Mutex::default())),
        passed: Default::default(),
    }
}

/// Runs what waits and returns each answer.
fn run(writer: &Writer, waiting: &[Batch]) -> Vec<Result<(), StoreError>> {
    let queue = Queue::new(10_000);
    let mut answers = Vec::new();
    for batch in waiting {
        let (to, answer) = oneshot::channel();
        let bulk = batch.bulk;
        queue.push(Job::Commit(batch.clone(), to), bulk).unwrap();
        answers.push(answer);
    }
    queue.close();
    writer.run(&queue);
    let answers = answers.iter_mut();
    answers.map(|answer| answer.try_recv().unwrap()).collect()
}

/// How many commits it took to run what waits, so many microseconds a reading of the clock.
fn commits(micros: u64, waiting: &[Batch]) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir, micros);
    for answer in run(&writer, waiting) {
        answer.unwrap();
    }
    let jobs = writer.shared.jobs.load(Ordering::Relaxed);
    assert_eq!(jobs, waiting.len() as u64, "every batch ran once");
    writer.shared.groups.load(Ordering::Relaxed)
}

#[test]
fn bulk_batches_share_a_commit_while_they_end_within_20_ms() {
    let three = [0, 10, 20].map(|from| batch(from, 10).bulk());
    assert_eq!(commits(0, &three), 1);
    assert_eq!(commits(500, &three), 1, "18 ms");
    assert_eq!(commits(600, &three), 2, "the third would end after 22 ms");
    assert_eq!(commits(900, &three), 3, "the second would end after 22 ms");
    assert_eq!(
        commits(90_000, &three),
        3,
        "a slow one runs where nothing urgent waits"
    );
    // By their pace: the second is three times the first.
    let growing = [batch(0, 10).bulk(), batch(10, 30).bulk()];
    assert_eq!(commits(400, &growing), 1, "19 ms");
    assert_eq!(commits(500, &growing), 2, "it would end after 24 ms");
}

#[test]
fn bulk_batches_of_a_commit_are_together_no_larger_than_one_may_be() {
    let most = u32::try_from(Batch::most_rows(&[&tables::COUNTER])).unwrap();
    let fit = [
        batch(0, most / 2).bulk(),
        batch(most, most - most / 2).bulk(),
    ];
    assert_eq!(commits(0, &fit), 1);
    let more = [
        batch(0, most / 2).bulk(),
        batch(most, most - most / 2 + 1).bulk(),
    ];
    assert_eq!(commits(0, &more), 2);
    let wide = |n: u128| {
        let row = tables::NameRow {
            id: Uuid::from_u128(n),
            kind: 1,
            name_index: jooper_core::KeyedIndex::from_bytes([1; 32]),
            name: jooper_core::Sealed::from_envelope(vec![7; Batch::MAX_BULK_BYTES / 3]),
        };
        batch(0, 0).put(&row).bulk()
    };
    assert_eq!(commits(0, &[wide(1), wide(2), wide(3)]), 2);
}

#[test]
fn urgent_batches_go_first_and_do_not_wait_for_the_bulk_work_behind_them() {
    let mut waiting = vec![batch(0, 10).bulk(), batch(10, 10).bulk()];
    waiting.extend((0..40).map(|n| batch(n, 1)));
    assert_eq!(
        commits(0, &waiting),
        2,
        "what is urgent, then the bulk work"
    );
    // Where urgent work never ends, bulk work joins it after a while.
    let urgent = (0..u32::try_from(GROUP).unwrap() * (PASSED + 1)).map(|n| batch(n, 1));
    let waiting: Vec<_> = urgent.chain([batch(0, 1).bulk()]).collect();
    assert_eq!(commits(0, &waiting), u64::from(PASSED) + 2);
    let more = [batch(0, 1), batch(1, 1).bulk()];
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir, 0);
    writer.passed.set(PASSED);
    run(&writer, &more).into_iter().for_each(Result::unwrap);
    assert_eq!(writer.shared.groups.load(Ordering::Relaxed), 1, "it joins");
}

/// A statement may fail behind others of its batch, for a reason that no check foresees.
#[test]
fn a_batch_that_fails_half_way_leaves_nothing_and_takes_no_other_along() {
    // The first is undone with the transaction, the others by a savepoint.
    for place in 0..3 {
        fails_half_way(place);
    }
}

fn fails_half_way(at: usize) {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir, 0);
    let place = || writer.desk.take();
    let mut before = place();
    let connection = &before.as_mut().unwrap().session.connection;
    connection
        .execute_batch(
            "CREATE TEMP TRIGGER fails BEFORE INSERT ON main.counter WHEN new.count = 13
             BEGIN SELECT RAISE(ABORT, 'this one fails'); END",
        )
        .unwrap();
    drop(before);
    let mut unlucky = batch(20, 1).put(&CounterRow {
        key: vec![0],
        count: 13,
        expires_at: 1,
    });
    unlucky.writes.extend(batch(30, 2).writes);
    let fact = |n: u8| {
        let dimensions = jooper_core::Dimensions::default();
        let kind = jooper_core::EventKind::Sent;
        jooper_storage::LogEntry::new(kind, jooper_core::from_millis(1), &[&[n]], dimensions)
    };
    let mut waiting = vec![batch(0, 3).append(fact(1)), batch(10, 4).append(fact(3))];
    waiting.insert(at, unlucky.append(fact(2)));
    let answers = run(&writer, &waiting);
    let good: Vec<_> = answers.iter().map(Result::is_ok).collect();
    let expected: Vec<_> = (0..3).map(|n| n != at).collect();
    assert_eq!(good, expected, "{answers:?}");
    assert_eq!(writer.shared.groups.load(Ordering::Relaxed), 1);
    let behind = place();
    let connection = &behind.as_ref().unwrap().session.connection;
    let count = |sql: &str| -> i64 { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM counter"), 7);
    assert_eq!(count("SELECT count(*) FROM event_log"), 2);
    assert_eq!(count("SELECT seq FROM event_log_head"), 2);
}

/// Where SQLite undoes everything, those behind are run in the next group.
#[test]
fn who_waits_behind_a_group_that_was_undone_is_run_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir, 0);
    let mut place = writer.desk.take();
    let connection = &place.as_mut().unwrap().session.connection;
    connection
        .execute_batch(
            "CREATE TEMP TRIGGER fails BEFORE INSERT ON main.counter WHEN new.count = 13
             BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END",
        )
        .unwrap();
    drop(place);
    let unlucky = batch(20, 1).put(&CounterRow {
        key: vec![0],
        count: 13,
        expires_at: 1,
    });
    let waiting = [batch(0, 2), unlucky, batch(2, 2), batch(4, 2)];
    let answers = run(&writer, &waiting);
    let good: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(good, [false, false, true, true], "{answers:?}");
    let place = writer.desk.take();
    let connection = &place.as_ref().unwrap().session.connection;
    let rows = "SELECT count(*) FROM counter";
    let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 4);
}

type Waiting = oneshot::Receiver<Result<(), StoreError>>;

/// A clock at whose readings urgent batches arrive, and which is a millisecond later at each.
#[derive(Debug)]
struct Arrivals {
    readings: AtomicU64,
    queue: Arc<Queue<Job>>,
    /// At which readings.
    at: BTreeSet<u64>,
    batch: Batch,
    answers: Arc<Mutex<Vec<Waiting>>>,
}

impl LeaseClock for Arrivals {
    fn now(&self) -> LeaseInstant {
        let reading = self.readings.fetch_add(1, Ordering::SeqCst);
        if self.at.contains(&reading) {
            let (to, answer) = oneshot::channel();
            let job = Job::Commit(self.batch.clone(), to);
            self.queue.push(job, false).unwrap();
            self.answers.lock().unwrap().push(answer);
        }
        LeaseInstant::from_elapsed(Duration::from_millis(reading))
    }
}

/// Runs one bulk batch of 100 changes, a millisecond each, while urgent batches arrive; returns how
/// many of those came before it.
fn overtaken(at: impl IntoIterator<Item = u64>) -> (usize, usize) {
    let dir = tempfile::tempdir().unwrap();
    let (queue, answers) = (Arc::new(Queue::new(1_000)), Arc::default());
    let slow = batch(0, 100).bulk();
    let first = slow.writes[0].key().clone();
    let clock = Arrivals {
        readings: AtomicU64::new(0),
        queue: Arc::clone(&queue),
        at: at.into_iter().collect(),
        batch: batch(500, 1).check(jooper_storage::Check::Absent(first)),
        answers: Arc::clone(&answers),
    };
    let writer = Writer {
        lease_clock: Box::new(clock),
        ..writer(&dir, 0)
    };
    let (to, mut answer) = oneshot::channel();
    queue.push(Job::Commit(slow, to), true).unwrap();
    // It is closed by hand behind the last: a closed queue takes none of those that arrive.
    while queue.has_urgent() || queue.has_bulk() {
        writer.group(&queue);
    }
    answer.try_recv().unwrap().unwrap();
    let rows = "SELECT count(*) FROM counter WHERE key < x'000001f4'";
    let place = writer.desk.take();
    let connection = &place.as_ref().unwrap().session.connection;
    let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 100, "all of it is there");
    let mut answers = answers.lock().unwrap();
    let before = answers
        .iter_mut()
        .filter_map(|answer| answer.try_recv().unwrap().ok());
    (before.count(), answers.len())
}

#[test]
fn a_bulk_batch_lets_what_is_urgent_pass_after_20_ms() {
    assert_eq!(overtaken([]), (0, 0), "nothing waits: it runs to its end");
    assert_eq!(overtaken([5]), (1, 1), "it is undone, and runs behind");
    assert_eq!(overtaken([90]), (1, 1), "also late");
    assert_eq!(overtaken([102]), (0, 1), "not behind the last statement");
}

#[test]
fn a_bulk_batch_that_was_undone_three_times_runs_to_its_end() {
    let (before, all) = overtaken((0..2_000).step_by(4));
    // Those that came while it ran three times for 20 ms, and some that came meanwhile.
    assert!((12..60).contains(&before), "{before} of {all}");
}

#[test]
fn a_small_batch_runs_where_it_is_called_once_commits_are_quick_and_the_writer_is_idle() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir, 10);
    let queue = Queue::new(9);
    let here = |batch: &Batch| {
        let clock = &*writer.lease_clock;
        commit_here(&writer.desk, &queue, &writer.shared, clock, batch)
    };
    let waits = |batch: Batch| {
        let (to, answer) = oneshot::channel();
        let bulk = batch.bulk;
        queue.push(Job::Commit(batch, to), bulk).unwrap();
        answer
    };
    let rows = || -> i64 {
        let place = writer.desk.take();
        let connection = &place.as_ref().unwrap().session.connection;
        let rows = "SELECT count(*) FROM counter";
        connection.query_row(rows, [], |row| row.get(0)).unwrap()
    };
    assert!(here(&batch(0, 1)).is_none(), "nobody knows yet how quick");
    for n in 100..132 {
        let answer = waits(batch(n, 1));
        writer.group(&queue);
        drop(answer);
    }
    here(&batch(0, 1)).unwrap().unwrap();
    assert_eq!(rows(), 33);
    let bulk = batch(1, 1).bulk();
    assert!(here(&bulk).is_none(), "bulk work waits for its turn");
    assert!(here(&batch(1, 33)).is_none(), "many changes");
    let place = writer.desk.take();
    assert!(here(&batch(1, 1)).is_none(), "the writer is at work");
    drop(place);
    let urgent = waits(batch(0, 1));
    assert!(here(&batch(1, 1)).is_none(), "something was there first");
    drop(urgent);
    assert!(here(&batch(1, 1)).is_none(), "also if it was given up");
    writer.group(&queue);
    let _behind = waits(batch(0, 1).bulk());
    let known = batch(0, 1).writes[0].key().clone();
    let refused = batch(1, 2).check(Check::Absent(known));
    let answer = here(&refused).unwrap();
    assert!(matches!(answer, Err(StoreError::Conflict { .. })));
    assert_eq!(rows(), 33, "nothing of a refused batch is kept");
    here(&batch(1, 1)).unwrap().unwrap();
    assert_eq!(rows(), 34, "its transaction was ended");
    let shared = &writer.shared;
    assert_eq!(shared.jobs.load(Ordering::Relaxed), 35);
    assert_eq!(shared.groups.load(Ordering::Relaxed), 35);
    writer.desk.close();
    assert!(here(&batch(2, 1)).is_none(), "the store was closed");
}

/// Whoever went before it in the transaction hears nothing, which callers take as "nobody knows".
#[test]
fn a_panic_takes_what_ran_before_it_along_and_nobody_who_waits_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Writer {
        now: Box::new(|| panic!("an embedder's clock")),
        ..writer(&dir, 0)
    };
    let queue = Queue::new(9);
    let (to, mut claimed) = oneshot::channel();
    let claim = Claim {
        table: &tables::LANE,
        bucket: jooper_core::WorkspaceId::from_uuid(Uuid::from_u128(7)).bucket(),
        due_before: 0,
        limit: 1,
        lease_millis: 1,
    };
    let mut job = Some(Job::Claim(claim, to));
    let mut answers = Vec::new();
    for n in 0..4 {
        let (to, answer) = oneshot::channel();
        queue.push(Job::Commit(batch(n, 1), to), false).unwrap();
        answers.push(answer);
        if let Some(claim) = job.take() {
            queue.push(claim, false).unwrap();
        }
    }
    queue.close();
    writer.run(&queue);
    assert!(claimed.try_recv().is_err());
    let answers = answers.iter_mut().map(|answer| answer.try_recv().ok());
    let kept: Vec<_> = answers
        .map(|told| told.is_some_and(|it| it.is_ok()))
        .collect();
    assert_eq!(kept, [false, true, true, true]);
    let place = writer.desk.take();
    let connection = &place.as_ref().unwrap().session.connection;
    let rows = "SELECT count(*) FROM counter";
    let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 3);
}

/// Whoever gave up may have asked for something else since.
#[test]
fn what_was_given_up_while_it_waited_is_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir, 0);
    let queue = Queue::new(9);
    let (mut kept, mut given_up) = (Vec::new(), Vec::new());
    for n in 0..6 {
        let (to, answer) = oneshot::channel();
        let batch = match n {
            0..4 => batch(n, 1),
            _ => batch(n, 1).bulk(),
        };
        let bulk = batch.bulk;
        queue.push(Job::Commit(batch, to), bulk).unwrap();
        match n % 2 {
            0 => given_up.push(answer),
            _ => kept.push(answer),
        }
    }
    let (to, answer) = oneshot::channel();
    let erase = Erase {
        workspace: jooper_core::WorkspaceId::from_uuid(Uuid::from_u128(7)),
        subject: jooper_core::SubjectId::from_uuid(Uuid::from_u128(1)),
    };
    queue.push(Job::Erase(erase, to), false).unwrap();
    drop((given_up, answer));
    while queue.has_urgent() || queue.has_bulk() {
        writer.group(&queue);
    }
    for mut answer in kept {
        answer.try_recv().unwrap().unwrap();
    }
    assert_eq!(writer.shared.jobs.load(Ordering::Relaxed), 3);
    let place = writer.desk.take();
    let connection = &place.as_ref().unwrap().session.connection;
    let rows = "SELECT group_concat(hex(key)) FROM counter";
    let rows: String = connection.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(rows, "00000001,00000003,00000005");
}
