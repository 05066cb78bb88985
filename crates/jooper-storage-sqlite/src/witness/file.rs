//! The file itself, on the thread that owns it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};

use jiff::Timestamp;
use jooper_storage::{WitnessEntry, WitnessError, WitnessRecord};

use super::line::{self, Append, Link};

/// How many lines apart the places are that reading may begin at.
const STRIDE: u64 = 256;

/// Where a line begins, what links to it, and the position before it.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    link: Link,
    position: u64,
}

#[derive(Debug)]
pub(super) struct Log {
    file: File,
    /// Behind the last good line.
    end: Place,
    lines: u64,
    places: Vec<Place>,
    /// Whether a failed append may have left bytes behind the end.
    dirty: bool,
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WitnessError {
    WitnessError::Unavailable(error.into())
}

/// Reads a line, and of one that is too long only so much as to know that.
fn read_line(reader: &mut impl BufRead, bytes: &mut Vec<u8>) -> Result<u64, WitnessError> {
    let mut line = reader.take(line::LONGEST + 1);
    let length = line.read_until(b'\n', bytes).map_err(unavailable)?;
    Ok(length as u64)
}

/// Whether the line in `bytes`, which does not read and is to begin with `position`, and all behind
/// it are what a power cut left of the last write, which nobody was told of.
///
/// Of such a write any pages may be missing. They read as zeros, or the file ends before them; what
/// did reach the disk is whole. No later write is there: it begins when this one is on the disk.
fn is_torn(
    reader: &mut impl BufRead,
    bytes: &mut Vec<u8>,
    position: u64,
) -> Result<bool, WitnessError> {
    let (mut first, mut hole) = (true, false);
    loop {
        let whole = bytes.strip_suffix(b"\n");
        let lost = bytes.iter().rposition(|byte| *byte == 0);
        hole |= lost.is_some();
        match whole {
            None if hole => {}
            None => return Ok(bytes.len() as u64 <= line::LONGEST),
            // The line before it reads, so this one was changed.
            Some(_) if first && !hole => return Ok(false),
            // A hole may end where a line begins, or within one.
            Some(line) => match line::began(&line[lost.map_or(0, |at| at + 1)..]) {
                Some(began) if began <= position => {}
                None if hole => {}
                _ => return Ok(false),
            },
        }
        // A line of zeros may be longer than what is read of it at once.
        hole &= whole.is_none();
        first = false;
        bytes.clear();
        if read_line(reader, bytes)? == 0 {
            return Ok(true);
        }
    }
}

impl Log {
    /// Reads the whole file once and cuts off what is left of a torn last write.
    pub(super) fn open(file: File) -> Result<Self, WitnessError> {
        let start = Place {
            offset: 0,
            link: Link::default(),
            position: 0,
        };
        let mut log = Self {
            file,
            end: start,
            lines: 0,
            places: vec![start],
            dirty: false,
        };
        let mut reader = BufReader::new(&log.file);
        let mut bytes = Vec::new();
        let (mut end, mut lines, mut places) = (start, 0_u64, vec![start]);
        loop {
            bytes.clear();
            let length = read_line(&mut reader, &mut bytes)?;
            if length == 0 {
                break;
            }
            let whole = bytes.strip_suffix(b"\n");
            let next = whole.and_then(|line| line::read(end.link, line));
            let Some((link, append)) = next.filter(|(_, append)| append.from == end.position + 1)
            else {
                let position = end.position + 1;
                if !is_torn(&mut reader, &mut bytes, position)? {
                    return Err(WitnessError::Corrupt { position });
                }
                log.dirty = true;
                break;
            };
            end = Place {
                offset: end.offset + length,
                link,
                position: end.position + append.entries.len() as u64,
            };
            lines += 1;
            if lines.is_multiple_of(STRIDE) {
                places.push(end);
            }
        }
        (log.end, log.lines, log.places) = (end, lines, places);
        log.clean().map_err(unavailable)?;
        Ok(log)
    }

    pub(super) const fn position(&self) -> u64 {
        self.end.position
    }

    /// Appends several callers' entries with one sync; returns the position behind each.
    pub(super) fn append(
        &mut self,
        appends: &[(Timestamp, Vec<WitnessEntry>)],
    ) -> Result<Vec<u64>, WitnessError> {
        let mut end = self.end;
        let (mut bytes, mut positions, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let mut lines = self.lines;
        let began = end.position + 1;
        for (at, entries) in appends {
            for entries in entries.chunks(line::ENTRIES) {
                let from = end.position + 1;
                let append = Append {
                    from,
                    write: (from > began).then_some(began),
                    at: *at,
                    entries: entries.to_vec(),
                };
                end.link = line::write(end.link, &append, &mut bytes).map_err(unavailable)?;
                end.position += entries.len() as u64;
                end.offset = self.end.offset + bytes.len() as u64;
                lines += 1;
                if lines.is_multiple_of(STRIDE) {
                    places.push(end);
                }
            }
            positions.push(end.position);
        }
        if bytes.is_empty() {
            return Ok(positions);
        }
        self.clean().map_err(unavailable)?;
        self.dirty = true;
        self.file
            .seek(SeekFrom::Start(self.end.offset))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data())
            .map_err(unavailable)?;
        self.dirty = false;
        (self.end, self.lines) = (end, lines);
        self.places.extend(places);
        Ok(positions)
    }

    /// Cuts off what a failed append left.
    fn clean(&mut self) -> io::Result<()> {
        if self.dirty {
            self.file.set_len(self.end.offset)?;
            self.file.sync_data()?;
            self.dirty = false;
        }
        Ok(())
    }

    pub(super) fn read(
        &mut self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<WitnessRecord>, WitnessError> {
        let mut records = Vec::new();
        if after >= self.end.position || limit == 0 {
            return Ok(records);
        }
        let behind = self.places.partition_point(|place| place.position <= after);
        let mut place = self.places[behind - 1];
        self.file
            .seek(SeekFrom::Start(place.offset))
            .map_err(unavailable)?;
        let mut reader = BufReader::new(&self.file);
        let mut bytes = Vec::new();
        while place.offset < self.end.offset && records.len() < limit {
            bytes.clear();
            let length = read_line(&mut reader, &mut bytes)?;
            let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            let Some((link, append)) = line::read(place.link, line) else {
                return Err(WitnessError::Corrupt {
                    position: place.position + 1,
                });
            };
            for (entry, position) in append.entries.into_iter().zip(append.from..) {
                place.position = position;
                if position > after && records.len() < limit {
                    records.push(WitnessRecord {
                        position,
                        at: append.at,
                        entry,
                    });
                }
            }
            (place.link, place.offset) = (link, place.offset + length);
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests;
