//! Secrets that nobody can guess, and comparing them.

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::PageError;

/// 256 random bits from the operating system, as text for a cookie or a form.
#[allow(clippy::disallowed_methods, reason = "session keys are made here")]
pub(crate) fn token() -> Result<String, PageError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| PageError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a token: whoever reads the memory of sessions cannot take one over.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    out
}

/// Compares in a time that does not tell how much was right.
pub(crate) fn same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_long() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(same(&one, &one) && !same(&one, &other) && !same(&one, ""));
        assert_ne!(hash(&one), hash(&other));
    }
}
