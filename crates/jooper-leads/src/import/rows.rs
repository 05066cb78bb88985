//! From bytes to fields, with exact line numbers and bounded memory.
//!
//! Quoting is RFC 4180's, by the automaton of `csv-core`. Around it: which separator, which
//! encoding, how long a row may be, and whether the last quote was closed.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The longest row, in bytes. A longer one is nearly always a quote that was never closed.
pub(crate) const MAX_ROW: usize = 1 << 20;
/// The most columns.
pub(crate) const MAX_COLUMNS: usize = 1000;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// One row: where it begins, and its fields as they stand in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawRow {
    pub(crate) line: u64,
    pub(crate) fields: Vec<Vec<u8>>,
}

/// Why there are no more rows.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The row that begins on this line is too long.
    TooLong { line: u64 },
    /// The row that begins on this line has too many columns.
    TooWide { line: u64 },
    /// A quote in the row that begins on this line is never closed.
    Unclosed { line: u64 },
    /// The source failed behind this line.
    Io { line: u64, source: io::Error },
}

/// What a file is that is no CSV file.
#[derive(Debug)]
pub(crate) enum NotCsv {
    Empty,
    Utf16,
    Workbook,
    Io(io::Error),
}

/// The rows of a file.
pub(crate) struct Rows<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    core: Reader,
    line: u64,
    after_cr: bool,
    out: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> Rows<R> {
    /// Looks at the beginning: encoding, byte order mark, `sep=` line, separator.
    pub(crate) fn open(source: R) -> Result<Self, NotCsv> {
        let mut rows = Self {
            source,
            buffer: Vec::new(),
            at: 0,
            ended: false,
            core: Reader::new(),
            line: 1,
            after_cr: false,
            out: vec![0; CHUNK],
            ends: vec![0; MAX_COLUMNS + 1],
        };
        while rows.buffer.len() < CHUNK && !rows.ended {
            rows.read_more().map_err(NotCsv::Io)?;
        }
        refuse_other_formats(&rows.buffer)?;
        if rows.buffer.starts_with(b"\xef\xbb\xbf") {
            rows.at = 3;
        }
        if rows.rest().iter().all(u8::is_ascii_whitespace) && rows.ended {
            return Err(NotCsv::Empty);
        }
        let (separator, length) =
            declared_separator(rows.rest()).unwrap_or_else(|| (sniff(rows.rest()), 0));
        rows.consume(length);
        rows.core = ReaderBuilder::new().delimiter(separator).build();
        Ok(rows)
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    fn read_more(&mut self) -> io::Result<()> {
        let held = self.buffer.len();
        self.buffer.resize(held + CHUNK, 0);
        let read = loop {
            match self.source.read(&mut self.buffer[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer
            .truncate(held + read.as_ref().copied().unwrap_or(0));
        self.ended = read? == 0;
        Ok(())
    }

    /// Makes sure that there is something to read, unless the file ends here.
    fn fill(&mut self) -> Result<(), Broken> {
        if self.at == self.buffer.len() && !self.ended {
            self.buffer.clear();
            self.at = 0;
            let line = self.line;
            self.read_more()
                .map_err(|source| Broken::Io { line, source })?;
        }
        Ok(())
    }

    /// Steps over bytes and counts the line ends among them: CR LF, LF, or CR alone.
    fn consume(&mut self, length: usize) {
        for at in self.at..self.at + length {
            match self.buffer[at] {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' => self.line += 1,
                b'\r' => {
                    self.line += 1;
                    self.after_cr = true;
                }
                _ => self.after_cr = false,
            }
        }
        self.at += length;
    }

    fn skip_line_ends(&mut self) -> Result<bool, Broken> {
        loop {
            self.fill()?;
            match self.rest().first() {
                Some(b'\r' | b'\n') => self.consume(1),
                Some(_) => return Ok(true),
                None => return Ok(false),
            }
        }
    }

    /// The next row that is not an empty line; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<RawRow>, Broken> {
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let line = self.line;
        let (mut written, mut fields) = (0, 0);
        loop {
            self.fill()?;
            let at_end = self.rest().is_empty();
            // Outside of quotes a line end completes the row; inside it is one more character.
            let input: &[u8] = if at_end {
                b"\n"
            } else {
                &self.buffer[self.at..]
            };
            let (result, read, wrote, ended) =
                self.core
                    .read_record(input, &mut self.out[written..], &mut self.ends[fields..]);
            if !at_end {
                self.consume(read);
            }
            written += wrote;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty if at_end => return Err(Broken::Unclosed { line }),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.out.len() >= MAX_ROW => {
                    return Err(Broken::TooLong { line });
                }
                ReadRecordResult::OutputFull => self.out.resize(self.out.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => return Err(Broken::TooWide { line }),
                ReadRecordResult::Record => {
                    let fields = self.split(fields);
                    return Ok(Some(RawRow { line, fields }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn split(&self, fields: usize) -> Vec<Vec<u8>> {
        let mut start = 0;
        let ends = self.ends[..fields].iter();
        ends.map(|end| {
            let field = self.out[start..*end].to_vec();
            start = *end;
            field
        })
        .collect()
    }
}

fn refuse_other_formats(head: &[u8]) -> Result<(), NotCsv> {
    if head.is_empty() {
        return Err(NotCsv::Empty);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(NotCsv::Workbook);
    }
    let sample = &head[..head.len().min(64)];
    let zeros = sample.iter().filter(|byte| **byte == 0).count();
    let marked = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    // Latin text in UTF-16 has a zero in every other byte, with or without a mark.
    if marked || (sample.len() >= 4 && zeros * 3 >= sample.len()) {
        return Err(NotCsv::Utf16);
    }
    Ok(())
}

/// The separator that a first line such as `sep=;` declares, and that line's length.
fn declared_separator(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    match &text[..end] {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] => Some((*separator, end)),
        _ => None,
    }
}

/// The separator that stands most often in the header, outside of quotes.
fn sniff(text: &[u8]) -> u8 {
    const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
    let (mut counts, mut quoted, mut begun) = ([0_usize; 4], false, false);
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if begun && !quoted => break,
            _ => {}
        }
        begun |= !matches!(byte, b'\r' | b'\n');
        if let (false, Some(which)) = (quoted, CANDIDATES.iter().position(|c| c == byte)) {
            counts[which] += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let which = counts.iter().position(|count| *count == most).unwrap_or(0);
    CANDIDATES[which]
}

#[cfg(test)]
mod tests;
