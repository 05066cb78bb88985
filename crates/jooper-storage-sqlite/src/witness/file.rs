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

impl Log {
    /// Reads the whole file once and cuts off a torn last line.
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
                let mut rest = [0];
                let last = reader.read(&mut rest).map_err(unavailable)? == 0;
                // Torn: no newline yet, or pages of the line that never reached the disk.
                if last && (whole.is_none() || bytes.contains(&0)) {
                    log.dirty = true;
                    break;
                }
                return Err(WitnessError::Corrupt {
                    position: end.position + 1,
                });
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
        for (at, entries) in appends {
            for entries in entries.chunks(line::ENTRIES) {
                let append = Append {
                    from: end.position + 1,
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
