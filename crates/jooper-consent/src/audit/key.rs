//! The key that signs heads and makes salts.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use jooper_core::WorkspaceId;

use super::chain::Hash;

/// Signs heads and makes salts. From 32 secret bytes that the key store keeps; not in the data.
pub struct AuditKey {
    pair: Ed25519KeyPair,
    salts: hmac::Key,
    public: [u8; 32],
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(***)")
    }
}

impl AuditKey {
    /// The key of a seed. Losing it ends the chain's signatures; publishing it voids them.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .expect("every 32 bytes are an Ed25519 seed (RFC 8032 section 5.1.5)");
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        let master = hmac::Key::new(hmac::HMAC_SHA256, seed);
        let salts = hmac::sign(&master, b"jooper audit salts v1");
        Self {
            salts: hmac::Key::new(hmac::HMAC_SHA256, salts.as_ref()),
            pair,
            public,
        }
    }

    /// What an auditor needs, from a place that the exporter does not control.
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    pub(super) fn salt(&self, ws: WorkspaceId, seq: u64) -> Hash {
        let place = [&ws.uuid().as_bytes()[..], &seq.to_be_bytes()].concat();
        let mut salt = [0; 32];
        salt.copy_from_slice(hmac::sign(&self.salts, &place).as_ref());
        salt
    }
}

/// Whether a signature is this key's over this message.
pub(super) fn verifies(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public)
        .verify(message, signature)
        .is_ok()
}
