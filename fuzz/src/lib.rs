//! What every fuzz target holds its input to: bounded memory and time, and helpers to state properties.

use std::time::{Duration, Instant};

/// Held beside what grows with the input: tables of small size and the library's buffers.
const FIXED: u64 = 256 << 10;

/// Bytes that may be held for each byte of a mail: 56 MB for 1 MB, and the fixed part beside.
pub const MAIL: u64 = 56;

/// Bytes that may be held for each byte of HTML that is shown: 61 MB for the longest, 512 KiB.
pub const SHOWN: u64 = 116;

/// The longest an input may take.
const LONGEST: Duration = Duration::from_secs(1);

/// Runs `work` and panics when it held more memory at once than `each` bytes for each of `len` input bytes
/// (and a small fixed part), or when it takes over a second.
///
/// Word lists are built at first use and stay; they are no part of any input, so that a run is repeated
/// before its memory is held against it.
///
/// # Panics
/// When a bound is broken; that is the finding.
pub fn bounded<T>(len: usize, each: u64, work: impl Fn() -> T) -> T {
    let bound = FIXED + each * len as u64;
    let mut out = None;
    let start = Instant::now();
    let mut used = allocation_counter::measure(|| out = Some(work()));
    let took = start.elapsed();
    if used.bytes_max > bound {
        used = allocation_counter::measure(|| drop(work()));
    }
    assert!(
        used.bytes_max <= bound,
        "{} bytes held at once for an input of {len}",
        used.bytes_max
    );
    // On a busy machine one slow run proves nothing; a slow input is slow each time.
    if took > LONGEST {
        let again = (0..4).map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        });
        let best = again.min().unwrap_or_default();
        assert!(best <= LONGEST, "{best:?} for an input of {len}");
    }
    out.expect("measure runs its closure")
}

/// Returns `raw` with every line end written as `end`.
#[must_use]
pub fn with_line_ends(raw: &[u8], end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.extend_from_slice(end);
            }
            b'\n' => out.extend_from_slice(end),
            other => out.push(other),
        }
    }
    out
}
