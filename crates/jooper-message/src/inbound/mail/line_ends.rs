//! Finds the next line end: a mail has a hundred lines of header, each too short for a search that is
//! chosen while the program runs.

/// Returns the lines of `text` as [`str::lines`] does.
pub(in crate::inbound) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, below) = match next(rest.as_bytes(), b'\n') {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => return Some(std::mem::take(&mut rest)),
        };
        rest = below;
        Some(line.strip_suffix('\r').unwrap_or(line))
    })
}

/// Returns where the first line end in `bytes` is, of LF or CR as asked.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn next(bytes: &[u8], end: u8) -> Option<usize> {
    // Every processor of this kind has it, so that it is built into the caller.
    match memchr::arch::x86_64::sse2::memchr::One::new(end) {
        Some(search) => search.find(bytes),
        None => memchr::memchr(end, bytes),
    }
}

/// Returns where the first line end in `bytes` is, of LF or CR as asked.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
pub(super) fn next(bytes: &[u8], end: u8) -> Option<usize> {
    memchr::memchr(end, bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_are_those_of_the_library(text in "[ab\r\n]{0,40}") {
            let library: Vec<&str> = text.lines().collect();
            prop_assert_eq!(super::lines(&text).collect::<Vec<_>>(), library);
        }
    }
}
