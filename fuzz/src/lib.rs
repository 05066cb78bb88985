//! What every fuzz target holds its input to: bounded memory and time, and helpers to state properties.

use std::time::{Duration, Instant};

/// Allocated beside what grows with the input: word lists, tables, the library's buffers.
const FIXED: u64 = 8 << 20;

/// The longest an input may take.
const LONGEST: Duration = Duration::from_secs(1);

/// Runs `work` and panics when it held more memory at once than 56 bytes for each of `len` input bytes
/// (and a fixed part): 64 MB for 1 MB; or when it takes over a second.
///
/// # Panics
/// When a bound is broken; that is the finding.
pub fn bounded<T>(len: usize, work: impl Fn() -> T) -> T {
    let mut out = None;
    let start = Instant::now();
    let used = allocation_counter::measure(|| out = Some(work()));
    // On a busy machine one slow run proves nothing; a slow input is slow each time.
    if start.elapsed() > LONGEST {
        let again = (0..4).map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        });
        let best = again.min().unwrap_or_default();
        assert!(best <= LONGEST, "{best:?} for an input of {len}");
    }
    let bound = FIXED + 56 * len as u64;
    assert!(
        used.bytes_max <= bound,
        "{} bytes held at once for an input of {len}",
        used.bytes_max
    );
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
