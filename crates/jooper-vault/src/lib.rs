//! Seals personal data before any store sees it (laws L8 and L9).
//!
//! Every data subject (a lead, a user, a mailbox, the workspace itself) has its own random data
//! key. Data keys are kept as rows of the same store, wrapped by a workspace key, which the key
//! store ([`Kms`]) wraps under the key of an *epoch*. Erasing somebody deletes the one wrapped data
//! key; ending the epoch makes the copies of that row in backups worthless too:
//!
//! ```text
//! Kms: epoch key (one file, apart from the data)
//!  └─ workspace key: fresh random in each epoch            table workspace_key
//!      └─ data key: random per subject, re-wrapped          table subject_key
//!          └─ sealed columns: AES-256-GCM-SIV (RFC 8452), bound to their exact place
//! Kms: index root ──HKDF──> index key per workspace ──> keyed indexes (equality without the value)
//! ```
//!
//! A [`Vault`] is one per process. [`Vault::workspace`] gives a [`WorkspaceVault`] (indexes, keys of
//! subjects), that one a [`SubjectVault`] (seal and open). What an envelope was made for is part of
//! its authentication: moved to another row, column, subject or workspace it does not open.
//!
//! ```
//! # use std::sync::Arc;
//! # use jooper_core::{LeadId, Origin, WorkspaceId};
//! # use jooper_storage::{Batch, Column, MemoryStore, Storage};
//! # use jooper_vault::{MemoryKms, Place, Vault};
//! # use jooper_storage::tables::LEAD;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let workspace = WorkspaceId::from_uuid(uuid::Uuid::from_u128(1));
//! # let lead = LeadId::from_uuid(uuid::Uuid::from_u128(2));
//! let store = Arc::new(MemoryStore::new());
//! let vault = Vault::new(store.clone(), Arc::new(MemoryKms::from_seed(7)));
//! let ours = vault.workspace(workspace).await?;
//!
//! let (theirs, key) = ours.new_subject(lead)?;
//! let place = Place::new(&LEAD, "profile", &[lead.to_value()]);
//! let sealed = theirs.seal(&place, Origin::Customer, &"Ada".to_owned())?;
//! store.commit(key.add_to(Batch::new(workspace))).await?; // with the lead's own rows
//!
//! let again = ours.subject(lead).await?;
//! assert_eq!(again.open(&place, &sealed)?, "Ada");
//! # Ok(())
//! # }
//! ```

mod aad;
mod envelope;
mod error;
mod gmail;
mod index;
mod key;
mod kms;
mod place;
mod rotation;
mod subject;
mod vault;
mod workspace;
mod wrapped;

pub use error::VaultError;
pub use gmail::{
    AnswerRightsRequest, ContinueConversation, DetectReply, GmailDerived, GmailPurpose, ShowToOwner,
};
pub use index::{PlatformVault, Tag};
pub use key::KeyBytes;
pub use kms::{FileKms, FileKmsSettings, Kms, KmsError, MemoryKms};
pub use place::Place;
pub use rotation::Rotation;
pub use subject::{PlainBytes, SubjectVault};
pub use vault::Vault;
pub use workspace::{NewSubjectKey, WorkspaceVault};
