//! The token that every mail carries in its `References`, and that answers bring back.
//!
//! Gmail replaces the Message-ID of a mail that is sent through its API but keeps `References`
//! (shared field reports; no statement of Google's). The token is an authenticated encoding of
//! (send key, attempt), so it needs no row to be understood: a ledger that was restored from an old
//! backup is rebuilt from the mails themselves.

use jooper_core::SendKey;
use jooper_vault::WorkspaceVault;

const PREFIX: &str = "jp.";
const TAG_LEN: usize = 16;

/// Which try of which send a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptToken {
    /// The send.
    pub send_key: SendKey,
    /// The try, from 1.
    pub attempt: u16,
}

impl AttemptToken {
    /// Writes the token as a Message-ID without angle brackets, at the sender's own domain.
    pub fn write(&self, vault: &WorkspaceVault, domain: &str) -> String {
        let mut bytes = self.send_key.to_bytes();
        bytes.extend_from_slice(&self.attempt.to_be_bytes());
        let tag = vault.tag("attempt token", &bytes);
        bytes.extend_from_slice(&tag.as_bytes()[..TAG_LEN]);
        format!("{PREFIX}{}@{domain}", hex(&bytes))
    }

    /// Reads a Message-ID back; `None` when it is no token of this workspace.
    pub fn read(vault: &WorkspaceVault, reference: &str) -> Option<Self> {
        let (local, _) = reference.trim_matches(['<', '>']).split_once('@')?;
        let hex = local.strip_prefix(PREFIX)?;
        if hex.len() % 2 != 0 || hex.len() > 256 || !hex.is_ascii() {
            return None;
        }
        let bytes: Vec<u8> = (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
            .collect::<Option<_>>()?;
        let (signed, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_LEN)?)?;
        if !vault.tag("attempt token", signed).matches(tag) {
            return None;
        }
        let (key, attempt) = signed.split_at_checked(signed.len().checked_sub(2)?)?;
        Some(Self {
            send_key: SendKey::from_bytes(key).ok()?,
            attempt: u16::from_be_bytes([attempt[0], attempt[1]]),
        })
    }
}

/// Two lower-case digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
    out
}

/// The Message-IDs in a `References` or `In-Reply-To` header, without angle brackets.
pub fn references_in(header: &str) -> impl Iterator<Item = &str> {
    header
        .split(['<', '>', ' ', '\t', '\r', '\n', ','])
        .filter(|part| part.contains('@') && part.len() <= 998)
}
