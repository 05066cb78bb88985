//! One line of the file: a checksum and one append.
//!
//! The checksum covers the line before, too, so that a line cannot be removed, moved or edited
//! unseen. One write to the disk may be several lines; those behind its first say where it began, so
//! that a write which a power cut tore is told from damage to what was acknowledged.

use jiff::Timestamp;
use jooper_storage::WitnessEntry;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most entries of one line; a longer append is several lines, written and synced together.
pub(super) const ENTRIES: usize = 1_000;

/// The most bytes that a line may have: [`ENTRIES`] of the longest kind are a third of it.
pub(super) const LONGEST: u64 = 1 << 20;

/// Chains a line to the one before.
pub(super) type Link = [u8; 8];

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Append {
    /// The position of the first entry.
    pub(super) from: u64,
    /// The position at which the line's write began; none in its first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) write: Option<u64>,
    pub(super) at: Timestamp,
    pub(super) entries: Vec<WitnessEntry>,
}

impl Append {
    /// The position at which the write began that this line is of.
    fn began(&self) -> u64 {
        self.write.unwrap_or(self.from)
    }
}

fn link(before: Link, json: &[u8]) -> Link {
    let mut hash = Sha256::new();
    hash.update(b"jooper witness v1");
    hash.update(before);
    hash.update(json);
    let mut link = Link::default();
    link.copy_from_slice(&hash.finalize()[..8]);
    link
}

fn hex(link: Link) -> String {
    format!("{:016x}", u64::from_be_bytes(link))
}

/// Writes a line and returns its link.
pub(super) fn write(before: Link, append: &Append, to: &mut Vec<u8>) -> serde_json::Result<Link> {
    let json = serde_json::to_vec(append)?;
    let link = link(before, &json);
    to.extend_from_slice(hex(link).as_bytes());
    to.push(b' ');
    to.extend_from_slice(&json);
    to.push(b'\n');
    Ok(link)
}

/// Reads a line without its newline; `None` when it is not the line that follows `before`.
pub(super) fn read(before: Link, line: &[u8]) -> Option<(Link, Append)> {
    let (sum, json) = line.split_at_checked(17)?;
    let link = link(before, json);
    if sum[..16] != *hex(link).as_bytes() || sum[16] != b' ' {
        return None;
    }
    serde_json::from_slice(json)
        .ok()
        .map(|append| (link, append))
}

/// The position at which the write began that this line is of, whatever stands before the line;
/// `None` when it is no line.
pub(super) fn began(line: &[u8]) -> Option<u64> {
    let (_, json) = line.split_at_checked(17)?;
    let append: Append = serde_json::from_slice(json).ok()?;
    Some(append.began())
}
