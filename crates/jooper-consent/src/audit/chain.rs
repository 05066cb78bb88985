//! Hashes of the chain.

use jooper_core::{Dimensions, WorkspaceId, to_millis};
use jooper_storage::LogRecord;
use sha2::{Digest, Sha256};

/// A SHA-256 value.
pub(super) type Hash = [u8; 32];

fn digest(label: &[u8], parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(label);
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Where a workspace's chain begins.
pub(super) fn start(ws: WorkspaceId) -> Hash {
    digest(b"jooper audit start v1", &[ws.uuid().as_bytes()])
}

/// The commitment to a payload; no payload has one too.
pub(super) fn payload(salt: &Hash, payload: Option<&[u8]>) -> Hash {
    let there = [u8::from(payload.is_some())];
    digest(
        b"jooper audit payload v1",
        &[salt, &there, payload.unwrap_or_default()],
    )
}

/// The commitment to an entry.
pub(super) fn leaf(salt: &Hash, record: &LogRecord, payload: &Hash) -> Hash {
    let entry = &record.entry;
    let optional = |bytes: Option<&[u8]>| -> Vec<u8> {
        bytes.map_or_else(Vec::new, |bytes| [&[1], bytes].concat())
    };
    let dimensions = dimensions(&entry.dimensions);
    digest(
        b"jooper audit leaf v1",
        &[
            salt,
            &record.seq.to_be_bytes(),
            &to_millis(entry.at).to_be_bytes(),
            entry.id.as_bytes(),
            &entry.kind.code().to_be_bytes(),
            &dimensions,
            &optional(
                entry
                    .lead
                    .map(|id| id.uuid())
                    .as_ref()
                    .map(|id| &id.as_bytes()[..]),
            ),
            &optional(
                entry
                    .subject
                    .map(|id| id.uuid())
                    .as_ref()
                    .map(|id| &id.as_bytes()[..]),
            ),
            payload,
        ],
    )
}

fn dimensions(dimensions: &Dimensions) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |bytes: Option<Vec<u8>>| {
        let bytes = bytes.map_or_else(Vec::new, |bytes| [vec![1], bytes].concat());
        out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        out.extend_from_slice(&bytes);
    };
    put(dimensions.campaign.map(|id| id.uuid().as_bytes().to_vec()));
    put(dimensions.step.map(|step| step.0.to_be_bytes().to_vec()));
    put(dimensions.variant.map(|variant| vec![variant]));
    put(dimensions.mailbox.map(|id| id.uuid().as_bytes().to_vec()));
    put(dimensions.domain.map(|index| index.as_bytes().to_vec()));
    put(dimensions.reason.map(|code| code.to_be_bytes().to_vec()));
    out
}

/// The chain with one more link.
pub(super) fn link(before: &Hash, leaf: &Hash) -> Hash {
    digest(b"jooper audit link v1", &[before, leaf])
}

/// What a head's signature covers.
pub(super) fn head(ws: WorkspaceId, size: u64, chain: &Hash, signed_at: i64) -> Vec<u8> {
    [
        &b"jooper audit head v1"[..],
        ws.uuid().as_bytes(),
        &size.to_be_bytes(),
        chain,
        &signed_at.to_be_bytes(),
    ]
    .concat()
}
