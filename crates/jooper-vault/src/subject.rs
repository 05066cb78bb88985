//! One data subject's key at work.

use std::sync::Arc;

use jooper_core::{Origin, Sealed, SubjectId, WorkspaceId};
use jooper_storage::Check;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::aad::Fields;
use crate::envelope::{HEADER_LEN, Header};
use crate::error::VaultError;
use crate::gmail::GmailDerived;
use crate::key::{Cipher, KeyBytes};
use crate::place::Place;

/// Seals and opens what belongs to one subject. Cheap to clone.
///
/// Hold it for one piece of work, not for long: an erasure cannot reach a key that a process still
/// has in memory. Whoever writes sealed rows of an existing subject adds [`SubjectVault::guard`] to
/// the batch, so that an erasure in between wins.
#[derive(Clone)]
pub struct SubjectVault(Arc<Inner>);

struct Inner {
    region: Arc<str>,
    workspace: WorkspaceId,
    subject: SubjectId,
    generation: u16,
    cipher: Cipher,
    guard: Option<Check>,
}

impl SubjectVault {
    pub(crate) fn new(
        region: Arc<str>,
        workspace: WorkspaceId,
        subject: SubjectId,
        generation: u16,
        key: &KeyBytes,
        guard: Option<Check>,
    ) -> Self {
        Self(Arc::new(Inner {
            region,
            workspace,
            subject,
            generation,
            cipher: key.cipher(),
            guard,
        }))
    }

    /// Whose key this is.
    pub fn subject(&self) -> SubjectId {
        self.0.subject
    }

    /// The workspace it belongs to.
    pub fn workspace(&self) -> WorkspaceId {
        self.0.workspace
    }

    /// A check that fails when the subject was erased (or its key re-wrapped) since it was read;
    /// `None` for a key that is written only now.
    pub fn guard(&self) -> Option<Check> {
        self.0.guard.clone()
    }

    /// Seals a value for its place, as JSON.
    ///
    /// # Errors
    /// [`VaultError::Content`] when the value does not serialize, [`VaultError::Cipher`] without
    /// randomness.
    pub fn seal<T: Serialize>(
        &self,
        place: &Place,
        origin: Origin,
        value: &T,
    ) -> Result<Sealed<T>, VaultError> {
        let plain = Zeroizing::new(serde_json::to_vec(value).map_err(|_| content(place))?);
        Ok(Sealed::from_envelope(
            self.seal_bytes(place, origin, &plain)?,
        ))
    }

    /// Seals a value that came through Gmail; the label stays with it.
    ///
    /// # Errors
    /// As [`SubjectVault::seal`].
    pub fn seal_gmail<T: Serialize>(
        &self,
        place: &Place,
        value: &GmailDerived<T>,
    ) -> Result<Sealed<T>, VaultError> {
        self.seal(place, Origin::Gmail, value.content())
    }

    /// Opens a value that did not come through Gmail.
    ///
    /// # Errors
    /// [`VaultError::FromGmail`] when it did; [`VaultError::NotAuthentic`] when it belongs to
    /// another place or subject, or was changed; [`VaultError::Content`] when it holds something
    /// else.
    pub fn open<T: DeserializeOwned>(
        &self,
        place: &Place,
        sealed: &Sealed<T>,
    ) -> Result<T, VaultError> {
        let plain = self.open_bytes(place, sealed.envelope())?;
        serde_json::from_slice(&plain).map_err(|_| content(place))
    }

    /// Opens a value wherever it came from, under the rules for Gmail content.
    ///
    /// # Errors
    /// As [`SubjectVault::open`], without [`VaultError::FromGmail`].
    pub fn open_gmail<T: DeserializeOwned>(
        &self,
        place: &Place,
        sealed: &Sealed<T>,
    ) -> Result<GmailDerived<T>, VaultError> {
        let plain = self.unseal(place, sealed.envelope())?;
        let value = serde_json::from_slice(&plain).map_err(|_| content(place))?;
        Ok(GmailDerived::new(value))
    }

    /// Seals bytes for their place.
    ///
    /// # Errors
    /// As [`SubjectVault::seal`].
    pub fn seal_bytes(
        &self,
        place: &Place,
        origin: Origin,
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let header = Header {
            generation: self.0.generation,
            origin,
        };
        let mut out = Vec::with_capacity(HEADER_LEN + Cipher::NONCE_LEN + plain.len() + 16);
        header.write(&mut out);
        let aad = self.aad(place, header);
        self.0.cipher.seal(aad.bytes(), plain, &mut out)?;
        Ok(out)
    }

    /// Opens bytes that did not come through Gmail.
    ///
    /// # Errors
    /// As [`SubjectVault::open`].
    pub fn open_bytes(&self, place: &Place, envelope: &[u8]) -> Result<PlainBytes, VaultError> {
        match Header::read(envelope) {
            Some((header, _)) if header.origin == Origin::Gmail => Err(VaultError::FromGmail {
                table: place.table(),
                column: place.column(),
            }),
            _ => self.unseal(place, envelope).map(PlainBytes),
        }
    }

    /// Opens bytes wherever they came from, under the rules for Gmail content.
    ///
    /// # Errors
    /// As [`SubjectVault::open_gmail`].
    pub fn open_gmail_bytes(
        &self,
        place: &Place,
        envelope: &[u8],
    ) -> Result<GmailDerived<PlainBytes>, VaultError> {
        let plain = self.unseal(place, envelope)?;
        Ok(GmailDerived::new(PlainBytes(plain)))
    }

    /// Where a sealed value came from, by its label. The label is proven only when it is opened.
    ///
    /// # Errors
    /// [`VaultError::UnknownEnvelope`] when it is no envelope.
    pub fn origin<T>(place: &Place, sealed: &Sealed<T>) -> Result<Origin, VaultError> {
        Header::read(sealed.envelope())
            .map(|(header, _)| header.origin)
            .ok_or(VaultError::UnknownEnvelope {
                table: place.table(),
                column: place.column(),
            })
    }

    fn unseal(&self, place: &Place, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (table, column) = (place.table(), place.column());
        let (header, rest) =
            Header::read(envelope).ok_or(VaultError::UnknownEnvelope { table, column })?;
        let aad = self.aad(place, header);
        self.0
            .cipher
            .open(aad.bytes(), rest)
            .map_err(|_| VaultError::NotAuthentic { table, column })
    }

    fn aad(&self, place: &Place, header: Header) -> Fields {
        let fields = Fields::of("jooper/v1")
            .field(self.0.region.as_bytes())
            .field(self.0.workspace.uuid().as_bytes())
            .field(self.0.subject.uuid().as_bytes());
        place
            .add_to(fields)
            .field(&header.generation.to_be_bytes())
            .field(&header.origin.code().to_be_bytes())
    }
}

/// Opened bytes, wiped when dropped.
#[expect(
    missing_debug_implementations,
    reason = "the content must not be printed"
)]
pub struct PlainBytes(Zeroizing<Vec<u8>>);

impl std::ops::Deref for PlainBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SubjectVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubjectVault")
            .field("workspace", &self.0.workspace)
            .field("subject", &self.0.subject)
            .finish_non_exhaustive()
    }
}

const fn content(place: &Place) -> VaultError {
    VaultError::Content {
        table: place.table(),
        column: place.column(),
    }
}

#[cfg(test)]
mod tests;
