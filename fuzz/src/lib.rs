//! What every fuzz target holds its input to: a bounded allocation, and helpers to state properties.

/// Allocated beside what grows with the input: word lists, tables, the library's buffers.
const FIXED: u64 = 8 << 20;

/// Runs `work` and panics when it held more memory at once than 56 bytes for each of `len` input bytes
/// (and a fixed part): 64 MB for 1 MB.
///
/// # Panics
/// When the bound is broken; that is the finding.
pub fn bounded<T>(len: usize, work: impl FnOnce() -> T) -> T {
    let mut out = None;
    let used = allocation_counter::measure(|| out = Some(work()));
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
