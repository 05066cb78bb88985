//! Finds the next line end: a mail has a hundred lines of header, each too short for a search that is
//! chosen while the program runs.

/// Returns where the first line end in `bytes` is.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn next(bytes: &[u8]) -> Option<usize> {
    // Every processor of this kind has it, so that it is built into the caller.
    match memchr::arch::x86_64::sse2::memchr::One::new(b'\n') {
        Some(search) => search.find(bytes),
        None => memchr::memchr(b'\n', bytes),
    }
}

/// Returns where the first line end in `bytes` is.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(super) fn next(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes)
}
