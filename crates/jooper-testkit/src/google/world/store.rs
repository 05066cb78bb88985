//! The state on disk, in three files: message bytes appended to one, all else replaced whole in
//! another from time to time, and the deeds since then in a third.
//!
//! Stored before an answer leaves, so that a killed process has forgotten nothing that a client saw.
//! There is no fsync: the files protect against a dead process, not against a dead machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::error::SimulatorError;
use super::journal::{Entry, Journal};
use super::{Spool, World};

/// The state is written whole when the deeds since have grown to this, or beyond the state itself.
const JOURNAL_FLOOR: u64 = 1 << 20;

#[derive(Serialize)]
struct HeadOut<'a> {
    generation: u64,
    spooled: usize,
    world: &'a World,
}

#[derive(Deserialize)]
struct HeadIn {
    generation: u64,
    spooled: usize,
    world: World,
}

/// A world as it was last written whole, and what was done since.
pub(crate) type Resumed = (World, Vec<Entry>);

/// Where one simulator keeps its state.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    spool: File,
    spooled: usize,
    generation: u64,
    head_bytes: u64,
    journal: Journal,
}

impl StateFile {
    /// Opens the state at `path`; with it the world that was stored and what was done since, if any.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<Resumed>), SimulatorError> {
        let head = match fs::read(path) {
            Ok(bytes) => {
                Some(serde_json::from_slice::<HeadIn>(&bytes).map_err(SimulatorError::Format)?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(SimulatorError::State(error)),
        };
        Self::open_files(path, head)
            .map_err(SimulatorError::State)
            .and_then(|(store, resumed)| {
                let resumed = match resumed {
                    Some((mut world, entries)) => {
                        world.keys.reopen()?;
                        Some((world, entries))
                    }
                    None => None,
                };
                Ok((store, resumed))
            })
    }

    fn open_files(path: &Path, head: Option<HeadIn>) -> io::Result<(Self, Option<Resumed>)> {
        let spool_path = with_suffix(path, "spool");
        let bytes = if head.is_some() {
            fs::read(&spool_path)?
        } else {
            Vec::new()
        };
        let (generation, spooled) = head
            .as_ref()
            .map_or((0, 0), |head| (head.generation, head.spooled));
        let (loaded, length) = load(&bytes, spooled)?;
        let spool = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&spool_path)?;
        // What was appended after the last head is of a state that was never finished.
        spool.set_len(length as u64)?;
        let (journal, entries) = Journal::open(&with_suffix(path, "journal"), generation)?;
        let resumed = head.map(|head| {
            let mut world = head.world;
            world.spool = loaded;
            (world, entries)
        });
        Ok((
            Self {
                path: path.to_owned(),
                spool,
                spooled,
                generation,
                head_bytes: 0,
                journal,
            },
            resumed,
        ))
    }

    /// Writes one deed that turned the stored world into this one; now and then the whole world.
    pub(crate) fn log(&mut self, world: &World, entry: &Entry) -> Result<(), SimulatorError> {
        // Rules count every call, also those that change nothing else and are in no journal.
        if self.journal.bytes > self.head_bytes.max(JOURNAL_FLOOR) || world.faults.is_active() {
            return self.save(world);
        }
        self.journal.append(entry).map_err(SimulatorError::State)
    }

    /// Writes the whole world; the old one stays until the new one is complete.
    pub(crate) fn save(&mut self, world: &World) -> Result<(), SimulatorError> {
        self.write(world).map_err(SimulatorError::State)
    }

    fn write(&mut self, world: &World) -> io::Result<()> {
        let mut frames = Vec::new();
        for bytes in world.spool.since(self.spooled) {
            frames.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            frames.extend_from_slice(bytes);
        }
        self.spool.write_all(&frames)?;
        self.spooled = world.spool.len();
        self.generation += 1;
        let fresh = with_suffix(&self.path, "new");
        let mut out = BufWriter::new(File::create(&fresh)?);
        let head = HeadOut {
            generation: self.generation,
            spooled: self.spooled,
            world,
        };
        serde_json::to_writer(&mut out, &head).map_err(io::Error::other)?;
        out.flush()?;
        self.head_bytes = out.get_ref().metadata()?.len();
        fs::rename(&fresh, &self.path)?;
        self.journal.restart(self.generation)
    }
}

fn load(bytes: &[u8], count: usize) -> io::Result<(Spool, usize)> {
    let mut spool = Spool::default();
    let mut at = 0;
    for _ in 0..count {
        let short = || {
            io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the message spool is shorter than the state says",
            )
        };
        let head = bytes.get(at..at + 8).ok_or_else(short)?;
        let mut length = [0u8; 8];
        length.copy_from_slice(head);
        let length = u64::from_le_bytes(length) as usize;
        let body = bytes.get(at + 8..at + 8 + length).ok_or_else(short)?;
        spool.put(body.to_vec());
        at += 8 + length;
    }
    Ok((spool, at))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}
