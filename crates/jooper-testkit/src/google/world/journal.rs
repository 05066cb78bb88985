//! What was done since the state was last written whole.
//!
//! A world is a function of its state and of what is asked of it, so a request is stored by storing
//! the request: a line to write instead of everything. What time alone brought comes again by itself.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::http::SimRequest;

/// One thing that changed the world.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// A client's request.
    Request(SimRequest),
    /// An errand ended with that status; 0 for no answer.
    Errand { key: u64, status: u16 },
}

/// A deed and its instant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at: i64,
    pub(crate) deed: Deed,
}

/// The file of deeds; its first line says which state it goes on from.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    pub(super) bytes: u64,
}

impl Journal {
    /// Opens the file and reads the deeds that belong to that state; any others are of an older one.
    pub(super) fn open(path: &Path, generation: u64) -> io::Result<(Self, Vec<Entry>)> {
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut lines = text.split_inclusive('\n');
        let ours = lines
            .next()
            .is_some_and(|line| line.trim() == generation.to_string());
        // A torn last line was never answered.
        let entries = if ours {
            lines
                .map_while(|line| serde_json::from_str(line).ok())
                .collect()
        } else {
            Vec::new()
        };
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok((
            Self {
                file,
                bytes: text.len() as u64,
            },
            entries,
        ))
    }

    /// Begins anew after a state of that generation.
    pub(super) fn restart(&mut self, generation: u64) -> io::Result<()> {
        self.file.set_len(0)?;
        self.bytes = 0;
        self.line(&generation.to_string())
    }

    /// Appends a deed.
    pub(super) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let line = serde_json::to_string(entry).map_err(io::Error::other)?;
        self.line(&line)
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\n");
        self.bytes += line.len() as u64;
        self.file.write_all(line.as_bytes())
    }
}
