//! The witness of one machine: an append-only file, apart from the data.

mod file;
mod line;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_storage::{StoreError, Witness, WitnessEntry, WitnessError, WitnessRecord};
use tokio::sync::oneshot;

use crate::error::{closed, panicked};
use crate::lock::{self, Lock};
use crate::queue::Queue;
use crate::spawn;
use file::Log;

type Answer<T> = oneshot::Sender<Result<T, WitnessError>>;

enum Job {
    Append(Timestamp, Vec<WitnessEntry>, Answer<u64>),
    Read(u64, usize, Answer<Vec<WitnessRecord>>),
    Position(Answer<u64>),
    /// Panics, as no other job should.
    #[cfg(test)]
    Breaks(Answer<u64>),
}

/// A [`Witness`] in one file: a line per append, each with a checksum over itself and the line
/// before, synced before `append` returns.
///
/// What a crash left of the last write is cut off when the file is opened: it was never
/// acknowledged. A line that does not read is [`WitnessError::Corrupt`] if a later write stands
/// behind it, or if it was changed and no part of it is missing. One process owns the file. Keep it on another disk than the data if you can, and never inside the data's backups.
#[derive(Clone)]
pub struct FileWitness(Arc<Inner>);

struct Inner {
    path: PathBuf,
    queue: Arc<Queue<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for FileWitness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FileWitness").field(&self.0.path).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            let _ = thread.join();
        }
    }
}

impl FileWitness {
    /// Opens the witness in this file, or makes a new one.
    ///
    /// # Errors
    /// [`WitnessError::Corrupt`] names the first record that does not read;
    /// [`WitnessError::Unavailable`] when the file cannot be opened or another process owns it.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, WitnessError> {
        let path = path.as_ref().to_owned();
        let queue = Arc::new(Queue::new(10_000));
        let (ready, opened) = oneshot::channel();
        let (file, jobs) = (path.clone(), Arc::clone(&queue));
        let thread = spawn::thread("jooper-witness", move || match prepare(&file) {
            Ok((lock, log)) => {
                if ready.send(Ok(())).is_ok() {
                    run(log, &jobs);
                }
                drop(lock);
            }
            Err(error) => drop(ready.send(Err(error))),
        })
        .map_err(|error| WitnessError::Unavailable(error.into()))?;
        opened.await.unwrap_or_else(|_| Err(gone()))?;
        Ok(Self(Arc::new(Inner {
            path,
            queue,
            thread: Mutex::new(Some(thread)),
        })))
    }

    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, WitnessError> {
        let (to, answer) = oneshot::channel();
        self.0.queue.push(job(to), false).map_err(|_| gone())?;
        let died = || WitnessError::Unavailable(panicked().into());
        answer.await.unwrap_or_else(|_| Err(died()))
    }
}

fn gone() -> WitnessError {
    WitnessError::Unavailable(closed().into())
}

fn prepare(path: &Path) -> Result<(Lock, Log), WitnessError> {
    let unavailable = |error: StoreError| WitnessError::Unavailable(error.into());
    let file = lock::private(path).map_err(unavailable)?;
    let path = path
        .canonicalize()
        .map_err(|error| WitnessError::Unavailable(error.into()))?;
    let lock = Lock::take(&path).map_err(unavailable)?;
    // A new file's name is durable with its folder only.
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| WitnessError::Unavailable(error.into()))?;
    }
    Ok((lock, Log::open(file)?))
}

/// Works until the queue is closed; appends that wait at the same time share one sync.
fn run(mut log: Log, queue: &Queue<Job>) {
    let mut next = queue.wait();
    while let Some(job) = next.take().or_else(|| queue.wait()) {
        // What panics takes its own answers along: those behind it would otherwise wait for ever.
        // The file knows what it may have left of an append that it did not end.
        let _ = spawn::survives(|| serve(&mut log, job, queue, &mut next));
    }
}

/// Does what is asked, and with an append those that wait behind it; `next` is what was taken and
/// not done.
fn serve(log: &mut Log, job: Job, queue: &Queue<Job>, next: &mut Option<Job>) {
    match job {
        Job::Read(after, limit, to) => drop(to.send(log.read(after, limit))),
        Job::Position(to) => drop(to.send(Ok(log.position()))),
        Job::Append(at, entries, to) => {
            let (mut appends, mut answers) = (vec![(at, entries)], vec![to]);
            while appends.len() < 256 {
                match queue.take(|_| false) {
                    Some(Job::Append(at, entries, to)) => {
                        appends.push((at, entries));
                        answers.push(to);
                    }
                    other => {
                        *next = other;
                        break;
                    }
                }
            }
            settle(log.append(&appends), answers);
        }
        #[cfg(test)]
        Job::Breaks(_to) => panic!("planted"),
    }
}

fn settle(result: Result<Vec<u64>, WitnessError>, answers: Vec<Answer<u64>>) {
    match result {
        Ok(positions) => {
            for (position, to) in positions.into_iter().zip(answers) {
                let _ = to.send(Ok(position));
            }
        }
        Err(error) => {
            let said = error.to_string();
            let mut first = Some(error);
            for to in answers {
                let again = || WitnessError::Unavailable(said.clone().into());
                let _ = to.send(Err(first.take().unwrap_or_else(again)));
            }
        }
    }
}

#[async_trait]
impl Witness for FileWitness {
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError> {
        let entries = entries.to_vec();
        self.ask(|to| Job::Append(at, entries, to)).await
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        self.ask(|to| Job::Read(after, limit, to)).await
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        self.ask(Job::Position).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test panics")]

    use jooper_core::from_millis;

    use super::*;

    #[tokio::test]
    async fn a_panic_takes_its_own_answer_along_and_those_behind_it_are_served() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("witness");
        let witness = FileWitness::open(path).await.unwrap();
        let (at, entries) = (from_millis(1), [WitnessEntry::Mark { mark: 1 }]);
        assert_eq!(witness.append(at, &entries).await.unwrap(), 1);
        let (died, behind) = tokio::join!(witness.ask(Job::Breaks), witness.append(at, &entries));
        assert!(
            matches!(&died, Err(WitnessError::Unavailable(_))),
            "{died:?}"
        );
        assert_eq!(behind.unwrap(), 2, "who waited");
        assert_eq!(witness.append(at, &entries).await.unwrap(), 3, "who came");
        assert_eq!(witness.read(0, 9).await.unwrap().len(), 3);
    }
}
