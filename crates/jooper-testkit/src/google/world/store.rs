//! The state on disk: message bytes appended to one file, all else replaced whole in another.
//!
//! Saved before an answer leaves, so that a killed process has forgotten nothing that a client saw.
//! There is no fsync: the file protects against a dead process, not against a dead machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::error::SimulatorError;
use super::{Spool, World};

/// Counts up when the state's form changes.
const FORM: u32 = 1;

#[derive(Serialize)]
struct HeadOut<'a> {
    form: u32,
    spooled: usize,
    world: &'a World,
}

#[derive(Deserialize)]
struct HeadIn {
    spooled: usize,
    world: World,
}

/// Where one simulator keeps its state.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    spool: File,
    spooled: usize,
}

impl StateFile {
    /// Opens the state at `path`; `None` beside it when there is none yet.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<World>), SimulatorError> {
        let spool_path = with_suffix(path, "spool");
        let mut world = match fs::read(path) {
            Ok(bytes) => {
                Some(serde_json::from_slice::<HeadIn>(&bytes).map_err(SimulatorError::Format)?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(SimulatorError::State(error)),
        };
        let bytes = if world.is_some() {
            fs::read(&spool_path).map_err(SimulatorError::State)?
        } else {
            Vec::new()
        };
        let spooled = world.as_ref().map_or(0, |head| head.spooled);
        let (loaded, length) = load(&bytes, spooled).map_err(SimulatorError::State)?;
        if let Some(head) = &mut world {
            head.world.spool = loaded;
            head.world.keys.reopen()?;
        }
        let spool = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&spool_path)
            .map_err(SimulatorError::State)?;
        // What was appended after the last head belongs to no one.
        spool
            .set_len(length as u64)
            .map_err(SimulatorError::State)?;
        Ok((
            Self {
                path: path.to_owned(),
                spool,
                spooled,
            },
            world.map(|head| head.world),
        ))
    }

    /// Writes the state; the old one stays whole until the new one is.
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
        let fresh = with_suffix(&self.path, "new");
        let mut out = BufWriter::new(File::create(&fresh)?);
        serde_json::to_writer(
            &mut out,
            &HeadOut {
                form: FORM,
                spooled: self.spooled,
                world,
            },
        )
        .map_err(io::Error::other)?;
        out.flush()?;
        fs::rename(&fresh, &self.path)
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
