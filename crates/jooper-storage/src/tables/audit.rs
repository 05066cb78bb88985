//! The audit chain: commitments to the log that outlive its entries (law L14).

use jiff::Timestamp;

use crate::record::table;

table! {
    /// One link: what the log's entry of this place was, as a commitment.
    pub struct AuditLeafRow / AUDIT_LEAF "audit_leaf" tenant key 1 {
        /// The entry's place in the log.
        seq: i64 = clear,
        /// Commitment to the entry's payload as it was appended.
        payload: Vec<u8> = clear,
        /// Commitment to the entry.
        leaf: Vec<u8> = clear,
        /// Hash of the chain up to and with this link.
        chain: Vec<u8> = clear,
    }
}

table! {
    /// A signed head of the chain.
    pub struct AuditHeadRow / AUDIT_HEAD "audit_head" tenant key 1 {
        /// How many links it covers.
        size: i64 = clear,
        /// Hash of the chain at that size.
        chain: Vec<u8> = clear,
        /// When it was signed.
        signed_at: Timestamp = clear,
        /// The public key that verifies the signature.
        public_key: Vec<u8> = clear,
        /// Ed25519 over workspace, size, hash and time (RFC 8032).
        signature: Vec<u8> = clear,
    }
}
