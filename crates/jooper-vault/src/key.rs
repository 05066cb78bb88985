//! 256-bit keys: wiped when dropped, never printed, each with a check value.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, hkdf, hmac, rand};
use zeroize::{Zeroize, Zeroizing};

/// The length of a check value.
const CHECK_LEN: usize = 16;

/// 256 bits of key material, wiped when dropped.
///
/// Deliberately without `Debug`, `Clone` and `Serialize`.
#[expect(missing_debug_implementations, reason = "a key is never printed")]
pub struct KeyBytes([u8; 32]);

/// The operating system gave no randomness, or the cipher refused its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

/// Ciphertext that this key did not write, or not for this purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

impl KeyBytes {
    /// Takes key material over. The caller wipes its own copy.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Shows the key material, for a key store to wrap.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A fresh random key.
    #[allow(clippy::disallowed_methods, reason = "keys and nonces are made here")]
    pub(crate) fn random() -> Result<Self, Failed> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|_| Failed)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A key for one purpose, by HKDF-SHA256 expansion (RFC 5869 section 2.3).
    pub(crate) fn derive(&self, info: &[u8]) -> Self {
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &self.0);
        let mut out = Self([0; 32]);
        prk.expand(&[info], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut out.0))
            .expect("one block of output is always allowed");
        out
    }

    pub(crate) fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.0)
    }

    /// Proves that a key is this one, without telling which it is.
    pub(crate) fn check_value(&self) -> [u8; CHECK_LEN] {
        let tag = hmac::sign(&self.hmac(), b"jooper key check value v1");
        let mut value = [0; CHECK_LEN];
        value.copy_from_slice(&tag.as_ref()[..CHECK_LEN]);
        value
    }

    /// Whether a check value is this key's; takes the same time either way.
    pub(crate) fn is_checked_by(&self, value: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.check_value(), value).is_ok()
    }

    pub(crate) fn cipher(&self) -> Cipher {
        Cipher(LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM_SIV, &self.0).expect("the key has the cipher's length"),
        ))
    }
}

impl Drop for KeyBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// AES-256-GCM-SIV (RFC 8452) under one key.
///
/// A repeated nonce reveals only that two plaintexts are equal, so that random nonces are safe for
/// the busiest key.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) const NONCE_LEN: usize = NONCE_LEN;

    /// Appends `nonce ‖ ciphertext ‖ tag` to `out`.
    #[allow(clippy::disallowed_methods, reason = "keys and nonces are made here")]
    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8], out: &mut Vec<u8>) -> Result<(), Failed> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(|_| Failed)?;
        self.seal_with(nonce, aad, plain, out)
    }

    /// As [`Cipher::seal`] with a given nonce; on its own only for vectors with known answers.
    pub(crate) fn seal_with(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        plain: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Failed> {
        out.reserve_exact(NONCE_LEN + plain.len() + AES_256_GCM_SIV.tag_len());
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(plain);
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                &mut out[start..],
            )
            .map_err(|_| Failed)?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Opens `nonce ‖ ciphertext ‖ tag`.
    pub(crate) fn open(
        &self,
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotAuthentic> {
        let (nonce, rest) = sealed
            .split_at_checked(NONCE_LEN)
            .filter(|(_, rest)| rest.len() >= AES_256_GCM_SIV.tag_len())
            .ok_or(NotAuthentic)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotAuthentic)?;
        let mut plain = Zeroizing::new(rest.to_vec());
        let len = self
            .0
            .open_in_place(nonce, Aad::from(aad), &mut plain)
            .map_err(|_| NotAuthentic)?
            .len();
        plain.truncate(len);
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8452 appendix C.2, the first vector with a plaintext.
    #[test]
    fn the_cipher_is_aes_256_gcm_siv() {
        let mut key = [0; 32];
        key[0] = 1;
        let mut nonce = [0; NONCE_LEN];
        nonce[0] = 3;
        let mut out = Vec::new();
        KeyBytes::from_bytes(key)
            .cipher()
            .seal_with(nonce, &[], &[1, 0, 0, 0, 0, 0, 0, 0], &mut out)
            .unwrap();
        let expected = [
            0xc2, 0xef, 0x32, 0x8e, 0x5c, 0x71, 0xc8, 0x3b, 0x84, 0x31, 0x22, 0x13, 0x0f, 0x73,
            0x64, 0xb7, 0x61, 0xe0, 0xb9, 0x74, 0x27, 0xe3, 0xdf, 0x28,
        ];
        assert_eq!(out[NONCE_LEN..], expected);
    }

    #[test]
    fn a_check_value_tells_its_key_from_any_other() {
        let (one, other) = (KeyBytes::random().unwrap(), KeyBytes::random().unwrap());
        assert!(one.is_checked_by(&one.check_value()));
        assert!(!one.is_checked_by(&other.check_value()));
        assert!(!one.is_checked_by(&one.check_value()[..8]));
        assert!(!one.is_checked_by(&[]));
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_repeat() {
        let root = KeyBytes::from_bytes([1; 32]);
        assert_eq!(root.derive(b"a").expose(), root.derive(b"a").expose());
        assert_ne!(root.derive(b"a").expose(), root.derive(b"b").expose());
        assert_ne!(root.derive(b"a").expose(), root.expose());
    }
}
